/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef EK_HOST_H
#define EK_HOST_H

#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/kref.h>
#include <linux/kvm_host.h>
#include <linux/list.h>
#include <linux/mmu_notifier.h>
#include <linux/net.h>
#include <linux/refcount.h>
#include <linux/rwsem.h>
#include <linux/security.h>
#include <linux/socket.h>
#include <linux/spinlock.h>
#include <linux/srcu.h>
#include <linux/static_call_types.h>
#include <linux/uio.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

#include "ek_vmrpc.h"

struct ftrace_ops;
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
	/* of each part of @iov, guest physical */
	u64			addresses[EK_MAX_SEGMENTS];

	/* held while an event is put into the ring */
	spinlock_t		ring_lock;
	struct ek_ring		*ring;
	u64			ring_address;
	u32			ring_entries;
	u32			produced;

	/* where a message goes that comes with its event */
	struct ek_delivery	*delivery;
	u64			delivery_address;
	/* 1 + id of the socket that the last event was of that may come with its message, or 0 */
	atomic_t		due;
	/* 1 + id of the socket whose message was put there last */
	u32			delivered;
};

/* The memory that the guest shares with the host (ek_vmrpc.h), as the host has it */
struct ek_host_region {
	struct page		**pages;
	unsigned int		nr_pages;
	/* whose they are, and how many of them count as pinned there */
	struct mm_struct	*mm;
	unsigned int		accounted;
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
	atomic64_t	throttled;	/* what a VM has asked for too often */
	atomic64_t	delivered;	/* messages that came with their event */
};

/* What costs others than the VM itself, and so has a budget */
enum ek_budget {
	EK_BUDGET_SETUPS,
	EK_BUDGET_SOCKETS,
	EK_BUDGET_MEMBERSHIPS,
	EK_BUDGETS
};

/* Options whose first use on a host, and the end of the last one, patch the kernel's code */
enum ek_patching {
	EK_PATCHING_TIMESTAMP,
	EK_PATCHING_GRO,
	EK_PATCHING_GRO6,
	EK_PATCHINGS
};

/* What an operator asks for */
struct ek_attachment {
	pid_t			pid;
	u32			max_sockets;
	enum ek_notification	notification;
	/* where the sockets are to be */
	struct net		*net;
	/* ... even if it is the host's own, or another VM's */
	bool			initial_netns;
	bool			shared_netns;
	/* the attachment lasts, whoever closes the file */
	bool			keep;
};

/* A VM that the operator has attached. */
struct ek_vm {
	/* of the table, and of the file that holds the attachment */
	refcount_t		refs;
	/* in a table by @mm, until it is torn down; readers hold ek_vms_srcu */
	struct hlist_node	node;
	struct mm_struct	*mm;
	pid_t			pid;
	struct mmu_notifier	notifier;
	/* no call begins any more */
	bool			ending;
	struct work_struct	teardown;
	/* the host no longer uses the VM's memory */
	struct completion	ended;
	struct rcu_head		rcu;

	/* of the operator: where the sockets are */
	struct net		*net;
	unsigned int		netns;
	/* the VMM's, without capabilities; for bind(), with at most CAP_NET_BIND_SERVICE */
	const struct cred	*guest_cred;
	const struct cred	*bind_cred;
	u32			max_sockets;
	enum ek_notification	notification;

	/* held for reading by calls, for writing by what changes the region */
	struct rw_semaphore	lock;
	/* whose guest has given the region */
	struct kvm		*kvm;
	struct ek_host_region __rcu *region;
	/* that gave the region, which ends when the VMM resets it, and its file */
	const struct kvm_vcpu	*vcpu;
	struct file		*vcpu_file;
	struct xarray		sockets;
	u32			next_socket;
	atomic_t		nr_sockets;

	/* limits.c: until when each budget is spent, in ns */
	atomic64_t		spent_until[EK_BUDGETS];
	atomic_t		memberships;
	/* UDP sockets that are bound to each port */
	u8			*sharers;
	struct socket		*patching[EK_PATCHINGS];
	/* closed connections, which the kernel has until the peer knows */
	struct list_head	orphans;
	u32			nr_orphans;
	/* for @sharers and @orphans */
	spinlock_t		limits_lock;

	struct ek_stats		stats;
};

/* A socket of a VM; calls hold a reference. */
struct ek_host_socket {
	struct kref		ref;
	struct ek_vm		*vm;
	/* its file is in no table of descriptors */
	struct socket		*sock;
	u32			id;
	/* what counts for its VM: memberships of groups, and the port of a UDP socket */
	atomic_t		memberships;
	u16			port;
	/* when it is closed */
	struct list_head	orphan;
	struct sock		*sk;
	/* EPOLL* of which the guest is to be told, once, and the ring for it */
	atomic_t		armed;
	struct ek_channel	*channel;
	/*
	 * delivery.c: the next message may come with its event; the last one received was
	 * large; where one was delivered; the guest has closed the socket and not read it.
	 * @receive_lock is held while messages are received, to keep their order.
	 */
	struct mutex		receive_lock;
	bool			deliver;
	bool			bulk;
	bool			unread;
	struct ek_channel	*delivered;
	/* in the socket's wait queue */
	struct wait_queue_entry	wait;
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

/* reset.c */
int ek_reset_init(void);
void ek_reset_exit(void);

/* kvm_function.c */
unsigned long ek_kvm_function(const char *name);
int ek_kvm_redirect(struct ftrace_ops *ops, const char *name);
void ek_kvm_release(struct ftrace_ops *ops);

/* vm.c */
extern struct srcu_struct ek_vms_srcu;
long ek_vm_hypercall(struct kvm_vcpu *vcpu, u64 function, u64 arg0, u64 arg1);
struct ek_vm *ek_vm_attach(const struct ek_attachment *wanted);
void ek_vm_release(struct ek_vm *vm);
int ek_vm_detach(pid_t pid);
bool ek_vm_lives_with(const struct kvm_vcpu *vcpu);
void ek_vm_reset(struct kvm_vcpu *vcpu);
void ek_vm_deliver(struct kvm_vcpu *vcpu);
void ek_vm_show_all(struct seq_file *m);
void ek_vm_show_sockets(struct seq_file *m);
void ek_vms_addresses_changed(const struct net *net);
int ek_vm_init(void);
void ek_vm_detach_all(void);
void ek_vm_exit(void);

/* region.c */
struct ek_host_region *ek_region_map(struct ek_vm *vm, struct kvm *kvm, u64 address, u64 bytes);
void ek_region_unmap(struct ek_host_region *region);
unsigned long ek_user_address(struct kvm *kvm, u64 address, bool write);
bool ek_is_logged(struct kvm *kvm);
void ek_mark_dirty(struct kvm *kvm, u64 address, u64 bytes);

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

/* limits.c */
bool ek_budget_left(struct ek_vm *vm, enum ek_budget budget);
bool ek_budget_take(struct ek_vm *vm, enum ek_budget budget);
long ek_throttle(struct ek_host_call *call);
int ek_membership_add(struct ek_host_socket *socket);
void ek_membership_drop(struct ek_host_socket *socket);
bool ek_port_take(struct ek_vm *vm, u16 port);
void ek_port_return(struct ek_vm *vm, u16 port);
int ek_patching_keep(struct ek_vm *vm, enum ek_patching patching);
void ek_orphans_reap(struct ek_vm *vm);
bool ek_orphan_may(struct ek_vm *vm);
void ek_orphan_add(struct ek_host_socket *socket);
int ek_limits_init(struct ek_vm *vm);
void ek_limits_forget(struct ek_vm *vm);
void ek_limits_exit(struct ek_vm *vm);

/* security.c */
DECLARE_STATIC_CALL(ek_security_bind, security_socket_bind);
DECLARE_STATIC_CALL(ek_security_connect, security_socket_connect);
DECLARE_STATIC_CALL(ek_security_listen, security_socket_listen);
DECLARE_STATIC_CALL(ek_security_accept, security_socket_accept);
DECLARE_STATIC_CALL(ek_security_getsockname, security_socket_getsockname);
DECLARE_STATIC_CALL(ek_security_getpeername, security_socket_getpeername);
DECLARE_STATIC_CALL(ek_security_shutdown, security_socket_shutdown);
int ek_security_init(void);

/* message.c */
long ek_op_send(struct ek_host_call *call);
long ek_op_recv(struct ek_host_call *call);
bool ek_socket_drained(struct ek_host_socket *socket, struct ek_channel *channel);
void ek_count_message(atomic64_t *messages, atomic64_t *bytes, long result);

/* delivery.c */
void ek_deliver(struct ek_vm *vm, struct ek_host_region *region, struct kvm_vcpu *vcpu);
bool ek_is_delivered(const struct ek_host_socket *socket);
bool ek_reply_delivered(struct ek_host_call *call);
int ek_delivery_init(void);
void ek_delivery_exit(void);

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

void ek_socket_arm(struct ek_host_socket *socket, struct ek_channel *channel, u32 events);
void ek_events_overflow(struct ek_vm *vm);
void ek_events_addresses(struct ek_vm *vm);
void ek_socket_watch(struct ek_host_socket *socket);
void ek_socket_unwatch(struct ek_host_socket *socket);

/* notify.c */
void ek_notify(struct ek_vm *vm, const struct ek_channel *channel);
int ek_notify_init(void);

/* device.c */
extern const char *const ek_notification_names[EK_NOTIFICATIONS];

int ek_device_init(void);
void ek_device_exit(void);

/* status.c */
int ek_status_init(void);
void ek_status_exit(void);

#endif /* EK_HOST_H */
