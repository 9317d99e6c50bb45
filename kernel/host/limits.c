// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a VM may have, or may ask for so often, because it costs others than itself:
 * interrupts of all CPUs, locks of the whole host, memory and work that is not the
 * VM's. docs/security.md has the limits; those of memory are the VMM's control group's.
 */
#include <linux/atomic.h>
#include <linux/err.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/udp.h>
#include <net/sock.h>

#include "ek_host.h"

/* Groups that a VM's sockets may be members of; a native socket may be in 20 */
#define MAX_MEMBERSHIPS	256
/*
 * UDP sockets of a VM that may be bound to one port: each gets its copy of a multicast
 * or broadcast message, all of them in one go
 */
#define MAX_SHARERS	64
/* Closed connections that are looked at for each one that is closed or made */
#define REAPED		4

static const struct {
	/* so many each second, ... */
	u32	rate;
	/* ... and so many at once after a pause */
	u32	burst;
} budgets[EK_BUDGETS] = {
	[EK_BUDGET_SETUPS]	= { 10, 16 },
	[EK_BUDGET_SOCKETS]	= { 20000, 1024 },
	[EK_BUDGET_MEMBERSHIPS]	= { 100, 64 },
};

static u64 cost(enum ek_budget budget)
{
	return NSEC_PER_SEC / budgets[budget].rate;
}

/**
 * ek_budget_left() - Whether a VM has something left of a budget
 * @vm:		VM
 * @budget:	budget
 *
 * Return: whether it has
 */
bool ek_budget_left(struct ek_vm *vm, enum ek_budget budget)
{
	return atomic64_read(&vm->spent_until[budget]) <
	       ktime_get_ns() + budgets[budget].burst * cost(budget);
}

/**
 * ek_budget_take() - Take one from a budget of a VM
 * @vm:		VM
 * @budget:	budget
 *
 * A token bucket: the moment when it will be full again says how much is in it.
 *
 * Return: whether there was one
 */
bool ek_budget_take(struct ek_vm *vm, enum ek_budget budget)
{
	u64 now = ktime_get_ns(), latest = now + (budgets[budget].burst - 1) * cost(budget), from;
	s64 until = atomic64_read(&vm->spent_until[budget]);

	do {
		from = max_t(u64, until, now);
		if (from > latest) {
			atomic64_inc(&vm->stats.throttled);
			return false;
		}
	} while (!atomic64_try_cmpxchg(&vm->spent_until[budget], &until, from + cost(budget)));
	return true;
}

/**
 * ek_throttle() - Have the guest try a call again in a while
 * @call:	call
 *
 * Return: what the call is to return
 */
long ek_throttle(struct ek_host_call *call)
{
	call->reply.flags |= EK_THROTTLED;
	return -EAGAIN;
}

/**
 * ek_membership_add() - Count a membership of a group that a socket is about to have
 * @socket:	socket
 *
 * Return: 0, or -ENOBUFS if there are too many
 */
int ek_membership_add(struct ek_host_socket *socket)
{
	if (atomic_inc_return(&socket->vm->memberships) > MAX_MEMBERSHIPS) {
		atomic_dec(&socket->vm->memberships);
		return -ENOBUFS;
	}
	atomic_inc(&socket->memberships);
	return 0;
}

/**
 * ek_membership_drop() - Undo ek_membership_add()
 * @socket:	the same socket
 */
void ek_membership_drop(struct ek_host_socket *socket)
{
	atomic_dec(&socket->memberships);
	atomic_dec(&socket->vm->memberships);
}

/**
 * ek_port_take() - Count a UDP socket that is about to be bound
 * @vm:		VM
 * @port:	port
 *
 * Return: whether there are few enough
 */
bool ek_port_take(struct ek_vm *vm, u16 port)
{
	bool few;

	spin_lock(&vm->limits_lock);
	few = vm->sharers[port] < MAX_SHARERS;
	vm->sharers[port] += few;
	spin_unlock(&vm->limits_lock);
	return few;
}

/**
 * ek_port_return() - Undo ek_port_take()
 * @vm:		VM
 * @port:	port
 */
void ek_port_return(struct ek_vm *vm, u16 port)
{
	spin_lock(&vm->limits_lock);
	vm->sharers[port]--;
	spin_unlock(&vm->limits_lock);
}

/**
 * ek_patching_keep() - Have a VM not cause code to be patched again and again
 * @vm:		VM
 * @patching:	option that a socket of its guest is about to have
 *
 * From the first time on, a socket of the VM's own has the option until the VM is
 * detached. So the kernel's code, which all CPUs are interrupted for, is patched twice
 * at most, whatever the guest does.
 *
 * Return: 0 or a negative errno
 */
int ek_patching_keep(struct ek_vm *vm, enum ek_patching patching)
{
	static const struct {
		int	family;
		int	level;
		int	name;
	} options[EK_PATCHINGS] = {
		[EK_PATCHING_TIMESTAMP]	= { AF_INET,  SOL_SOCKET, SO_TIMESTAMP_NEW },
		[EK_PATCHING_GRO]	= { AF_INET,  SOL_UDP,	  UDP_GRO },
		[EK_PATCHING_GRO6]	= { AF_INET6, SOL_UDP,	  UDP_GRO },
	};
	struct socket *sock;
	int one = 1, err;

	if (READ_ONCE(vm->patching[patching]))
		return 0;
	err = sock_create_kern(vm->net, options[patching].family, SOCK_DGRAM, 0, &sock);
	if (err)
		return err;
	err = do_sock_setsockopt(sock, false, options[patching].level, options[patching].name,
				 KERNEL_SOCKPTR(&one), sizeof(one));
	if (err || cmpxchg(&vm->patching[patching], NULL, sock))
		sock_release(sock);
	return err;
}

/* Moves those that the kernel has done with to @done, and looks at the others later. */
static void reap(struct ek_vm *vm, unsigned int count, struct list_head *done)
{
	struct ek_host_socket *socket;

	lockdep_assert_held(&vm->limits_lock);
	while (count-- && !list_empty(&vm->orphans)) {
		socket = list_first_entry(&vm->orphans, struct ek_host_socket, orphan);
		if (READ_ONCE(socket->sk->sk_state) == TCP_CLOSE) {
			list_move(&socket->orphan, done);
			vm->nr_orphans--;
		} else {
			list_move_tail(&socket->orphan, &vm->orphans);
		}
	}
}

static void free_orphans(struct list_head *done)
{
	struct ek_host_socket *socket, *next;

	list_for_each_entry_safe(socket, next, done, orphan) {
		sock_put(socket->sk);
		kfree(socket);
	}
}

/**
 * ek_orphans_reap() - Release some of the closed connections that the kernel has done with
 * @vm:		VM
 */
void ek_orphans_reap(struct ek_vm *vm)
{
	LIST_HEAD(done);

	spin_lock(&vm->limits_lock);
	reap(vm, REAPED, &done);
	spin_unlock(&vm->limits_lock);
	free_orphans(&done);
}

/**
 * ek_orphan_may() - Whether a VM may leave one more closed connection to the kernel
 * @vm:		VM
 *
 * It may have as many as it may have sockets. Memory of those is its VMM's control
 * group's, but they also count for a limit of the whole host (tcp_max_orphans).
 *
 * Return: whether it may; else the connection is to be reset, as beyond the host's limit
 */
bool ek_orphan_may(struct ek_vm *vm)
{
	ek_orphans_reap(vm);
	return READ_ONCE(vm->nr_orphans) < vm->max_sockets;
}

/**
 * ek_orphan_add() - Count a connection that is closed, but not at its end
 * @socket:	socket that nobody uses any more, with a reference to its sk; the VM's now
 */
void ek_orphan_add(struct ek_host_socket *socket)
{
	struct ek_vm *vm = socket->vm;

	spin_lock(&vm->limits_lock);
	list_add_tail(&socket->orphan, &vm->orphans);
	vm->nr_orphans++;
	spin_unlock(&vm->limits_lock);
}

/**
 * ek_limits_forget() - Count closed connections no more
 * @vm:		VM whose sockets are all closed
 */
void ek_limits_forget(struct ek_vm *vm)
{
	LIST_HEAD(done);

	spin_lock(&vm->limits_lock);
	list_splice_init(&vm->orphans, &done);
	vm->nr_orphans = 0;
	spin_unlock(&vm->limits_lock);
	free_orphans(&done);
}

/**
 * ek_limits_init() - Prepare the limits of a VM
 * @vm:		VM, otherwise zero
 *
 * Return: 0 or a negative errno
 */
int ek_limits_init(struct ek_vm *vm)
{
	INIT_LIST_HEAD(&vm->orphans);
	spin_lock_init(&vm->limits_lock);
	vm->sharers = kvcalloc(U16_MAX + 1, sizeof(*vm->sharers), GFP_KERNEL_ACCOUNT);
	return vm->sharers ? 0 : -ENOMEM;
}

/**
 * ek_limits_exit() - Undo ek_limits_init()
 * @vm:		VM that has no sockets
 */
void ek_limits_exit(struct ek_vm *vm)
{
	unsigned int i;

	for (i = 0; i < EK_PATCHINGS; i++)
		if (vm->patching[i])
			sock_release(vm->patching[i]);
	kvfree(vm->sharers);
}
