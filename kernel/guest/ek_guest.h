/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef EK_GUEST_H
#define EK_GUEST_H

#include <linux/ipv6.h>
#include <linux/net.h>
#include <linux/socket.h>
#include <linux/tcp.h>
#include <linux/types.h>
#include <linux/udp.h>
#include <net/sock.h>

#include "compat.h"
#include "ek_vmrpc.h"

#ifndef EK_HAS_SOL_SOCKET
enum ek_option {
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
	EK_TIMESTAMPING,
	EK_OPTIONS
};
#endif

/* A socket that the host has for this guest */
struct ek_guest_socket {
	/*
	 * Other code takes every sock of these families and protocols for the
	 * native one: trace events, sock_diag, SO_TIMESTAMPING, BPF. What it
	 * looks at must at least be there; it is zero.
	 */
	union {
		struct sock		sk;
		struct tcp6_sock	tcp;
		struct udp6_sock	udp;
	};
	/* the host's name for it; index in the table of event.c */
	u32				id;
	/* sk_err came from the host, which has not been told that we have it */
	u32				error_taken;
	/* counts what may have made it readable; then it had nothing to receive */
	atomic_t			changes;
	u32				empty_since;
	/* of a socket that was accepted, for accept()'s caller */
	struct sockaddr_storage		peer;
	u32				peer_bytes;
#ifndef EK_HAS_SOL_SOCKET
	/* what the host knows, and whether that may have changed */
	int				option[EK_OPTIONS];
	u32				option_changed;
#endif
};

static inline struct ek_guest_socket *ek_sk(struct sock *sk)
{
	return container_of(sk, struct ek_guest_socket, sk);
}

/* The longest address that a socket of this family has to tell */
static inline u32 ek_address_room(const struct ek_guest_socket *es)
{
	return es->sk.sk_family == PF_INET6 ? sizeof(struct sockaddr_in6) :
					      sizeof(struct sockaddr_in);
}

/*
 * One call of the host. All pointers are to kernel memory; the rooms are what
 * of the reply's address and data is copied, while reply.address_bytes and
 * reply.data_bytes say what there was.
 */
struct ek_guest_call {
	struct ek_request		request;
	const void			*address;
	const void			*data;
	const struct ek_segment		*segments;

	struct ek_reply			reply;
	void				*reply_address;
	void				*reply_data;
	u32				address_room;
	u32				data_room;
};

/* The region that the host and this guest share, after ek_vmrpc_init() */
struct ek_guest_region {
	struct ek_header		*header;
	void				*rings;
	struct ek_slot			*slots;
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

/* vmrpc.c */
int ek_vmrpc_init(void (*host_gone)(void));
void ek_vmrpc_exit(void);
void ek_vmrpc_stop(void);
long ek_vmrpc_call(struct ek_guest_call *call);

/* event.c */
int ek_event_init(void (*addresses_changed)(void));
void ek_event_exit(void);
void ek_event_run(void);
void ek_event_all(void);
int ek_event_add(struct ek_guest_socket *es, u64 id);
void ek_event_remove(struct ek_guest_socket *es);

/* interface.c */
int ek_interface_init(void);
void ek_interface_exit(void);
void ek_interface_start(void);
void ek_interface_update(void);

/* idle.c */
int ek_idle_init(void);
void ek_idle_exit(void);

/* interrupt.c */
int ek_interrupt_init(void);
void ek_interrupt_exit(void);

/* family.c */
int ek_family_init(void);
void ek_family_exit(void);

/* socket.c */
extern struct proto ek_proto;

/* Does something once that the host answers with -EAGAIN if it has to wait */
typedef long (*ek_attempt)(struct ek_guest_socket *es, void *arg);

int ek_socket_create(struct net *net, struct socket *sock, int family);
long ek_socket_call(struct ek_guest_socket *es, struct ek_guest_call *call);
long ek_socket_wait(struct ek_guest_socket *es, ek_attempt attempt, void *arg,
		    long *timeo);
void ek_socket_set_error(struct ek_guest_socket *es, unsigned int error);

/*
 * Whether the host has told that there is nothing to receive, and nothing has
 * happened since: then it need not be asked.
 */
static inline bool ek_socket_is_empty(const struct ek_guest_socket *es)
{
	return READ_ONCE(es->empty_since) == (u32)atomic_read(&es->changes);
}

/* message.c */
int ek_sendmsg(struct socket *sock, struct msghdr *msg, size_t size);
int ek_recvmsg(struct socket *sock, struct msghdr *msg, size_t size, int flags);

/* option.c */
int ek_setsockopt(struct socket *sock, int level, int name, sockptr_t value,
		  unsigned int bytes);
int ek_getsockopt(struct socket *sock, int level, int name, char __user *value,
		  int __user *bytes);

/* sol_socket.c, where it is needed */
#ifdef EK_HAS_SOL_SOCKET
static inline void ek_option_own(struct socket *sock)
{
	set_bit(SOCK_CUSTOM_SOCKOPT, &sock->flags);
}

static inline void ek_option_known(struct ek_guest_socket *es) { }
static inline void ek_option_tell(struct ek_guest_socket *es) { }
#define ek_option_changed	NULL
#else
static inline void ek_option_own(struct socket *sock) { }
void ek_option_known(struct ek_guest_socket *es);
void ek_option_tell(struct ek_guest_socket *es);
void ek_option_changed(struct sock *sk);
#endif

/* buffer.c */

/* 128 KiB of a buffer, however it is aligned */
#define EK_BUFFER_SEGMENTS	33

/* The part of a message's buffer that is the host's during a call */
struct ek_buffer {
	struct iov_iter			*iter;
	/* what it has of @iter, which has been advanced by it if it is pinned */
	size_t				bytes;
	/* kernel memory in place of what cannot be pinned */
	void				*bounce;
	unsigned int			count;
	struct page			*pages[EK_BUFFER_SEGMENTS];
	struct ek_segment		segments[EK_BUFFER_SEGMENTS];
};

int ek_buffer_get(struct ek_buffer *buffer, struct iov_iter *iter, size_t bytes,
		  bool whole);
long ek_buffer_put(struct ek_buffer *buffer, long result);

#endif /* EK_GUEST_H */
