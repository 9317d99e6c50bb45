// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attaches points to tracepoints and to the entries of functions, and is what
 * runs there.
 *
 * A tracepoint is found by its name, in the kernel or in a module, and calls its
 * probes with its arguments. These are words in registers, which the x86-64
 * calling convention puts in the same places whatever their types are, and a
 * function that takes more of them than there are finds rubbish in the rest: so
 * one function will do for all tracepoints.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/notifier.h>
#include <linux/sched.h>
#include <linux/skbuff.h>
#include <linux/tracepoint.h>
#include <linux/udp.h>
#include <net/ip.h>

#include "ek_function.h"
#include "ek_probe.h"

#ifndef CONFIG_X86_64
#error "the arguments of a tracepoint are taken as x86-64 passes them"
#endif

static __always_inline bool contains(const struct ek_list *list, u32 value)
{
	unsigned int i;

	for (i = 0; i < list->count; i++)
		if (list->members[i] == value)
			return true;
	return !list->count;
}

static __always_inline bool applies(const struct ek_point *point)
{
	return (point->cpu < 0 || point->cpu == raw_smp_processor_id()) &&
	       contains(&point->current_pids, current->pid);
}

/*
 * Each network namespace has indices of its own. From the queue of a socket on, UDP has
 * other data in the place of @skb->dev, which are never an address of the kernel.
 */
static __always_inline bool is_on(const struct sk_buff *skb, u32 device)
{
	return (unsigned long)skb->dev >= TASK_SIZE_MAX && skb->dev->ifindex == device &&
	       net_eq(dev_net(skb->dev), &init_net);
}

/* Whether there is a datagram of the point's in @skb, which is at its link or IP header */
static notrace bool message(const struct ek_point *point, const struct sk_buff *skb, u32 *value)
{
	bool at_link = skb_mac_header_was_set(skb) && skb_mac_header(skb) == skb->data;
	int at = at_link ? ETH_HLEN : 0;
	const struct udphdr *udp;
	const struct iphdr *ip;
	struct udphdr udp_copy;
	struct iphdr ip_copy;
	const __be32 *word;
	__be32 word_copy;

	if (skb->protocol != htons(ETH_P_IP))
		return false;
	if (point->device && !is_on(skb, point->device))
		return false;
	ip = skb_header_pointer(skb, at, sizeof(ip_copy), &ip_copy);
	if (!ip || ip->protocol != IPPROTO_UDP || ip_is_fragment(ip))
		return false;
	at += ip->ihl * 4;
	udp = skb_header_pointer(skb, at, sizeof(udp_copy), &udp_copy);
	if (!udp || (udp->source != htons(point->port) && udp->dest != htons(point->port)))
		return false;
	at += sizeof(*udp) + point->offset;
	word = skb_header_pointer(skb, at, sizeof(word_copy), &word_copy);
	if (!word)
		return false;
	*value = be32_to_cpu(*word);
	return true;
}

static notrace bool evaluate(const struct ek_point *point, unsigned long argument, u32 *value)
{
	switch (point->value) {
	case EK_NOTHING:
		*value = 0;
		break;
	case EK_NUMBER:
		*value = argument;
		break;
	case EK_TASK:
		*value = ((const struct task_struct *)argument)->pid;
		break;
	case EK_MESSAGE:
		if (!message(point, (const struct sk_buff *)argument, value))
			return false;
		break;
	}
	return contains(&point->values, *value);
}

static notrace void at_tracepoint(void *data, unsigned long a, unsigned long b, unsigned long c,
				  unsigned long d, unsigned long e)
{
	const unsigned long arguments[EK_ARGUMENTS] = { a, b, c, d, e };
	const struct ek_point *point = data;
	u32 value;

	if (applies(point) && evaluate(point, arguments[point->argument], &value))
		ek_record(point->number, value);
}

/* Calls nothing that ftrace traces, so it needs no protection against recursion. */
static notrace void at_function(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *ops,
				struct ftrace_regs *fregs)
{
	const struct ek_point *point = container_of(ops, struct ek_point, ops);

	if (applies(point))
		ek_record(point->number, 0);
}

struct search {
	const char		*name;
	struct tracepoint	*found;
	struct module		*owner;
	struct notifier_block	modules;
};

static void look_at(struct tracepoint *tracepoint, void *data)
{
	struct search *search = data;

	if (!strcmp(tracepoint->name, search->name))
		search->found = tracepoint;
}

/* Called for each module that there is; one that has a tracepoint in use must stay. */
static int look_in_module(struct notifier_block *nb, unsigned long action, void *data)
{
	struct search *search = container_of(nb, struct search, modules);
	struct module *module = ((struct tp_module *)data)->mod;
	unsigned int i;

	if (action != MODULE_STATE_COMING || search->found)
		return NOTIFY_DONE;
	for (i = 0; i < module->num_tracepoints; i++)
		look_at(tracepoint_ptr_deref(&module->tracepoints_ptrs[i]), search);
	if (!search->found)
		return NOTIFY_DONE;
	if (try_module_get(module))
		search->owner = module;
	else
		search->found = NULL;
	return NOTIFY_DONE;
}

static int attach_tracepoint(struct ek_point *point)
{
	struct search search = {
		.name		= point->symbol,
		.modules	= { .notifier_call = look_in_module },
	};
	int err;

	/* at_tracepoint() has the type of no tracepoint's probes. */
	if (IS_ENABLED(CONFIG_CFI) || IS_ENABLED(CONFIG_CFI_CLANG)) {
		pr_err("this kernel checks the types of functions (CONFIG_CFI), and one is for all tracepoints here\n");
		return -EOPNOTSUPP;
	}
	for_each_kernel_tracepoint(look_at, &search);
	if (!search.found) {
		err = register_tracepoint_module_notifier(&search.modules);
		if (err)
			return err;
		unregister_tracepoint_module_notifier(&search.modules);
	}
	if (!search.found)
		return -ENOENT;
	/* Before all others there: what they do must not count as time before the point. */
	err = tracepoint_probe_register_prio(search.found, at_tracepoint, point, INT_MAX);
	if (err) {
		module_put(search.owner);
		return err;
	}
	point->tracepoint = search.found;
	point->owner = search.owner;
	return 0;
}

/* The address is that of the ftrace entry, behind an ENDBR if there is one, and is never called. */
static int attach_function(struct ek_point *point)
{
	unsigned long entry;
	int err = ek_find_function(point->symbol, true, &entry);

	if (err)
		return err;
	point->ops.func = at_function;
	err = ftrace_set_filter_ip(&point->ops, entry, 0, 0);
	if (!err)
		err = register_ftrace_function(&point->ops);
	if (err) {
		ftrace_free_filter(&point->ops);
		point->ops.func = NULL;
	}
	return err;
}

/**
 * ek_attach() - Have a point record from now on
 * @point:	from ek_point_parse(), not attached
 *
 * Return: 0 or a negative errno, after a message
 */
int ek_attach(struct ek_point *point)
{
	int err = point->mechanism == EK_TRACEPOINT ? attach_tracepoint(point) :
						      attach_function(point);

	if (err)
		pr_err("point %u: cannot be attached to the %s %s (error %d)\n", point->number,
		       point->mechanism == EK_TRACEPOINT ? "tracepoint" : "function",
		       point->symbol, err);
	return err;
}

/**
 * ek_detach() - Detach all points that are attached; none of them records on return
 * @points:	all EK_POINTS of them
 */
void ek_detach(struct ek_point *points)
{
	unsigned int i;

	for (i = 0; i < EK_POINTS; i++) {
		struct ek_point *point = &points[i];

		if (point->ops.func) {
			/* waits until nobody is in there any more */
			unregister_ftrace_function(&point->ops);
			ftrace_free_filter(&point->ops);
			point->ops = (struct ftrace_ops){};
		}
		if (point->tracepoint)
			tracepoint_probe_unregister(point->tracepoint, at_tracepoint, point);
	}
	tracepoint_synchronize_unregister();
	for (i = 0; i < EK_POINTS; i++) {
		module_put(points[i].owner);
		points[i].owner = NULL;
		points[i].tracepoint = NULL;
	}
}
