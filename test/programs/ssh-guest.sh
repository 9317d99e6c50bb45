#!/bin/sh
# Both sides are the same Debian image: the host key, which both have, is the client's key too.
mkdir -p /run/sshd /root/.ssh
cp /etc/ssh/ssh_host_ed25519_key.pub /root/.ssh/authorized_keys
chmod -R go= /root/.ssh
head -c 2000000 /dev/urandom >/root/download
exec /usr/sbin/sshd -D -e
