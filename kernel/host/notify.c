// SPDX-License-Identifier: GPL-2.0-only
/*
 * How a CPU of the guest learns that there is something in its ring: it goes on
 * behind its hlt instruction, or it is interrupted.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/rcuwait.h>
#include <linux/static_call.h>

#include "ek_host.h"

/*
 * What an irqfd calls where it must not sleep. KVM does not export it; a static
 * call is a direct one, so it may lead behind the ENDBR of its function.
 */
DEFINE_STATIC_CALL_RET0(set_irq_inatomic, kvm_arch_set_irq_inatomic);

/*
 * Lets a halted vCPU run, as KVM_HC_KICK_CPU does. If it is not halted, its
 * next halt ends at once: an event that comes before it is not missed.
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

/*
 * Sends the guest's message, which reaches CPUs of this guest only, whatever it
 * says. The guest may change it meanwhile; it gets what it has written.
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
	if (static_call(set_irq_inatomic)(&entry, vm->kvm, KVM_USERSPACE_IRQ_SOURCE_ID, 1, false) > 0)
		atomic64_inc(&vm->stats.wakes);
	else
		atomic64_inc(&vm->stats.undelivered);
}

/* May be called in any context but NMI. */
void ek_notify(struct ek_vm *vm, const struct ek_channel *channel)
{
	if (vm->notification == EK_NOTIFY_INTERRUPT)
		interrupt_vcpu(vm, channel);
	else
		wake_vcpu(vm, channel);
}

int ek_notify_init(void)
{
	unsigned long function = ek_kvm_function("kvm_arch_set_irq_inatomic");

	if (!function)
		return -ENOENT;
	static_call_update(set_irq_inatomic, (typeof(&kvm_arch_set_irq_inatomic))function);
	return 0;
}
