/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a guest's kernel would do (docs/vmrpc.md), done by the VMM in its place: it gives the host a region,
 * writes requests to the only slot and makes calls.
 *
 * Functions try_* return what the host answers, a negative errno if it refuses. Those of the same name
 * without it end the test then.
 */
#ifndef GUEST_H
#define GUEST_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

#include "ek_vmrpc.h"
#include "vmm.h"

/* guest physical addresses */
#define BUFFER		0x2000u
#define REGION		0x100000u

#define RING_ENTRIES	EK_MIN_RING
#define REGION_BYTES	(ek_region_pages(RING_ENTRIES, 1) * EK_PAGE)
#define RING_ADDRESS	(REGION + EK_PAGE)
#define SLOT_ADDRESS	(RING_ADDRESS + ek_ring_pages(RING_ENTRIES) * EK_PAGE)

/* Makes a VM, attaches it until it ends, and gives its region. */
void attached(struct vm *vm);

/* Gives the host the region. */
long try_setup(struct vm *vm);
long try_setup_version(struct vm *vm, uint32_t version);
void setup(struct vm *vm);

/* Gives the region as soon as it may, which closes all sockets: the next ones have other names. */
void again(struct vm *vm);

struct ek_slot *slot_of(const struct vm *vm);

/* The request in the slot, cleared */
struct ek_request *request_of(struct vm *vm);

/* Makes the call whose request is in the slot, and returns its result. */
long call(struct vm *vm, uint32_t operation, long socket);

/* A socket of AF_INET */
long try_create(struct vm *vm, int type);
long create(struct vm *vm, int type);

/* Binds or connects; the one that has to succeed, on the loopback address. */
long try_name(struct vm *vm, uint32_t operation, long socket, in_addr_t host, uint16_t port);
void name(struct vm *vm, uint32_t operation, long socket, uint16_t port);

long try_listen(struct vm *vm, long socket, int backlog);
/* Binds to a port of the loopback address, and listens. */
void listen_at(struct vm *vm, long socket, uint16_t port);
long try_accept(struct vm *vm, long listener);

/* Sends or receives four bytes at a guest physical address. */
long transfer(struct vm *vm, uint32_t operation, long socket, uint32_t buffer);

long set_option(struct vm *vm, long socket, int level, int option, const void *value, size_t bytes);

/* Whether the call just made, with this result, is to be tried again in a while */
bool throttled(struct vm *vm, long result);

/* A socket of UDP that the host has been told to send an event of */
long armed(struct vm *vm, uint16_t port);

#endif
