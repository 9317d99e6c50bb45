// SPDX-License-Identifier: GPL-2.0-only
/*
 * The addresses of a VM's network namespace. The guest shows them to its programs.
 */
#include <linux/inetdevice.h>
#include <linux/netdevice.h>
#include <net/addrconf.h>
#include <net/if_inet6.h>
#include <net/net_namespace.h>

#include "ek_host.h"

#define ROOM	(EK_DATA_BYTES / sizeof(struct ek_interface_address))

/* Leaves out the first @skip addresses, and has at most ROOM of the others. */
struct list {
	unsigned long			skip;
	unsigned int			count;
	struct ek_interface_address	*to;
};

static void add(struct list *list, u16 family, const void *address, size_t bytes, u8 prefix_bits)
{
	struct ek_interface_address *to = &list->to[list->count];

	if (list->skip) {
		list->skip--;
		return;
	}
	if (list->count == ROOM)
		return;
	*to = (struct ek_interface_address){ .family = family, .prefix_bits = prefix_bits };
	memcpy(to->address, address, bytes);
	list->count++;
}

static void add_ipv4(struct list *list, const struct net_device *dev)
{
	const struct in_device *in_dev = __in_dev_get_rcu(dev);
	const struct in_ifaddr *ifa;

	if (!in_dev)
		return;
	in_dev_for_each_ifa_rcu(ifa, in_dev)
		if (ifa->ifa_scope < RT_SCOPE_LINK)
			add(list, PF_INET, &ifa->ifa_local, sizeof(ifa->ifa_local),
			    ifa->ifa_prefixlen);
}

static void add_ipv6(struct list *list, const struct net_device *dev)
{
	struct inet6_dev *in6_dev = __in6_dev_get(dev);
	const struct inet6_ifaddr *ifa;

	if (!in6_dev)
		return;
	list_for_each_entry_rcu(ifa, &in6_dev->addr_list, if_list)
		if (!(ipv6_addr_type(&ifa->addr) & (IPV6_ADDR_LINKLOCAL | IPV6_ADDR_LOOPBACK)))
			add(list, PF_INET6, &ifa->addr, sizeof(ifa->addr), ifa->prefix_len);
}

/**
 * ek_op_addresses() - EK_OP_ADDRESSES
 * @call:	call
 *
 * Return: number of addresses in the reply
 */
long ek_op_addresses(struct ek_host_call *call)
{
	struct list list = {
		.skip	= call->request.arg,
		.to	= (void *)call->channel->data,
	};
	const struct net_device *dev;

	rcu_read_lock();
	for_each_netdev_rcu(call->vm->net, dev) {
		if (dev->flags & IFF_LOOPBACK)
			continue;
		add_ipv4(&list, dev);
		add_ipv6(&list, dev);
	}
	rcu_read_unlock();
	call->reply.data_bytes = list.count * sizeof(*list.to);
	memcpy(call->channel->slot->data, list.to, call->reply.data_bytes);
	return list.count;
}

static int ipv4_changed(struct notifier_block *nb, unsigned long action, void *data)
{
	const struct in_ifaddr *ifa = data;

	ek_vms_addresses_changed(dev_net(ifa->ifa_dev->dev));
	return NOTIFY_DONE;
}

static int ipv6_changed(struct notifier_block *nb, unsigned long action, void *data)
{
	const struct inet6_ifaddr *ifa = data;

	ek_vms_addresses_changed(dev_net(ifa->idev->dev));
	return NOTIFY_DONE;
}

static struct notifier_block ipv4_notifier = { .notifier_call = ipv4_changed };
static struct notifier_block ipv6_notifier = { .notifier_call = ipv6_changed };

/**
 * ek_addresses_init() - Have guests told from now on when addresses change
 *
 * Return: 0 or a negative errno
 */
int ek_addresses_init(void)
{
	int err = register_inetaddr_notifier(&ipv4_notifier);

	if (err)
		return err;
	err = register_inet6addr_notifier(&ipv6_notifier);
	if (err)
		unregister_inetaddr_notifier(&ipv4_notifier);
	return err;
}

/**
 * ek_addresses_exit() - Undo ek_addresses_init()
 */
void ek_addresses_exit(void)
{
	unregister_inet6addr_notifier(&ipv6_notifier);
	unregister_inetaddr_notifier(&ipv4_notifier);
}
