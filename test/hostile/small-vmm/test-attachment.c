// SPDX-License-Identifier: Apache-2.0
/* How long a VM is attached, and in which network namespace its sockets are. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fail.h"
#include "guest.h"
#include "native.h"
#include "operator.h"
#include "process.h"
#include "tests.h"

static void holder(int to_parent)
{
	int fd = open_device(), err;

	err = tell(fd, "attach pid=%d sockets=16 notification=idle", getppid());
	if (err)
		fail("attaching the parent: %s", strerror(-err));
	if (hold(fd, 16, "") != -EBUSY)
		fail("a file holds two attachments");
	say(to_parent);
	pause();
}

/* A VM is attached as long as somebody holds the attachment, and no longer. */
void test_held(void)
{
	static const char *const nonsense[] = {
		"attach", "attach pid=1", "attach pid=1 sockets=1 notification=pigeon",
		"attach pid=1 sockets=1 notification=idle notification=interrupt",
		"attach pid=1 sockets=1 sockets=2 notification=idle",
		"attach pid=-1 sockets=1 notification=idle",
		"attach pid=1 sockets=1 notification=idle idle", "detach", "detach pid=1 keep",
		"detach pid=", " ", "reset pid=1",
	};
	struct vm vm;
	pid_t pid;
	int from, fd = open_device();
	long ret = 0;

	for (size_t i = 0; i < sizeof(nonsense) / sizeof(nonsense[0]); i++)
		if (tell(fd, "%s", nonsense[i]) != -EINVAL)
			fail("a command is not refused: %s", nonsense[i]);
	create_vm(&vm);
	pid = start(holder, &from);
	expect_word(from, "holding");
	setup(&vm);
	armed(&vm, 6000);
	if (hold(fd, 16, "shared-netns") != -EEXIST)
		fail("a VM is attached twice");
	must(kill(pid, SIGKILL));
	must(waitpid(pid, NULL, 0));
	for (int i = 0; i < PATIENCE_S * 100 && ret != NOT_ATTACHED; i++) {
		ret = hypercall(&vm, EK_CHECK, 0, 0);
		pause_ms(10);
	}
	if (ret != NOT_ATTACHED)
		fail("the holder is gone, and the VM attached: %ld", ret);
	must(hold(fd, 16, ""));
	ret = try_setup(&vm);
	if (ret)
		fail("the region is refused the second time: %ld", ret);
	close(fd);
	ret = hypercall(&vm, EK_CHECK, 0, 0);
	if (ret != NOT_ATTACHED)
		fail("the file is closed, and the VM attached: %ld", ret);
}

static void attach_and_wait(int to_parent)
{
	struct vm vm;

	attached(&vm);
	say(to_parent);
	pause();
}

/* The host's namespace and those of other VMs have to be asked for. */
void test_namespace(void)
{
	int fd = open_device(), from, mine, err;
	char how[32];
	struct vm vm;
	pid_t other;

	create_vm(&vm);
	other = start(attach_and_wait, &from);
	expect_word(from, "attaching another VM");
	err = hold(fd, 16, "");
	if (err != -EADDRINUSE)
		fail("the namespace is another VM's: %d", err);
	must(kill(other, SIGKILL));
	must(waitpid(other, NULL, 0));
	must(hold(fd, 16, ""));
	close(fd);

	mine = must(open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC));
	must(setns(must(open("/proc/1/ns/net", O_RDONLY | O_CLOEXEC)), CLONE_NEWNET));
	fd = open_device();
	err = hold(fd, 16, "");
	if (err != -EADDRNOTAVAIL)
		fail("the namespace is the host's own: %d", err);
	must(hold(fd, 16, "initial-netns"));
	close(fd);
	fd = open_device();
	snprintf(how, sizeof(how), "netns=%d", mine);
	must(hold(fd, 16, how));
	must(setns(mine, CLONE_NEWNET));
	setup(&vm);
	armed(&vm, 7000);
	send_natively(7000);
	if (transfer(&vm, EK_OP_RECV, 0, BUFFER) != 4)
		fail("the socket is in another namespace");
	if (!tell(fd, "detach pid=%d", fd))
		fail("a process without a VM is detached");
}
