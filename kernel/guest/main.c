// SPDX-License-Identifier: GPL-2.0-only
/*
 * ek_guest - the host performs the socket calls of this guest's programs
 *
 * A socket call of a process becomes a call of the host's kernel (vmrpc.c). The
 * host copies between its own socket and the process's memory (buffer.c,
 * message.c). It never waits: a process that has to wait does so in this guest,
 * until there is an event (event.c). This is the socket outsourcing of Garcia,
 * Shinjo, Pu, IEEE Access 2018, doi:10.1109/ACCESS.2018.2877296, sections III-B
 * and III-C.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kvm_para.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/panic_notifier.h>
#include <linux/reboot.h>

#include "ek_guest.h"

/*
 * Called before a reboot, before kexec, and in a panic: the next kernel does not know
 * of the region, so the host must not write to it any more. A kernel for crash dumps
 * starts before the notifiers of a panic (unless crash_kexec_post_notifiers is set),
 * but in memory of its own.
 */
static int guest_ends(struct notifier_block *nb, unsigned long action, void *data)
{
	ek_vmrpc_stop();
	return NOTIFY_DONE;
}

static struct notifier_block reboot_notifier = { .notifier_call = guest_ends };
static struct notifier_block panic_notifier = { .notifier_call = guest_ends };

/* The operator of the host has chosen how it notifies this guest of events. */
static int __init notification_init(void)
{
	return ek_region.interrupts ? ek_interrupt_init() : ek_idle_init();
}

static void notification_exit(void)
{
	if (ek_region.interrupts)
		ek_interrupt_exit();
	else
		ek_idle_exit();
}

static int __init first_connection(void)
{
	long err = ek_vmrpc_connect();

	if (err == -KVM_ENOSYS)
		pr_err("not loaded: this VM is not attached (on the host: evenkeel vm attach)\n");
	else if (err)
		pr_err("not loaded: the host refuses (error %ld)\n", err);
	return err ? -ENODEV : 0;
}

static int __init ek_guest_init(void)
{
	int err;

	if (!kvm_para_available()) {
		pr_err("not loaded: this is not a guest of KVM\n");
		return -ENODEV;
	}
	err = ek_vmrpc_init(ek_attachment_lost);
	if (err)
		return err;
	err = first_connection();
	if (err)
		goto err_vmrpc;
	err = ek_interface_init();
	if (err)
		goto err_vmrpc;
	err = ek_event_init(ek_interface_update);
	if (err)
		goto err_interface;
	err = notification_init();
	if (err)
		goto err_event;
	ek_vmrpc_start();
	ek_interface_start();
	err = proto_register(&ek_proto, 1);
	if (err)
		goto err_notification;
	err = register_reboot_notifier(&reboot_notifier);
	if (err)
		goto err_proto;
	atomic_notifier_chain_register(&panic_notifier_list, &panic_notifier);
	err = ek_list_init();
	if (err)
		goto err_panic;
	err = ek_family_init();
	if (err)
		goto err_list;
	ek_attachment_start();
	return 0;

err_list:
	ek_list_exit();
err_panic:
	atomic_notifier_chain_unregister(&panic_notifier_list, &panic_notifier);
	unregister_reboot_notifier(&reboot_notifier);
err_proto:
	proto_unregister(&ek_proto);
err_notification:
	ek_vmrpc_stop();
	ek_attachment_exit();
	notification_exit();
err_event:
	/* The host may send events as soon as it has the region. */
	ek_vmrpc_stop();
	ek_event_exit();
err_interface:
	ek_interface_exit();
	ek_attachment_exit();
err_vmrpc:
	ek_vmrpc_exit();
	return err;
}

static void __exit ek_guest_exit(void)
{
	ek_family_exit();
	ek_list_exit();
	atomic_notifier_chain_unregister(&panic_notifier_list, &panic_notifier);
	unregister_reboot_notifier(&reboot_notifier);
	proto_unregister(&ek_proto);
	/* Before the vectors are freed: the host sends no interrupts afterwards. */
	ek_vmrpc_stop();
	ek_attachment_exit();
	notification_exit();
	ek_event_exit();
	ek_interface_exit();
	/* Its last call may have found that the host is gone. */
	ek_attachment_exit();
	ek_vmrpc_exit();
}

module_init(ek_guest_init);
module_exit(ek_guest_exit);

MODULE_DESCRIPTION("Sockets that are performed by the host of a VM");
MODULE_LICENSE("GPL");
