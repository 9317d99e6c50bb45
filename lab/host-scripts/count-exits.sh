#!/bin/sh
# Counts what the host does for its VMs from the first request to the last: exits of each vCPU by their
# reason (an exit code of SVM or VMX), packets that vhost copies to a VM and from it, and messages that
# ek_host copies.
set -eu

cd /sys/kernel/tracing
echo 'hist:keys=common_pid.execname,exit_reason.hex' >events/kvm/kvm_exit/trigger
echo 'p:ek/vhost_to_vm tun_do_read' >>kprobe_events
echo 'p:ek/vhost_from_vm tun_sendmsg' >>kprobe_events
for event in vhost_to_vm vhost_from_vm; do
	echo 'hist:keys=common_pid.execname' >events/ek/$event/trigger
done

end() {
	for event in kvm/kvm_exit ek/vhost_to_vm ek/vhost_from_vm; do
		echo "${event#*/}"
		grep '^{' events/$event/hist || :
	done
	[ ! -e /proc/ek_host ] || cat /proc/ek_host
	# Which VM a process is, and so whose the threads are
	for process in /proc/[0-9]*; do
		case $(cat "$process/comm" 2>/dev/null) in
		qemu-system*) echo "$(tr '\0' ' ' <"$process/cmdline" | grep -o 'name [^,]*'): $(ls "$process/task" | tr '\n' ' ')" ;;
		esac
	done
	exit 0
}
trap end TERM
echo 'counting'
while :; do
	sleep 1 &
	wait $!
done
