// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events by interrupts: the host sends each CPU the message that is in its ring,
 * as a PCI device would, and the CPU looks at its ring.
 */
#include <linux/cpuhotplug.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/irqdomain.h>
#include <linux/msi.h>
#include <linux/percpu.h>
#include <asm/hw_irq.h>
#include <asm/irqdomain.h>

#include "ek_guest.h"

/* 0 for none */
static DEFINE_PER_CPU(int, irq);

static irqreturn_t handle(int number, void *data)
{
	ek_event_run();
	return IRQ_HANDLED;
}

/* The vector of a managed interrupt is another one each time that its CPU goes online. */
static int tell_message(unsigned int cpu)
{
	struct irq_data *data = irq_get_irq_data(per_cpu(irq, cpu));
	struct ek_ring *ring = ek_region_ring(cpu);
	struct msi_msg message;

	data->chip->irq_compose_msi_msg(data, &message);
	WRITE_ONCE(ring->message_data, message.data);
	/* Until there is an address, the host sends nothing. */
	virt_store_release(&ring->message_address,
			   (u64)message.address_hi << 32 | message.address_lo);
	/* It has sent nothing so far. */
	ek_event_run();
	return 0;
}

static int withdraw_message(unsigned int cpu)
{
	WRITE_ONCE(ek_region_ring(cpu)->message_address, 0);
	return 0;
}

/* An interrupt of the CPU alone, whatever becomes of its affinity */
static int allocate(unsigned int cpu)
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

static void free_all(void)
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

int ek_interrupt_init(void)
{
	unsigned int cpu;
	int err;

	for_each_possible_cpu(cpu) {
		err = allocate(cpu);
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
	free_all();
	return err;
}

/* The host has the message of no CPU afterwards, but may be sending one. */
void ek_interrupt_exit(void)
{
	cpuhp_remove_state(online_state);
	free_all();
}
