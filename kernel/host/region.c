// SPDX-License-Identifier: GPL-2.0-only
/*
 * Access to the guest's memory: to the region, which stays mapped, and to the
 * buffers of messages, whose addresses are translated for each call.
 */
#include <linux/capability.h>
#include <linux/err.h>
#include <linux/highmem.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "ek_host.h"

/**
 * ek_user_address() - Translate a guest physical address
 * @kvm:	VM of the current process
 * @address:	guest physical address
 * @write:	the memory is to be written
 *
 * The result is valid for the page of @address. It is an address of user space: the
 * memory there can change or go away at any time.
 *
 * Return: address in the VMM, which is the current process; 0 if the guest has no such
 *	   memory
 */
unsigned long ek_user_address(struct kvm *kvm, u64 address, bool write)
{
	gfn_t gfn = gpa_to_gfn(address);
	const struct kvm_memory_slot *slot = __gfn_to_memslot(kvm_memslots(kvm), gfn);

	if (!slot || slot->flags & KVM_MEMSLOT_INVALID)
		return 0;
	if (write && slot->flags & KVM_MEM_READONLY)
		return 0;
	return __gfn_to_hva_memslot(slot, gfn) + offset_in_page(address);
}

/**
 * ek_is_logged() - Whether KVM logs which memory of a VM is written
 * @kvm:	VM
 *
 * To be called after writing: who begins to log copies all memory after that, and so
 * sees what was written.
 */
bool ek_is_logged(struct kvm *kvm)
{
	smp_mb();
	return atomic_read(&kvm->nr_memslots_dirty_logging);
}

/**
 * ek_mark_dirty() - Tell of guest memory that the host has written
 * @kvm:	VM
 * @address:	guest physical
 * @bytes:	length, not 0
 *
 * Migration and snapshots copy what is dirty. KVM's own function for this must not be
 * called in a softirq: it looks at the vCPU that runs on this CPU, which may be of
 * another VM.
 *
 * Context: Any context but NMI.
 */
void ek_mark_dirty(struct kvm *kvm, u64 address, u64 bytes)
{
	gfn_t gfn, end = gpa_to_gfn(address + bytes - 1);
	const struct kvm_memory_slot *slot;
	int idx;

	if (!ek_is_logged(kvm))
		return;
	idx = srcu_read_lock(&kvm->srcu);
	for (gfn = gpa_to_gfn(address); gfn <= end; gfn++) {
		slot = __gfn_to_memslot(kvm_memslots(kvm), gfn);
		if (slot && slot->dirty_bitmap)
			set_bit_le(gfn - slot->base_gfn, slot->dirty_bitmap);
	}
	srcu_read_unlock(&kvm->srcu, idx);
}

/* On failure, region->nr_pages says how many it has. */
static int pin_pages(struct ek_host_region *region, struct kvm *kvm, u64 address,
		     unsigned int pages)
{
	for (; region->nr_pages < pages; region->nr_pages++, address += EK_PAGE) {
		unsigned long user = ek_user_address(kvm, address, true);
		int pinned;

		if (!user)
			return -EFAULT;
		pinned = pin_user_pages_fast(user, 1, FOLL_WRITE | FOLL_LONGTERM,
					     &region->pages[region->nr_pages]);
		if (pinned != 1)
			return pinned < 0 ? pinned : -EFAULT;
	}
	return 0;
}

/**
 * read_header() - Read the guest's half of the header, and check it
 * @header:	copy
 * @region:	region that is pinned
 * @pages:	of the region
 *
 * The guest may change the header at any time, so it is copied once, before anything
 * is mapped.
 *
 * Return: whether it makes sense
 */
static bool read_header(struct ek_header *header, const struct ek_host_region *region, u64 pages)
{
	memcpy_from_page((char *)header, region->pages[0], 0, sizeof(*header));
	/* From here on, only the copy is checked and used. */
	barrier();
	return header->version >= EK_VMRPC_VERSION && header->slots >= 1 &&
	       header->slots <= EK_MAX_SLOTS && header->ring_entries >= EK_MIN_RING &&
	       header->ring_entries <= EK_MAX_RING && is_power_of_2(header->ring_entries) &&
	       ek_region_pages(header->ring_entries, header->slots) == pages;
}

/* As for other pages that are pinned for long */
static int account(struct ek_host_region *region, unsigned int pages)
{
	unsigned long limit = rlimit(RLIMIT_MEMLOCK) >> PAGE_SHIFT;

	region->mm = current->mm;
	region->accounted = pages;
	if (atomic64_add_return(pages, &region->mm->pinned_vm) > limit && !capable(CAP_IPC_LOCK))
		return -ENOMEM;
	return 0;
}

static int make_channels(struct ek_host_region *region, const struct ek_header *header,
			 u64 address)
{
	unsigned int ring_pages = ek_ring_pages(header->ring_entries), i;

	region->channels = kvcalloc(header->slots, sizeof(*region->channels), GFP_KERNEL_ACCOUNT);
	if (!region->channels)
		return -ENOMEM;
	region->nr_channels = header->slots;
	for (i = 0; i < header->slots; i++) {
		struct ek_channel *channel = &region->channels[i];
		unsigned int ring_page = 1 + i * ring_pages;
		unsigned int slot_page = 1 + header->slots * ring_pages + i;
		unsigned int delivery_page = slot_page + header->slots;

		mutex_init(&channel->call_lock);
		channel->slot = region->base + slot_page * EK_PAGE;
		channel->slot_address = address + slot_page * EK_PAGE;
		spin_lock_init(&channel->ring_lock);
		channel->ring = region->base + ring_page * EK_PAGE;
		channel->ring_address = address + ring_page * EK_PAGE;
		channel->ring_entries = header->ring_entries;
		channel->delivery = region->base + delivery_page * EK_PAGE;
		channel->delivery_address = address + delivery_page * EK_PAGE;
	}
	return 0;
}

/**
 * fill() - Pin and map a region
 * @region:	empty region with room for @pages
 * @vm:		VM whose guest gives it
 * @kvm:	the same
 * @address:	guest physical address of the region
 * @pages:	its length
 *
 * Pinning, mapping and unmapping may interrupt other CPUs, so they have a budget.
 *
 * Return: 0 or a negative errno, when ek_region_unmap() releases what there is
 */
static int fill(struct ek_host_region *region, struct ek_vm *vm, struct kvm *kvm, u64 address,
		u64 pages)
{
	struct ek_header header;
	int err;

	if (!ek_budget_take(vm, EK_BUDGET_SETUPS))
		return -EAGAIN;
	err = account(region, pages);
	if (err)
		return err;
	err = pin_pages(region, kvm, address, pages);
	if (err)
		return err;
	if (!read_header(&header, region, pages))
		return -EINVAL;
	region->base = vmap(region->pages, pages, VM_MAP, PAGE_KERNEL);
	if (!region->base)
		return -ENOMEM;
	return make_channels(region, &header, address);
}

/**
 * ek_region_map() - Pin and map the region of a guest
 * @vm:		VM
 * @kvm:	the same, of the current process
 * @address:	guest physical address of the region
 * @bytes:	its length
 *
 * Return: the region, for ek_region_unmap(), or an ERR_PTR()
 */
struct ek_host_region *ek_region_map(struct ek_vm *vm, struct kvm *kvm, u64 address, u64 bytes)
{
	u64 pages = bytes / EK_PAGE;
	struct ek_host_region *region;
	int err = -ENOMEM;

	BUILD_BUG_ON(EK_PAGE != PAGE_SIZE);
	if (address % EK_PAGE || bytes % EK_PAGE || !pages ||
	    pages > ek_region_pages(EK_MAX_RING, EK_MAX_SLOTS) ||
	    address + bytes < address)
		return ERR_PTR(-EINVAL);

	region = kzalloc(sizeof(*region), GFP_KERNEL_ACCOUNT);
	if (!region)
		return ERR_PTR(-ENOMEM);
	region->pages = kvcalloc(pages, sizeof(*region->pages), GFP_KERNEL_ACCOUNT);
	if (region->pages)
		err = fill(region, vm, kvm, address, pages);
	if (err) {
		ek_region_unmap(region);
		return ERR_PTR(err);
	}
	return region;
}

/**
 * ek_region_unmap() - Release a region
 * @region:	from ek_region_map(), or NULL
 */
void ek_region_unmap(struct ek_host_region *region)
{
	if (!region)
		return;
	kvfree(region->channels);
	vunmap(region->base);
	if (region->nr_pages)
		unpin_user_pages_dirty_lock(region->pages, region->nr_pages, true);
	if (region->accounted)
		atomic64_sub(region->accounted, &region->mm->pinned_vm);
	kvfree(region->pages);
	kfree(region);
}
