// SPDX-License-Identifier: GPL-2.0-only
/*
 * A message arrives with its event. A vCPU that an event lets go on behind its hlt
 * instruction comes by here before it enters the guest: a message that is small is
 * received into the guest's memory then, so that the guest need not call for it.
 */
#include <linux/atomic.h>
#include <linux/cred.h>
#include <linux/ftrace.h>
#include <linux/kvm_host.h>
#include <linux/mutex.h>
#include <linux/nospec.h>
#include <linux/sockios.h>
#include <linux/static_call.h>
#include <linux/string.h>
#include <linux/tcp.h>
#include <linux/uio.h>
#include <net/sock.h>
#include <asm/ioctls.h>

#include "ek_host.h"

/* Not what is urgent. A stream that has brought much will do so again. */
static bool is_small_stream(const struct ek_host_socket *socket)
{
	const struct tcp_sock *tp = tcp_sk(socket->sock->sk);
	u32 bytes = READ_ONCE(tp->rcv_nxt) - READ_ONCE(tp->copied_seq);

	return !socket->bulk && !READ_ONCE(tp->urg_data) && bytes && bytes <= EK_MESSAGE_BYTES;
}

static bool is_small_datagram(struct sock *sk)
{
	int bytes = 0;

	/* They take more memory than they have bytes. */
	if (sk_rmem_alloc_get(sk) <= EK_MESSAGE_BYTES)
		return true;
	/* Of the first one; an empty one is not told from none. */
	return !READ_ONCE(sk->sk_prot)->ioctl(sk, SIOCINQ, &bytes) && bytes > 0 &&
	       bytes <= EK_MESSAGE_BYTES;
}

/**
 * is_small() - Check whether the next message may be delivered
 * @socket:	socket
 *
 * Not where a program has moved the place that MSG_PEEK looks at.
 *
 * Return: false if there is something to receive that does not fit, or may not
 */
static bool is_small(const struct ek_host_socket *socket)
{
	struct sock *sk = socket->sock->sk;

	if (READ_ONCE(sk->sk_err) || READ_ONCE(sk->sk_peek_off) >= 0 ||
	    READ_ONCE(sk->sk_rcvlowat) > 1)
		return false;
	return sk->sk_type == SOCK_STREAM ? is_small_stream(socket) : is_small_datagram(sk);
}

/**
 * receive() - Receive a message into the guest's memory
 * @socket:	socket, whose receive_lock is held
 * @channel:	of the CPU that gets it, whose call_lock is held
 *
 * Return: its bytes, or a negative errno
 */
static int receive(struct ek_host_socket *socket, struct ek_channel *channel)
{
	struct ek_delivery *delivery = channel->delivery;
	struct msghdr msg = {
		.msg_name	= &channel->address,
		.msg_control	= channel->data,
		.msg_controllen	= sizeof(channel->data),
	};
	struct kvec part = {
		.iov_base	= delivery->message,
		.iov_len	= sizeof(delivery->message),
	};
	unsigned int data_bytes;
	int ret;

	iov_iter_kvec(&msg.msg_iter, ITER_DEST, &part, 1, part.iov_len);
	ret = sock_recvmsg(socket->sock, &msg, MSG_DONTWAIT);
	if (ret < 0) {
		/* The guest has not asked, so the error is still to be told. */
		if (ret != -EAGAIN && ret != -ENOTCONN)
			WRITE_ONCE(socket->sock->sk->sk_err, -ret);
		return ret;
	}
	/* The end of a stream is no message, and still there. */
	if (!ret && socket->sock->sk->sk_type == SOCK_STREAM)
		return -EAGAIN;
	data_bytes = sizeof(channel->data) - msg.msg_controllen;
	WRITE_ONCE(delivery->socket, socket->id);
	WRITE_ONCE(delivery->bytes, ret);
	WRITE_ONCE(delivery->message_flags, msg.msg_flags);
	WRITE_ONCE(delivery->address_bytes, msg.msg_namelen);
	WRITE_ONCE(delivery->data_bytes, data_bytes);
	memcpy(delivery->address, &channel->address,
	       min_t(unsigned int, msg.msg_namelen, EK_ADDRESS_BYTES));
	memcpy(delivery->data, channel->data, data_bytes);
	return ret;
}

static void deliver(struct ek_vm *vm, struct ek_channel *channel, struct ek_host_socket *socket)
{
	struct ek_delivery *delivery = channel->delivery;
	int ret;

	if (!socket->deliver || READ_ONCE(delivery->state) != EK_DELIVERY_EMPTY ||
	    !is_small(socket))
		return;
	ret = receive(socket, channel);
	if (ret < 0)
		return;
	/* Before the socket is armed */
	WRITE_ONCE(delivery->produced, READ_ONCE(channel->produced));
	WRITE_ONCE(delivery->flags, ek_socket_drained(socket, channel) ? EK_DRAINED : 0);
	/* Pairs with the guest's acquire: it reads this before all else. */
	smp_store_release(&delivery->state, EK_DELIVERY_FULL);
	channel->delivered = socket->id + 1;
	socket->delivered = channel;
	ek_mark_dirty(vm->kvm, channel->delivery_address, sizeof(*delivery));
	atomic64_inc(&vm->stats.delivered);
	ek_count_message(&vm->stats.received, &vm->stats.bytes_received, ret);
}

/**
 * ek_deliver() - Deliver the message of the event that has ended a vCPU's halt
 * @vm:		VM, whose lock is held for reading
 * @region:	the VM's
 * @vcpu:	vCPU of the current thread
 *
 * Nobody is waited for: if it cannot be done now, the guest asks for the message.
 */
void ek_deliver(struct ek_vm *vm, struct ek_host_region *region, struct kvm_vcpu *vcpu)
{
	unsigned int number = vcpu->vcpu_idx;
	struct ek_host_socket *socket;
	struct ek_channel *channel;
	const struct cred *old;
	int due;

	/* The guest's CPU n is vCPU n, or its messages do not come with their events. */
	if (number >= region->nr_channels)
		return;
	channel = &region->channels[array_index_nospec(number, region->nr_channels)];
	if (READ_ONCE(channel->vcpu) != number)
		return;
	due = atomic_xchg(&channel->due, 0);
	socket = due ? ek_socket_get(vm, due - 1) : NULL;
	if (!socket)
		return;
	if (mutex_trylock(&socket->receive_lock)) {
		if (mutex_trylock(&channel->call_lock)) {
			old = override_creds(vm->guest_cred);
			deliver(vm, channel, socket);
			revert_creds(old);
			mutex_unlock(&channel->call_lock);
		}
		mutex_unlock(&socket->receive_lock);
	}
	ek_socket_put(socket);
}

/**
 * ek_is_delivered() - Whether a message was delivered that the guest has not taken
 * @socket:	socket
 *
 * Depends on what the guest writes, and concerns nobody else.
 */
bool ek_is_delivered(const struct ek_host_socket *socket)
{
	const struct ek_channel *channel = READ_ONCE(socket->delivered);

	return channel && READ_ONCE(channel->delivered) == socket->id + 1 &&
	       READ_ONCE(channel->delivery->state) == EK_DELIVERY_FULL;
}

/**
 * ek_reply_delivered() - Tell a call where a message of its socket is that was delivered
 * @call:	call
 *
 * Return: whether there is one
 */
bool ek_reply_delivered(struct ek_host_call *call)
{
	const struct ek_host_region *region = rcu_access_pointer(call->vm->region);

	if (!ek_is_delivered(call->socket))
		return false;
	call->reply.flags |= EK_DELIVERED;
	call->reply.delivery = call->socket->delivered - region->channels;
	return true;
}

static int deliver_and_accept_events(struct kvm_vcpu *vcpu);

/* Behind where ftrace enters it, so that it is not redirected again. */
DEFINE_STATIC_CALL_RET0(accept_events, deliver_and_accept_events);

/*
 * kvm_apic_accept_events() is what KVM calls when a vCPU's halt has ended, before the
 * vCPU enters the guest, in its thread, where it may sleep.
 */
static int deliver_and_accept_events(struct kvm_vcpu *vcpu)
{
	int idx = srcu_read_lock(&ek_vms_srcu);
	int ret;

	ek_vm_deliver(vcpu);
	ret = static_call(accept_events)(vcpu);
	srcu_read_unlock(&ek_vms_srcu, idx);
	return ret;
}

static void notrace handler(unsigned long ip, unsigned long parent_ip,
			    struct ftrace_ops *ops, struct ftrace_regs *fregs)
{
	const struct kvm_vcpu *vcpu = (void *)ftrace_regs_get_argument(fregs, 0);

	/* As ek_notify() lets it go on, and few others do */
	if (vcpu->arch.mp_state == KVM_MP_STATE_HALTED && READ_ONCE(vcpu->arch.pv.pv_unhalted))
		ftrace_regs_set_instruction_pointer(fregs,
						    (unsigned long)deliver_and_accept_events);
}

static struct ftrace_ops ops = {
	.func	= handler,
	.flags	= FTRACE_OPS_FL_IPMODIFY | FTRACE_OPS_FL_PERMANENT |
		  FTRACE_OPS_FL_RECURSION,
};

/**
 * ek_delivery_init() - Deliver messages from now on
 *
 * Return: 0 or a negative errno
 */
int ek_delivery_init(void)
{
	static const char name[] = "kvm_apic_accept_events";
	unsigned long function = ek_kvm_function(name);

	if (!function)
		return -ENOENT;
	static_call_update(accept_events,
			   (typeof(&deliver_and_accept_events))(function + MCOUNT_INSN_SIZE));
	return ek_kvm_redirect(&ops, name);
}

/**
 * ek_delivery_exit() - Undo ek_delivery_init()
 */
void ek_delivery_exit(void)
{
	ek_kvm_release(&ops);
}
