# Boots VMs that attack ek_host (kernel/fuzz), one for each seed, beside those that are measured. What is
# there is printed before and after each, when the VM is gone and its network namespace as well.
seeds="1 2 3 4"
calls=262144

echo "$calls calls for each seed of $seeds"
notification=interrupt
for seed in $seeds; do
	# in turns
	if [ $notification = idle ]; then notification=interrupt; else notification=idle; fi
	create_namespace hostile 192.0.2
	print_state "before-$seed"
	start_vm hostile $notification 3 -no-reboot \
		hostile_role=fuzz hostile_seed="$seed" hostile_calls="$calls"
	echo "seed $seed begins at $(uptime): $notification"
	while [ -e "/proc/$vm/exe" ]; do
		column "$vm" sockets >>"sockets-$seed"
		pause 0.5
	done
	wait "$vm"
	echo "seed $seed ends at $(uptime)"
	until_true "the VM is not attached any more" 30 is_detached "$vm"
	ip netns exec hostile cat /proc/net/sockstat /proc/net/sockstat6 >"sockstat-$seed"
	ip netns del hostile
	until_true "the namespace is gone" 60 is_gone hostile
done
sleep 2
print_state after
