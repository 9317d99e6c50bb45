#!/bin/sh
# Loads, switches and unloads ek_softirq while a second server on the host polls the RT NIC from its
# receive call (net.core.busy_read), beside the RT server that the interrupt thread wakes.
# Takes the number of cycles from the line below, and leaves the module loaded and switched on.
set -eu
cycles=40

prio=/proc/sys/net/core/rtnet_prio
busy_read=/proc/sys/net/core/busy_read
address=10.0.1.2
port=7000

# To the end, even if the load has ended before: the number of cycles says so.
trap "" TERM

counters() {
	awk 'NR > 1 { for (i = 2; i <= 6; i++) sum[i] += $i }
	     END { printf "scheduled %d polls %d packets %d deferred %d handed_over %d\n",
		   sum[2], sum[3], sum[4], sum[5], sum[6] }' /proc/net/ek_softirq
}

busy_polled() {
	awk '/^TcpExt: / { n++; for (i = 2; i <= NF; i++) if (n == 1) name[i] = $i
	     else if (name[i] == "BusyPollRxPackets") print $i }' /proc/net/netstat
}

ip addr add "$address/16" dev "$RT_NIC"
# A socket takes this over when it is made.
echo 2000 >$busy_read
chrt --fifo 47 /run/lab/workloads/rt-server "$address" &
server=$!
sleep 0.5
echo 0 >$busy_read
ip netns exec client-rt bash -c "exec 3<>/dev/udp/$address/$port
	while :; do echo request >&3; sleep 0.002; done" &
client=$!

echo "$cycles cycles"
cycle=0
while [ "$cycle" -lt "$cycles" ]; do
	cycle=$((cycle + 1))
	modprobe ek_softirq
	echo 47 >$prio
	sleep 0.1
	for value in 0 99 1 0 47; do
		echo $value >$prio
		sleep 0.01
	done
	echo "cycle $cycle: $(counters) busy_polled $(busy_polled)"
	rmmod ek_softirq
done

modprobe ek_softirq
echo 47 >$prio
sleep 1
# lockdep, where the kernel has it, ends with its first finding.
grep --no-messages debug_locks /proc/lockdep_stats || true
echo "after: $(counters) busy_polled $(busy_polled)"
kill $client $server
