#!/bin/bash
# Each line of results begins with what was run.
set -eu
until (: </dev/tcp/"$GUEST_ADDRESS"/11211) 2>/dev/null; do sleep 0.1; done
server=$GUEST_ADDRESS:11211

memccapable -h "$GUEST_ADDRESS" -p 11211 | sed 's/^/capable: /'
memcaslap --servers="$server" --threads=1 --concurrency=16 --execute_number=10000 --verify=0.1 |
	sed 's/^/tcp: /'
memcaslap --servers="$server" --threads=1 --concurrency=16 --execute_number=2000 --udp |
	sed 's/^/udp: /'
