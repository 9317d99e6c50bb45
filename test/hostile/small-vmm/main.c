// SPDX-License-Identifier: Apache-2.0
/*
 * A VMM that fits on a few pages, so that a test can be what no guest of QEMU's can be: a VMM with two VMs,
 * one whose memory never arrives, one that is gone in the middle of a call. Its "guest" is two instructions,
 * a hypercall and a halt; all that a guest's kernel would do (docs/vmrpc.md) this program does in its place.
 *
 *   small-vmm TEST   prints nothing and returns 0, or says what is wrong and returns 1
 */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "tests.h"

static const struct {
	const char	*name;
	void		(*run)(void);
} tests[] = {
	{ "other-vm", test_other_vm },
	{ "stuck", test_stuck },
	{ "reset", test_reset },
	{ "dirty", test_dirty },
	{ "held", test_held },
	{ "namespace", test_namespace },
	{ "limits", test_limits },
	{ "orphans", test_orphans },
	{ "budgets", test_budgets },
	{ "filter", test_filter },
	{ "charge", test_charge },
	{ "rights", test_rights },
	{ "migrated-connection", test_migrated_connection },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc == 2 && i < sizeof(tests) / sizeof(tests[0]); i++)
		if (!strcmp(argv[1], tests[i].name)) {
			tests[i].run();
			return 0;
		}
	fprintf(stderr, "usage: small-vmm TEST\n");
	return 2;
}
