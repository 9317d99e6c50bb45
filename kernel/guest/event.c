// SPDX-License-Identifier: GPL-2.0-only
/*
 * The events of the host: takes them out of the rings, in order, and wakes those
 * who wait for the sockets they are about.
 *
 * Each CPU takes those of its own ring. They are about sockets that it was the
 * last to find not ready, so it is where the waiters are; and it waits for no
 * lock that another CPU holds, which the host may have preempted.
 *
 * It looks at it when the host has told it to, in one of two ways (idle.c,
 * interrupt.c), and after each call of the host.
 */
#include <linux/cpuhotplug.h>
#include <linux/percpu.h>
#include <linux/poll.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "ek_guest.h"

#define EK_ALL_EVENTS	(EPOLLIN | EPOLLPRI | EPOLLOUT | EPOLLERR | EPOLLHUP | EPOLLRDHUP)

/* By what the host calls them; read under RCU, which also frees them. */
static struct ek_guest_socket __rcu **sockets;
/* The ring's has the same value, but this one is only ours. */
static DEFINE_PER_CPU(u32, consumed);

static void (*on_addresses_changed)(void);

static void wake_waiters(struct ek_guest_socket *es, __poll_t events, unsigned int error)
{
	struct sock *sk = &es->sk;
	struct socket_wq *wq;

	atomic_inc(&es->changes);
	if (error) {
		ek_error_set(es, error);
		sk_error_report(sk);
	}
	/* What a native socket says when it wakes somebody */
	if (events & EPOLLIN)
		events |= EPOLLRDNORM | EPOLLRDBAND;
	if (events & EPOLLOUT)
		events |= EPOLLWRNORM | EPOLLWRBAND;
	wq = rcu_dereference(sk->sk_wq);
	if (skwq_has_sleeper(wq))
		wake_up_interruptible_poll(&wq->wait, events);
	if (events & EPOLLIN)
		sk_wake_async(sk, SOCK_WAKE_WAITD, POLL_IN);
	if (events & EPOLLOUT)
		sk_wake_async(sk, SOCK_WAKE_IO, POLL_OUT);
}

static void wake_id(u32 id, __poll_t events, unsigned int error)
{
	struct ek_guest_socket *es;

	if (id == EK_ADDRESSES_CHANGED)
		on_addresses_changed();
	if (id >= ek_region.max_sockets)
		return;
	rcu_read_lock();
	es = rcu_dereference(sockets[id]);
	if (es)
		wake_waiters(es, events, error);
	rcu_read_unlock();
}

/* Every socket may have had every event. */
void ek_event_all(void)
{
	u32 id;

	for (id = 0; id < ek_region.max_sockets; id++)
		wake_id(id, EK_ALL_EVENTS, 0);
	on_addresses_changed();
}

/* Returns whether there was an event. Nobody else takes events on this CPU. */
static bool run_one(struct ek_ring *ring)
{
	u32 next = this_cpu_read(consumed);
	const struct ek_event *event = &ring->entries[next & (ek_region.ring_entries - 1)];
	unsigned int error;
	__poll_t events;
	u32 id;

	/* The host has released it behind the entry. */
	if (virt_load_acquire(&ring->produced) == next)
		return false;
	id = READ_ONCE(event->socket);
	events = (__force __poll_t)READ_ONCE(event->events);
	error = READ_ONCE(event->error);
	this_cpu_write(consumed, next + 1);
	/* The host may overwrite the entry from now on. */
	virt_store_release(&ring->consumed, next + 1);
	wake_id(id, events, error);
	return true;
}

/*
 * Handles all events that this CPU has. Makes no call of the host, so it may be
 * called in any context but NMI.
 */
void ek_event_run(void)
{
	struct ek_ring *ring;
	unsigned long flags;
	u32 left;

	local_irq_save(flags);
	ring = ek_region_ring(smp_processor_id());
	/* No more than there can be: a host that never stops does not stop us. */
	for (left = ek_region.ring_entries; left && run_one(ring); left--)
		;
	if (unlikely(READ_ONCE(ring->overflow)) && xchg(&ring->overflow, 0))
		ek_event_all();
	local_irq_restore(flags);
}

/* Nobody takes the events of a CPU that has gone: who waits asks again elsewhere. */
static int cpu_is_dead(unsigned int cpu)
{
	ek_event_all();
	return 0;
}

/*
 * Adds a socket that the host has just made. Returns -EPROTO if the host's name
 * for it cannot be. The host gives names in turn, so events of an earlier socket
 * of this name have been taken long ago.
 */
int ek_event_add(struct ek_guest_socket *es, u64 id)
{
	if (id >= ek_region.max_sockets)
		return -EPROTO;
	es->id = id;
	if (cmpxchg((struct ek_guest_socket **)&sockets[id], NULL, es))
		return -EPROTO;
	return 0;
}

/* After a grace period of RCU from now, nobody is at work with @es. */
void ek_event_remove(struct ek_guest_socket *es)
{
	RCU_INIT_POINTER(sockets[es->id], NULL);
}

static int dead_state;

/**
 * ek_event_init() - Prepare for events
 * @addresses_changed:	called when the addresses of the host's network namespace
 *			may have changed, in any context but NMI
 *
 * The host's notifications, which have the rings looked at, come later: see
 * ek_idle_init() and ek_interrupt_init().
 *
 * Return: 0 or a negative errno
 */
int ek_event_init(void (*addresses_changed)(void))
{
	int err;

	on_addresses_changed = addresses_changed;
	sockets = kvcalloc(ek_region.max_sockets, sizeof(*sockets), GFP_KERNEL);
	if (!sockets)
		return -ENOMEM;
	err = cpuhp_setup_state_nocalls(CPUHP_BP_PREPARE_DYN, "net/ek_guest:dead",
					NULL, cpu_is_dead);
	if (err < 0) {
		kvfree(sockets);
		return err;
	}
	dead_state = err;
	return 0;
}

/**
 * ek_event_exit() - Undo ek_event_init(); nobody calls ek_event_run() any more
 */
void ek_event_exit(void)
{
	cpuhp_remove_state_nocalls(dead_state);
	kvfree(sockets);
}
