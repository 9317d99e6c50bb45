// SPDX-License-Identifier: GPL-2.0-only
/* /proc/net/ek_softirq: what happened on each CPU since the module was loaded */
#include <linux/cpumask.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <net/net_namespace.h>

#include "ek_softirq.h"

static int stats_show(struct seq_file *seq, void *v)
{
	unsigned int cpu;

	seq_puts(seq, "cpu rt_scheduled rt_polls rt_packets deferred handed_over floods\n");
	for_each_possible_cpu(cpu) {
		const struct ek_counters *c = per_cpu_ptr(&ek_cpu.counters, cpu);

		seq_printf(seq, "%u %llu %llu %llu %llu %llu %llu\n", cpu,
			   READ_ONCE(c->rt_scheduled), READ_ONCE(c->rt_polls),
			   READ_ONCE(c->rt_packets), READ_ONCE(c->deferred),
			   READ_ONCE(c->handed_over), READ_ONCE(c->floods));
	}
	return 0;
}

/**
 * ek_stats_init() - Show the counters
 *
 * Return: 0 or -ENOMEM
 */
int ek_stats_init(void)
{
	if (!proc_create_single("ek_softirq", 0444, init_net.proc_net, stats_show))
		return -ENOMEM;
	return 0;
}

/**
 * ek_stats_exit() - Undo ek_stats_init()
 */
void ek_stats_exit(void)
{
	remove_proc_entry("ek_softirq", init_net.proc_net);
}
