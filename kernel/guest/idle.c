// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events without interrupts: the ring is looked at
 * - by the idle process, when it comes out of its halt: the host has a halted
 *   CPU go on behind its hlt instruction (Garcia, Shinjo, Pu, IEEE Access 2018,
 *   doi:10.1109/ACCESS.2018.2877296, section III-C);
 * - in every tick of a CPU that is not idle. A nohz_full CPU that runs a single
 *   task has no tick: it sees events when that task makes a socket call.
 * An idle CPU that polls (idle=poll, haltpoll) is not halted: it looks when it
 * stops polling, or in its tick.
 */
#include <linux/cpuhotplug.h>
#include <linux/jiffies.h>
#include <linux/percpu.h>
#include <linux/timer.h>
#include <trace/events/power.h>

#include "ek_guest.h"

/*
 * The idle process, about to halt or, with PWR_EVENT_EXIT, behind it. A trace
 * event and not a cpuidle driver of our own: it is there whatever driver this
 * kernel has, or none, and whatever idle state it chooses; RCU is watching.
 *
 * Before the halt it is too late to look: need_resched() has been asked, so a
 * process that was woken here would wait for the halt to end. An event that
 * comes before the halt, and that nobody has taken yet, ends the halt at once.
 */
static void idle(void *data, unsigned int state, unsigned int cpu)
{
	if (state == PWR_EVENT_EXIT)
		ek_event_run();
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

	/* Deferrable: it does not wake an idle CPU, nor keep its tick going. */
	timer_setup(timer, tick, TIMER_PINNED | TIMER_DEFERRABLE);
	mod_timer(timer, jiffies + 1);
	return 0;
}

static int stop_tick(unsigned int cpu)
{
	timer_delete_sync(this_cpu_ptr(&tick_timer));
	return 0;
}

static int online_state;

int ek_idle_init(void)
{
	int err = register_trace_cpu_idle(idle, NULL);

	if (err)
		return err;
	err = cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "net/ek_guest:online", start_tick, stop_tick);
	if (err < 0) {
		unregister_trace_cpu_idle(idle, NULL);
		tracepoint_synchronize_unregister();
		return err;
	}
	online_state = err;
	return 0;
}

void ek_idle_exit(void)
{
	cpuhp_remove_state(online_state);
	unregister_trace_cpu_idle(idle, NULL);
	tracepoint_synchronize_unregister();
}
