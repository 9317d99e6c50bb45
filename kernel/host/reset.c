// SPDX-License-Identifier: GPL-2.0-only
/*
 * The end of a guest's life that its kernel does not announce: a reset by its VMM,
 * for whatever reason, and the restoring of a snapshot. The memory of the region
 * belongs to firmware, to another kernel or to another time then, so the host must
 * not write there any more.
 *
 * A VMM that resets a VM, or restores it, gives each vCPU another state, and no VMM
 * has a reason to do that to a guest that goes on. KVM_SET_MP_STATE is a part of it:
 * QEMU uses it for nothing else, and before it loads a snapshot, it resets the VM.
 * So the region ends before the ioctl does its work.
 */
#include <linux/ftrace.h>
#include <linux/kvm_host.h>
#include <linux/static_call.h>

#include "ek_host.h"

/* As with set_irq_inatomic, a direct call is needed. */
DEFINE_STATIC_CALL_RET0(set_mpstate, kvm_arch_vcpu_ioctl_set_mpstate);

/* KVM's function is not redirected again: there is no region any more. */
static int reset_and_set_mpstate(struct kvm_vcpu *vcpu, struct kvm_mp_state *state)
{
	int idx = srcu_read_lock(&ek_vms_srcu);
	int ret;

	ek_vm_reset(vcpu);
	ret = static_call(set_mpstate)(vcpu, state);
	srcu_read_unlock(&ek_vms_srcu, idx);
	return ret;
}

static_assert(__same_type(&kvm_arch_vcpu_ioctl_set_mpstate, &reset_and_set_mpstate));

static void notrace handler(unsigned long ip, unsigned long parent_ip,
			    struct ftrace_ops *ops, struct ftrace_regs *fregs)
{
	const struct kvm_vcpu *vcpu = (void *)ftrace_regs_get_argument(fregs, 0);

	if (ek_vm_lives_with(vcpu))
		ftrace_regs_set_instruction_pointer(fregs, (unsigned long)reset_and_set_mpstate);
}

static struct ftrace_ops ops = {
	.func	= handler,
	.flags	= FTRACE_OPS_FL_IPMODIFY | FTRACE_OPS_FL_PERMANENT |
		  FTRACE_OPS_FL_RECURSION,
};

/**
 * ek_reset_init() - Notice resets of VMs from now on
 *
 * Return: 0 or a negative errno
 */
int ek_reset_init(void)
{
	static const char name[] = "kvm_arch_vcpu_ioctl_set_mpstate";
	unsigned long function = ek_kvm_function(name);

	if (!function)
		return -ENOENT;
	static_call_update(set_mpstate, (typeof(&kvm_arch_vcpu_ioctl_set_mpstate))function);
	return ek_kvm_redirect(&ops, name);
}

/**
 * ek_reset_exit() - Undo ek_reset_init()
 */
void ek_reset_exit(void)
{
	ek_kvm_release(&ops);
}
