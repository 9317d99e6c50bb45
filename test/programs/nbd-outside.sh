#!/bin/bash
set -eu
truncate -s 16M /tmp/nbd-disk
printf '[generic]\nuser = root\ngroup = root\n[disk]\nexportname = /tmp/nbd-disk\n' >/tmp/nbd.conf
nbd-server -C /tmp/nbd.conf -p /tmp/nbd.pid
socat -u TCP-LISTEN:8004,reuseaddr - >/tmp/nbd-results
sed -n 's/^same$/read: what was written/p' /tmp/nbd-results
[ "$(head -c 4M /tmp/nbd-disk | sha256sum)" = "$(tail -n 1 /tmp/nbd-results)" ] && echo 'disk: what was written'
kill "$(cat /tmp/nbd.pid)"
