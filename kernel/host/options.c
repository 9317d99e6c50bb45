// SPDX-License-Identifier: GPL-2.0-only
/*
 * Socket options and ioctls. A guest may use those that are named here. All others
 * hold pointers or descriptors of a process, need privileges, or reach beyond the
 * socket.
 */
#include <linux/errqueue.h>
#include <linux/in6.h>
#include <linux/security.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <asm/ioctls.h>
#include <net/sock.h>

#include "ek_host.h"

static bool may_set_of_socket(u32 name)
{
	switch (name) {
	case SO_REUSEADDR:
	case SO_REUSEPORT:
	case SO_BINDTOIFINDEX:
	case SO_KEEPALIVE:
	case SO_BROADCAST:
	case SO_LINGER:
	case SO_OOBINLINE:
	case SO_DONTROUTE:
	case SO_SNDBUF:
	case SO_RCVBUF:
	case SO_RCVLOWAT:
	case SO_PRIORITY:
	case SO_TIMESTAMP_OLD:
	case SO_TIMESTAMP_NEW:
	case SO_TIMESTAMPNS_OLD:
	case SO_TIMESTAMPNS_NEW:
	case SO_RXQ_OVFL:
	case SO_SELECT_ERR_QUEUE:
		return true;
	}
	return false;
}

static bool may_set_of_ip(u32 name)
{
	switch (name) {
	case IP_TOS:
	case IP_TTL:
	case IP_MINTTL:
	case IP_MTU_DISCOVER:
	case IP_RECVTOS:
	case IP_RECVTTL:
	case IP_RECVERR:
	case IP_RECVORIGDSTADDR:
	case IP_PKTINFO:
	case IP_BIND_ADDRESS_NO_PORT:
	case IP_LOCAL_PORT_RANGE:
	case IP_UNICAST_IF:
	case IP_MULTICAST_IF:
	case IP_MULTICAST_TTL:
	case IP_MULTICAST_LOOP:
	case IP_MULTICAST_ALL:
	case IP_ADD_MEMBERSHIP:
	case IP_DROP_MEMBERSHIP:
		return true;
	}
	return false;
}

static bool may_set_of_ipv6(u32 name)
{
	switch (name) {
	case IPV6_V6ONLY:
	case IPV6_TCLASS:
	case IPV6_UNICAST_HOPS:
	case IPV6_MINHOPCOUNT:
	case IPV6_MTU_DISCOVER:
	case IPV6_DONTFRAG:
	case IPV6_AUTOFLOWLABEL:
	case IPV6_RECVERR:
	case IPV6_RECVPKTINFO:
	case IPV6_RECVTCLASS:
	case IPV6_RECVHOPLIMIT:
	case IPV6_UNICAST_IF:
	case IPV6_MULTICAST_IF:
	case IPV6_MULTICAST_HOPS:
	case IPV6_MULTICAST_LOOP:
	case IPV6_MULTICAST_ALL:
	case IPV6_ADD_MEMBERSHIP:
	case IPV6_DROP_MEMBERSHIP:
		return true;
	}
	return false;
}

static bool may_set_of_tcp(u32 name)
{
	switch (name) {
	case TCP_NODELAY:
	case TCP_MAXSEG:
	case TCP_CORK:
	case TCP_KEEPIDLE:
	case TCP_KEEPINTVL:
	case TCP_KEEPCNT:
	case TCP_SYNCNT:
	case TCP_LINGER2:
	case TCP_DEFER_ACCEPT:
	case TCP_WINDOW_CLAMP:
	case TCP_QUICKACK:
	case TCP_CONGESTION:
	case TCP_USER_TIMEOUT:
	case TCP_NOTSENT_LOWAT:
	case TCP_FASTOPEN:
		return true;
	}
	return false;
}

static bool may_set_of_udp(u32 name)
{
	return name == UDP_CORK || name == UDP_SEGMENT || name == UDP_GRO;
}

static bool may_set(u32 level, u32 name)
{
	switch (level) {
	case SOL_SOCKET:
		return may_set_of_socket(name);
	case SOL_IP:
		return may_set_of_ip(name);
	case SOL_IPV6:
		return may_set_of_ipv6(name);
	case SOL_TCP:
		return may_set_of_tcp(name);
	case SOL_UDP:
		return may_set_of_udp(name);
	}
	return false;
}

/*
 * The values of all of these are much shorter than EK_DATA_BYTES. The guest can change
 * the length in its slot while an option is being read: even then, the kernel does
 * not write beyond the slot's data.
 */
static bool may_get(u32 level, u32 name)
{
	return may_set(level, name) ||
	       (level == SOL_IP && (name == IP_MTU || name == IP_PKTOPTIONS)) ||
	       (level == SOL_IPV6 && (name == IPV6_MTU || name == IPV6_2292PKTOPTIONS)) ||
	       (level == SOL_TCP && name == TCP_INFO);
}

static enum ek_patching patching_of(const struct ek_request *request, const struct sock *sk)
{
	if (request->level == SOL_UDP && request->name == UDP_GRO)
		return sk->sk_family == AF_INET6 ? EK_PATCHING_GRO6 : EK_PATCHING_GRO;
	if (request->level == SOL_SOCKET)
		switch (request->name) {
		case SO_TIMESTAMP_OLD:
		case SO_TIMESTAMP_NEW:
		case SO_TIMESTAMPNS_OLD:
		case SO_TIMESTAMPNS_NEW:
			return EK_PATCHING_TIMESTAMP;
		}
	return EK_PATCHINGS;
}

static bool is_named(const struct ek_request *request, u32 of_ip, u32 of_ipv6)
{
	return (request->level == SOL_IP && request->name == of_ip) ||
	       (request->level == SOL_IPV6 && request->name == of_ipv6);
}

/**
 * ek_op_setsockopt() - EK_OP_SETSOCKOPT
 * @call:	call
 *
 * Return: 0 or a negative errno
 */
long ek_op_setsockopt(struct ek_host_call *call)
{
	const struct ek_request *request = &call->request;
	struct ek_host_socket *socket = call->socket;
	enum ek_patching patching = patching_of(request, socket->sock->sk);
	bool joins = is_named(request, IP_ADD_MEMBERSHIP, IPV6_ADD_MEMBERSHIP);
	bool leaves = is_named(request, IP_DROP_MEMBERSHIP, IPV6_DROP_MEMBERSHIP);
	int err = 0;

	if (!may_set(request->level, request->name))
		return -ENOPROTOOPT;
	/* With a range of one port, any number of sockets would be bound to it unnoticed. */
	if (request->level == SOL_IP && request->name == IP_LOCAL_PORT_RANGE &&
	    socket->sock->sk->sk_type == SOCK_DGRAM)
		return -ENOPROTOOPT;
	/* They wait for a lock of the whole host (RTNL). */
	if ((joins || leaves) && !ek_budget_take(call->vm, EK_BUDGET_MEMBERSHIPS))
		return ek_throttle(call);
	if (joins)
		err = ek_membership_add(socket);
	else if (patching < EK_PATCHINGS)
		err = ek_patching_keep(call->vm, patching);
	if (err)
		return err;
	err = do_sock_setsockopt(socket->sock, false, request->level, request->name,
				 KERNEL_SOCKPTR(call->channel->data), request->data_bytes);
	if (err ? joins : leaves)
		ek_membership_drop(socket);
	return err;
}

/**
 * user_slot() - Find the slot of a call in user space
 * @call:	call
 *
 * Protocols write an option's value to user space, which is the VMM's here. If the VMM
 * has changed the guest's memory, the slot may be elsewhere than where it is mapped in
 * the kernel.
 *
 * Return: address in the VMM, or NULL if there is no such memory any more
 */
static struct ek_slot __user *user_slot(const struct ek_host_call *call)
{
	return (struct ek_slot __user *)
		ek_user_address(call->vcpu->kvm, call->channel->slot_address, true);
}

/**
 * ek_op_getsockopt() - EK_OP_GETSOCKOPT
 * @call:	call
 *
 * Return: 0 or a negative errno
 */
long ek_op_getsockopt(struct ek_host_call *call)
{
	const struct ek_request *request = &call->request;
	struct ek_slot __user *slot = user_slot(call);
	u32 bytes;
	int ret;

	if (!may_get(request->level, request->name))
		return -ENOPROTOOPT;
	if (!slot || put_user(min_t(u64, request->arg, EK_DATA_BYTES), &slot->reply.data_bytes))
		return -EFAULT;
	ret = do_sock_getsockopt(call->socket->sock, false, request->level, request->name,
				 USER_SOCKPTR(slot->data),
				 USER_SOCKPTR(&slot->reply.data_bytes));
	if (ret)
		return ret;
	if (get_user(bytes, &slot->reply.data_bytes))
		return -EFAULT;
	call->reply.data_bytes = min(bytes, EK_DATA_BYTES);
	return 0;
}

/**
 * ek_op_ioctl() - EK_OP_IOCTL
 * @call:	call
 *
 * All ioctls that are allowed write an int.
 *
 * Return: 0 or a negative errno
 */
long ek_op_ioctl(struct ek_host_call *call)
{
	struct socket *sock = call->socket->sock;
	struct ek_slot __user *slot = user_slot(call);
	u32 name = call->request.name;
	int err;

	if (!slot)
		return -EFAULT;
	ek_reply_delivered(call);
	switch (name) {
	case SIOCINQ:
	case SIOCOUTQ:
	case SIOCOUTQNSD:
	case SIOCATMARK:
		err = security_file_ioctl(sock->file, name, (unsigned long)slot->data);
		if (err)
			return err;
		call->reply.data_bytes = sizeof(int);
		return READ_ONCE(sock->ops)->ioctl(sock, name, (unsigned long)slot->data);
	}
	return -ENOIOCTLCMD;
}
