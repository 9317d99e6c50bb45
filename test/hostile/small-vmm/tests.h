/* SPDX-License-Identifier: Apache-2.0 */
/* The tests. Each runs in a process of its own, which fails (fail.h) if something is wrong. */
#ifndef TESTS_H
#define TESTS_H

/* test-isolation.c */
void test_other_vm(void);
void test_stuck(void);

/* test-memory.c */
void test_reset(void);
void test_dirty(void);

/* test-attachment.c */
void test_held(void);
void test_namespace(void);

/* test-limits.c */
void test_limits(void);
void test_orphans(void);
void test_budgets(void);

/* test-accounting.c */
void test_filter(void);
void test_charge(void);

/* test-rights.c */
void test_rights(void);

/* test-migrated-connection.c */
void test_migrated_connection(void);

#endif
