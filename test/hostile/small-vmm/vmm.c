// SPDX-License-Identifier: Apache-2.0
#include "vmm.h"

#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "ek_vmrpc.h"
#include "fail.h"

void set_memory(const struct vm *vm, uint32_t flags)
{
	struct kvm_userspace_memory_region slot = {
		.flags = flags,
		.memory_size = MEMORY_BYTES,
		.userspace_addr = (uintptr_t)vm->memory,
	};

	must(ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, &slot));
}

void create_vm(struct vm *vm)
{
	/* vmmcall; hlt */
	static const uint8_t code[] = { 0x0f, 0x01, 0xd9, 0xf4 };
	int kvm = must(open("/dev/kvm", O_RDWR | O_CLOEXEC));
	struct kvm_sregs sregs;

	vm->fd = must(ioctl(kvm, KVM_CREATE_VM, 0));
	vm->memory = mmap(NULL, MEMORY_BYTES, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (vm->memory == MAP_FAILED)
		fail("no memory for a VM");
	memcpy(vm->memory + CODE, code, sizeof(code));
	set_memory(vm, 0);
	vm->vcpu = must(ioctl(vm->fd, KVM_CREATE_VCPU, 0));
	vm->run = mmap(NULL, must(ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0)),
		       PROT_READ | PROT_WRITE, MAP_SHARED, vm->vcpu, 0);
	if (vm->run == MAP_FAILED)
		fail("no kvm_run");
	must(ioctl(vm->vcpu, KVM_GET_SREGS, &sregs));
	sregs.cs.base = 0;
	sregs.cs.selector = 0;
	must(ioctl(vm->vcpu, KVM_SET_SREGS, &sregs));
}

long hypercall(struct vm *vm, uint64_t function, uint64_t arg0, uint64_t arg1)
{
	struct kvm_regs regs = {
		.rax = EK_HYPERCALL,
		.rbx = function,
		.rcx = arg0,
		.rdx = arg1,
		.rip = CODE,
		.rflags = 2,
	};

	must(ioctl(vm->vcpu, KVM_SET_REGS, &regs));
	must(ioctl(vm->vcpu, KVM_RUN, 0));
	if (vm->run->exit_reason != KVM_EXIT_HLT)
		fail("the vCPU has ended with reason %u", vm->run->exit_reason);
	must(ioctl(vm->vcpu, KVM_GET_REGS, &regs));
	return (int32_t)regs.rax;
}
