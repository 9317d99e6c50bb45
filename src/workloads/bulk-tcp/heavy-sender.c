/*
 * heavy-sender ADDRESS MAX-SECONDS - the Heavy Sender: one TCP connection that
 * sends at maximum speed until SIGTERM, at most for MAX-SECONDS
 *
 * Writes a line of JSON every 100 ms, with the time and the bytes that the
 * receiver has acknowledged so far (tcpi_bytes_acked of TCP_INFO), from which
 * the analysis computes the throughput of any window.
 */
#include <fcntl.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "program.h"

#define REPORT_INTERVAL_NS	(100 * NS_PER_MS)
#define CONNECT_TIMEOUT_MS	10000

static volatile sig_atomic_t stopped;

static void on_sigterm(int signal)
{
	(void)signal;
	stopped = 1;
}

static void report(int sock)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);

	if (getsockopt(sock, IPPROTO_TCP, TCP_INFO, &info, &len))
		fail("TCP_INFO");
	printf("{\"tNs\":\"%llu\",\"bytesAcked\":\"%llu\"}\n",
	       (unsigned long long)now_ns(), (unsigned long long)info.tcpi_bytes_acked);
	fflush(stdout);
}

static int connect_to(const struct sockaddr_in *peer)
{
	struct pollfd writable = { .events = POLLOUT };
	int error = 0;
	socklen_t len = sizeof(error);
	int sock = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	if (sock < 0)
		fail("socket");
	if (connect(sock, (const struct sockaddr *)peer, sizeof(*peer)) && errno != EINPROGRESS)
		fail("connect");
	writable.fd = sock;
	if (poll(&writable, 1, CONNECT_TIMEOUT_MS) != 1) {
		errno = ETIMEDOUT;
		fail("connect");
	}
	if (getsockopt(sock, SOL_SOCKET, SO_ERROR, &error, &len))
		fail("SO_ERROR");
	if (error) {
		errno = error;
		fail("connect");
	}
	return sock;
}

int main(int argc, char **argv)
{
	static uint8_t buffer[128 * 1024];
	struct sigaction action = { .sa_handler = on_sigterm };
	struct sockaddr_in peer;
	uint64_t deadline, next_report;
	struct pollfd writable = { .events = POLLOUT };

	if (argc != 3) {
		fprintf(stderr, "usage: %s ADDRESS MAX-SECONDS\n", argv[0]);
		return 2;
	}
	peer = parse_address(argv[1], HEAVY_PORT);
	deadline = now_ns() + parse_number(argv[2], 1, 86400) * NS_PER_SEC;
	if (sigaction(SIGTERM, &action, NULL))
		fail("sigaction");

	writable.fd = connect_to(&peer);
	next_report = now_ns();
	while (!stopped && now_ns() < deadline) {
		if (now_ns() >= next_report) {
			report(writable.fd);
			next_report += REPORT_INTERVAL_NS;
		}
		if (write(writable.fd, buffer, sizeof(buffer)) < 0) {
			if (errno != EAGAIN && errno != EINTR)
				fail("write");
			if (poll(&writable, 1, REPORT_INTERVAL_NS / NS_PER_MS) < 0 && errno != EINTR)
				fail("poll");
		}
	}
	report(writable.fd);
	return 0;
}
