// SPDX-License-Identifier: GPL-2.0-only
/*
 * The operations of a socket, except those that transfer messages (message.c) and
 * those for options (option.c).
 *
 * The host decides in which state a socket is. The guest's copy of the state is for
 * code outside of this module, and for what connect() returns.
 */
#include <linux/capability.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/sched.h>
#include <linux/sockios.h>
#include <linux/uaccess.h>
#include <linux/wait.h>
#include <net/inet_common.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/tcp_states.h>
#include <asm/ioctls.h>

#include "ek_guest.h"

/*
 * BPF programs for connect() can choose a port of this guest, which the host's socket
 * would not have.
 */
static int no_port(struct sock *sk, unsigned short port)
{
	return -EOPNOTSUPP;
}

struct proto ek_proto = {
	.name		= KBUILD_MODNAME,
	.owner		= THIS_MODULE,
	.obj_size	= sizeof(struct ek_guest_socket),
	.release_cb	= ek_option_changed,
	.get_port	= no_port,
};

static struct ek_guest_socket *alloc_socket(struct net *net, int family, int type)
{
	struct sock *sk = sk_alloc(net, family, GFP_KERNEL, &ek_proto, 0);

	if (!sk)
		return NULL;
	sock_init_data(NULL, sk);
	/* event.c may still use the socket when it is released. */
	sock_set_flag(sk, SOCK_RCU_FREE);
	/* Those in the kernel who would use its fields take it for somebody else's. */
	__rcu_assign_sk_user_data_with_flags(sk, &ek_proto, SK_USER_DATA_NOCOPY);
	if (type == SOCK_DGRAM)
		udp_sk(sk)->encap_type = U8_MAX;
	ek_sk(sk)->data_ready = sk->sk_data_ready;
	atomic_set(&ek_sk(sk)->changes, 1);
	mutex_init(&ek_sk(sk)->delivery_lock);
	ek_sk(sk)->event_cpu = EK_NO_CPU;
	sk->sk_type = type;
	sk->sk_protocol = type == SOCK_STREAM ? IPPROTO_TCP : IPPROTO_UDP;
	if (type == SOCK_STREAM) {
		/* For getsockopt(), until somebody sets them */
		sk->sk_sndbuf = READ_ONCE(net->ipv4.sysctl_tcp_wmem[1]);
		sk->sk_rcvbuf = READ_ONCE(net->ipv4.sysctl_tcp_rmem[1]);
	}
#if IS_ENABLED(CONFIG_IPV6)
	if (family == PF_INET6)
		inet_sk(sk)->pinet6 = type == SOCK_STREAM ? &ek_sk(sk)->tcp.inet6 :
							    &ek_sk(sk)->udp.inet6;
#endif
	return ek_sk(sk);
}

/**
 * attach() - Connect the socket of a program with the host's
 * @es:		socket from alloc_socket()
 * @sock:	the program's
 * @id:		the host's name for its socket
 *
 * Return: 0 or a negative errno
 */
static int attach(struct ek_guest_socket *es, struct socket *sock, u64 id)
{
	int err = ek_event_add(es, id);

	if (err)
		return err;
	/* The host needs to know of setsockopt() of SOL_SOCKET, too. */
	ek_option_own(sock);
	ek_option_known(es);
	sock_graft(&es->sk, sock);
	return 0;
}

static long call_once(struct ek_guest_socket *es, void *arg)
{
	return ek_socket_call(es, arg);
}

static long int_of_host(struct ek_guest_socket *es, unsigned int cmd, int *value)
{
	struct ek_guest_call call = {
		.request = {
			.operation	= EK_OP_IOCTL,
			.name		= cmd,
		},
		.reply_data	= value,
		.data_room	= sizeof(*value),
	};

	*value = 0;
	return ek_socket_call(es, &call);
}

/* SIOCINQ: of a stream what is there to be read, of datagrams the length of the first */
static long bytes_to_read(struct ek_guest_socket *es, int *value)
{
	int delivered = ek_delivery_bytes(es);
	long err = int_of_host(es, SIOCINQ, value);

	/* The host may have told of it just now. */
	if (delivered < 0)
		delivered = ek_delivery_bytes(es);
	if (err || delivered < 0)
		return err;
	*value = delivered + (es->sk.sk_type == SOCK_STREAM ? *value : 0);
	return 0;
}

/* Whether the peer has got everything; else the socket is armed. */
static long drain_once(struct ek_guest_socket *es, void *arg)
{
	struct ek_guest_call poll = { .request = { .operation = EK_OP_POLL } };
	int left;
	long err = ek_socket_call(es, &poll) ? : int_of_host(es, SIOCOUTQ, &left);

	return err ? : left ? -EAGAIN : 0;
}

/**
 * linger() - Wait until a stream is sent, as close() does with SO_LINGER
 * @es:		socket
 *
 * The host cannot wait. As with tcp_close(), there is nothing to wait for if data
 * was not received: the connection is reset then.
 */
static void linger(struct ek_guest_socket *es)
{
	struct ek_guest_call shutdown = {
		.request = {
			.operation	= EK_OP_SHUTDOWN,
			.arg		= SHUT_WR,
		},
	};
	long timeo = es->sk.sk_lingertime;
	int unread;

	if (bytes_to_read(es, &unread) || unread || ek_socket_call(es, &shutdown))
		return;
	ek_socket_wait(es, drain_once, NULL, &timeo, false);
}

static int ek_release(struct socket *sock)
{
	struct ek_guest_call call = { .request = { .operation = EK_OP_RELEASE } };
	struct sock *sk = sock->sk;

	/* accept() has failed, so there is nothing to release. */
	if (!sk)
		return 0;
	if (sk->sk_type == SOCK_STREAM && sock_flag(sk, SOCK_LINGER) && sk->sk_lingertime &&
	    !(current->flags & PF_EXITING))
		linger(ek_sk(sk));
	/* Before the host can give its name to another socket */
	ek_event_remove(ek_sk(sk));
	/* What has come with an event, the host has not any more. */
	call.request.arg = ek_delivery_waits(ek_sk(sk));
	ek_socket_call(ek_sk(sk), &call);
	ek_delivery_drop(ek_sk(sk));
	sock->sk = NULL;
	sock_orphan(sk);
	sock_put(sk);
	return 0;
}

static int ek_bind(struct socket *sock, struct sockaddr_unsized *address, int bytes)
{
	struct sockaddr_storage copy;
	struct ek_guest_call call = {
		.request = {
			.operation	= EK_OP_BIND,
			.address_bytes	= bytes,
		},
	};
	struct net *net = sock_net(sock->sk);
	bool any_port = false;
	int err;

	if (bytes > EK_ADDRESS_BYTES)
		return -EINVAL;
	err = ek_hook_bind(sock->sk, address, bytes, &any_port);
	if (err)
		return err;
	/* The port is at the same place in addresses of IPv4 and of IPv6. */
	if (bytes >= offsetofend(struct sockaddr_in, sin_port)) {
		u16 port = ntohs(((struct sockaddr_in *)address)->sin_port);

		if (port && !any_port && inet_port_requires_bind_service(net, port) &&
		    !ns_capable(net->user_ns, CAP_NET_BIND_SERVICE))
			return -EACCES;
	}
	call.address = ek_ifindex_address_to_host(ek_sk(sock->sk), address, bytes, &copy);
	return ek_port_bind(ek_sk(sock->sk), &call);
}

/* Both errors mean that the host's socket is connecting: wait, and ask again. */
static long connect_once(struct ek_guest_socket *es, void *arg)
{
	long result = ek_socket_call(es, arg);

	return result == -EINPROGRESS || result == -EALREADY ? -EAGAIN : result;
}

static void set_state(struct socket *sock, socket_state state, int tcp_state)
{
	sock->state = state;
	WRITE_ONCE(sock->sk->sk_state, tcp_state);
}

static int connect_stream(struct socket *sock, struct ek_guest_call *call, int flags)
{
	struct sock *sk = sock->sk;
	long timeo = sock_sndtimeo(sk, flags & O_NONBLOCK);
	bool connecting = sock->state == SS_CONNECTING;
	long result = ek_socket_wait(ek_sk(sk), connect_once, call, &timeo, false);

	switch (result) {
	case 0:
		set_state(sock, SS_CONNECTED, TCP_ESTABLISHED);
		return 0;
	case -EAGAIN:
		result = connecting ? -EALREADY : -EINPROGRESS;
		fallthrough;
	case -EINTR:
	case -ERESTARTSYS:
		set_state(sock, SS_CONNECTING, TCP_SYN_SENT);
		return result;
	case -EISCONN:
		return result;
	default:
		/* If sk_err has the reason, the host may not have it any more. */
		set_state(sock, SS_UNCONNECTED, TCP_CLOSE);
		return sock_error(sk) ? : result;
	}
}

static int ek_connect(struct socket *sock, struct sockaddr_unsized *address,
		      int bytes, int flags)
{
	struct sockaddr_storage copy;
	struct ek_guest_call call = {
		.request = {
			.operation	= EK_OP_CONNECT,
			.address_bytes	= bytes,
		},
	};
	struct sock *sk = sock->sk;
	bool disconnect;
	int err;

	if (bytes < (int)sizeof(address->sa_family) || bytes > EK_ADDRESS_BYTES)
		return -EINVAL;
	disconnect = address->sa_family == AF_UNSPEC;
	/* Natively, too, only the call that begins a connection is asked about. */
	if (sk->sk_type != SOCK_STREAM || sock->state == SS_UNCONNECTED) {
		err = ek_hook_connect(sk, (struct sockaddr *)address, bytes);
		if (err)
			return err;
	}
	call.address = ek_ifindex_address_to_host(ek_sk(sk), address, bytes, &copy);
	if (sk->sk_type == SOCK_STREAM && !disconnect)
		return connect_stream(sock, &call, flags);

	err = ek_socket_call(ek_sk(sk), &call);
	if (err)
		return err;
	/* Of a stream, what was received and not read is gone. */
	if (sk->sk_type == SOCK_STREAM)
		ek_delivery_drop(ek_sk(sk));
	set_state(sock, SS_UNCONNECTED, disconnect ? TCP_CLOSE : TCP_ESTABLISHED);
	return 0;
}

/* Natively, too, an accepted socket has these from its listener. */
static void inherit(struct sock *sk, const struct sock *from)
{
	const unsigned long flags = BIT(SOCK_DBG) | BIT(SOCK_KEEPOPEN) |
		BIT(SOCK_LINGER) | BIT(SOCK_LOCALROUTE) | BIT(SOCK_URGINLINE) |
		BIT(SOCK_RCVTSTAMP) | BIT(SOCK_RCVTSTAMPNS) | BIT(SOCK_TSTAMP_NEW);

	sk->sk_flags |= from->sk_flags & flags;
	sk->sk_bound_dev_if = from->sk_bound_dev_if;
	sk->sk_lingertime = from->sk_lingertime;
	sk->sk_mark = from->sk_mark;
	sk->sk_priority = from->sk_priority;
	sk->sk_rcvbuf = from->sk_rcvbuf;
	sk->sk_rcvlowat = from->sk_rcvlowat;
	sk->sk_rcvtimeo = from->sk_rcvtimeo;
	sk->sk_reuse = from->sk_reuse;
	sk->sk_reuseport = from->sk_reuseport;
	sk->sk_sndbuf = from->sk_sndbuf;
	sk->sk_sndtimeo = from->sk_sndtimeo;
	sk->sk_tsflags = from->sk_tsflags;
}

/*
 * An event may be about several connections. Who has taken one of them wakes the next
 * one who waits in accept(), if there is one, and it looks whether there are more. Those
 * who poll have been woken by the event: nobody polls for this bit.
 */
static void wake_next(struct sock *sk)
{
	struct socket_wq *wq;

	rcu_read_lock();
	wq = rcu_dereference(sk->sk_wq);
	if (skwq_has_sleeper(wq))
		wake_up_interruptible_poll(&wq->wait, EPOLLMSG);
	rcu_read_unlock();
}

static int ek_accept(struct socket *sock, struct socket *newsock, EK_ACCEPT_ARGS)
{
	struct sock *sk = sock->sk;
	long timeo = sock_rcvtimeo(sk, EK_ACCEPT_FLAGS & O_NONBLOCK);
	struct ek_guest_socket *es = alloc_socket(sock_net(sk), sk->sk_family, sk->sk_type);
	struct ek_guest_call call = { .request = { .operation = EK_OP_ACCEPT } };
	long result;

	if (!es)
		return -ENOMEM;
	call.reply_address = &es->peer;
	call.address_room = ek_address_room(es);
	result = ek_socket_wait(ek_sk(sk), call_once, &call, &timeo, true);
	if (result != -EAGAIN)
		wake_next(sk);
	if (result < 0)
		goto put;
	es->life = call.life;
	es->peer_bytes = min(call.reply.address_bytes, call.address_room);
	inherit(&es->sk, sk);
	WRITE_ONCE(es->sk.sk_state, TCP_ESTABLISHED);
	result = attach(es, newsock, result);
	if (result)
		goto put;
	ek_error_set(es, call.reply.error);
	newsock->state = SS_CONNECTED;
	return 0;

put:
	sock_put(&es->sk);
	return result;
}

static int ek_getname(struct socket *sock, struct sockaddr *address, int peer)
{
	struct ek_guest_socket *es = ek_sk(sock->sk);
	struct ek_guest_call call = {
		.request = {
			.operation	= EK_OP_GETNAME,
			.arg		= !!peer,
		},
		.reply_address	= address,
		.address_room	= ek_address_room(es),
	};
	long err;

	u32 length;

	/* accept() asks this way. It has the address, even if the peer has gone since. */
	if (peer == 2 && es->peer_bytes) {
		length = es->peer_bytes;
		memcpy(address, &es->peer, length);
	} else {
		err = ek_socket_call(es, &call);
		if (err)
			return err;
		length = min(call.reply.address_bytes, call.address_room);
	}
	ek_ifindex_address_to_guest(es, address, length);
	ek_hook_name(sock->sk, peer, address, length);
	return length;
}

/*
 * Whether there is something to receive may be known, and then also whether the peer has
 * gone. Whether there is room to send is not.
 */
#define EK_POLL_OUT	(EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND)

static __poll_t ek_poll(struct file *file, struct socket *sock, poll_table *wait)
{
	struct ek_guest_call call = {
		.request = {
			.operation	= EK_OP_POLL,
			.flags		= EK_DELIVER,
		},
	};
	struct ek_guest_socket *es = ek_sk(sock->sk);
	bool receives = !(poll_requested_events(wait) & EK_POLL_OUT);
	__poll_t events;

	sock_poll_wait(file, sock, wait);
	if (receives && ek_is_empty(es)) {
		events = 0;
	} else if (receives && ek_delivery_is_last(es)) {
		events = EPOLLIN | EPOLLRDNORM;
	} else {
		if (ek_socket_call(es, &call) < 0)
			return EPOLLERR | EPOLLHUP;
		ek_error_set(es, call.reply.error);
		events = (__force __poll_t)call.reply.events;
		if (ek_delivery_waits(es))
			events |= EPOLLIN | EPOLLRDNORM;
	}
	if (READ_ONCE(es->sk.sk_err))
		events |= EPOLLERR;
	return events;
}

static int ioctl_host(struct ek_guest_socket *es, unsigned int cmd, int __user *arg)
{
	int value;
	long err = cmd == SIOCINQ ? bytes_to_read(es, &value) : int_of_host(es, cmd, &value);

	return err ? : put_user(value, arg);
}

static int ek_ioctl(struct socket *sock, unsigned int cmd, unsigned long arg)
{
	switch (cmd) {
	case SIOCINQ:
	case SIOCOUTQ:
	case SIOCOUTQNSD:
	case SIOCATMARK:
		return ioctl_host(ek_sk(sock->sk), cmd, (int __user *)arg);
	}
	/* Others are about the guest's interfaces and routes: any socket will do. */
	if (IS_BUILTIN(CONFIG_IPV6) && sock->sk->sk_family == PF_INET6)
		return inet6_ioctl(sock, cmd, arg);
	return inet_ioctl(sock, cmd, arg);
}

static int ek_listen(struct socket *sock, int backlog)
{
	struct ek_guest_call call = {
		.request = {
			.operation	= EK_OP_LISTEN,
			.arg		= backlog,
		},
	};
	int err = ek_socket_call(ek_sk(sock->sk), &call);

	if (!err)
		WRITE_ONCE(sock->sk->sk_state, TCP_LISTEN);
	return err;
}

static int ek_shutdown(struct socket *sock, int how)
{
	struct ek_guest_call call = {
		.request = {
			.operation	= EK_OP_SHUTDOWN,
			.arg		= how,
		},
	};

	return ek_socket_call(ek_sk(sock->sk), &call);
}

static const struct proto_ops ek_inet_ops = {
	.family		= PF_INET,
	.owner		= THIS_MODULE,
	.release	= ek_release,
	.bind		= ek_bind,
	.connect	= ek_connect,
	.socketpair	= sock_no_socketpair,
	.accept		= ek_accept,
	.getname	= ek_getname,
	.poll		= ek_poll,
	.ioctl		= ek_ioctl,
	.gettstamp	= sock_gettstamp,
	.listen		= ek_listen,
	.shutdown	= ek_shutdown,
	.setsockopt	= ek_setsockopt,
	.getsockopt	= ek_getsockopt,
	.sendmsg	= ek_sendmsg,
	.recvmsg	= ek_recvmsg,
	.mmap		= sock_no_mmap,
};

static const struct proto_ops ek_inet6_ops = {
	.family		= PF_INET6,
	.owner		= THIS_MODULE,
	.release	= ek_release,
	.bind		= ek_bind,
	.connect	= ek_connect,
	.socketpair	= sock_no_socketpair,
	.accept		= ek_accept,
	.getname	= ek_getname,
	.poll		= ek_poll,
	.ioctl		= ek_ioctl,
	.gettstamp	= sock_gettstamp,
	.listen		= ek_listen,
	.shutdown	= ek_shutdown,
	.setsockopt	= ek_setsockopt,
	.getsockopt	= ek_getsockopt,
	.sendmsg	= ek_sendmsg,
	.recvmsg	= ek_recvmsg,
	.mmap		= sock_no_mmap,
};

/**
 * ek_socket_create() - Create a socket that the host performs
 * @net:	network namespace of this guest
 * @sock:	the program's socket, of type SOCK_STREAM or SOCK_DGRAM
 * @family:	PF_INET or PF_INET6
 *
 * Return: 0 or a negative errno
 */
int ek_socket_create(struct net *net, struct socket *sock, int family)
{
	struct ek_guest_socket *es = alloc_socket(net, family, sock->type);
	struct ek_guest_call call = { .request = { .operation = EK_OP_CREATE } };
	long result;

	if (!es)
		return -ENOMEM;
	call.request.arg = (u64)family << 32 | es->sk.sk_type << 16 |
			   es->sk.sk_protocol;
	es->life = ek_vmrpc_life();
	call.life = es->life;
	result = ek_vmrpc_call(&call);
	if (result < 0)
		goto put;
	result = attach(es, sock, result);
	if (result)
		goto put;
	sock->state = SS_UNCONNECTED;
	sock->ops = family == PF_INET6 ? &ek_inet6_ops : &ek_inet_ops;
	return 0;

put:
	sock_put(&es->sk);
	return result;
}
