// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events. A socket calls its owner when its state changes. If the guest has found
 * before that it would have to wait for this, and so armed the socket, an event goes
 * into the ring of the CPU that found it, once.
 */
#include <linux/atomic.h>
#include <linux/poll.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
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

	spin_lock_bh(&channel->ring_lock);
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
	spin_unlock_bh(&channel->ring_lock);
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
		ek_notify(vm, &region->channels[i]);
	}
	rcu_read_unlock();
}

/**
 * push_armed() - Tell the guest of events for which the socket is armed
 * @sk:		socket
 * @events:	EPOLLIN, EPOLLOUT, ... that may be true now
 * @error:	of the socket, as a positive errno, or 0
 */
static void push_armed(struct sock *sk, u32 events, int error)
{
	struct ek_host_socket *socket;

	rcu_read_lock();
	/* A connection that was not accepted yet has its listener's callbacks, but no owner. */
	socket = rcu_dereference_sk_user_data(sk);
	if (socket) {
		/*
		 * Pairs with ek_socket_arm(): either the attempt that follows it
		 * sees the new state of the socket, or this sees that it is armed.
		 */
		smp_mb();
		if (atomic_read(&socket->armed) & events) {
			events &= atomic_fetch_andnot(events, &socket->armed);
			if (events)
				push(socket->vm, READ_ONCE(socket->channel), (struct ek_event){
					.socket	= socket->id,
					.events	= events,
					.error	= error,
				});
		}
	}
	rcu_read_unlock();
}

static void data_ready(struct sock *sk)
{
	push_armed(sk, EPOLLIN | EPOLLPRI, 0);
}

/*
 * Also calls the socket's own callback, which clears SOCK_NOSPACE: TCP calls this only
 * while that is set.
 */
static void write_space(struct sock *sk)
{
	const struct ek_host_socket *socket;

	if (sk->sk_type == SOCK_STREAM ? !sk_stream_is_writeable(sk) : !sock_writeable(sk))
		return;
	rcu_read_lock();
	socket = rcu_dereference_sk_user_data(sk);
	if (socket)
		socket->write_space(sk);
	rcu_read_unlock();
	push_armed(sk, EPOLLOUT, 0);
}

static void state_change(struct sock *sk)
{
	push_armed(sk, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLHUP, 0);
}

static void error_report(struct sock *sk)
{
	push_armed(sk, EPOLLERR | EPOLLIN | EPOLLOUT, READ_ONCE(sk->sk_err));
}

/**
 * ek_socket_arm() - Have the CPU of a call told of events of its socket, once
 * @call:	call with a socket
 * @events:	EPOLLIN, EPOLLOUT, ...
 *
 * The caller checks afterwards whether they are true already: what happened before is
 * not an event.
 */
void ek_socket_arm(struct ek_host_call *call, u32 events)
{
	WRITE_ONCE(call->socket->channel, call->channel);
	/* A full barrier, before the caller's check: see push_armed(). */
	atomic_fetch_or(events, &call->socket->armed);
}

/**
 * ek_socket_watch() - Replace the callbacks of a socket
 * @socket:	socket
 * @listener:	socket that accepted it, or NULL
 *
 * An accepted socket has inherited the replaced callbacks of its listener, so the
 * listener knows which ones are its own.
 */
void ek_socket_watch(struct ek_host_socket *socket, const struct ek_host_socket *listener)
{
	struct sock *sk = socket->sock->sk;

	write_lock_bh(&sk->sk_callback_lock);
	if (listener) {
		socket->data_ready = listener->data_ready;
		socket->write_space = listener->write_space;
		socket->state_change = listener->state_change;
		socket->error_report = listener->error_report;
	} else {
		socket->data_ready = sk->sk_data_ready;
		socket->write_space = sk->sk_write_space;
		socket->state_change = sk->sk_state_change;
		socket->error_report = sk->sk_error_report;
	}
	sk->sk_data_ready = data_ready;
	sk->sk_write_space = write_space;
	sk->sk_state_change = state_change;
	sk->sk_error_report = error_report;
	__rcu_assign_sk_user_data_with_flags(sk, socket, SK_USER_DATA_NOCOPY);
	write_unlock_bh(&sk->sk_callback_lock);
}

/**
 * ek_socket_unwatch() - Give a socket its own callbacks back
 * @socket:	socket; the callbacks may still be using it, until RCU frees it
 */
void ek_socket_unwatch(struct ek_host_socket *socket)
{
	struct sock *sk = socket->sock->sk;

	write_lock_bh(&sk->sk_callback_lock);
	sk->sk_data_ready = socket->data_ready;
	sk->sk_write_space = socket->write_space;
	sk->sk_state_change = socket->state_change;
	sk->sk_error_report = socket->error_report;
	rcu_assign_sk_user_data(sk, NULL);
	write_unlock_bh(&sk->sk_callback_lock);
}
