// SPDX-License-Identifier: GPL-2.0-only
/*
 * Redirects calls of some functions of the network stack where an RT thread makes
 * them, or changes their arguments; all other calls stay what they are. This is
 * live patching (kernel/livepatch/patch.c) with a condition, so a replacement
 * cannot call what it replaces. As nobody counts who is in one, none may sleep.
 *
 * ftrace goes to a replacement by a return, not by an indirect branch: it needs no
 * ENDBR (IBT, FineIBT) and no hash (kCFI). The hash of the call itself was checked
 * with the function that was called, whose type its replacement has.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ftrace.h>
#include <linux/hardirq.h>
#include <linux/interrupt.h>
#include <linux/netdevice.h>

#include "ek_function.h"
#include "ek_softirq.h"

/* The functions must still be what their replacements are. */
static_assert(__same_type(&__napi_schedule, &ek_napi_schedule));
static_assert(__same_type(&__napi_schedule_irqoff, &ek_napi_schedule));
static_assert(__same_type(((struct softirq_action *)NULL)->action,
			  &ek_net_rx_action));
static_assert(__same_type(&__netdev_alloc_skb, &ek_netdev_alloc_skb));
static_assert(__same_type(&napi_alloc_skb, &ek_napi_alloc_skb));
static_assert(__same_type(&napi_build_skb, &build_skb));
/* Nor may the arguments be others. */
static_assert(__same_type(&__alloc_skb, (struct sk_buff *(*)(unsigned int, gfp_t, int, int))NULL));
static_assert(__same_type(&napi_consume_skb, (void (*)(struct sk_buff *, int))NULL));

static void to(struct ftrace_regs *fregs, void *replacement)
{
	ftrace_regs_set_instruction_pointer(fregs, (unsigned long)replacement);
}

static void rt_net_rx(struct ftrace_regs *fregs)
{
	to(fregs, ek_net_rx_action);
}

/*
 * An instance with a thread of its own is none of ours. The backlog of this
 * CPU has one too, but it polls it only for other CPUs, see ____napi_schedule().
 */
static bool has_thread(const struct napi_struct *n)
{
	return test_bit(NAPI_STATE_THREADED, &n->state) &&
	       n != raw_cpu_ptr(&softnet_data.backlog);
}

static void rt_schedule(struct ftrace_regs *fregs)
{
	if (ek_schedules_rt() && !has_thread((void *)ftrace_regs_get_argument(fregs, 0)))
		to(fregs, ek_napi_schedule);
}

/* The rest is about packet buffers: see rt_skb.c. RSI and RDX are the second and third argument. */
static void rt_alloc(struct ftrace_regs *fregs)
{
	arch_ftrace_regs(fregs)->regs.dx |= SKB_ALLOC_FCLONE;
}

/* One that may sleep does not use the cache for its data. */
static void rt_netdev_alloc(struct ftrace_regs *fregs)
{
	if (!gfpflags_allow_blocking(ftrace_regs_get_argument(fregs, 2)))
		to(fregs, ek_netdev_alloc_skb);
}

static void rt_napi_alloc(struct ftrace_regs *fregs)
{
	to(fregs, ek_napi_alloc_skb);
}

/* The one differs from the other in where the head comes from. */
static void rt_napi_build(struct ftrace_regs *fregs)
{
	to(fregs, build_skb);
}

/* Without a budget, it is dev_consume_skb_any(). */
static void rt_napi_consume(struct ftrace_regs *fregs)
{
	arch_ftrace_regs(fregs)->regs.si = 0;
}

static struct redirection {
	const char	*function;
	/* what becomes of an RT thread's call */
	void		(*redirect)(struct ftrace_regs *fregs);
	/* where ftrace enters the function */
	unsigned long	entry;
} redirections[] = {
	{ "net_rx_action",		rt_net_rx },
	{ "__napi_schedule",		rt_schedule },
	{ "__napi_schedule_irqoff",	rt_schedule },
	{ "__alloc_skb",		rt_alloc },
	{ "__netdev_alloc_skb",		rt_netdev_alloc },
	{ "napi_alloc_skb",		rt_napi_alloc },
	{ "napi_build_skb",		rt_napi_build },
	{ "napi_consume_skb",		rt_napi_consume },
};

static const struct redirection *const net_rx = &redirections[0];

static void redirect(unsigned long ip, struct ftrace_regs *fregs)
{
	const struct redirection *r = redirections;

	while (r->entry != ip)
		r++;
	r->redirect(fregs);
}

/*
 * Bulk traffic comes through here for each of its packets. There is nothing to be
 * protected from recursion: what this calls is not among the functions above.
 */
static void notrace handler(unsigned long ip, unsigned long parent_ip,
			    struct ftrace_ops *ops, struct ftrace_regs *fregs)
{
	/* A hard interrupt handler does not act for the thread it interrupts. */
	if (ek_polls_rt() && !in_hardirq() && !in_nmi()) {
		redirect(ip, fregs);
	} else if (ip == net_rx->entry && !list_empty(this_cpu_ptr(&ek_cpu.rt_poll_list))) {
		/*
		 * The softirq that an RT thread raised ended up here: the thread has
		 * blocked before it enabled bottom halves, or is not RT any more.
		 */
		ek_hand_over();
	}
}

static struct ftrace_ops ops = {
	.func	= handler,
	.flags	= FTRACE_OPS_FL_IPMODIFY | FTRACE_OPS_FL_PERMANENT,
};

/* Adds a function to what is redirected. */
static int add(struct redirection *r)
{
	int err = ek_find_function(r->function, true, &r->entry);

	if (err && err != -EOPNOTSUPP) {
		pr_err("not loaded: this kernel has no function %s() (error %d)\n",
		       r->function, err);
		return err;
	}
	if (!err)
		err = ftrace_set_filter_ip(&ops, r->entry, 0, 0);
	if (err)
		pr_err("not loaded: %s() of this kernel has no ftrace entry (error %d)\n",
		       r->function, err);
	return err;
}

/* For whoever wonders later why a live patch is refused. */
static void say_what_is_taken(void)
{
	char names[256] = "";
	size_t length = 0;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(redirections); i++)
		length += scnprintf(names + length, sizeof(names) - length, " %s()",
				    redirections[i].function);
	pr_info("until it is unloaded, the kernel refuses live patches (error %d) of%s\n",
		-EBUSY, names);
}

/**
 * ek_redirect() - Redirect calls of RT threads from now on
 *
 * Return: 0 or a negative errno, after a message
 */
int ek_redirect(void)
{
	unsigned int i;
	int err;

	for (i = 0; i < ARRAY_SIZE(redirections); i++) {
		err = add(&redirections[i]);
		if (err)
			goto err_filter;
	}
	err = register_ftrace_function(&ops);
	if (!err) {
		say_what_is_taken();
		return 0;
	}
	if (err == -EBUSY)
		pr_err("not loaded: what it redirects is live-patched already, or kernel.ftrace_enabled is 0\n");
	else
		pr_err("not loaded: ftrace refuses (error %d)\n", err);
err_filter:
	ftrace_free_filter(&ops);
	return err;
}

/**
 * ek_restore() - Undo ek_redirect(); no call is in a replacement on return
 *
 * It ends with a grace period of RCU tasks, and no replacement sleeps, other than for a
 * lock of the real-time kind.
 */
void ek_restore(void)
{
	unregister_ftrace_function(&ops);
	ftrace_free_filter(&ops);
}
