// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events by interrupts. Each CPU has an interrupt of its own and leaves its message
 * (MSI) in its ring. The host sends the message, as a PCI device would, and the CPU
 * looks at its ring.
 */
#include <linux/cpuhotplug.h>
#include <linux/cpumask.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/irqdomain.h>
#include <linux/msi.h>
#include <linux/percpu.h>
#include <linux/topology.h>
#include <asm/hw_irq.h>
#include <asm/irqdomain.h>

#include "ek_guest.h"

/* The number of the CPU's interrupt, or 0 */
static DEFINE_PER_CPU(int, irq);

static irqreturn_t handle(int number, void *data)
{
	ek_event_notified();
	return IRQ_HANDLED;
}

/* Each time that a CPU goes online, its managed interrupt gets another vector. */
static int tell_message(unsigned int cpu)
{
	struct irq_data *data = irq_get_irq_data(per_cpu(irq, cpu));
	struct ek_ring *ring = ek_region_ring(cpu);
	struct msi_msg message;

	data->chip->irq_compose_msi_msg(data, &message);
	WRITE_ONCE(ring->message_data, message.data);
	/* The host sends nothing until there is an address, so data comes first. */
	virt_store_release(&ring->message_address,
			   (u64)message.address_hi << 32 | message.address_lo);
	/* For the events that the host has not notified this CPU of */
	ek_event_run();
	return 0;
}

static int withdraw_message(unsigned int cpu)
{
	WRITE_ONCE(ek_region_ring(cpu)->message_address, 0);
	return 0;
}

/**
 * allocate_irq() - Give a CPU its interrupt
 * @cpu:	possible CPU
 *
 * A managed interrupt, so that user space cannot move it to another CPU.
 *
 * Return: 0 or a negative errno
 */
static int allocate_irq(unsigned int cpu)
{
	struct irq_affinity_desc affinity = { .is_managed = 1 };
	struct irq_alloc_info info = {};
	int number, err;

	cpumask_set_cpu(cpu, &affinity.mask);
	number = __irq_domain_alloc_irqs(x86_vector_domain, -1, 1, cpu_to_node(cpu),
					 &info, false, &affinity);
	if (number < 0)
		return number;
	irq_set_handler(number, handle_edge_irq);
	err = request_irq(number, handle, IRQF_NO_THREAD, KBUILD_MODNAME, &per_cpu(irq, cpu));
	if (err) {
		irq_dispose_mapping(number);
		return err;
	}
	per_cpu(irq, cpu) = number;
	return 0;
}

static void free_irqs(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		int number = per_cpu(irq, cpu);

		if (!number)
			continue;
		free_irq(number, &per_cpu(irq, cpu));
		irq_dispose_mapping(number);
	}
}

static int online_state;

/**
 * ek_interrupt_init() - Give each CPU an interrupt and tell the host of it
 *
 * Return: 0 or a negative errno
 */
int ek_interrupt_init(void)
{
	unsigned int cpu;
	int err;

	for_each_possible_cpu(cpu) {
		err = allocate_irq(cpu);
		if (err)
			goto err_free;
	}
	err = cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "net/ek_guest:online",
				tell_message, withdraw_message);
	if (err < 0)
		goto err_free;
	online_state = err;
	return 0;

err_free:
	free_irqs();
	return err;
}

/**
 * ek_interrupt_exit() - Undo ek_interrupt_init()
 *
 * The host may be sending a message that it has read before: call ek_vmrpc_stop()
 * first.
 */
void ek_interrupt_exit(void)
{
	cpuhp_remove_state(online_state);
	free_irqs();
}
