// SPDX-License-Identifier: GPL-2.0-only
/*
 * Options of SOL_SOCKET before Linux 6.7. There, setsockopt() does not ask a protocol
 * about them: it changes the guest's sock alone. But it locks the sock, and a
 * protocol is called when the sock is unlocked. So the next call about the socket
 * tells the host first what has changed.
 *
 * What is not possible this way: a program does not learn that the host refuses an
 * option, or that outsourced sockets do not have it (option.c).
 */
#include <linux/mutex.h>

#include "ek_guest.h"

static void read_options(const struct sock *sk, int *value)
{
	value[EK_BINDTOIFINDEX] = ek_ifindex_to_host(sk->sk_bound_dev_if);
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
	/* The sock has twice the number that setsockopt() was given. */
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
			.level		= SOL_SOCKET,
			.name		= name,
			.data_bytes	= bytes,
		},
		.data = value,
	};

	ek_socket_ask(es, &call);
}

static void set_option_on_host(struct ek_guest_socket *es, enum ek_option option, int value)
{
	static const int names[EK_OPTIONS] = {
		[EK_BINDTOIFINDEX]	= SO_BINDTOIFINDEX,
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

/**
 * ek_option_changed() - Note that options may have changed; ek_proto.release_cb
 * @sk:		sock that is unlocked
 *
 * It was setsockopt(), or a hook of a control group (hook.c).
 */
void ek_option_changed(struct sock *sk)
{
	WRITE_ONCE(ek_sk(sk)->option_changed, 1);
}

/**
 * ek_option_known() - Note that the host has the same options
 * @es:		socket, which is as new on the host as it is here
 */
void ek_option_known(struct ek_guest_socket *es)
{
	read_options(&es->sk, es->option);
}

/**
 * ek_option_tell() - Tell the host which options have changed
 * @es:		socket
 */
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
		if (option == EK_REUSEPORT)
			mutex_lock(&ek_port_lock);
		es->option[option] = value[option];
		set_option_on_host(es, option, value[option]);
		if (option == EK_REUSEPORT)
			mutex_unlock(&ek_port_lock);
	}
}
