/* SPDX-License-Identifier: GPL-2.0-only */
/* Finds functions of the kernel that are not exported to modules. */
#ifndef EK_FUNCTION_H
#define EK_FUNCTION_H

#include <linux/errno.h>
#include <linux/kprobes.h>
#include <linux/types.h>

/**
 * ek_find_function() - Find a function of the kernel by its name
 * @name:	its name
 * @traced:	it must be one that ftrace enters
 * @address:	on success where it begins behind its ENDBR, and where ftrace enters it
 *
 * A kprobe finds it, which is never enabled: kallsyms_lookup_name() is not exported, and
 * ftrace_set_filter() would ask kallsyms for the name of every function of the kernel.
 *
 * Context: Process context.
 * Return: 0; -EOPNOTSUPP if ftrace does not enter it; -ENOENT if there is none of this
 *	   name, or another negative errno of register_kprobe()
 */
static inline int ek_find_function(const char *name, bool traced, unsigned long *address)
{
	struct kprobe probe = {
		.symbol_name	= name,
		.flags		= KPROBE_FLAG_DISABLED,
	};
	int err = register_kprobe(&probe);

	if (err)
		return err;
	unregister_kprobe(&probe);
	if (traced && !(probe.flags & KPROBE_FLAG_FTRACE))
		return -EOPNOTSUPP;
	*address = (unsigned long)probe.addr;
	return 0;
}

#endif /* EK_FUNCTION_H */
