/* SPDX-License-Identifier: Apache-2.0 */
/* The processes of a test, which wait for each other's word or end. */
#ifndef PROCESS_H
#define PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

/* Longer than anything here takes on the lab's clock, and short enough to wait for. */
#define PATIENCE_S	20

/* Runs @run in a process of its own, which ends with this one. @from_child: for expect_word() */
pid_t start(void (*run)(int to_parent), int *from_child);

/* In a child: it has come so far. */
void say(int to);

/* In the parent: waits until a child has said so. @what: what the child does, for people */
void expect_word(int from, const char *what);

/* Whether a child ends within PATIENCE_S. One that has failed has said why: this process fails then. */
bool ends_in_time(pid_t pid);

void pause_ms(long ms);

#endif
