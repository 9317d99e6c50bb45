/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef EK_SOFTIRQ_H
#define EK_SOFTIRQ_H

#include <linux/list.h>
#include <linux/netdevice.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/sched/prio.h>
#include <linux/skbuff.h>
#include <linux/types.h>

struct ek_counters {
	/* NAPI instances put on the RT list */
	u64	rt_scheduled;
	/* polls of them, and the packets these counted */
	u64	rt_polls;
	u64	rt_packets;
	/* softirqs of RT threads that left non-RT NAPI instances alone */
	u64	deferred;
	/* times that ek_softirq_rt/N was to poll what an RT thread had not */
	u64	handed_over;
	/* times that it went on as a normal thread, as RT polling had used up its budget */
	u64	floods;
};

struct ek_cpu {
	/* changed on its own CPU with interrupts disabled */
	struct list_head	rt_poll_list;
	/* ek_softirq/N has NET_RX work to do that an RT thread came upon */
	bool			deferred;
	/* of ek_softirq_rt/N: FIFO, or 0 while it is a normal thread; only it changes this */
	int			thread_prio;
	/* since when RT polling is counted, in ns of local_clock(), and how long it took */
	u64			period_start;
	u64			rt_time;
	struct ek_counters	counters;
};

DECLARE_PER_CPU(struct ek_cpu, ek_cpu);

/* net.core.rtnet_prio: 1 to 99, 0 for off */
extern int ek_rtnet_prio;
/* net.core.rtnet_thread_prio: 1 to 99 */
extern int ek_rt_thread_prio;
/* net.core.rtnet_budget_us: RT polling in each period, of which the maximum is all */
#define EK_RT_BUDGET_MAX_US	100000
extern int ek_rt_budget_us;

/* ek_softirq_rt/N */
DECLARE_PER_CPU(struct task_struct *, ek_rt_thread);

/*
 * Threads of real-time priority >= net.core.rtnet_prio. A thread that is
 * merely boosted, because it holds a lock, is none of them.
 */
static inline bool ek_is_rt(const struct task_struct *task)
{
	int prio = READ_ONCE(ek_rtnet_prio);

	return prio && task->normal_prio <= MAX_RT_PRIO - 1 - prio;
}

/* Whether the current thread polls the RT list, and nothing else. */
static inline bool ek_polls_rt(void)
{
	return ek_is_rt(current) || current == raw_cpu_read(ek_rt_thread);
}

/* Whether what the current thread schedules goes to the RT list. */
static inline bool ek_schedules_rt(void)
{
	return READ_ONCE(ek_rtnet_prio) && ek_polls_rt();
}

void ek_napi_schedule(struct napi_struct *n);
void ek_net_rx_action(void);
void ek_hand_over(void);
void ek_rt_thread_prio_changed(void);
void ek_wait_until_idle(void);
int ek_rt_poll_init(void);
void ek_rt_poll_exit(void);

struct sk_buff *ek_netdev_alloc_skb(struct net_device *dev, unsigned int len, gfp_t gfp);
struct sk_buff *ek_napi_alloc_skb(struct napi_struct *n, unsigned int len);

int ek_redirect(void);
void ek_restore(void);

int ek_stats_init(void);
void ek_stats_exit(void);
#endif /* EK_SOFTIRQ_H */
