// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events. A socket wakes those who wait for it when its state changes, and the host
 * waits for all sockets of its VMs, as epoll does. If the guest has found before that
 * it would have to wait for this, and so armed the socket, an event goes into the
 * ring of the CPU that found it, once.
 */
#include <linux/atomic.h>
#include <linux/overflow.h>
#include <linux/poll.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <net/sock.h>

#include "ek_host.h"

/**
 * push() - Put an event into a ring, and notify the CPU
 * @vm:		VM
 * @channel:	of the CPU
 * @event:	event
 *
 * Context: Critical section of RCU, which keeps the region.
 */
static void push(struct ek_vm *vm, struct ek_channel *channel, struct ek_event event)
{
	struct ek_ring *ring = channel->ring;
	unsigned long flags;

	spin_lock_irqsave(&channel->ring_lock, flags);
	/* A guest that writes nonsense to @consumed gets no events. */
	if (channel->produced - READ_ONCE(ring->consumed) < channel->ring_entries) {
		ring->entries[channel->produced & (channel->ring_entries - 1)] = event;
		/* Pairs with the guest's acquire: it reads this before the entry. */
		smp_store_release(&ring->produced, ++channel->produced);
		atomic64_inc(&vm->stats.events);
	} else {
		WRITE_ONCE(ring->overflow, 1);
		atomic64_inc(&vm->stats.overflows);
	}
	ek_mark_dirty(vm->kvm, channel->ring_address,
		      struct_size(ring, entries, channel->ring_entries));
	spin_unlock_irqrestore(&channel->ring_lock, flags);
	ek_notify(vm, channel);
}

/**
 * ek_events_addresses() - Tell the guest that its namespace's addresses have changed
 * @vm:		VM
 */
void ek_events_addresses(struct ek_vm *vm)
{
	struct ek_host_region *region;

	rcu_read_lock();
	region = rcu_dereference(vm->region);
	if (region)
		push(vm, &region->channels[0],
		     (struct ek_event){ .socket = EK_ADDRESSES_CHANGED });
	rcu_read_unlock();
}

/**
 * ek_events_overflow() - Have the guest ask for the events of all sockets
 * @vm:		VM
 */
void ek_events_overflow(struct ek_vm *vm)
{
	struct ek_host_region *region;
	u32 i;

	rcu_read_lock();
	region = rcu_dereference(vm->region);
	for (i = 0; region && i < region->nr_channels; i++) {
		WRITE_ONCE(region->channels[i].ring->overflow, 1);
		ek_mark_dirty(vm->kvm, region->channels[i].ring_address, sizeof(struct ek_ring));
		ek_notify(vm, &region->channels[i]);
	}
	rcu_read_unlock();
}

/**
 * wake() - Tell the guest of events for which the socket is armed
 * @wait:	of the socket
 * @mode:	unused
 * @flags:	unused
 * @key:	EPOLLIN, EPOLLOUT, ... that may be true now; 0 if it may be any
 *
 * Context: With the lock of the socket's wait queue, so ek_socket_unwatch() waits for it.
 * Return: 1
 */
static int wake(struct wait_queue_entry *wait, unsigned int mode, int flags, void *key)
{
	struct ek_host_socket *socket = container_of(wait, struct ek_host_socket, wait);
	u32 events = (__force u32)key_to_poll(key) ? : EK_EVENTS_IN | EK_EVENTS_OUT;
	u32 error = 0;

	/* An error ends whatever the guest waits for. */
	if (events & EPOLLERR) {
		events |= EPOLLIN | EPOLLOUT;
		error = READ_ONCE(socket->sock->sk->sk_err);
	}
	/*
	 * Pairs with ek_socket_arm(): either the attempt that follows it sees the new
	 * state of the socket, or this sees that it is armed.
	 */
	smp_mb();
	if (!(atomic_read(&socket->armed) & events))
		return 1;
	events &= atomic_fetch_andnot(events, &socket->armed);
	if (events) {
		struct ek_channel *channel;

		rcu_read_lock();
		channel = READ_ONCE(socket->channel);
		/* Before its CPU is let go on */
		if (events & EPOLLIN && !error && READ_ONCE(socket->deliver))
			atomic_set(&channel->due, socket->id + 1);
		push(socket->vm, channel, (struct ek_event){
			.socket	= socket->id,
			.events	= events,
			.error	= error,
		});
		rcu_read_unlock();
	}
	return 1;
}

/**
 * ek_socket_arm() - Have a CPU of the guest told of events of a socket, once
 * @socket:	socket
 * @channel:	of the CPU
 * @events:	EPOLLIN, EPOLLOUT, ...
 *
 * The caller checks afterwards whether they are true already: what happened before is
 * not an event.
 */
void ek_socket_arm(struct ek_host_socket *socket, struct ek_channel *channel, u32 events)
{
	WRITE_ONCE(socket->channel, channel);
	/* A full barrier, before the caller's check: see wake(). */
	atomic_fetch_or(events, &socket->armed);
}

/**
 * ek_socket_watch() - Wait for all that happens to a socket
 * @socket:	socket
 *
 * A wait leaves the socket's own callbacks and sk_user_data alone: what is made from
 * it, such as the connections of a listener, inherits nothing of this.
 */
void ek_socket_watch(struct ek_host_socket *socket)
{
	init_waitqueue_func_entry(&socket->wait, wake);
	add_wait_queue(sk_sleep(socket->sock->sk), &socket->wait);
}

/**
 * ek_socket_unwatch() - Undo ek_socket_watch(); there are no more events on return
 * @socket:	socket
 */
void ek_socket_unwatch(struct ek_host_socket *socket)
{
	remove_wait_queue(sk_sleep(socket->sock->sk), &socket->wait);
}
