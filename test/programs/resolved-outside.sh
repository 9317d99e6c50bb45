#!/bin/bash
set -eu
long=$(printf '%0200d' 0)
dnsmasq --no-daemon --conf-file=/dev/null --no-hosts --no-resolv --address=/name.test/192.0.2.7 \
	$(for i in $(seq 20); do echo "--txt-record=long.test,$i$long"; done) >/dev/null 2>&1 &
# The guest knows by the first port that the server runs, and sends to the other one what it has found.
socat -u TCP-LISTEN:5302,reuseaddr - &
results=$!
until (: </dev/tcp/127.0.0.1/53) 2>/dev/null; do sleep 0.1; done
socat TCP-LISTEN:5301,reuseaddr,fork SYSTEM:true &
wait $results
kill %1 %3
