/* SPDX-License-Identifier: Apache-2.0 */
/* How a test ends when something is wrong: it says what, and its process returns 1. */
#ifndef FAIL_H
#define FAIL_H

#include <errno.h>
#include <string.h>

void fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

/* The value of a system call, which may not fail */
#define must(what)						\
	({							\
		long must_ret = (long)(what);			\
		if (must_ret < 0)				\
			fail("%s: %s", #what, strerror(errno));	\
		must_ret;					\
	})

#endif
