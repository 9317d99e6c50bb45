// SPDX-License-Identifier: Apache-2.0
#include "guest.h"

#include <string.h>
#include <sys/socket.h>

#include "address.h"
#include "fail.h"
#include "operator.h"
#include "process.h"

void attached(struct vm *vm)
{
	create_vm(vm);
	attach("keep");
	setup(vm);
}

long try_setup_version(struct vm *vm, uint32_t version)
{
	struct ek_header *header = (void *)(vm->memory + REGION);

	header->version = version;
	header->slots = 1;
	header->ring_entries = RING_ENTRIES;
	return hypercall(vm, EK_SETUP, REGION, REGION_BYTES);
}

long try_setup(struct vm *vm)
{
	return try_setup_version(vm, EK_VMRPC_VERSION);
}

static void expect_region(long err)
{
	if (err)
		fail("the region is refused: %ld", err);
}

void setup(struct vm *vm)
{
	expect_region(try_setup(vm));
}

void again(struct vm *vm)
{
	long err;

	while ((err = try_setup(vm)) == -EAGAIN)
		pause_ms(100);
	expect_region(err);
}

struct ek_slot *slot_of(const struct vm *vm)
{
	return (void *)(vm->memory + SLOT_ADDRESS);
}

struct ek_request *request_of(struct vm *vm)
{
	struct ek_request *request = &slot_of(vm)->request;

	memset(request, 0, sizeof(*request));
	return request;
}

long call(struct vm *vm, uint32_t operation, long socket)
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

long try_create(struct vm *vm, int type)
{
	request_of(vm)->arg = (uint64_t)AF_INET << 32 | type << 16;
	return call(vm, EK_OP_CREATE, 0);
}

long create(struct vm *vm, int type)
{
	long id = try_create(vm, type);

	if (id < 0)
		fail("a socket cannot be created: %ld", id);
	return id;
}

long try_name(struct vm *vm, uint32_t operation, long socket, in_addr_t host, uint16_t port)
{
	struct sockaddr_in address = ipv4_address(host, port);

	request_of(vm)->address_bytes = sizeof(address);
	memcpy(slot_of(vm)->address, &address, sizeof(address));
	return call(vm, operation, socket);
}

void name(struct vm *vm, uint32_t operation, long socket, uint16_t port)
{
	long err = try_name(vm, operation, socket, INADDR_LOOPBACK, port);

	if (err)
		fail("operation %u with port %u: %ld", operation, port, err);
}

long try_listen(struct vm *vm, long socket, int backlog)
{
	request_of(vm)->arg = backlog;
	return call(vm, EK_OP_LISTEN, socket);
}

void listen_at(struct vm *vm, long socket, uint16_t port)
{
	name(vm, EK_OP_BIND, socket, port);
	if (try_listen(vm, socket, 16))
		fail("the VM cannot listen");
}

long try_accept(struct vm *vm, long listener)
{
	request_of(vm);
	return call(vm, EK_OP_ACCEPT, listener);
}

long transfer(struct vm *vm, uint32_t operation, long socket, uint32_t buffer)
{
	request_of(vm)->segments = 1;
	slot_of(vm)->segments[0] = (struct ek_segment){ .address = buffer, .bytes = 4 };
	return call(vm, operation, socket);
}

long set_option(struct vm *vm, long socket, int level, int option, const void *value, size_t bytes)
{
	struct ek_request *request = request_of(vm);

	request->level = level;
	request->name = option;
	request->data_bytes = bytes;
	memcpy(slot_of(vm)->data, value, bytes);
	return call(vm, EK_OP_SETSOCKOPT, socket);
}

bool throttled(struct vm *vm, long result)
{
	return result == -EAGAIN && slot_of(vm)->reply.flags & EK_THROTTLED;
}

long armed(struct vm *vm, uint16_t port)
{
	long socket = create(vm, SOCK_DGRAM);
	long ret;

	name(vm, EK_OP_BIND, socket, port);
	ret = transfer(vm, EK_OP_RECV, socket, BUFFER);
	if (ret != -EAGAIN)
		fail("an empty socket has received: %ld", ret);
	return socket;
}
