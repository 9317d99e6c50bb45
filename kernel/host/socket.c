// SPDX-License-Identifier: GPL-2.0-only
/*
 * The sockets of a VM, and their operations, except those that transfer messages
 * (message.c) and those for options (options.c). None of them waits.
 */
#include <linux/cred.h>
#include <linux/fs.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <net/inet_sock.h>
#include <net/sock.h>

#include "ek_host.h"

/**
 * ek_socket_get() - Find a socket and take a reference
 * @vm:		VM
 * @id:		its name for the guest
 *
 * Return: the socket, for ek_socket_put(), or NULL
 */
struct ek_host_socket *ek_socket_get(struct ek_vm *vm, u32 id)
{
	struct ek_host_socket *socket;

	xa_lock(&vm->sockets);
	socket = xa_load(&vm->sockets, id);
	if (socket)
		kref_get(&socket->ref);
	xa_unlock(&vm->sockets);
	return socket;
}

static void close_socket(struct socket *sock)
{
	struct sock *sk = sock->sk;

	/* SO_LINGER would make the thread of the vCPU wait for data to be sent. */
	lock_sock(sk);
	if (sk->sk_lingertime)
		sock_reset_flag(sk, SOCK_LINGER);
	release_sock(sk);
	sock_release(sock);
}

static void free_socket(struct kref *ref)
{
	struct ek_host_socket *socket = container_of(ref, struct ek_host_socket, ref);

	ek_socket_unwatch(socket);
	close_socket(socket->sock);
	kfree_rcu(socket, rcu);
}

/**
 * ek_socket_put() - Release a reference; the last one closes the socket
 * @socket:	socket
 */
void ek_socket_put(struct ek_host_socket *socket)
{
	kref_put(&socket->ref, free_socket);
}

/**
 * ek_sockets_close() - Close all sockets of a VM
 * @vm:		VM that has no call in progress
 */
void ek_sockets_close(struct ek_vm *vm)
{
	struct ek_host_socket *socket;
	unsigned long id;

	xa_for_each(&vm->sockets, id, socket) {
		xa_erase(&vm->sockets, id);
		ek_socket_put(socket);
	}
}

/**
 * add_socket() - Give a socket to the guest
 * @call:	call that created it
 * @sock:	the socket; closed if this fails
 * @listener:	socket that accepted it, or NULL
 *
 * Return: its id, or a negative errno
 */
static long add_socket(struct ek_host_call *call, struct socket *sock,
		       const struct ek_host_socket *listener)
{
	struct ek_vm *vm = call->vm;
	struct ek_host_socket *socket = kzalloc(sizeof(*socket), GFP_KERNEL_ACCOUNT);
	long ret;

	if (!socket) {
		close_socket(sock);
		return -ENOMEM;
	}
	kref_init(&socket->ref);
	socket->vm = vm;
	socket->sock = sock;
	socket->channel = call->channel;
	ek_socket_watch(socket, listener);
	/* Another call may release the socket as soon as it has an id. */
	kref_get(&socket->ref);
	/* Ids are given in turn: events of a closed socket may still be in a ring. */
	ret = xa_alloc_cyclic(&vm->sockets, &socket->id, socket,
			      XA_LIMIT(0, vm->max_sockets - 1), &vm->next_socket,
			      GFP_KERNEL_ACCOUNT);
	if (ret >= 0) {
		/* The guest answers SO_ERROR without a call, so it has to know of errors. */
		atomic_or(EPOLLERR, &socket->armed);
		ret = socket->id;
	} else {
		ek_socket_put(socket);
		if (ret == -EBUSY)
			ret = -ENFILE;
	}
	ek_socket_put(socket);
	return ret;
}

/**
 * ek_op_create() - EK_OP_CREATE
 * @call:	call
 *
 * Return: id of the socket, or a negative errno
 */
long ek_op_create(struct ek_host_call *call)
{
	u64 arg = call->request.arg;
	int family = arg >> 32, type = (u16)(arg >> 16), protocol = (u16)arg;
	struct socket *sock;
	int err;

	if (family != AF_INET && family != AF_INET6)
		return -EAFNOSUPPORT;
	if (!(type == SOCK_STREAM && (!protocol || protocol == IPPROTO_TCP)) &&
	    !(type == SOCK_DGRAM && (!protocol || protocol == IPPROTO_UDP)))
		return -EPROTONOSUPPORT;
	err = __sock_create(call->vm->net, family, type, protocol, &sock, 0);
	if (err)
		return err;
	return add_socket(call, sock, NULL);
}

/**
 * ek_op_release() - EK_OP_RELEASE
 * @call:	call
 *
 * Return: 0
 */
long ek_op_release(struct ek_host_call *call)
{
	/* If several calls release the same socket, only one of them finds it. */
	if (xa_cmpxchg(&call->vm->sockets, call->socket->id, call->socket, NULL, 0) ==
	    call->socket)
		ek_socket_put(call->socket);
	return 0;
}

/**
 * ek_op_bind() - EK_OP_BIND
 * @call:	call
 *
 * The guest's kernel has checked the rights of its process. Which ports the VM may
 * have follows from the rights of the operator who attached it.
 *
 * Return: 0 or a negative errno
 */
long ek_op_bind(struct ek_host_call *call)
{
	const struct cred *old = override_creds(call->vm->cred);
	long ret;

	ret = kernel_bind(call->socket->sock, (void *)&call->channel->address,
			  call->request.address_bytes);
	revert_creds(old);
	return ret;
}

/**
 * ek_op_connect() - EK_OP_CONNECT
 * @call:	call
 *
 * Arms the socket before the attempt, and does not try again afterwards: if the
 * connection is refused at once, the second attempt would consume the error.
 *
 * Return: 0 or a negative errno
 */
long ek_op_connect(struct ek_host_call *call)
{
	ek_socket_arm(call, EK_EVENTS_OUT);
	return kernel_connect(call->socket->sock, (void *)&call->channel->address,
			      call->request.address_bytes, O_NONBLOCK);
}

/**
 * ek_op_listen() - EK_OP_LISTEN
 * @call:	call
 *
 * Applies net.core.somaxconn, as listen() does and kernel_listen() does not.
 *
 * Return: 0 or a negative errno
 */
long ek_op_listen(struct ek_host_call *call)
{
	unsigned int limit = READ_ONCE(call->vm->net->core.sysctl_somaxconn);

	return kernel_listen(call->socket->sock, min_t(u32, call->request.arg, limit));
}

static void reply_address(struct ek_host_call *call, int bytes)
{
	call->reply.address_bytes = bytes;
	memcpy(call->channel->slot->address, &call->channel->address,
	       min_t(unsigned int, bytes, EK_ADDRESS_BYTES));
}

/**
 * ek_op_accept() - EK_OP_ACCEPT
 * @call:	call
 *
 * Return: id of the new socket, or a negative errno
 */
long ek_op_accept(struct ek_host_call *call)
{
	struct ek_host_socket *listener = call->socket;
	struct socket *sock;
	int ret;

	ret = kernel_accept(listener->sock, &sock, O_NONBLOCK);
	if (ret == -EAGAIN) {
		ek_socket_arm(call, EK_EVENTS_IN);
		ret = kernel_accept(listener->sock, &sock, O_NONBLOCK);
	}
	if (ret)
		return ret;
	ret = kernel_getpeername(sock, (struct sockaddr *)&call->channel->address);
	if (ret < 0) {
		/* The peer has gone already: natively, too, accept() fails. */
		close_socket(sock);
		return -ECONNABORTED;
	}
	reply_address(call, ret);
	return add_socket(call, sock, listener);
}

/**
 * ek_op_getname() - EK_OP_GETNAME
 * @call:	call
 *
 * Return: 0 or a negative errno
 */
long ek_op_getname(struct ek_host_call *call)
{
	struct sockaddr *address = (struct sockaddr *)&call->channel->address;
	int ret;

	if (call->request.arg)
		ret = kernel_getpeername(call->socket->sock, address);
	else
		ret = kernel_getsockname(call->socket->sock, address);
	if (ret < 0)
		return ret;
	reply_address(call, ret);
	return 0;
}

/**
 * ek_op_poll() - EK_OP_POLL
 * @call:	call
 *
 * Return: 0
 */
long ek_op_poll(struct ek_host_call *call)
{
	/* A socket's poll() reads only the flags of the file. */
	static struct file file = { .f_flags = O_NONBLOCK };
	struct socket *sock = call->socket->sock;
	__poll_t events;

	/* Before poll(): what changes after it is an event then. */
	ek_socket_arm(call, EK_EVENTS_IN | EK_EVENTS_OUT);
	events = READ_ONCE(sock->ops)->poll(&file, sock, NULL);
	call->reply.events = (__force u32)events;
	if (events & EPOLLERR)
		call->reply.error = -sock_error(sock->sk);
	return 0;
}

/**
 * ek_op_shutdown() - EK_OP_SHUTDOWN
 * @call:	call
 *
 * Return: 0 or a negative errno
 */
long ek_op_shutdown(struct ek_host_call *call)
{
	u64 how = call->request.arg;

	if (how > SHUT_RDWR)
		return -EINVAL;
	return kernel_sock_shutdown(call->socket->sock, how);
}
