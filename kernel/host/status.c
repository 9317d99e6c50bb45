// SPDX-License-Identifier: GPL-2.0-only
/*
 * /proc/ek_host: what attached VMs do. /proc/ek_host_sockets: which sockets are whose,
 * as no descriptor of a VMM says so: by their inode, ss -e and /proc/net name them.
 */
#include <linux/proc_fs.h>
#include <linux/seq_file.h>

#include "ek_host.h"

static int show_vms(struct seq_file *m, void *unused)
{
	seq_puts(m, "pid state netns notification sockets max_sockets calls errors refused sent received bytes_sent bytes_received events overflows wakes undelivered throttled with_event\n");
	ek_vm_show_all(m);
	return 0;
}

static int show_sockets(struct seq_file *m, void *unused)
{
	seq_puts(m, "pid inode\n");
	ek_vm_show_sockets(m);
	return 0;
}

/**
 * ek_status_init() - Show what there is from now on
 *
 * Return: 0 or a negative errno
 */
int ek_status_init(void)
{
	if (!proc_create_single("ek_host", 0400, NULL, show_vms))
		return -ENOMEM;
	if (!proc_create_single("ek_host_sockets", 0400, NULL, show_sockets)) {
		remove_proc_entry("ek_host", NULL);
		return -ENOMEM;
	}
	return 0;
}

/**
 * ek_status_exit() - Undo ek_status_init()
 */
void ek_status_exit(void)
{
	remove_proc_entry("ek_host_sockets", NULL);
	remove_proc_entry("ek_host", NULL);
}
