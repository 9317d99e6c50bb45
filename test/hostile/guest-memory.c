// SPDX-License-Identifier: Apache-2.0
/*
 * What a guest and its host do to find whether the host writes only where, and when, it may.
 *
 *   guest-memory wait                  has sockets that the host has been told to send events of; makes
 *                                      new ones when they are gone
 *   guest-memory send ADDRESS SECONDS  has something arrive at each of them, again and again
 *   guest-memory check SECONDS         fills what memory there is and says whether it stays as it is
 *   guest-memory receive               receives streams, and checks each when it has ended
 *   guest-memory stream ADDRESS        sends one, for ever
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* More events than a page of a ring has room for */
#define SOCKETS		600
#define FIRST_PORT	9000
#define STREAM_PORT	8000
#define STREAM_BYTES	(24u << 20)
/* An odd number: no two words of a pattern are the same. */
#define PATTERN		0x9e3779b97f4a7c15ull
/* Left to the kernel, of what is free */
#define RESERVE_BYTES	(8u << 20)

static _Noreturn void fail(const char *what)
{
	printf("guest-memory: %s: %s\n", what, strerror(errno));
	exit(1);
}

static struct sockaddr_in address_of(const char *text, unsigned int port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };

	if (inet_pton(AF_INET, text, &address.sin_addr) != 1)
		fail(text);
	return address;
}

static void pause_ms(long ms)
{
	struct timespec time = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	nanosleep(&time, NULL);
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

/* socket() fails as long as no host performs it. */
static int patient_socket(int type, unsigned int port)
{
	struct sockaddr_in address = address_of("0.0.0.0", port);
	int fd;

	for (;;) {
		fd = socket(AF_INET, type, 0);
		if (fd >= 0 && !bind(fd, (void *)&address, sizeof(address)))
			return fd;
		if (fd >= 0)
			close(fd);
		pause_ms(100);
	}
}

static void wait_for_messages(void)
{
	static struct pollfd fds[SOCKETS];

	for (;;) {
		unsigned int i, gone = 0, readable = 0;

		for (i = 0; i < SOCKETS; i++)
			fds[i] = (struct pollfd){
				.fd	= patient_socket(SOCK_DGRAM, FIRST_PORT + i),
				.events	= POLLIN,
			};
		poll(fds, SOCKETS, 0);
		printf("guest-memory: waits\n");
		while (!gone) {
			char message[16];

			if (poll(fds, SOCKETS, -1) < 0)
				fail("poll");
			for (i = 0; i < SOCKETS; i++) {
				if (fds[i].revents & (POLLERR | POLLHUP))
					gone++;
				else if (fds[i].revents &&
					 recv(fds[i].fd, message, sizeof(message), MSG_DONTWAIT) > 0 &&
					 readable++ == SOCKETS)
					printf("guest-memory: messages have arrived\n");
			}
		}
		printf("guest-memory: the sockets are gone\n");
		for (i = 0; i < SOCKETS; i++)
			close(fds[i].fd);
	}
}

static void send_messages(const char *to, double how_long)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	double end = seconds() + how_long;

	if (fd < 0)
		fail("socket");
	while (seconds() < end) {
		for (unsigned int i = 0; i < SOCKETS; i++) {
			struct sockaddr_in address = address_of(to, FIRST_PORT + i);

			/* Nobody may be there. */
			sendto(fd, "message", 7, 0, (void *)&address, sizeof(address));
		}
		pause_ms(500);
	}
}

static size_t free_bytes(void)
{
	FILE *file = fopen("/proc/meminfo", "r");
	char line[128];
	size_t kib = 0;

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "MemFree: %zu", &kib) == 1)
			break;
	if (!kib)
		fail("/proc/meminfo");
	fclose(file);
	return kib * 1024;
}

static void check_memory(double how_long)
{
	size_t bytes = free_bytes(), words, i;
	double end;
	uint64_t *memory;

	if (bytes <= RESERVE_BYTES)
		fail("too little memory is free");
	bytes = (bytes - RESERVE_BYTES) & ~4095ul;
	words = bytes / sizeof(*memory);
	memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		fail("mmap");
	for (i = 0; i < words; i++)
		memory[i] = i * PATTERN;
	printf("guest-memory: %zu MiB are filled\n", bytes >> 20);
	end = seconds() + how_long;
	do {
		for (i = 0; i < words; i++)
			if (memory[i] != i * PATTERN) {
				printf("guest-memory: word %zu was written: %016llx\n", i,
				       (unsigned long long)memory[i]);
				exit(1);
			}
		pause_ms(3000);
	} while (seconds() < end);
	printf("guest-memory: nothing was written\n");
}

/*
 * Looks at what has arrived after the end only: until then, nobody but the host has written it, so its
 * pages are dirty because of what the host has said or not at all.
 */
static void check_stream(int fd, uint64_t *memory)
{
	ssize_t part = 0;
	size_t bytes = 0, i;

	while (bytes < STREAM_BYTES) {
		part = recv(fd, (char *)memory + bytes, STREAM_BYTES - bytes, 0);
		if (part <= 0)
			break;
		bytes += part;
	}
	printf("guest-memory: the stream has ended (%s)\n", part < 0 ? strerror(errno) : "closed");
	for (i = 0; i < bytes / sizeof(*memory); i++)
		if (memory[i] != (i + 1) * PATTERN) {
			printf("guest-memory: word %zu of %zu is %016llx\n", i, bytes / sizeof(*memory),
			       (unsigned long long)memory[i]);
			exit(1);
		}
	printf("guest-memory: %zu KiB are right\n", bytes >> 10);
}

static void receive_streams(void)
{
	uint64_t *memory = mmap(NULL, STREAM_BYTES, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (memory == MAP_FAILED)
		fail("mmap");
	for (;;) {
		int listener = patient_socket(SOCK_STREAM, STREAM_PORT);
		int fd = -1;

		if (!listen(listener, 1)) {
			printf("guest-memory: listens\n");
			fd = accept(listener, NULL, NULL);
		}
		if (fd >= 0) {
			check_stream(fd, memory);
			close(fd);
		}
		close(listener);
	}
}

static void send_stream(const char *to)
{
	struct sockaddr_in address = address_of(to, STREAM_PORT);
	uint64_t words[512], next = 1;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 || connect(fd, (void *)&address, sizeof(address)))
		fail("connect");
	for (;;) {
		for (unsigned int i = 0; i < 512; i++)
			words[i] = next++ * PATTERN;
		if (send(fd, words, sizeof(words), MSG_NOSIGNAL) != sizeof(words))
			exit(0);
		/* A few seconds for all: it is to go on while the VM is being saved. */
		pause_ms(1);
	}
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc == 2 && !strcmp(argv[1], "wait"))
		wait_for_messages();
	else if (argc == 4 && !strcmp(argv[1], "send"))
		send_messages(argv[2], atof(argv[3]));
	else if (argc == 3 && !strcmp(argv[1], "check"))
		check_memory(atof(argv[2]));
	else if (argc == 2 && !strcmp(argv[1], "receive"))
		receive_streams();
	else if (argc == 3 && !strcmp(argv[1], "stream"))
		send_stream(argv[2]);
	else
		return 2;
	return 0;
}
