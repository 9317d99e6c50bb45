#!/bin/bash
set -eu
until (: </dev/tcp/"$GUEST_ADDRESS"/53) 2>/dev/null; do sleep 0.1; done

for i in $(seq 200); do echo "host$i.test"; done >/tmp/names
for protocol in notcp tcp; do
	dig "@$GUEST_ADDRESS" +$protocol +short -f /tmp/names >/tmp/answers
	for i in $(seq 200); do echo "192.0.2.$i"; done | cmp - /tmp/answers && echo "$protocol: 200 answers"
done
dig "@$GUEST_ADDRESS" +short long.test TXT | wc -l | sed 's/^/long: /'
