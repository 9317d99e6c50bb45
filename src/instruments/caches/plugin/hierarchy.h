// SPDX-License-Identifier: Apache-2.0
/*
 * The caches of a processor: for each CPU one of its own, and one that all share, the last level.
 *
 * All caches replace the line that was not used for the longest time. The shared cache is inclusive: what
 * leaves it leaves the CPUs' own caches, as on Intel's client processors. Lines are kept coherent with the
 * states of MESI; a CPU that has a line modified or exclusive is its owner. There is no prefetching.
 */
#ifndef HIERARCHY_H
#define HIERARCHY_H

#include <stdbool.h>
#include <stdint.h>

#define MAX_CPUS 32

/** All three a power of two. */
struct geometry {
	uint32_t size;		/* bytes */
	uint32_t ways;		/* lines of a set */
	uint32_t line_size;	/* bytes, the same in all caches */
};

enum outcome {
	/** The CPU's own cache had it: the last level was not asked. */
	OWN_HIT,
	/** The last level had it, or had to take it from other CPUs for a write. */
	SHARED_HIT,
	/** It came from memory. */
	SHARED_MISS,
};

struct hierarchy;

/** @returns a hierarchy of empty caches, or NULL without memory for it */
struct hierarchy *hierarchy_create(unsigned int cpus, struct geometry own, struct geometry shared);
void hierarchy_destroy(struct hierarchy *h);

/** One access of a CPU to a line, whose number is the address over the line's size. */
enum outcome hierarchy_access(struct hierarchy *h, unsigned int cpu, uint64_t line, bool write);

/** A device has written to the line: no cache has it any more. */
void hierarchy_invalidate(struct hierarchy *h, uint64_t line);

#endif
