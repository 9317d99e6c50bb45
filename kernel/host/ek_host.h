/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef EK_HOST_H
#define EK_HOST_H

#include <linux/atomic.h>
#include <linux/kref.h>
#include <linux/kvm_host.h>
#include <linux/mmu_notifier.h>
#include <linux/net.h>
#include <linux/rwsem.h>
#include <linux/socket.h>
#include <linux/spinlock.h>
#include <linux/srcu.h>
#include <linux/uio.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

#include "ek_vmrpc.h"

struct sock;
struct seq_file;

/* What the host has for a CPU of the guest: access to its slot and its ring */
struct ek_channel {
	/* index of the vCPU that made the last call in this slot */
	int			vcpu;

	/* held during a call; a second call in the same slot fails */
	struct mutex		call_lock;
	/* the slot: where the host has it mapped, and its guest physical address */
	struct ek_slot		*slot;
	u64			slot_address;
	/* copies of the slot's content, and the message's buffer made of its segments */
	struct sockaddr_storage	address;
	u8			data[EK_DATA_BYTES];
	struct iovec		iov[EK_MAX_SEGMENTS];

	/* held while an event is put into the ring */
	spinlock_t		ring_lock;
	struct ek_ring		*ring;
	u32			ring_entries;
	u32			produced;
};

/* The memory that the guest shares with the host (ek_vmrpc.h), as the host has it */
struct ek_host_region {
	struct page		**pages;
	unsigned int		nr_pages;
	/* where all pages are mapped in the kernel */
	void			*base;
	struct ek_channel	*channels;
	u32			nr_channels;
};

struct ek_stats {
	atomic64_t	calls;
	atomic64_t	errors;		/* calls that failed, other than by having to wait */
	atomic64_t	refused;	/* hypercalls without a reply */
	/* messages with data, each copied once, and their bytes */
	atomic64_t	sent;
	atomic64_t	received;
	atomic64_t	bytes_sent;
	atomic64_t	bytes_received;
	atomic64_t	events;
	atomic64_t	overflows;
	atomic64_t	wakes;		/* of halted vCPUs, or interrupts */
	atomic64_t	undelivered;	/* interrupts that KVM did not accept */
};

/* A VM that the operator has attached. */
struct ek_vm {
	/* in a table by @mm; readers hold ek_vms_srcu */
	struct hlist_node	node;
	struct mm_struct	*mm;
	pid_t			pid;
	struct mmu_notifier	notifier;
	struct work_struct	teardown;

	/* of the operator: where the sockets are, and whose rights bind() has */
	struct net		*net;
	const struct cred	*cred;
	u32			max_sockets;
	enum ek_notification	notification;

	/* held for reading by calls, for writing by what changes the region */
	struct rw_semaphore	lock;
	/* from the first EK_SETUP on: the VMM's, without capabilities */
	const struct cred	*guest_cred;
	struct kvm		*kvm;
	struct ek_host_region __rcu *region;
	struct xarray		sockets;
	u32			next_socket;

	struct ek_stats		stats;
};

/* A socket of a VM; calls hold a reference. */
struct ek_host_socket {
	struct kref		ref;
	struct rcu_head		rcu;
	struct ek_vm		*vm;
	struct socket		*sock;
	u32			id;
	/* EPOLL* of which the guest is to be told, once, and the ring for it */
	atomic_t		armed;
	struct ek_channel	*channel;

	/* the socket's own callbacks, which event.c replaces */
	void			(*data_ready)(struct sock *sk);
	void			(*write_space)(struct sock *sk);
	void			(*state_change)(struct sock *sk);
	void			(*error_report)(struct sock *sk);
};

/* A call of a guest that the host is executing */
struct ek_host_call {
	struct ek_vm		*vm;
	struct kvm_vcpu		*vcpu;
	struct ek_host_socket	*socket;
	struct ek_channel	*channel;
	/* copied from the slot, and to be copied there */
	struct ek_request	request;
	struct ek_reply		reply;
};

/* hypercall.c */
int ek_hypercall_init(void);
void ek_hypercall_exit(void);

/* kvm_function.c */
unsigned long ek_kvm_function(const char *name);

/* vm.c */
extern struct srcu_struct ek_vms_srcu;
long ek_vm_hypercall(struct kvm_vcpu *vcpu, u64 function, u64 arg0, u64 arg1);
int ek_vm_attach(pid_t pid, u32 max_sockets, enum ek_notification notification);
int ek_vm_detach(pid_t pid);
void ek_vm_show_all(struct seq_file *m);
void ek_vms_addresses_changed(const struct net *net);
int ek_vm_init(void);
void ek_vm_detach_all(void);
void ek_vm_exit(void);

/* region.c */
struct ek_host_region *ek_region_map(struct kvm *kvm, u64 address, u64 bytes);
void ek_region_unmap(struct ek_host_region *region);
unsigned long ek_user_address(struct kvm *kvm, u64 address, bool write);

/* call.c */
long ek_call_execute(struct ek_vm *vm, struct kvm_vcpu *vcpu, u64 slot);

/* socket.c */
long ek_op_create(struct ek_host_call *call);
long ek_op_release(struct ek_host_call *call);
long ek_op_bind(struct ek_host_call *call);
long ek_op_connect(struct ek_host_call *call);
long ek_op_listen(struct ek_host_call *call);
long ek_op_accept(struct ek_host_call *call);
long ek_op_getname(struct ek_host_call *call);
long ek_op_poll(struct ek_host_call *call);
long ek_op_shutdown(struct ek_host_call *call);
struct ek_host_socket *ek_socket_get(struct ek_vm *vm, u32 id);
void ek_socket_put(struct ek_host_socket *socket);
void ek_sockets_close(struct ek_vm *vm);

/* message.c */
long ek_op_send(struct ek_host_call *call);
long ek_op_recv(struct ek_host_call *call);

/* options.c */
long ek_op_setsockopt(struct ek_host_call *call);
long ek_op_getsockopt(struct ek_host_call *call);
long ek_op_ioctl(struct ek_host_call *call);

/* addresses.c */
long ek_op_addresses(struct ek_host_call *call);
int ek_addresses_init(void);
void ek_addresses_exit(void);

/* event.c */
#define EK_EVENTS_IN	(EPOLLIN | EPOLLPRI | EPOLLRDHUP | EPOLLHUP | EPOLLERR)
#define EK_EVENTS_OUT	(EPOLLOUT | EPOLLHUP | EPOLLERR)

void ek_socket_arm(struct ek_host_call *call, u32 events);
void ek_events_overflow(struct ek_vm *vm);
void ek_events_addresses(struct ek_vm *vm);
void ek_socket_watch(struct ek_host_socket *socket, const struct ek_host_socket *listener);
void ek_socket_unwatch(struct ek_host_socket *socket);

/* notify.c */
void ek_notify(struct ek_vm *vm, const struct ek_channel *channel);
int ek_notify_init(void);

/* status.c */
extern const char *const ek_notification_names[EK_NOTIFICATIONS];

int ek_status_init(void);
void ek_status_exit(void);

#endif /* EK_HOST_H */
