// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest's memory that the host is told of. The host writes to it, at addresses
 * and by amounts that are made up here, and this guest is to survive that:
 *
 * - Regions are in the arena alone, wherever they begin in it.
 * - Messages are in buffers of their own, in the first part of an arena's page, or
 *   where there is no memory of this kernel. An address is thus never computed from
 *   random bits.
 * - No segment has more than SEGMENT_BYTES, unless it has more than a page, which the
 *   host refuses. So no message ends in a slot's segments, also if the address and
 *   the size come from two threads: what was received there would be addresses.
 * - What the host itself writes into a page does not reach the segments, but for the
 *   events of a ring that is not where this guest thinks. An event as an address is
 *   beyond the memory. No delivery is where another layout has a slot: the message in it
 *   would be that one's segments.
 * - Where the host sends interrupts, a page that is a ring once is nothing else ever:
 *   the rings say which interrupt, and most are the end of a guest.
 */
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/sizes.h>

#include "ek_fuzz.h"

#define ARENA_PAGES	1024u
#define BUFFER_PAGES	64u
#define SEGMENT_BYTES	1024u
#define ARENA_OFFSET	(offsetof(struct ek_slot, segments) - SEGMENT_BYTES)
/* Where there is none of this guest's memory. */
#define BEYOND_MEMORY	SZ_2G

/* The first ones do not overlap; others begin in the middle of those, or of their rings. */
#define APART		2
static const struct ek_layout layouts[] = {
	{ .slots = 4, .ring_entries = EK_MIN_RING, .page = 0 },
	{ .slots = 64, .ring_entries = 512, .page = 700 },
	{ .slots = 16, .ring_entries = EK_MIN_RING, .page = 0 },
	{ .slots = 8, .ring_entries = 256, .page = 16 },
	{ .slots = 3, .ring_entries = EK_MAX_RING, .page = 20 },
	{ .slots = 2, .ring_entries = 128, .page = 10 },
	{ .slots = 200, .ring_entries = EK_MIN_RING, .page = 0 },
};

static u32 first_slot(const struct ek_layout *layout)
{
	return layout->page + 1 + layout->slots * ek_ring_pages(layout->ring_entries);
}

static u32 first_delivery(const struct ek_layout *layout)
{
	return first_slot(layout) + layout->slots;
}

/* Whether the layouts keep what is said above. */
static bool layouts_are_right(void)
{
	const struct ek_layout *one, *other;

	for (one = layouts; one < layouts + ARRAY_SIZE(layouts); one++) {
		if (first_delivery(one) + one->slots > ARENA_PAGES)
			return false;
		for (other = layouts; other < layouts + ARRAY_SIZE(layouts); other++)
			if (first_delivery(one) < first_slot(other) + other->slots &&
			    first_slot(other) < first_delivery(one) + one->slots)
				return false;
	}
	return true;
}

/* A PC's: real mode, VGA, ROM, PCI, interrupt controllers, flash; none; not even addresses. */
static const u64 places[] = {
	0xa0000, 0xc0000, 0xe8000, 0xf0000, BEYOND_MEMORY, 0xe0000000, 0xfd000000, 0xfec00000,
	0xfed00000, 0xfee00000, 0xfeffc000, 0xfffc0000, 0xfffff000, BIT_ULL(32), BIT_ULL(40),
	BIT_ULL(47) - EK_PAGE, BIT_ULL(52) - EK_PAGE, BIT_ULL(63), ~0ULL - EK_PAGE + 1,
};

static void *arena;
static void *buffers;
static const struct ek_layout *current_layout = layouts;

bool ek_interrupts;

int ek_memory_init(u32 seed)
{
	struct rnd_state random;

	if (PFN_PHYS(totalram_pages()) >= BEYOND_MEMORY / 2)
		return -E2BIG;
	if (WARN_ON(!layouts_are_right()))
		return -EINVAL;
	arena = alloc_pages_exact(ARENA_PAGES * EK_PAGE, GFP_KERNEL | __GFP_ZERO);
	buffers = alloc_pages_exact(BUFFER_PAGES * EK_PAGE, GFP_KERNEL);
	if (!arena || !buffers) {
		ek_memory_exit();
		return -ENOMEM;
	}
	prandom_seed_state(&random, seed);
	prandom_bytes_state(&random, buffers, BUFFER_PAGES * EK_PAGE);
	return 0;
}

void ek_memory_exit(void)
{
	if (arena)
		free_pages_exact(arena, ARENA_PAGES * EK_PAGE);
	if (buffers)
		free_pages_exact(buffers, BUFFER_PAGES * EK_PAGE);
}

/* As far as this guest knows; another CPU may be changing it. */
const struct ek_layout *ek_current_layout(void)
{
	return READ_ONCE(current_layout);
}

void ek_set_layout(const struct ek_layout *layout)
{
	WRITE_ONCE(current_layout, layout);
}

const struct ek_layout *ek_any_layout(struct ek_fuzzer *f)
{
	return &layouts[ek_below(f, ek_interrupts ? APART : ARRAY_SIZE(layouts))];
}

void *ek_page(u32 page)
{
	return arena + page * EK_PAGE;
}

struct ek_slot *ek_slot(const struct ek_layout *layout, u32 number)
{
	return ek_page(first_slot(layout) + number);
}

struct ek_delivery *ek_delivery(const struct ek_layout *layout, u32 number)
{
	return ek_page(first_delivery(layout) + number);
}

struct ek_ring *ek_ring(const struct ek_layout *layout, u32 number)
{
	return ek_page(layout->page + 1 + number * ek_ring_pages(layout->ring_entries));
}

/* A page of the arena that may be a message's buffer, mostly one that is in use. */
static void *any_page(struct ek_fuzzer *f)
{
	const struct ek_layout *layout = ek_current_layout();

	if (ek_interrupts)
		return ek_slot(layout, ek_below(f, layout->slots));
	if (ek_one_in(f, 8))
		return ek_page(ek_below(f, ARENA_PAGES));
	return ek_page(layout->page +
		       ek_below(f, ek_region_pages(layout->ring_entries, layout->slots)));
}

/* An address at which there is no memory of this kernel. */
u64 ek_wild_address(struct ek_fuzzer *f)
{
	return places[ek_below(f, ARRAY_SIZE(places))];
}

/* The host may be reading it: at no time does it say what it is not to say. */
static void put_segment(struct ek_segment *segment, u64 address, u32 bytes)
{
	WRITE_ONCE(segment->bytes, 0);
	WRITE_ONCE(segment->address, address);
	WRITE_ONCE(segment->bytes, bytes);
}

/* A part of a buffer that is as it should be. */
void ek_set_segment(struct ek_fuzzer *f, struct ek_segment *segment)
{
	u32 page = ek_below(f, BUFFER_PAGES);
	u32 bytes = ek_one_in(f, 4) ? SEGMENT_BYTES : 1 + ek_below(f, SEGMENT_BYTES);
	u32 offset = ek_below(f, EK_PAGE - bytes + 1);

	put_segment(segment, virt_to_phys(buffers + page * EK_PAGE + offset), bytes);
}

void ek_spoil_segment(struct ek_fuzzer *f, struct ek_segment *segment)
{
	static const u32 refused[] = { 0, EK_PAGE + 1, 1U << 31, U32_MAX };
	u32 bytes = 1 + ek_below(f, SEGMENT_BYTES);

	switch (ek_below(f, 4)) {
	case 0:
		put_segment(segment, ek_wild_address(f) + ek_below(f, EK_PAGE - bytes + 1), bytes);
		break;
	case 1:
		/* crosses the end of its page, mostly */
		put_segment(segment, virt_to_phys(buffers) + EK_PAGE - 1, bytes);
		break;
	case 2:
		WRITE_ONCE(segment->bytes, refused[ek_below(f, ARRAY_SIZE(refused))]);
		break;
	case 3:
		/* what the host looks at while it copies */
		put_segment(segment, virt_to_phys(any_page(f)) +
				     ek_below(f, ARENA_OFFSET + 1), bytes);
		break;
	}
}
