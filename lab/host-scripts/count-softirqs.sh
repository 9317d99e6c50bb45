#!/bin/sh
# Counts which softirqs each thread handles from the first request to the last, with its RT priority (0: none).
set -eu

event=/sys/kernel/tracing/events/irq/softirq_entry
echo 'hist:keys=vec,common_pid:size=4096' >$event/trigger

# PID PRIORITY NAME of every thread that there still is; rt_priority is the 40th field of stat (proc(5)).
threads() {
	for stat in /proc/[0-9]*/task/[0-9]*/stat; do
		sed -E 's/^([0-9]+) \((.*)\) (.*)$/\1 \3 \2/' "$stat" 2>/dev/null || :
	done | awk '{ name = $52; for (i = 53; i <= NF; i++) name = name " " $i; print $1, $39, name }'
}

end() {
	sed -n 's/.*vec: *\([0-9]*\), common_pid: *\([0-9]*\) } hitcount: *\([0-9]*\).*/\1 \2 \3/p' $event/hist >counts
	threads >threads
	awk 'BEGIN { split("HI TIMER NET_TX NET_RX BLOCK IRQ_POLL TASKLET SCHED HRTIMER RCU", softirq) }
		NR == FNR { prio[$1] = $2; name[$1] = $3; for (i = 4; i <= NF; i++) name[$1] = name[$1] " " $i; next }
		{ print softirq[$1 + 1], $2 in prio ? prio[$2] : "?", $3, $2 in name ? name[$2] : "gone" }' threads counts |
		sort -k1,1 -k2,2nr -k3,3nr
	exit 0
}
trap end TERM
echo 'softirq priority times thread'
while :; do
	sleep 1 &
	wait $!
done
