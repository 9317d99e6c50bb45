// SPDX-License-Identifier: GPL-2.0-only
/*
 * SO_REUSEPORT lets sockets of one user share a port. On the host, all sockets of this
 * guest are one user's. So this guest, which knows its users, looks whether a socket of
 * another one has the port.
 */
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/string.h>
#include <linux/uidgid.h>
#include <net/ipv6.h>
#include <net/sock.h>
#include <net/tcp_states.h>

#include "ek_guest.h"

/*
 * Held from the look to the bind, so that of two users one comes first, and while a
 * socket's SO_REUSEPORT changes, here and on the host
 */
DEFINE_MUTEX(ek_port_lock);

/* The address of @in, as one of IPv6 */
static struct in6_addr address_of(const struct sockaddr_in6 *in)
{
	struct in6_addr address = {};

	if (in->sin6_family == AF_INET6)
		return in->sin6_addr;
	ipv6_addr_set_v4mapped(((struct sockaddr_in *)in)->sin_addr.s_addr, &address);
	return address;
}

static bool is_ipv4_any(const struct in6_addr *address)
{
	return ipv6_addr_v4mapped(address) && !address->s6_addr32[3];
}

/* Whether a packet could be for both. IPV6_V6ONLY is not looked at: `::` is all addresses. */
static bool overlap(const struct in6_addr *a, const struct in6_addr *b)
{
	return ipv6_addr_any(a) || ipv6_addr_any(b) || ipv6_addr_equal(a, b) ||
	       (is_ipv4_any(a) && ipv6_addr_v4mapped(b)) ||
	       (is_ipv4_any(b) && ipv6_addr_v4mapped(a));
}

/* Whether another user's socket could be one that @sk must not share a port with */
static bool is_rival(const struct sock *sk, const struct sock *other)
{
	return other->sk_reuseport && other->sk_type == sk->sk_type &&
	       !uid_eq(READ_ONCE(other->sk_uid), READ_ONCE(sk->sk_uid)) &&
	       /* Natively, too, SO_REUSEADDR asks for no user. */
	       !(sk->sk_reuse && other->sk_reuse && READ_ONCE(other->sk_state) != TCP_LISTEN);
}

static bool has_address(struct ek_guest_socket *es, const struct sockaddr_in6 *wanted)
{
	struct in6_addr address = address_of(wanted), theirs;
	struct sockaddr_in6 name = {};
	struct ek_guest_call call = {
		.request = { .operation	= EK_OP_GETNAME },
		.reply_address	= &name,
		.address_room	= sizeof(name),
	};

	if (ek_socket_ask(es, &call) || name.sin6_port != wanted->sin6_port)
		return false;
	theirs = address_of(&name);
	return overlap(&address, &theirs);
}

static bool is_taken(struct ek_guest_socket *es, const struct sockaddr_in6 *wanted)
{
	struct ek_guest_socket *other;
	bool taken = false;
	u32 id = 0;

	while (!taken && !fatal_signal_pending(current) && (other = ek_event_next(&id))) {
		taken = other != es && is_rival(&es->sk, &other->sk) && has_address(other, wanted);
		sock_put(&other->sk);
		cond_resched();
	}
	return taken;
}

/**
 * ek_port_bind() - Bind a socket to an address
 * @es:		socket
 * @bind:	call that does so
 *
 * Return: 0 or a negative errno
 */
long ek_port_bind(struct ek_guest_socket *es, struct ek_guest_call *bind)
{
	const struct sockaddr_in6 *wanted = bind->address;
	u32 shortest = es->sk.sk_family == PF_INET6 ? sizeof(*wanted) : sizeof(struct sockaddr_in);
	long result = -EADDRINUSE;

	/* The port is at the same place in addresses of IPv4 and of IPv6. */
	if (bind->request.address_bytes < shortest || !wanted->sin6_port)
		return ek_socket_call(es, bind);
	ek_option_tell(es);
	if (mutex_lock_killable(&ek_port_lock))
		return -EINTR;
	/* Tells the host no options: it has the one that is looked at. */
	if (!ek_option_shares_port(es) || !is_taken(es, wanted))
		result = ek_socket_ask(es, bind);
	mutex_unlock(&ek_port_lock);
	return result;
}
