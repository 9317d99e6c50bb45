// SPDX-License-Identifier: GPL-2.0-only
/*
 * Redirects calls of __napi_schedule(), __napi_schedule_irqoff() and
 * net_rx_action() where an RT thread makes them; all other calls stay what
 * they are. This is live patching (kernel/livepatch/patch.c) with a condition,
 * so the replacements cannot call what they replace.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ftrace.h>
#include <linux/hardirq.h>
#include <linux/interrupt.h>
#include <linux/kprobes.h>
#include <linux/netdevice.h>

#include "ek_softirq.h"

/* The functions must still be what their replacements are. */
static_assert(__same_type(&__napi_schedule, &ek_napi_schedule));
static_assert(__same_type(&__napi_schedule_irqoff, &ek_napi_schedule));
static_assert(__same_type(((struct softirq_action *)NULL)->action,
			  &ek_net_rx_action));

/*
 * An instance with a thread of its own is none of ours. The backlog of this
 * CPU has one too, but it polls it only for other CPUs, see ____napi_schedule().
 */
static bool has_thread(const struct napi_struct *n)
{
	return test_bit(NAPI_STATE_THREADED, &n->state) &&
	       n != this_cpu_ptr(&softnet_data.backlog);
}

static void notrace schedule_handler(unsigned long ip, unsigned long parent_ip,
				     struct ftrace_ops *ops,
				     struct ftrace_regs *fregs)
{
	int bit = ftrace_test_recursion_trylock(ip, parent_ip);

	if (bit < 0)
		return;
	/* A hard interrupt handler does not act for the thread it interrupts. */
	if (ek_schedules_rt() && !in_hardirq() && !in_nmi() &&
	    !has_thread((void *)ftrace_regs_get_argument(fregs, 0)))
		ftrace_regs_set_instruction_pointer(fregs, (unsigned long)ek_napi_schedule);
	ftrace_test_recursion_unlock(bit);
}

static void notrace net_rx_handler(unsigned long ip, unsigned long parent_ip,
				   struct ftrace_ops *ops,
				   struct ftrace_regs *fregs)
{
	int bit = ftrace_test_recursion_trylock(ip, parent_ip);
	bool hand_over = false;

	if (bit < 0)
		return;
	if (ek_polls_rt())
		ftrace_regs_set_instruction_pointer(fregs, (unsigned long)ek_net_rx_action);
	else
		hand_over = !list_empty(this_cpu_ptr(&ek_cpu.rt_poll_list));
	ftrace_test_recursion_unlock(bit);
	/*
	 * The softirq that an RT thread raised ended up here: the thread has
	 * blocked before it enabled bottom halves, or is not RT any more.
	 */
	if (hand_over)
		ek_hand_over();
}

#define EK_FTRACE_FLAGS	(FTRACE_OPS_FL_IPMODIFY | FTRACE_OPS_FL_PERMANENT)

static struct ftrace_ops schedule_ops = {
	.func	= schedule_handler,
	.flags	= EK_FTRACE_FLAGS,
};

static struct ftrace_ops net_rx_ops = {
	.func	= net_rx_handler,
	.flags	= EK_FTRACE_FLAGS,
};

/*
 * Where a function begins, or rather its ftrace entry. ftrace_set_filter()
 * would ask kallsyms for the name of every function of the kernel.
 */
static void *entry_of(const char *name)
{
	struct kprobe probe = {
		.symbol_name	= name,
		.flags		= KPROBE_FLAG_DISABLED,
	};
	int err = register_kprobe(&probe);

	if (err)
		return ERR_PTR(err);
	unregister_kprobe(&probe);
	return probe.addr;
}

static int add_function(struct ftrace_ops *ops, const char *name)
{
	void *entry = entry_of(name);
	int err;

	if (IS_ERR(entry)) {
		pr_err("not loaded: this kernel has no function %s() (error %ld)\n",
		       name, PTR_ERR(entry));
		return PTR_ERR(entry);
	}
	err = ftrace_set_filter_ip(ops, (unsigned long)entry, 0, 0);
	if (err)
		pr_err("not loaded: %s() of this kernel has no ftrace entry (error %d)\n",
		       name, err);
	return err;
}

static int install(struct ftrace_ops *ops, const char *what)
{
	int err = register_ftrace_function(ops);

	if (err == -EBUSY)
		pr_err("not loaded: %s is live-patched, or kernel.ftrace_enabled is 0\n",
		       what);
	else if (err)
		pr_err("not loaded: ftrace does not redirect %s (error %d)\n",
		       what, err);
	if (err)
		ftrace_free_filter(ops);
	return err;
}

/*
 * Waits for calls in progress too: it ends with a grace period of RCU tasks,
 * and no replacement sleeps, other than for a lock of the real-time kind.
 */
static void uninstall(struct ftrace_ops *ops)
{
	unregister_ftrace_function(ops);
	ftrace_free_filter(ops);
}

int ek_redirect_schedule(void)
{
	int err = add_function(&schedule_ops, "__napi_schedule");

	if (!err)
		err = add_function(&schedule_ops, "__napi_schedule_irqoff");
	if (err) {
		ftrace_free_filter(&schedule_ops);
		return err;
	}
	return install(&schedule_ops, "__napi_schedule()");
}

void ek_restore_schedule(void)
{
	uninstall(&schedule_ops);
}

int ek_redirect_net_rx(void)
{
	int err = add_function(&net_rx_ops, "net_rx_action");

	return err ?: install(&net_rx_ops, "net_rx_action()");
}

void ek_restore_net_rx(void)
{
	uninstall(&net_rx_ops);
}
