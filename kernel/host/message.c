// SPDX-License-Identifier: GPL-2.0-only
/*
 * Messages. The guest's buffers are memory of the VMM, in whose context this
 * runs, so the socket copies a message once: from or to the guest's process.
 */
#include <linux/udp.h>
#include <net/sock.h>

#include "ek_host.h"

/* What concerns the guest alone, or would block or pin here, is not among them. */
#define SEND_FLAGS	(MSG_OOB | MSG_DONTROUTE | MSG_EOR | MSG_CONFIRM | MSG_MORE | \
			 MSG_FASTOPEN)
#define RECV_FLAGS	(MSG_OOB | MSG_PEEK | MSG_TRUNC | MSG_ERRQUEUE)

/*
 * Translates the segments of the request's message into the channel's iovec.
 * Returns their bytes.
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

		/* the copy is what is checked and used */
		barrier();
		if (!segment.bytes ||
		    segment.bytes > EK_PAGE - offset_in_page(segment.address))
			return -EINVAL;
		user = ek_user_address(kvm, segment.address, write);
		if (!user)
			return -EFAULT;
		iov[i].iov_base = (void __user *)user;
		iov[i].iov_len = segment.bytes;
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

	if (request->address_bytes) {
		msg.msg_name = &channel->address;
		msg.msg_namelen = request->address_bytes;
	}
	if (request->data_bytes) {
		msg.msg_control = channel->data;
		msg.msg_controllen = request->data_bytes;
	}
	iov_iter_init(&msg.msg_iter, ITER_SOURCE, channel->iov, request->segments, bytes);
	return sock_sendmsg(call->socket->sock, &msg);
}

long ek_op_send(struct ek_host_call *call)
{
	ssize_t bytes = import(call, false);
	int ret;

	if (bytes < 0)
		return bytes;
	ret = try_send(call, bytes);
	if (ret == -EAGAIN) {
		ek_socket_arm(call, EK_EVENTS_OUT);
		ret = try_send(call, bytes);
	}
	if (ret > 0) {
		atomic64_inc(&call->vm->stats.sent);
		atomic64_add(ret, &call->vm->stats.bytes_sent);
	}
	return ret;
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

/*
 * Spares the guest the call that would find nothing, which is every other one of
 * a server's. With a low-water mark, what can be received is not always an event.
 */
static bool is_drained(struct ek_host_call *call)
{
	struct sock *sk = call->socket->sock->sk;

	if (call->request.message_flags & (MSG_PEEK | MSG_OOB | MSG_ERRQUEUE) ||
	    READ_ONCE(sk->sk_rcvlowat) > 1 || !is_empty(sk))
		return false;
	ek_socket_arm(call, EK_EVENTS_IN);
	return is_empty(sk);
}

long ek_op_recv(struct ek_host_call *call)
{
	struct ek_channel *channel = call->channel;
	struct ek_reply *reply = &call->reply;
	ssize_t bytes = import(call, true);
	int ret;

	if (bytes < 0)
		return bytes;
	ret = try_recv(call, bytes);
	if (ret == -EAGAIN && !(call->request.message_flags & MSG_ERRQUEUE)) {
		ek_socket_arm(call, EK_EVENTS_IN);
		ret = try_recv(call, bytes);
	}
	if (ret < 0)
		return ret;
	memcpy(channel->slot->address, &channel->address,
	       min_t(unsigned int, reply->address_bytes, EK_ADDRESS_BYTES));
	memcpy(channel->slot->data, channel->data, reply->data_bytes);
	if (is_drained(call))
		reply->flags |= EK_DRAINED;
	if (ret) {
		atomic64_inc(&call->vm->stats.received);
		atomic64_add(ret, &call->vm->stats.bytes_received);
	}
	return ret;
}
