// SPDX-License-Identifier: GPL-2.0-only
/*
 * Functions that are not exported, or by KVM to its own modules only: they are found
 * by their names, and ftrace redirects calls of KVM's.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ftrace.h>
#include <linux/rcupdate.h>
#include <linux/srcu.h>

#include "ek_function.h"
#include "ek_host.h"

/**
 * ek_kvm_function() - Find a function of KVM, or of another part of the kernel
 * @name:	its name
 *
 * Return: address of its ftrace entry, behind its ENDBR, which may be redirected and
 *	   called directly; 0 if there is none, which the kernel's log says
 */
unsigned long ek_kvm_function(const char *name)
{
	unsigned long address;
	int err = ek_find_function(name, true, &address);

	if (!err)
		return address;
	if (err == -EOPNOTSUPP)
		pr_err("not loaded: %s() of this kernel has no ftrace entry\n", name);
	else
		pr_err("not loaded: this kernel has no function %s() (error %d)\n", name, err);
	return 0;
}

/**
 * ek_kvm_redirect() - Have ftrace call a handler at the entry of a function of KVM
 * @ops:	with the handler, which is called from now on
 * @name:	of the function
 *
 * Return: 0 or a negative errno
 */
int ek_kvm_redirect(struct ftrace_ops *ops, const char *name)
{
	unsigned long function = ek_kvm_function(name);
	int err;

	if (!function)
		return -ENOENT;
	err = ftrace_set_filter_ip(ops, function, 0, 0);
	if (!err)
		err = register_ftrace_function(ops);
	if (err) {
		pr_err("not loaded: ftrace refuses to redirect %s() (error %d)\n", name, err);
		ftrace_free_filter(ops);
	}
	return err;
}

/**
 * ek_kvm_release() - Undo ek_kvm_redirect()
 * @ops:	the same
 *
 * Nobody is in a replacement any more on return, nor on the way out of it, if each
 * replacement is a critical section of ek_vms_srcu from its begin to its end.
 */
void ek_kvm_release(struct ftrace_ops *ops)
{
	/* Waits for a grace period of RCU tasks: who was redirected is in ek_vms_srcu. */
	unregister_ftrace_function(ops);
	ftrace_free_filter(ops);
	synchronize_srcu(&ek_vms_srcu);
	synchronize_rcu_tasks();
}
