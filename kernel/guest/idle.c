// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events without interrupts. A CPU looks at its ring
 * - in the idle process, when the CPU comes out of its halt: to notify a halted
 *   CPU, the host lets it go on behind its hlt instruction (Garcia, Shinjo, Pu,
 *   IEEE Access 2018, doi:10.1109/ACCESS.2018.2877296, section III-C);
 * - in every tick, if it is not idle. A nohz_full CPU that runs a single task has no
 *   tick: it sees events when that task makes a socket call.
 * An idle CPU that polls (idle=poll, haltpoll) does not halt: it looks when it
 * stops polling, or in its tick.
 */
#include <linux/cpuhotplug.h>
#include <linux/irq_work.h>
#include <linux/jiffies.h>
#include <linux/percpu.h>
#include <linux/timer.h>
#include <trace/events/power.h>

#include "ek_guest.h"

/* Its interrupt has come when the halt has ended: then the idle process takes the events. */
static void stay_awake(struct irq_work *work)
{
}

static DEFINE_PER_CPU(struct irq_work, alarm);

/**
 * idle() - Probe of the trace event cpu_idle
 * @data:	unused
 * @state:	the idle state that begins, or PWR_EVENT_EXIT when it has ended
 * @cpu:	this CPU
 *
 * A trace event, and not a cpuidle driver of our own, because it works with every
 * driver, without one, and for every idle state. RCU is watching there.
 *
 * Nothing is taken before the halt: need_resched() has been checked already, so a
 * process that is woken then would wait until the halt ends. An event that comes from
 * here on ends the halt at once. One that has come before may have ended another halt,
 * that of a CPU that waited for a spinlock (kvm_wait()); then an interrupt that is
 * pending ends this one.
 */
static void idle(void *data, unsigned int state, unsigned int cpu)
{
	if (state == PWR_EVENT_EXIT)
		ek_event_notified();
	else if (unlikely(ek_event_pending(cpu)))
		irq_work_queue(this_cpu_ptr(&alarm));
}

static DEFINE_PER_CPU(struct timer_list, tick_timer);

static void tick(struct timer_list *timer)
{
	ek_event_run();
	mod_timer(timer, jiffies + 1);
}

static int start_tick(unsigned int cpu)
{
	struct timer_list *timer = this_cpu_ptr(&tick_timer);

	/* Deferrable, so that it neither wakes an idle CPU nor keeps its tick going. */
	timer_setup(timer, tick, TIMER_PINNED | TIMER_DEFERRABLE);
	mod_timer(timer, jiffies + 1);
	return 0;
}

static int stop_tick(unsigned int cpu)
{
	timer_delete_sync(this_cpu_ptr(&tick_timer));
	return 0;
}

static void stop_probe(void)
{
	unsigned int cpu;

	unregister_trace_cpu_idle(idle, NULL);
	tracepoint_synchronize_unregister();
	for_each_possible_cpu(cpu)
		irq_work_sync(per_cpu_ptr(&alarm, cpu));
}

static int online_state;

/**
 * ek_idle_init() - Have all CPUs look at their rings when they leave the idle state
 *
 * Return: 0 or a negative errno
 */
int ek_idle_init(void)
{
	unsigned int cpu;
	int err;

	/* Pointers in a module's initial data of CPUs are not relocated by older kernels. */
	for_each_possible_cpu(cpu)
		*per_cpu_ptr(&alarm, cpu) = IRQ_WORK_INIT_HARD(stay_awake);
	err = register_trace_cpu_idle(idle, NULL);
	if (err)
		return err;
	err = cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "net/ek_guest:online", start_tick, stop_tick);
	if (err < 0) {
		stop_probe();
		return err;
	}
	online_state = err;
	return 0;
}

/**
 * ek_idle_exit() - Undo ek_idle_init(); no CPU looks any more on return
 */
void ek_idle_exit(void)
{
	cpuhp_remove_state(online_state);
	stop_probe();
}
