// SPDX-License-Identifier: GPL-2.0-only
/*
 * An interface that shows the addresses which the guest's sockets have on the
 * host. Programs look for addresses to listen on, and libraries check whether there
 * is IPv4 or IPv6 at all. No packet ever goes this way.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/if_addr.h>
#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/netdevice.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/workqueue.h>
#include <net/if_inet6.h>
#include <net/addrconf.h>
#include <net/net_namespace.h>

#include "ek_guest.h"

/* Further addresses are not shown. */
#define EK_MAX_ADDRESSES	512

struct ek_addresses {
	unsigned int			count;
	struct ek_interface_address	list[EK_MAX_ADDRESSES];
};

static struct net_device *interface;
static struct socket *rtnetlink;
/* What the interface shows, and what the host has now. Only update() uses them. */
static struct ek_addresses *shown, *wanted;

static netdev_tx_t drop(struct sk_buff *skb, struct net_device *dev)
{
	kfree_skb(skb);
	return NETDEV_TX_OK;
}

static const struct net_device_ops interface_ops = {
	.ndo_start_xmit	= drop,
};

static void set_up(struct net_device *dev)
{
	dev->netdev_ops = &interface_ops;
	dev->type = ARPHRD_NONE;
	dev->flags = IFF_NOARP;
	dev->mtu = ETH_DATA_LEN;
	dev->addr_len = 0;
	dev->tx_queue_len = 0;
}

/**
 * ask() - Ask the host for the addresses of its network namespace
 * @addresses:	filled in here
 *
 * One call has room for some of them, so this takes several.
 *
 * Return: 0 or a negative errno
 */
static long ask(struct ek_addresses *addresses)
{
	unsigned int room = EK_DATA_BYTES / sizeof(addresses->list[0]);
	long count;

	addresses->count = 0;
	do {
		struct ek_guest_call call = {
			.request.operation = EK_OP_ADDRESSES,
			.request.arg	   = addresses->count,
			.life		   = ek_vmrpc_life(),
			.reply_data	   = &addresses->list[addresses->count],
		};

		room = min(room, EK_MAX_ADDRESSES - addresses->count);
		call.data_room = room * sizeof(addresses->list[0]);
		count = ek_vmrpc_call(&call);
		if (count < 0)
			return count;
		addresses->count += min_t(unsigned long, count, room);
	} while (room && count >= room);
	return 0;
}

static size_t bytes_of(const struct ek_interface_address *address)
{
	return address->family == PF_INET ? sizeof(struct in_addr) : sizeof(struct in6_addr);
}

static bool is_valid(const struct ek_interface_address *address)
{
	return (address->family == PF_INET || address->family == PF_INET6) &&
	       address->prefix_bits <= 8 * bytes_of(address);
}

static bool contains(const struct ek_addresses *addresses,
		     const struct ek_interface_address *address)
{
	unsigned int i;

	for (i = 0; i < addresses->count; i++)
		if (!memcmp(&addresses->list[i], address, sizeof(*address)))
			return true;
	return false;
}

struct request {
	struct nlmsghdr		head;
	struct ifaddrmsg	body;
	u8			attributes[64];
};

static void add_attribute(struct request *request, u16 type, const void *value, u16 bytes)
{
	struct nlattr *attribute = (void *)request + NLMSG_ALIGN(request->head.nlmsg_len);

	attribute->nla_type = type;
	attribute->nla_len = NLA_HDRLEN + bytes;
	memcpy((void *)attribute + NLA_HDRLEN, value, bytes);
	request->head.nlmsg_len = NLMSG_ALIGN(request->head.nlmsg_len) + attribute->nla_len;
}

/**
 * change() - Add an address to the interface, or delete one
 * @type:	RTM_NEWADDR or RTM_DELADDR
 * @address:	valid address
 *
 * By netlink, as ip(8) does it: no function for both families is exported.
 *
 * Return: 0 or a negative errno
 */
static int change(u16 type, const struct ek_interface_address *address)
{
	/* Without a route: packets of sockets that are not outsourced keep theirs. */
	u32 flags = IFA_F_NOPREFIXROUTE | IFA_F_NODAD | IFA_F_PERMANENT;
	/* A message with an address comes from the kernel and needs no capabilities. */
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct request request = {
		.head = {
			.nlmsg_type	= type,
			.nlmsg_flags	= NLM_F_REQUEST | NLM_F_ACK |
					  (type == RTM_NEWADDR ? NLM_F_CREATE | NLM_F_REPLACE : 0),
			.nlmsg_len	= NLMSG_LENGTH(sizeof(struct ifaddrmsg)),
		},
		.body = {
			.ifa_family	= address->family,
			.ifa_prefixlen	= address->prefix_bits,
			.ifa_index	= interface->ifindex,
		},
	};
	struct {
		struct nlmsghdr	head;
		struct nlmsgerr	body;
	} reply;
	struct msghdr to = { .msg_name = &kernel, .msg_namelen = sizeof(kernel) };
	struct msghdr from = {};
	struct kvec vec;
	int ret;

	add_attribute(&request, IFA_LOCAL, address->address, bytes_of(address));
	add_attribute(&request, IFA_ADDRESS, address->address, bytes_of(address));
	add_attribute(&request, IFA_FLAGS, &flags, sizeof(flags));
	vec.iov_base = &request;
	vec.iov_len = request.head.nlmsg_len;
	ret = kernel_sendmsg(rtnetlink, &to, &vec, 1, vec.iov_len);
	if (ret < 0)
		return ret;
	/* rtnetlink executes a request when it is sent, so the reply is there. */
	vec.iov_base = &reply;
	vec.iov_len = sizeof(reply);
	ret = kernel_recvmsg(rtnetlink, &from, &vec, 1, sizeof(reply), MSG_DONTWAIT);
	if (ret < 0)
		return ret;
	return ret == sizeof(reply) ? reply.body.error : -EPROTO;
}

static void update(struct work_struct *work)
{
	unsigned int i;
	int err = ask(wanted);

	/* The host is gone, or does not know the operation. What is shown stays. */
	if (err)
		return;
	for (i = 0; i < shown->count; i++)
		if (!contains(wanted, &shown->list[i]))
			change(RTM_DELADDR, &shown->list[i]);
	for (i = 0; i < wanted->count; i++) {
		const struct ek_interface_address *address = &wanted->list[i];

		if (contains(shown, address) || !is_valid(address))
			continue;
		err = change(RTM_NEWADDR, address);
		if (err)
			pr_warn_ratelimited("an address of the host's is not shown (error %d)\n",
					    err);
	}
	swap(shown, wanted);
}

static DECLARE_WORK(update_work, update);

/**
 * ek_interface_update() - Have the interface show what the host has now
 *
 * Context: Any context but NMI.
 */
void ek_interface_update(void)
{
	schedule_work(&update_work);
}

/**
 * ek_interface_start() - Show the addresses, and wait until they are shown
 *
 * Events must be handled already: they report later changes.
 */
void ek_interface_start(void)
{
	ek_interface_update();
	flush_work(&update_work);
}

static int add_interface(void)
{
	struct inet6_dev *in6_dev;
	int err;

	interface = alloc_netdev(0, "ek%d", NET_NAME_ENUM, set_up);
	if (!interface)
		return -ENOMEM;
	rtnl_lock();
	err = register_netdevice(interface);
	if (!err) {
		/* No link-local address: that is not an address of the host's sockets. */
		in6_dev = __in6_dev_get(interface);
		if (in6_dev)
			in6_dev->cnf.addr_gen_mode = IN6_ADDR_GEN_MODE_NONE;
		err = dev_open(interface, NULL);
		if (err)
			unregister_netdevice(interface);
	}
	rtnl_unlock();
	if (err)
		free_netdev(interface);
	else
		ek_ifindex_init(interface->ifindex);
	return err;
}

/**
 * ek_interface_init() - Add the interface, without addresses
 *
 * Return: 0 or a negative errno
 */
int ek_interface_init(void)
{
	int err;

	shown = kvzalloc(sizeof(*shown), GFP_KERNEL);
	wanted = kvzalloc(sizeof(*wanted), GFP_KERNEL);
	err = -ENOMEM;
	if (!shown || !wanted)
		goto err_addresses;
	err = sock_create_kern(&init_net, PF_NETLINK, SOCK_RAW, NETLINK_ROUTE, &rtnetlink);
	if (err)
		goto err_addresses;
	err = add_interface();
	if (err)
		goto err_rtnetlink;
	return 0;

err_rtnetlink:
	sock_release(rtnetlink);
err_addresses:
	kvfree(wanted);
	kvfree(shown);
	return err;
}

/**
 * ek_interface_exit() - Remove the interface; nobody calls ek_interface_update() any more
 */
void ek_interface_exit(void)
{
	cancel_work_sync(&update_work);
	unregister_netdev(interface);
	free_netdev(interface);
	sock_release(rtnetlink);
	kvfree(wanted);
	kvfree(shown);
}
