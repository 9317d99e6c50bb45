/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A VM of KVM's with one vCPU and a few MiB of memory, which this process maps. The vCPU has two
 * instructions, a hypercall and a halt; what their registers and the memory have is up to the caller.
 */
#ifndef VMM_H
#define VMM_H

#include <linux/kvm.h>
#include <stdint.h>

#define MEMORY_BYTES	(4u << 20)
/* guest physical address of the two instructions */
#define CODE		0x1000u
/* what KVM answers to a hypercall that nobody takes */
#define NOT_ATTACHED	(-1000)
/* the user of a VMM that is not root */
#define USER		4242

struct vm {
	int		fd;
	int		vcpu;
	struct kvm_run	*run;
	uint8_t		*memory;
};

void create_vm(struct vm *vm);

/* @flags: KVM_MEM_* of the VM's memory from here on */
void set_memory(const struct vm *vm, uint32_t flags);

/* Has the vCPU make one of the hypercalls of VMRPC, and returns its answer. */
long hypercall(struct vm *vm, uint64_t function, uint64_t arg0, uint64_t arg1);

#endif
