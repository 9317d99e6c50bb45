#!/bin/sh
# Floods the RT NIC from outside, on the CPU where a normal thread has work to do, without and with a
# budget of RT polling, and says what share of the time that thread had. Then it changes the priority of
# ek_softirq_rt/N, and takes its CPU offline and back.
set -eu

budget=/proc/sys/net/core/rtnet_budget_us
thread_prio=/proc/sys/net/core/rtnet_thread_prio
address=10.0.1.2
last_cpu=$((HOST_CPUS - 1))
outside_cpu=$HOST_CPUS

# To the end, even if the load has ended before.
trap "" TERM

rt_thread() {
	pgrep --exact "ek_softirq_rt/$last_cpu"
}

scheduling() {
	chrt --pid "$(rt_thread)" | sed 's/.*: *//' | tr '\n' ' '
}

column() {
	awk -v cpu="$last_cpu" -v name="$1" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) at = i }
		NR > 1 && $1 == cpu { print $at }' /proc/net/ek_softirq
}

# Nanoseconds that a process has run
ran() {
	cut -d ' ' -f 1 "/proc/$1/schedstat"
}

# For two seconds, in which it is looked ten times whether ek_softirq_rt/N is a normal thread
measure() {
	ran_before=$(ran "$worker")
	packets_before=$(column rt_packets)
	start=$(date +%s%N)
	normal=0
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		sleep 0.2
		case $(scheduling) in SCHED_OTHER*) normal=$((normal + 1)) ;; esac
	done
	end=$(date +%s%N)
	echo "$1: worker $(((($(ran "$worker") - ran_before) * 100) / (end - start)))" \
		"packets $(($(column rt_packets) - packets_before)) normal $normal"
}

ip addr add "$address/16" dev "$RT_NIC"
taskset --cpu-list "$last_cpu" sh -c 'while :; do :; done' &
worker=$!
measure quiet

# 64 datagrams for each call (UDP_SEGMENT of linux/udp.h), to a port where nobody is
taskset --cpu-list "$outside_cpu" ip netns exec client-rt perl -MSocket -e '
	socket(my $s, PF_INET, SOCK_DGRAM, 0) or die "socket: $!";
	setsockopt($s, 17, 103, pack("i", 18)) or die "setsockopt: $!";
	connect($s, sockaddr_in(9, inet_aton($ARGV[0]))) or die "connect: $!";
	my $datagrams = "x" x (64 * 18);
	while (1) { send($s, $datagrams, 0) }' "$address" &
flood=$!
sleep 0.5
default_budget=$(cat $budget)
echo 100000 >$budget
measure unlimited
echo "$default_budget" >$budget
measure limited
# They have inherited that TERM is ignored.
kill -KILL $flood
sleep 0.5
measure after
echo "after: $(scheduling)"

echo 60 >$thread_prio
sleep 0.1
echo "set: $(scheduling)"
kill -KILL $worker
echo 0 >"/sys/devices/system/cpu/cpu$last_cpu/online"
echo 1 >"/sys/devices/system/cpu/cpu$last_cpu/online"
sleep 0.1
echo "online again: $(scheduling)"
ip addr del "$address/16" dev "$RT_NIC"
