// SPDX-License-Identifier: GPL-2.0-only
/* A live patch of a function that ek_softirq redirects: one of the two is refused. */
#include <linux/livepatch.h>
#include <linux/module.h>
#include <linux/netdevice.h>

/* What napi_consume_skb() is without a budget */
static void consume(struct sk_buff *skb, int budget)
{
	dev_consume_skb_any(skb);
}

static struct klp_func funcs[] = {
	{
		.old_name	= "napi_consume_skb",
		.new_func	= consume,
	}, { }
};

static struct klp_object objects[] = {
	{
		/* no name: it is of the kernel itself */
		.funcs	= funcs,
	}, { }
};

static struct klp_patch patch = {
	.mod	= THIS_MODULE,
	.objs	= objects,
};

static int __init live_patch_init(void)
{
	static_assert(__same_type(&napi_consume_skb, &consume));
	return klp_enable_patch(&patch);
}

/* Only once the patch is disabled and no thread runs in it. */
static void __exit live_patch_exit(void)
{
}

module_init(live_patch_init);
module_exit(live_patch_exit);

MODULE_DESCRIPTION("A live patch for the tests of ek_softirq");
MODULE_LICENSE("GPL");
MODULE_INFO(livepatch, "Y");
