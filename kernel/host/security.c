// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host's security modules (SELinux, AppArmor, BPF) are asked before an operation,
 * as system calls ask them. What sends, receives and sets options does so by itself.
 *
 * The kernel does not export these functions. As with set_irq_inatomic, a direct call
 * is needed.
 */
#include <linux/security.h>
#include <linux/static_call.h>

#include "ek_host.h"

DEFINE_STATIC_CALL_RET0(ek_security_bind, security_socket_bind);
DEFINE_STATIC_CALL_RET0(ek_security_connect, security_socket_connect);
DEFINE_STATIC_CALL_RET0(ek_security_listen, security_socket_listen);
DEFINE_STATIC_CALL_RET0(ek_security_accept, security_socket_accept);
DEFINE_STATIC_CALL_RET0(ek_security_getsockname, security_socket_getsockname);
DEFINE_STATIC_CALL_RET0(ek_security_getpeername, security_socket_getpeername);
DEFINE_STATIC_CALL_RET0(ek_security_shutdown, security_socket_shutdown);

#define FIND(operation)									\
	({										\
		unsigned long function = ek_kvm_function("security_socket_" #operation); \
											\
		if (function)								\
			static_call_update(ek_security_##operation,			\
				(typeof(&security_socket_##operation))function);	\
		!!function;								\
	})

/**
 * ek_security_init() - Find what the kernel does not export
 *
 * Return: 0 or a negative errno
 */
int ek_security_init(void)
{
	/* Else there is nobody to ask. */
	if (IS_ENABLED(CONFIG_SECURITY_NETWORK) &&
	    !(FIND(bind) && FIND(connect) && FIND(listen) && FIND(accept) &&
	      FIND(getsockname) && FIND(getpeername) && FIND(shutdown)))
		return -ENOENT;
	return 0;
}
