// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests: they are valid when they are made, and most are then spoilt in one or
 * a few places, so that what is wrong is found late.
 */
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/kvm_para.h>
#include <linux/minmax.h>
#include <linux/poll.h>
#include <linux/socket.h>
#include <linux/string.h>

#include "ek_fuzz.h"

u32 ek_random(struct ek_fuzzer *f)
{
	return prandom_u32_state(&f->random);
}

/* From 0 to @limit - 1 */
u32 ek_below(struct ek_fuzzer *f, u32 limit)
{
	return ((u64)ek_random(f) * limit) >> 32;
}

/* A number at the edge of something, or any. */
u32 ek_interesting(struct ek_fuzzer *f)
{
	static const u32 numbers[] = {
		0, 1, 2, 3, 4, 7, 8, 12, 15, 16, 17, 24, 27, 28, 29, 32, 63, 64, 65, 127,
		EK_ADDRESS_BYTES, EK_ADDRESS_BYTES + 1, 255, 256, 511, 512, 1023,
		EK_DATA_BYTES, EK_DATA_BYTES + 1, 4095, 4096, 4097, U16_MAX, U16_MAX + 1,
		S32_MAX, (u32)S32_MIN, U32_MAX - 1, U32_MAX,
	};

	return ek_one_in(f, 4) ? ek_random(f) : numbers[ek_below(f, ARRAY_SIZE(numbers))];
}

static void count(u32 *outcomes, long result)
{
	outcomes[result >= 0 ? 0 : min(-result, EK_OUTCOMES - 1L)]++;
}

long ek_hypercall(struct ek_fuzzer *f, u64 function, u64 arg0, u64 arg1)
{
	long result = kvm_hypercall3(EK_HYPERCALL, function, arg0, arg1);
	u64 row = function > EK_CHECK || !function ? EK_UNKNOWN_FUNCTION : function;

	f->tally->calls++;
	count(f->tally->functions[row], result);
	return result;
}

/*
 * Begins a request, in the slot of this CPU or, sometimes, in another one's. There
 * are fewer slots than CPUs in some regions.
 */
struct ek_slot *ek_request(struct ek_fuzzer *f, u32 operation, u32 socket)
{
	const struct ek_layout *layout = ek_current_layout();

	f->number = ek_one_in(f, 32) ? ek_below(f, layout->slots) : f->cpu % layout->slots;
	f->slot = ek_slot(layout, f->number);
	f->slot->request = (struct ek_request){
		.operation	= operation,
		.socket		= socket,
	};
	return f->slot;
}

/* The loopback address. */
void ek_put_address(struct ek_fuzzer *f, struct ek_slot *slot, int family, u16 port)
{
	if (family == AF_INET) {
		struct sockaddr_in address = {
			.sin_family	 = AF_INET,
			.sin_port	 = htons(port),
			.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		};

		memcpy(slot->address, &address, sizeof(address));
		slot->request.address_bytes = sizeof(address);
	} else {
		struct sockaddr_in6 address = {
			.sin6_family	= AF_INET6,
			.sin6_port	= htons(port),
			.sin6_addr	= IN6ADDR_LOOPBACK_INIT,
		};

		memcpy(slot->address, &address, sizeof(address));
		slot->request.address_bytes = sizeof(address);
	}
}

void ek_put_segments(struct ek_fuzzer *f, struct ek_slot *slot, u32 count)
{
	u32 i;

	for (i = 0; i < count; i++)
		ek_set_segment(f, &slot->segments[i]);
	slot->request.segments = count;
}

static void spoil_address(struct ek_fuzzer *f, struct ek_slot *slot)
{
	static const u8 v4[][4] = {
		{ 0, 0, 0, 0 }, { 255, 255, 255, 255 }, { 224, 0, 0, 1 }, { 192, 0, 2, 1 },
		{ 192, 0, 2, 255 }, { 198, 51, 100, 1 }, { 127, 0, 0, 2 },
	};
	u8 *byte = &slot->address[ek_below(f, EK_ADDRESS_BYTES)];

	switch (ek_below(f, 5)) {
	case 0:
		memcpy(&slot->address[offsetof(struct sockaddr_in, sin_addr)],
		       v4[ek_below(f, ARRAY_SIZE(v4))], sizeof(v4[0]));
		break;
	case 1:
		WRITE_ONCE(slot->address[0], ek_below(f, AF_MAX + 2));
		break;
	case 2:
		/* ::, and multicast */
		memset(&slot->address[offsetof(struct sockaddr_in6, sin6_addr)],
		       ek_one_in(f, 2) ? 0 : 0xff, sizeof(struct in6_addr));
		break;
	default:
		WRITE_ONCE(*byte, ek_random(f));
	}
}

/* Changes one thing of what is in @slot, which another CPU may be using. */
static void spoil_one(struct ek_fuzzer *f, struct ek_slot *slot)
{
	struct ek_request *request = &slot->request;
	u32 *const fields[] = {
		&request->operation, &request->socket, &request->flags, &request->message_flags,
		&request->level, &request->name, &request->segments, &request->address_bytes,
		&request->data_bytes, &request->inline_bytes,
	};
	u32 *field = fields[ek_below(f, ARRAY_SIZE(fields))];

	switch (ek_below(f, 13)) {
	case 0:
		WRITE_ONCE(*field, ek_interesting(f));
		break;
	case 1:
		WRITE_ONCE(*field, READ_ONCE(*field) ^ BIT(ek_below(f, 32)));
		break;
	case 2:
		WRITE_ONCE(request->operation, ek_below(f, EK_OP_NR + 1));
		break;
	case 3:
		WRITE_ONCE(request->socket, ek_below(f, 64));
		break;
	case 4:
		WRITE_ONCE(request->message_flags, ek_random(f));
		break;
	case 5:
		WRITE_ONCE(request->arg, (u64)ek_interesting(f) << ek_below(f, 33) |
					 ek_interesting(f));
		break;
	case 6:
		WRITE_ONCE(request->segments, ek_below(f, EK_MAX_SEGMENTS + 2));
		break;
	case 7:
		WRITE_ONCE(request->address_bytes, ek_below(f, EK_ADDRESS_BYTES + 2));
		spoil_address(f, slot);
		break;
	case 8:
		WRITE_ONCE(request->data_bytes, ek_below(f, EK_DATA_BYTES + 2));
		break;
	case 9:
		WRITE_ONCE(slot->data[ek_below(f, 64)], ek_random(f));
		break;
	case 10:
		ek_spoil_segment(f, &slot->segments[ek_below(f, request->segments + 1) %
						    EK_MAX_SEGMENTS]);
		break;
	case 11:
		WRITE_ONCE(request->flags, ek_below(f, 2 * EK_CONTINUED));
		break;
	case 12:
		WRITE_ONCE(request->inline_bytes, ek_below(f, EK_MESSAGE_BYTES + 2));
		break;
	}
}

/* Changes one to three things of what is in @slot. */
void ek_spoil(struct ek_fuzzer *f, struct ek_slot *slot)
{
	u32 n;

	for (n = 1 + ek_below(f, 3); n; n--)
		spoil_one(f, slot);
}

/* Has the host execute what ek_request() has begun. Returns the result of either. */
long ek_send_request(struct ek_fuzzer *f)
{
	u32 operation;
	long result;

	if (ek_one_in(f, f->spoilt_of))
		ek_spoil(f, f->slot);
	operation = READ_ONCE(f->slot->request.operation);
	if (!operation || operation > EK_UNKNOWN_OPERATION)
		operation = EK_UNKNOWN_OPERATION;
	result = ek_hypercall(f, EK_CALL, f->number, 0);
	if (result)
		return result;
	result = READ_ONCE(f->slot->reply.result);
	count(f->tally->operations[operation], result);
	return result;
}

long ek_simple(struct ek_fuzzer *f, u32 operation, u32 socket, u64 arg)
{
	ek_request(f, operation, socket)->request.arg = arg;
	return ek_send_request(f);
}

long ek_with_address(struct ek_fuzzer *f, u32 operation, u32 socket, int family, u16 port)
{
	ek_put_address(f, ek_request(f, operation, socket), family, port);
	return ek_send_request(f);
}

/* EK_OP_SEND to the peer, or EK_OP_RECV */
long ek_message(struct ek_fuzzer *f, u32 operation, u32 socket, u32 segments)
{
	ek_put_segments(f, ek_request(f, operation, socket), segments);
	return ek_send_request(f);
}
