// SPDX-License-Identifier: Apache-2.0
/*
 * Has the caches of src/instruments/caches/plugin serve what stdin says: a CPU, a line, and r to read, w to write or d for
 * a device's write. Prints a digit for each access, enum outcome. Arguments: CPUs, then bytes and ways of
 * each CPU's own cache and of the shared one; lines have 64 bytes.
 */
#include "hierarchy.h"

#include <stdio.h>

int main(int argc, char **argv)
{
	struct geometry own = { .line_size = 64 }, shared = { .line_size = 64 };
	unsigned int cpus, cpu;
	struct hierarchy *h;
	unsigned long line;
	char access;

	if (argc != 6 || sscanf(argv[1], "%u", &cpus) != 1 || sscanf(argv[2], "%u", &own.size) != 1 ||
	    sscanf(argv[3], "%u", &own.ways) != 1 || sscanf(argv[4], "%u", &shared.size) != 1 ||
	    sscanf(argv[5], "%u", &shared.ways) != 1)
		return 2;
	h = hierarchy_create(cpus, own, shared);
	if (!h)
		return 1;
	while (scanf("%u %lu %c", &cpu, &line, &access) == 3) {
		if (access == 'd')
			hierarchy_invalidate(h, line);
		else
			putchar('0' + hierarchy_access(h, cpu, line, access == 'w'));
	}
	hierarchy_destroy(h);
	return 0;
}
