// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packet buffers of RT threads. Each CPU has a cache of struct sk_buff and of
 * pages for packets, napi_alloc_cache of net/core/skbuff.c, under a lock. Bulk
 * traffic holds it for a good part of the time: now and then it gets new pages
 * under it, and has them cleared. An RT thread that preempts the holder has to
 * boost it, and to switch to it and back.
 *
 * RT threads go around that cache, to the slab allocator: a head that is allocated
 * as TCP does for what it sends, with SKB_ALLOC_FCLONE, is neither taken from the
 * cache nor put there. Where that is a matter of arguments, redirect.c sees to it.
 */
#include <linux/netdevice.h>
#include <linux/skbuff.h>

#include "ek_softirq.h"

static struct sk_buff *alloc_received(struct net_device *dev, unsigned int len,
				      unsigned int headroom, gfp_t gfp)
{
	struct sk_buff *skb = __alloc_skb(len + headroom, gfp, SKB_ALLOC_RX | SKB_ALLOC_FCLONE,
					  NUMA_NO_NODE);

	if (skb) {
		skb_reserve(skb, headroom);
		skb->dev = dev;
	}
	return skb;
}

/**
 * ek_netdev_alloc_skb() - Replace __netdev_alloc_skb() for an RT thread
 * @dev:	device that will receive into it, or NULL
 * @len:	bytes for the packet
 * @gfp:	of those that may not sleep
 *
 * Return: buffer with the usual headroom, or NULL
 */
struct sk_buff *ek_netdev_alloc_skb(struct net_device *dev, unsigned int len, gfp_t gfp)
{
	return alloc_received(dev, len, NET_SKB_PAD, gfp);
}

/**
 * ek_napi_alloc_skb() - Replace napi_alloc_skb() for an RT thread
 * @n:		instance of the device that will receive into it
 * @len:	bytes for the packet
 *
 * Return: buffer with the usual headroom, or NULL
 */
struct sk_buff *ek_napi_alloc_skb(struct napi_struct *n, unsigned int len)
{
	return alloc_received(n->dev, len, NET_SKB_PAD + NET_IP_ALIGN,
			      GFP_ATOMIC | __GFP_NOWARN);
}
