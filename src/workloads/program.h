/*
 * What the lab's workloads share: the wire format of a request, the clock, and
 * the parsing of their arguments. All of them run inside virtual time and end
 * with status 1 and a line on stderr if the system refuses something.
 */
#ifndef PROGRAM_H
#define PROGRAM_H

#include <arpa/inet.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* TCP port of the Heavy Receiver. */
#define HEAVY_PORT	7001

#define NS_PER_SEC	1000000000ull
#define NS_PER_MS	1000000ull

static inline _Noreturn void fail(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	exit(1);
}

static inline uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_SEC + (uint64_t)ts.tv_nsec;
}

static inline struct timespec to_timespec(uint64_t ns)
{
	return (struct timespec){
		.tv_sec = (time_t)(ns / NS_PER_SEC),
		.tv_nsec = (long)(ns % NS_PER_SEC),
	};
}

/* Parses a whole decimal argument within [@min, @max], or ends the program. */
static inline uint64_t parse_number(const char *text, uint64_t min, uint64_t max)
{
	char *end;
	unsigned long long value;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno || *text < '0' || *text > '9' || *end || value < min || value > max) {
		fprintf(stderr, "expected a number from %llu to %llu, got \"%s\"\n",
			(unsigned long long)min, (unsigned long long)max, text);
		exit(2);
	}
	return value;
}

static inline struct sockaddr_in parse_address(const char *text, uint16_t port)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
	};

	if (inet_pton(AF_INET, text, &address.sin_addr) != 1) {
		fprintf(stderr, "expected an IPv4 address, got \"%s\"\n", text);
		exit(2);
	}
	return address;
}

#endif
