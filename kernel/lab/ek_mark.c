// SPDX-License-Identifier: GPL-2.0-only
/*
 * ek_mark - tell the emulator what each CPU of its machine does
 *
 * The lab's cache model (src/instruments/caches/plugin) sees instructions, and not for whom
 * they are. While this module is loaded, each CPU says so whenever that changes:
 * with a NOP that nothing else has, and an operand in a register. For the lab
 * only; on a real CPU the NOP is one.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/hardirq.h>
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/tracepoint.h>

/* As src/instruments/caches/plugin/marks.h has them. */
enum mark {
	MARK_STATE,	/* operand: thread << 2 | enum context */
	MARK_COUNTING,	/* operand: whether what is done from now on counts */
};

enum context { CONTEXT_THREAD, CONTEXT_HARDIRQ, CONTEXT_SOFTIRQ };

static __always_inline void mark(enum mark kind, unsigned long operand)
{
	/* nopl 0x4b4d4b45(%rax) */
	asm volatile(".byte 0x0f, 0x1f, 0x80, 0x45, 0x4b, 0x4d, 0x4b"
		     : : "D" ((unsigned long)kind), "S" (operand) : "memory");
}

static __always_inline void mark_state(const struct task_struct *task, enum context context)
{
	mark(MARK_STATE, (unsigned long)task->pid << 2 | context);
}

static enum context interrupted_context(void)
{
	/* On PREEMPT_RT, softirqs are work of the thread that they run in. */
	if (!IS_ENABLED(CONFIG_PREEMPT_RT) && in_serving_softirq())
		return CONTEXT_SOFTIRQ;
	return CONTEXT_THREAD;
}

static void at_sched_switch(void *data, bool preempt, struct task_struct *prev,
			    struct task_struct *next, unsigned int prev_state)
{
	mark_state(next, CONTEXT_THREAD);
}

static void at_irq_handler_entry(void *data, int irq, struct irqaction *action)
{
	mark_state(current, CONTEXT_HARDIRQ);
}

static void at_irq_handler_exit(void *data, int irq, struct irqaction *action, int ret)
{
	mark_state(current, interrupted_context());
}

static void at_softirq_entry(void *data, unsigned int vector)
{
	mark_state(current, CONTEXT_SOFTIRQ);
}

static void at_softirq_exit(void *data, unsigned int vector)
{
	mark_state(current, CONTEXT_THREAD);
}

static struct probe {
	const char		*name;
	void			*function;
	bool			not_on_rt;
	struct tracepoint	*tracepoint;
} probes[] = {
	{ "sched_switch", at_sched_switch },
	{ "irq_handler_entry", at_irq_handler_entry },
	{ "irq_handler_exit", at_irq_handler_exit },
	{ "softirq_entry", at_softirq_entry, true },
	{ "softirq_exit", at_softirq_exit, true },
};

static void find(struct tracepoint *tracepoint, void *data)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(probes); i++)
		if (!strcmp(tracepoint->name, probes[i].name))
			probes[i].tracepoint = tracepoint;
}

static void detach(unsigned int count)
{
	while (count--)
		if (probes[count].tracepoint)
			tracepoint_probe_unregister(probes[count].tracepoint,
						    probes[count].function, NULL);
	tracepoint_synchronize_unregister();
}

static void mark_this_cpu(void *unused)
{
	mark_state(current, CONTEXT_THREAD);
}

static int set_counting(const char *text, const struct kernel_param *param)
{
	int err = param_set_bool(text, param);

	if (!err)
		mark(MARK_COUNTING, *(const bool *)param->arg);
	return err;
}

static const struct kernel_param_ops counting_ops = {
	.set	= set_counting,
	.get	= param_get_bool,
};

static bool counting;
module_param_cb(counting, &counting_ops, &counting, 0600);
MODULE_PARM_DESC(counting, "whether what the CPUs do from now on counts");

static int __init ek_mark_init(void)
{
	unsigned int i;
	int err;

	if (!boot_cpu_has(X86_FEATURE_HYPERVISOR))
		return -ENODEV;
	for_each_kernel_tracepoint(find, NULL);
	for (i = 0; i < ARRAY_SIZE(probes); i++) {
		struct probe *probe = &probes[i];

		if (!probe->tracepoint) {
			pr_err("there is no tracepoint %s\n", probe->name);
			detach(i);
			return -ENOENT;
		}
		if (IS_ENABLED(CONFIG_PREEMPT_RT) && probe->not_on_rt) {
			probe->tracepoint = NULL;
			continue;
		}
		err = tracepoint_probe_register(probe->tracepoint, probe->function, NULL);
		if (err) {
			detach(i);
			return err;
		}
	}
	on_each_cpu(mark_this_cpu, NULL, 1);
	return 0;
}

static void __exit ek_mark_exit(void)
{
	detach(ARRAY_SIZE(probes));
}

module_init(ek_mark_init);
module_exit(ek_mark_exit);

MODULE_DESCRIPTION("What each CPU does, for the lab's cache model");
MODULE_LICENSE("GPL");
