#!/bin/bash
set -eu
until (: </dev/tcp/"$GUEST_ADDRESS"/22) 2>/dev/null; do sleep 0.1; done
mkdir -p /root/.ssh
echo "$GUEST_ADDRESS $(cat /etc/ssh/ssh_host_ed25519_key.pub)" >/root/.ssh/known_hosts
options="-o BatchMode=yes -o IdentityFile=/etc/ssh/ssh_host_ed25519_key"
guest=root@$GUEST_ADDRESS

ssh $options $guest 'echo "command: $SSH_CONNECTION"; exit 3' || echo "status: $?"

cd /tmp
head -c 2000000 /dev/urandom >upload
scp $options -q upload $guest:/root/upload
[ "$(sha256sum <upload)" = "$(ssh $options $guest 'sha256sum </root/upload')" ] && echo 'scp: same'
echo 'get /root/download' | sftp $options -q -b - $guest >/dev/null
[ "$(sha256sum <download)" = "$(ssh $options $guest 'sha256sum </root/download')" ] && echo 'sftp: same'
ssh $options $guest 'cat >/root/piped; sha256sum </root/piped' <upload | grep -q "$(sha256sum <upload)" &&
	echo 'pipe: same'

# A connection of the client's to the guest's loopback, through the server.
ssh $options -o ExitOnForwardFailure=yes -f -L 2222:127.0.0.1:22 $guest 'sleep 5'
ssh-keyscan -t ed25519 -p 2222 127.0.0.1 2>/dev/null | grep -q "$(cut -d ' ' -f 2 /etc/ssh/ssh_host_ed25519_key.pub)" &&
	echo 'forwarded: same key'
