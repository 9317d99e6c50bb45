// SPDX-License-Identifier: Apache-2.0
#include "native.h"

#include <sys/socket.h>
#include <unistd.h>

#include "address.h"
#include "fail.h"

int native_listener(uint16_t port)
{
	struct sockaddr_in address = ipv4_address(INADDR_LOOPBACK, port);
	int fd = must(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));

	must(setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &(int){ 1 }, sizeof(int)));
	must(bind(fd, (void *)&address, sizeof(address)));
	must(listen(fd, 16));
	return fd;
}

int native_client(uint16_t port)
{
	struct sockaddr_in address = ipv4_address(INADDR_LOOPBACK, port);
	int fd = must(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));

	must(connect(fd, (void *)&address, sizeof(address)));
	return fd;
}

void send_natively(uint16_t port)
{
	struct sockaddr_in address = ipv4_address(INADDR_LOOPBACK, port);
	int fd = must(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));

	must(sendto(fd, "data", 4, 0, (void *)&address, sizeof(address)));
	close(fd);
}
