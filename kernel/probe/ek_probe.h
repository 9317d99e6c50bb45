/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef EK_PROBE_H
#define EK_PROBE_H

#include <linux/ftrace.h>
#include <linux/types.h>

#define EK_POINTS		64
#define EK_SYMBOL_BYTES		64
/* Threads, interrupts and the like that a point may be limited to */
#define EK_LIST			16
/* Those of a tracepoint that come in registers, behind the probe's own */
#define EK_ARGUMENTS		5

struct module;
struct tracepoint;

enum ek_mechanism {
	EK_UNUSED,
	EK_TRACEPOINT,
	EK_FUNCTION,
};

/* What a record says besides when and where */
enum ek_value {
	EK_NOTHING,
	/* the low 32 bits of an argument */
	EK_NUMBER,
	/* of a struct task_struct: its pid */
	EK_TASK,
	/* of a struct sk_buff: 32 bits of the UDP datagram in it */
	EK_MESSAGE,
};

struct ek_list {
	unsigned int	count;
	u32		members[EK_LIST];
};

struct ek_point {
	enum ek_mechanism	mechanism;
	u8			number;
	char			symbol[EK_SYMBOL_BYTES];

	enum ek_value		value;
	unsigned int		argument;
	/* EK_MESSAGE: a port at either end, where in the payload, and on which device */
	u16			port;
	u16			offset;
	u32			device;

	/* Where there is a condition, it must hold: -1, and empty lists, for none. */
	int			cpu;
	struct ek_list		current_pids;
	struct ek_list		values;

	/* while it is attached */
	struct ftrace_ops	ops;
	struct tracepoint	*tracepoint;
	struct module		*owner;
};

int ek_point_parse(struct ek_point *points, char *description);

int ek_attach(struct ek_point *point);
void ek_detach(struct ek_point *points);

int ek_buffers_init(void);
void ek_buffers_exit(void);
void ek_buffers_clear(void);
void ek_record(u8 number, u32 value);
ssize_t ek_buffers_read(char __user *to, size_t bytes, loff_t *pos);
#endif /* EK_PROBE_H */
