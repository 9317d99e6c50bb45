#!/bin/busybox sh
# First program of a VM that the host scripts start. Parameters of its kernel are its variables:
#   hostile_role   fuzz: attacks ek_host, and ends; receive: a Heavy Receiver with the host's sockets;
#                  wait, stream: see guest-memory.c, and what boots after it checks its memory
#   hostile_seed, hostile_calls   of ek_fuzz
#   hostile_end    what to write to /proc/sysrq-trigger, seconds after it has begun
mount -t proc proc /proc
mount -t devtmpfs dev /dev
echo 7 >/proc/sys/kernel/printk

if [ "$hostile_role" = fuzz ]; then
	insmod /modules/ek_fuzz.ko seed="$hostile_seed" calls="$hostile_calls"
	echo "hostile: ended with status $?" >/dev/kmsg
	reboot -f
fi

ip link set lo up

end_if_asked() {
	[ -z "$hostile_end" ] || (sleep 4; echo "$hostile_end" >/proc/sysrq-trigger) &
}

# A byte of the real-time clock's memory, which outlives a reset
clock_memory() {
	printf '\140' | dd of=/dev/port bs=1 seek=112 conv=notrunc 2>/dev/null
	dd "$@" bs=1 count=1 conv=notrunc 2>/dev/null
}

if [ "$hostile_role" = wait ] || [ "$hostile_role" = stream ]; then
	if [ "$(clock_memory if=/dev/port skip=113)" = x ]; then
		/hostile-programs/guest-memory check 30 >/dev/ttyS0
		reboot -f
	fi
	printf x | clock_memory of=/dev/port seek=113
	insmod /modules/ek_guest.ko
	end_if_asked
	[ "$hostile_role" = wait ] || exec /hostile-programs/guest-memory receive >/dev/ttyS0
	exec /hostile-programs/guest-memory wait >/dev/ttyS0
fi

end_if_asked
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
