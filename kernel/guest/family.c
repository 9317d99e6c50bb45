// SPDX-License-Identifier: GPL-2.0-only
/*
 * PF_INET and PF_INET6 of this guest. The host performs the stream and datagram
 * sockets of programs in the initial network namespace, except those that native.c
 * names. All other sockets stay native ones. There is no MPTCP.
 *
 * A family has to be unregistered before another one can take its place. So when
 * the module is loaded or unloaded, socket() of the family fails with EAFNOSUPPORT
 * for one grace period of RCU. Sockets that exist already are not affected.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/in.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <asm/ibt.h>

#include "ek_function.h"
#include "ek_guest.h"

typedef int (*ek_create)(struct net *net, struct socket *sock, int protocol,
			 int kern);

struct ek_family {
	struct net_proto_family		ours;
	const char			*native_name;
	/*
	 * A copy of the native family's struct, which cannot be found itself; NULL
	 * if the family was not replaced. The kernel keeps the copy when the
	 * module is unloaded.
	 */
	struct net_proto_family		*native;
};

static ek_create inet_create;
static ek_create inet6_create;

static int create(struct net *net, struct socket *sock, int protocol, int kern,
		  int family, ek_create native)
{
	if (kern || !net_eq(net, &init_net) || ek_is_native())
		return native(net, sock, protocol, kern);
	/* Programs that ask for MPTCP fall back to TCP. */
	if (protocol == IPPROTO_MPTCP)
		return -EPROTONOSUPPORT;
	if ((sock->type == SOCK_STREAM && (!protocol || protocol == IPPROTO_TCP)) ||
	    (sock->type == SOCK_DGRAM && (!protocol || protocol == IPPROTO_UDP)))
		return ek_socket_create(net, sock, family);
	return native(net, sock, protocol, kern);
}

static int ek_inet_create(struct net *net, struct socket *sock, int protocol,
			  int kern)
{
	return create(net, sock, protocol, kern, PF_INET, inet_create);
}

static int ek_inet6_create(struct net *net, struct socket *sock, int protocol,
			   int kern)
{
	return create(net, sock, protocol, kern, PF_INET6, inet6_create);
}

static struct ek_family inet = {
	.ours = {
		.family	= PF_INET,
		.create	= ek_inet_create,
		.owner	= THIS_MODULE,
	},
	.native_name = "inet_create",
};

static struct ek_family inet6 = {
	.ours = {
		.family	= PF_INET6,
		.create	= ek_inet6_create,
		.owner	= THIS_MODULE,
	},
	.native_name = "inet6_create",
};

/**
 * find_function() - Find a function of the kernel that is not exported
 * @name:	its name
 *
 * Return: its address, for calls; NULL, after a message, if there is none
 */
static ek_create find_function(const char *name)
{
	unsigned long entry;
#ifdef CONFIG_X86_KERNEL_IBT
	u32 instruction;
#endif
	int err = ek_find_function(name, false, &entry);

	if (err) {
		pr_err("not loaded: this kernel has no function %s() (error %d)\n",
		       name, err);
		return NULL;
	}
#ifdef CONFIG_X86_KERNEL_IBT
	/*
	 * An indirect call has to go to ENDBR, which is before this. With FineIBT,
	 * ENDBR is replaced there, and callers use another one before the function.
	 */
	instruction = *(u32 *)(entry - ENDBR_INSN_SIZE);
	if (instruction == gen_endbr() || instruction == gen_endbr_poison())
		entry -= ENDBR_INSN_SIZE;
#endif
	return (ek_create)entry;
}

static int prepare(struct ek_family *family, ek_create *native_create)
{
	*native_create = find_function(family->native_name);
	if (!*native_create)
		return -ENOENT;
	family->native = kmemdup(&family->ours, sizeof(family->ours), GFP_KERNEL);
	if (!family->native)
		return -ENOMEM;
	family->native->create = *native_create;
	family->native->owner = NULL;
	return 0;
}

static void discard(struct ek_family *family)
{
	kfree(family->native);
	family->native = NULL;
}

/*
 * Cannot fail: as soon as a program can have a socket of this module, loading the
 * module must succeed.
 */
static void replace(struct ek_family *family)
{
	int err = sock_register(&family->ours);

	if (!err) {
		/* There was no native family: IPv6 is disabled, and stays so. */
		sock_unregister(family->ours.family);
		discard(family);
		return;
	}
	sock_unregister(family->ours.family);
	err = sock_register(&family->ours);
	if (err) {
		pr_warn("another module has registered protocol family %d (error %d)\n",
			family->ours.family, err);
		discard(family);
	}
}

static void restore(struct ek_family *family)
{
	if (!family->native)
		return;
	sock_unregister(family->ours.family);
	sock_register(family->native);
}

/**
 * ek_family_init() - Have programs get sockets of this module from now on
 *
 * Does not replace IPv6 if it is a module, which could be unloaded, or not be
 * loaded. Debian's kernels have it built in.
 *
 * Return: 0 or a negative errno
 */
int ek_family_init(void)
{
	int err = prepare(&inet, &inet_create);

	if (err)
		return err;
	if (IS_BUILTIN(CONFIG_IPV6)) {
		err = prepare(&inet6, &inet6_create);
		if (err) {
			discard(&inet);
			return err;
		}
		replace(&inet6);
	}
	replace(&inet);
	return 0;
}

/**
 * ek_family_exit() - Restore the native families
 *
 * No socket of this module is left: each holds a reference to the module.
 */
void ek_family_exit(void)
{
	restore(&inet6);
	restore(&inet);
}
