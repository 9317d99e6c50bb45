// SPDX-License-Identifier: GPL-2.0-only
/*
 * Takes the host's events out of the rings, in order, and wakes those who wait for
 * the sockets.
 *
 * Each CPU takes the events of its own ring only. They are about sockets that this
 * CPU was the last to find not ready, so the waiters are here. And it never waits
 * for a lock of another CPU, which the host may have preempted.
 *
 * A CPU looks at its ring when the host has notified it, in one of two ways (idle.c,
 * interrupt.c), and after each call of the host.
 */
#include <linux/atomic.h>
#include <linux/cpuhotplug.h>
#include <linux/irqflags.h>
#include <linux/percpu.h>
#include <linux/poll.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/wait.h>
#include <net/sock.h>

#include "ek_guest.h"

#define EK_ALL_EVENTS	(EPOLLIN | EPOLLPRI | EPOLLOUT | EPOLLERR | EPOLLHUP | EPOLLRDHUP)

/* Indexed by the host's names for them. RCU protects readers and delays freeing. */
static struct ek_guest_socket __rcu **sockets;
/* The ring has the same value, but the host could change that one. */
static DEFINE_PER_CPU(u32, consumed);

static void (*on_addresses_changed)(void);

/**
 * wake_waiters() - Wake those who wait for a socket
 * @es:		socket
 * @events:	EPOLLIN, EPOLLOUT, ... that may be true now
 * @error:	of the socket, as a positive errno, or 0
 *
 * Context: Critical section of RCU.
 */
static void wake_waiters(struct ek_guest_socket *es, __poll_t events, unsigned int error)
{
	struct sock *sk = &es->sk;
	struct socket_wq *wq;

	atomic_inc(&es->changes);
	if (error) {
		ek_error_set(es, error);
		sk_error_report(sk);
	}
	/* A native socket wakes with these bits as well. */
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

/* The host may be wrong about @id. */
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

/**
 * ek_event_all() - Act as if every socket had every event
 *
 * For when events may have been lost: those who wait ask the host again.
 *
 * Context: Any context but NMI.
 */
void ek_event_all(void)
{
	u32 id;

	for (id = 0; id < ek_region.max_sockets; id++)
		wake_id(id, EK_ALL_EVENTS, 0);
	on_addresses_changed();
}

/**
 * run_one() - Take the next event out of a ring and handle it
 * @ring:	of this CPU; interrupts are disabled, so nobody else takes its events
 *
 * Return: whether there was an event
 */
static bool run_one(struct ek_ring *ring)
{
	u32 next = this_cpu_read(consumed);
	const struct ek_event *event = &ring->entries[next & (ek_region.ring_entries - 1)];
	unsigned int error;
	__poll_t events;
	u32 id;

	/* Pairs with the host's release: the entry is read after this. */
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

/**
 * ek_event_run() - Handle all events of this CPU
 *
 * Makes no call of the host.
 *
 * Context: Any context but NMI.
 */
void ek_event_run(void)
{
	struct ek_ring *ring;
	unsigned long flags;
	u32 left;

	local_irq_save(flags);
	ring = ek_region_ring(smp_processor_id());
	/* A bound: the host may produce events faster than they are taken. */
	for (left = ek_region.ring_entries; left && run_one(ring); left--)
		;
	if (unlikely(READ_ONCE(ring->overflow)) && xchg(&ring->overflow, 0))
		ek_event_all();
	local_irq_restore(flags);
}

/* Nobody takes the events of a dead CPU, so those who wait have to ask again. */
static int cpu_is_dead(unsigned int cpu)
{
	ek_event_all();
	return 0;
}

/**
 * ek_event_add() - Deliver events to a socket that the host has just made
 * @es:		socket
 * @id:		the host's name for it
 *
 * The host gives names in turn, so the events of an earlier socket of this name
 * have been taken long ago.
 *
 * Return: 0, or -EPROTO if the host cannot have given this name
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

/**
 * ek_event_remove() - Deliver no more events to a socket
 * @es:		socket, which event.c may use for a grace period of RCU still
 */
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
 * Does not have the rings looked at: see ek_idle_init() and ek_interrupt_init().
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
