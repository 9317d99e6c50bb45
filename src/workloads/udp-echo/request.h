/*
 * A request: this header, then zeros up to the request's size; the response
 * echoes it. The analysis matches both by @sequence in the wire capture.
 * RT_PORT, REQUEST_MAGIC and WARM_UP_SEQUENCE come from the compiler's command
 * line: messages.ts has them.
 */
#ifndef REQUEST_H
#define REQUEST_H

#include <stdint.h>

struct request_header {
	uint32_t magic;		/* big endian, REQUEST_MAGIC */
	uint32_t sequence;	/* big endian; WARM_UP_SEQUENCE is not measured */
};

#define MAX_REQUEST_BYTES	1400

#endif
