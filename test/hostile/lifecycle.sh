# What may happen to a VM, to its namespace, to a NIC and to ek_host while the VM receives as fast as it
# can, or attacks. Another VM receives beside it all the time. What is left when a VM is gone is printed.
cycles=100
unloads=5

has_received() {
	[ "$(column "$1" bytes_received)" -gt "$2" ]
}

# The VM receives, a megabyte from now on at least.
until_receiving() {
	until_true "VMM $1 receives" 60 has_received "$1" "$(($(column "$1" bytes_received) + 1000000))"
}

# send_to ADDRESS PREFIX...: sends, and connects again when it is cut off. To be run in the background.
send_to() {
	address=$1
	shift
	trap 'kill "$child"; exit 0' TERM
	while :; do
		"$@" /run/lab/workloads/heavy-sender "$address" 3600 >/dev/null 2>&1 &
		child=$!
		wait "$child" || sleep 0.05
	done
}

begin() {
	part=$1
	echo "$part begins at $(uptime)"
	create_namespace victim 192.0.2
	send_to 192.0.2.2 &
	sender=$!
}

kill_vm() {
	kill -KILL "$vm"
	wait "$vm" || true
}

# The VM is gone, and so must be all that it had.
end() {
	until_true "the VM is not attached any more" 30 is_detached "$vm"
	kill "$sender"
	[ ! -e /run/netns/victim ] || ip netns del victim
	until_true "the namespace is gone" 60 is_gone victim
	until_receiving "$neighbour"
	print_state "$part"
}

# Unloads ek_host under both VMs, and has them attached again.
reload() {
	rmmod ek_host
	[ ! -e /proc/ek_host ]
	modprobe ek_host
	attach neighbour "$neighbour" idle
	attach victim "$vm" "$1"
}

echo "$cycles cycles of attaching and detaching, $unloads of unloading"
modprobe ek_host
create_namespace neighbour 198.51.100
start_vm neighbour idle 1 -no-reboot hostile_role=receive
neighbour=$vm
send_to 198.51.100.2 &
until_receiving "$neighbour"
print_state before

begin killed
start_vm victim idle 2 -no-reboot hostile_role=receive
until_receiving "$vm"
kill_vm
end

# -no-reboot: the VMM ends itself
begin panicked
start_vm victim interrupt 2 -no-reboot hostile_role=receive hostile_end=c
until_receiving "$vm"
wait "$vm"
end

# The kernel that comes next sets up a region without a word about the one before.
begin rebooted
start_vm victim interrupt 2 "" hostile_role=receive hostile_end=b
until_receiving "$vm"
boots=$(cat console-victim-* | grep -c 'hostile: ready')
has_booted_again() {
	[ "$(cat console-victim-* | grep -c 'hostile: ready')" -gt "$boots" ]
}
until_true "the guest has rebooted" 60 has_booted_again
until_receiving "$vm"
kill_vm
end

begin taken-away
start_vm victim idle 2 -no-reboot hostile_role=receive
cycle=0
while [ $cycle -lt $cycles ]; do
	cycle=$((cycle + 1))
	# At any moment, but in every fifth cycle while data comes in.
	if [ $((cycle % 5)) -eq 0 ]; then until_receiving "$vm"; else sleep "0.0$((cycle % 10))"; fi
	echo "detach pid=$vm" >/dev/ek_host
	attach victim "$vm" "$([ $((cycle % 2)) -eq 0 ] && echo idle || echo interrupt)"
done
until_receiving "$vm"
echo "receiving: attached $cycle times again"
unload=0
while [ $unload -lt $unloads ]; do
	unload=$((unload + 1))
	until_receiving "$vm"
	reload interrupt
done
until_receiving "$vm"
echo "receiving: unloaded $unload times"

nic=${HEAVY_NICS%% *}
# It is a port of the Heavy Receiver's bridge, which has had its time.
ip link set "$nic" nomaster
ip link add link "$nic" name nic0 netns victim type macvlan mode bridge
ip -n victim addr add 10.1.0.99/16 dev nic0
ip -n victim link set nic0 up
kill "$sender"
send_to 10.1.0.99 ip netns exec client-heavy0 &
sender=$!
until_receiving "$vm"
echo 1 >"/sys/class/net/$nic/device/remove"
[ ! -e "/sys/class/net/$nic" ]
echo "receiving: $nic is removed, with $(column "$vm" sockets) sockets of the VM behind it"
kill "$sender"
send_to 192.0.2.2 &
sender=$!
# What it has received from the NIC will never end: it accepts again when it is attached again.
echo "detach pid=$vm" >/dev/ek_host
attach victim "$vm" idle
until_receiving "$vm"

# The name is gone at once, the namespace when the VM is detached.
ip netns del victim
until_receiving "$vm"
echo "receiving: the namespace is deleted"
echo "detach pid=$vm" >/dev/ek_host
until_true "the namespace is gone" 60 is_gone victim
kill_vm
end

begin attacking
start_vm victim idle 3 -no-reboot hostile_role=fuzz hostile_seed=99 hostile_calls=100000000
is_running() {
	[ "$(column "$1" state)" = running ]
}
until_true "the attack" 60 is_running "$vm"
cycle=0
while [ $cycle -lt $cycles ]; do
	cycle=$((cycle + 1))
	sleep "0.0$((cycle % 10))"
	echo "detach pid=$vm" >/dev/ek_host
	attach victim "$vm" idle
done
echo "attacking: attached $cycle times again"
unload=0
while [ $unload -lt $unloads ]; do
	unload=$((unload + 1))
	until_true "the attack" 60 is_running "$vm"
	reload idle
done
echo "attacking: unloaded $unload times"
until_true "the attack" 60 is_running "$vm"
kill_vm
end

kill -KILL "$neighbour"
until_true "no VM is attached any more" 30 is_detached "$neighbour"
ip netns del neighbour
until_true "the namespace is gone" 60 is_gone neighbour
rmmod ek_host
sleep 2
echo "ek_host is unloaded"
