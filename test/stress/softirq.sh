#!/bin/sh
# Loads, switches and unloads ek_softirq under full traffic, while the RT NIC goes down and up, its NAPI
# gets and loses a thread, packets are steered to other CPUs and the CPU of its interrupt goes offline.
# Takes the number of cycles from the line below, and leaves the module loaded and switched on.
set -eu
cycles=200

prio=/proc/sys/net/core/rtnet_prio
nic=/sys/class/net/$RT_NIC
last_cpu=$((HOST_CPUS - 1))

# To the end, even if the load has ended before: the number of cycles says so.
trap "" TERM

place_interrupts() {
	for irq in "$nic"/device/msi_irqs/*; do
		echo "$last_cpu" >"/proc/irq/${irq##*/}/smp_affinity_list"
	done
}

counters() {
	awk 'NR > 1 { for (i = 2; i <= 6; i++) sum[i] += $i }
	     END { printf "scheduled %d polls %d packets %d deferred %d handed_over %d\n",
		   sum[2], sum[3], sum[4], sum[5], sum[6] }' /proc/net/ek_softirq
}

echo "$cycles cycles"
cycle=0
while [ "$cycle" -lt "$cycles" ]; do
	cycle=$((cycle + 1))
	modprobe ek_softirq
	echo 47 >$prio
	sleep 0.02
	for value in 0 99 1 0 47; do
		echo $value >$prio
	done
	if [ $((cycle % 4)) -eq 0 ]; then
		ip link set "$RT_NIC" down
		ip link set "$RT_NIC" up
		place_interrupts
	fi
	if [ $((cycle % 5)) -eq 0 ]; then
		echo 1 >"$nic/threaded"
		sleep 0.01
		echo 0 >"$nic/threaded"
	fi
	if [ $((cycle % 7)) -eq 0 ]; then
		echo 3 >"$nic/queues/rx-0/rps_cpus"
		ethtool -K "$RT_NIC" gro off
		sleep 0.01
		echo 0 >"$nic/queues/rx-0/rps_cpus"
		ethtool -K "$RT_NIC" gro on
	fi
	if [ $((cycle % 10)) -eq 0 ]; then
		echo 0 >"/sys/devices/system/cpu/cpu$last_cpu/online"
		sleep 0.02
		echo 1 >"/sys/devices/system/cpu/cpu$last_cpu/online"
		place_interrupts
	fi
	# Half of the time it is unloaded while it is switched on.
	if [ $((cycle % 2)) -eq 0 ]; then
		echo 0 >$prio
	fi
	echo "cycle $cycle: $(counters)"
	rmmod ek_softirq
done

modprobe ek_softirq
echo 47 >$prio
sleep 1
echo "after: $(counters)"
