#!/bin/sh
# Records what the host's CPUs do from the first request to the last: who runs, which NAPI instance is
# scheduled by whom, and who polls it. `evenkeel inversions` reads the trace.
set -eu
out=$PWD/trace.txt

cd /sys/kernel/tracing
echo 0 >tracing_on
echo mono >trace_clock
echo 65536 >buffer_size_kb
echo nohash-ptr >trace_options
printf '%x' $(((1 << HOST_CPUS) - 1)) >tracing_cpumask

echo 'p:ek/napi_schedule __napi_schedule napi=%di' >>kprobe_events
echo 'p:ek/napi_schedule_irqoff __napi_schedule_irqoff napi=%di' >>kprobe_events
echo 'vec == 3' >events/irq/softirq_entry/filter
echo 'vec == 3' >events/irq/softirq_exit/filter
echo 1 >events/irq/softirq_entry/enable
echo 1 >events/irq/softirq_exit/enable
echo 1 >events/sched/sched_switch/enable
echo 1 >events/napi/napi_poll/enable
echo 1 >events/ek/enable
# RT threads wait for locks: the stack tells which, and whoever holds one is boosted.
echo 1 >events/sched/sched_pi_setprio/enable
echo 1 >events/lock/contention_begin/enable
echo 1 >events/lock/contention_end/enable
echo 'stacktrace' >events/lock/contention_begin/trigger
echo 1 >tracing_on

end() {
	echo 0 >tracing_on
	cat trace >"$out"
	grep . per_cpu/cpu*/stats | grep -E 'overrun|dropped' || :
	exit 0
}
trap end TERM
echo 'tracing'
while :; do
	sleep 1 &
	wait $!
done
