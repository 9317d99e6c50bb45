#!/bin/sh
# Runs each test of small-vmm/; the last one unloads ek_host.
set -eu
# To the end, even if the load has ended before.
trap "" TERM

unpack small-vmm
chmod +x /run/small-vmm
# The host has no packet filter but for this test.
for module in $(sed -n 's/^file \(.*[.]ko\)$/\1/p' "$0"); do
	unpack "$module"
	insmod "/run/$module"
done
# KFENCE looks after one allocation in so many ms: what is used after it was freed is a BUG in the log.
echo 2 >/sys/module/kfence/parameters/sample_interval

modprobe ek_host
ip netns add small
ip -n small link set lo up
for test in other-vm stuck reset dirty held namespace limits orphans budgets filter charge rights migrated-connection; do
	if ip netns exec small /run/small-vmm "$test" >"small-vmm-$test"; then
		echo "$test: right"
	else
		echo "$test: $(cat "small-vmm-$test")"
	fi
	[ ! -e /proc/ek_host ] || echo "$test: attached afterwards: $(($(wc -l </proc/ek_host) - 1))"
done
ip netns del small
