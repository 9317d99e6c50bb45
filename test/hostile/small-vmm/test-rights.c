// SPDX-License-Identifier: Apache-2.0
/* As whom the host does what a guest asks for, and whether security modules are asked. */
#define _GNU_SOURCE
#include <linux/sockios.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fail.h"
#include "guest.h"
#include "lsm.h"
#include "native.h"
#include "operator.h"
#include "tests.h"

#define PORT	9000

/* A listener that has a connection to accept, and a connected socket */
struct ends {
	long	listener;
	long	connected;
};

static long do_create(struct vm *vm, const struct ends *ends)
{
	(void)ends;
	return try_create(vm, SOCK_DGRAM);
}

static long do_bind(struct vm *vm, const struct ends *ends)
{
	(void)ends;
	return try_name(vm, EK_OP_BIND, create(vm, SOCK_DGRAM), INADDR_ANY, 0);
}

static long do_connect(struct vm *vm, const struct ends *ends)
{
	(void)ends;
	return try_name(vm, EK_OP_CONNECT, create(vm, SOCK_DGRAM), INADDR_LOOPBACK, PORT);
}

static long do_listen(struct vm *vm, const struct ends *ends)
{
	(void)ends;
	return try_listen(vm, create(vm, SOCK_STREAM), 1);
}

static long do_accept(struct vm *vm, const struct ends *ends)
{
	return try_accept(vm, ends->listener);
}

static long do_getsockname(struct vm *vm, const struct ends *ends)
{
	request_of(vm);
	return call(vm, EK_OP_GETNAME, ends->listener);
}

static long do_getpeername(struct vm *vm, const struct ends *ends)
{
	request_of(vm)->arg = 1;
	return call(vm, EK_OP_GETNAME, ends->connected);
}

static long do_send(struct vm *vm, const struct ends *ends)
{
	return transfer(vm, EK_OP_SEND, ends->connected, BUFFER);
}

static long do_recv(struct vm *vm, const struct ends *ends)
{
	long ret = transfer(vm, EK_OP_RECV, ends->connected, BUFFER);

	return ret == -EAGAIN ? 0 : ret;
}

static long do_setsockopt(struct vm *vm, const struct ends *ends)
{
	return set_option(vm, ends->listener, SOL_SOCKET, SO_KEEPALIVE, &(int){ 1 }, sizeof(int));
}

static long do_getsockopt(struct vm *vm, const struct ends *ends)
{
	struct ek_request *request = request_of(vm);

	request->level = SOL_SOCKET;
	request->name = SO_KEEPALIVE;
	request->arg = sizeof(int);
	return call(vm, EK_OP_GETSOCKOPT, ends->listener);
}

static long do_ioctl(struct vm *vm, const struct ends *ends)
{
	request_of(vm)->name = SIOCOUTQ;
	return call(vm, EK_OP_IOCTL, ends->connected);
}

static long do_shutdown(struct vm *vm, const struct ends *ends)
{
	request_of(vm)->arg = SHUT_WR;
	return call(vm, EK_OP_SHUTDOWN, ends->connected);
}

static const struct {
	const char	*name;
	long		(*run)(struct vm *vm, const struct ends *ends);
} hooks[] = {
	{ "socket_create", do_create },
	{ "socket_bind", do_bind },
	{ "socket_connect", do_connect },
	{ "socket_listen", do_listen },
	{ "socket_accept", do_accept },
	{ "socket_getsockname", do_getsockname },
	{ "socket_getpeername", do_getpeername },
	{ "socket_sendmsg", do_send },
	{ "socket_recvmsg", do_recv },
	{ "socket_setsockopt", do_setsockopt },
	{ "socket_getsockopt", do_getsockopt },
	{ "file_ioctl", do_ioctl },
	{ "socket_shutdown", do_shutdown },
};

/* The numbers of user and inode that the host shows of a UDP socket */
static void look_up(uint16_t port, unsigned int *uid, unsigned long *inode)
{
	FILE *file = fopen("/proc/net/udp", "r");
	unsigned int found;
	char line[256];

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, " %*d: %*x:%x %*x:%*x %*x %*x:%*x %*x:%*x %*x %u %*u %lu",
			   &found, uid, inode) == 3 && found == port) {
			fclose(file);
			return;
		}
	fail("the host shows no socket at port %u", port);
}

static void expect_line(const char *path, const char *wanted)
{
	FILE *file = fopen(path, "r");
	char line[256];

	while (file && fgets(line, sizeof(line), file))
		if (!strcmp(line, wanted)) {
			fclose(file);
			return;
		}
	fail("%s has no line %s", path, wanted);
}

/*
 * The guest's sockets are those of the VMM's user, without the rights that it has
 * besides, and the host's security modules are asked before each operation.
 */
void test_rights(void)
{
	int fd = open_device(), priority = 7;
	struct ends ends;
	unsigned long inode;
	unsigned int uid;
	char line[64];
	struct vm vm;
	long socket, ret;

	create_vm(&vm);
	hold_as_user(fd, 64);
	again(&vm);

	socket = create(&vm, SOCK_DGRAM);
	ret = set_option(&vm, socket, SOL_SOCKET, SO_PRIORITY, &priority, sizeof(priority));
	if (ret != -EPERM)
		fail("the guest has rights of the VMM: %ld", ret);
	ret = try_name(&vm, EK_OP_BIND, socket, INADDR_LOOPBACK, 700);
	if (ret)
		fail("binding to a low port: %ld", ret);
	look_up(700, &uid, &inode);
	if (uid != USER)
		fail("the socket is that of user %u", uid);
	/* From here on, only what the guest does is the user's. */
	must(setresuid(0, 0, 0));
	snprintf(line, sizeof(line), "%d %lu\n", getpid(), inode);
	expect_line("/proc/ek_host_sockets", line);

	ends.listener = create(&vm, SOCK_STREAM);
	listen_at(&vm, ends.listener, PORT);
	native_client(PORT);
	native_client(PORT);
	ends.connected = try_accept(&vm, ends.listener);
	if (ends.connected < 0)
		fail("accepting: %ld", ends.connected);
	for (size_t i = 0; i < sizeof(hooks) / sizeof(hooks[0]); i++) {
		int program = refuse(hooks[i].name);

		ret = hooks[i].run(&vm, &ends);
		if (ret != -EPERM)
			fail("%s is not asked: %ld", hooks[i].name, ret);
		close(program);
		ret = hooks[i].run(&vm, &ends);
		if (ret < 0)
			fail("%s refuses when nobody does: %ld", hooks[i].name, ret);
	}
}
