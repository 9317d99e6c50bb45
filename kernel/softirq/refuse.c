// SPDX-License-Identifier: GPL-2.0-only
/* ek_softirq for the kernels that it is not for: says why, and does not load. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>

static int __init ek_softirq_init(void)
{
	if (!IS_ENABLED(CONFIG_PREEMPT_RT))
		pr_err("not loaded: this kernel is not PREEMPT_RT, its interrupt handlers have no priorities\n");
	else if (__is_defined(EK_NEEDS_FIX))
		pr_err("not loaded: this kernel drops packets where two threads of a CPU send on one queue (fixed in 7.0, 6.19.7 and 6.18.17 by b824c3e16c19, \"net: Provide a PREEMPT_RT specific check for netdev_queue::_xmit_lock\")\n");
	else
		pr_err("not loaded: in this PREEMPT_RT kernel all bottom halves of a CPU share a lock, which protects what this module would run side by side (6.18 and later: CONFIG_PREEMPT_RT_NEEDS_BH_LOCK)\n");
	return -EOPNOTSUPP;
}

module_init(ek_softirq_init);

MODULE_DESCRIPTION("NET_RX softirq divided into RT and non-RT");
MODULE_LICENSE("GPL");
