// SPDX-License-Identifier: GPL-2.0-only
/*
 * Takes the hypercall EK_HYPERCALL from KVM; all others stay what they are.
 * ftrace redirects KVM's function for hypercalls, which runs on the vCPU's
 * thread, in its process's context, and may sleep.
 */
#include <linux/ftrace.h>
#include <linux/kvm_host.h>
#include <linux/version.h>
#include <uapi/linux/kvm_para.h>

#include "ek_host.h"

static long hypercall(struct kvm_vcpu *vcpu, int cpl)
{
	const unsigned long *regs = vcpu->arch.regs;

	++vcpu->stat.hypercalls;
	if (cpl)
		return -KVM_EPERM;
	return ek_vm_hypercall(vcpu, regs[VCPU_REGS_RBX], regs[VCPU_REGS_RCX],
			       regs[VCPU_REGS_RDX]);
}

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 14, 0)
#define KVM_FUNCTION	"____kvm_emulate_hypercall"

/* Its caller hands the result to the guest, see complete_hypercall_exit(). */
static int emulate_hypercall(struct kvm_vcpu *vcpu, int cpl,
			     int (*complete_hypercall)(struct kvm_vcpu *))
{
	vcpu->run->hypercall.ret = hypercall(vcpu, cpl);
	return 1;
}
#else
#define KVM_FUNCTION	"__kvm_emulate_hypercall"

static unsigned long emulate_hypercall(struct kvm_vcpu *vcpu, unsigned long nr,
				       unsigned long a0, unsigned long a1,
				       unsigned long a2, unsigned long a3,
				       int op_64_bit, int cpl)
{
	return hypercall(vcpu, cpl);
}

static_assert(__same_type(&__kvm_emulate_hypercall, &emulate_hypercall));
#endif

static void notrace handler(unsigned long ip, unsigned long parent_ip,
			    struct ftrace_ops *ops, struct ftrace_regs *fregs)
{
	const struct kvm_vcpu *vcpu = (void *)ftrace_regs_get_argument(fregs, 0);

	if (vcpu->arch.regs[VCPU_REGS_RAX] == EK_HYPERCALL)
		ftrace_regs_set_instruction_pointer(fregs, (unsigned long)emulate_hypercall);
}

static struct ftrace_ops ops = {
	.func	= handler,
	.flags	= FTRACE_OPS_FL_IPMODIFY | FTRACE_OPS_FL_PERMANENT |
		  FTRACE_OPS_FL_RECURSION,
};

/**
 * ek_hypercall_init() - Take hypercalls from KVM from now on
 *
 * Return: 0 or a negative errno
 */
int ek_hypercall_init(void)
{
	return ek_kvm_redirect(&ops, KVM_FUNCTION);
}

/**
 * ek_hypercall_exit() - Undo ek_hypercall_init(); no hypercall is in progress on return
 */
void ek_hypercall_exit(void)
{
	ek_kvm_release(&ops);
}
