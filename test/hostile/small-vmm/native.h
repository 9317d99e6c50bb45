/* SPDX-License-Identifier: Apache-2.0 */
/* Sockets of a process of the host, at ports of the loopback address: the other ends of the VM's. */
#ifndef NATIVE_H
#define NATIVE_H

#include <stdint.h>

/* A listener of TCP that shares its port (SO_REUSEPORT) */
int native_listener(uint16_t port);

/* A connection of TCP */
int native_client(uint16_t port);

/* Sends four bytes with UDP. */
void send_natively(uint16_t port);

#endif
