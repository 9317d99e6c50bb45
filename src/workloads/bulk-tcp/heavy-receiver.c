/*
 * heavy-receiver - the Heavy Receiver: accepts TCP connections and discards
 * what they send, as fast as it can, one connection after the other
 */
#include <sys/socket.h>
#include <unistd.h>

#include "program.h"

int main(void)
{
	static uint8_t buffer[128 * 1024];
	const int on = 1;
	struct sockaddr_in local = {
		.sin_family = AF_INET,
		.sin_port = htons(HEAVY_PORT),
	};
	int listener = socket(AF_INET, SOCK_STREAM, 0);

	if (listener < 0)
		fail("socket");
	if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)))
		fail("SO_REUSEADDR");
	if (bind(listener, (struct sockaddr *)&local, sizeof(local)))
		fail("bind");
	if (listen(listener, 8))
		fail("listen");

	for (;;) {
		int sock = accept(listener, NULL, NULL);

		if (sock < 0)
			fail("accept");
		while (read(sock, buffer, sizeof(buffer)) > 0)
			;
		close(sock);
	}
}
