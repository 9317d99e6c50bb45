// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls of the host about a socket, and waiting until such a call succeeds.
 *
 * The host never waits. A call that would have to wait returns -EAGAIN, and the
 * host arms its socket: an event follows once the call may succeed. No lock is
 * held during a call or a wait, so processes and threads that share a socket do
 * not delay each other.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/wait.h>
#include <net/sock.h>

#include "ek_guest.h"

/* Whether the operation can make a socket readable without an event that says so */
static bool changes_socket(u32 operation)
{
	return operation != EK_OP_SEND && operation != EK_OP_RECV && operation != EK_OP_POLL;
}

/**
 * is_taken() - Check whether a module of this kernel uses a socket behind our back
 * @es:		socket
 *
 * A program can hand a socket to the kernel: nfsd, iSCSI. They then wait for callbacks
 * of a native socket, in vain. Most others ask for a socket without sk_user_data: see
 * alloc_socket().
 */
static bool is_taken(struct ek_guest_socket *es)
{
	void (*data_ready)(struct sock *sk) = READ_ONCE(es->sk.sk_data_ready);

	if (likely(data_ready == es->data_ready))
		return false;
	pr_err_ratelimited("%pS cannot use a socket of the host: name the control group of its program with the parameter native\n",
			   data_ready);
	return true;
}

/**
 * ek_socket_call() - Make a call of the host about a socket
 * @es:		socket
 * @call:	the call; its socket, and the flag that an error is known, are filled in here
 *
 * Also handles the events that this CPU has: the host may have produced some
 * meanwhile, and a busy CPU has few other chances to look.
 *
 * Return: result of the operation, or a negative errno
 */
long ek_socket_call(struct ek_guest_socket *es, struct ek_guest_call *call)
{
	long result;

	/* Of other errors than this one, nfsd would ask again at once. */
	if (is_taken(es) && call->request.operation != EK_OP_RELEASE)
		return call->request.operation == EK_OP_RECV ? -EAGAIN : -EOPNOTSUPP;
	ek_option_tell(es);
	call->life = es->life;
	call->request.socket = es->id;
	call->request.flags |= ek_error_confirm(es);
	result = ek_vmrpc_call(call);
	if (unlikely(result == -EFAULT && call->request.inline_bytes)) {
		/* The host does not know yet. */
		if (call->request.flags & EK_CLEAR_ERROR)
			smp_store_release(&es->error_taken, 1);
		return result;
	}
	if (unlikely(call->reply.flags & EK_DELIVERED) && call->reply.delivery < nr_cpu_ids)
		WRITE_ONCE(es->delivery_cpu, call->reply.delivery);
	/*
	 * The host sends the next event to the CPU of the last call that may have armed
	 * the socket. What other CPUs have found before says nothing any more.
	 */
	if (READ_ONCE(es->armed_cpu) != call->cpu) {
		WRITE_ONCE(es->armed_cpu, call->cpu);
		atomic_inc(&es->changes);
	}
	ek_event_run();
	if (changes_socket(call->request.operation))
		atomic_inc(&es->changes);
	ek_error_returned(es, result);
	return result;
}

/**
 * ek_socket_ask() - Make a call of the host about a socket, of which its program does not know
 * @es:		socket
 * @call:	call without segments; its socket is filled in here
 *
 * Leaves alone what is between the socket and its program, such as an error.
 *
 * Return: result of the operation, or a negative errno
 */
long ek_socket_ask(struct ek_guest_socket *es, struct ek_guest_call *call)
{
	call->life = es->life;
	call->request.socket = es->id;
	return ek_vmrpc_call(call);
}

/**
 * ek_socket_wait() - Repeat an attempt until it does not return -EAGAIN
 * @es:		socket
 * @attempt:	makes one call of the host
 * @arg:	passed to @attempt
 * @timeo:	longest wait in jiffies; what is left of it on return
 * @alone:	an event wakes only one of those who wait so; after @attempt it has to
 *		wake the next one
 *
 * The wait queue is joined before the first attempt: the host arms its socket
 * during the attempt, and an event that comes right after it must find a waiter.
 *
 * The host sends an event once, and it wakes all who wait for the socket, whatever
 * they wait for. Those who still have to wait arm the socket again by their next
 * attempt.
 *
 * Return: result of the last attempt, or -ERESTARTSYS or -EINTR after a signal
 */
long ek_socket_wait(struct ek_guest_socket *es, ek_attempt attempt, void *arg,
		    long *timeo, bool alone)
{
	DEFINE_WAIT_FUNC(wait, woken_wake_function);
	wait_queue_head_t *queue = sk_sleep(&es->sk);
	long result;

	if (alone)
		add_wait_queue_exclusive(queue, &wait);
	else
		add_wait_queue(queue, &wait);
	for (;;) {
		result = attempt(es, arg);
		if (result != -EAGAIN || !*timeo)
			break;
		if (signal_pending(current)) {
			result = sock_intr_errno(*timeo);
			break;
		}
		*timeo = wait_woken(&wait, TASK_INTERRUPTIBLE, *timeo);
	}
	remove_wait_queue(queue, &wait);
	return result;
}
