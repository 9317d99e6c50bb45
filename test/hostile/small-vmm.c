// SPDX-License-Identifier: Apache-2.0
/*
 * A VMM that fits on a few pages, so that a test can be what no guest of QEMU's can be: a VMM with two VMs,
 * one whose memory never arrives, one that is gone in the middle of a call. Its "guest" is two instructions,
 * a hypercall and a halt; all that a guest's kernel would do (docs/vmrpc.md) this program does in its place.
 *
 *   small-vmm TEST   prints nothing and returns 0, or says what is wrong and returns 1
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/kvm.h>
#include <linux/sockios.h>
#include <linux/userfaultfd.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/fsuid.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ek_vmrpc.h"

#define MEMORY_BYTES	(4u << 20)
/* guest physical addresses */
#define CODE		0x1000u
#define BUFFER		0x2000u
#define REGION		0x100000u

#define RING_ENTRIES	EK_MIN_RING
/* what KVM answers to a hypercall that nobody takes */
#define NOT_ATTACHED	(-1000)
/* Longer than anything here takes on the lab's clock, and short enough to wait for. */
#define PATIENCE_S	20
/* the user of a VMM that is not root */
#define USER		4242

struct vm {
	int		fd;
	int		vcpu;
	struct kvm_run	*run;
	uint8_t		*memory;
};

static void fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

static void fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
	exit(1);
}

#define must(what)						\
	({							\
		long must_ret = (long)(what);			\
		if (must_ret < 0)				\
			fail("%s: %s", #what, strerror(errno));	\
		must_ret;					\
	})

static struct ek_slot *slot_of(const struct vm *vm)
{
	return (void *)(vm->memory + REGION + (1 + ek_ring_pages(RING_ENTRIES)) * EK_PAGE);
}

static void set_memory(const struct vm *vm, uint32_t flags)
{
	struct kvm_userspace_memory_region slot = {
		.flags = flags,
		.memory_size = MEMORY_BYTES,
		.userspace_addr = (uintptr_t)vm->memory,
	};

	must(ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, &slot));
}

static void create_vm(struct vm *vm)
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

static long hypercall(struct vm *vm, uint64_t function, uint64_t arg0, uint64_t arg1)
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

static long setup(struct vm *vm)
{
	struct ek_header *header = (void *)(vm->memory + REGION);

	header->version = EK_VMRPC_VERSION;
	header->slots = 1;
	header->ring_entries = RING_ENTRIES;
	return hypercall(vm, EK_SETUP, REGION, ek_region_pages(RING_ENTRIES, 1) * EK_PAGE);
}

/* Makes the call whose request is in the slot. */
static long call(struct vm *vm, uint32_t operation, long socket)
{
	struct ek_slot *slot = slot_of(vm);
	long err;

	slot->request.operation = operation;
	slot->request.socket = socket;
	err = hypercall(vm, EK_CALL, 0, 0);
	if (err)
		fail("call %u is refused: %ld", operation, err);
	return slot->reply.result;
}

static struct ek_request *request_of(struct vm *vm)
{
	struct ek_request *request = &slot_of(vm)->request;

	memset(request, 0, sizeof(*request));
	return request;
}

static long create(struct vm *vm, int type)
{
	long id;

	request_of(vm)->arg = (uint64_t)AF_INET << 32 | type << 16;
	id = call(vm, EK_OP_CREATE, 0);
	if (id < 0)
		fail("a socket cannot be created: %ld", id);
	return id;
}

static long try_name(struct vm *vm, uint32_t operation, long socket, in_addr_t host,
		     uint16_t port)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(host),
	};

	request_of(vm)->address_bytes = sizeof(address);
	memcpy(slot_of(vm)->address, &address, sizeof(address));
	return call(vm, operation, socket);
}

static void name(struct vm *vm, uint32_t operation, long socket, uint16_t port)
{
	long err = try_name(vm, operation, socket, INADDR_LOOPBACK, port);

	if (err)
		fail("operation %u with port %u: %ld", operation, port, err);
}

static long transfer(struct vm *vm, uint32_t operation, long socket, uint32_t buffer)
{
	request_of(vm)->segments = 1;
	slot_of(vm)->segments[0] = (struct ek_segment){ .address = buffer, .bytes = 4 };
	return call(vm, operation, socket);
}

static int open_device(void)
{
	return must(open("/dev/ek_host", O_WRONLY | O_CLOEXEC));
}

static int tell(int fd, const char *format, ...) __attribute__((format(printf, 2, 3)));

static int tell(int fd, const char *format, ...)
{
	char text[128];
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return write(fd, text, length) == length ? 0 : -errno;
}

/* @how: further words. The attachment lasts until the file is closed. */
static int hold(int fd, unsigned int sockets, const char *how)
{
	return tell(fd, "attach pid=%d sockets=%u notification=idle %s", getpid(), sockets, how);
}

static void attach(const char *how)
{
	int fd = open_device(), err = hold(fd, 16, how);

	if (err)
		fail("attaching (%s): %s", how, strerror(-err));
	close(fd);
}

static int detach(pid_t pid)
{
	int fd = open_device(), err = tell(fd, "detach pid=%d", pid);

	close(fd);
	return err;
}

static void attached(struct vm *vm)
{
	long err;

	create_vm(vm);
	attach("keep");
	err = setup(vm);
	if (err)
		fail("the region is refused: %ld", err);
}

/* Runs @run in a process of its own, which ends with this one. */
static pid_t start(void (*run)(int to_parent), int *from_child)
{
	int ends[2];
	pid_t pid;

	must(pipe2(ends, O_CLOEXEC));
	fflush(stdout);
	pid = must(fork());
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(ends[0]);
		run(ends[1]);
		exit(0);
	}
	close(ends[1]);
	*from_child = ends[0];
	return pid;
}

static bool ends_in_time(pid_t pid)
{
	for (int i = 0; i < PATIENCE_S * 100; i++) {
		int status;
		pid_t ended = must(waitpid(pid, &status, WNOHANG));

		if (ended) {
			if (WIFEXITED(status) && WEXITSTATUS(status))
				exit(1);
			return true;
		}
		nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
	}
	return false;
}

static void say(int to)
{
	must(write(to, "", 1));
}

static void expect_word(int from, const char *what)
{
	char byte;

	if (read(from, &byte, 1) != 1)
		fail("%s: the process has ended", what);
}

/* A VM must not reach what another VM of the same VMM has. */
static void test_other_vm(void)
{
	struct vm vm, other;
	long socket, ret;

	attached(&vm);
	create_vm(&other);
	socket = create(&vm, SOCK_DGRAM);
	memset(request_of(&vm), 0, sizeof(struct ek_request));
	ret = hypercall(&other, EK_CALL, 0, 0);
	if (!ret)
		fail("another VM of the process has made a call");
	ret = hypercall(&other, EK_RESET, 0, 0);
	if (!ret)
		fail("another VM of the process has taken the region away");
	if (!setup(&other))
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
	ret = setup(&vm);
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
	err = setup(&vm);
	if (err)
		fail("the region is refused: %d", err);
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
static void test_stuck(void)
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

static int native_listener(uint16_t port)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = must(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));

	must(setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &(int){ 1 }, sizeof(int)));
	must(bind(fd, (void *)&address, sizeof(address)));
	must(listen(fd, 16));
	return fd;
}

static int native_client(uint16_t port)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = must(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));

	must(connect(fd, (void *)&address, sizeof(address)));
	return fd;
}

static void write_file(const char *path, const char *text)
{
	int fd = must(open(path, O_WRONLY | O_CLOEXEC));

	must(write(fd, text, strlen(text)));
	close(fd);
}

/*
 * With net.ipv4.tcp_migrate_req, connections that a listener has not accepted go to another one of its port
 * when it closes, here from a VM's to one of a process of the host. They must have nothing of ek_host's.
 */
static void test_migrated_connection(void)
{
	struct vm vm;
	long listener;
	int native, client, accepted;
	char byte;

	write_file("/proc/sys/net/ipv4/tcp_migrate_req", "1");
	attached(&vm);
	listener = create(&vm, SOCK_STREAM);
	request_of(&vm)->level = SOL_SOCKET;
	slot_of(&vm)->request.name = SO_REUSEPORT;
	slot_of(&vm)->request.data_bytes = sizeof(int);
	memcpy(slot_of(&vm)->data, &(int){ 1 }, sizeof(int));
	if (call(&vm, EK_OP_SETSOCKOPT, listener))
		fail("SO_REUSEPORT is refused");
	name(&vm, EK_OP_BIND, listener, 3000);
	request_of(&vm)->arg = 16;
	if (call(&vm, EK_OP_LISTEN, listener))
		fail("the VM cannot listen");

	client = native_client(3000);
	native = native_listener(3000);
	request_of(&vm);
	call(&vm, EK_OP_RELEASE, listener);
	accepted = must(accept4(native, NULL, NULL, SOCK_CLOEXEC));
	if (system("rmmod ek_host"))
		fail("ek_host cannot be unloaded");
	for (int i = 0; i < 100; i++) {
		must(write(client, "x", 1));
		must(read(accepted, &byte, 1));
	}
	must(shutdown(client, SHUT_RDWR));
	if (must(read(accepted, &byte, 1)))
		fail("the connection goes on after its end");
}

static void send_natively(uint16_t port)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = must(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));

	must(sendto(fd, "data", 4, 0, (void *)&address, sizeof(address)));
	close(fd);
}

/* A socket that the host has been told to send an event of. */
static long armed(struct vm *vm, uint16_t port)
{
	long socket = create(vm, SOCK_DGRAM);
	long ret;

	name(vm, EK_OP_BIND, socket, port);
	ret = transfer(vm, EK_OP_RECV, socket, BUFFER);
	if (ret != -EAGAIN)
		fail("an empty socket has received: %ld", ret);
	return socket;
}

/* A VM that its VMM resets: its memory is no longer the host's, whatever arrives. */
static void test_reset(void)
{
	struct kvm_mp_state runnable = { .mp_state = KVM_MP_STATE_RUNNABLE };
	size_t bytes = ek_region_pages(RING_ENTRIES, 1) * EK_PAGE;
	struct vm vm;
	long ret;

	attached(&vm);
	armed(&vm, 4000);
	must(ioctl(vm.vcpu, KVM_SET_MP_STATE, &runnable));
	memset(vm.memory + REGION, 0xa5, bytes);
	send_natively(4000);
	sleep(1);
	for (size_t i = 0; i < bytes; i++)
		if (vm.memory[REGION + i] != 0xa5)
			fail("byte %zu of the region was written after the reset", i);
	ret = hypercall(&vm, EK_CALL, 0, 0);
	if (ret != -ENXIO)
		fail("a call after the reset: %ld", ret);

	memset(vm.memory + REGION, 0, bytes);
	ret = setup(&vm);
	if (ret)
		fail("the next kernel's region is refused: %ld", ret);
	armed(&vm, 4000);
}

/* What the host writes to a VM's memory is dirty, so that migration copies it. */
static void test_dirty(void)
{
	static uint64_t bitmap[MEMORY_BYTES / EK_PAGE / 64];
	struct kvm_dirty_log log = { .dirty_bitmap = bitmap };
	uint32_t ring = REGION + EK_PAGE, slot = ring + ek_ring_pages(RING_ENTRIES) * EK_PAGE;
	struct vm vm;
	long socket;

	attached(&vm);
	socket = armed(&vm, 5000);
	set_memory(&vm, KVM_MEM_LOG_DIRTY_PAGES);
	send_natively(5000);
	sleep(1);
	must(ioctl(vm.fd, KVM_GET_DIRTY_LOG, &log));
	for (uint32_t page = 0; page < MEMORY_BYTES; page += EK_PAGE)
		if ((bitmap[page / EK_PAGE / 64] >> page / EK_PAGE % 64 & 1) != (page == ring))
			fail("an event: page %#x is wrong in the log", page);
	if (transfer(&vm, EK_OP_RECV, socket, BUFFER) != 4)
		fail("nothing was received");
	must(ioctl(vm.fd, KVM_GET_DIRTY_LOG, &log));
	for (uint32_t page = 0; page < MEMORY_BYTES; page += EK_PAGE)
		if ((bitmap[page / EK_PAGE / 64] >> page / EK_PAGE % 64 & 1) !=
		    (page == slot || page == BUFFER))
			fail("a call: page %#x is wrong in the log", page);
}

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
static void test_held(void)
{
	static const char *const nonsense[] = {
		"attach", "attach pid=1", "attach pid=1 sockets=1 notification=pigeon",
		"attach pid=1 sockets=1 notification=idle notification=interrupt",
		"attach pid=1 sockets=1 sockets=2 notification=idle",
		"attach pid=-1 sockets=1 notification=idle",
		"attach pid=1 sockets=1 notification=idle idle", "detach", "detach pid=1 keep",
		"detach pid=", "", " ", "reset pid=1",
	};
	struct vm vm;
	pid_t pid;
	int from, fd = open_device();
	long ret = 0;

	for (size_t i = 0; i < sizeof(nonsense) / sizeof(nonsense[0]); i++)
		if (*nonsense[i] && tell(fd, "%s", nonsense[i]) != -EINVAL)
			fail("a command is not refused: %s", nonsense[i]);
	create_vm(&vm);
	pid = start(holder, &from);
	expect_word(from, "holding");
	ret = setup(&vm);
	if (ret)
		fail("the region is refused: %ld", ret);
	armed(&vm, 6000);
	if (hold(fd, 16, "shared-netns") != -EEXIST)
		fail("a VM is attached twice");
	must(kill(pid, SIGKILL));
	must(waitpid(pid, NULL, 0));
	for (int i = 0; i < PATIENCE_S * 100 && ret != NOT_ATTACHED; i++) {
		ret = hypercall(&vm, EK_CHECK, 0, 0);
		nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
	}
	if (ret != NOT_ATTACHED)
		fail("the holder is gone, and the VM attached: %ld", ret);
	must(hold(fd, 16, ""));
	ret = setup(&vm);
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
static void test_namespace(void)
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
	if (setup(&vm))
		fail("the region is refused");
	armed(&vm, 7000);
	send_natively(7000);
	if (transfer(&vm, EK_OP_RECV, 0, BUFFER) != 4)
		fail("the socket is in another namespace");
	if (!tell(fd, "detach pid=%d", fd))
		fail("a process without a VM is detached");
}

static long set_option(struct vm *vm, long socket, int level, int option, const void *value,
		       size_t bytes)
{
	request_of(vm)->level = level;
	slot_of(vm)->request.name = option;
	slot_of(vm)->request.data_bytes = bytes;
	memcpy(slot_of(vm)->data, value, bytes);
	return call(vm, EK_OP_SETSOCKOPT, socket);
}

static bool throttled(struct vm *vm, long result)
{
	return result == -EAGAIN && slot_of(vm)->reply.flags & EK_THROTTLED;
}

/* As a guest's kernel waits that has asked too often */
static long set_patiently(struct vm *vm, long socket, int option, const struct ip_mreqn *mreq)
{
	long ret;

	while (throttled(vm, ret = set_option(vm, socket, SOL_IP, option, mreq, sizeof(*mreq))))
		nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
	return ret;
}

/* Closes all: the next kernel's sockets have other names. */
static void again(struct vm *vm)
{
	long ret;

	while ((ret = setup(vm)) == -EAGAIN)
		nanosleep(&(struct timespec){ .tv_nsec = 100000000 }, NULL);
	if (ret)
		fail("the region is refused: %ld", ret);
}

static unsigned int count_sharers(struct vm *vm, uint16_t port)
{
	unsigned int count = 0;

	for (int i = 0; i < 100; i++) {
		long socket = create(vm, SOCK_DGRAM), ret;

		if (set_option(vm, socket, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int)))
			fail("SO_REUSEADDR is refused");
		ret = try_name(vm, EK_OP_BIND, socket, INADDR_ANY, port);
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

/* What a VM may have at once; a region that follows another one begins with nothing. */
static void test_limits(void)
{
	struct rlimit files = { 32, 32 }, none = { 0, 0 }, before;
	unsigned int n;
	struct vm vm;
	int fd = open_device();
	long ret;

	create_vm(&vm);
	must(hold(fd, 200, ""));
	again(&vm);
	n = count_sharers(&vm, 8000);
	if (n != 64)
		fail("%u sockets share a port", n);
	again(&vm);
	n = count_sharers(&vm, 8000);
	if (n != 64)
		fail("%u sockets share a port after others", n);
	again(&vm);
	n = count_memberships(&vm);
	if (n != 256)
		fail("%u memberships", n);
	again(&vm);
	n = count_memberships(&vm);
	if (n != 256)
		fail("%u memberships after others", n);

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
	request_of(&vm)->arg = (uint64_t)AF_INET << 32 | SOCK_DGRAM << 16;
	ret = call(&vm, EK_OP_CREATE, 0);
	if (ret != -EMFILE)
		fail("more sockets than open files: %ld", ret);
	must(setrlimit(RLIMIT_NOFILE, &before));

	must(setrlimit(RLIMIT_MEMLOCK, &none));
	again(&vm);
	must(setresuid(USER, USER, 0));
	ret = setup(&vm);
	if (ret != -ENOMEM)
		fail("more pinned memory than locked memory: %ld", ret);
	must(setresuid(0, 0, 0));
}

/* What others pay for is not done at the VM's will. */
static void test_budgets(void)
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
		ret = setup(&vm);
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
	((struct ek_header *)(vm.memory + REGION))->version = 1;
	for (int i = 0; i < 100; i++) {
		ret = hypercall(&vm, EK_SETUP, REGION, ek_region_pages(RING_ENTRIES, 1) * EK_PAGE);
		if (ret != -EINVAL)
			fail("a version that was: %ld", ret);
	}
}

static long bpf(int cmd, union bpf_attr *attr)
{
	return syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

/* Number of bytes behind a type of the kernel's own description of itself */
static size_t behind(const struct btf_type *type)
{
	unsigned int vlen = BTF_INFO_VLEN(type->info);

	switch (BTF_INFO_KIND(type->info)) {
	case BTF_KIND_INT:
	case BTF_KIND_VAR:
	case BTF_KIND_DECL_TAG:
		return 4;
	case BTF_KIND_ARRAY:
		return sizeof(struct btf_array);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
	case BTF_KIND_DATASEC:
	case BTF_KIND_ENUM64:
		return vlen * 12;
	case BTF_KIND_ENUM:
	case BTF_KIND_FUNC_PROTO:
		return vlen * 8;
	}
	return 0;
}

static unsigned int function_id(const char *wanted)
{
	static char *btf;
	static size_t bytes;
	const struct btf_header *header;
	const char *at, *end;

	if (!btf) {
		int fd = must(open("/sys/kernel/btf/vmlinux", O_RDONLY | O_CLOEXEC));
		ssize_t n;

		btf = malloc(64 << 20);
		while ((n = must(read(fd, btf + bytes, (64 << 20) - bytes))))
			bytes += n;
		close(fd);
	}
	header = (void *)btf;
	at = btf + header->hdr_len + header->type_off;
	end = at + header->type_len;
	for (unsigned int id = 1; at < end; id++) {
		const struct btf_type *type = (void *)at;
		const char *text = btf + header->hdr_len + header->str_off + type->name_off;

		if (BTF_INFO_KIND(type->info) == BTF_KIND_FUNC && !strcmp(text, wanted))
			return id;
		at += sizeof(*type) + behind(type);
	}
	fail("the kernel has no function %s", wanted);
}

/* Has a program of a security module refuse a user's operation, until it is closed. */
static int refuse(const char *operation)
{
	static const struct bpf_insn program[] = {
		{ BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_get_current_uid_gid },
		{ BPF_ALU | BPF_MOV | BPF_X, BPF_REG_1, BPF_REG_0, 0, 0 },
		{ BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 0 },
		{ BPF_JMP | BPF_JNE | BPF_K, BPF_REG_1, 0, 1, USER },
		{ BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, -EPERM },
		{ BPF_JMP | BPF_EXIT, 0, 0, 0, 0 },
	};
	union bpf_attr load = {
		.prog_type = BPF_PROG_TYPE_LSM,
		.expected_attach_type = BPF_LSM_MAC,
		.insns = (uintptr_t)program,
		.insn_cnt = sizeof(program) / sizeof(program[0]),
		.license = (uintptr_t)"GPL",
	}, open = { };
	char function[64];
	int fd;

	snprintf(function, sizeof(function), "bpf_lsm_%s", operation);
	load.attach_btf_id = function_id(function);
	fd = must(bpf(BPF_PROG_LOAD, &load));
	open.raw_tracepoint.prog_fd = fd;
	return must(bpf(BPF_RAW_TRACEPOINT_OPEN, &open));
}

/* A listener that has a connection to accept, and a connected socket */
struct ends {
	long	listener;
	long	connected;
};

static long do_create(struct vm *vm, const struct ends *ends)
{
	(void)ends;
	request_of(vm)->arg = (uint64_t)AF_INET << 32 | SOCK_DGRAM << 16;
	return call(vm, EK_OP_CREATE, 0);
}

static long do_bind(struct vm *vm, const struct ends *ends)
{
	(void)ends;
	return try_name(vm, EK_OP_BIND, create(vm, SOCK_DGRAM), INADDR_ANY, 0);
}

static long do_connect(struct vm *vm, const struct ends *ends)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(9000),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	long socket = create(vm, SOCK_DGRAM);

	(void)ends;
	request_of(vm)->address_bytes = sizeof(address);
	memcpy(slot_of(vm)->address, &address, sizeof(address));
	return call(vm, EK_OP_CONNECT, socket);
}

static long do_listen(struct vm *vm, const struct ends *ends)
{
	(void)ends;
	request_of(vm)->arg = 1;
	return call(vm, EK_OP_LISTEN, create(vm, SOCK_STREAM));
}

static long do_accept(struct vm *vm, const struct ends *ends)
{
	request_of(vm);
	return call(vm, EK_OP_ACCEPT, ends->listener);
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
	request_of(vm)->level = SOL_SOCKET;
	slot_of(vm)->request.name = SO_KEEPALIVE;
	slot_of(vm)->request.arg = sizeof(int);
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
static void test_rights(void)
{
	int fd = open_device(), priority = 7;
	struct ends ends;
	unsigned long inode;
	unsigned int uid;
	char line[64];
	struct vm vm;
	long socket, ret;

	create_vm(&vm);
	/* It may attach itself, and have programs refuse what it does. */
	must(setresuid(USER, 0, 0));
	setfsuid(USER);
	must(hold(fd, 64, ""));
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
	name(&vm, EK_OP_BIND, ends.listener, 9000);
	request_of(&vm)->arg = 16;
	if (call(&vm, EK_OP_LISTEN, ends.listener))
		fail("the VM cannot listen");
	native_client(9000);
	native_client(9000);
	request_of(&vm);
	ends.connected = call(&vm, EK_OP_ACCEPT, ends.listener);
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

static const struct {
	const char	*name;
	void		(*run)(void);
} tests[] = {
	{ "other-vm", test_other_vm },
	{ "stuck", test_stuck },
	{ "reset", test_reset },
	{ "dirty", test_dirty },
	{ "held", test_held },
	{ "namespace", test_namespace },
	{ "limits", test_limits },
	{ "budgets", test_budgets },
	{ "rights", test_rights },
	{ "migrated-connection", test_migrated_connection },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc == 2 && i < sizeof(tests) / sizeof(tests[0]); i++)
		if (!strcmp(argv[1], tests[i].name)) {
			tests[i].run();
			return 0;
		}
	fprintf(stderr, "usage: small-vmm TEST\n");
	return 2;
}
