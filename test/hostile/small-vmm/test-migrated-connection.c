// SPDX-License-Identifier: Apache-2.0
/* What is left of ek_host in a connection that leaves it. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fail.h"
#include "guest.h"
#include "native.h"
#include "operator.h"
#include "tests.h"

/*
 * With net.ipv4.tcp_migrate_req, connections that a listener has not accepted go to another one of its port
 * when it closes, here from a VM's to one of a process of the host. They must have nothing of ek_host's.
 */
void test_migrated_connection(void)
{
	struct vm vm;
	long listener;
	int native, client, accepted;
	char byte;

	write_file("/proc/sys/net/ipv4/tcp_migrate_req", "1");
	attached(&vm);
	listener = create(&vm, SOCK_STREAM);
	if (set_option(&vm, listener, SOL_SOCKET, SO_REUSEPORT, &(int){ 1 }, sizeof(int)))
		fail("SO_REUSEPORT is refused");
	listen_at(&vm, listener, 3000);

	client = native_client(3000);
	native = native_listener(3000);
	request_of(&vm);
	call(&vm, EK_OP_RELEASE, listener);
	accepted = must(accept4(native, NULL, NULL, SOCK_CLOEXEC));
	if (system("rmmod ek_host"))
		fail("ek_host cannot be unloaded");
	for (int i = 0; i < 100; i++) {
		must(write(client, "x", 1));
		must(read(accepted, &byte, 1));
	}
	must(shutdown(client, SHUT_RDWR));
	if (must(read(accepted, &byte, 1)))
		fail("the connection goes on after its end");
}
