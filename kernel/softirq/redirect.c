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

static bool redirects_schedule(const struct ftrace_regs *fregs)
{
	/* A hard interrupt handler does not act for the thread it interrupts. */
	return ek_schedules_rt() && !in_hardirq() && !in_nmi() &&
	       !has_thread((void *)ftrace_regs_get_argument(fregs, 0));
}

static unsigned long net_rx_entry;

static void notrace handler(unsigned long ip, unsigned long parent_ip,
			    struct ftrace_ops *ops, struct ftrace_regs *fregs)
{
	int bit = ftrace_test_recursion_trylock(ip, parent_ip);
	bool hand_over = false;

	if (bit < 0)
		return;
	if (ip != net_rx_entry) {
		if (redirects_schedule(fregs))
			ftrace_regs_set_instruction_pointer(fregs, (unsigned long)ek_napi_schedule);
	} else if (ek_polls_rt()) {
		ftrace_regs_set_instruction_pointer(fregs, (unsigned long)ek_net_rx_action);
	} else {
		hand_over = !list_empty(this_cpu_ptr(&ek_cpu.rt_poll_list));
	}
	ftrace_test_recursion_unlock(bit);
	/*
	 * The softirq that an RT thread raised ended up here: the thread has
	 * blocked before it enabled bottom halves, or is not RT any more.
	 */
	if (hand_over)
		ek_hand_over();
}

static struct ftrace_ops ops = {
	.func	= handler,
	.flags	= FTRACE_OPS_FL_IPMODIFY | FTRACE_OPS_FL_PERMANENT,
};

/*
 * Adds a function to what is redirected; returns its ftrace entry, or 0. A
 * kprobe finds it: ftrace_set_filter() would ask kallsyms for the name of every
 * function of the kernel.
 */
static unsigned long add_function(const char *name)
{
	struct kprobe probe = {
		.symbol_name	= name,
		.flags		= KPROBE_FLAG_DISABLED,
	};
	unsigned long entry;
	int err = register_kprobe(&probe);

	if (err) {
		pr_err("not loaded: this kernel has no function %s() (error %d)\n",
		       name, err);
		return 0;
	}
	entry = (unsigned long)probe.addr;
	unregister_kprobe(&probe);
	if (!(probe.flags & KPROBE_FLAG_FTRACE) ||
	    ftrace_set_filter_ip(&ops, entry, 0, 0)) {
		pr_err("not loaded: %s() of this kernel has no ftrace entry\n", name);
		return 0;
	}
	return entry;
}

int ek_redirect(void)
{
	int err = -ENOENT;

	net_rx_entry = add_function("net_rx_action");
	if (!net_rx_entry || !add_function("__napi_schedule") ||
	    !add_function("__napi_schedule_irqoff"))
		goto err_filter;
	err = register_ftrace_function(&ops);
	if (!err)
		return 0;
	if (err == -EBUSY)
		pr_err("not loaded: NAPI is live-patched already, or kernel.ftrace_enabled is 0\n");
	else
		pr_err("not loaded: ftrace refuses (error %d)\n", err);
err_filter:
	ftrace_free_filter(&ops);
	return err;
}

/*
 * Waits for calls in progress too: it ends with a grace period of RCU tasks,
 * and no replacement sleeps, other than for a lock of the real-time kind.
 */
void ek_restore(void)
{
	unregister_ftrace_function(&ops);
	ftrace_free_filter(&ops);
}
