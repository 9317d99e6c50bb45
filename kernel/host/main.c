// SPDX-License-Identifier: GPL-2.0-only
/*
 * ek_host - performs the socket calls of virtual machines in the host's kernel
 *
 * The guest's kernel (ek_guest) asks for each by a hypercall; it is executed on
 * the vCPU's thread, and messages are copied once, between the host's socket
 * and the memory of the guest's process (Garcia, Shinjo, Pu, IEEE Access 2018,
 * doi:10.1109/ACCESS.2018.2877296, sections III-B and III-C). Stock KVM and
 * VMM; a VM that the operator has not attached (/proc/ek_host) notices nothing.
 */
#include <linux/module.h>
#include <linux/rcupdate.h>

#include "ek_host.h"

static int __init ek_host_init(void)
{
	int err;

	err = ek_vm_init();
	if (err)
		return err;
	err = ek_notify_init();
	if (err)
		goto err_vm;
	err = ek_hypercall_init();
	if (err)
		goto err_vm;
	err = ek_addresses_init();
	if (err)
		goto err_hypercall;
	err = ek_status_init();
	if (err)
		goto err_addresses;
	return 0;

err_addresses:
	ek_addresses_exit();
err_hypercall:
	ek_hypercall_exit();
err_vm:
	ek_vm_exit();
	return err;
}

static void __exit ek_host_exit(void)
{
	/* in this order: nobody attaches, nobody is attached, nobody calls */
	ek_status_exit();
	ek_addresses_exit();
	ek_vm_detach_all();
	ek_hypercall_exit();
	ek_vm_exit();
	/* Who has left a call or a callback may still be on the way out of it. */
	synchronize_rcu_tasks();
	synchronize_rcu();
	rcu_barrier();
}

module_init(ek_host_init);
module_exit(ek_host_exit);

MODULE_DESCRIPTION("Host side of socket outsourcing for KVM guests");
MODULE_LICENSE("GPL");
