/*
 * rt-server - the simple Critical RT server: echoes each UDP request
 *
 * Usage: rt-server [ADDRESS]
 *
 * Without an address it answers on all of the system's. With one, several can
 * run on one system.
 *
 * The counterpart of netperf's UDP_RR server in the paper's section IV-A. It
 * answers from one thread, in the order of arrival, and allocates nothing.
 */
#include <sys/mman.h>
#include <sys/socket.h>

#include "program.h"
#include "request.h"

int main(int argc, char *argv[])
{
	struct sockaddr_in local = parse_address(argc > 1 ? argv[1] : "0.0.0.0", RT_PORT);
	uint8_t message[MAX_REQUEST_BYTES];
	int sock = socket(AF_INET, SOCK_DGRAM, 0);

	if (sock < 0)
		fail("socket");
	if (bind(sock, (struct sockaddr *)&local, sizeof(local)))
		fail("bind");
	if (mlockall(MCL_CURRENT | MCL_FUTURE))
		fail("mlockall");

	for (;;) {
		struct sockaddr_in peer;
		socklen_t peer_len = sizeof(peer);
		ssize_t len = recvfrom(sock, message, sizeof(message), 0,
				       (struct sockaddr *)&peer, &peer_len);

		if (len < 0)
			fail("recvfrom");
		if (sendto(sock, message, (size_t)len, 0, (struct sockaddr *)&peer,
			   peer_len) < 0)
			fail("sendto");
	}
}
