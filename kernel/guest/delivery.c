// SPDX-License-Identifier: GPL-2.0-only
/*
 * Messages that have come with their events. The host puts one into the delivery of the
 * CPU that it lets go on. It belongs to a socket then, as if it were in the socket's
 * queue, before all that the host still has of it. It stays there until a program has
 * read it, or until another socket of that CPU is about to wait: then it is copied, so
 * that its place is free.
 */
#include <linux/atomic.h>
#include <linux/minmax.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/uio.h>
#include <net/sock.h>

#include "ek_guest.h"

/* The message of a socket, or NULL; it stays one only while delivery_lock is held. */
static struct ek_delivery *find(const struct ek_guest_socket *es)
{
	struct ek_delivery *kept = READ_ONCE(es->kept), *delivery;

	if (es->life != ek_vmrpc_life())
		return NULL;
	if (kept)
		return kept;
	delivery = &ek_region.deliveries[READ_ONCE(es->delivery_cpu)];
	return ek_delivery_is_of(delivery, es->id) ? delivery : NULL;
}

/* Bytes of a message that have not been read. The host may be wrong about it, or change it. */
static u32 unread(const struct ek_guest_socket *es, const struct ek_delivery *delivery)
{
	u32 bytes = min(READ_ONCE(delivery->bytes), EK_MESSAGE_BYTES);

	return bytes - min(bytes, es->delivery_read);
}

/* With delivery_lock */
static void discard(struct ek_guest_socket *es, struct ek_delivery *delivery)
{
	es->delivery_read = 0;
	if (delivery == es->kept) {
		WRITE_ONCE(es->kept, NULL);
		kfree(delivery);
	} else if (delivery) {
		/* The host may put another one there from now on. */
		smp_store_release(&delivery->state, EK_DELIVERY_EMPTY);
	}
}

/**
 * ek_delivery_waits() - Whether a message is there that has come with its event
 * @es:		socket
 *
 * Another thread may be reading it.
 */
bool ek_delivery_waits(struct ek_guest_socket *es)
{
	return find(es);
}

/*
 * Whether nothing has come behind a message, as far as @changes says it: the host has
 * said that there was nothing and armed the socket again, and no event has come since.
 */
static bool is_last(const struct ek_guest_socket *es, const struct ek_delivery *delivery)
{
	return READ_ONCE(delivery->flags) & EK_DRAINED &&
	       READ_ONCE(es->event_cpu) == READ_ONCE(es->delivery_cpu) &&
	       (s32)(READ_ONCE(es->event_position) - READ_ONCE(delivery->produced)) < 0;
}

/**
 * ek_delivery_is_last() - Whether a message is all that there is to receive
 * @es:		socket
 *
 * Return: true if it is certain; else the host has to be asked
 */
bool ek_delivery_is_last(struct ek_guest_socket *es)
{
	const struct ek_delivery *delivery;
	bool last;

	if (!ek_delivery_waits(es) || ek_option_is_untold(es))
		return false;
	mutex_lock(&es->delivery_lock);
	delivery = find(es);
	last = delivery && is_last(es, delivery);
	mutex_unlock(&es->delivery_lock);
	return last;
}

/**
 * read() - Read a message into a program's buffer
 * @es:		socket, whose delivery_lock is held
 * @delivery:	its message
 * @call:	gets what the host would have replied
 * @iter:	the buffer; advanced
 * @bytes:	of the buffer
 * @flags:	MSG_*
 *
 * Return: bytes that were read, of a datagram with MSG_TRUNC all that it has, or -EFAULT
 */
static long read(struct ek_guest_socket *es, const struct ek_delivery *delivery,
		 struct ek_guest_call *call, struct iov_iter *iter, size_t bytes, u32 flags)
{
	u32 left = unread(es, delivery);
	size_t part = min_t(size_t, bytes, left), copied;
	u32 data_bytes = READ_ONCE(delivery->data_bytes);
	u32 address_bytes = READ_ONCE(delivery->address_bytes);

	if (ek_is_stream(es) && flags & MSG_TRUNC) {
		iov_iter_advance(iter, part);
	} else {
		copied = copy_to_iter(delivery->message + es->delivery_read, part, iter);
		if (copied < part) {
			iov_iter_revert(iter, copied);
			return -EFAULT;
		}
	}
	call->reply = (struct ek_reply){
		.message_flags	= READ_ONCE(delivery->message_flags),
		.address_bytes	= address_bytes,
		.data_bytes	= data_bytes,
	};
	if (!ek_is_stream(es) && part < left)
		call->reply.message_flags |= MSG_TRUNC;
	memcpy(call->reply_address, delivery->address,
	       min3(address_bytes, call->address_room, EK_ADDRESS_BYTES));
	memcpy(call->reply_data, delivery->data,
	       min3(data_bytes, call->data_room, EK_DATA_BYTES));
	return !ek_is_stream(es) && flags & MSG_TRUNC ? left : part;
}

/**
 * ek_delivery_receive() - Receive a message that has come with its event
 * @es:		socket
 * @call:	as for the host; gets the reply
 * @iter:	the program's buffer; advanced
 * @bytes:	of the buffer, not 0 for a stream
 * @flags:	MSG_*
 *
 * Return: bytes, as recvmsg() has it; -ENOENT if there is none; -EFAULT; -ENETDOWN if the
 *	   host has gone meanwhile
 */
long ek_delivery_receive(struct ek_guest_socket *es, struct ek_guest_call *call,
			 struct iov_iter *iter, size_t bytes, u32 flags)
{
	struct ek_delivery *delivery;
	u32 changes;
	long result;

	mutex_lock(&es->delivery_lock);
	delivery = find(es);
	if (!delivery) {
		mutex_unlock(&es->delivery_lock);
		return -ENOENT;
	}
	changes = atomic_read_acquire(&es->changes);
	result = read(es, delivery, call, iter, bytes, flags);
	if (es->life != ek_vmrpc_life()) {
		result = -ENETDOWN;
	} else if (!(flags & MSG_PEEK) && !(ek_is_stream(es) && result == -EFAULT)) {
		if (ek_is_stream(es))
			es->delivery_read += result;
		/* A datagram is gone, also where its buffer was none. */
		if (!ek_is_stream(es) || !unread(es, delivery)) {
			if (is_last(es, delivery))
				WRITE_ONCE(es->empty_since, changes);
			discard(es, delivery);
		}
	}
	mutex_unlock(&es->delivery_lock);
	return result;
}

/**
 * ek_delivery_bytes() - Bytes of a message that a program has not read
 * @es:		socket
 *
 * Return: bytes, or -ENOENT if there is no message
 */
int ek_delivery_bytes(struct ek_guest_socket *es)
{
	const struct ek_delivery *delivery;
	int bytes = -ENOENT;

	mutex_lock(&es->delivery_lock);
	delivery = find(es);
	if (delivery)
		bytes = unread(es, delivery);
	mutex_unlock(&es->delivery_lock);
	return bytes;
}

/*
 * With the other socket's delivery_lock. Its program is slow to read, so no more messages
 * are to come with their events until it does.
 */
static void keep(struct ek_guest_socket *other, struct ek_delivery *delivery)
{
	struct ek_guest_call poll = { .request = { .operation = EK_OP_POLL } };
	struct ek_delivery *copy;

	if (!ek_delivery_is_of(delivery, other->id) || other->kept)
		return;
	copy = kmemdup(delivery, sizeof(*delivery), GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!copy)
		return;
	WRITE_ONCE(other->kept, copy);
	smp_store_release(&delivery->state, EK_DELIVERY_EMPTY);
	if (!ek_socket_call(other, &poll))
		ek_error_set(other, poll.reply.error);
}

/**
 * ek_delivery_make_room() - Have a place for the next message that this CPU waits for
 * @es:		socket that is about to wait
 *
 * If it is taken by a message of another socket, that is copied. Without memory, or if
 * somebody is reading that message now, the next one does not come with its event.
 *
 * Context: Process context.
 */
void ek_delivery_make_room(const struct ek_guest_socket *es)
{
	struct ek_delivery *delivery = &ek_region.deliveries[raw_smp_processor_id()];
	struct ek_guest_socket *other;
	u32 id;

	if (likely(smp_load_acquire(&delivery->state) != EK_DELIVERY_FULL))
		return;
	id = READ_ONCE(delivery->socket);
	if (id == es->id)
		return;
	other = ek_event_next(&id);
	if (other && ek_delivery_is_of(delivery, other->id)) {
		if (mutex_trylock(&other->delivery_lock)) {
			keep(other, delivery);
			mutex_unlock(&other->delivery_lock);
		}
	} else {
		/* Of a socket that was closed just before it came */
		smp_store_release(&delivery->state, EK_DELIVERY_EMPTY);
	}
	if (other)
		sock_put(&other->sk);
}

/**
 * ek_delivery_drop() - Throw away what was delivered to a socket
 * @es:		socket
 */
void ek_delivery_drop(struct ek_guest_socket *es)
{
	mutex_lock(&es->delivery_lock);
	discard(es, find(es));
	/* of an earlier life */
	kfree(es->kept);
	WRITE_ONCE(es->kept, NULL);
	mutex_unlock(&es->delivery_lock);
}

/**
 * ek_is_empty() - Check whether there is certainly nothing to receive
 * @es:		socket
 *
 * The host says so with EK_DRAINED. It stays true until the next change, so the host
 * need not be asked before. The event that tells of the change is in the ring of the
 * CPU that has made the last call. A CPU that is never idle takes it here; another
 * CPU cannot take it, so it asks the host.
 *
 * Return: true if there is nothing; false if the host has to be asked
 */
bool ek_is_empty(struct ek_guest_socket *es)
{
	if (READ_ONCE(es->empty_since) != (u32)atomic_read(&es->changes) ||
	    READ_ONCE(es->armed_cpu) != raw_smp_processor_id() || ek_option_is_untold(es))
		return false;
	ek_event_run();
	return READ_ONCE(es->empty_since) == (u32)atomic_read(&es->changes);
}
