// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events: what a socket tells its owner goes into the ring of the
 * guest's CPU that waits for it. It is told only what it has found not to be so,
 * and once.
 */
#include <linux/poll.h>
#include <net/sock.h>

#include "ek_host.h"

/* The caller is in a critical section of RCU, for which the region stays. */
static void push(struct ek_vm *vm, struct ek_channel *channel, struct ek_event event)
{
	struct ek_ring *ring = channel->ring;

	spin_lock_bh(&channel->ring_lock);
	/* A guest that says nonsense about what it has consumed gets no events. */
	if (channel->produced - READ_ONCE(ring->consumed) < channel->ring_entries) {
		ring->entries[channel->produced & (channel->ring_entries - 1)] = event;
		/* the guest reads it before it reads the entry */
		smp_store_release(&ring->produced, ++channel->produced);
		atomic64_inc(&vm->stats.events);
	} else {
		WRITE_ONCE(ring->overflow, 1);
		atomic64_inc(&vm->stats.overflows);
	}
	spin_unlock_bh(&channel->ring_lock);
	ek_notify(vm, channel);
}

/* Has the guest ask for the addresses of its namespace. */
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

/* Has the guest ask for the events of all sockets, which are gone. */
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

static void push_armed(struct sock *sk, u32 events, int error)
{
	struct ek_host_socket *socket;

	rcu_read_lock();
	/* A connection that was not accepted yet has the callbacks, but no owner. */
	socket = rcu_dereference_sk_user_data(sk);
	if (socket) {
		/*
		 * Pairs with ek_socket_arm(): either it sees there what has
		 * become of the socket, or this sees that it is armed.
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

/* What was there before keeps the books: SOCK_NOSPACE, on which TCP calls this. */
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

/*
 * From now on, the CPU of this call waits for @events of its socket. What they
 * stand for must be looked at again after this.
 */
void ek_socket_arm(struct ek_host_call *call, u32 events)
{
	WRITE_ONCE(call->socket->channel, call->channel);
	/* orders this before what follows, see push_armed() */
	atomic_fetch_or(events, &call->socket->armed);
}

/*
 * Has the socket tell the guest. An accepted one has the callbacks of its
 * @listener, whose original ones are its own.
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

/* The callbacks may still be running; @socket is to be freed by RCU. */
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
