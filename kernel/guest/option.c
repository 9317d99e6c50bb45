// SPDX-License-Identifier: GPL-2.0-only
/* setsockopt() and getsockopt() */
#include <linux/err.h>
#include <linux/minmax.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/sockptr.h>
#include <linux/uaccess.h>

#include "ek_guest.h"

/* Where an option of SOL_SOCKET takes effect */
enum ek_place {
	EK_NOWHERE,
	/*
	 * Needs privileges, which the guest does not have on the host, not even
	 * its administrator. The error is that for a process without privileges:
	 * programs can do without the option then.
	 */
	EK_FORBIDDEN,
	/* In this guest, which waits and which knows its users */
	EK_HERE,
	/*
	 * On the host. This guest has the value as well, because getsockopt()
	 * does not ask a protocol about SOL_SOCKET.
	 */
	EK_THERE,
	/* On the host, which has other names for interfaces */
	EK_INTERFACE,
};

static enum ek_place place_of(int name)
{
	switch (name) {
	case SO_MARK:
	case SO_RCVBUFFORCE:
	case SO_SNDBUFFORCE:
		return EK_FORBIDDEN;
	case SO_DEBUG:
	case SO_BSDCOMPAT:
	case SO_PASSCRED:
	case SO_PASSSEC:
	case SO_RCVTIMEO_OLD:
	case SO_RCVTIMEO_NEW:
	case SO_SNDTIMEO_OLD:
	case SO_SNDTIMEO_NEW:
	case SO_BUSY_POLL:
	case SO_PREFER_BUSY_POLL:
	case SO_BUSY_POLL_BUDGET:
		return EK_HERE;
	case SO_BINDTODEVICE:
	case SO_BINDTOIFINDEX:
		return EK_INTERFACE;
	case SO_BROADCAST:
	case SO_DONTROUTE:
	case SO_KEEPALIVE:
	case SO_LINGER:
	case SO_OOBINLINE:
	case SO_PRIORITY:
	case SO_RCVBUF:
	case SO_RCVLOWAT:
	case SO_REUSEADDR:
	case SO_REUSEPORT:
	case SO_RXQ_OVFL:
	case SO_SELECT_ERR_QUEUE:
	case SO_SNDBUF:
	case SO_TIMESTAMP_OLD:
	case SO_TIMESTAMP_NEW:
	case SO_TIMESTAMPNS_OLD:
	case SO_TIMESTAMPNS_NEW:
		return EK_THERE;
	/* Among others: the host knows no programs (BPF), devices or CPUs of the guest. */
	default:
		return EK_NOWHERE;
	}
}

/**
 * bind_to_interface() - Have the host do what was done here
 * @es:		socket
 * @before:	index of the interface that it was bound to before
 *
 * Return: 0 or a negative errno
 */
static long bind_to_interface(struct ek_guest_socket *es, int before)
{
	u32 index = ek_ifindex_to_host(READ_ONCE(es->sk.sk_bound_dev_if));
	struct ek_guest_call call = {
		.request = {
			.operation	= EK_OP_SETSOCKOPT,
			.level		= SOL_SOCKET,
			.name		= SO_BINDTOIFINDEX,
			.data_bytes	= sizeof(index),
		},
		.data = &index,
	};
	long err = ek_socket_call(es, &call);

	if (err)
		WRITE_ONCE(es->sk.sk_bound_dev_if, before);
	return err;
}

/**
 * ek_setsockopt() - proto_ops.setsockopt
 * @sock:	socket
 * @level:	SOL_SOCKET since Linux 6.7, or a protocol's level
 * @name:	option
 * @value:	its value
 * @bytes:	length of @value
 *
 * Return: 0 or a negative errno
 */
int ek_setsockopt(struct socket *sock, int level, int name, sockptr_t value,
		  unsigned int bytes)
{
	struct ek_guest_call call = {
		.request = {
			.operation	= EK_OP_SETSOCKOPT,
			.level		= level,
			.name		= name,
			.data_bytes	= bytes,
		},
	};
	enum ek_place place = level == SOL_SOCKET ? place_of(name) : EK_THERE;
	struct sock *sk = sock->sk;
	u32 priority = READ_ONCE(sk->sk_priority);
	int interface = READ_ONCE(sk->sk_bound_dev_if);
	bool shares = level == SOL_SOCKET && name == SO_REUSEPORT;
	void *data;
	long err = 0;

	if (level == SOL_SOCKET && name == SO_ZEROCOPY)
		return -EOPNOTSUPP;
	/* Natively, too, the length is checked before the option. */
	if (place == EK_NOWHERE || place == EK_FORBIDDEN) {
		if (bytes < sizeof(int))
			return -EINVAL;
		return place == EK_FORBIDDEN ? -EPERM : -ENOPROTOOPT;
	}
	if (bytes > EK_DATA_BYTES)
		return -EINVAL;
	data = memdup_sockptr(value, bytes);
	if (IS_ERR(data))
		return PTR_ERR(data);

	if (shares)
		mutex_lock(&ek_port_lock);
	/* The host does not know the guest's users, so the guest checks their rights. */
	if (level == SOL_SOCKET)
		err = sock_setsockopt(sock, level, name, KERNEL_SOCKPTR(data), bytes);
	if (!err && place == EK_INTERFACE) {
		err = bind_to_interface(ek_sk(sk), interface);
	} else if (!err && place == EK_THERE) {
		ek_ifindex_option_to_host(level, name, data, bytes);
		call.data = data;
		err = ek_socket_call(ek_sk(sk), &call);
		/* The host refuses high priorities, which a privileged user may set here. */
		if (err && level == SOL_SOCKET)
			WRITE_ONCE(sk->sk_priority, priority);
	}
	if (shares)
		mutex_unlock(&ek_port_lock);
	kfree(data);
	return err;
}

/**
 * ek_getsockopt() - proto_ops.getsockopt
 * @sock:	socket
 * @level:	a protocol's level: the kernel answers for SOL_SOCKET itself
 * @name:	option
 * @value:	where its value goes
 * @bytes:	room for @value, and its length on return
 *
 * Return: 0 or a negative errno
 */
int ek_getsockopt(struct socket *sock, int level, int name, char __user *value,
		  int __user *bytes)
{
	struct ek_guest_call call = {
		.request = {
			.operation	= EK_OP_GETSOCKOPT,
			.level		= level,
			.name		= name,
		},
	};
	void *data;
	int room;
	long err;

	if (get_user(room, bytes))
		return -EFAULT;
	if (room < 0)
		return -EINVAL;
	call.data_room = min_t(u32, room, EK_DATA_BYTES);
	call.request.arg = call.data_room;
	data = kmalloc(EK_DATA_BYTES, GFP_KERNEL);
	if (!data)
		return -ENOMEM;
	call.reply_data = data;

	err = ek_socket_call(ek_sk(sock->sk), &call);
	if (!err) {
		room = min(call.reply.data_bytes, call.data_room);
		ek_ifindex_option_to_guest(level, name, data, room);
		if (put_user(room, bytes) || copy_to_user(value, data, room))
			err = -EFAULT;
	}
	kfree(data);
	return err;
}
