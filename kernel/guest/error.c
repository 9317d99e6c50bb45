// SPDX-License-Identifier: GPL-2.0-only
/*
 * The error of a socket, sk_err.
 *
 * getsockopt() of SO_ERROR reads sk_err and asks no protocol, so the host reports a
 * socket's error by an event. It keeps the error as well, because it does not know
 * whether the event has arrived. The guest's next call about the socket confirms
 * that (EK_CLEAR_ERROR). From then on sk_err is the only copy, and the host may
 * report the next error.
 */
#include <linux/atomic.h>
#include <linux/err.h>

#include "ek_guest.h"

/**
 * ek_error_set() - Store an error that the host has reported
 * @es:		socket
 * @error:	a positive errno, or 0 for no error; the host may be wrong
 *
 * Context: Any context.
 */
void ek_error_set(struct ek_guest_socket *es, unsigned int error)
{
	if (!error || error > MAX_ERRNO)
		return;
	WRITE_ONCE(es->sk.sk_err, error);
	/* After sk_err: as soon as this is seen, the host may drop its copy. */
	smp_store_release(&es->error_taken, 1);
}

/**
 * ek_error_confirm() - Say whether the next call is to confirm an error
 * @es:		socket
 *
 * Return: flags for the request
 */
u32 ek_error_confirm(struct ek_guest_socket *es)
{
	return xchg(&es->error_taken, 0) ? EK_CLEAR_ERROR : 0;
}

/**
 * ek_error_returned() - Note the result of a call
 * @es:		socket
 * @result:	what the call returns to the program, if it is a negative errno
 *
 * An error that the host reports both by an event and as a call's result is one
 * error: the program must not see it twice.
 */
void ek_error_returned(struct ek_guest_socket *es, long result)
{
	if (result < 0)
		cmpxchg(&es->sk.sk_err, -result, 0);
}

/**
 * ek_error_keep() - Keep the error of a connection for the next call
 * @es:		socket
 * @result:	of the last part of a transfer
 *
 * The host has consumed the error, but the program's call does not return it,
 * because earlier parts of the transfer have succeeded. Other results, such as
 * -EAGAIN, are not of the connection and are dropped.
 */
void ek_error_keep(struct ek_guest_socket *es, long result)
{
	switch (result) {
	case -ECONNRESET:
	case -ECONNABORTED:
	case -ETIMEDOUT:
	case -EHOSTUNREACH:
	case -ENETUNREACH:
		WRITE_ONCE(es->sk.sk_err, -result);
	}
}
