// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest's memory as the host sees it: the region, which stays mapped, and
 * the addresses of message buffers.
 */
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "ek_host.h"

/*
 * Where the VMM, and so the current process, has what is at @address in its
 * guest; 0 if there is no memory that may be read or, for @write, written.
 * The address is one of user space: what is behind it can change, or go.
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

/*
 * Reads the guest's half of the header, once, and makes the channels of it. The
 * region is at @address for the guest.
 */
static int lay_out(struct ek_host_region *region, u64 address)
{
	struct ek_header header;
	unsigned int ring_pages, i;

	memcpy(&header, region->base, sizeof(header));
	/* the copy is what is checked and used from here on */
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

/*
 * Maps the region of @bytes at guest physical @address. Returns it or an
 * ERR_PTR(); the caller unmaps it.
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
