// SPDX-License-Identifier: GPL-2.0-only
/*
 * The records: a buffer for each CPU, allocated when the module is loaded. What
 * does not fit is counted. They are read as one file, in the byte order of the
 * CPU:
 *
 *   struct ek_file_header
 *   for each possible CPU: struct ek_cpu_header, and its records
 *
 * Whoever interrupts a point between its taking a place in the buffer and the
 * time records an earlier place with a later time: a reader has to sort them.
 */
#include <linux/cpumask.h>
#include <linux/moduleparam.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>
#include <asm/tsc.h>

#include "ek_probe.h"

#define FILE_MAGIC	"EKPROBE"
#define FILE_VERSION	1

struct ek_file_header {
	char	magic[8];
	u32	version;
	/* of the time-stamp counter, as this kernel has measured it */
	u32	tsc_khz;
	u32	cpus;
	u32	reserved;
};

struct ek_cpu_header {
	u32	cpu;
	u32	records;
	u64	dropped;
};

struct ek_file_record {
	u64	tsc;
	u32	value;
	/* the thread that was running, above the 8 bits of the point's number */
	u32	pid_and_number;
};

/* pids stay below it */
static_assert(BIT(24) >= PID_MAX_LIMIT);

static unsigned int records = 32768;
module_param(records, uint, 0444);
MODULE_PARM_DESC(records, "records that there is room for, of 16 bytes, for each CPU");

struct ek_buffer {
	struct ek_file_record	*records;
	/* places taken, also where there are none any more */
	unsigned long		taken;
};

static DEFINE_PER_CPU(struct ek_buffer, buffers);

/**
 * ek_record() - Record that a point was passed, now, on this CPU, by the current thread
 * @number:	of the point
 * @value:	that it has read
 *
 * Context: Any context.
 */
notrace void ek_record(u8 number, u32 value)
{
	struct ek_file_record *record;
	unsigned long place;

	preempt_disable_notrace();
	place = this_cpu_inc_return(buffers.taken) - 1;
	if (likely(place < records)) {
		record = this_cpu_read(buffers.records) + place;
		record->value = value;
		record->pid_and_number = current->pid << 8 | number;
		record->tsc = rdtsc();
	}
	preempt_enable_notrace();
}

/* If @pos is within @part, copies what there is of it; @start moves behind the part. */
static ssize_t read_part(char __user *to, size_t bytes, loff_t *pos, loff_t *start,
			 const void *part, size_t part_bytes)
{
	loff_t offset = *pos - *start;

	*start += part_bytes;
	if (offset >= part_bytes)
		return 0;
	bytes = min_t(size_t, bytes, part_bytes - offset);
	if (copy_to_user(to, part + offset, bytes))
		return -EFAULT;
	*pos += bytes;
	return bytes;
}

/**
 * ek_buffers_read() - Give user space the file: a header, and for each CPU its records
 * @to:		where to
 * @bytes:	room there
 * @pos:	where in the file; advanced
 *
 * Context: Process context; no point is attached.
 * Return: bytes, 0 at the end, or a negative errno
 */
ssize_t ek_buffers_read(char __user *to, size_t bytes, loff_t *pos)
{
	const struct ek_file_header header = {
		.magic		= FILE_MAGIC,
		.version	= FILE_VERSION,
		.tsc_khz	= tsc_khz,
		.cpus		= num_possible_cpus(),
	};
	loff_t start = 0;
	unsigned int cpu;
	ssize_t result = read_part(to, bytes, pos, &start, &header, sizeof(header));

	if (result)
		return result;
	for_each_possible_cpu(cpu) {
		const struct ek_buffer *buffer = &per_cpu(buffers, cpu);
		const unsigned long kept = min_t(unsigned long, buffer->taken, records);
		const struct ek_cpu_header cpu_header = {
			.cpu		= cpu,
			.records	= kept,
			.dropped	= buffer->taken - kept,
		};

		result = read_part(to, bytes, pos, &start, &cpu_header, sizeof(cpu_header));
		if (result)
			return result;
		result = read_part(to, bytes, pos, &start, buffer->records,
				   kept * sizeof(struct ek_file_record));
		if (result)
			return result;
	}
	return 0;
}

/**
 * ek_buffers_clear() - Forget all records; no point is attached
 */
void ek_buffers_clear(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		per_cpu(buffers, cpu).taken = 0;
}

/**
 * ek_buffers_init() - Get memory for the records of each CPU
 *
 * Return: 0 or a negative errno
 */
int ek_buffers_init(void)
{
	unsigned int cpu;

	if (!records || records > INT_MAX / sizeof(struct ek_file_record))
		return -EINVAL;
	for_each_possible_cpu(cpu) {
		struct ek_file_record *memory = vzalloc_node(array_size(records, sizeof(*memory)),
							     cpu_to_node(cpu));

		if (!memory) {
			ek_buffers_exit();
			return -ENOMEM;
		}
		per_cpu(buffers, cpu).records = memory;
	}
	return 0;
}

/**
 * ek_buffers_exit() - Undo ek_buffers_init()
 */
void ek_buffers_exit(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		vfree(per_cpu(buffers, cpu).records);
}
