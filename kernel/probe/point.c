// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a point is, as text: NUMBER MECHANISM SYMBOL, and words that say what it
 * records, of which there is one at most:
 *
 *   number=ARGUMENT	the low 32 bits of that argument of the tracepoint
 *   task=ARGUMENT	the pid of the struct task_struct that it points to
 *   message=ARGUMENT:PORT:OFFSET[:DEVICE]
 *			32 bits of the payload, in network order, of the UDP
 *			datagram in the struct sk_buff; only of those from or to
 *			that port, and if it is given, on the device of that index
 *			in the initial network namespace
 *
 * and when, all of which must hold:
 *
 *   cpu=CPU		on that CPU
 *   current=PID,...	while one of these threads runs
 *   value=VALUE,...	if what it records is one of these
 *
 * A function has no arguments for a point: that is what keeps it cheap.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kernel.h>
#include <linux/string.h>

#include "ek_probe.h"

static int parse_argument(struct ek_point *point, enum ek_value value, const char *text)
{
	if (point->value != EK_NOTHING || point->mechanism != EK_TRACEPOINT)
		return -EINVAL;
	point->value = value;
	return kstrtouint(text, 0, &point->argument);
}

static int parse_message(struct ek_point *point, char *text)
{
	const char *argument = strsep(&text, ":");
	const char *port = strsep(&text, ":");
	const char *offset = strsep(&text, ":");

	if (!port || !offset || kstrtou16(port, 0, &point->port) ||
	    kstrtou16(offset, 0, &point->offset))
		return -EINVAL;
	if (text && kstrtou32(text, 0, &point->device))
		return -EINVAL;
	return parse_argument(point, EK_MESSAGE, argument);
}

static int parse_list(struct ek_list *list, char *text)
{
	const char *member;

	while ((member = strsep(&text, ","))) {
		if (list->count == EK_LIST ||
		    kstrtou32(member, 0, &list->members[list->count]))
			return -EINVAL;
		list->count++;
	}
	return 0;
}

static int parse_word(struct ek_point *point, char *text)
{
	const char *key = strsep(&text, "=");

	if (!text)
		return -EINVAL;
	if (!strcmp(key, "number"))
		return parse_argument(point, EK_NUMBER, text);
	if (!strcmp(key, "task"))
		return parse_argument(point, EK_TASK, text);
	if (!strcmp(key, "message"))
		return parse_message(point, text);
	if (!strcmp(key, "cpu"))
		return kstrtoint(text, 0, &point->cpu);
	if (!strcmp(key, "current"))
		return parse_list(&point->current_pids, text);
	if (!strcmp(key, "value"))
		return parse_list(&point->values, text);
	return -EINVAL;
}

/**
 * ek_point_parse() - Add a point
 * @points:	all EK_POINTS of them; its number says which one it becomes
 * @description: of the point, see main.c; used up
 *
 * Return: 0 or a negative errno
 */
int ek_point_parse(struct ek_point *points, char *description)
{
	const char *number = strsep(&description, " ");
	const char *mechanism = strsep(&description, " ");
	const char *symbol = strsep(&description, " ");
	struct ek_point point = { .cpu = -1 };
	char *word;

	if (!symbol || kstrtou8(number, 0, &point.number) || point.number >= EK_POINTS)
		return -EINVAL;
	if (points[point.number].mechanism != EK_UNUSED)
		return -EEXIST;
	if (!strcmp(mechanism, "tracepoint"))
		point.mechanism = EK_TRACEPOINT;
	else if (!strcmp(mechanism, "function"))
		point.mechanism = EK_FUNCTION;
	else
		return -EINVAL;
	if (strscpy(point.symbol, symbol, sizeof(point.symbol)) < 0)
		return -EINVAL;

	while ((word = strsep(&description, " "))) {
		if (parse_word(&point, word)) {
			pr_err("point %u: '%s' is not understood\n", point.number, word);
			return -EINVAL;
		}
	}
	if (point.argument >= EK_ARGUMENTS)
		return -EINVAL;
	points[point.number] = point;
	return 0;
}
