// SPDX-License-Identifier: GPL-2.0-only
/*
 * PF_INET and PF_INET6 of this guest: stream and datagram sockets of programs in
 * the initial network namespace are the host's, all others stay native ones, but
 * for MPTCP, which there is not.
 *
 * A family can be replaced only by unregistering it first, so for one grace
 * period of RCU, when the module is loaded or unloaded, socket() of the family
 * fails with EAFNOSUPPORT. Sockets that exist already are not affected.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/in.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <asm/ibt.h>

#include "ek_guest.h"

typedef int (*ek_create)(struct net *net, struct socket *sock, int protocol,
			 int kern);

struct ek_family {
	struct net_proto_family		ours;
	const char			*native_name;
	/*
	 * The native family's own struct cannot be found, so this one, NULL if
	 * the family was not replaced, takes its place when the module is
	 * unloaded, and is left to the kernel then.
	 */
	struct net_proto_family		*native;
};

static ek_create inet_create;
static ek_create inet6_create;

static int create(struct net *net, struct socket *sock, int protocol, int kern,
		  int family, ek_create native)
{
	if (kern || !net_eq(net, &init_net))
		return native(net, sock, protocol, kern);
	/* Programs that ask for it take TCP where it is not to be had. */
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

/* The kernel's function of this name, which no module can link to; or NULL */
static ek_create find_function(const char *name)
{
	struct kprobe probe = {
		.symbol_name	= name,
		.flags		= KPROBE_FLAG_DISABLED,
	};
	void *entry;
	int err = register_kprobe(&probe);

	if (err) {
		pr_err("not loaded: this kernel has no function %s() (error %d)\n",
		       name, err);
		return NULL;
	}
	entry = probe.addr;
	unregister_kprobe(&probe);
#ifdef CONFIG_X86_KERNEL_IBT
	/* Probes are behind ENDBR, where an indirect call must not go. */
	if (*(u32 *)(entry - ENDBR_INSN_SIZE) == gen_endbr())
		entry -= ENDBR_INSN_SIZE;
#endif
	return entry;
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
 * Loading the module must not fail once somebody can have a socket of ours, so
 * this does not fail.
 */
static void replace(struct ek_family *family)
{
	int err = sock_register(&family->ours);

	if (!err) {
		/* It was free: IPv6 has been disabled, and remains so. */
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

/*
 * IPv6 as a module could be unloaded, or not be there; Debian's kernels have it
 * built in.
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

/* There are no sockets of ours any more: each had held the module. */
void ek_family_exit(void)
{
	restore(&inet6);
	restore(&inet);
}
