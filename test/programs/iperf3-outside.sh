#!/bin/bash
# Prints a line of JSON for each test.
set -eu
until (: </dev/tcp/"$GUEST_ADDRESS"/5201) 2>/dev/null; do sleep 0.1; done

run() {
	echo "$1: $(iperf3 --client "$GUEST_ADDRESS" --json "${@:2}" | tr -d '\n\t')"
}
run tcp-to-guest --bytes 16M
run tcp-from-guest --bytes 16M --reverse
run tcp-both-ways --bytes 8M --bidir --parallel 2
run udp-to-guest --udp --bitrate 10M --bytes 1M
run udp-from-guest --udp --bitrate 10M --bytes 1M --reverse
