#!/bin/bash
set -eu
socat -u TCP-LISTEN:8003,reuseaddr - &
socat TCP-LISTEN:8002,reuseaddr,fork SYSTEM:true &
wait %1
kill %2
for port in 8088 8089; do
	echo "from outside, $port: $(curl --silent --max-time 60 "http://$GUEST_ADDRESS:$port/" || echo 'does not reach it')"
done
