#!/bin/bash
# systemd-resolved's stub, asked by this guest's programs, which are outsourced as it is; the server that it asks is outside.
mkdir -p /run/systemd /etc/systemd/resolved.conf.d
printf '[Resolve]\nDNS=%s\nDNSSEC=no\nLLMNR=no\nMulticastDNS=no\n' "$OUTSIDE_ADDRESS" >/etc/systemd/resolved.conf.d/test.conf
SYSTEMD_LOG_TARGET=console /usr/lib/systemd/systemd-resolved &
until (: </dev/tcp/127.0.0.53/53) 2>/dev/null; do sleep 1; done
until (: </dev/tcp/"$OUTSIDE_ADDRESS"/5301) 2>/dev/null; do sleep 1; done
rm -f /etc/resolv.conf
echo 'nameserver 127.0.0.53' >/etc/resolv.conf
{
	for transport in notcp tcp; do
		dig +tries=2 +$transport +short @127.0.0.53 name.test A | sed "s/^/$transport: /"
	done
	# Longer than a datagram to the stub may be.
	dig +tries=2 +short @127.0.0.53 long.test TXT | wc -c | sed 's/^/long: /'
	getent ahostsv4 name.test | sed -n 's/ *STREAM.*//; 1s/^/getaddrinfo: /p'
	[ ! -e /proc/net/ek_guest ] || sed -n 's/ \(127.0.0.53:53 -\) .*/ \1/; /53:53 -$/s/^/listed: /p' /proc/net/ek_guest | sort
} >/dev/tcp/"$OUTSIDE_ADDRESS"/5302
wait
