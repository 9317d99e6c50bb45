// SPDX-License-Identifier: GPL-2.0-only
/*
 * constant_tsc - tell KVM that the emulated host's TSC runs at a constant rate
 *
 * A PREEMPT_RT kernel refuses to load kvm without X86_FEATURE_CONSTANT_TSC,
 * and QEMU's TCG does not offer that bit, although the TSC of its machines
 * counts virtual nanoseconds and is as constant as can be. For the lab only:
 * on a real machine the bit says what the hardware does. There is no exit
 * function, so the module stays: kvm has looked at the bit by then.
 */
#include <linux/module.h>
#include <asm/cpufeature.h>
#include <asm/processor.h>

static int __init constant_tsc_init(void)
{
	if (!boot_cpu_has(X86_FEATURE_HYPERVISOR))
		return -ENODEV;
	set_cpu_cap(&boot_cpu_data, X86_FEATURE_CONSTANT_TSC);
	return 0;
}

module_init(constant_tsc_init);

MODULE_DESCRIPTION("Constant TSC for KVM on an emulated host");
MODULE_LICENSE("GPL");
