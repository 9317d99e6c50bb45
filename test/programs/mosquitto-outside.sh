#!/bin/bash
# Ten publishers, and a subscriber that counts.
set -eu
until (: </dev/tcp/"$GUEST_ADDRESS"/1883) 2>/dev/null; do sleep 0.1; done

mosquitto_sub -h "$GUEST_ADDRESS" -q 2 -t 'news/#' -C 1000 -v >/tmp/received &
subscriber=$!
until mosquitto_pub -h "$GUEST_ADDRESS" -t is -m there && [ -e /proc/$subscriber ]; do sleep 0.1; done
sleep 1
for publisher in $(seq 10); do
	seq 100 | mosquitto_pub -h "$GUEST_ADDRESS" -q 2 -t "news/$publisher" -l &
done
wait
echo "received: $(wc -l </tmp/received)"
echo "different: $(sort -u /tmp/received | wc -l)"
