// SPDX-License-Identifier: GPL-2.0-only
/*
 * Looks whether the host still performs this guest's socket calls. It stops when the
 * operator detaches the VM or unloads ek_host, and when a snapshot is restored or the
 * VM has been migrated, which this guest does not notice otherwise. Sockets cannot
 * move to another host, or to another time: they get -ENETDOWN, and their programs
 * make new ones. This asks the host to take the region again, until it does.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/workqueue.h>

#include "ek_guest.h"

/* A program that waits may wait in vain for as long. */
#define INTERVAL	HZ

static void look(struct work_struct *work);
static DECLARE_DELAYED_WORK(look_work, look);

/* There may be sockets and events of an earlier life. */
static bool used = true;

/**
 * reconnect() - Have the host take the region again
 *
 * Return: 0 or a negative errno; -EPROTO if it is of no use to try again
 */
static long reconnect(void)
{
	long err;

	if (used)
		ek_event_reset();
	used = false;
	err = ek_vmrpc_connect();
	if (err)
		return err;
	used = true;
	err = ek_event_resize();
	if (err) {
		ek_vmrpc_disconnect();
		return err;
	}
	ek_vmrpc_start();
	pr_info("the host performs socket calls again\n");
	ek_interface_update();
	return 0;
}

static void look(struct work_struct *work)
{
	ek_vmrpc_check();
	if (!ek_vmrpc_life() && reconnect() == -EPROTO)
		return;
	/* Not on a CPU that has better things to do */
	queue_delayed_work(system_dfl_wq, &look_work, INTERVAL);
}

/**
 * ek_attachment_start() - Look from now on
 */
void ek_attachment_start(void)
{
	queue_delayed_work(system_dfl_wq, &look_work, INTERVAL);
}

/**
 * ek_attachment_lost() - Look at once, as a call has not been answered
 */
void ek_attachment_lost(void)
{
	mod_delayed_work(system_dfl_wq, &look_work, 0);
}

/**
 * ek_attachment_exit() - Look no more
 */
void ek_attachment_exit(void)
{
	cancel_delayed_work_sync(&look_work);
}
