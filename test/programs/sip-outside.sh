#!/bin/bash
# Calls from one SIPp to another one, through the proxy in the guest.
set -eu
until (: </dev/tcp/"$GUEST_ADDRESS"/5060) 2>/dev/null; do sleep 0.1; done
cd "$(mktemp --directory)"

# NAME TRANSPORT
calls() {
	sipp -sn uas -i "$OUTSIDE_ADDRESS" -p 5070 -t "$2" -m 300 -nostdin >/dev/null &
	status=0
	sipp -sn uac -i "$OUTSIDE_ADDRESS" -p 5080 -t "$2" -m 300 -r 50 -l 20 -d 20 -nostdin \
		-trace_stat -stf statistics -fd 1000 "$GUEST_ADDRESS:5060" >screen 2>errors || status=$?
	wait
	cat errors >&2
	# The first line of the statistics names the columns, the last one has the totals.
	awk -F ';' -v begin="$1: status $status" '
		NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i }
		END {
			printf "%s, successful %d, failed %d\n", begin,
				$column["SuccessfulCall(C)"], $column["FailedCall(C)"]
		}' statistics
	rm statistics
}
calls udp u1
calls tcp t1
