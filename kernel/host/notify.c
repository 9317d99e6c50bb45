// SPDX-License-Identifier: GPL-2.0-only
/*
 * Notifies a CPU of the guest that there is something in its ring: lets it go on
 * behind its hlt instruction, or interrupts it.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/rcuwait.h>
#include <linux/static_call.h>

#include "ek_host.h"

/*
 * The function by which an irqfd interrupts where it must not sleep. KVM does not
 * export it. Its address is behind its ENDBR, where only direct calls may go: a
 * static call is one.
 */
DEFINE_STATIC_CALL_RET0(set_irq_inatomic, kvm_arch_set_irq_inatomic);

/**
 * wake_vcpu() - Let a halted vCPU go on, as KVM_HC_KICK_CPU does
 * @vm:		VM
 * @channel:	of the vCPU
 *
 * If the vCPU is not halted, its next halt ends at once, so it does not miss an event
 * that comes just before it.
 */
static void wake_vcpu(struct ek_vm *vm, const struct ek_channel *channel)
{
	struct kvm_vcpu *vcpu = kvm_get_vcpu(vm->kvm, READ_ONCE(channel->vcpu));

	if (!vcpu)
		return;
	WRITE_ONCE(vcpu->arch.pv.pv_unhalted, true);
	if (rcuwait_wake_up(kvm_arch_vcpu_get_wait(vcpu)))
		atomic64_inc(&vm->stats.wakes);
}

/**
 * interrupt_vcpu() - Send the message in the ring, as an MSI
 * @vm:		VM
 * @channel:	of the vCPU
 *
 * Whatever the message says, it reaches CPUs of this guest only. If the guest changes
 * it meanwhile, it harms only itself.
 */
static void interrupt_vcpu(struct ek_vm *vm, const struct ek_channel *channel)
{
	u64 address = READ_ONCE(channel->ring->message_address);
	struct kvm_kernel_irq_routing_entry entry = {
		.type			= KVM_IRQ_ROUTING_MSI,
		.msi.address_lo		= lower_32_bits(address),
		.msi.address_hi		= upper_32_bits(address),
		.msi.data		= READ_ONCE(channel->ring->message_data),
	};

	if (!address)
		return;
	if (static_call(set_irq_inatomic)(&entry, vm->kvm, KVM_USERSPACE_IRQ_SOURCE_ID, 1,
					  false) > 0)
		atomic64_inc(&vm->stats.wakes);
	else
		atomic64_inc(&vm->stats.undelivered);
}

/**
 * ek_notify() - Notify a CPU of the guest
 * @vm:		VM
 * @channel:	of the CPU
 *
 * Context: Any context but NMI.
 */
void ek_notify(struct ek_vm *vm, const struct ek_channel *channel)
{
	if (vm->notification == EK_NOTIFY_INTERRUPT)
		interrupt_vcpu(vm, channel);
	else
		wake_vcpu(vm, channel);
}

/**
 * ek_notify_init() - Find what KVM does not export
 *
 * Return: 0 or a negative errno
 */
int ek_notify_init(void)
{
	unsigned long function = ek_kvm_function("kvm_arch_set_irq_inatomic");

	if (!function)
		return -ENOENT;
	static_call_update(set_irq_inatomic, (typeof(&kvm_arch_set_irq_inatomic))function);
	return 0;
}
