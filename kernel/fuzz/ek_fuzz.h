/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef EK_FUZZ_H
#define EK_FUZZ_H

#include <linux/completion.h>
#include <linux/prandom.h>
#include <linux/types.h>
#include <uapi/linux/kvm_para.h>

#include "ek_vmrpc.h"

/*
 * What becomes of a call: 0 and above, or an errno; KVM's own are the highest. Of
 * operations that the host does not have, there is one row more.
 */
#define EK_OUTCOMES		(KVM_ENOSYS + 1)
#define EK_UNKNOWN_FUNCTION	(EK_CHECK + 1)
#define EK_UNKNOWN_OPERATION	EK_OP_NR

enum ek_attack {
	EK_ATTACK_DATAGRAMS,
	EK_ATTACK_DELIVERIES,
	EK_ATTACK_STREAMS,
	EK_ATTACK_STORM,
	EK_ATTACK_FLOOD,
	EK_ATTACK_LIMIT,
	EK_ATTACK_CROWD,
	EK_ATTACK_GROUPS,
	EK_ATTACK_OPTIONS,
	EK_ATTACK_IOCTLS,
	EK_ATTACK_SEGMENTS,
	EK_ATTACK_ANCILLARY,
	EK_ATTACK_ADDRESSES,
	EK_ATTACK_REQUESTS,
	EK_ATTACK_TAMPER,
	EK_ATTACK_RINGS,
	EK_ATTACK_SLOTS,
	EK_ATTACK_FUNCTIONS,
	EK_ATTACK_BAD_SETUP,
	EK_ATTACK_SETUP,
	EK_ATTACK_SETUPS,
	EK_ATTACK_RESET,
	EK_ATTACKS
};

struct ek_tally {
	u32	calls;
	u32	attacks[EK_ATTACKS];
	u32	functions[EK_UNKNOWN_FUNCTION + 1][EK_OUTCOMES];
	u32	operations[EK_UNKNOWN_OPERATION + 1][EK_OUTCOMES];
};

/* A thread that attacks; each CPU has one. */
struct ek_fuzzer {
	struct rnd_state	random;
	unsigned int		cpu;
	struct completion	ended;
	struct ek_tally		*tally;
	/* one of so many requests is spoilt before it is sent */
	unsigned int		spoilt_of;
	/* where the request is that it is about to make */
	u64			number;
	struct ek_slot		*slot;
};

/* random numbers */
u32 ek_below(struct ek_fuzzer *f, u32 limit);
u32 ek_random(struct ek_fuzzer *f);
static inline bool ek_one_in(struct ek_fuzzer *f, u32 n)
{
	return !ek_below(f, n);
}

/* memory.c */
/* A region as it may be laid out in the memory that is there for it. */
struct ek_layout {
	u32	slots;
	u32	ring_entries;
	u32	page;
};

/* The host notifies this guest of events by interrupts. */
extern bool ek_interrupts;

int ek_memory_init(u32 seed);
void ek_memory_exit(void);
const struct ek_layout *ek_current_layout(void);
void ek_set_layout(const struct ek_layout *layout);
const struct ek_layout *ek_any_layout(struct ek_fuzzer *f);
void *ek_page(u32 page);
struct ek_slot *ek_slot(const struct ek_layout *layout, u32 number);
struct ek_delivery *ek_delivery(const struct ek_layout *layout, u32 number);
struct ek_ring *ek_ring(const struct ek_layout *layout, u32 number);
void ek_set_segment(struct ek_fuzzer *f, struct ek_segment *segment);
void ek_spoil_segment(struct ek_fuzzer *f, struct ek_segment *segment);
u64 ek_wild_address(struct ek_fuzzer *f);

/* request.c */
u32 ek_interesting(struct ek_fuzzer *f);
long ek_hypercall(struct ek_fuzzer *f, u64 function, u64 arg0, u64 arg1);
struct ek_slot *ek_request(struct ek_fuzzer *f, u32 operation, u32 socket);
void ek_put_address(struct ek_fuzzer *f, struct ek_slot *slot, int family, u16 port);
void ek_put_segments(struct ek_fuzzer *f, struct ek_slot *slot, u32 count);
void ek_spoil(struct ek_fuzzer *f, struct ek_slot *slot);
long ek_send_request(struct ek_fuzzer *f);
long ek_simple(struct ek_fuzzer *f, u32 operation, u32 socket, u64 arg);
long ek_with_address(struct ek_fuzzer *f, u32 operation, u32 socket, int family, u16 port);
long ek_message(struct ek_fuzzer *f, u32 operation, u32 socket, u32 segments);

/* attacks.c */
extern u32 ek_max_sockets;
const char *ek_attack_name(enum ek_attack attack);
void ek_attack(struct ek_fuzzer *f);
long ek_set_up(struct ek_fuzzer *f, const struct ek_layout *layout);

#endif /* EK_FUZZ_H */
