// SPDX-License-Identifier: GPL-2.0-only
/*
 * /proc/ek_host: what is written to it attaches and detaches VMs, what is read
 * from it is what they do.
 *
 *   attach PID MAX-SOCKETS    the sockets live in the network namespace of who writes
 *   detach PID
 */
#include <linux/capability.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>

#include "ek_host.h"

/* The guest has a pointer for each. */
#define MAX_SOCKETS	1048576

static int show(struct seq_file *m, void *unused)
{
	seq_puts(m, "pid state netns sockets max_sockets calls refused bytes_sent bytes_received events overflows wakes\n");
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
	int pid, end = 0;

	if (sscanf(command, "attach %d %u %n", &pid, &max_sockets, &end) == 2 &&
	    end && !command[end]) {
		if (!max_sockets || max_sockets > MAX_SOCKETS)
			return -ERANGE;
		return ek_vm_attach(pid, max_sockets);
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
