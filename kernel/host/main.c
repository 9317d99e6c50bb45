// SPDX-License-Identifier: GPL-2.0-only
/*
 * ek_host - performs the socket calls of virtual machines in the host's kernel
 *
 * The guest's kernel (ek_guest) asks for each by a hypercall; it is executed on
 * the vCPU's thread, and messages are copied once, between the host's socket
 * and the memory of the guest's process (Garcia, Shinjo, Pu, IEEE Access 2018,
 * doi:10.1109/ACCESS.2018.2877296, sections III-B and III-C). Stock KVM and
 * VMM; a VM that the operator has not attached (/dev/ek_host) notices nothing.
 */
#include <linux/module.h>

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
	err = ek_security_init();
	if (err)
		goto err_vm;
	err = ek_hypercall_init();
	if (err)
		goto err_vm;
	err = ek_reset_init();
	if (err)
		goto err_hypercall;
	err = ek_delivery_init();
	if (err)
		goto err_reset;
	err = ek_addresses_init();
	if (err)
		goto err_delivery;
	err = ek_status_init();
	if (err)
		goto err_addresses;
	err = ek_device_init();
	if (err)
		goto err_status;
	return 0;

err_status:
	ek_status_exit();
err_addresses:
	ek_addresses_exit();
err_delivery:
	ek_delivery_exit();
err_reset:
	ek_reset_exit();
err_hypercall:
	ek_hypercall_exit();
err_vm:
	ek_vm_exit();
	return err;
}

static void __exit ek_host_exit(void)
{
	/* in this order: nobody attaches, nobody is attached, nobody calls */
	ek_device_exit();
	ek_status_exit();
	ek_addresses_exit();
	ek_vm_detach_all();
	ek_delivery_exit();
	ek_reset_exit();
	ek_hypercall_exit();
	ek_vm_exit();
}

module_init(ek_host_init);
module_exit(ek_host_exit);

MODULE_DESCRIPTION("Host side of socket outsourcing for KVM guests");
MODULE_LICENSE("GPL");
