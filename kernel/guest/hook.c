// SPDX-License-Identifier: GPL-2.0-only
/*
 * The BPF programs of control groups that look at addresses, as a native socket runs
 * them: they may refuse a call, or change its address. (The kernel itself runs those
 * for options, and native.c sees to those that cannot run.)
 */
#include <linux/bpf.h>
#include <linux/bpf-cgroup.h>
#include <linux/jump_label.h>
#include <net/ipv6.h>
#include <net/sock.h>

#include "ek_guest.h"

#ifdef CONFIG_CGROUP_BPF
static int run(struct sock *sk, enum cgroup_bpf_attach_type type, void *address, int *bytes,
	       void *context, u32 *flags)
{
	int err;

	/* Not a branch that is patched: the types are data here. */
	if (!static_key_enabled(&cgroup_bpf_enabled_key[type]))
		return 0;
	lock_sock(sk);
	err = ek_run_bpf(sk, address, bytes, type, context, flags);
	release_sock(sk);
	return err;
}

/* Natively, too, what is too short for an address is refused, and no program sees it. */
static bool is_short(const struct sockaddr *address, int bytes)
{
	return bytes < (int)(address->sa_family == AF_INET6 ? SIN6_LEN_RFC2133 :
							      sizeof(struct sockaddr_in));
}

/**
 * ek_hook_bind() - Run the programs for bind()
 * @sk:		socket
 * @address:	its address to be, which may be changed
 * @bytes:	length of @address
 * @any_port:	set if any port may be bound to, without a capability
 *
 * Return: 0, or a negative errno that bind() is to return
 */
int ek_hook_bind(struct sock *sk, void *address, int bytes, bool *any_port)
{
	u32 flags = 0;
	int err;

	if (is_short(address, bytes))
		return 0;
	err = run(sk, sk->sk_family == PF_INET6 ? CGROUP_INET6_BIND : CGROUP_INET4_BIND, address,
		  &bytes, NULL, &flags);
	*any_port = flags & BPF_RET_BIND_NO_CAP_NET_BIND_SERVICE;
	return err;
}

/**
 * ek_hook_connect() - Run the programs for connect()
 * @sk:		socket
 * @address:	of the peer, which may be changed
 * @bytes:	length of @address
 *
 * Return: 0, or a negative errno that connect() is to return
 */
int ek_hook_connect(struct sock *sk, struct sockaddr *address, int bytes)
{
	if (address->sa_family == AF_UNSPEC || is_short(address, bytes))
		return 0;
	return run(sk, address->sa_family == AF_INET6 ? CGROUP_INET6_CONNECT :
							CGROUP_INET4_CONNECT,
		   address, &bytes, NULL, NULL);
}

/**
 * ek_hook_send() - Run the programs for a datagram with an address
 * @sk:		socket
 * @address:	of the receiver, which may be changed
 * @bytes:	length of @address
 *
 * Return: 0, or a negative errno that sendmsg() is to return
 */
int ek_hook_send(struct sock *sk, struct sockaddr *address, int *bytes)
{
	const struct sockaddr_in6 *from = (struct sockaddr_in6 *)address;
	/* A program may choose the sender's, which goes the way of a control message. */
	struct in6_addr source = {};

	if (is_short(address, *bytes))
		return 0;
	if (static_key_enabled(&cgroup_bpf_enabled_key[CGROUP_UDP4_SENDMSG]) &&
	    address->sa_family == AF_INET6 && ipv6_addr_v4mapped(&from->sin6_addr)) {
		struct sockaddr_in to = {
			.sin_family		= AF_INET,
			.sin_port		= from->sin6_port,
			.sin_addr.s_addr	= from->sin6_addr.s6_addr32[3],
		};

		/* Natively, too, this is IPv4 from here on. */
		memcpy(address, &to, sizeof(to));
		*bytes = sizeof(to);
	}
	return run(sk, address->sa_family == AF_INET6 ? CGROUP_UDP6_SENDMSG : CGROUP_UDP4_SENDMSG,
		   address, bytes, &source, NULL);
}

/**
 * ek_hook_receive() - Run the programs for a datagram that was received
 * @sk:		socket
 * @address:	of its sender, which may be changed
 * @bytes:	length of @address
 */
void ek_hook_receive(struct sock *sk, struct sockaddr *address, int bytes)
{
	run(sk, sk->sk_family == PF_INET6 ? CGROUP_UDP6_RECVMSG : CGROUP_UDP4_RECVMSG, address,
	    &bytes, NULL, NULL);
}

/**
 * ek_hook_name() - Run the programs for getsockname() and getpeername()
 * @sk:		socket
 * @peer:	which of both
 * @address:	what is to be returned, which may be changed
 * @bytes:	length of @address
 */
void ek_hook_name(struct sock *sk, bool peer, struct sockaddr *address, int bytes)
{
	if (sk->sk_family == PF_INET6)
		run(sk, peer ? CGROUP_INET6_GETPEERNAME : CGROUP_INET6_GETSOCKNAME, address,
		    &bytes, NULL, NULL);
	else
		run(sk, peer ? CGROUP_INET4_GETPEERNAME : CGROUP_INET4_GETSOCKNAME, address,
		    &bytes, NULL, NULL);
}
#endif /* CONFIG_CGROUP_BPF */
