// SPDX-License-Identifier: GPL-2.0-only
/*
 * /proc/ek_host: what is written to it attaches and detaches VMs, what is read
 * from it is what they do.
 *
 *   attach PID MAX-SOCKETS NOTIFICATION
 *		the sockets live in the network namespace of who writes
 *   detach PID
 */
#include <linux/capability.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/string.h>

#include "ek_host.h"

/* The guest has a pointer for each. */
#define MAX_SOCKETS	1048576

const char *const ek_notification_names[EK_NOTIFICATIONS] = {
	[EK_NOTIFY_IDLE]	= "idle",
	[EK_NOTIFY_INTERRUPT]	= "interrupt",
};

static int show(struct seq_file *m, void *unused)
{
	seq_puts(m, "pid state netns notification sockets max_sockets calls errors refused sent received bytes_sent bytes_received events overflows wakes undelivered\n");
	ek_vm_show_all(m);
	return 0;
}

static int open(struct inode *inode, struct file *file)
{
	return single_open(file, show, NULL);
}

static int execute(const char *command)
{
	unsigned int max_sockets;
	int pid, notification, end = 0;
	char name[16];

	if (sscanf(command, "attach %d %u %15s %n", &pid, &max_sockets, name, &end) == 3 &&
	    end && !command[end]) {
		notification = match_string(ek_notification_names, EK_NOTIFICATIONS, name);
		if (notification < 0)
			return -EINVAL;
		if (!max_sockets || max_sockets > MAX_SOCKETS)
			return -ERANGE;
		return ek_vm_attach(pid, max_sockets, notification);
	}
	if (sscanf(command, "detach %d %n", &pid, &end) == 1 && end && !command[end])
		return ek_vm_detach(pid);
	return -EINVAL;
}

static ssize_t write(struct file *file, const char __user *buffer, size_t bytes, loff_t *pos)
{
	char command[64];
	int err;

	if (!capable(CAP_NET_ADMIN))
		return -EPERM;
	if (bytes >= sizeof(command))
		return -EINVAL;
	if (copy_from_user(command, buffer, bytes))
		return -EFAULT;
	command[bytes] = '\0';
	err = execute(command);
	return err ?: bytes;
}

static const struct proc_ops ops = {
	.proc_open	= open,
	.proc_read	= seq_read,
	.proc_lseek	= seq_lseek,
	.proc_release	= single_release,
	.proc_write	= write,
};

int ek_status_init(void)
{
	return proc_create("ek_host", 0600, NULL, &ops) ? 0 : -ENOMEM;
}

void ek_status_exit(void)
{
	remove_proc_entry("ek_host", NULL);
}
