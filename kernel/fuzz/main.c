// SPDX-License-Identifier: GPL-2.0-only
/*
 * ek_fuzz - a guest that is hostile to ek_host
 *
 * Makes hypercalls of VMRPC (ek_vmrpc.h) from a thread on each of its CPUs at once,
 * without ek_guest: valid ones, ones that are nearly so, and nonsense. What they are
 * follows from a seed; loading the module makes them, says what became of them in
 * the kernel's log, and leaves nothing but the module. A guest that is loaded with
 * this has no other work: ports, sockets and regions are all the fuzzer's.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/kthread.h>
#include <linux/kvm_para.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "ek_fuzz.h"

static unsigned int seed = 1;
module_param(seed, uint, 0444);
MODULE_PARM_DESC(seed, "what the calls are follows from it");

static unsigned int calls = 100000;
module_param(calls, uint, 0444);
MODULE_PARM_DESC(calls, "so many hypercalls at least");

static const char *const operation_names[EK_UNKNOWN_OPERATION + 1] = {
	[EK_OP_CREATE]		= "create",
	[EK_OP_RELEASE]		= "release",
	[EK_OP_BIND]		= "bind",
	[EK_OP_CONNECT]		= "connect",
	[EK_OP_LISTEN]		= "listen",
	[EK_OP_ACCEPT]		= "accept",
	[EK_OP_GETNAME]		= "getname",
	[EK_OP_SEND]		= "send",
	[EK_OP_RECV]		= "recv",
	[EK_OP_POLL]		= "poll",
	[EK_OP_SHUTDOWN]	= "shutdown",
	[EK_OP_SETSOCKOPT]	= "setsockopt",
	[EK_OP_GETSOCKOPT]	= "getsockopt",
	[EK_OP_IOCTL]		= "ioctl",
	[EK_OP_ADDRESSES]	= "addresses",
	[EK_UNKNOWN_OPERATION]	= "unknown",
};

static const char *const function_names[EK_UNKNOWN_FUNCTION + 1] = {
	[EK_SETUP]		= "setup",
	[EK_CALL]		= "call",
	[EK_RESET]		= "reset",
	[EK_CHECK]		= "check",
	[EK_UNKNOWN_FUNCTION]	= "unknown",
};

/* The CPUs share them. */
static atomic_t calls_left;

static int fuzz(void *data)
{
	struct ek_fuzzer *f = data;
	u32 before;

	do {
		before = f->tally->calls;
		ek_attack(f);
		cond_resched();
	} while (atomic_sub_return(f->tally->calls - before, &calls_left) > 0);
	kthread_complete_and_exit(&f->ended, 0);
}

static void print_row(const char *what, const char *name, const u32 *outcomes)
{
	char line[800];
	int end = 0;
	u32 i;

	for (i = 0; i < EK_OUTCOMES; i++)
		if (outcomes[i])
			end += scnprintf(line + end, sizeof(line) - end, " %u=%u", i,
					 outcomes[i]);
	if (end)
		pr_info("%s %s:%s\n", what, name, line);
}

/* One line for each function, operation and attack: outcome=times, 0 is success. */
static void print_totals(const struct ek_tally *total, unsigned int threads, s64 ms)
{
	u32 i;

	for (i = 1; i <= EK_UNKNOWN_FUNCTION; i++)
		print_row("function", function_names[i], total->functions[i]);
	for (i = 1; i <= EK_UNKNOWN_OPERATION; i++)
		print_row("operation", operation_names[i], total->operations[i]);
	for (i = 0; i < EK_ATTACKS; i++)
		pr_info("attack %s: %u\n", ek_attack_name(i), total->attacks[i]);
	pr_info("seed %u: %u hypercalls of %u threads in %lld ms\n", seed, total->calls,
		threads, ms);
}

static void add(struct ek_tally *total, const struct ek_tally *tally)
{
	u32 *to = (u32 *)total;
	const u32 *from = (const u32 *)tally;
	u32 i;

	for (i = 0; i < sizeof(*total) / sizeof(u32); i++)
		to[i] += from[i];
}

static void free_fuzzers(struct ek_fuzzer *fuzzers)
{
	unsigned int cpu;

	for (cpu = 0; cpu < nr_cpu_ids; cpu++)
		kvfree(fuzzers[cpu].tally);
	kfree(fuzzers);
}

static struct ek_fuzzer *allocate_fuzzers(void)
{
	struct ek_fuzzer *fuzzers = kcalloc(nr_cpu_ids, sizeof(*fuzzers), GFP_KERNEL);
	unsigned int cpu;

	if (!fuzzers)
		return NULL;
	for (cpu = 0; cpu < nr_cpu_ids; cpu++) {
		struct ek_fuzzer *f = &fuzzers[cpu];

		f->cpu = cpu;
		init_completion(&f->ended);
		prandom_seed_state(&f->random, (u64)seed << 32 | (cpu + 1));
		f->tally = kvzalloc(sizeof(*f->tally), GFP_KERNEL);
		if (!f->tally) {
			free_fuzzers(fuzzers);
			return NULL;
		}
	}
	return fuzzers;
}

/* Starts a thread on each CPU and waits for their ends. Returns how many there were. */
static unsigned int run(struct ek_fuzzer *fuzzers)
{
	unsigned int cpu, threads = 0;

	atomic_set(&calls_left, calls);
	for_each_online_cpu(cpu) {
		struct task_struct *task = kthread_create_on_cpu(fuzz, &fuzzers[cpu], cpu,
								 "ek_fuzz/%u");

		if (IS_ERR(task)) {
			pr_err("CPU %u has no thread (error %ld)\n", cpu, PTR_ERR(task));
			complete(&fuzzers[cpu].ended);
			continue;
		}
		threads++;
		wake_up_process(task);
	}
	for_each_online_cpu(cpu)
		wait_for_completion(&fuzzers[cpu].ended);
	return threads;
}

static int __init ek_fuzz_init(void)
{
	struct ek_fuzzer *fuzzers;
	struct ek_header *header;
	unsigned int cpu, threads;
	ktime_t start;
	long result;
	int err;

	if (!kvm_para_available())
		return -ENODEV;
	err = ek_memory_init(seed);
	if (err)
		return err;
	err = -ENOMEM;
	fuzzers = allocate_fuzzers();
	if (!fuzzers)
		goto out_memory;
	err = -ENODEV;
	result = ek_set_up(&fuzzers[0], ek_current_layout());
	if (result) {
		pr_err("the host refuses (error %ld)\n", result);
		goto out_fuzzers;
	}
	header = ek_page(ek_current_layout()->page);
	ek_max_sockets = READ_ONCE(header->max_sockets);
	ek_interrupts = READ_ONCE(header->notification) == EK_NOTIFY_INTERRUPT;

	start = ktime_get();
	threads = run(fuzzers);
	ek_hypercall(&fuzzers[0], EK_RESET, 0, 0);
	for (cpu = 1; cpu < nr_cpu_ids; cpu++)
		add(fuzzers[0].tally, fuzzers[cpu].tally);
	print_totals(fuzzers[0].tally, threads, ktime_ms_delta(ktime_get(), start));
	err = 0;

out_fuzzers:
	free_fuzzers(fuzzers);
out_memory:
	ek_memory_exit();
	return err;
}

static void __exit ek_fuzz_exit(void)
{
}

module_init(ek_fuzz_init);
module_exit(ek_fuzz_exit);

MODULE_DESCRIPTION("Hostile guest, for tests of ek_host");
MODULE_LICENSE("GPL");
