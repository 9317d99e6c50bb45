#!/bin/sh
# Loads ek_probe, attaches points without any condition to what happens most, and unloads it, under traffic.
# The buffers are small, so that they are full in each cycle, and each time something is refused.
set -eu
cycles=6

file=/proc/ek_probe

# To the end, even if the load has ended before: the number of cycles says so.
trap "" TERM

tell() {
	echo "$*" >$file
}

refused() {
	if (tell "$*") 2>/dev/null; then
		echo "not refused: $*"
		exit 1
	fi
}

# u32s of the file from that byte on
words() {
	od -A n -v -t u4 -j "$1" -N "$2" $file
}

echo "$cycles cycles"
cycle=0
while [ "$cycle" -lt "$cycles" ]; do
	cycle=$((cycle + 1))
	modprobe ek_probe records=1000
	refused "point 64 tracepoint sched_switch"
	refused "point 0 tracepoint sched_switch task=5"
	refused "point 0 function schedule_idle number=0"
	refused "point 0 tracepoint sched_switch task=2 value=1,x"
	refused "nonsense"
	tell "point 1 tracepoint sched_switch task=2"
	refused "point 1 tracepoint sched_switch task=2"
	tell "point 2 tracepoint sched_waking task=0"
	tell "point 3 tracepoint irq_handler_entry number=0"
	tell "point 4 tracepoint napi_gro_receive_entry message=0:7000:4"
	tell "point 5 tracepoint net_dev_start_xmit message=0:7000:4"
	tell "point 6 tracepoint kvm_entry"
	tell "point 7 tracepoint kvm_exit"
	tell "point 8 function __x64_sys_sendto"
	tell "point 9 function udp_recvmsg"
	# What is attached before it is found to be missing is detached.
	tell "point 63 function ek_there_is_no_such_function"
	refused start
	words 0 24 >/dev/null
	tell clear
	tell "point 1 tracepoint sched_switch task=2"
	tell "point 6 tracepoint kvm_entry"
	tell "point 8 function __x64_sys_sendto"
	tell "point 9 function udp_recvmsg"
	tell start
	refused clear
	! words 0 24 >/dev/null 2>&1
	sleep 0.1
	# Every other time it is unloaded while the points record.
	[ $((cycle % 2)) = 0 ] || tell stop
	if [ $((cycle % 2)) = 1 ]; then
		# Of CPU 0: its number, its records, and those that there was no room for
		echo "cycle $cycle:" $(words 24 16)
	else
		echo "cycle $cycle: unloaded while it records"
	fi
	rmmod ek_probe
done
echo "after: $(grep -c ek_probe /sys/kernel/tracing/enabled_functions || :) functions"
