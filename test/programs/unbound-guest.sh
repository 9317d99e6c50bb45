#!/bin/sh
mkdir -p /tmp/unbound
{
	cat unbound.conf
	# Not of all addresses: systemd-resolved has its own one.
	echo "interface: $GUEST_ADDRESS"
	for i in $(seq 200); do
		echo "local-data: \"host$i.test. A 192.0.2.$i\""
	done
	# Longer than a datagram may be: the client asks again over TCP.
	for i in $(seq 40); do
		echo "local-data: 'long.test. TXT \"$i$(printf '%0100d' 0)\"'"
	done
} >/tmp/unbound/unbound.conf
exec unbound -d -p -c /tmp/unbound/unbound.conf
