#!/bin/bash
# A container in a network of its own, as a runtime sets it up: a bridge, crun, and a proxy for a published port.
# Those who have to reach it are in the control groups that they have under systemd.
groups=/sys/fs/cgroup
mountpoint -q $groups || mount -t cgroup2 cgroup2 $groups
mkdir -p $groups/system.slice/{docker,kubelet,other}.service

# Runs a command as the service $1.
as() {
	(
		echo $BASHPID >"$groups/system.slice/$1.service/cgroup.procs"
		shift
		exec "$@"
	)
}

ip link add br0 type bridge
ip address add 172.30.0.1/24 dev br0
ip link set br0 up
ip netns add box
ip link add box0 type veth peer name eth0 netns box
ip link set box0 master br0 up
ip -n box address add 172.30.0.2/24 dev eth0
ip -n box link set eth0 up

mkdir -p /tmp/box/rootfs/{bin,www,proc,dev,sys}
cd /tmp/box || exit
cp "$(command -v busybox)" rootfs/bin/busybox
echo 'hello from the container' >rootfs/www/index.html
crun spec
python3 - <<'END'
import json

spec = json.load(open("config.json"))
spec["process"].update(terminal=False, args=["/bin/busybox", "httpd", "-f", "-p", "80", "-h", "/www"])
for namespace in spec["linux"]["namespaces"]:
    if namespace["type"] == "network":
        namespace["path"] = "/run/netns/box"
json.dump(spec, open("config.json", "w"))
END
as docker crun --cgroup-manager=disabled run box &
until as kubelet curl --silent --output /dev/null --max-time 5 http://172.30.0.2/; do sleep 1; done

# A published port: of this guest's own addresses, if the proxy is wholly the runtime's, ...
as docker socat TCP-LISTEN:8088,fork,reuseaddr TCP:172.30.0.2:80 &
# ... and of those outside, if the listening socket comes from elsewhere, as with systemd's socket activation.
systemd-socket-activate --listen=8089 sh -c \
	"echo \$\$ >$groups/system.slice/docker.service/cgroup.procs; exec /usr/lib/systemd/systemd-socket-proxyd 172.30.0.2:80" &
until as docker curl --silent --output /dev/null --max-time 5 http://127.0.0.1:8088/; do sleep 1; done

probe() {
	as "$1" curl --silent --max-time 10 "$2" || echo "does not reach it"
}
{
	echo "probe of kubelet: $(probe kubelet http://172.30.0.2/)"
	echo "probe of another service: $(probe other http://172.30.0.2/)"
	echo "published, from kubelet: $(probe kubelet http://127.0.0.1:8088/)"
	echo "published, from another service: $(probe other http://127.0.0.1:8088/)"
	if [ -e /sys/module/ek_guest ]; then
		for value in relative /end/ /a,,/b "/$(printf '%0256d' 0)"; do
			echo "$value" >/sys/module/ek_guest/parameters/native || echo 'refused: a wrong name'
		done 2>/dev/null
		echo /system.slice/docker.service,/system.slice/other.service >/sys/module/ek_guest/parameters/native
		echo "once it is named: $(probe other http://172.30.0.2/)"
	fi
} >/tmp/container-report
until (: </dev/tcp/"$OUTSIDE_ADDRESS"/8002) 2>/dev/null; do sleep 1; done
cat /tmp/container-report >/dev/tcp/"$OUTSIDE_ADDRESS"/8003
wait
