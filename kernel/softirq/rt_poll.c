// SPDX-License-Identifier: GPL-2.0-only
/*
 * The RT list of each CPU: what replaces __napi_schedule() and net_rx_action()
 * for RT threads. Follows ____napi_schedule(), net_rx_action() and
 * __napi_poll() of net/core/dev.c.
 *
 * An instance on the RT list is polled by the thread that put it there, when
 * that thread enables bottom halves. Where this cannot be, ek_softirq_rt/N
 * polls it: the thread had bottom halves enabled, it blocked and another
 * thread took the softirq, it lost its priority, or its budget is used up.
 *
 * A flood must not hold a CPU at RT priority. RT polling has a budget in each
 * period; when it is used up, RT threads poll no more, and ek_softirq_rt/N
 * becomes a normal thread until it has found nothing left to poll.
 *
 * Conversely, ek_softirq/N raises NET_RX again, at normal priority, when an RT
 * thread came upon a softirq that was raised for others.
 */
#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/delay.h>
#include <linux/filter.h>
#include <linux/interrupt.h>
#include <linux/netpoll.h>
#include <linux/sched.h>
#include <linux/sched/clock.h>
#include <linux/smpboot.h>
#include <net/gro.h>
#include <net/hotdata.h>
#include <trace/events/napi.h>
#include <uapi/linux/sched/types.h>

#include "ek_softirq.h"

#define CREATE_TRACE_POINTS
#include "ek_softirq_trace.h"

DEFINE_PER_CPU(struct ek_cpu, ek_cpu);
DEFINE_PER_CPU(struct task_struct *, ek_rt_thread);
static DEFINE_PER_CPU(struct task_struct *, rest_thread);

/* What rt_budget_us is of; no longer than other work of a CPU can well wait. */
#define PERIOD_US	100000
static_assert(EK_RT_BUDGET_MAX_US == PERIOD_US);

int ek_rt_thread_prio = MAX_RT_PRIO / 2;
int ek_rt_budget_us = PERIOD_US / 2;

/**
 * ek_hand_over() - Have ek_softirq_rt/N poll what is on the RT list of this CPU
 *
 * Context: Any context but NMI, with preemption or bottom halves disabled.
 */
void ek_hand_over(void)
{
	this_cpu_inc(ek_cpu.counters.handed_over);
	wake_up_process(this_cpu_read(ek_rt_thread));
}

/**
 * ek_napi_schedule() - Replace __napi_schedule() and __napi_schedule_irqoff() for an RT thread
 * @n:		instance, which the caller has prepared (napi_schedule_prep())
 *
 * Context: Thread for which ek_schedules_rt(), with or without bottom halves disabled.
 */
void ek_napi_schedule(struct napi_struct *n)
{
	unsigned long flags;

	local_irq_save(flags);
	list_add_tail(&n->poll_list, this_cpu_ptr(&ek_cpu.rt_poll_list));
	WRITE_ONCE(n->list_owner, smp_processor_id());
	this_cpu_inc(ek_cpu.counters.rt_scheduled);
	trace_ek_rt_schedule(n);
	/* Always: unlike sd->poll_list, nobody else looks at this list. */
	if (softirq_count())
		or_softirq_pending(BIT(NET_RX_SOFTIRQ));
	else
		ek_hand_over();
	local_irq_restore(flags);
}

static void put_on_rt_list(struct napi_struct *n)
{
	local_irq_disable();
	list_add_tail(&n->poll_list, this_cpu_ptr(&ek_cpu.rt_poll_list));
	local_irq_enable();
}

static struct napi_struct *take_from_rt_list(void)
{
	struct napi_struct *n;

	local_irq_disable();
	n = list_first_entry_or_null(this_cpu_ptr(&ek_cpu.rt_poll_list),
				     struct napi_struct, poll_list);
	if (n)
		list_del_init(&n->poll_list);
	local_irq_enable();
	return n;
}

/* gro_flush_normal(), which needs a function that modules do not have. */
static void flush_gro(struct gro_node *gro)
{
	/* If HZ < 1000, flush all packets. */
	gro_flush(gro, HZ >= 1000);
	if (gro->rx_count) {
		netif_receive_skb_list(&gro->rx_list);
		INIT_LIST_HEAD(&gro->rx_list);
		gro->rx_count = 0;
	}
}

/* An instance used its whole weight: has it more to do, and does it go on here? */
static void poll_again(struct napi_struct *n, int work)
{
	if (napi_disable_pending(n)) {
		napi_complete(n);
		return;
	}
	if (napi_prefer_busy_poll(n)) {
		/* Without a timeout it must be scheduled again. */
		if (napi_complete_done(n, work))
			napi_schedule(n);
		return;
	}
	flush_gro(&n->gro);
	if (!list_empty(&n->poll_list)) {
		pr_warn_once("%s: Budget exhausted after napi rescheduled\n",
			     ek_device_name(n));
		return;
	}
	if (ek_schedules_rt())
		put_on_rt_list(n);
	else
		__napi_schedule(n);
}

static int poll_one(struct napi_struct *n)
{
	void *have = netpoll_poll_lock(n);
	int weight = n->weight;
	int work = 0;

	/* It may have been polled by netpoll, or be disabled, since. */
	if (napi_is_scheduled(n)) {
		work = n->poll(n, weight);
		trace_napi_poll(n, work, weight);
		trace_ek_rt_poll(n, work, weight);
		this_cpu_inc(ek_cpu.counters.rt_polls);
		this_cpu_add(ek_cpu.counters.rt_packets, work);
	}
	if (unlikely(work > weight))
		netdev_err_once(n->dev, "NAPI poll function %pS returned %d, exceeding its budget of %d.\n",
				n->poll, work, weight);
	if (work >= weight)
		poll_again(n, work);
	netpoll_poll_unlock(have);
	return work;
}

/*
 * Polls what is on the RT list of this CPU, in the order in which it was
 * scheduled. The limits are those of net_rx_action(); bottom halves are
 * disabled.
 *
 * Returns whether nothing is left.
 */
static bool poll_rt_list(void)
{
	unsigned long time_limit = jiffies +
		usecs_to_jiffies(READ_ONCE(net_hotdata.netdev_budget_usecs));
	int budget = READ_ONCE(net_hotdata.netdev_budget);
	struct bpf_net_context __bpf_net_ctx, *bpf_net_ctx;
	struct napi_struct *n;

	bpf_net_ctx = bpf_net_ctx_set(&__bpf_net_ctx);
	while (budget > 0 && time_before(jiffies, time_limit)) {
		n = take_from_rt_list();
		if (!n)
			break;
		budget -= poll_one(n);
	}
	bpf_net_ctx_clear(bpf_net_ctx);
	return list_empty(this_cpu_ptr(&ek_cpu.rt_poll_list));
}

/*
 * Whether there is time left for RT polling on this CPU. Threads that preempt each
 * other here may begin a period twice: then one of them polls somewhat longer.
 */
static bool has_budget(void)
{
	struct ek_cpu *c = this_cpu_ptr(&ek_cpu);
	u64 now = local_clock();

	if (now - c->period_start >= PERIOD_US * NSEC_PER_USEC) {
		c->period_start = now;
		c->rt_time = 0;
	}
	return c->rt_time < READ_ONCE(ek_rt_budget_us) * NSEC_PER_USEC ||
	       READ_ONCE(ek_rt_budget_us) == PERIOD_US;
}

/*
 * poll_rt_list() at RT priority. The time in which others have preempted it does not
 * count. The scheduler adds to a thread's time at each tick and each switch.
 */
static bool poll_within_budget(void)
{
	u64 start = current->se.sum_exec_runtime;
	bool is_empty = poll_rt_list();

	this_cpu_add(ek_cpu.rt_time, current->se.sum_exec_runtime - start);
	return is_empty;
}

/**
 * ek_net_rx_action() - Replace net_rx_action() for an RT thread
 *
 * Polls the RT list within its budget, and nothing else.
 *
 * Context: Softirq, of a thread for which ek_polls_rt().
 */
void ek_net_rx_action(void)
{
	if (!list_empty(this_cpu_ptr(&ek_cpu.rt_poll_list)) &&
	    (!has_budget() || !poll_within_budget()))
		ek_hand_over();
	/*
	 * Even if a preempted thread is inside net_rx_action(): after the last
	 * look at its list only the softirq that was taken here brings it back.
	 */
	if (!list_empty(this_cpu_ptr(&softnet_data.poll_list))) {
		this_cpu_inc(ek_cpu.counters.deferred);
		trace_ek_deferred(smp_processor_id());
		this_cpu_write(ek_cpu.deferred, true);
		wake_up_process(this_cpu_read(rest_thread));
	}
}

/* Of ek_softirq_rt/N, by itself; 0 makes it a normal thread. */
static void set_priority(struct ek_cpu *c, int priority)
{
	const struct sched_attr attr = {
		.sched_policy	= priority ? SCHED_FIFO : SCHED_NORMAL,
		.sched_priority	= priority,
	};

	if (c->thread_prio == priority)
		return;
	WARN_ON_ONCE(sched_setattr_nocheck(current, &attr));
	c->thread_prio = priority;
}

static void rt_thread_setup(unsigned int cpu)
{
	struct ek_cpu *c = per_cpu_ptr(&ek_cpu, cpu);

	c->thread_prio = 0;
	set_priority(c, READ_ONCE(ek_rt_thread_prio));
}

static int rt_thread_should_run(unsigned int cpu)
{
	const struct ek_cpu *c = per_cpu_ptr(&ek_cpu, cpu);

	return !list_empty(&c->rt_poll_list) || c->thread_prio != READ_ONCE(ek_rt_thread_prio);
}

static void rt_thread_run(unsigned int cpu)
{
	struct ek_cpu *c = per_cpu_ptr(&ek_cpu, cpu);
	bool is_empty;

	if (c->thread_prio && !has_budget()) {
		this_cpu_inc(ek_cpu.counters.floods);
		set_priority(c, 0);
	}
	local_bh_disable();
	is_empty = c->thread_prio ? poll_within_budget() : poll_rt_list();
	local_bh_enable();
	cond_resched();
	/* A normal thread stays one until the flood has ended. */
	if (is_empty || c->thread_prio)
		set_priority(c, READ_ONCE(ek_rt_thread_prio));
}

static struct smp_hotplug_thread rt_threads = {
	.store			= &ek_rt_thread,
	.setup			= rt_thread_setup,
	.thread_should_run	= rt_thread_should_run,
	.thread_fn		= rt_thread_run,
	.thread_comm		= "ek_softirq_rt/%u",
};

static int rest_thread_should_run(unsigned int cpu)
{
	return this_cpu_read(ek_cpu.deferred);
}

static void rest_thread_run(unsigned int cpu)
{
	this_cpu_write(ek_cpu.deferred, false);
	local_bh_disable();
	local_irq_disable();
	or_softirq_pending(BIT(NET_RX_SOFTIRQ));
	local_irq_enable();
	local_bh_enable();
}

static struct smp_hotplug_thread rest_threads = {
	.store			= &rest_thread,
	.thread_should_run	= rest_thread_should_run,
	.thread_fn		= rest_thread_run,
	.thread_comm		= "ek_softirq/%u",
};

/*
 * What a dead CPU had on its RT list goes to its other list, before
 * dev_cpu_dead() moves that to a living CPU.
 */
static int cpu_dead(unsigned int cpu)
{
	struct ek_cpu *dead = per_cpu_ptr(&ek_cpu, cpu);

	list_splice_tail_init(&dead->rt_poll_list,
			      &per_cpu(softnet_data, cpu).poll_list);
	dead->deferred = false;
	return 0;
}

/**
 * ek_rt_thread_prio_changed() - Have each ek_softirq_rt/N take the priority ek_rt_thread_prio
 *
 * Context: Process context.
 */
void ek_rt_thread_prio_changed(void)
{
	unsigned int cpu;

	cpus_read_lock();
	for_each_online_cpu(cpu)
		wake_up_process(per_cpu(ek_rt_thread, cpu));
	cpus_read_unlock();
}

static bool is_idle(unsigned int cpu)
{
	const struct ek_cpu *c = per_cpu_ptr(&ek_cpu, cpu);

	return list_empty(&c->rt_poll_list) && !READ_ONCE(c->deferred);
}

/**
 * ek_wait_until_idle() - Wait until all that is on RT lists or handed over has been taken
 *
 * Context: Process context, while nothing more is put there.
 */
void ek_wait_until_idle(void)
{
	unsigned int cpu;

	cpus_read_lock();
	for_each_online_cpu(cpu) {
		while (!is_idle(cpu)) {
			wake_up_process(per_cpu(ek_rt_thread, cpu));
			wake_up_process(per_cpu(rest_thread, cpu));
			usleep_range(100, 1000);
		}
	}
	cpus_read_unlock();
}

static int hotplug_state;

/**
 * ek_rt_poll_init() - Have RT lists, and the threads of each CPU, ready
 *
 * Return: 0 or a negative errno
 */
int ek_rt_poll_init(void)
{
	unsigned int cpu;
	int err;

	for_each_possible_cpu(cpu)
		INIT_LIST_HEAD(per_cpu_ptr(&ek_cpu.rt_poll_list, cpu));
	err = smpboot_register_percpu_thread(&rt_threads);
	if (err)
		return err;
	err = smpboot_register_percpu_thread(&rest_threads);
	if (err)
		goto err_rt_threads;
	err = cpuhp_setup_state_nocalls(CPUHP_BP_PREPARE_DYN, "net/ek_softirq:dead",
					NULL, cpu_dead);
	if (err < 0)
		goto err_rest_threads;
	hotplug_state = err;
	return 0;

err_rest_threads:
	smpboot_unregister_percpu_thread(&rest_threads);
err_rt_threads:
	smpboot_unregister_percpu_thread(&rt_threads);
	return err;
}

/**
 * ek_rt_poll_exit() - Undo ek_rt_poll_init(), after ek_restore() and ek_wait_until_idle()
 */
void ek_rt_poll_exit(void)
{
	cpuhp_remove_state_nocalls(hotplug_state);
	smpboot_unregister_percpu_thread(&rest_threads);
	smpboot_unregister_percpu_thread(&rt_threads);
}
