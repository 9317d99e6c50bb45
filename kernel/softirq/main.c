// SPDX-License-Identifier: GPL-2.0-only
/*
 * ek_softirq - the NET_RX softirq of a PREEMPT_RT kernel, divided in two
 *
 * A NAPI instance that a thread of real-time priority >= net.core.rtnet_prio
 * schedules, an interrupt thread above all, is put on a list of its own and
 * polled by that thread, at its priority, when it enables bottom halves again.
 * Such a thread never polls the instances of others, and its own never wait on
 * their list (Garcia, Shinjo, Pu, IEEE Access 2018,
 * doi:10.1109/ACCESS.2018.2877296, section III-A). NIC drivers do not change.
 *
 * The kernel is not patched on disk: ftrace redirects calls of
 * __napi_schedule(), __napi_schedule_irqoff() and net_rx_action() by such
 * threads (redirect.c) to what is in rt_poll.c.
 */
#include <linux/module.h>
#include <linux/sched/prio.h>
#include <linux/sysctl.h>

#include "ek_softirq.h"

int ek_rtnet_prio;

static const int max_prio = MAX_RT_PRIO - 1;
static const int max_budget_us = EK_RT_BUDGET_MAX_US;

static int set_thread_prio(const struct ctl_table *table, int write, void *buffer, size_t *lenp,
			   loff_t *ppos)
{
	int err = proc_dointvec_minmax(table, write, buffer, lenp, ppos);

	if (!err && write)
		ek_rt_thread_prio_changed();
	return err;
}

static const struct ctl_table ek_sysctl[] = {
	{
		.procname	= "rtnet_prio",
		.data		= &ek_rtnet_prio,
		.maxlen		= sizeof(ek_rtnet_prio),
		.mode		= 0644,
		.proc_handler	= proc_dointvec_minmax,
		.extra1		= SYSCTL_ZERO,
		.extra2		= (void *)&max_prio,
	},
	{
		.procname	= "rtnet_thread_prio",
		.data		= &ek_rt_thread_prio,
		.maxlen		= sizeof(ek_rt_thread_prio),
		.mode		= 0644,
		.proc_handler	= set_thread_prio,
		.extra1		= SYSCTL_ONE,
		.extra2		= (void *)&max_prio,
	},
	{
		.procname	= "rtnet_budget_us",
		.data		= &ek_rt_budget_us,
		.maxlen		= sizeof(ek_rt_budget_us),
		.mode		= 0644,
		.proc_handler	= proc_dointvec_minmax,
		.extra1		= SYSCTL_ZERO,
		.extra2		= (void *)&max_budget_us,
	},
};

static struct ctl_table_header *ek_sysctl_header;

static int __init ek_softirq_init(void)
{
	int err;

	err = ek_rt_poll_init();
	if (err)
		return err;
	err = ek_redirect();
	if (err)
		goto err_rt_poll;
	err = ek_stats_init();
	if (err)
		goto err_redirect;
	ek_sysctl_header = register_net_sysctl_sz(&init_net, "net/core", ek_sysctl,
						  ARRAY_SIZE(ek_sysctl));
	if (!ek_sysctl_header) {
		err = -ENOMEM;
		goto err_stats;
	}
	return 0;

err_stats:
	ek_stats_exit();
err_redirect:
	ek_restore();
err_rt_poll:
	ek_rt_poll_exit();
	return err;
}

static void __exit ek_softirq_exit(void)
{
	unregister_net_sysctl_table(ek_sysctl_header);
	ek_stats_exit();
	/*
	 * Nothing comes onto the RT lists any more, and what is there is polled
	 * as always. This saves it from waiting for the grace period below.
	 */
	WRITE_ONCE(ek_rtnet_prio, 0);
	synchronize_rcu();
	ek_wait_until_idle();
	ek_restore();
	/* A thread may have been about to put something there, or to hand over. */
	ek_wait_until_idle();
	ek_rt_poll_exit();
}

module_init(ek_softirq_init);
module_exit(ek_softirq_exit);

MODULE_DESCRIPTION("NET_RX softirq divided into RT and non-RT");
MODULE_LICENSE("GPL");
