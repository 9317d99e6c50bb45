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
 *
 * On PREEMPT_RT, whoever wakes those who wait for a socket may have to sleep, which
 * neither the idle process nor an interrupt can do. There, a thread of the CPU takes
 * the events that it was notified of. It has the priority of interrupt threads, and
 * the administrator may give it another one (chrt).
 */
#include <linux/atomic.h>
#include <linux/cpuhotplug.h>
/* which local_lock.h of 6.12 needs before it */
#include <linux/spinlock.h>
#include <linux/local_lock.h>
#include <linux/overflow.h>
#include <linux/percpu.h>
#include <linux/poll.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/smpboot.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <net/sock.h>

#include "ek_guest.h"

#define EK_ALL_EVENTS	(EPOLLIN | EPOLLPRI | EPOLLOUT | EPOLLERR | EPOLLHUP | EPOLLRDHUP)

/* The sockets, by the host's names for them */
struct table {
	u32				size;
	struct ek_guest_socket __rcu	*sockets[];
};

/* RCU protects readers, and delays freeing of table and sockets. */
static struct table __rcu *table;
/* What a CPU needs to take the events of its ring */
struct ring_state {
	/* held while events are taken; without PREEMPT_RT, interrupts are disabled then */
	local_lock_t		lock;
	/* the ring has the same value, but the host could change that one */
	u32			consumed;
	/* takes the events on PREEMPT_RT */
	struct task_struct	*thread;
};

static DEFINE_PER_CPU(struct ring_state, states);

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

/**
 * note() - Note where an event of a socket was, and whether its message has come with it
 * @es:		socket
 * @position:	in the ring of this CPU
 */
static void note(struct ek_guest_socket *es, u32 position)
{
	unsigned int cpu = smp_processor_id();
	const struct ek_delivery *delivery = &ek_region.deliveries[cpu];

	WRITE_ONCE(es->event_cpu, cpu);
	WRITE_ONCE(es->event_position, position);
	if (ek_delivery_is_of(delivery, es->id))
		WRITE_ONCE(es->delivery_cpu, cpu);
	/* Before the change is counted: see is_last() in delivery.c. */
	smp_wmb();
}

/**
 * wake_id() - Wake those who wait for a socket
 * @id:		the host's name for it; the host may be wrong
 * @events:	EPOLLIN, EPOLLOUT, ... that may be true now
 * @error:	of the socket, as a positive errno, or 0
 * @position:	of the event in the ring of this CPU, or NULL if it was in none
 */
static void wake_id(u32 id, __poll_t events, unsigned int error, const u32 *position)
{
	struct ek_guest_socket *es;
	struct table *t;

	if (id == EK_ADDRESSES_CHANGED)
		on_addresses_changed();
	rcu_read_lock();
	t = rcu_dereference(table);
	es = id < t->size ? rcu_dereference(t->sockets[id]) : NULL;
	if (es) {
		if (position)
			note(es, *position);
		else
			WRITE_ONCE(es->event_cpu, EK_NO_CPU);
		wake_waiters(es, events, error);
	}
	rcu_read_unlock();
}

/**
 * ek_event_all() - Act as if every socket had every event
 *
 * For when events may have been lost: those who wait ask the host again.
 *
 * Context: Process context: there may be a million sockets.
 */
void ek_event_all(void)
{
	u32 id, size;

	rcu_read_lock();
	size = rcu_dereference(table)->size;
	rcu_read_unlock();
	for (id = 0; id < size; id++) {
		wake_id(id, EK_ALL_EVENTS, 0, NULL);
		cond_resched();
	}
	on_addresses_changed();
}

static void handle_overflow(struct work_struct *work)
{
	ek_event_all();
}

static DECLARE_WORK(overflow_work, handle_overflow);

/**
 * run_one() - Take the next event out of a ring and handle it
 * @ring:	of this CPU, which has locked its state, so nobody else takes its events
 *
 * Return: whether there was an event
 */
static bool run_one(struct ek_ring *ring)
{
	u32 next = this_cpu_read(states.consumed);
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
	this_cpu_write(states.consumed, next + 1);
	/* The host may overwrite the entry from now on. */
	virt_store_release(&ring->consumed, next + 1);
	wake_id(id, events, error, &next);
	return true;
}

/**
 * ek_event_run() - Handle all events of this CPU
 *
 * Makes no call of the host.
 *
 * Context: Any context but NMI; on PREEMPT_RT one that may sleep.
 */
void ek_event_run(void)
{
	struct ek_ring *ring;
	unsigned long flags;
	u32 left;

	local_lock_irqsave(&states.lock, flags);
	rcu_read_lock();
	/* The rings are being made ready: ek_event_reset() waits for those who are in here. */
	if (!ek_vmrpc_life())
		goto out;
	ring = ek_region_ring(smp_processor_id());
	/* A bound: the host may produce events faster than they are taken. */
	for (left = ek_region.ring_entries; left && run_one(ring); left--)
		;
	if (unlikely(READ_ONCE(ring->overflow)) && xchg(&ring->overflow, 0))
		/* Not on this CPU, which may have better things to do */
		queue_work(system_dfl_wq, &overflow_work);
out:
	rcu_read_unlock();
	local_unlock_irqrestore(&states.lock, flags);
}

/**
 * ek_event_pending() - Whether ek_event_run() of a CPU would find something
 * @cpu:	CPU
 *
 * It takes nothing while the host does not have the region.
 *
 * Context: Any context.
 */
int ek_event_pending(unsigned int cpu)
{
	const struct ek_ring *ring = ek_region_ring(cpu);

	return ek_vmrpc_life() && (READ_ONCE(ring->produced) != per_cpu(states.consumed, cpu) ||
				   READ_ONCE(ring->overflow));
}

/**
 * ek_event_notified() - Have the events of this CPU handled, of which the host notifies it
 *
 * Context: The idle process, or an interrupt of this CPU.
 */
void ek_event_notified(void)
{
	if (!IS_ENABLED(CONFIG_PREEMPT_RT))
		ek_event_run();
	else if (ek_event_pending(smp_processor_id()))
		wake_up_process(this_cpu_read(states.thread));
}

static void set_up_thread(unsigned int cpu)
{
	sched_set_fifo(current);
}

static void run_thread(unsigned int cpu)
{
	ek_event_run();
}

static struct smp_hotplug_thread threads = {
	.store			= &states.thread,
	.setup			= set_up_thread,
	.thread_should_run	= ek_event_pending,
	.thread_fn		= run_thread,
	.thread_comm		= "ek_guest/%u",
};

/* Nobody takes the events of a dead CPU, so those who wait have to ask again. */
static int cpu_is_dead(unsigned int cpu)
{
	ek_event_all();
	return 0;
}

/**
 * ek_event_add() - Deliver events to a socket that the host has just made
 * @es:		socket, with its life
 * @id:		the host's name for it
 *
 * The host gives names in turn, so the events of an earlier socket of this name
 * have been taken long ago.
 *
 * Return: 0; -EPROTO if the host cannot have given this name; -ENETDOWN if the socket
 *	   is gone already
 */
int ek_event_add(struct ek_guest_socket *es, u64 id)
{
	struct table *t;
	int err = 0;

	es->id = id;
	rcu_read_lock();
	t = rcu_dereference(table);
	if (es->life != ek_vmrpc_life())
		err = -ENETDOWN;
	else if (id >= t->size || cmpxchg((struct ek_guest_socket **)&t->sockets[id], NULL, es))
		err = -EPROTO;
	rcu_read_unlock();
	return err;
}

/**
 * ek_event_remove() - Deliver no more events to a socket
 * @es:		socket, which event.c may use for a grace period of RCU still
 */
void ek_event_remove(struct ek_guest_socket *es)
{
	struct table *t;

	rcu_read_lock();
	t = rcu_dereference(table);
	/* In another life, another socket may have this name. */
	if (es->id < t->size)
		cmpxchg((struct ek_guest_socket **)&t->sockets[es->id], es, NULL);
	rcu_read_unlock();
}

/**
 * ek_event_next() - Find the next socket
 * @id:		where to begin; on return, where to go on
 *
 * Return: socket with a reference, or NULL if there is none any more
 */
struct ek_guest_socket *ek_event_next(u32 *id)
{
	struct ek_guest_socket *es = NULL;
	struct table *t;

	rcu_read_lock();
	t = rcu_dereference(table);
	while (!es && *id < t->size) {
		es = rcu_dereference(t->sockets[(*id)++]);
		if (es && !refcount_inc_not_zero(&es->sk.sk_refcnt))
			es = NULL;
	}
	rcu_read_unlock();
	return es;
}

/**
 * ek_event_reset() - Forget all sockets, and empty the rings, when the host is gone
 *
 * Those who wait for a socket are woken: their calls fail.
 *
 * Context: Process context, while ek_vmrpc_life() is 0.
 */
void ek_event_reset(void)
{
	unsigned int cpu;
	struct table *t;
	u32 id;

	/* Nobody is in ek_event_run() or ek_event_add() any more who has seen another life. */
	synchronize_rcu();
	ek_event_all();
	t = rcu_dereference_protected(table, true);
	for (id = 0; id < t->size; id++)
		RCU_INIT_POINTER(t->sockets[id], NULL);
	for_each_possible_cpu(cpu) {
		struct ek_ring *ring = ek_region_ring(cpu);

		WRITE_ONCE(ring->produced, 0);
		WRITE_ONCE(ring->overflow, 0);
		WRITE_ONCE(ring->consumed, 0);
		WRITE_ONCE(ek_region.deliveries[cpu].state, EK_DELIVERY_EMPTY);
		per_cpu(states.consumed, cpu) = 0;
	}
}

/**
 * ek_event_resize() - Have room for all sockets that the host offers now
 *
 * Context: Process context, while ek_vmrpc_life() is 0, so there are no sockets.
 * Return: 0 or -ENOMEM
 */
int ek_event_resize(void)
{
	struct table *old = rcu_dereference_protected(table, true), *new;

	if (old && old->size >= ek_region.max_sockets)
		return 0;
	new = kvzalloc(struct_size(new, sockets, ek_region.max_sockets), GFP_KERNEL);
	if (!new)
		return -ENOMEM;
	new->size = ek_region.max_sockets;
	rcu_assign_pointer(table, new);
	synchronize_rcu();
	kvfree(old);
	return 0;
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
	unsigned int cpu;
	int err;

	/* Older kernels do not relocate pointers in a module's initial data of CPUs (lockdep). */
	for_each_possible_cpu(cpu)
		local_lock_init(&per_cpu(states.lock, cpu));
	on_addresses_changed = addresses_changed;
	err = ek_event_resize();
	if (err)
		return err;
	err = cpuhp_setup_state_nocalls(CPUHP_BP_PREPARE_DYN, "net/ek_guest:dead",
					NULL, cpu_is_dead);
	if (err < 0)
		goto err_table;
	dead_state = err;
	err = IS_ENABLED(CONFIG_PREEMPT_RT) ? smpboot_register_percpu_thread(&threads) : 0;
	if (err)
		goto err_dead;
	return 0;

err_dead:
	cpuhp_remove_state_nocalls(dead_state);
err_table:
	kvfree(rcu_dereference_protected(table, true));
	return err;
}

/**
 * ek_event_exit() - Undo ek_event_init(); nobody calls ek_event_run() any more
 */
void ek_event_exit(void)
{
	if (IS_ENABLED(CONFIG_PREEMPT_RT))
		smpboot_unregister_percpu_thread(&threads);
	cpuhp_remove_state_nocalls(dead_state);
	cancel_work_sync(&overflow_work);
	kvfree(rcu_dereference_protected(table, true));
}
