// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sending and receiving messages. The guest's memory is memory of the VMM, which is
 * the current process. So the socket copies a message directly from or to the buffer
 * of the guest's process, and this is the only copy.
 */
#include <linux/atomic.h>
#include <linux/mm.h>
#include <linux/skbuff.h>
#include <linux/string.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/sock.h>

#include "ek_host.h"

/* Other flags concern the guest alone, or would make this wait or pin memory. */
#define SEND_FLAGS	(MSG_OOB | MSG_DONTROUTE | MSG_EOR | MSG_CONFIRM | MSG_MORE | \
			 MSG_FASTOPEN)
#define RECV_FLAGS	(MSG_OOB | MSG_PEEK | MSG_TRUNC | MSG_ERRQUEUE)

/**
 * import() - Translate the segments of a message into the channel's iovec
 * @call:	call of a message
 * @write:	the buffers are to be written
 *
 * Return: bytes of the segments, or a negative errno
 */
static ssize_t import(struct ek_host_call *call, bool write)
{
	struct kvm *kvm = call->vcpu->kvm;
	struct iovec *iov = call->channel->iov;
	size_t total = 0;
	unsigned int i;

	for (i = 0; i < call->request.segments; i++) {
		struct ek_segment segment = call->channel->slot->segments[i];
		unsigned long user;

		/* From here on, only the copy is checked and used. */
		barrier();
		if (!segment.bytes ||
		    segment.bytes > EK_PAGE - offset_in_page(segment.address))
			return -EINVAL;
		user = ek_user_address(kvm, segment.address, write);
		if (!user)
			return -EFAULT;
		iov[i].iov_base = (void __user *)user;
		iov[i].iov_len = segment.bytes;
		call->channel->addresses[i] = segment.address;
		total += segment.bytes;
	}
	return total;
}

static int try_send(struct ek_host_call *call, size_t bytes)
{
	const struct ek_request *request = &call->request;
	struct ek_channel *channel = call->channel;
	struct msghdr msg = {
		.msg_flags	= (request->message_flags & SEND_FLAGS) | MSG_DONTWAIT |
				  MSG_NOSIGNAL,
	};
	struct kvec inline_part;

	if (request->address_bytes) {
		msg.msg_name = &channel->address;
		msg.msg_namelen = request->address_bytes;
	}
	if (request->data_bytes) {
		msg.msg_control = channel->data;
		msg.msg_controllen = request->data_bytes;
	}
	if (request->inline_bytes) {
		/* What the guest changes meanwhile is only what is sent. */
		inline_part.iov_base = channel->slot->message;
		inline_part.iov_len = request->inline_bytes;
		iov_iter_kvec(&msg.msg_iter, ITER_SOURCE, &inline_part, 1, inline_part.iov_len);
	} else {
		iov_iter_init(&msg.msg_iter, ITER_SOURCE, channel->iov, request->segments, bytes);
	}
	return sock_sendmsg(call->socket->sock, &msg);
}

static int try_recv(struct ek_host_call *call, size_t bytes)
{
	const struct ek_request *request = &call->request;
	struct ek_channel *channel = call->channel;
	struct msghdr msg = {
		.msg_name	= &channel->address,
		.msg_control	= channel->data,
		.msg_controllen	= request->data_bytes,
	};
	int ret;

	iov_iter_init(&msg.msg_iter, ITER_DEST, channel->iov, request->segments, bytes);
	ret = sock_recvmsg(call->socket->sock, &msg,
			   (request->message_flags & RECV_FLAGS) | MSG_DONTWAIT);
	if (ret < 0)
		return ret;
	call->reply.message_flags = msg.msg_flags;
	call->reply.address_bytes = msg.msg_namelen;
	call->reply.data_bytes = request->data_bytes - msg.msg_controllen;
	return ret;
}

/* Whether there is nothing to receive, neither a message nor an end or an error */
static bool is_empty(struct sock *sk)
{
	if (sk->sk_type == SOCK_DGRAM && !skb_queue_empty_lockless(&udp_sk(sk)->reader_queue))
		return false;
	return skb_queue_empty_lockless(&sk->sk_receive_queue) && !READ_ONCE(sk->sk_err) &&
	       !(READ_ONCE(sk->sk_shutdown) & RCV_SHUTDOWN);
}

/**
 * ek_socket_drained() - Check whether receiving has left nothing, and arm the socket then
 * @socket:	socket of which a message was received
 * @channel:	of the CPU that is to have the event
 *
 * Saves the guest the next call, which would find nothing: a server makes such a call
 * after each request. Not with a low-water mark: there may be something to receive,
 * but less than what causes an event.
 *
 * Return: whether the guest need not ask before the next event
 */
bool ek_socket_drained(struct ek_host_socket *socket, struct ek_channel *channel)
{
	struct sock *sk = socket->sock->sk;

	if (READ_ONCE(sk->sk_rcvlowat) > 1 || !is_empty(sk))
		return false;
	ek_socket_arm(socket, channel, EK_EVENTS_IN);
	return is_empty(sk);
}

/* Also what was written before an attempt failed */
static void mark_buffer_dirty(const struct ek_host_call *call)
{
	const struct ek_channel *channel = call->channel;
	struct kvm *kvm = call->vcpu->kvm;
	unsigned int i;

	if (!ek_is_logged(kvm))
		return;
	for (i = 0; i < call->request.segments; i++)
		ek_mark_dirty(kvm, channel->addresses[i], channel->iov[i].iov_len);
}

/**
 * transfer() - Send from the guest's buffers or receive into them
 * @call:	call of a message
 * @write:	the message is written to the guest's buffers
 * @events:	what to arm the socket for if it would have to wait, or 0
 * @attempt:	sends or receives, or returns -EAGAIN
 *
 * After arming, the socket is asked again: what happened before is not an event,
 * and without this the guest would wait for it forever.
 *
 * Inlined, so that @attempt is called directly.
 *
 * Return: bytes of the message, or a negative errno
 */
static __always_inline long transfer(struct ek_host_call *call, bool write, u32 events,
				     int (*attempt)(struct ek_host_call *call, size_t bytes))
{
	ssize_t bytes = import(call, write);
	int ret;

	if (bytes < 0)
		return bytes;
	ret = attempt(call, bytes);
	if (ret == -EAGAIN && events) {
		ek_socket_arm(call->socket, call->channel, events);
		ret = attempt(call, bytes);
	}
	if (write)
		mark_buffer_dirty(call);
	return ret;
}

/**
 * ek_count_message() - Count a message
 * @messages:	counter
 * @bytes:	counter
 * @result:	of sending or receiving it
 */
void ek_count_message(atomic64_t *messages, atomic64_t *bytes, long result)
{
	if (result > 0) {
		atomic64_inc(messages);
		atomic64_add(result, bytes);
	}
}

/**
 * ek_op_send() - EK_OP_SEND
 * @call:	call
 *
 * Return: bytes that were sent, or a negative errno
 */
long ek_op_send(struct ek_host_call *call)
{
	long ret = call->request.inline_bytes && call->request.segments ? -EINVAL :
		   transfer(call, false, EK_EVENTS_OUT, try_send);

	ek_count_message(&call->vm->stats.sent, &call->vm->stats.bytes_sent, ret);
	return ret;
}

static long receive(struct ek_host_call *call)
{
	bool error_queue = call->request.message_flags & MSG_ERRQUEUE;
	struct ek_channel *channel = call->channel;
	struct ek_reply *reply = &call->reply;
	long ret;

	/* Nobody waits for the error queue, so it needs no event. */
	ret = transfer(call, true, error_queue ? 0 : EK_EVENTS_IN, try_recv);
	if (ret < 0)
		return ret;
	memcpy(channel->slot->address, &channel->address,
	       min_t(unsigned int, reply->address_bytes, EK_ADDRESS_BYTES));
	memcpy(channel->slot->data, channel->data, reply->data_bytes);
	if (!(call->request.message_flags & (MSG_PEEK | MSG_OOB | MSG_ERRQUEUE)) &&
	    ek_socket_drained(call->socket, channel))
		reply->flags |= EK_DRAINED;
	ek_count_message(&call->vm->stats.received, &call->vm->stats.bytes_received, ret);
	return ret;
}

/* Whether the next byte of a stream is urgent: a call of tcp_recvmsg() ends before it. */
static bool is_before_urgent(const struct ek_host_call *call)
{
	const struct sock *sk = call->socket->sock->sk;

	return sk->sk_type == SOCK_STREAM && READ_ONCE(tcp_sk(sk)->urg_data) &&
	       READ_ONCE(tcp_sk(sk)->urg_seq) == READ_ONCE(tcp_sk(sk)->copied_seq);
}

/**
 * ek_op_recv() - EK_OP_RECV
 * @call:	call
 *
 * Return: bytes that were received, or a negative errno
 */
long ek_op_recv(struct ek_host_call *call)
{
	u32 elsewhere = call->request.message_flags & (MSG_OOB | MSG_ERRQUEUE);
	struct ek_host_socket *socket = call->socket;
	long ret;

	/* Who holds it may have to wait for memory of the VMM. */
	if (mutex_lock_killable(&socket->receive_lock))
		return -EINTR;
	if (!elsewhere && !(call->request.flags & EK_BEHIND) && ek_reply_delivered(call)) {
		ret = -EAGAIN;
	} else if (call->request.flags & EK_CONTINUED && is_before_urgent(call)) {
		ret = -EAGAIN;
	} else {
		if (!elsewhere)
			WRITE_ONCE(socket->deliver, call->request.flags & EK_DELIVER);
		ret = receive(call);
		if (!elsewhere)
			socket->bulk = ret > EK_MESSAGE_BYTES;
	}
	mutex_unlock(&socket->receive_lock);
	return ret;
}
