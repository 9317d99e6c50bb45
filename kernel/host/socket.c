// SPDX-License-Identifier: GPL-2.0-only
/*
 * The sockets of a VM, and the operations on them that move no messages. None
 * of them blocks.
 */
#include <linux/cred.h>
#include <linux/fs.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <net/inet_sock.h>
#include <net/sock.h>

#include "ek_host.h"

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

	/* The guest can wait for its data to be sent; its CPU's thread cannot. */
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

void ek_socket_put(struct ek_host_socket *socket)
{
	kref_put(&socket->ref, free_socket);
}

void ek_sockets_close(struct ek_vm *vm)
{
	struct ek_host_socket *socket;
	unsigned long id;

	xa_for_each(&vm->sockets, id, socket) {
		xa_erase(&vm->sockets, id);
		ek_socket_put(socket);
	}
}

/* Gives @sock to the guest; returns its id. Closes it if that fails. */
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
	/* As soon as it has an id, another call may release it. */
	kref_get(&socket->ref);
	/* In turn: events of a socket that was closed may be on their way. */
	ret = xa_alloc_cyclic(&vm->sockets, &socket->id, socket,
			      XA_LIMIT(0, vm->max_sockets - 1), &vm->next_socket,
			      GFP_KERNEL_ACCOUNT);
	if (ret >= 0) {
		/* SO_ERROR is to be right without a call of the guest. */
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

long ek_op_release(struct ek_host_call *call)
{
	/* Of several calls for one socket, one finds it. */
	if (xa_cmpxchg(&call->vm->sockets, call->socket->id, call->socket, NULL, 0) ==
	    call->socket)
		ek_socket_put(call->socket);
	return 0;
}

/* The guest's kernel has checked its process; the port is the operator's to give. */
long ek_op_bind(struct ek_host_call *call)
{
	const struct cred *old = override_creds(call->vm->cred);
	long ret;

	ret = kernel_bind(call->socket->sock, (void *)&call->channel->address,
			  call->request.address_bytes);
	revert_creds(old);
	return ret;
}

/*
 * A connection that is refused at once must not be looked at twice: the second
 * look would take the error, which is for the guest to find.
 */
long ek_op_connect(struct ek_host_call *call)
{
	ek_socket_arm(call, EK_EVENTS_OUT);
	return kernel_connect(call->socket->sock, (void *)&call->channel->address,
			      call->request.address_bytes, O_NONBLOCK);
}

/* What waits to be accepted is bounded as natively, which kernel_listen() leaves to its caller. */
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
		/* It has gone already: natively accept() fails as well. */
		close_socket(sock);
		return -ECONNABORTED;
	}
	reply_address(call, ret);
	return add_socket(call, sock, listener);
}

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

long ek_op_poll(struct ek_host_call *call)
{
	/* Of a file, poll looks at its flags. */
	static struct file file = { .f_flags = O_NONBLOCK };
	struct socket *sock = call->socket->sock;
	__poll_t events;

	/* Before it looks: what changes afterwards is told. */
	ek_socket_arm(call, EK_EVENTS_IN | EK_EVENTS_OUT);
	events = READ_ONCE(sock->ops)->poll(&file, sock, NULL);
	call->reply.events = (__force u32)events;
	if (events & EPOLLERR)
		call->reply.error = -sock_error(sock->sk);
	return 0;
}

long ek_op_shutdown(struct ek_host_call *call)
{
	u64 how = call->request.arg;

	if (how > SHUT_RDWR)
		return -EINVAL;
	return kernel_sock_shutdown(call->socket->sock, how);
}
