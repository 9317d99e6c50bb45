// SPDX-License-Identifier: GPL-2.0-only
/*
 * Functions of KVM, which exports them to its own modules only.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kprobes.h>

#include "ek_host.h"

/*
 * The address of a function's ftrace entry, behind its ENDBR. It may be
 * redirected, and called directly. Returns 0 and says so if there is none.
 */
unsigned long ek_kvm_function(const char *name)
{
	struct kprobe probe = {
		.symbol_name	= name,
		.flags		= KPROBE_FLAG_DISABLED,
	};
	int err = register_kprobe(&probe);

	if (err) {
		pr_err("not loaded: KVM of this kernel has no function %s() (error %d)\n", name, err);
		return 0;
	}
	unregister_kprobe(&probe);
	if (!(probe.flags & KPROBE_FLAG_FTRACE)) {
		pr_err("not loaded: %s() of this kernel has no ftrace entry\n", name);
		return 0;
	}
	return (unsigned long)probe.addr;
}
