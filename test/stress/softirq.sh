#!/bin/sh
# Loads, switches and unloads ek_softirq under full traffic, while the RT NIC goes down and up, its NAPI
# gets and loses a thread, packets are steered to other CPUs, the CPU of its interrupt goes offline, the
# bulk NIC becomes an RT NIC too, and each of the two is taken from its driver and given back.
# Takes the number of cycles from the line below, and leaves the module loaded and switched on.
set -eu
cycles=200

prio=/proc/sys/net/core/rtnet_prio
nic=/sys/class/net/$RT_NIC
bulk_nic=${HEAVY_NICS%% *}
last_cpu=$((HOST_CPUS - 1))

# To the end, even if the load has ended before: the number of cycles says so.
trap "" TERM

interrupts() {
	ls "/sys/class/net/$1/device/msi_irqs"
}

place_interrupts() {
	for irq in $(interrupts "$1"); do
		echo "$last_cpu" >"/proc/irq/$irq/smp_affinity_list"
	done
}

# A PREEMPT_RT kernel starts every interrupt thread at FIFO 50, which makes its NIC an RT NIC.
schedule_interrupts() {
	for irq in $(interrupts "$1"); do
		chrt "$2" --pid "$3" "$(pgrep "^irq/$irq-")"
	done
}

rebind() {
	device=$(readlink -f "/sys/class/net/$1/device")
	driver=$(readlink -f "$device/driver")
	bridge=$(basename "$(readlink "/sys/class/net/$1/master")")
	echo "${device##*/}" >"$driver/unbind"
	sleep 0.02
	echo "${device##*/}" >"$driver/bind"
	ip link set "$(ls "$device/net")" name "$1"
	ip link set "$1" master "$bridge" up
	place_interrupts "$1"
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
		place_interrupts "$RT_NIC"
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
		place_interrupts "$RT_NIC"
		place_interrupts "$bulk_nic"
	fi
	if [ $((cycle % 6)) -eq 0 ]; then
		schedule_interrupts "$bulk_nic" --fifo 50
		sleep 0.02
		schedule_interrupts "$bulk_nic" --other 0
	fi
	if [ $((cycle % 8)) -eq 1 ]; then
		rebind "$RT_NIC"
	fi
	if [ $((cycle % 8)) -eq 5 ]; then
		rebind "$bulk_nic"
		sleep 0.02
		schedule_interrupts "$bulk_nic" --other 0
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
# lockdep, where the kernel has it, ends with its first finding.
grep --no-messages debug_locks /proc/lockdep_stats || true
echo "after: $(counters)"
