/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses of sockets, of the guest's and of the host's alike. */
#ifndef ADDRESS_H
#define ADDRESS_H

#include <arpa/inet.h>
#include <netinet/in.h>

/* @host: as the constants INADDR_* are */
static inline struct sockaddr_in ipv4_address(in_addr_t host, uint16_t port)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(host),
	};
}

#endif
