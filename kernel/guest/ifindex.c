// SPDX-License-Identifier: GPL-2.0-only
/*
 * Indices of interfaces. Those of this guest mean nothing on the host, and the reverse.
 *
 * Programs see two interfaces that outsourced sockets use: lo, which is the host's lo, and
 * ek0, which stands for all others. Towards the host, ek0 is no interface: the host chooses
 * one by its routes. Other interfaces of this guest become one that no host has, so that the
 * host refuses them as it refuses any that there is not, with the error of the option.
 */
#include <linux/errqueue.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/netdevice.h>
#include <linux/socket.h>
#include <linux/string.h>
#include <net/ipv6.h>
#include <net/net_namespace.h>

#include "ek_guest.h"

/* Of lo, in every network namespace */
#define EK_HOST_LO	1
#define EK_NO_INTERFACE	INT_MAX

/* Of ek0 */
static u32 ours;

/**
 * ek_ifindex_init() - Say which interface stands for the host's
 * @index:	its index
 */
void ek_ifindex_init(u32 index)
{
	WRITE_ONCE(ours, index);
}

/**
 * ek_ifindex_to_host() - Translate an index for the host
 * @index:	index in this guest, or 0
 *
 * May be applied again to what it has returned.
 *
 * Return: index on the host
 */
u32 ek_ifindex_to_host(u32 index)
{
	if (!index || index == READ_ONCE(ours))
		return 0;
	return index == READ_ONCE(init_net.loopback_dev->ifindex) ? EK_HOST_LO : EK_NO_INTERFACE;
}

static u32 to_guest(u32 index)
{
	if (!index)
		return 0;
	return index == EK_HOST_LO ? READ_ONCE(init_net.loopback_dev->ifindex) : READ_ONCE(ours);
}

/**
 * find_option() - Find the index in an option's value
 * @level:	level of the option
 * @name:	option
 * @value:	its value
 * @bytes:	length of @value
 * @network:	set if the index is in network byte order
 *
 * Return: where it is; NULL if there is none
 */
static void *find_option(int level, int name, void *value, u32 bytes, bool *network)
{
	u32 offset = 0;

	*network = false;
	if (level == SOL_IP) {
		switch (name) {
		case IP_ADD_MEMBERSHIP:
		case IP_DROP_MEMBERSHIP:
		case IP_MULTICAST_IF:
			offset = offsetof(struct ip_mreqn, imr_ifindex);
			break;
		case IP_UNICAST_IF:
			*network = true;
			break;
		default:
			return NULL;
		}
	} else if (level == SOL_IPV6) {
		switch (name) {
		case IPV6_ADD_MEMBERSHIP:
		case IPV6_DROP_MEMBERSHIP:
			offset = offsetof(struct ipv6_mreq, ipv6mr_ifindex);
			break;
		case IPV6_MULTICAST_IF:
			break;
		case IPV6_UNICAST_IF:
			*network = true;
			break;
		default:
			return NULL;
		}
	} else {
		return NULL;
	}
	return bytes >= offset + sizeof(u32) ? value + offset : NULL;
}

static void translate_option(int level, int name, void *value, u32 bytes, u32 (*translate)(u32))
{
	bool network;
	void *at = find_option(level, name, value, bytes, &network);
	u32 index;

	if (!at)
		return;
	memcpy(&index, at, sizeof(index));
	index = network ? (__force u32)htonl(translate(ntohl((__force __be32)index))) :
			  translate(index);
	memcpy(at, &index, sizeof(index));
}

/**
 * ek_ifindex_option_to_host() - Translate an option that is to be set
 * @level:	level of the option
 * @name:	option
 * @value:	its value
 * @bytes:	length of @value
 */
void ek_ifindex_option_to_host(int level, int name, void *value, u32 bytes)
{
	translate_option(level, name, value, bytes, ek_ifindex_to_host);
}

static void *find_control(struct cmsghdr *cmsg)
{
	size_t offset;

	if (cmsg->cmsg_level == SOL_IP && cmsg->cmsg_type == IP_PKTINFO)
		offset = offsetof(struct in_pktinfo, ipi_ifindex);
	else if (cmsg->cmsg_level == SOL_IPV6 && cmsg->cmsg_type == IPV6_PKTINFO)
		offset = offsetof(struct in6_pktinfo, ipi6_ifindex);
	else
		return NULL;
	return cmsg->cmsg_len >= CMSG_LEN(offset + sizeof(u32)) ? CMSG_DATA(cmsg) + offset : NULL;
}

static void translate_control(struct cmsghdr *cmsg, u32 (*translate)(u32))
{
	void *at = find_control(cmsg);
	u32 index;

	if (!at)
		return;
	memcpy(&index, at, sizeof(index));
	index = translate(index);
	memcpy(at, &index, sizeof(index));
}

/* Whether the value of an option is ancillary data: that of the packet that began a connection */
static bool is_control(int level, int name)
{
	return (level == SOL_IP && name == IP_PKTOPTIONS) ||
	       (level == SOL_IPV6 && name == IPV6_2292PKTOPTIONS);
}

/**
 * ek_ifindex_option_to_guest() - Translate an option that the host has
 * @level:	level of the option
 * @name:	option
 * @value:	its value
 * @bytes:	length of @value
 */
void ek_ifindex_option_to_guest(int level, int name, void *value, u32 bytes)
{
	struct msghdr msg = { .msg_control = value, .msg_controllen = bytes };
	struct cmsghdr *cmsg;

	if (!is_control(level, name)) {
		translate_option(level, name, value, bytes, to_guest);
		return;
	}
	for_each_cmsghdr(cmsg, &msg) {
		if (!CMSG_OK(&msg, cmsg))
			break;
		translate_control(cmsg, to_guest);
	}
}

/**
 * ek_ifindex_control_to_host() - Translate the ancillary data of a message to be sent
 * @msg:	message, with ancillary data in the kernel
 *
 * In its place, and harmless if the message is sent again.
 */
void ek_ifindex_control_to_host(struct msghdr *msg)
{
	struct cmsghdr *cmsg;

	for_each_cmsghdr(cmsg, msg) {
		if (!CMSG_OK(msg, cmsg))
			break;
		translate_control(cmsg, ek_ifindex_to_host);
	}
}

/**
 * ek_ifindex_control_to_guest() - Translate ancillary data of the host
 * @es:		socket
 * @cmsg:	a part of the data
 */
void ek_ifindex_control_to_guest(struct ek_guest_socket *es, struct cmsghdr *cmsg)
{
	translate_control(cmsg, to_guest);
	/* The address behind it is of who has sent the error. */
	if (cmsg->cmsg_level == SOL_IPV6 && cmsg->cmsg_type == IPV6_RECVERR &&
	    cmsg->cmsg_len >= CMSG_LEN(sizeof(struct sock_extended_err) +
				       sizeof(struct sockaddr_in6)))
		ek_ifindex_address_to_guest(es, CMSG_DATA(cmsg) + sizeof(struct sock_extended_err),
					    sizeof(struct sockaddr_in6));
}

/* Only addresses of a link have a scope. */
static bool has_scope(const struct sockaddr_in6 *address, u32 bytes)
{
	return bytes >= sizeof(*address) && address->sin6_family == AF_INET6 &&
	       __ipv6_addr_needs_scope_id(ipv6_addr_type(&address->sin6_addr));
}

/**
 * ek_ifindex_address_to_host() - Translate the scope of an address for the host
 * @es:		socket
 * @address:	address
 * @bytes:	length of @address, EK_ADDRESS_BYTES at most
 * @copy:	for an address that differs
 *
 * An address of a link needs an interface, which ek0 does not name. It is that of the link
 * of which the socket has had such an address last, so a server can answer.
 *
 * Return: @address or @copy
 */
const void *ek_ifindex_address_to_host(const struct ek_guest_socket *es, const void *address,
				       u32 bytes, struct sockaddr_storage *copy)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)copy;

	if (!address || !has_scope(address, bytes))
		return address;
	memcpy(copy, address, bytes);
	in6->sin6_scope_id = in6->sin6_scope_id == READ_ONCE(ours) ?
		READ_ONCE(es->link) : ek_ifindex_to_host(in6->sin6_scope_id);
	return copy;
}

/**
 * ek_ifindex_scope_to_guest() - Translate the scope of an address of the host, to be shown
 * @address:	address
 * @bytes:	length of @address
 */
void ek_ifindex_scope_to_guest(void *address, u32 bytes)
{
	struct sockaddr_in6 *in6 = address;

	if (has_scope(in6, bytes))
		in6->sin6_scope_id = to_guest(in6->sin6_scope_id);
}

/**
 * ek_ifindex_address_to_guest() - Translate the scope of an address of the host
 * @es:		socket
 * @address:	address that the socket has to do with, see ek_ifindex_address_to_host()
 * @bytes:	length of @address
 */
void ek_ifindex_address_to_guest(struct ek_guest_socket *es, void *address, u32 bytes)
{
	const struct sockaddr_in6 *in6 = address;

	if (has_scope(in6, bytes) && in6->sin6_scope_id != EK_HOST_LO)
		WRITE_ONCE(es->link, in6->sin6_scope_id);
	ek_ifindex_scope_to_guest(address, bytes);
}
