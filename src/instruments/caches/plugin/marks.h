// SPDX-License-Identifier: Apache-2.0
/*
 * What a CPU says of itself: kernel/lab/ek_mark.c. The instruction is a NOP; the kind is in RDI, the operand
 * in RSI.
 */
#ifndef MARKS_H
#define MARKS_H

/** nopl 0x4b4d4b45(%rax) */
#define MARK_INSTRUCTION { 0x0f, 0x1f, 0x80, 0x45, 0x4b, 0x4d, 0x4b }

enum mark {
	/** The operand is thread << CONTEXT_BITS | enum context. */
	MARK_STATE,
	/** Whether what is done from now on counts. */
	MARK_COUNTING,
};

#define CONTEXT_BITS 2

enum context { CONTEXT_THREAD, CONTEXT_HARDIRQ, CONTEXT_SOFTIRQ };

#endif
