// SPDX-License-Identifier: GPL-2.0-only
/*
 * Access to the guest's memory: to the region, which stays mapped, and to the
 * buffers of messages, whose addresses are translated for each call.
 */
#include <linux/err.h>
#include <linux/log2.h>
#include <linux/mm.h>
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

/* On failure, region->nr_pages says how many pages are pinned. */
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
 * lay_out() - Read the guest's half of the header, and make the channels
 * @region:	mapped region
 * @address:	its guest physical address
 *
 * The guest may change the header at any time, so it is copied once.
 *
 * Return: 0 or a negative errno
 */
static int lay_out(struct ek_host_region *region, u64 address)
{
	struct ek_header header;
	unsigned int ring_pages, i;

	memcpy(&header, region->base, sizeof(header));
	/* From here on, only the copy is checked and used. */
	barrier();
	if (!header.version || header.slots < 1 || header.slots > EK_MAX_SLOTS ||
	    header.ring_entries < EK_MIN_RING || header.ring_entries > EK_MAX_RING ||
	    !is_power_of_2(header.ring_entries) ||
	    ek_region_pages(header.ring_entries, header.slots) != region->nr_pages)
		return -EINVAL;

	region->channels = kvcalloc(header.slots, sizeof(*region->channels), GFP_KERNEL_ACCOUNT);
	if (!region->channels)
		return -ENOMEM;
	region->nr_channels = header.slots;
	ring_pages = ek_ring_pages(header.ring_entries);
	for (i = 0; i < header.slots; i++) {
		struct ek_channel *channel = &region->channels[i];
		unsigned int ring_page = 1 + i * ring_pages;
		unsigned int slot_page = 1 + header.slots * ring_pages + i;

		mutex_init(&channel->call_lock);
		channel->slot = region->base + slot_page * EK_PAGE;
		channel->slot_address = address + slot_page * EK_PAGE;
		spin_lock_init(&channel->ring_lock);
		channel->ring = region->base + ring_page * EK_PAGE;
		channel->ring_entries = header.ring_entries;
	}
	return 0;
}

/**
 * ek_region_map() - Pin and map the region of a guest
 * @kvm:	VM of the current process
 * @address:	guest physical address of the region
 * @bytes:	its length
 *
 * Return: the region, for ek_region_unmap(), or an ERR_PTR()
 */
struct ek_host_region *ek_region_map(struct kvm *kvm, u64 address, u64 bytes)
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
	if (!region->pages)
		goto err_unmap;
	err = pin_pages(region, kvm, address, pages);
	if (err)
		goto err_unmap;
	err = -ENOMEM;
	region->base = vmap(region->pages, pages, VM_MAP, PAGE_KERNEL);
	if (!region->base)
		goto err_unmap;
	err = lay_out(region, address);
	if (err)
		goto err_unmap;
	return region;

err_unmap:
	ek_region_unmap(region);
	return ERR_PTR(err);
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
	kvfree(region->pages);
	kfree(region);
}
