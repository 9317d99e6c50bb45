#!/bin/busybox sh
# First program of a VM that the host scripts start. Parameters of its kernel are its variables:
#   hostile_role   fuzz: attacks ek_host, and ends; receive: a Heavy Receiver with the host's sockets
#   hostile_seed, hostile_calls   of ek_fuzz
#   hostile_end    what to write to /proc/sysrq-trigger in the middle of receiving
mount -t proc proc /proc
mount -t devtmpfs dev /dev
echo 7 >/proc/sys/kernel/printk

if [ "$hostile_role" = fuzz ]; then
	insmod /modules/ek_fuzz.ko seed="$hostile_seed" calls="$hostile_calls"
	echo "hostile: ended with status $?" >/dev/kmsg
	reboot -f
fi

ip link set lo up
[ -z "$hostile_end" ] || (sleep 4; echo "$hostile_end" >/proc/sysrq-trigger) &
# The host's module goes and comes: the sockets are gone with it, and the receiver ends.
while :; do
	if insmod /modules/ek_guest.ko; then
		echo "hostile: ready" >/dev/kmsg
		/workloads/heavy-receiver
		# Its sockets hold the module until a grace period of RCU has passed.
		until rmmod ek_guest 2>/dev/null; do sleep 0.05; done
	fi
	sleep 0.05
done
