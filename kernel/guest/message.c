// SPDX-License-Identifier: GPL-2.0-only
/*
 * sendmsg() and recvmsg(). A datagram is one call of the host. The buffer of a
 * stream takes several calls if it does not fit into one.
 */
#include <linux/atomic.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/socket.h>
#include <linux/uio.h>
#include <net/sock.h>

#include "ek_guest.h"

#define EK_DATAGRAM_BYTES	0xffff

/* Flags that the host acts on; the guest acts on all others. */
#define EK_SEND_FLAGS	(MSG_OOB | MSG_DONTROUTE | MSG_EOR | MSG_CONFIRM | \
			 MSG_MORE | MSG_PROBE)
#define EK_RECV_FLAGS	(MSG_OOB | MSG_PEEK | MSG_TRUNC | MSG_ERRQUEUE)
/* Flags of what is not in the queue of messages */
#define EK_ELSEWHERE	(MSG_OOB | MSG_ERRQUEUE)
/* Flags that the host may set in a message that it received */
#define EK_RECV_RESULTS	(MSG_OOB | MSG_TRUNC | MSG_CTRUNC | MSG_EOR | MSG_ERRQUEUE)

struct ek_transfer {
	struct msghdr	*msg;
	u32		flags;
	/* bytes of the buffer that the last call of the host could have used */
	size_t		offered;
	/* recvmsg(): EK_DATA_BYTES of memory, or NULL */
	void		*control;
	/* recvmsg(): a part of a stream's buffer has been filled already */
	bool		goes_on;
};

/**
 * send_inline() - Send a short message by way of the slot, which needs no pinned memory
 * @es:		socket
 * @t:		transfer
 * @call:	call, without its segments, which is as before if this fails
 *
 * Return: bytes that were sent; -EFAULT if the message is not in memory; or another
 *	   negative errno
 */
static long send_inline(struct ek_guest_socket *es, struct ek_transfer *t,
			struct ek_guest_call *call)
{
	size_t left = msg_data_left(t->msg);
	long result;

	t->offered = left;
	call->message = &t->msg->msg_iter;
	call->request.inline_bytes = left;
	result = ek_socket_call(es, call);
	call->request.inline_bytes = 0;
	if (result != -EFAULT)
		iov_iter_revert(&t->msg->msg_iter, left - clamp_t(long, result, 0, left));
	return result;
}

/**
 * send_pinned() - Send a message out of the program's memory
 * @es:		socket
 * @t:		transfer
 * @call:	call, without its segments
 *
 * Not inlined: the compiler clears a buffer of this size, which a short message is not to
 * pay for.
 *
 * Return: bytes that were sent, or a negative errno
 */
static noinline long send_pinned(struct ek_guest_socket *es, struct ek_transfer *t,
				 struct ek_guest_call *call)
{
	size_t left = msg_data_left(t->msg);
	struct ek_buffer buffer;
	long result = ek_buffer_get(&buffer, &t->msg->msg_iter, left, !ek_is_stream(es));

	if (result)
		return result;
	t->offered = buffer.bytes;
	call->segments = buffer.segments;
	call->request.segments = buffer.count;
	if (buffer.bytes < left) {
		call->request.message_flags &= ~(MSG_OOB | MSG_EOR);
		call->request.message_flags |= MSG_MORE;
	}
	return ek_buffer_put(&buffer, ek_socket_call(es, call));
}

static long send_once(struct ek_guest_socket *es, void *arg)
{
	struct ek_transfer *t = arg;
	struct msghdr *msg = t->msg;
	size_t left = msg_data_left(msg);
	struct sockaddr_storage copy;
	struct ek_guest_call call = {
		.request = {
			.operation	= EK_OP_SEND,
			.message_flags	= t->flags & EK_SEND_FLAGS,
			.address_bytes	= msg->msg_name ? msg->msg_namelen : 0,
			.data_bytes	= msg->msg_controllen,
		},
		.address	= ek_ifindex_address_to_host(es, msg->msg_name,
							     msg->msg_namelen, &copy),
		.data		= msg->msg_control,
	};
	long result = sock_error(&es->sk);

	if (result)
		return result;
	if (left && left <= EK_MESSAGE_BYTES) {
		result = send_inline(es, t, &call);
		if (result != -EFAULT)
			return result;
	}
	return send_pinned(es, t, &call);
}

/**
 * ek_sendmsg() - proto_ops.sendmsg
 * @sock:	socket
 * @msg:	message
 * @size:	bytes of the message
 *
 * Return: bytes that were sent, or a negative errno
 */
int ek_sendmsg(struct socket *sock, struct msghdr *msg, size_t size)
{
	struct sock *sk = sock->sk;
	struct ek_guest_socket *es = ek_sk(sk);
	struct ek_transfer t = { .msg = msg, .flags = msg->msg_flags };
	bool nonblocking = t.flags & MSG_DONTWAIT;
	long timeo = sock_sndtimeo(sk, nonblocking);
	size_t sent = 0;
	long result;

	if (msg->msg_name && msg->msg_namelen > EK_ADDRESS_BYTES)
		return -EINVAL;
	if (msg->msg_controllen > EK_DATA_BYTES)
		return -ENOBUFS;
	/* As if net.ipv4.tcp_fastopen were off: programs then call connect(). */
	if (t.flags & MSG_FASTOPEN)
		return -EOPNOTSUPP;
	if (!ek_is_stream(es) && size > EK_DATAGRAM_BYTES)
		return -EMSGSIZE;
	if (!ek_is_stream(es) && msg->msg_name) {
		result = ek_hook_send(sk, msg->msg_name, &msg->msg_namelen);
		if (result)
			return result;
	}
	ek_ifindex_control_to_host(msg);

	do {
		result = ek_socket_wait(es, send_once, &t, &timeo, false);
		if (result <= 0)
			break;
		sent += result;
	} while (ek_is_stream(es) && msg_data_left(msg) &&
		 (!nonblocking || result == t.offered));

	if (sent) {
		ek_error_keep(es, result);
		return sent;
	}
	/* For streams only: a datagram socket sends no SIGPIPE. */
	if (result < 0 && ek_is_stream(es))
		return sk_stream_error(sk, t.flags, result);
	return result;
}

/* Ancillary data has the kernel's layout here. put_cmsg() converts it to the caller's. */
static void put_control(struct ek_guest_socket *es, struct ek_transfer *t, u32 bytes)
{
	struct msghdr reply = {
		.msg_control	= t->control,
		.msg_controllen	= min(bytes, EK_DATA_BYTES),
	};
	struct cmsghdr *cmsg;

	if (t->goes_on || !t->control)
		return;
	for_each_cmsghdr(cmsg, &reply) {
		if (!CMSG_OK(&reply, cmsg))
			break;
		ek_ifindex_control_to_guest(es, cmsg);
		put_cmsg(t->msg, cmsg->cmsg_level, cmsg->cmsg_type,
			 cmsg->cmsg_len - sizeof(*cmsg), CMSG_DATA(cmsg));
	}
}

/**
 * recv_from_host() - Receive what the host has
 * @es:		socket
 * @t:		transfer
 * @call:	call, without its segments
 * @left:	bytes of the buffer
 *
 * Not inlined, as send_pinned().
 *
 * Return: result of the call, or a negative errno
 */
static noinline long recv_from_host(struct ek_guest_socket *es, struct ek_transfer *t,
				    struct ek_guest_call *call, size_t left)
{
	u32 changes = atomic_read(&es->changes);
	struct ek_buffer buffer;
	long result;

	if (left && !(t->flags & EK_ELSEWHERE) && ek_is_empty(es))
		return -EAGAIN;
	result = ek_buffer_get(&buffer, &t->msg->msg_iter, left, !ek_is_stream(es));
	if (result)
		return result;
	buffer.untouched = ek_is_stream(es) &&
			   (t->flags & (MSG_TRUNC | MSG_ERRQUEUE)) == MSG_TRUNC;
	t->offered = buffer.bytes;
	call->segments = buffer.segments;
	call->request.segments = buffer.count;
	if (!(t->flags & EK_ELSEWHERE)) {
		ek_delivery_make_room(es);
		call->request.flags |= EK_DELIVER;
	}
	result = ek_buffer_put(&buffer, ek_socket_call(es, call));
	if (call->reply.flags & EK_DRAINED)
		WRITE_ONCE(es->empty_since, changes);
	return result;
}

/**
 * recv_delivered() - Receive a message that has come with its event
 * @es:		socket
 * @t:		transfer
 * @call:	call, without its segments
 * @left:	bytes of the buffer
 *
 * Return: bytes; -ENOENT if there is none; or another negative errno
 */
static long recv_delivered(struct ek_guest_socket *es, struct ek_transfer *t,
			   struct ek_guest_call *call, size_t left)
{
	long result = ek_delivery_receive(es, call, &t->msg->msg_iter, left, t->flags);
	long more;

	if (result < 0 || !ek_is_stream(es))
		return result;
	/* For receive(): whether the host may have more of the stream */
	t->offered = ek_is_empty(es) ? 0 : result;
	if (!(t->flags & MSG_PEEK) || result == left || ek_delivery_is_last(es))
		return result;
	call->request.flags |= EK_BEHIND | EK_CONTINUED;
	more = recv_from_host(es, t, call, left - result);
	return more > 0 ? result + more : result;
}

static long recv_once(struct ek_guest_socket *es, void *arg)
{
	struct ek_transfer *t = arg;
	struct msghdr *msg = t->msg;
	size_t left = msg_data_left(msg);
	struct ek_guest_call call = {
		.request = {
			.operation	= EK_OP_RECV,
			.flags		= t->goes_on ? EK_CONTINUED : 0,
			.message_flags	= t->flags & EK_RECV_FLAGS,
			.data_bytes	= t->control ? EK_DATA_BYTES : 0,
		},
		.reply_address	= msg->msg_name,
		.address_room	= msg->msg_name ? ek_address_room(es) : 0,
		.reply_data	= t->control,
		.data_room	= t->control ? EK_DATA_BYTES : 0,
	};
	bool tells_error = !t->goes_on && !(t->flags & MSG_ERRQUEUE);
	/* Others may read it before. */
	int tries = 100;
	long result = 0;

	if (!ek_is_stream(es)) {
		left = min_t(size_t, left, EK_DATAGRAM_BYTES);
		if (tells_error)
			result = sock_error(&es->sk);
		if (result)
			return result;
	}
	/* The host says if there is one that no event has told of yet. */
	do {
		bool delivered = !(t->flags & EK_ELSEWHERE) && (left || !ek_is_stream(es)) &&
				 ek_delivery_waits(es);

		result = delivered ? recv_delivered(es, t, &call, left) : -ENOENT;
		if (result == -ENOENT)
			result = recv_from_host(es, t, &call, left);
	} while (result == -EAGAIN && call.reply.flags & EK_DELIVERED && --tries);
	/* A stream delivers what it has received before it reports its error. */
	if (result <= 0 && ek_is_stream(es) && tells_error)
		result = sock_error(&es->sk) ? : result;
	if (result < 0)
		return result;

	if (msg->msg_name) {
		msg->msg_namelen = min(call.reply.address_bytes, call.address_room);
		ek_ifindex_address_to_guest(es, msg->msg_name, msg->msg_namelen);
		if (!ek_is_stream(es) && !(t->flags & MSG_ERRQUEUE))
			ek_hook_receive(&es->sk, msg->msg_name, msg->msg_namelen);
	}
	msg->msg_flags |= call.reply.message_flags & EK_RECV_RESULTS;
	put_control(es, t, call.reply.data_bytes);
	return result;
}

/**
 * receive() - Receive a datagram, or fill the buffer of a stream
 * @es:		socket
 * @t:		transfer
 * @received:	bytes that were received; to be 0 before
 *
 * Differs from native sockets: MSG_PEEK ignores MSG_WAITALL, and peeks at no more of
 * a stream than fits into one call of the host.
 *
 * Return: result of the last call of the host
 */
static long receive(struct ek_guest_socket *es, struct ek_transfer *t, size_t *received)
{
	bool once = !ek_is_stream(es) || t->flags & (MSG_PEEK | MSG_OOB | MSG_ERRQUEUE);
	bool never_waits = t->flags & (MSG_DONTWAIT | MSG_OOB | MSG_ERRQUEUE);
	long timeo = sock_rcvtimeo(&es->sk, never_waits);
	/* how much of a stream it waits for */
	size_t target = sock_rcvlowat(&es->sk, t->flags & MSG_WAITALL, msg_data_left(t->msg));
	long result;

	do {
		result = ek_socket_wait(es, recv_once, t, &timeo, false);
		if (result <= 0)
			break;
		*received += result;
		t->goes_on = true;
		/* A result shorter than the buffer means: that is all for now. */
		if (*received >= target)
			timeo = 0;
	} while (!once && msg_data_left(t->msg) &&
		 (*received < target || result == t->offered));
	return result;
}

/**
 * ek_recvmsg() - proto_ops.recvmsg
 * @sock:	socket
 * @msg:	message, whose buffer is filled
 * @size:	bytes of the buffer
 * @flags:	MSG_*
 *
 * Return: bytes that were received, or a negative errno
 */
int ek_recvmsg(struct socket *sock, struct msghdr *msg, size_t size, int flags)
{
	struct ek_guest_socket *es = ek_sk(sock->sk);
	struct ek_transfer t = { .msg = msg, .flags = flags };
	size_t received = 0;
	long result;

	if (msg->msg_controllen) {
		t.control = kmalloc(EK_DATA_BYTES, GFP_KERNEL);
		if (!t.control)
			return -ENOMEM;
	}
	result = receive(es, &t, &received);
	kfree(t.control);

	if (!received)
		return result;
	ek_error_keep(es, result);
	return received;
}
