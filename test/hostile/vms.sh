#!/bin/sh
# VMs of our own on the emulated host, whose sockets it performs; what the scripts that attack have in
# common.
set -eu

# To the end, even if the load has ended before.
trap "" TERM

max_sockets=128
# of a VM, in MiB
memory=128
# between two looks
interval=0.05
unpack hostile.cpio
cat /run/lab/guest/initrd /run/hostile.cpio >/run/hostile-initrd

# KFENCE looks after one allocation in so many ms: what is used after it was freed is a BUG in the log.
echo 2 >/sys/module/kfence/parameters/sample_interval
# No guest is to have modules of the host loaded.
printf '#!/bin/sh\necho "$*" >>%s/modprobe.log\nexec /sbin/modprobe "$@"\n' "$PWD" >/run/modprobe
chmod +x /run/modprobe
echo /run/modprobe >/proc/sys/kernel/modprobe
# Half a minute of the lab's time is long enough to call a thread stuck.
echo 30 >/proc/sys/kernel/hung_task_timeout_secs

uptime() {
	cut -d ' ' -f 1 /proc/uptime
}

# The lab takes a machine that says nothing for one that hangs.
pause() {
	echo "host script: $(uptime)" >/dev/console
	sleep "$1"
}

# until_true WHAT SECONDS CONDITION...: waits for it, or ends the script
until_true() {
	what=$1
	deadline=$(($(date +%s) + $2))
	shift 2
	until "$@"; do
		if [ "$(date +%s)" -gt "$deadline" ]; then
			echo "waited in vain: $what"
			cat /proc/ek_host
			exit 1
		fi
		pause "$interval"
	done
}

# create_namespace NAME PREFIX: it has the address PREFIX.2; the host is PREFIX.1, by the interface NAME-veth.
create_namespace() {
	ip netns add "$1"
	ip link add "$1-veth" type veth peer name eth0 netns "$1"
	ip addr add "$2.1/24" dev "$1-veth"
	ip link set "$1-veth" up
	ip -n "$1" addr add "$2.2/24" dev eth0
	ip -n "$1" link set lo up
	ip -n "$1" link set eth0 up
	ip -n "$1" route add default via "$2.1"
	# A closed connection to a peer that is gone keeps the namespace for minutes otherwise (ip-sysctl).
	ip netns exec "$1" sh -c 'echo 1 >/proc/sys/net/ipv4/tcp_orphan_retries'
}

# A namespace that is gone has taken its end of the pair along.
is_gone() {
	[ ! -e "/sys/class/net/$1-veth" ]
}

# attach NAMESPACE PID NOTIFICATION
attach() {
	ip netns exec "$1" sh -c "echo attach pid=$2 sockets=$max_sockets notification=$3 keep >/dev/ek_host"
}

is_vmm() {
	grep -q qemu "/proc/$1/comm"
}

is_detached() {
	! grep -q "^$1 " /proc/ek_host
}

# The column NAME of /proc/ek_host for the VMM PID
column() {
	awk -v pid="$1" -v name="$2" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) at = i }
				      $1 == pid { print $at }' /proc/ek_host
}

# start_vm NAMESPACE NOTIFICATION VCPUS "QEMU OPTIONS" PARAMETERS...; its process id is $vm then
start_vm() {
	namespace=$1
	notification=$2
	vcpus=$3
	options=$4
	shift 4
	# shellcheck disable=SC2086
	taskset --cpu-list "0-$((HOST_CPUS - 1))" qemu-system-x86_64 -name "$namespace" \
		-machine pc -accel kvm -cpu host -smp "$vcpus" -m "$memory" -nodefaults -no-user-config \
		-display none -serial "file:console-$namespace-$(uptime).log" $options \
		-kernel /run/lab/guest/vmlinux -initrd /run/hostile-initrd \
		-append "console=ttyS0 quiet panic=-1 tsc=reliable cryptomgr.notests rodata=off rdinit=/hostile $*" &
	vm=$!
	until_true "the VMM of $namespace" 10 is_vmm "$vm"
	attach "$namespace" "$vm" "$notification"
}

# What there is of what VMs could leave behind; the slabs are in a file of that name.
print_state() {
	name=$1
	echo 3 >/proc/sys/vm/drop_caches
	cp /proc/slabinfo "slab-$name"
	cp /proc/meminfo "meminfo-$name"
	pins=$(awk '$1 == "nr_foll_pin_acquired" { n += $2 } $1 == "nr_foll_pin_released" { n -= $2 }
		    END { print n }' /proc/vmstat)
	vms=$(find /sys/kernel/debug/kvm -mindepth 1 -maxdepth 1 -type d | wc -l)
	attached=$(($(wc -l </proc/ek_host) - 1))
	echo "state $name: pins $pins vms $vms attached $attached"
}
