/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * VMRPC: how a guest's kernel (ek_guest) calls the host's kernel (ek_host), and
 * how the host tells the guest of events. docs/vmrpc.md explains it.
 *
 * The guest gives the host a region of its memory, once. A call is a request in
 * a slot of that region and one hypercall; the host has done the work and left
 * the reply in the slot when the hypercall returns. Events go the other way, in
 * rings, and a small message may come with its event. Each CPU of the guest has a
 * slot, a ring and a place for a message of its own, so none waits for another one,
 * which may be preempted. All numbers are little-endian, as both sides are x86-64.
 *
 * The host trusts nothing here: it copies a request before it looks at it, and
 * never reads back what it has written.
 */
#ifndef EK_VMRPC_H
#define EK_VMRPC_H

#include <linux/types.h>

#ifdef __KERNEL__
#include <linux/build_bug.h>
#else
#include <assert.h>
#endif

#define EK_VMRPC_VERSION	2

/*
 * The hypercall: RAX = EK_HYPERCALL, RBX = one of the functions below, RCX and
 * RDX its arguments; RAX returns 0 or a negative errno. For a VM that is not
 * attached, KVM answers -KVM_ENOSYS, as to every number that it does not know;
 * in user mode -KVM_EPERM. KVM's own numbers are below a hundred.
 */
#define EK_HYPERCALL		0x454b0001

enum ek_function {
	/* RCX: guest physical address of the region, page-aligned; RDX: its bytes */
	EK_SETUP	= 1,
	/* RCX: slot whose request is to be executed */
	EK_CALL		= 2,
	/* the guest takes its region back: all sockets are closed */
	EK_RESET	= 3,
	/*
	 * 0 as long as the host uses the region, -ENXIO once it does not: after a reset,
	 * a snapshot or a migration, the guest may have sockets that no host has
	 */
	EK_CHECK	= 4,
};

#define EK_PAGE			4096u
#define EK_MAX_SLOTS		512u
#define EK_MIN_RING		64u
#define EK_MAX_RING		1024u

/*
 * The region: one page with this header; the rings, each in as many pages as it
 * takes; a page for each slot; a page for each delivery. Ring n, slot n and delivery
 * n belong to the guest's CPU n.
 */
struct ek_header {
	/* set by the guest before EK_SETUP */
	__u32	version;		/* newest that it speaks */
	__u32	slots;			/* and rings: 1 to EK_MAX_SLOTS */
	__u32	ring_entries;		/* a power of two, EK_MIN_RING to EK_MAX_RING */
	__u32	reserved;
	/* set by the host when EK_SETUP succeeds */
	__u32	used_version;		/* the older one of both sides' */
	__u32	notification;		/* enum ek_notification */
	__u32	max_sockets;
	__u32	reserved_host;
};

/* How a CPU of the guest learns that there is something in its ring */
enum ek_notification {
	/* no interrupt: a halted CPU goes on behind its hlt instruction */
	EK_NOTIFY_IDLE		= 0,
	/* the message in its ring interrupts it */
	EK_NOTIFY_INTERRUPT	= 1,
	EK_NOTIFICATIONS
};

/*
 * A socket has become what the guest was told that it was not. The event is in
 * the ring of the CPU that was told so last.
 */
struct ek_event {
	__u32	socket;			/* or EK_ADDRESSES_CHANGED */
	__u16	events;			/* EPOLLIN, EPOLLOUT, ... that may be true now */
	__u16	error;			/* of the socket, as SO_ERROR; 0 if none */
};

/* Not a socket: the addresses of the namespace have changed (EK_OP_ADDRESSES). */
#define EK_ADDRESSES_CHANGED	0xffffffffu

/*
 * Both counters only ever grow; entry i is at index i % ring_entries. The host
 * writes an entry, then @produced with release semantics; the guest reads
 * @produced with acquire semantics, then the entries, then advances @consumed.
 * A host that finds the ring full sets @overflow instead; the guest then clears
 * it and takes it that every socket has every event, and asks for the addresses.
 */
struct ek_ring {
	__u32	produced;
	__u32	overflow;
	__u32	reserved[14];
	__u32	consumed;
	/*
	 * For EK_NOTIFY_INTERRUPT: the message (MSI) that interrupts the CPU, as a
	 * PCI device would send it; no address, no interrupt
	 */
	__u32	message_data;
	__u64	message_address;
	__u32	reserved_guest[12];
	struct ek_event	entries[];
};

enum ek_operation {
	/* arg: family << 32 | type << 16 | protocol; result: socket */
	EK_OP_CREATE		= 1,
	EK_OP_RELEASE		= 2,	/* arg: the program has not read what was delivered */
	EK_OP_BIND		= 3,	/* address */
	EK_OP_CONNECT		= 4,	/* address */
	EK_OP_LISTEN		= 5,	/* arg: backlog */
	EK_OP_ACCEPT		= 6,	/* result: socket; address of the peer; error */
	EK_OP_GETNAME		= 7,	/* arg: 0 or 1 for the peer; address */
	/* message_flags, address, data: ancillary; segments or inline_bytes; result: bytes */
	EK_OP_SEND		= 8,
	/* the same, received; data_bytes: room for ancillary data; EK_DRAINED, EK_DELIVERED */
	EK_OP_RECV		= 9,
	EK_OP_POLL		= 10,	/* events, error; EK_DELIVERED */
	EK_OP_SHUTDOWN		= 11,	/* arg: how */
	EK_OP_SETSOCKOPT	= 12,	/* level, name, data: value */
	EK_OP_GETSOCKOPT	= 13,	/* level, name, arg: room for the value; data: value */
	/* name: SIOCINQ, SIOCOUTQ, SIOCATMARK, ...; data: an int; EK_DELIVERED */
	EK_OP_IOCTL		= 14,
	/* arg: addresses to be left out; result: struct ek_interface_address in data */
	EK_OP_ADDRESSES		= 15,
	EK_OP_NR
};

/*
 * No operation blocks. Where a native one would, the result is -EAGAIN (or
 * -EINPROGRESS or -EALREADY of CONNECT), and the socket is armed: as soon as the
 * operation may succeed there will be an event, once. POLL arms the socket for
 * all that is not true yet and for all that is.
 */

/* reply flags */
#define EK_DRAINED		0x1	/* RECV has left nothing; armed as if it had found nothing */
/* With -EAGAIN: nothing was done, and there will be no event; to be tried again in a while */
#define EK_THROTTLED		0x2

/* A message was delivered that is still there. RECV has done nothing but say so (-EAGAIN). */
#define EK_DELIVERED		0x4

/* request flags, besides those of the messages (MSG_*) */
#define EK_CLEAR_ERROR		0x1	/* the guest has consumed the error of an event */
/* RECV, POLL: if this arms the socket, a small message may be delivered with the event */
#define EK_DELIVER		0x2
#define EK_BEHIND		0x4	/* RECV: the guest knows what was delivered, and wants more */
/* RECV of a stream: a program's call goes on, which does not go past urgent data */
#define EK_CONTINUED		0x8

/* A part of a message's buffer; it may not cross the end of a page. */
struct ek_segment {
	__u64	address;		/* guest physical */
	__u32	bytes;
	__u32	reserved;
};

/* An address of the sockets' network namespace, other than of loopback or a link */
struct ek_interface_address {
	__u8	address[16];		/* of IPv4 the first four bytes */
	__u16	family;			/* PF_INET or PF_INET6 */
	__u8	prefix_bits;
	__u8	reserved;
};

#define EK_ADDRESS_BYTES	128u	/* a struct sockaddr_storage */
#define EK_DATA_BYTES		1024u
#define EK_MAX_SEGMENTS		128u

struct ek_request {
	__u32	operation;
	__u32	socket;
	__u32	flags;			/* EK_CLEAR_ERROR */
	__u32	message_flags;		/* MSG_* */
	__u64	arg;
	__u32	level;
	__u32	name;
	__u32	segments;
	__u32	address_bytes;
	__u32	data_bytes;
	__u32	inline_bytes;		/* of SEND, in place of segments */
	__u32	reserved[4];
};

struct ek_reply {
	__s64	result;			/* negative: an errno */
	__u32	message_flags;
	__u32	address_bytes;		/* may be more than there is room for */
	__u32	data_bytes;
	__u32	events;
	__u32	error;
	__u32	flags;			/* EK_DRAINED, EK_THROTTLED, EK_DELIVERED */
	__u32	delivery;		/* which one, with EK_DELIVERED */
	__u32	reserved[7];
};

#define EK_MESSAGE_BYTES	2048u	/* of a message that is not in segments */

struct ek_slot {
	struct ek_request	request;
	struct ek_reply		reply;
	/* of the request, then of the reply */
	__u8			address[EK_ADDRESS_BYTES];
	__u8			data[EK_DATA_BYTES];
	union {
		struct ek_segment	segments[EK_MAX_SEGMENTS];
		__u8			message[EK_MESSAGE_BYTES];
	};
	__u8			reserved[EK_PAGE - 2 * 64 - EK_ADDRESS_BYTES - EK_DATA_BYTES -
					 EK_MESSAGE_BYTES];
};

enum ek_delivery_state {
	EK_DELIVERY_EMPTY	= 0,
	EK_DELIVERY_FULL	= 1,
};

/*
 * A message that came with an event: what RECV would have replied. The host writes it,
 * then @state with release semantics, before the CPU that it is for goes on. It is the
 * guest's, on all of its CPUs, until the guest makes @state empty.
 */
struct ek_delivery {
	__u32	state;			/* enum ek_delivery_state */
	__u32	socket;
	__u32	bytes;
	__u32	message_flags;
	__u32	address_bytes;
	__u32	data_bytes;
	__u32	flags;			/* EK_DRAINED */
	/*
	 * of the ring when the socket was armed again: its events from there on tell of
	 * what came behind this message
	 */
	__u32	produced;
	__u32	reserved[8];
	__u8	address[EK_ADDRESS_BYTES];
	__u8	data[EK_DATA_BYTES];
	__u8	message[EK_MESSAGE_BYTES];
	__u8	reserved_page[EK_PAGE - 64 - EK_ADDRESS_BYTES - EK_DATA_BYTES -
			      EK_MESSAGE_BYTES];
};

static inline __u32 ek_ring_pages(__u32 entries)
{
	return (sizeof(struct ek_ring) + entries * sizeof(struct ek_event) +
		EK_PAGE - 1) / EK_PAGE;
}

static inline __u32 ek_region_pages(__u32 ring_entries, __u32 slots)
{
	return 1 + slots * (ek_ring_pages(ring_entries) + 2);
}

static_assert(sizeof(struct ek_header) <= EK_PAGE, "the header has a page");
static_assert(sizeof(struct ek_ring) == 128, "counters do not share a cache line");
static_assert(sizeof(struct ek_request) == 64, "a cache line");
static_assert(sizeof(struct ek_reply) == 64, "a cache line");
static_assert(sizeof(struct ek_interface_address) == 20, "no padding");
static_assert(sizeof(struct ek_slot) == EK_PAGE, "a slot is a page");
static_assert(sizeof(struct ek_delivery) == EK_PAGE, "a delivery is a page");

#endif /* EK_VMRPC_H */
