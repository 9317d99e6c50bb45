#!/bin/bash
# A disk of the server outside. A program connects, and the kernel goes on with its socket.
until (: </dev/tcp/"$OUTSIDE_ADDRESS"/10809) 2>/dev/null; do sleep 1; done
head -c 4M /dev/urandom >/tmp/nbd-data
nbd-client "$OUTSIDE_ADDRESS" 10809 /dev/nbd0 -N disk &&
	dd if=/tmp/nbd-data of=/dev/nbd0 bs=64k oflag=direct &&
	dd if=/dev/nbd0 bs=64k count=64 iflag=direct | cmp - /tmp/nbd-data && echo 'same' >/tmp/nbd-result
nbd-client -d /dev/nbd0
{ cat /tmp/nbd-result && sha256sum </tmp/nbd-data; } >/dev/tcp/"$OUTSIDE_ADDRESS"/8004
wait
