// SPDX-License-Identifier: GPL-2.0-only
/*
 * Options of SOL_SOCKET before Linux 6.7, where setsockopt() asks no protocol about
 * them: they take effect in the guest's sock alone. But setsockopt() has the sock
 * locked, and a protocol hears of the unlocking; so what has changed by then is
 * told the host before the next call about the socket. That the host may refuse is
 * not noticed, nor that an option is none that outsourced sockets have (option.c).
 */
#include "ek_guest.h"

static void read_options(const struct sock *sk, int *value)
{
	value[EK_BROADCAST] = sock_flag(sk, SOCK_BROADCAST);
	value[EK_DONTROUTE] = sock_flag(sk, SOCK_LOCALROUTE);
	value[EK_KEEPALIVE] = sock_flag(sk, SOCK_KEEPOPEN);
	/* in seconds, and -1 for off */
	value[EK_LINGER] = sock_flag(sk, SOCK_LINGER) ? sk->sk_lingertime / HZ : -1;
	value[EK_MARK] = sk->sk_mark;
	value[EK_OOBINLINE] = sock_flag(sk, SOCK_URGINLINE);
	value[EK_PRIORITY] = sk->sk_priority;
	value[EK_RCVLOWAT] = sk->sk_rcvlowat;
	value[EK_REUSEADDR] = sk->sk_reuse;
	value[EK_REUSEPORT] = sk->sk_reuseport;
	value[EK_RXQ_OVFL] = sock_flag(sk, SOCK_RXQ_OVFL);
	value[EK_TIMESTAMPING] = sk->sk_tsflags;
	/* the kernel's is twice what setsockopt() has been given */
	value[EK_RCVBUF] = sk->sk_rcvbuf / 2;
	value[EK_SNDBUF] = sk->sk_sndbuf / 2;
	/* 1: in microseconds, 2: in nanoseconds */
	value[EK_TIMESTAMP] = sock_flag(sk, SOCK_RCVTSTAMP) +
			      sock_flag(sk, SOCK_RCVTSTAMPNS);
}

static void set_on_host(struct ek_guest_socket *es, int name, const void *value, u32 bytes)
{
	struct ek_guest_call call = {
		.request = {
			.operation	= EK_OP_SETSOCKOPT,
			.socket		= es->id,
			.level		= SOL_SOCKET,
			.name		= name,
			.data_bytes	= bytes,
		},
		.data = value,
	};

	ek_vmrpc_call(&call);
}

static void set_option_on_host(struct ek_guest_socket *es, enum ek_option option, int value)
{
	static const int names[EK_OPTIONS] = {
		[EK_BROADCAST]		= SO_BROADCAST,
		[EK_DONTROUTE]		= SO_DONTROUTE,
		[EK_KEEPALIVE]		= SO_KEEPALIVE,
		[EK_MARK]		= SO_MARK,
		[EK_OOBINLINE]		= SO_OOBINLINE,
		[EK_PRIORITY]		= SO_PRIORITY,
		[EK_RCVLOWAT]		= SO_RCVLOWAT,
		[EK_REUSEADDR]		= SO_REUSEADDR,
		[EK_REUSEPORT]		= SO_REUSEPORT,
		[EK_RXQ_OVFL]		= SO_RXQ_OVFL,
		[EK_TIMESTAMPING]	= SO_TIMESTAMPING_OLD,
		[EK_RCVBUF]		= SO_RCVBUF,
		[EK_SNDBUF]		= SO_SNDBUF,
	};
	struct linger linger = { .l_onoff = value >= 0, .l_linger = max(value, 0) };
	int on = !!value;

	if (option == EK_LINGER)
		set_on_host(es, SO_LINGER, &linger, sizeof(linger));
	else if (option == EK_TIMESTAMP)
		set_on_host(es, value == 2 ? SO_TIMESTAMPNS_OLD : SO_TIMESTAMP_OLD,
			    &on, sizeof(on));
	else
		set_on_host(es, names[option], &value, sizeof(value));
}

/* ek_proto.release_cb: somebody has had the sock locked, which no call here does. */
void ek_option_changed(struct sock *sk)
{
	WRITE_ONCE(ek_sk(sk)->option_changed, 1);
}

/* The host has the same: of a socket that is new there, too */
void ek_option_known(struct ek_guest_socket *es)
{
	read_options(&es->sk, es->option);
}

/* Tells the host what it has not been told. */
void ek_option_tell(struct ek_guest_socket *es)
{
	int value[EK_OPTIONS];
	enum ek_option option;

	if (!READ_ONCE(es->option_changed) || !xchg(&es->option_changed, 0))
		return;
	read_options(&es->sk, value);
	for (option = 0; option < EK_OPTIONS; option++) {
		if (value[option] == es->option[option])
			continue;
		es->option[option] = value[option];
		set_option_on_host(es, option, value[option]);
	}
}
