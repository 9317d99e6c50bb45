/*
 * rt-server - the simple Critical RT server: echoes each UDP request
 *
 * The counterpart of netperf's UDP_RR server in the paper's section IV-A. It
 * answers from one thread, in the order of arrival, and allocates nothing.
 */
#include <sys/mman.h>
#include <sys/socket.h>

#include "workload.h"

int main(void)
{
	struct sockaddr_in local = {
		.sin_family = AF_INET,
		.sin_port = htons(RT_PORT),
	};
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
