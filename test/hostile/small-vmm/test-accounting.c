// SPDX-License-Identifier: Apache-2.0
/* Whose the host says that a VM's sockets and their memory are. */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fail.h"
#include "guest.h"
#include "native.h"
#include "nftables.h"
#include "operator.h"
#include "process.h"
#include "tests.h"

#define PORT	6000
#define GROUPS	"/run/groups"
#define GROUP	GROUPS "/vmm"

/* A packet filter that asks for a packet's user gets the VMM's. */
void test_filter(void)
{
	int fd = open_device();
	struct vm vm;
	long socket, ret;

	create_vm(&vm);
	hold_as_user(fd, 16);
	again(&vm);
	must(setresuid(0, 0, 0));
	socket = create(&vm, SOCK_DGRAM);
	name(&vm, EK_OP_BIND, socket, PORT);
	name(&vm, EK_OP_CONNECT, socket, PORT);

	drop_of_user(USER);
	ret = transfer(&vm, EK_OP_SEND, socket, BUFFER);
	if (ret != -EPERM)
		fail("what the VMM's user sends is not dropped: %ld", ret);
	send_natively(PORT);
	stop_dropping();

	drop_of_user(0);
	ret = transfer(&vm, EK_OP_SEND, socket, BUFFER);
	if (ret != 4)
		fail("what another user sends is dropped: %ld", ret);
	stop_dropping();
}

/* Bytes of the group's memory that are its sockets' */
static unsigned long charged(void)
{
	FILE *file = fopen(GROUP "/memory.stat", "r");
	unsigned long bytes;
	char line[128];

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "sock %lu", &bytes) == 1) {
			fclose(file);
			return bytes;
		}
	fail("the control group does not say what its sockets have");
}

/* The kernel counts, and shows what it has counted a while later. */
static void expect_charge(unsigned long least, unsigned long most, const char *when)
{
	for (int i = 0; i < PATIENCE_S * 10; i++) {
		unsigned long bytes = charged();

		if (least <= bytes && bytes <= most)
			return;
		pause_ms(100);
	}
	fail("%lu bytes are charged %s", charged(), when);
}

/* What waits in a VM's sockets is memory of its VMM's control group. */
void test_charge(void)
{
	struct vm vm;

	must(mkdir(GROUPS, 0755));
	must(mount("none", GROUPS, "cgroup2", 0, NULL));
	write_file(GROUPS "/cgroup.subtree_control", "+memory");
	must(mkdir(GROUP, 0755));
	write_file(GROUP "/cgroup.procs", "0");
	attached(&vm);

	expect_charge(0, 0, "before anything has come");
	armed(&vm, PORT);
	for (int i = 0; i < 100; i++)
		send_natively(PORT);
	expect_charge(100 * 256, 1 << 20, "for 100 messages");
	must(detach(getpid()));
	expect_charge(0, 0, "when the VM is detached");

	write_file(GROUPS "/cgroup.procs", "0");
	must(rmdir(GROUP));
	must(umount(GROUPS));
}
