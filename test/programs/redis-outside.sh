#!/bin/bash
set -eu
until (: </dev/tcp/"$GUEST_ADDRESS"/6379) 2>/dev/null; do sleep 0.1; done

redis-benchmark -h "$GUEST_ADDRESS" -n 5000 -c 20 -q -t set,get,lpush,lrange_100 | tr '\r' '\n' |
	grep 'requests per second'
redis-benchmark -h "$GUEST_ADDRESS" -n 20000 -c 20 -P 16 -q -t incr | tr '\r' '\n' |
	grep 'requests per second'
redis-cli -h "$GUEST_ADDRESS" info commandstats
