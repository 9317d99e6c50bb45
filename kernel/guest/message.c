// SPDX-License-Identifier: GPL-2.0-only
/*
 * sendmsg() and recvmsg(). A datagram is one call of the host; a stream's buffer
 * takes as many calls as it has parts that fit into one.
 */
#include <linux/slab.h>
#include <linux/socket.h>

#include "ek_guest.h"

#define EK_DATAGRAM_BYTES	0xffff

/* What is for the host to do; all other flags are the guest's business. */
#define EK_SEND_FLAGS	(MSG_OOB | MSG_DONTROUTE | MSG_EOR | MSG_CONFIRM | \
			 MSG_MORE | MSG_PROBE)
#define EK_RECV_FLAGS	(MSG_OOB | MSG_PEEK | MSG_TRUNC | MSG_ERRQUEUE)
/* What the host may say of a message */
#define EK_RECV_RESULTS	(MSG_OOB | MSG_TRUNC | MSG_CTRUNC | MSG_EOR | MSG_ERRQUEUE)

struct ek_transfer {
	struct msghdr	*msg;
	u32		flags;
	/* that the last call of the host had room for */
	size_t		offered;
	/* recvmsg(): EK_DATA_BYTES of memory, or NULL */
	void		*control;
	/* recvmsg(): not for the first part of a stream's buffer */
	bool		goes_on;
};

static bool is_stream(const struct ek_guest_socket *es)
{
	return es->sk.sk_type == SOCK_STREAM;
}

static long send_once(struct ek_guest_socket *es, void *arg)
{
	struct ek_transfer *t = arg;
	struct msghdr *msg = t->msg;
	size_t left = msg_data_left(msg);
	struct ek_buffer buffer;
	struct ek_guest_call call = {
		.request = {
			.operation	= EK_OP_SEND,
			.message_flags	= t->flags & EK_SEND_FLAGS,
			.address_bytes	= msg->msg_name ? msg->msg_namelen : 0,
			.data_bytes	= msg->msg_controllen,
		},
		.address	= msg->msg_name,
		.data		= msg->msg_control,
		.segments	= buffer.segments,
	};
	long result = sock_error(&es->sk);

	if (result)
		return result;
	result = ek_buffer_get(&buffer, &msg->msg_iter, left, !is_stream(es));
	if (result)
		return result;
	t->offered = buffer.bytes;
	call.request.segments = buffer.count;
	if (buffer.bytes < left) {
		call.request.message_flags &= ~(MSG_OOB | MSG_EOR);
		call.request.message_flags |= MSG_MORE;
	}
	return ek_buffer_put(&buffer, ek_socket_call(es, &call));
}

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
	/* As if it were off (net.ipv4.tcp_fastopen): programs then connect(). */
	if (t.flags & MSG_FASTOPEN)
		return -EOPNOTSUPP;
	if (!is_stream(es) && size > EK_DATAGRAM_BYTES)
		return -EMSGSIZE;

	do {
		result = ek_socket_wait(es, send_once, &t, &timeo);
		if (result <= 0)
			break;
		sent += result;
	} while (is_stream(es) && msg_data_left(msg) &&
		 (!nonblocking || result == t.offered));

	if (sent) {
		ek_error_keep(es, result);
		return sent;
	}
	/* Streams only: a datagram socket has no SIGPIPE. */
	if (result < 0 && is_stream(es))
		return sk_stream_error(sk, t.flags, result);
	return result;
}

/* Gives ancillary data in the kernel's layout to the caller, in the caller's. */
static void put_control(struct ek_transfer *t, u32 bytes)
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
		put_cmsg(t->msg, cmsg->cmsg_level, cmsg->cmsg_type,
			 cmsg->cmsg_len - sizeof(*cmsg), CMSG_DATA(cmsg));
	}
}

static long recv_once(struct ek_guest_socket *es, void *arg)
{
	struct ek_transfer *t = arg;
	struct msghdr *msg = t->msg;
	size_t left = msg_data_left(msg);
	struct ek_buffer buffer;
	struct ek_guest_call call = {
		.request = {
			.operation	= EK_OP_RECV,
			.message_flags	= t->flags & EK_RECV_FLAGS,
			.data_bytes	= t->control ? EK_DATA_BYTES : 0,
		},
		.segments	= buffer.segments,
		.reply_address	= msg->msg_name,
		.address_room	= msg->msg_name ? ek_address_room(es) : 0,
		.reply_data	= t->control,
		.data_room	= t->control ? EK_DATA_BYTES : 0,
	};
	bool tells_error = !t->goes_on && !(t->flags & MSG_ERRQUEUE);
	u32 changes = atomic_read(&es->changes);
	long result = 0;

	if (!is_stream(es)) {
		left = min_t(size_t, left, EK_DATAGRAM_BYTES);
		if (tells_error)
			result = sock_error(&es->sk);
		if (result)
			return result;
	}
	if (left && !(t->flags & (MSG_OOB | MSG_ERRQUEUE)) && ek_socket_is_empty(es)) {
		result = -EAGAIN;
	} else {
		result = ek_buffer_get(&buffer, &msg->msg_iter, left, !is_stream(es));
		if (result)
			return result;
		t->offered = buffer.bytes;
		call.request.segments = buffer.count;
		result = ek_buffer_put(&buffer, ek_socket_call(es, &call));
		if (call.reply.flags & EK_DRAINED)
			WRITE_ONCE(es->empty_since, changes);
	}
	/* What a stream has received comes before its error. */
	if (result <= 0 && is_stream(es) && tells_error)
		result = sock_error(&es->sk) ? : result;
	if (result < 0)
		return result;

	if (msg->msg_name)
		msg->msg_namelen = min(call.reply.address_bytes, call.address_room);
	msg->msg_flags |= call.reply.message_flags & EK_RECV_RESULTS;
	put_control(t, call.reply.data_bytes);
	return result;
}

/*
 * MSG_WAITALL with MSG_PEEK does not wait for the whole buffer but, as without
 * MSG_WAITALL, for anything; and of a stream no more than one call of the host is
 * peeked at.
 */
static long receive(struct ek_guest_socket *es, struct ek_transfer *t, size_t *received)
{
	bool once = !is_stream(es) || t->flags & (MSG_PEEK | MSG_OOB | MSG_ERRQUEUE);
	bool never_waits = t->flags & (MSG_DONTWAIT | MSG_OOB | MSG_ERRQUEUE);
	long timeo = sock_rcvtimeo(&es->sk, never_waits);
	bool all = t->flags & MSG_WAITALL;
	long result;

	do {
		result = ek_socket_wait(es, recv_once, t, &timeo);
		if (result <= 0)
			break;
		*received += result;
		t->goes_on = true;
		/* Programs take less than they asked for as all that there is. */
		if (!all)
			timeo = 0;
	} while (!once && msg_data_left(t->msg) && (all || result == t->offered));
	return result;
}

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
