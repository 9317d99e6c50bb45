// SPDX-License-Identifier: Apache-2.0
/* What one VM may not reach, and whom it may not delay. */
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fail.h"
#include "guest.h"
#include "operator.h"
#include "process.h"
#include "tests.h"

/* A VM must not reach what another VM of the same VMM has. */
void test_other_vm(void)
{
	struct vm vm, other;
	long socket, ret;

	attached(&vm);
	create_vm(&other);
	socket = create(&vm, SOCK_DGRAM);
	request_of(&vm);
	ret = hypercall(&other, EK_CALL, 0, 0);
	if (!ret)
		fail("another VM of the process has made a call");
	ret = hypercall(&other, EK_RESET, 0, 0);
	if (!ret)
		fail("another VM of the process has taken the region away");
	if (!try_setup(&other))
		fail("another VM of the process has given a region");
	name(&vm, EK_OP_BIND, socket, 0);
}

/* Receives into a page that never arrives. */
static void receive_into_nowhere(int to_parent)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register missing = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	int uffd = must(syscall(SYS_userfaultfd, O_CLOEXEC));
	uint32_t nowhere = REGION / 2;
	struct vm vm;
	long socket;

	attached(&vm);
	must(ioctl(uffd, UFFDIO_API, &api));
	missing.range.start = (uintptr_t)vm.memory + nowhere;
	missing.range.len = EK_PAGE;
	must(ioctl(uffd, UFFDIO_REGISTER, &missing));

	socket = create(&vm, SOCK_DGRAM);
	name(&vm, EK_OP_BIND, socket, 2000);
	name(&vm, EK_OP_CONNECT, socket, 2000);
	if (transfer(&vm, EK_OP_SEND, socket, BUFFER) != 4)
		fail("nothing was sent");
	say(to_parent);
	transfer(&vm, EK_OP_RECV, socket, nowhere);
	fail("the page that never arrives was written");
}

static pid_t stuck;

static void detach_stuck(int to_parent)
{
	say(to_parent);
	detach(stuck);
}

static void call_unattached(int to_parent)
{
	struct vm vm;
	long ret;

	(void)to_parent;
	create_vm(&vm);
	ret = try_setup(&vm);
	if (ret != NOT_ATTACHED)
		fail("a VM that is not attached gets %ld", ret);
}

static void attach_and_detach(int to_parent)
{
	struct vm vm;
	int err;

	(void)to_parent;
	create_vm(&vm);
	attach("keep shared-netns");
	setup(&vm);
	create(&vm, SOCK_STREAM);
	err = detach(getpid());
	if (err)
		fail("detaching: %s", strerror(-err));
	if (hypercall(&vm, EK_CALL, 0, 0) != NOT_ATTACHED)
		fail("a VM that is detached still makes calls");
}

static void expect_end(pid_t pid, const char *what)
{
	if (!ends_in_time(pid))
		fail("%s waits for a VM that is stuck", what);
}

/* A VM that is stuck in a call delays nobody but those who wait for it. */
void test_stuck(void)
{
	pid_t operator;
	int from_stuck, from, from_operator;

	stuck = start(receive_into_nowhere, &from_stuck);
	expect_word(from_stuck, "receiving into a page that never arrives");
	sleep(1);
	operator = start(detach_stuck, &from_operator);
	expect_word(from_operator, "detaching");
	sleep(1);
	if (waitpid(operator, NULL, WNOHANG))
		fail("the VM was detached in the middle of its call");

	expect_end(start(call_unattached, &from), "a hypercall of a VM that is not attached");
	expect_end(start(attach_and_detach, &from), "attaching and detaching another VM");
	must(kill(operator, SIGKILL));
	expect_end(operator, "an operator who was killed");
	must(kill(stuck, SIGKILL));
	expect_end(stuck, "a VMM that was killed");
}
