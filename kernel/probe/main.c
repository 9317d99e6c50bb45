// SPDX-License-Identifier: GPL-2.0-only
/*
 * ek_probe - lightweight probes
 *
 * Up to 64 numbered points of this kernel, each of which stores the time-stamp
 * counter and its number in a buffer, which is read when all is over (Garcia,
 * Shinjo, Pu, IEEE Access 2018, doi:10.1109/ACCESS.2018.2877296, section IV-D).
 * Where the points are is not known here: /proc/ek_probe is told.
 *
 *   clear	forgets all points and records
 *   point NUMBER tracepoint|function SYMBOL [WORD=...]...
 *		adds one, see point.c
 *   start	from now on the points record
 *   stop	and no longer
 *
 * What is read from it, while the points do not record, are the records, see
 * buffer.c. It is the same module on a host and in its guests.
 */
#include <linux/capability.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/proc_fs.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "ek_probe.h"

#define COMMAND_BYTES	512

static struct ek_point points[EK_POINTS];
static bool started;
/* protects both, and the records while the points do not record */
static DEFINE_MUTEX(control);

static int start(void)
{
	unsigned int i;
	int err;

	for (i = 0; i < EK_POINTS; i++) {
		if (points[i].mechanism == EK_UNUSED)
			continue;
		err = ek_attach(&points[i]);
		if (err) {
			ek_detach(points);
			return err;
		}
	}
	started = true;
	return 0;
}

static void stop(void)
{
	ek_detach(points);
	started = false;
}

static void clear(void)
{
	memset(points, 0, sizeof(points));
	ek_buffers_clear();
}

static int execute(char *command)
{
	if (!strcmp(command, "stop")) {
		stop();
		return 0;
	}
	if (started)
		return -EBUSY;
	if (!strcmp(command, "start"))
		return start();
	if (!strcmp(command, "clear")) {
		clear();
		return 0;
	}
	if (str_has_prefix(command, "point "))
		return ek_point_parse(points, command + strlen("point "));
	return -EINVAL;
}

static ssize_t write(struct file *file, const char __user *buffer, size_t bytes, loff_t *pos)
{
	char command[COMMAND_BYTES];
	int err;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (bytes >= sizeof(command))
		return -EINVAL;
	if (copy_from_user(command, buffer, bytes))
		return -EFAULT;
	command[bytes] = '\0';
	mutex_lock(&control);
	err = execute(strim(command));
	mutex_unlock(&control);
	return err ?: bytes;
}

static ssize_t read(struct file *file, char __user *buffer, size_t bytes, loff_t *pos)
{
	ssize_t result = -EBUSY;

	mutex_lock(&control);
	if (!started)
		result = ek_buffers_read(buffer, bytes, pos);
	mutex_unlock(&control);
	return result;
}

static const struct proc_ops ops = {
	.proc_read	= read,
	.proc_write	= write,
	.proc_lseek	= default_llseek,
};

static int __init ek_probe_init(void)
{
	int err = ek_buffers_init();

	if (err)
		return err;
	if (!proc_create(KBUILD_MODNAME, 0600, NULL, &ops)) {
		ek_buffers_exit();
		return -ENOMEM;
	}
	return 0;
}

static void __exit ek_probe_exit(void)
{
	remove_proc_entry(KBUILD_MODNAME, NULL);
	stop();
	ek_buffers_exit();
}

module_init(ek_probe_init);
module_exit(ek_probe_exit);

MODULE_DESCRIPTION("Probes that take a time-stamp at points of this kernel");
MODULE_LICENSE("GPL");
