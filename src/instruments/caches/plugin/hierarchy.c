// SPDX-License-Identifier: Apache-2.0
#include "hierarchy.h"

#include <stdlib.h>
#include <string.h>

#define NO_LINE UINT64_MAX

struct entry {
	uint64_t line;
	/* In a CPU's own cache: it may write without asking (modified or exclusive). */
	bool owned;
	/* In the shared one: which CPUs may have it, a bit for each. */
	uint32_t cpus;
};

struct cache {
	uint64_t set_mask;
	unsigned int ways;
	/* Set after set; in each, what was used last comes first, and what is empty last. */
	struct entry *entries;
};

struct hierarchy {
	unsigned int cpus;
	struct cache own[MAX_CPUS];
	struct cache shared;
};

static bool cache_init(struct cache *cache, struct geometry geometry)
{
	uint32_t count = geometry.size / geometry.line_size;

	cache->ways = geometry.ways;
	cache->set_mask = count / geometry.ways - 1;
	cache->entries = malloc(count * sizeof(*cache->entries));
	if (!cache->entries)
		return false;
	for (uint32_t i = 0; i < count; i++)
		cache->entries[i].line = NO_LINE;
	return true;
}

struct hierarchy *hierarchy_create(unsigned int cpus, struct geometry own, struct geometry shared)
{
	struct hierarchy *h = calloc(1, sizeof(*h));

	if (!h)
		return NULL;
	h->cpus = cpus;
	for (unsigned int cpu = 0; cpu < cpus; cpu++) {
		if (!cache_init(&h->own[cpu], own))
			goto failed;
	}
	if (cache_init(&h->shared, shared))
		return h;
failed:
	hierarchy_destroy(h);
	return NULL;
}

void hierarchy_destroy(struct hierarchy *h)
{
	for (unsigned int cpu = 0; cpu < h->cpus; cpu++)
		free(h->own[cpu].entries);
	free(h->shared.entries);
	free(h);
}

static struct entry *set_of(const struct cache *cache, uint64_t line)
{
	return &cache->entries[(line & cache->set_mask) * cache->ways];
}

/* The entry of @line, or NULL */
static struct entry *find(const struct cache *cache, uint64_t line)
{
	struct entry *set = set_of(cache, line);

	for (unsigned int way = 0; way < cache->ways; way++) {
		if (set[way].line == line)
			return &set[way];
	}
	return NULL;
}

/* Makes @content the first of its set; the entry at @place is no more. */
static struct entry *to_front(const struct cache *cache, struct entry *place, struct entry content)
{
	struct entry *set = set_of(cache, content.line);

	memmove(set + 1, set, (place - set) * sizeof(*set));
	*set = content;
	return set;
}

/* The entry of @line's set that is empty, or was not used for the longest time */
static struct entry *oldest(const struct cache *cache, uint64_t line)
{
	return set_of(cache, line) + cache->ways - 1;
}

static void drop(const struct cache *cache, uint64_t line)
{
	struct entry *entry = find(cache, line);

	if (!entry)
		return;
	memmove(entry, entry + 1, (oldest(cache, line) - entry) * sizeof(*entry));
	oldest(cache, line)->line = NO_LINE;
}

static void drop_everywhere(struct hierarchy *h, const struct entry *shared)
{
	for (unsigned int cpu = 0; cpu < h->cpus; cpu++) {
		if (shared->cpus & 1u << cpu)
			drop(&h->own[cpu], shared->line);
	}
}

/*
 * For a write, no other CPU has the line any more; for a read, none owns it.
 * Returns whether no other CPU has it.
 */
static bool ask_others(struct hierarchy *h, struct entry *shared, unsigned int asker, bool write)
{
	for (unsigned int cpu = 0; cpu < h->cpus; cpu++) {
		struct entry *entry;

		if (cpu == asker || !(shared->cpus & 1u << cpu))
			continue;
		entry = find(&h->own[cpu], shared->line);
		if (entry && !write) {
			entry->owned = false;
			continue;
		}
		drop(&h->own[cpu], shared->line);
		shared->cpus &= ~(1u << cpu);
	}
	return !(shared->cpus & ~(1u << asker));
}

/* The shared cache's entry of @line, which comes from memory if it must */
static struct entry *look_up_shared(struct hierarchy *h, uint64_t line, enum outcome *outcome)
{
	struct cache *shared = &h->shared;
	struct entry *entry = find(shared, line);

	if (entry) {
		*outcome = SHARED_HIT;
		return to_front(shared, entry, *entry);
	}
	*outcome = SHARED_MISS;
	entry = oldest(shared, line);
	if (entry->line != NO_LINE)
		drop_everywhere(h, entry);
	return to_front(shared, entry, (struct entry){ .line = line });
}

enum outcome hierarchy_access(struct hierarchy *h, unsigned int cpu, uint64_t line, bool write)
{
	struct cache *own = &h->own[cpu];
	struct entry *entry = find(own, line);
	struct entry *shared;
	enum outcome outcome;
	bool alone;

	if (entry) {
		entry = to_front(own, entry, *entry);
		if (entry->owned || !write)
			return OWN_HIT;
	}
	shared = look_up_shared(h, line, &outcome);
	alone = ask_others(h, shared, cpu, write);
	shared->cpus |= 1u << cpu;
	if (!entry)
		entry = to_front(own, oldest(own, line), (struct entry){ .line = line });
	entry->owned = alone;
	return outcome;
}

void hierarchy_invalidate(struct hierarchy *h, uint64_t line)
{
	struct entry *shared = find(&h->shared, line);

	if (!shared)
		return;
	drop_everywhere(h, shared);
	drop(&h->shared, line);
}
