/*
 * rt-client ADDRESS REQUESTS SEED MIN-US MAX-US BYTES - the Critical RT client
 *
 * Sends requests at random intervals, uniform in MIN-US to MAX-US, whether or
 * not earlier ones were answered (the paper's modified netperf, section IV-A),
 * and prints when the first was sent and when the last answer, or the last
 * moment to wait for it, had come. It measures no response times: those are
 * taken at the wire.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "program.h"
#include "request.h"

/* How long the server may take to answer at all, and the answers that show that the path is warm. */
#define WARM_UP_TIMEOUT_NS	(20 * NS_PER_SEC)
#define WARM_UP_INTERVAL_NS	(10 * NS_PER_MS)
#define WARM_UP_ANSWERS		20
/* A request that was not answered by so long after the last one was sent is lost. */
#define DRAIN_NS		NS_PER_SEC

/* splitmix64, Steele, Lea, Flood: "Fast splittable pseudorandom number generators", OOPSLA 2014. */
static uint64_t next_random(uint64_t *state)
{
	uint64_t z = (*state += 0x9e3779b97f4a7c15ull);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

static void send_request(int sock, uint8_t *message, size_t bytes, uint32_t sequence)
{
	struct request_header header = { .sequence = htonl(sequence) };

	header.magic = htonl(REQUEST_MAGIC);
	memcpy(message, &header, sizeof(header));
	if (send(sock, message, bytes, 0) < 0 && errno != ECONNREFUSED)
		fail("send");
}

/*
 * Takes answers until @deadline or until @wanted came, and returns how many
 * came. Only those to warm-up requests count while @warming_up, and only the
 * others after that.
 */
static uint64_t receive_until(int sock, uint64_t deadline, uint64_t wanted, bool warming_up)
{
	uint64_t answers = 0;

	while (answers < wanted) {
		struct pollfd readable = { .fd = sock, .events = POLLIN };
		uint64_t now = now_ns();
		struct timespec timeout = to_timespec(now < deadline ? deadline - now : 0);
		struct request_header header;
		ssize_t len;

		if (ppoll(&readable, 1, &timeout, NULL) == 0)
			break;
		len = recv(sock, &header, sizeof(header), MSG_DONTWAIT);
		if (len == (ssize_t)sizeof(header)) {
			answers += (ntohl(header.sequence) == WARM_UP_SEQUENCE) == warming_up;
		} else if (len < 0 && errno != EAGAIN && errno != EINTR && errno != ECONNREFUSED) {
			fail("recv");
		}
	}
	return answers;
}

static void warm_up(int sock, uint8_t *message, size_t bytes)
{
	uint64_t give_up = now_ns() + WARM_UP_TIMEOUT_NS;
	uint64_t answers = 0;

	while (answers < WARM_UP_ANSWERS) {
		if (now_ns() > give_up) {
			errno = ETIMEDOUT;
			fail("the RT server does not answer");
		}
		send_request(sock, message, bytes, WARM_UP_SEQUENCE);
		answers += receive_until(sock, now_ns() + WARM_UP_INTERVAL_NS, UINT64_MAX, true);
	}
}

int main(int argc, char **argv)
{
	static uint8_t message[MAX_REQUEST_BYTES];
	struct sockaddr_in peer;
	uint64_t requests, random, min_us, max_us, bytes, start, next, answers = 0;
	int sock;

	if (argc != 7) {
		fprintf(stderr, "usage: %s ADDRESS REQUESTS SEED MIN-US MAX-US BYTES\n", argv[0]);
		return 2;
	}
	peer = parse_address(argv[1], RT_PORT);
	requests = parse_number(argv[2], 1, 100000000);
	random = parse_number(argv[3], 0, UINT32_MAX);
	min_us = parse_number(argv[4], 1, 10000000);
	max_us = parse_number(argv[5], min_us, 10000000);
	bytes = parse_number(argv[6], sizeof(struct request_header), MAX_REQUEST_BYTES);

	if (mlockall(MCL_CURRENT | MCL_FUTURE))
		fail("mlockall");
	if (prctl(PR_SET_TIMERSLACK, 1))
		fail("PR_SET_TIMERSLACK");
	sock = socket(AF_INET, SOCK_DGRAM, 0);
	if (sock < 0)
		fail("socket");
	if (connect(sock, (struct sockaddr *)&peer, sizeof(peer)))
		fail("connect");

	warm_up(sock, message, bytes);
	start = next = now_ns();
	for (uint32_t sequence = 0; sequence < requests; sequence++) {
		next += (min_us + next_random(&random) % (max_us - min_us + 1)) * 1000;
		answers += receive_until(sock, next, UINT64_MAX, false);
		send_request(sock, message, bytes, sequence);
	}
	answers += receive_until(sock, now_ns() + DRAIN_NS, requests - answers, false);
	printf("{\"startNs\":\"%llu\",\"endNs\":\"%llu\",\"answers\":%llu}\n",
	       (unsigned long long)start, (unsigned long long)now_ns(),
	       (unsigned long long)answers);
	return 0;
}
