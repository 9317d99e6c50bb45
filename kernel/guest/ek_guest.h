/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of ek_guest share. The files are in layers, and a file calls
 * files of lower layers only. From the lowest layer to the highest:
 *
 *   1	error.c		the error of a socket
 *	buffer.c	memory of a message, for the host
 *	ifindex.c	indices of interfaces, here and on the host
 *	hook.c		BPF programs of control groups
 *	native.c	which programs keep sockets of this guest
 *	vmrpc.c		a call of the host
 *   2	event.c		takes the host's events and wakes those who wait
 *	interface.c	shows the addresses that the sockets have on the host
 *	sol_socket.c	options of SOL_SOCKET before Linux 6.7
 *   3	attachment.c	looks whether the host still has the region
 *	idle.c		has event.c look without interrupts
 *	interrupt.c	has event.c look when the host interrupts
 *	call.c		a call of the host about a socket, and waiting
 *	delivery.c	messages that have come with their events
 *   4	message.c	sendmsg(), recvmsg()
 *	option.c	setsockopt(), getsockopt()
 *	port.c		SO_REUSEPORT is for sockets of one user
 *	list.c		lists the sockets for the administrator
 *   5	socket.c	the other operations of a socket
 *   6	family.c	which sockets of programs are the host's
 *   7	main.c		loads and unloads the module
 *
 * A lower layer reaches a higher one by a callback only: main.c gives one to
 * ek_vmrpc_init() and ek_event_init(). The declarations below are in this order.
 */
#ifndef EK_GUEST_H
#define EK_GUEST_H

#include <linux/atomic.h>
#include <linux/container_of.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/ipv6.h>
#include <linux/mutex.h>
#include <linux/net.h>
#include <linux/socket.h>
#include <linux/sockptr.h>
#include <linux/tcp.h>
#include <linux/types.h>
#include <linux/udp.h>
#include <net/sock.h>

#include "compat.h"
#include "ek_vmrpc.h"

struct iov_iter;
struct page;

#define EK_NO_CPU	U32_MAX

#ifndef EK_HAS_SOL_SOCKET
enum ek_option {
	EK_BINDTOIFINDEX,
	EK_BROADCAST,
	EK_DONTROUTE,
	EK_KEEPALIVE,
	EK_LINGER,
	EK_MARK,
	EK_OOBINLINE,
	EK_PRIORITY,
	EK_RCVBUF,
	EK_RCVLOWAT,
	EK_REUSEADDR,
	EK_REUSEPORT,
	EK_RXQ_OVFL,
	EK_SNDBUF,
	EK_TIMESTAMP,
	EK_OPTIONS
};
#endif

/* A socket of this guest's programs that the host performs */
struct ek_guest_socket {
	/*
	 * Other code takes every sock of these families and protocols for a
	 * native one: trace events, sock_diag, SO_TIMESTAMPING, BPF. So the memory
	 * that this code reads must exist. It is zero.
	 */
	union {
		struct sock		sk;
		struct tcp6_sock	tcp;
		struct udp6_sock	udp;
	};
	/* a callback, as this module leaves it: see call.c */
	void				(*data_ready)(struct sock *sk);
	/* the host's name for it, and its index in the table of event.c, ... */
	u32				id;
	/* ... in this life of the region, see ek_vmrpc_life() */
	u32				life;
	/* sk_err came from the host, and no call has confirmed it, see error.c */
	u32				error_taken;
	/* counts what may have made the socket readable */
	atomic_t			changes;
	/* @changes when the host said that there is nothing to receive */
	u32				empty_since;
	/* that has made the last call, and so has the next event in its ring */
	u32				armed_cpu;
	/* whose ring had the last event, and where */
	u32				event_cpu;
	u32				event_position;
	/*
	 * delivery.c: held by who reads a message that has come with its event; the CPU
	 * whose delivery it is, or a copy; bytes of a stream's that have been read
	 */
	struct mutex			delivery_lock;
	u32				delivery_cpu;
	struct ek_delivery		*kept;
	u32				delivery_read;
	/* index on the host of the interface of the last address of a link, see ifindex.c */
	u32				link;
	/* address of the peer when the socket was accepted, for accept() */
	struct sockaddr_storage		peer;
	u32				peer_bytes;
#ifndef EK_HAS_SOL_SOCKET
	/* what the host has been told, and whether that may be out of date */
	int				option[EK_OPTIONS];
	u32				option_changed;
#endif
};

static inline struct ek_guest_socket *ek_sk(struct sock *sk)
{
	return container_of(sk, struct ek_guest_socket, sk);
}

static inline bool ek_is_stream(const struct ek_guest_socket *es)
{
	return es->sk.sk_type == SOCK_STREAM;
}

/* Whether a delivery has a message of the socket that the host knows by @id */
static inline bool ek_delivery_is_of(const struct ek_delivery *delivery, u32 id)
{
	/* Pairs with the host's release: all else is read after this. */
	return smp_load_acquire(&delivery->state) == EK_DELIVERY_FULL &&
	       READ_ONCE(delivery->socket) == id;
}

/**
 * ek_address_room() - Bytes of the longest address that a socket can have
 * @es:		socket
 *
 * Return: size of a struct sockaddr_in or sockaddr_in6
 */
static inline u32 ek_address_room(const struct ek_guest_socket *es)
{
	return es->sk.sk_family == PF_INET6 ? sizeof(struct sockaddr_in6) :
					      sizeof(struct sockaddr_in);
}

/* Layer 1: error.c */
void ek_error_set(struct ek_guest_socket *es, unsigned int error);
u32 ek_error_confirm(struct ek_guest_socket *es);
void ek_error_returned(struct ek_guest_socket *es, long result);
void ek_error_keep(struct ek_guest_socket *es, long result);

/* Layer 1: buffer.c */

/* 128 KiB of a buffer, however it is aligned */
#define EK_BUFFER_SEGMENTS	33

/* The part of a message's buffer that the host has during a call */
struct ek_buffer {
	struct iov_iter			*iter;
	/* bytes of @iter that the host has; a pinned @iter has been advanced by them */
	size_t				bytes;
	/* kernel memory in place of user memory that cannot be pinned, or NULL */
	void				*bounce;
	/* the host writes nothing: a stream throws away what MSG_TRUNC receives */
	bool				untouched;
	unsigned int			count;
	struct page			*pages[EK_BUFFER_SEGMENTS];
	struct ek_segment		segments[EK_BUFFER_SEGMENTS];
};

int ek_buffer_get(struct ek_buffer *buffer, struct iov_iter *iter, size_t bytes,
		  bool whole);
long ek_buffer_put(struct ek_buffer *buffer, long result);

/* Layer 1: ifindex.c */
void ek_ifindex_init(u32 index);
u32 ek_ifindex_to_host(u32 index);
void ek_ifindex_option_to_host(int level, int name, void *value, u32 bytes);
void ek_ifindex_option_to_guest(int level, int name, void *value, u32 bytes);
void ek_ifindex_control_to_host(struct msghdr *msg);
void ek_ifindex_control_to_guest(struct ek_guest_socket *es, struct cmsghdr *cmsg);
const void *ek_ifindex_address_to_host(const struct ek_guest_socket *es, const void *address,
				       u32 bytes, struct sockaddr_storage *copy);
void ek_ifindex_address_to_guest(struct ek_guest_socket *es, void *address, u32 bytes);
void ek_ifindex_scope_to_guest(void *address, u32 bytes);

/* Layer 1: hook.c */
#ifdef CONFIG_CGROUP_BPF
int ek_hook_bind(struct sock *sk, void *address, int bytes, bool *any_port);
int ek_hook_connect(struct sock *sk, struct sockaddr *address, int bytes);
int ek_hook_send(struct sock *sk, struct sockaddr *address, int *bytes);
void ek_hook_receive(struct sock *sk, struct sockaddr *address, int bytes);
void ek_hook_name(struct sock *sk, bool peer, struct sockaddr *address, int bytes);
#else
static inline int ek_hook_bind(struct sock *sk, void *address, int bytes, bool *any_port)
{
	return 0;
}

static inline int ek_hook_connect(struct sock *sk, struct sockaddr *address, int bytes)
{
	return 0;
}

static inline int ek_hook_send(struct sock *sk, struct sockaddr *address, int *bytes)
{
	return 0;
}

static inline void ek_hook_receive(struct sock *sk, struct sockaddr *address, int bytes) { }
static inline void ek_hook_name(struct sock *sk, bool peer, struct sockaddr *address,
				int bytes) { }
#endif

/* Layer 1: native.c */
bool ek_is_native(void);

/* Layer 1: vmrpc.c */

/* The region that this guest shares with the host, from ek_vmrpc_init() on */
struct ek_guest_region {
	struct ek_header		*header;
	void				*rings;
	struct ek_slot			*slots;
	struct ek_delivery		*deliveries;
	size_t				bytes;
	u32				ring_entries;
	u32				max_sockets;
	/* the host notifies this guest by interrupts */
	bool				interrupts;
};

extern struct ek_guest_region ek_region;

static inline struct ek_ring *ek_region_ring(unsigned int cpu)
{
	return ek_region.rings + cpu * ek_ring_pages(ek_region.ring_entries) * EK_PAGE;
}

/*
 * A call of the host, as its caller prepares it and finds it afterwards. All
 * pointers are to kernel memory.
 */
struct ek_guest_call {
	struct ek_request		request;
	/* in which the request makes sense */
	u32				life;
	const void			*address;
	const void			*data;
	const struct ek_segment		*segments;
	/* of a message with inline_bytes, which advances this */
	struct iov_iter			*message;

	/* whose slot it was, so whose ring has the events of a socket that it armed */
	u32				cpu;
	struct ek_reply			reply;
	void				*reply_address;
	void				*reply_data;
	/*
	 * bytes that the caller has for them; reply.address_bytes and
	 * reply.data_bytes say how many there were, which may be more
	 */
	u32				address_room;
	u32				data_room;
};

int ek_vmrpc_init(void (*host_gone)(void));
void ek_vmrpc_exit(void);
long ek_vmrpc_connect(void);
void ek_vmrpc_disconnect(void);
void ek_vmrpc_start(void);
void ek_vmrpc_stop(void);
void ek_vmrpc_check(void);
u32 ek_vmrpc_life(void);
long ek_vmrpc_call(struct ek_guest_call *call);

/* Layer 2: event.c */
int ek_event_init(void (*addresses_changed)(void));
void ek_event_exit(void);
int ek_event_pending(unsigned int cpu);
void ek_event_run(void);
void ek_event_notified(void);
void ek_event_all(void);
void ek_event_reset(void);
int ek_event_resize(void);
int ek_event_add(struct ek_guest_socket *es, u64 id);
void ek_event_remove(struct ek_guest_socket *es);
struct ek_guest_socket *ek_event_next(u32 *id);

/* Layer 2: interface.c */
int ek_interface_init(void);
void ek_interface_exit(void);
void ek_interface_start(void);
void ek_interface_update(void);

/* Layer 2: of port.c, for who changes SO_REUSEPORT */
extern struct mutex ek_port_lock;

/* Layer 2: sol_socket.c; since Linux 6.7, option.c needs nothing of it */
#ifdef EK_HAS_SOL_SOCKET
static inline void ek_option_own(struct socket *sock)
{
	set_bit(SOCK_CUSTOM_SOCKOPT, &sock->flags);
}

static inline void ek_option_known(struct ek_guest_socket *es) { }
static inline void ek_option_tell(struct ek_guest_socket *es) { }

/* Whether the host has to be told of an option, so that what is known of a socket may be wrong */
static inline bool ek_option_is_untold(const struct ek_guest_socket *es)
{
	return false;
}
#define ek_option_changed	NULL

/* Whether the host has SO_REUSEPORT of a socket; with ek_port_lock */
static inline bool ek_option_shares_port(const struct ek_guest_socket *es)
{
	return es->sk.sk_reuseport;
}
#else
static inline void ek_option_own(struct socket *sock) { }
void ek_option_known(struct ek_guest_socket *es);
void ek_option_tell(struct ek_guest_socket *es);
void ek_option_changed(struct sock *sk);

static inline bool ek_option_is_untold(const struct ek_guest_socket *es)
{
	return READ_ONCE(es->option_changed);
}

static inline bool ek_option_shares_port(const struct ek_guest_socket *es)
{
	return es->option[EK_REUSEPORT];
}
#endif

/* Layer 3: idle.c */
int ek_idle_init(void);
void ek_idle_exit(void);

/* Layer 3: interrupt.c */
int ek_interrupt_init(void);
void ek_interrupt_exit(void);

/* Layer 3: attachment.c */
void ek_attachment_start(void);
void ek_attachment_lost(void);
void ek_attachment_exit(void);

/* Layer 3: call.c */

/* Makes one call of the host, which returns -EAGAIN if it would have to wait */
typedef long (*ek_attempt)(struct ek_guest_socket *es, void *arg);

long ek_socket_call(struct ek_guest_socket *es, struct ek_guest_call *call);
long ek_socket_ask(struct ek_guest_socket *es, struct ek_guest_call *call);
long ek_socket_wait(struct ek_guest_socket *es, ek_attempt attempt, void *arg,
		    long *timeo, bool alone);

/* Layer 3: delivery.c */
bool ek_delivery_waits(struct ek_guest_socket *es);
bool ek_delivery_is_last(struct ek_guest_socket *es);
long ek_delivery_receive(struct ek_guest_socket *es, struct ek_guest_call *call,
			 struct iov_iter *iter, size_t bytes, u32 flags);
int ek_delivery_bytes(struct ek_guest_socket *es);
void ek_delivery_make_room(const struct ek_guest_socket *es);
void ek_delivery_drop(struct ek_guest_socket *es);
bool ek_is_empty(struct ek_guest_socket *es);

/* Layer 4: message.c */
int ek_sendmsg(struct socket *sock, struct msghdr *msg, size_t size);
int ek_recvmsg(struct socket *sock, struct msghdr *msg, size_t size, int flags);

/* Layer 4: option.c */
int ek_setsockopt(struct socket *sock, int level, int name, sockptr_t value,
		  unsigned int bytes);
int ek_getsockopt(struct socket *sock, int level, int name, char __user *value,
		  int __user *bytes);

/* Layer 4: port.c */
long ek_port_bind(struct ek_guest_socket *es, struct ek_guest_call *bind);

/* Layer 4: list.c */
int ek_list_init(void);
void ek_list_exit(void);

/* Layer 5: socket.c */
extern struct proto ek_proto;

int ek_socket_create(struct net *net, struct socket *sock, int family);

/* Layer 6: family.c */
int ek_family_init(void);
void ek_family_exit(void);

#endif /* EK_GUEST_H */
