// SPDX-License-Identifier: GPL-2.0-only
/* setsockopt() and getsockopt() */
#include <linux/slab.h>
#include <linux/sockptr.h>
#include <linux/uaccess.h>

#include "ek_guest.h"

/* Where an option of SOL_SOCKET takes effect */
enum ek_place {
	EK_NOWHERE,
	/*
	 * What an administrator of this guest may do is not what the guest may:
	 * the answer is that to somebody without privileges, who does without.
	 */
	EK_FORBIDDEN,
	/* in this guest: what waits, and how, and who may */
	EK_HERE,
	/*
	 * In the host; but getsockopt() never asks a protocol about SOL_SOCKET,
	 * so this guest has the value, too.
	 */
	EK_THERE,
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
	case SO_BROADCAST:
	case SO_BUF_LOCK:
	case SO_DONTROUTE:
	case SO_KEEPALIVE:
	case SO_LINGER:
	case SO_MAX_PACING_RATE:
	case SO_NO_CHECK:
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
	case SO_TIMESTAMPING_OLD:
	case SO_TIMESTAMPING_NEW:
		return EK_THERE;
	/* Among others: programs (BPF), devices and CPUs are not the host's. */
	default:
		return EK_NOWHERE;
	}
}

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
	void *data;
	long err = 0;

	if (level == SOL_SOCKET && name == SO_ZEROCOPY)
		return -EOPNOTSUPP;
	/* As natively, where the length is looked at first. */
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

	/* The host knows nothing of the guest's users: what they may is decided here. */
	if (level == SOL_SOCKET)
		err = sock_setsockopt(sock, level, name, KERNEL_SOCKPTR(data), bytes);
	if (!err && place == EK_THERE) {
		call.data = data;
		err = ek_socket_call(ek_sk(sk), &call);
		/* The higher ones are not for the guest, whoever asks. */
		if (err && level == SOL_SOCKET)
			WRITE_ONCE(sk->sk_priority, priority);
	}
	kfree(data);
	return err;
}

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
		if (put_user(room, bytes) || copy_to_user(value, data, room))
			err = -EFAULT;
	}
	kfree(data);
	return err;
}
