// SPDX-License-Identifier: Apache-2.0
/* Where in a VM's memory the host writes, and until when. */
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "fail.h"
#include "guest.h"
#include "native.h"
#include "tests.h"

/* A VM that its VMM resets: its memory is no longer the host's, whatever arrives. */
void test_reset(void)
{
	struct kvm_mp_state runnable = { .mp_state = KVM_MP_STATE_RUNNABLE };
	struct vm vm;
	long ret;

	attached(&vm);
	armed(&vm, 4000);
	must(ioctl(vm.vcpu, KVM_SET_MP_STATE, &runnable));
	memset(vm.memory + REGION, 0xa5, REGION_BYTES);
	send_natively(4000);
	sleep(1);
	for (size_t i = 0; i < REGION_BYTES; i++)
		if (vm.memory[REGION + i] != 0xa5)
			fail("byte %zu of the region was written after the reset", i);
	ret = hypercall(&vm, EK_CALL, 0, 0);
	if (ret != -ENXIO)
		fail("a call after the reset: %ld", ret);

	memset(vm.memory + REGION, 0, REGION_BYTES);
	ret = try_setup(&vm);
	if (ret)
		fail("the next kernel's region is refused: %ld", ret);
	armed(&vm, 4000);
}

/* The host has written to the pages at two addresses since the last look, and to no other one. */
static void expect_dirty(const struct vm *vm, const char *after, uint32_t one, uint32_t other)
{
	static uint64_t bitmap[MEMORY_BYTES / EK_PAGE / 64];
	struct kvm_dirty_log log = { .dirty_bitmap = bitmap };

	must(ioctl(vm->fd, KVM_GET_DIRTY_LOG, &log));
	for (uint32_t page = 0; page < MEMORY_BYTES; page += EK_PAGE)
		if ((bitmap[page / EK_PAGE / 64] >> page / EK_PAGE % 64 & 1) !=
		    (page == one || page == other))
			fail("%s: page %#x is wrong in the log", after, page);
}

/* What the host writes to a VM's memory is dirty, so that migration copies it. */
void test_dirty(void)
{
	struct vm vm;
	long socket;

	attached(&vm);
	socket = armed(&vm, 5000);
	set_memory(&vm, KVM_MEM_LOG_DIRTY_PAGES);
	send_natively(5000);
	sleep(1);
	expect_dirty(&vm, "an event", RING_ADDRESS, RING_ADDRESS);
	if (transfer(&vm, EK_OP_RECV, socket, BUFFER) != 4)
		fail("nothing was received");
	expect_dirty(&vm, "a call", SLOT_ADDRESS, BUFFER);
}
