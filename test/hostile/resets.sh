# Each way in which a guest's life may end, or go back, without a word to the host, with sockets that the
# host has been told to send events of, while messages arrive: what boots next has its memory for itself.
max_sockets=1024
memory=256
interval=0.5
(cd /run && busybox cpio -id hostile-programs/guest-memory 2>/dev/null <hostile.cpio)

# has_said NAME N TEXT: its consoles have N lines with it, or more
has_said() {
	[ "$(cat console-"$1"-* | grep -c "guest-memory:.*$3")" -ge "$2" ]
}

# qmp COMMAND [ARGUMENTS]: has the VM's VMM execute it
qmp() {
	echo "{\"execute\": \"$1\", \"arguments\": {${2:-}}}" >"$monitor.in"
	sed -n '/"return"\|"error"/{p;q}' <"$monitor.out" >>"qmp-$part"
}

# The name of a part is short, as interfaces are named after it.
# begin PART NOTIFICATION "QEMU OPTIONS" PARAMETERS...
begin() {
	part=$1
	notification=$2
	options=$3
	shift 3
	echo "$part begins at $(uptime)"
	monitor=/run/qmp-$part
	mkfifo "$monitor.in" "$monitor.out"
	create_namespace "$part" 192.0.2
	start_vm "$part" "$notification" 2 "-qmp pipe:$monitor $options" "$@"
	sed -n '/QMP/q' <"$monitor.out"
	qmp qmp_capabilities
}

end() {
	kill -KILL "$vm"
	wait "$vm" || true
	until_true "the VM is not attached any more" 30 is_detached "$vm"
	ip netns del "$part"
	until_true "the namespace is gone" 60 is_gone "$part"
	echo "$part: $(cat console-"$part"-* | sed -n 's/\r//; s/guest-memory: //p' | tail -n 1)"
}

# The next kernel's memory while messages arrive for the sockets of the one before
watch_memory() {
	until_true "the memory is filled" 120 has_said "$part" 1 "are filled"
	/run/hostile-programs/guest-memory send 192.0.2.2 30 &
	until_true "the memory is checked" 120 has_said "$part" 1 "was written"
	end
}

modprobe ek_host

begin panic interrupt "" hostile_role=wait hostile_end=c
watch_memory

begin sysrq idle "" hostile_role=wait hostile_end=b
watch_memory

begin triple interrupt "" hostile_role=wait hostile_end=b reboot=t
watch_memory

begin qmp-reset idle "" hostile_role=wait
until_true "the sockets wait" 120 has_said "$part" 1 waits
qmp system_reset
watch_memory

# To an earlier moment of the same guest: it has sockets that the host has no more, and makes new ones.
truncate -s 1G /run/snapshots
begin loadvm interrupt "-blockdev driver=file,filename=/run/snapshots,node-name=file" hostile_role=wait
qmp blockdev-create '"job-id": "create", "options": {"driver": "qcow2", "file": "file", "size": 1073741824}'
sleep 2
qmp job-dismiss '"id": "create"'
qmp blockdev-add '"driver": "qcow2", "file": "file", "node-name": "snapshots"'
until_true "the sockets wait" 120 has_said "$part" 1 waits
qmp human-monitor-command '"command-line": "savevm before"'
/run/hostile-programs/guest-memory send 192.0.2.2 2
until_true "messages arrive" 120 has_said "$part" 1 arrived
qmp human-monitor-command '"command-line": "loadvm before"'
until_true "the sockets are gone" 120 has_said "$part" 1 gone
until_true "the sockets wait again" 120 has_said "$part" 2 waits
/run/hostile-programs/guest-memory send 192.0.2.2 2
until_true "messages arrive again" 120 has_said "$part" 2 arrived
end

# A stream comes in while the VM is being saved. It ends with the VM's move, and then the guest looks
# whether all of it has been saved.
begin migration idle "" hostile_role=stream
until_true "the guest listens" 120 has_said "$part" 1 listens
/run/hostile-programs/guest-memory stream 192.0.2.2 &
sleep 2
qmp migrate '"uri": "file:/run/saved"'
is_saved() {
	qmp query-migrate
	tail -n 1 "qmp-$part" | grep -q '"status": "completed"'
}
until_true "the VM is saved" 120 is_saved
kill -KILL "$vm"
wait "$vm" || true
until_true "the VM is not attached any more" 30 is_detached "$vm"
start_vm "$part" idle 2 "-incoming file:/run/saved" hostile_role=stream
until_true "the stream has ended" 120 has_said "$part" 1 "has ended"
until_true "the stream is checked" 120 has_said "$part" 1 "are right\|word"
until_true "the guest listens again" 120 has_said "$part" 2 listens
timeout 2 /run/hostile-programs/guest-memory stream 192.0.2.2 || true
until_true "the second stream is checked" 120 has_said "$part" 2 "are right\|word"
cat console-"$part"-* | sed -n 's/\r//; s/guest-memory: \(.* are right\)/stream: \1/p'
end

rmmod ek_host
sleep 2
echo "ek_host is unloaded"
