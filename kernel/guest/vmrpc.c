// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls of the host. The guest writes a request into a slot of the region, which
 * is memory that it shares with the host, and executes a hypercall. When the
 * hypercall returns, the host has left its reply in the slot.
 *
 * Each CPU has a slot, and a ring for events (event.c). Preemption is disabled until
 * the reply has been copied out of the slot, and calls are made in process context
 * only, so a slot needs no lock.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bits.h>
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/kvm_para.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/uio.h>

#include "ek_guest.h"

/* event.c allocates a pointer for each socket that the host offers: this is a bound */
#define EK_SOCKETS_LIMIT	BIT(20)

struct ek_guest_region ek_region;

/*
 * How often the host has taken the region. Its sockets of an earlier life are gone.
 * 0 while it does not have it.
 */
static u32 life;
static u32 lives;
/* The host may be using the region. */
static bool shared;
/* This guest is about to end. */
static bool stopped;

static void (*on_host_gone)(void);

/*
 * The region has to be physically contiguous. If so much memory is not to be had in
 * one piece, the rings are smaller.
 */
static int allocate_region(void)
{
	struct ek_guest_region *r = &ek_region;

	if (nr_cpu_ids > EK_MAX_SLOTS) {
		pr_err("not loaded: there can be %u CPUs, more than %u\n",
		       nr_cpu_ids, EK_MAX_SLOTS);
		return -E2BIG;
	}
	for (r->ring_entries = EK_MAX_RING; r->ring_entries >= EK_MIN_RING;
	     r->ring_entries /= 2) {
		u32 ring_pages = ek_ring_pages(r->ring_entries);

		r->bytes = ek_region_pages(r->ring_entries, nr_cpu_ids) * EK_PAGE;
		r->header = alloc_pages_exact(r->bytes, GFP_KERNEL | __GFP_ZERO |
							__GFP_NOWARN);
		if (r->header) {
			r->rings = (void *)r->header + EK_PAGE;
			r->slots = r->rings + nr_cpu_ids * ring_pages * EK_PAGE;
			r->deliveries = (void *)&r->slots[nr_cpu_ids];
			return 0;
		}
	}
	return -ENOMEM;
}

/**
 * check_offer() - Read what the host has written into the header
 *
 * Return: 0, or -EPROTO if this module does not understand it
 */
static int check_offer(void)
{
	const struct ek_header *header = ek_region.header;
	u32 version = READ_ONCE(header->used_version);
	u32 sockets = READ_ONCE(header->max_sockets);
	u32 notification = READ_ONCE(header->notification);

	if (version != EK_VMRPC_VERSION || !sockets || sockets > EK_SOCKETS_LIMIT) {
		pr_err("the host offers version %u of VMRPC and %u sockets, which is not understood\n",
		       version, sockets);
		return -EPROTO;
	}
	if (lives && ek_region.interrupts != (notification == EK_NOTIFY_INTERRUPT)) {
		pr_err("the host notifies this VM of events in another way now: unload the module, and load it again\n");
		return -EPROTO;
	}
	if (notification >= EK_NOTIFICATIONS) {
		pr_err("the host would notify this VM of events in a way that is not understood (%u)\n",
		       notification);
		return -EPROTO;
	}
	ek_region.max_sockets = sockets;
	ek_region.interrupts = notification == EK_NOTIFY_INTERRUPT;
	return 0;
}

/**
 * ek_vmrpc_init() - Allocate the region
 * @host_gone:	called in process context when the host has stopped using it
 *
 * Return: 0 or a negative errno
 */
int ek_vmrpc_init(void (*host_gone)(void))
{
	on_host_gone = host_gone;
	return allocate_region();
}

static int give_region(void *unused)
{
	return kvm_hypercall3(EK_HYPERCALL, EK_SETUP, virt_to_phys(ek_region.header),
			      ek_region.bytes);
}

/**
 * ek_vmrpc_connect() - Share the region with the host
 *
 * The rings are to be empty. There may be events from now on, and calls after
 * ek_vmrpc_start().
 *
 * Return: 0; -KVM_ENOSYS if this VM is not attached; or a negative errno
 */
long ek_vmrpc_connect(void)
{
	long result;

	if (READ_ONCE(stopped))
		return -ESHUTDOWN;
	ek_region.header->version = EK_VMRPC_VERSION;
	ek_region.header->slots = nr_cpu_ids;
	ek_region.header->ring_entries = ek_region.ring_entries;
	/* The host takes it for a reset if this CPU is unplugged, which CPU 0 is not. */
	result = smp_call_on_cpu(0, give_region, NULL, false);
	if (result)
		return result;
	WRITE_ONCE(shared, true);
	result = check_offer();
	if (result)
		ek_vmrpc_disconnect();
	return result;
}

/**
 * ek_vmrpc_disconnect() - Have the host stop using the region
 *
 * The host closes all sockets. Calls return -ENETDOWN from now on. May be called
 * again.
 */
void ek_vmrpc_disconnect(void)
{
	WRITE_ONCE(life, 0);
	if (xchg(&shared, false))
		kvm_hypercall1(EK_HYPERCALL, EK_RESET);
}

/**
 * ek_vmrpc_start() - Let calls begin, after ek_vmrpc_connect()
 */
void ek_vmrpc_start(void)
{
	if (!++lives)
		lives = 1;
	/* Whoever sees it sees the tables that belong to it. */
	smp_store_release(&life, lives);
	if (READ_ONCE(stopped))
		ek_vmrpc_stop();
}

/**
 * ek_vmrpc_life() - Whether there may be calls
 *
 * Return: the life that the host has the region in, for calls; 0 if it does not have it
 */
u32 ek_vmrpc_life(void)
{
	return smp_load_acquire(&life);
}

static void lose(u32 lost, long err)
{
	if (cmpxchg(&life, lost, 0) != lost)
		return;
	pr_err("the host performs no socket calls any more (error %ld)\n", err);
	on_host_gone();
}

/**
 * ek_vmrpc_check() - Ask the host whether it still has the region
 *
 * Context: Process context.
 */
void ek_vmrpc_check(void)
{
	u32 now = ek_vmrpc_life();
	long err;

	if (!now)
		return;
	err = kvm_hypercall1(EK_HYPERCALL, EK_CHECK);
	if (err)
		lose(now, err);
}

/**
 * ek_vmrpc_stop() - Have the host stop using the region, for ever
 *
 * Context: Any context: the guest may be about to end.
 */
void ek_vmrpc_stop(void)
{
	WRITE_ONCE(stopped, true);
	ek_vmrpc_disconnect();
}

/**
 * ek_vmrpc_exit() - Undo ek_vmrpc_init(); nobody makes calls any more
 */
void ek_vmrpc_exit(void)
{
	ek_vmrpc_stop();
	free_pages_exact(ek_region.header, ek_region.bytes);
}

/**
 * fill_in_message() - Copy a short message into a slot
 * @slot:	slot
 * @call:	call with inline_bytes
 *
 * Return: whether all of it was there; nothing may be waited for
 */
static bool fill_in_message(struct ek_slot *slot, struct ek_guest_call *call)
{
	size_t bytes = call->request.inline_bytes, copied;

	pagefault_disable();
	copied = copy_from_iter(slot->message, bytes, call->message);
	pagefault_enable();
	if (likely(copied == bytes))
		return true;
	iov_iter_revert(call->message, copied);
	return false;
}

static void fill_in(struct ek_slot *slot, const struct ek_guest_call *call)
{
	const struct ek_request *request = &call->request;

	slot->request = *request;
	memcpy(slot->address, call->address, request->address_bytes);
	/* EK_OP_RECV says with data_bytes how much room it has, and brings no data. */
	if (call->data)
		memcpy(slot->data, call->data, request->data_bytes);
	memcpy(slot->segments, call->segments,
	       request->segments * sizeof(*call->segments));
}

/* Copies what fits into the caller's room. The host may be wrong about the sizes. */
static void copy_out(struct ek_guest_call *call, const struct ek_slot *slot)
{
	call->reply = slot->reply;
	memcpy(call->reply_address, slot->address,
	       min3(call->reply.address_bytes, call->address_room, EK_ADDRESS_BYTES));
	memcpy(call->reply_data, slot->data,
	       min3(call->reply.data_bytes, call->data_room, EK_DATA_BYTES));
}

static long make_call(struct ek_guest_call *call)
{
	struct ek_slot *slot;
	long err;

	might_sleep();
	/* Who makes the host take the region again waits for those who are in here. */
	call->cpu = get_cpu();
	if (!call->life || call->life != ek_vmrpc_life()) {
		put_cpu();
		return -ENETDOWN;
	}
	slot = &ek_region.slots[call->cpu];
	if (call->request.inline_bytes && !fill_in_message(slot, call)) {
		put_cpu();
		return -EFAULT;
	}
	fill_in(slot, call);
	err = kvm_hypercall2(EK_HYPERCALL, EK_CALL, call->cpu);
	if (!err)
		copy_out(call, slot);
	put_cpu();

	if (err) {
		lose(call->life, err);
		return -ENETDOWN;
	}
	if (call->reply.result < -MAX_ERRNO)
		return -EIO;
	return call->reply.result;
}

/**
 * ek_vmrpc_call() - Have the host execute a call
 * @call:	the call; its address, data and segments fit into a slot
 *
 * Waits while the host says that this VM has had its share of such calls.
 *
 * Context: Process context.
 * Return: result of the operation; -ENETDOWN if the host does not answer, or no longer
 *	   has what it had in @call->life; -EIO if the result is no errno; -ERESTARTSYS
 *	   after a signal; -EFAULT if the host was not asked, because a short message is
 *	   not in memory
 */
long ek_vmrpc_call(struct ek_guest_call *call)
{
	long result;

	while ((result = make_call(call)) == -EAGAIN && call->reply.flags & EK_THROTTLED) {
		schedule_timeout_interruptible(1);
		if (signal_pending(current))
			return -ERESTARTSYS;
	}
	return result;
}
