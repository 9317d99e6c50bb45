#!/bin/sh
# Loads a live patch beside ek_softirq, and ek_softirq beside a live patch, and says what came of each.
set -u
# To the end, even if the load has ended before.
trap "" TERM

prio=/proc/sys/net/core/rtnet_prio
patch=/sys/kernel/livepatch/live_patch
unpack live_patch.ko

attempt() {
	name=$1
	shift
	if message=$("$@" 2>&1); then
		echo "$name: ok"
	else
		echo "$name: $message"
	fi
}

# Until no thread runs what was there before any more
transition() {
	tries=600
	while [ "$(cat $patch/transition 2>/dev/null)" = 1 ] && [ $tries -gt 0 ]; do
		tries=$((tries - 1))
		sleep 0.1
	done
	echo "$1: $(cat $patch/enabled 2>/dev/null || echo gone)"
}

was=$(cat $prio)
attempt "patch beside ek_softirq" insmod /run/live_patch.ko
rmmod ek_softirq
attempt "patch alone" insmod /run/live_patch.ko
transition "patch enabled"
attempt "ek_softirq beside patch" modprobe ek_softirq
echo 0 >$patch/enabled
transition "patch disabled"
attempt "patch unloaded" rmmod live_patch
attempt "ek_softirq alone" modprobe ek_softirq
echo "$was" >$prio
