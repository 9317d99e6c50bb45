// SPDX-License-Identifier: GPL-2.0-only
/*
 * The sockets of a VM, and their operations, except those that transfer messages
 * (message.c) and those for options (options.c). None of them waits.
 */
#include <linux/cred.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/in.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/static_call.h>
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

/* @reset: the connection, rather than to leave it to the kernel */
static void close_socket(struct socket *sock, bool reset)
{
	struct sock *sk = sock->sk;

	if (sk) {
		lock_sock(sk);
		/* SO_LINGER would make the thread of the vCPU wait for data to be sent. */
		if (reset) {
			sk->sk_lingertime = 0;
			sock_set_flag(sk, SOCK_LINGER);
		} else if (sk->sk_lingertime) {
			sock_reset_flag(sk, SOCK_LINGER);
		}
		release_sock(sk);
	}
	/* At once: before the guest goes on, and before a VM is detached */
	__fput_sync(sock->file);
}

static void free_socket(struct kref *ref)
{
	struct ek_host_socket *socket = container_of(ref, struct ek_host_socket, ref);
	struct sock *sk = socket->sock->sk;
	bool is_stream = sk->sk_type == SOCK_STREAM;
	struct ek_vm *vm = socket->vm;

	ek_socket_unwatch(socket);
	while (atomic_read(&socket->memberships))
		ek_membership_drop(socket);
	if (socket->port)
		ek_port_return(vm, socket->port);
	sock_hold(sk);
	socket->sk = sk;
	/* As tcp_close() resets a connection whose data its program has not read */
	close_socket(socket->sock, is_stream && (socket->unread || ek_is_delivered(socket) ||
						 !ek_orphan_may(vm)));
	atomic_dec(&vm->nr_sockets);
	if (is_stream && READ_ONCE(sk->sk_state) != TCP_CLOSE) {
		ek_orphan_add(socket);
	} else {
		sock_put(sk);
		kfree(socket);
	}
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

/*
 * The sockets are in no table of descriptors, but count as if they were. A VMM may have
 * as many descriptors as its hard limit says, if it asks for them; it does not know
 * that it should.
 */
static int count_socket(struct ek_vm *vm)
{
	unsigned long files = rlimit_max(RLIMIT_NOFILE);
	int limit = min_t(unsigned long, files, vm->max_sockets);

	ek_orphans_reap(vm);
	/* Not more for a moment either: others see the number. */
	if (atomic_read(&vm->nr_sockets) < limit && atomic_add_unless(&vm->nr_sockets, 1, limit))
		return 0;
	return files < vm->max_sockets ? -EMFILE : -ENFILE;
}

/**
 * add_socket() - Give a socket to the guest
 * @call:	call that created it
 * @sock:	the socket, counted and with a file; closed if this fails
 *
 * Return: its id, or a negative errno
 */
static long add_socket(struct ek_host_call *call, struct socket *sock)
{
	struct ek_vm *vm = call->vm;
	struct ek_host_socket *socket = kzalloc(sizeof(*socket), GFP_KERNEL_ACCOUNT);
	long ret;

	if (!socket) {
		close_socket(sock, false);
		atomic_dec(&vm->nr_sockets);
		return -ENOMEM;
	}
	kref_init(&socket->ref);
	mutex_init(&socket->receive_lock);
	socket->vm = vm;
	socket->sock = sock;
	socket->channel = call->channel;
	ek_socket_watch(socket);
	/* Another call may release the socket as soon as it has an id. */
	kref_get(&socket->ref);
	/* Ids are given in turn: events of a closed socket may still be in a ring. */
	ret = xa_alloc_cyclic(&vm->sockets, &socket->id, socket,
			      XA_LIMIT(0, vm->max_sockets - 1), &vm->next_socket,
			      GFP_KERNEL_ACCOUNT);
	if (ret >= 0) {
		/*
		 * The guest answers SO_ERROR without a call, so it has to know of errors. An
		 * accepted connection may have one already.
		 */
		atomic_or(EPOLLERR, &socket->armed);
		smp_mb__after_atomic();
		call->reply.error = READ_ONCE(sock->sk->sk_err);
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
 * add_file() - Give a socket a file, as descriptors refer to
 * @sock:	the socket; closed if this fails
 * @name:	of its protocol, or NULL if it has a sk
 *
 * By the file, packet filters and control groups find whose the socket is.
 *
 * Return: 0 or a negative errno
 */
static int add_file(struct socket *sock, const char *name)
{
	return PTR_ERR_OR_ZERO(sock_alloc_file(sock, O_NONBLOCK, name));
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
	if (!ek_budget_take(call->vm, EK_BUDGET_SOCKETS))
		return ek_throttle(call);
	err = count_socket(call->vm);
	if (err)
		return err;
	err = __sock_create(call->vm->net, family, type, protocol, &sock, 0);
	if (!err)
		err = add_file(sock, NULL);
	if (err) {
		atomic_dec(&call->vm->nr_sockets);
		return err;
	}
	return add_socket(call, sock);
}

/**
 * ek_op_release() - EK_OP_RELEASE
 * @call:	call
 *
 * Return: 0
 */
long ek_op_release(struct ek_host_call *call)
{
	if (call->request.arg)
		WRITE_ONCE(call->socket->unread, true);
	/* If several calls release the same socket, only one of them finds it. */
	if (xa_cmpxchg(&call->vm->sockets, call->socket->id, call->socket, NULL, 0) ==
	    call->socket)
		ek_socket_put(call->socket);
	return 0;
}

/* It is at the same place in addresses of IPv4 and of IPv6. */
static u16 port_of(const struct sockaddr *address, unsigned int bytes)
{
	return bytes < offsetofend(struct sockaddr_in, sin_port) ? 0 :
	       ntohs(((const struct sockaddr_in *)address)->sin_port);
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
	struct ek_host_socket *socket = call->socket;
	struct sockaddr *address = (void *)&call->channel->address;
	int bytes = call->request.address_bytes;
	u16 port = socket->sock->sk->sk_type == SOCK_DGRAM ? port_of(address, bytes) : 0;
	const struct cred *old;
	long ret;

	ret = static_call(ek_security_bind)(socket->sock, address, bytes);
	if (ret)
		return ret;
	if (port && !ek_port_take(call->vm, port))
		return -EADDRINUSE;
	old = override_creds(call->vm->bind_cred);
	ret = kernel_bind(socket->sock, (void *)address, bytes);
	revert_creds(old);
	/* A socket that is bound to a port stays bound to it. */
	if (!ret)
		socket->port = port;
	else if (port)
		ek_port_return(call->vm, port);
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
	struct socket *sock = call->socket->sock;
	void *address = &call->channel->address;
	int bytes = call->request.address_bytes, err;

	err = static_call(ek_security_connect)(sock, address, bytes);
	if (err)
		return err;
	ek_socket_arm(call->socket, call->channel, EK_EVENTS_OUT);
	return kernel_connect(sock, address, bytes, O_NONBLOCK);
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
	int backlog = min_t(u32, call->request.arg, limit);
	int err = static_call(ek_security_listen)(call->socket->sock, backlog);

	return err ? : kernel_listen(call->socket->sock, backlog);
}

static void reply_address(struct ek_host_call *call, int bytes)
{
	call->reply.address_bytes = bytes;
	memcpy(call->channel->slot->address, &call->channel->address,
	       min_t(unsigned int, bytes, EK_ADDRESS_BYTES));
}

/**
 * accepting_socket() - Make what a connection is accepted into, as accept() does
 * @listener:	socket that accepts it
 *
 * Unlike with kernel_accept(), the host's security modules take it for the VMM's.
 *
 * Return: socket with a file, or an ERR_PTR()
 */
static struct socket *accepting_socket(struct socket *listener)
{
	struct socket *sock = sock_alloc();
	int err;

	if (!sock)
		return ERR_PTR(-ENFILE);
	sock->type = listener->type;
	sock->ops = READ_ONCE(listener->ops);
	__module_get(sock->ops->owner);
	err = add_file(sock, listener->sk->sk_prot_creator->name);
	return err ? ERR_PTR(err) : sock;
}

static int try_accept(struct socket *listener, struct socket *sock)
{
	struct proto_accept_arg arg = { .flags = O_NONBLOCK };

	return READ_ONCE(listener->ops)->accept(listener, sock, &arg);
}

/**
 * ek_op_accept() - EK_OP_ACCEPT
 * @call:	call
 *
 * Return: id of the new socket, or a negative errno
 */
long ek_op_accept(struct ek_host_call *call)
{
	struct socket *listener = call->socket->sock, *sock;
	struct ek_vm *vm = call->vm;
	int ret;

	if (!ek_budget_left(vm, EK_BUDGET_SOCKETS)) {
		atomic64_inc(&vm->stats.throttled);
		return ek_throttle(call);
	}
	ret = count_socket(vm);
	if (ret)
		return ret;
	sock = accepting_socket(listener);
	if (IS_ERR(sock)) {
		ret = PTR_ERR(sock);
		goto err_count;
	}
	ret = static_call(ek_security_accept)(listener, sock);
	if (!ret)
		ret = try_accept(listener, sock);
	if (ret == -EAGAIN) {
		ek_socket_arm(call->socket, call->channel, EK_EVENTS_IN);
		ret = try_accept(listener, sock);
	}
	if (ret)
		goto err_file;
	/* Only now: who has looked in vain has cost nobody anything. */
	ek_budget_take(vm, EK_BUDGET_SOCKETS);
	/* As accept() asks: also where the peer has gone already. */
	ret = sock->ops->getname(sock, (struct sockaddr *)&call->channel->address, 2);
	if (ret < 0) {
		ret = -ECONNABORTED;
		goto err_file;
	}
	reply_address(call, ret);
	return add_socket(call, sock);

err_file:
	close_socket(sock, false);
err_count:
	atomic_dec(&vm->nr_sockets);
	return ret;
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
	struct socket *sock = call->socket->sock;
	int ret;

	if (call->request.arg)
		ret = static_call(ek_security_getpeername)(sock) ? :
		      kernel_getpeername(sock, address);
	else
		ret = static_call(ek_security_getsockname)(sock) ? :
		      kernel_getsockname(sock, address);
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
	struct socket *sock = call->socket->sock;
	__poll_t events;

	WRITE_ONCE(call->socket->deliver, call->request.flags & EK_DELIVER);
	/* Before poll(): what changes after it is an event then. */
	ek_socket_arm(call->socket, call->channel, EK_EVENTS_IN | EK_EVENTS_OUT);
	events = READ_ONCE(sock->ops)->poll(sock->file, sock, NULL);
	if (ek_reply_delivered(call))
		events |= EPOLLIN | EPOLLRDNORM;
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
	int err;

	if (how > SHUT_RDWR)
		return -EINVAL;
	err = static_call(ek_security_shutdown)(call->socket->sock, how);
	return err ? : kernel_sock_shutdown(call->socket->sock, how);
}
