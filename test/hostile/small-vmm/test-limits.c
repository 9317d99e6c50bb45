// SPDX-License-Identifier: Apache-2.0
/* How much of the host a VM may have at once, and how often it may do what others pay for. */
#define _GNU_SOURCE
#include <netinet/udp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fail.h"
#include "guest.h"
#include "native.h"
#include "operator.h"
#include "process.h"
#include "tests.h"

#define ORPHAN_PORT	8001
#define ORPHANS		8

/* As a guest's kernel waits that has asked too often */
static long set_patiently(struct vm *vm, long socket, int option, const struct ip_mreqn *mreq)
{
	long ret;

	while (throttled(vm, ret = set_option(vm, socket, SOL_IP, option, mreq, sizeof(*mreq))))
		pause_ms(10);
	return ret;
}

static unsigned int count_sharers(struct vm *vm)
{
	unsigned int count = 0;

	for (int i = 0; i < 100; i++) {
		long socket = create(vm, SOCK_DGRAM), ret;

		if (set_option(vm, socket, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int)))
			fail("SO_REUSEADDR is refused");
		ret = try_name(vm, EK_OP_BIND, socket, INADDR_ANY, 8000);
		if (!ret)
			count++;
		else if (ret != -EADDRINUSE)
			fail("binding to a shared port: %ld", ret);
	}
	return count;
}

static unsigned int count_memberships(struct vm *vm)
{
	unsigned int count = 0;

	for (int i = 0; i < 15; i++) {
		long socket = create(vm, SOCK_DGRAM), ret = 0;

		for (uint32_t j = 0; j < 20 && !ret; j++) {
			struct ip_mreqn mreq = {
				.imr_multiaddr.s_addr = htonl(0xefff0000 | j),
				.imr_address.s_addr = htonl(INADDR_LOOPBACK),
			};

			ret = set_patiently(vm, socket, IP_ADD_MEMBERSHIP, &mreq);
			count += !ret;
		}
		if (ret && ret != -ENOBUFS)
			fail("joining a group: %ld", ret);
	}
	return count;
}

/* A region that follows another one begins with nothing. */
static void expect_count(struct vm *vm, unsigned int (*count)(struct vm *vm), unsigned int wanted,
			 const char *what)
{
	static const char *const when[] = { "", " after others" };

	for (size_t i = 0; i < sizeof(when) / sizeof(when[0]); i++) {
		unsigned int n;

		again(vm);
		n = count(vm);
		if (n != wanted)
			fail("%u %s%s", n, what, when[i]);
	}
}

/* What a VM may have at once */
void test_limits(void)
{
	struct rlimit files = { 32, 32 }, none = { 0, 0 }, before;
	unsigned int n;
	struct vm vm;
	int fd = open_device();
	long ret;

	create_vm(&vm);
	must(hold(fd, 200, ""));
	expect_count(&vm, count_sharers, 64, "sockets share a port");
	expect_count(&vm, count_memberships, 256, "memberships");

	again(&vm);
	ret = create(&vm, SOCK_DGRAM);
	if (set_option(&vm, ret, SOL_IP, IP_FREEBIND, &(int){ 1 }, sizeof(int)) != -ENOPROTOOPT)
		fail("IP_FREEBIND is allowed");
	if (set_option(&vm, ret, SOL_SOCKET, SO_TIMESTAMP, &(int){ 1 }, sizeof(int)) ||
	    set_option(&vm, ret, SOL_UDP, UDP_GRO, &(int){ 1 }, sizeof(int)))
		fail("SO_TIMESTAMP or UDP_GRO is refused");
	must(getrlimit(RLIMIT_NOFILE, &before));
	must(setrlimit(RLIMIT_NOFILE, &files));
	for (n = 1; n < files.rlim_max; n++)
		create(&vm, SOCK_DGRAM);
	ret = try_create(&vm, SOCK_DGRAM);
	if (ret != -EMFILE)
		fail("more sockets than open files: %ld", ret);
	must(setrlimit(RLIMIT_NOFILE, &before));

	must(setrlimit(RLIMIT_MEMLOCK, &none));
	again(&vm);
	must(setresuid(USER, USER, 0));
	ret = try_setup(&vm);
	if (ret != -ENOMEM)
		fail("more pinned memory than locked memory: %ld", ret);
	must(setresuid(0, 0, 0));
}

/* Connects to a listener of this process, and sends until the peer takes no more. Returns the peer. */
static int connect_and_fill(struct vm *vm, long socket, int listener)
{
	long ret;
	int peer;

	if (set_option(vm, socket, SOL_SOCKET, SO_SNDBUF, &(int){ 4096 }, sizeof(int)))
		fail("SO_SNDBUF is refused");
	/* The host never waits: the connection is there by the second call. */
	while ((ret = try_name(vm, EK_OP_CONNECT, socket, INADDR_LOOPBACK, ORPHAN_PORT)))
		if (ret != -EINPROGRESS && ret != -EALREADY)
			fail("connecting: %ld", ret);
	peer = must(accept4(listener, NULL, NULL, SOCK_CLOEXEC));
	while ((ret = transfer(vm, EK_OP_SEND, socket, BUFFER)) != -EAGAIN)
		if (ret < 0)
			fail("sending: %ld", ret);
	return peer;
}

static int end_of(int peer)
{
	char bytes[4096];
	ssize_t ret;

	while ((ret = read(peer, bytes, sizeof(bytes))) > 0)
		;
	return ret ? errno : 0;
}

/*
 * A connection that is closed before the peer has taken all is left to the host's kernel. Of these, a VM
 * has as many as it may have sockets; the next one is reset.
 */
void test_orphans(void)
{
	int fd = open_device(), listener = native_listener(ORPHAN_PORT);
	int peers[ORPHANS + 2];
	struct vm vm;

	must(setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &(int){ 4096 }, sizeof(int)));
	create_vm(&vm);
	must(hold(fd, ORPHANS, ""));
	again(&vm);
	for (int i = 0; i < ORPHANS + 2; i++) {
		long socket = create(&vm, SOCK_STREAM);

		peers[i] = connect_and_fill(&vm, socket, listener);
		request_of(&vm);
		call(&vm, EK_OP_RELEASE, socket);
	}
	for (int i = 0; i < ORPHANS + 2; i++) {
		int wanted = i < ORPHANS ? 0 : ECONNRESET, err = end_of(peers[i]);

		if (err != wanted)
			fail("connection %d of %d ends with %s", i, ORPHANS, strerror(err));
	}
}

/* What others pay for is not done at the VM's will. */
void test_budgets(void)
{
	struct ip_mreqn mreq = {
		.imr_multiaddr.s_addr = htonl(0xefff0001),
		.imr_address.s_addr = htonl(INADDR_LOOPBACK),
	};
	unsigned int done = 0;
	struct vm vm;
	long ret, socket;

	attached(&vm);
	for (int i = 0; i < 40; i++) {
		ret = try_setup(&vm);
		if (ret && ret != -EAGAIN)
			fail("the region is refused: %ld", ret);
		done += !ret;
	}
	if (done == 40)
		fail("40 regions in a row");
	socket = create(&vm, SOCK_DGRAM);
	done = 0;
	for (int i = 0; i < 200; i++) {
		ret = set_option(&vm, socket, SOL_IP,
				 i % 2 ? IP_DROP_MEMBERSHIP : IP_ADD_MEMBERSHIP,
				 &mreq, sizeof(mreq));
		done += throttled(&vm, ret);
	}
	if (!done)
		fail("200 groups joined and left in a row");
	while ((ret = try_setup_version(&vm, 1)) == -EAGAIN)
		pause_ms(100);
	if (ret != -EINVAL)
		fail("a version that was: %ld", ret);
}
