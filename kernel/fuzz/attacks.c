// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is done to the host. Most attacks are what a guest does all day, with a few
 * requests spoilt: sockets that talk to each other reach code that random requests
 * never would. They share the sockets' ids, ports and slots with those of the other
 * CPUs, so sockets are closed while they are used, and slots written while they are
 * read.
 */
#include <linux/delay.h>
#include <linux/if_packet.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/kernel.h>
#include <linux/poll.h>
#include <linux/sched.h>
#include <linux/socket.h>
#include <linux/sockios.h>
#include <linux/string.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <asm/ioctls.h>

#include "ek_fuzz.h"

#define FIRST_PORT	20000
#define PORTS		64
#define CROWD		32
/* more than the host lets share a port, join groups at once, and give regions at once */
#define SHARERS		72
#define GROUPS		80
#define SETUPS		24
#define TAMPERINGS	512

/* As the host has said when the first region was set up. */
u32 ek_max_sockets;

static int any_family(struct ek_fuzzer *f)
{
	return ek_one_in(f, 2) ? AF_INET : AF_INET6;
}

static u16 any_port(struct ek_fuzzer *f)
{
	return FIRST_PORT + ek_below(f, PORTS);
}

static u32 any_socket(struct ek_fuzzer *f)
{
	return ek_below(f, ek_max_sockets + 2);
}

static u32 few_segments(struct ek_fuzzer *f)
{
	return ek_one_in(f, 16) ? ek_below(f, EK_MAX_SEGMENTS + 1) : ek_below(f, 4);
}

/* A new socket; any one if there is no new one. */
static u32 create(struct ek_fuzzer *f, int family, int type)
{
	long id = ek_simple(f, EK_OP_CREATE, 0, (u64)family << 32 | type << 16);

	return id < 0 ? any_socket(f) : id;
}

/* Most are closed by who has made them. */
static void release(struct ek_fuzzer *f, u32 socket)
{
	if (!ek_one_in(f, 16))
		ek_simple(f, EK_OP_RELEASE, socket, 0);
}

static u32 new_or_any_socket(struct ek_fuzzer *f)
{
	if (ek_one_in(f, 4))
		return any_socket(f);
	return create(f, any_family(f), ek_one_in(f, 2) ? SOCK_STREAM : SOCK_DGRAM);
}

static void set_int(struct ek_fuzzer *f, u32 socket, u32 level, u32 name, u32 value)
{
	struct ek_slot *slot = ek_request(f, EK_OP_SETSOCKOPT, socket);

	slot->request.level = level;
	slot->request.name = name;
	slot->request.data_bytes = sizeof(value);
	memcpy(slot->data, &value, sizeof(value));
	ek_send_request(f);
}

/* Two sockets; what is sent to the second is received by the first. */
static void create_pair(struct ek_fuzzer *f, u32 *sockets)
{
	int family = any_family(f);
	u16 port = any_port(f);

	sockets[0] = create(f, family, SOCK_DGRAM);
	sockets[1] = create(f, family, SOCK_DGRAM);
	ek_with_address(f, EK_OP_BIND, sockets[0], family, port);
	ek_with_address(f, EK_OP_CONNECT, sockets[1], family, port);
}

static void datagrams(struct ek_fuzzer *f)
{
	u32 sockets[2], n;

	create_pair(f, sockets);
	for (n = 1 + ek_below(f, 8); n; n--) {
		ek_message(f, EK_OP_SEND, sockets[1], few_segments(f));
		ek_message(f, EK_OP_RECV, sockets[0], few_segments(f));
	}
	ek_simple(f, EK_OP_POLL, sockets[ek_below(f, 2)], 0);
	ek_simple(f, EK_OP_GETNAME, sockets[ek_below(f, 2)], ek_below(f, 2));
	release(f, sockets[0]);
	ek_message(f, EK_OP_SEND, sockets[1], 1);
	release(f, sockets[1]);
}

/*
 * Messages that come with their events, as this CPU is idle meanwhile. What is not taken
 * stays there; what the host believes of it is changed under its hands.
 */
static void deliveries(struct ek_fuzzer *f)
{
	const struct ek_layout *layout = ek_current_layout();
	u32 sockets[2], n, number = ek_below(f, min(layout->slots, num_online_cpus()));
	struct ek_delivery *delivery = ek_delivery(layout, number);
	struct ek_slot *slot;

	create_pair(f, sockets);
	for (n = 1 + ek_below(f, 4); n; n--) {
		slot = ek_request(f, EK_OP_RECV, sockets[0]);
		slot->request.flags = EK_DELIVER | (ek_one_in(f, 4) ? EK_BEHIND : 0);
		ek_put_segments(f, slot, 1);
		ek_send_request(f);
		slot = ek_request(f, EK_OP_SEND, sockets[1]);
		slot->request.inline_bytes = ek_below(f, EK_MESSAGE_BYTES + 1);
		ek_send_request(f);
		msleep(1);
		if (!ek_one_in(f, 4))
			WRITE_ONCE(delivery->state, ek_one_in(f, 8) ? ek_interesting(f) :
								      EK_DELIVERY_EMPTY);
		if (ek_one_in(f, 4))
			WRITE_ONCE(delivery->socket, ek_below(f, 64));
		if (ek_one_in(f, 4))
			ek_simple(f, EK_OP_POLL, sockets[0], 0);
	}
	release(f, sockets[ek_below(f, 2)]);
	release(f, sockets[ek_below(f, 2)]);
}

static u32 create_listener(struct ek_fuzzer *f, int family, u16 port, u32 backlog)
{
	u32 listener = create(f, family, SOCK_STREAM);

	set_int(f, listener, SOL_SOCKET, SO_REUSEADDR, 1);
	ek_with_address(f, EK_OP_BIND, listener, family, port);
	ek_simple(f, EK_OP_LISTEN, listener, backlog);
	return listener;
}

static void streams(struct ek_fuzzer *f)
{
	int family = any_family(f);
	u16 port = any_port(f);
	u32 listener = create_listener(f, family, port, ek_below(f, 8));
	u32 ends[2], n;
	long accepted;

	ends[0] = create(f, family, SOCK_STREAM);
	ek_with_address(f, EK_OP_CONNECT, ends[0], family, port);
	accepted = ek_simple(f, EK_OP_ACCEPT, listener, 0);
	ends[1] = accepted < 0 ? any_socket(f) : accepted;
	for (n = 1 + ek_below(f, 8); n; n--) {
		u32 from = ek_below(f, 2);

		ek_message(f, EK_OP_SEND, ends[from], few_segments(f));
		ek_message(f, EK_OP_RECV, ends[!from], few_segments(f));
	}
	ek_simple(f, EK_OP_POLL, ends[ek_below(f, 2)], 0);
	ek_simple(f, EK_OP_GETNAME, ends[ek_below(f, 2)], ek_below(f, 2));
	if (ek_one_in(f, 2))
		ek_simple(f, EK_OP_SHUTDOWN, ends[0], ek_below(f, 3));
	ek_message(f, EK_OP_RECV, ends[1], 1);
	release(f, listener);
	release(f, ends[0]);
	release(f, ends[1]);
}

/* Who connects and who accepts, and the listener that goes, take no turns. */
static void storm(struct ek_fuzzer *f)
{
	int family = any_family(f);
	u16 port = any_port(f);
	u32 backlog = ek_one_in(f, 4) ? ek_interesting(f) : CROWD;
	u32 listener = create_listener(f, family, port, backlog);
	u32 clients[CROWD], n, accepts;

	for (n = 0; n < CROWD; n++) {
		clients[n] = create(f, family, SOCK_STREAM);
		ek_with_address(f, EK_OP_CONNECT, clients[n], family, port);
	}
	/* with itself: nobody has listened at that port, perhaps */
	ek_with_address(f, EK_OP_BIND, clients[0], family, port + 1);
	ek_with_address(f, EK_OP_CONNECT, clients[0], family, port + 1);
	for (accepts = ek_below(f, CROWD); accepts; accepts--) {
		long accepted = ek_simple(f, EK_OP_ACCEPT, listener, 0);

		if (accepted < 0)
			break;
		release(f, accepted);
	}
	ek_simple(f, EK_OP_RELEASE, listener, 0);
	for (n = 0; n < CROWD; n++)
		release(f, clients[n]);
}

/* Many sockets wait; each of them gets something, and nobody takes the events. */
static void flood(struct ek_fuzzer *f)
{
	struct ek_slot *slot;
	u32 crowd[CROWD], n, round;

	for (n = 0; n < CROWD; n++) {
		crowd[n] = create(f, AF_INET, SOCK_DGRAM);
		ek_with_address(f, EK_OP_BIND, crowd[n], AF_INET, FIRST_PORT + PORTS + n);
	}
	for (round = 1 + ek_below(f, 4); round; round--) {
		for (n = 0; n < CROWD; n++)
			ek_simple(f, EK_OP_POLL, crowd[n], 0);
		for (n = 0; n < CROWD; n++) {
			slot = ek_request(f, EK_OP_SEND, crowd[0]);
			ek_put_address(f, slot, AF_INET, FIRST_PORT + PORTS + n);
			ek_put_segments(f, slot, 1);
			ek_send_request(f);
		}
	}
	for (n = 0; n < CROWD; n++)
		release(f, crowd[n]);
}

/* All sockets that there can be, and a few more; then none. */
static void limit(struct ek_fuzzer *f)
{
	u32 n;

	for (n = 0; n < ek_max_sockets + 8; n++)
		create(f, any_family(f), ek_one_in(f, 2) ? SOCK_STREAM : SOCK_DGRAM);
	for (n = 0; n < ek_max_sockets + 2; n++)
		ek_simple(f, EK_OP_RELEASE, n, 0);
}

/* As many sockets at one port as there can be; each gets what is sent to a group. */
static void crowd(struct ek_fuzzer *f)
{
	u16 port = any_port(f);
	u32 sockets[SHARERS], n;
	struct ek_slot *slot;

	for (n = 0; n < SHARERS; n++) {
		sockets[n] = create(f, AF_INET, SOCK_DGRAM);
		set_int(f, sockets[n], SOL_SOCKET, SO_REUSEADDR, 1);
		slot = ek_request(f, EK_OP_BIND, sockets[n]);
		ek_put_address(f, slot, AF_INET, port);
		((struct sockaddr_in *)slot->address)->sin_addr.s_addr = htonl(INADDR_ANY);
		ek_send_request(f);
	}
	for (n = 4; n; n--) {
		slot = ek_request(f, EK_OP_SEND, sockets[0]);
		ek_put_address(f, slot, AF_INET, port);
		((struct sockaddr_in *)slot->address)->sin_addr.s_addr =
			htonl(INADDR_ALLHOSTS_GROUP);
		ek_put_segments(f, slot, 1);
		ek_send_request(f);
	}
	for (n = 0; n < SHARERS; n++)
		ek_simple(f, EK_OP_RELEASE, sockets[n], 0);
}

/* More groups than a socket may join, faster than it may. */
static void groups(struct ek_fuzzer *f)
{
	u32 socket = create(f, AF_INET, SOCK_DGRAM), n;

	for (n = 0; n < GROUPS; n++) {
		struct ip_mreqn mreq = {
			.imr_multiaddr.s_addr = htonl(0xefff0000 | ek_below(f, 256)),
			.imr_address.s_addr = htonl(INADDR_LOOPBACK),
		};
		struct ek_slot *slot = ek_request(f, EK_OP_SETSOCKOPT, socket);

		slot->request.level = SOL_IP;
		slot->request.name = ek_one_in(f, 4) ? IP_DROP_MEMBERSHIP : IP_ADD_MEMBERSHIP;
		slot->request.data_bytes = sizeof(mreq);
		memcpy(slot->data, &mreq, sizeof(mreq));
		ek_send_request(f);
	}
	release(f, socket);
}

static const struct {
	u32	level;
	u32	name;
} known_options[] = {
	{ SOL_SOCKET, SO_REUSEADDR }, { SOL_SOCKET, SO_REUSEPORT }, { SOL_SOCKET, SO_LINGER },
	{ SOL_SOCKET, SO_RCVBUF }, { SOL_SOCKET, SO_SNDBUF }, { SOL_SOCKET, SO_RCVLOWAT },
	{ SOL_SOCKET, SO_PRIORITY }, { SOL_SOCKET, SO_TIMESTAMP_NEW }, { SOL_SOCKET, SO_RXQ_OVFL },
	{ SOL_SOCKET, SO_OOBINLINE }, { SOL_SOCKET, SO_KEEPALIVE },
	{ SOL_IP, IP_TOS }, { SOL_IP, IP_TTL }, { SOL_IP, IP_PKTINFO }, { SOL_IP, IP_RECVERR },
	{ SOL_IP, IP_MULTICAST_IF }, { SOL_IP, IP_ADD_MEMBERSHIP }, { SOL_IP, IP_DROP_MEMBERSHIP },
	{ SOL_IP, IP_LOCAL_PORT_RANGE }, { SOL_IP, IP_MTU }, { SOL_IP, IP_RECVORIGDSTADDR },
	{ SOL_IPV6, IPV6_V6ONLY }, { SOL_IPV6, IPV6_RECVPKTINFO }, { SOL_IPV6, IPV6_RECVERR },
	{ SOL_IPV6, IPV6_ADD_MEMBERSHIP }, { SOL_IPV6, IPV6_MULTICAST_IF }, { SOL_IPV6, IPV6_MTU },
	{ SOL_TCP, TCP_NODELAY }, { SOL_TCP, TCP_CORK }, { SOL_TCP, TCP_MAXSEG },
	{ SOL_TCP, TCP_CONGESTION }, { SOL_TCP, TCP_INFO }, { SOL_TCP, TCP_FASTOPEN },
	{ SOL_TCP, TCP_DEFER_ACCEPT }, { SOL_TCP, TCP_USER_TIMEOUT }, { SOL_TCP, TCP_WINDOW_CLAMP },
	{ SOL_UDP, UDP_CORK }, { SOL_UDP, UDP_SEGMENT }, { SOL_UDP, UDP_GRO },
};

static void options(struct ek_fuzzer *f)
{
	static const u32 levels[] = { SOL_SOCKET, SOL_IP, SOL_IPV6, SOL_TCP, SOL_UDP };
	u32 socket = new_or_any_socket(f), i = ek_below(f, ARRAY_SIZE(known_options));
	bool known = !ek_one_in(f, 4);
	u32 level = known ? known_options[i].level : levels[ek_below(f, ARRAY_SIZE(levels))];
	u32 name = known ? known_options[i].name : ek_below(f, 128);
	struct ek_slot *slot;

	slot = ek_request(f, EK_OP_SETSOCKOPT, socket);
	slot->request.level = level;
	slot->request.name = name;
	slot->request.data_bytes = ek_one_in(f, 2) ? sizeof(u32) : ek_interesting(f);
	for (i = 0; i < 8; i++)
		WRITE_ONCE(((u32 *)slot->data)[i], ek_interesting(f));
	if (name == TCP_CONGESTION && ek_one_in(f, 2))
		strscpy(slot->data, "reno", EK_DATA_BYTES);
	ek_send_request(f);

	slot = ek_request(f, EK_OP_GETSOCKOPT, socket);
	slot->request.level = level;
	slot->request.name = name;
	slot->request.arg = ek_interesting(f);
	ek_send_request(f);
	release(f, socket);
}

static void ioctls(struct ek_fuzzer *f)
{
	static const u32 names[] = {
		SIOCINQ, SIOCOUTQ, SIOCOUTQNSD, SIOCATMARK, SIOCGIFADDR, SIOCGSTAMP_NEW,
	};
	u32 socket = new_or_any_socket(f), n;

	for (n = 4; n; n--) {
		ek_request(f, EK_OP_IOCTL, socket)->request.name =
			ek_one_in(f, 8) ? ek_random(f) : names[ek_below(f, ARRAY_SIZE(names))];
		ek_send_request(f);
	}
	release(f, socket);
}

/* Messages in memory of all kinds. */
static void segments(struct ek_fuzzer *f)
{
	u32 sockets[2], n, i;

	create_pair(f, sockets);
	for (n = 8; n; n--) {
		u32 count = few_segments(f);
		struct ek_slot *slot;

		ek_message(f, EK_OP_SEND, sockets[1], 1 + ek_below(f, 8));
		slot = ek_request(f, ek_one_in(f, 2) ? EK_OP_RECV : EK_OP_SEND,
				  sockets[ek_below(f, 2)]);
		ek_put_segments(f, slot, count);
		for (i = 0; i < count; i++)
			if (ek_one_in(f, 2))
				ek_spoil_segment(f, &slot->segments[i]);
		ek_send_request(f);
	}
	release(f, sockets[0]);
	release(f, sockets[1]);
}

/* Appends ancillary data that may be valid. Returns the end of it. */
static u32 append_cmsg(struct ek_fuzzer *f, u8 *data, u32 end)
{
	static const struct {
		int	level;
		int	type;
		u32	bytes;
	} kinds[] = {
		{ SOL_IP, IP_TTL, 4 }, { SOL_IP, IP_TOS, 4 }, { SOL_IP, IP_PKTINFO, 12 },
		{ SOL_IP, IP_RETOPTS, 8 }, { SOL_IPV6, IPV6_HOPLIMIT, 4 },
		{ SOL_IPV6, IPV6_PKTINFO, 20 }, { SOL_IPV6, IPV6_TCLASS, 4 },
		{ SOL_IPV6, IPV6_RTHDR, 24 }, { SOL_IPV6, IPV6_HOPOPTS, 8 },
		{ SOL_UDP, UDP_SEGMENT, 2 }, { SOL_SOCKET, SO_TIMESTAMPING_NEW, 4 },
		{ SOL_SOCKET, SO_MARK, 4 }, { SOL_SOCKET, SCM_RIGHTS, 4 },
		{ SOL_SOCKET, SCM_CREDENTIALS, 12 }, { SOL_SOCKET, SO_TXTIME, 8 },
	};
	u32 kind = ek_below(f, ARRAY_SIZE(kinds));
	struct cmsghdr header = {
		.cmsg_len	= CMSG_LEN(kinds[kind].bytes),
		.cmsg_level	= kinds[kind].level,
		.cmsg_type	= kinds[kind].type,
	};
	u32 value = ek_interesting(f);

	if (ek_one_in(f, 4))
		header.cmsg_len = ek_one_in(f, 8) ? ~0UL - ek_below(f, 64) : ek_interesting(f);
	if (ek_one_in(f, 8))
		header.cmsg_type = ek_below(f, 80);
	memcpy(data + end, &header, sizeof(header));
	memcpy(data + end + sizeof(header), &value, sizeof(value));
	return end + CMSG_SPACE(kinds[kind].bytes);
}

static void ancillary(struct ek_fuzzer *f)
{
	u32 sockets[2], n, i;

	create_pair(f, sockets);
	set_int(f, sockets[0], SOL_IP, IP_PKTINFO, 1);
	set_int(f, sockets[0], SOL_IPV6, IPV6_RECVPKTINFO, 1);
	set_int(f, sockets[0], SOL_SOCKET, SO_TIMESTAMP_NEW, 1);
	set_int(f, sockets[1], SOL_IP, IP_RECVERR, 1);
	for (n = 8; n; n--) {
		struct ek_slot *slot = ek_request(f, EK_OP_SEND, sockets[1]);
		u32 end = 0;

		for (i = 1 + ek_below(f, 3); i; i--)
			end = append_cmsg(f, slot->data, end);
		slot->request.data_bytes = ek_one_in(f, 4) ? ek_below(f, end + 16) : end;
		ek_put_segments(f, slot, 1);
		ek_send_request(f);

		slot = ek_request(f, EK_OP_RECV, sockets[ek_below(f, 2)]);
		slot->request.data_bytes = ek_one_in(f, 2) ? ek_below(f, 128) : EK_DATA_BYTES;
		slot->request.message_flags = ek_one_in(f, 2) ? MSG_ERRQUEUE : 0;
		ek_put_segments(f, slot, 1);
		ek_send_request(f);
	}
	release(f, sockets[0]);
	release(f, sockets[1]);
}

static void addresses(struct ek_fuzzer *f)
{
	static const u32 operations[] = { EK_OP_BIND, EK_OP_CONNECT, EK_OP_SEND };
	u32 socket = new_or_any_socket(f), n;

	for (n = 8; n; n--) {
		struct ek_slot *slot = ek_request(f, operations[ek_below(f, 3)], socket);

		ek_put_address(f, slot, any_family(f), any_port(f));
		if (ek_one_in(f, 2))
			slot->request.address_bytes = ek_below(f, EK_ADDRESS_BYTES + 2);
		if (ek_one_in(f, 4))
			WRITE_ONCE(slot->address[0], ek_below(f, AF_MAX + 2));
		ek_put_segments(f, slot, 1);
		ek_send_request(f);
	}
	release(f, socket);
}

/* Any operation with any socket. */
static void requests(struct ek_fuzzer *f)
{
	struct ek_slot *slot;

	slot = ek_request(f, 1 + ek_below(f, EK_OP_NR - 1), any_socket(f));
	ek_put_address(f, slot, any_family(f), any_port(f));
	ek_put_segments(f, slot, few_segments(f));
	ek_spoil(f, slot);
	ek_send_request(f);
}

/* Changes what other CPUs' calls are about, while they make them. */
static void tamper(struct ek_fuzzer *f)
{
	u32 n;

	for (n = TAMPERINGS; n; n--) {
		const struct ek_layout *layout = ek_current_layout();

		ek_spoil(f, ek_slot(layout, ek_below(f, min(layout->slots, num_online_cpus()))));
	}
}

/* An interrupt that this guest survives: of a vector that nobody has, on any of its CPUs. */
static void put_message(struct ek_fuzzer *f, struct ek_ring *ring)
{
	WRITE_ONCE(ring->message_data, ek_random(f) << 16 | (0x40 + ek_below(f, 0x40)));
	WRITE_ONCE(ring->message_address, ek_one_in(f, 4) ? 0 :
		   (u64)ek_random(f) << 32 | 0xfee00000 | ek_below(f, 0x100000));
}

static void rings(struct ek_fuzzer *f)
{
	const struct ek_layout *layout = ek_current_layout();
	u32 *words = ek_page(layout->page);
	struct ek_ring *ring;
	u32 n;

	for (n = 64; n; n--) {
		ring = ek_ring(layout, ek_below(f, min(layout->slots, num_online_cpus())));
		WRITE_ONCE(ring->consumed, ek_one_in(f, 2) ? READ_ONCE(ring->produced) :
							     ek_interesting(f));
		if (ek_one_in(f, 4))
			WRITE_ONCE(ring->produced, ek_interesting(f));
		if (ek_one_in(f, 4))
			WRITE_ONCE(ring->overflow, ek_interesting(f));
		if (ek_one_in(f, 4))
			WRITE_ONCE(words[ek_below(f, sizeof(struct ek_header) / sizeof(u32))],
				   ek_interesting(f));
		if (ek_interrupts)
			put_message(f, ring);
	}
}

static void slots(struct ek_fuzzer *f)
{
	u64 number = ek_interesting(f) | (ek_one_in(f, 4) ? (u64)ek_random(f) << 32 : 0);

	if (ek_one_in(f, 2))
		number = ek_current_layout()->slots + ek_below(f, 2);
	ek_hypercall(f, EK_CALL, number, ek_random(f));
}

static void functions(struct ek_fuzzer *f)
{
	u64 function = (u64)ek_random(f) << 32 | ek_below(f, 2 * EK_CHECK);

	if (ek_one_in(f, 2))
		function = EK_CHECK + 1 + ek_interesting(f);
	ek_hypercall(f, function, ek_random(f), ek_random(f));
}

/* Another CPU may be doing the same: the header is anybody's. */
static struct ek_header *put_header(struct ek_fuzzer *f, const struct ek_layout *layout)
{
	struct ek_header *header = ek_page(layout->page);

	*header = (struct ek_header){
		.version	= EK_VMRPC_VERSION +
				  (ek_one_in(f, 4) ? ek_below(f, U32_MAX - EK_VMRPC_VERSION) : 0),
		.slots		= layout->slots,
		.ring_entries	= layout->ring_entries,
	};
	return header;
}

static u64 layout_bytes(const struct ek_layout *layout)
{
	return (u64)ek_region_pages(layout->ring_entries, layout->slots) * EK_PAGE;
}

/* A region with one thing wrong. Where it is not refused, it is another CPU's. */
static void bad_setup(struct ek_fuzzer *f)
{
	static const u32 slot_counts[] = { 0, EK_MAX_SLOTS + 1, 1U << 31, U32_MAX };
	static const u32 entry_counts[] = {
		0, 1, EK_MIN_RING / 2, EK_MIN_RING + 1, EK_MAX_RING * 2, 1U << 31, U32_MAX,
	};
	const struct ek_layout *layout = ek_any_layout(f);
	struct ek_header *header = put_header(f, layout);
	u64 address = virt_to_phys(header), bytes = layout_bytes(layout);

	switch (ek_below(f, 8)) {
	case 0:
		WRITE_ONCE(header->version, ek_below(f, EK_VMRPC_VERSION));
		break;
	case 1:
		WRITE_ONCE(header->slots, slot_counts[ek_below(f, ARRAY_SIZE(slot_counts))]);
		break;
	case 2:
		WRITE_ONCE(header->ring_entries,
			   entry_counts[ek_below(f, ARRAY_SIZE(entry_counts))]);
		break;
	case 3:
		address += 1 + ek_below(f, EK_PAGE - 1);
		break;
	case 4:
		address = ek_wild_address(f);
		break;
	case 5:
		bytes -= EK_PAGE;
		break;
	case 6:
		/* no pages, half of one, too many, and more than there are addresses for */
		bytes = ek_one_in(f, 2) ? ek_below(f, EK_PAGE) :
			(u64)(1 + ek_region_pages(EK_MAX_RING, EK_MAX_SLOTS)) * EK_PAGE;
		break;
	case 7:
		bytes = -address & ~(u64)(EK_PAGE - 1);
		break;
	}
	ek_hypercall(f, EK_SETUP, address, bytes);
}

static long try_setup(struct ek_fuzzer *f, const struct ek_layout *layout)
{
	return ek_hypercall(f, EK_SETUP, virt_to_phys(put_header(f, layout)),
			    layout_bytes(layout));
}

/*
 * Has the host take @layout's region for the one that it has, as soon as it takes one
 * again: without it, all other attacks are in vain.
 */
long ek_set_up(struct ek_fuzzer *f, const struct ek_layout *layout)
{
	long result;

	while ((result = try_setup(f, layout)) == -EAGAIN)
		msleep(20);
	if (!result)
		ek_set_layout(layout);
	return result;
}

static void setup(struct ek_fuzzer *f)
{
	ek_set_up(f, ek_any_layout(f));
}

/* Faster than the host takes them */
static void setups(struct ek_fuzzer *f)
{
	const struct ek_layout *layout = ek_current_layout();
	u32 n;

	for (n = SETUPS; n; n--)
		try_setup(f, layout);
}

static void reset(struct ek_fuzzer *f)
{
	u32 n;

	ek_hypercall(f, EK_RESET, ek_random(f), ek_random(f));
	for (n = ek_below(f, 8); n; n--)
		ek_simple(f, EK_OP_CREATE, 0, (u64)AF_INET << 32 | SOCK_DGRAM << 16);
	setup(f);
}

static const struct {
	const char	*name;
	void		(*run)(struct ek_fuzzer *f);
	/* how often, compared with the others */
	u32		weight;
} attacks[EK_ATTACKS] = {
	[EK_ATTACK_DATAGRAMS]	= { "datagrams",  datagrams,  48 },
	[EK_ATTACK_DELIVERIES]	= { "deliveries", deliveries, 32 },
	[EK_ATTACK_STREAMS]	= { "streams",	  streams,    48 },
	[EK_ATTACK_STORM]	= { "storm",	  storm,      4 },
	[EK_ATTACK_FLOOD]	= { "flood",	  flood,      4 },
	[EK_ATTACK_LIMIT]	= { "limit",	  limit,      1 },
	[EK_ATTACK_CROWD]	= { "crowd",	  crowd,      1 },
	[EK_ATTACK_GROUPS]	= { "groups",	  groups,     2 },
	[EK_ATTACK_OPTIONS]	= { "options",	  options,    96 },
	[EK_ATTACK_IOCTLS]	= { "ioctls",	  ioctls,     16 },
	[EK_ATTACK_SEGMENTS]	= { "segments",	  segments,   24 },
	[EK_ATTACK_ANCILLARY]	= { "ancillary",  ancillary,  24 },
	[EK_ATTACK_ADDRESSES]	= { "addresses",  addresses,  24 },
	[EK_ATTACK_REQUESTS]	= { "requests",	  requests,   192 },
	[EK_ATTACK_TAMPER]	= { "tamper",	  tamper,     16 },
	[EK_ATTACK_RINGS]	= { "rings",	  rings,      16 },
	[EK_ATTACK_SLOTS]	= { "slots",	  slots,      16 },
	[EK_ATTACK_FUNCTIONS]	= { "functions",  functions,  16 },
	[EK_ATTACK_BAD_SETUP]	= { "bad-setup",  bad_setup,  12 },
	[EK_ATTACK_SETUP]	= { "setup",	  setup,      1 },
	[EK_ATTACK_SETUPS]	= { "setups",	  setups,     1 },
	[EK_ATTACK_RESET]	= { "reset",	  reset,      1 },
};

const char *ek_attack_name(enum ek_attack attack)
{
	return attacks[attack].name;
}

/* Makes an attack, of a few calls or a few hundred. */
void ek_attack(struct ek_fuzzer *f)
{
	u32 sum = 0, i, chosen;

	for (i = 0; i < EK_ATTACKS; i++)
		sum += attacks[i].weight;
	chosen = ek_below(f, sum);
	for (i = 0; chosen >= attacks[i].weight; i++)
		chosen -= attacks[i].weight;
	/* few, so that sockets get somewhere, or nearly all */
	f->spoilt_of = ek_one_in(f, 8) ? 2 : 16;
	f->tally->attacks[i]++;
	attacks[i].run(f);
}
