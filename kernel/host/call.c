// SPDX-License-Identifier: GPL-2.0-only
/*
 * Executes a call: copies the request out of its slot, checks it, executes the
 * operation, and writes the reply into the slot.
 */
#include <linux/cred.h>
#include <linux/nospec.h>
#include <linux/poll.h>
#include <linux/string.h>
#include <net/sock.h>

#include "ek_host.h"

struct operation {
	long	(*run)(struct ek_host_call *call);
	bool	has_socket;
	/* what belongs to the request in its slot */
	bool	has_address;
	bool	has_data;
};

static const struct operation operations[EK_OP_NR] = {
	[EK_OP_CREATE]	   = { ek_op_create },
	[EK_OP_RELEASE]	   = { ek_op_release,	 .has_socket = true },
	[EK_OP_BIND]	   = { ek_op_bind,	 .has_socket = true, .has_address = true },
	[EK_OP_CONNECT]	   = { ek_op_connect,	 .has_socket = true, .has_address = true },
	[EK_OP_LISTEN]	   = { ek_op_listen,	 .has_socket = true },
	[EK_OP_ACCEPT]	   = { ek_op_accept,	 .has_socket = true },
	[EK_OP_GETNAME]	   = { ek_op_getname,	 .has_socket = true },
	[EK_OP_SEND]	   = { ek_op_send,	 .has_socket = true, .has_address = true,
			       .has_data = true },
	[EK_OP_RECV]	   = { ek_op_recv,	 .has_socket = true },
	[EK_OP_POLL]	   = { ek_op_poll,	 .has_socket = true },
	[EK_OP_SHUTDOWN]   = { ek_op_shutdown,	 .has_socket = true },
	[EK_OP_SETSOCKOPT] = { ek_op_setsockopt, .has_socket = true, .has_data = true },
	[EK_OP_GETSOCKOPT] = { ek_op_getsockopt, .has_socket = true },
	[EK_OP_IOCTL]	   = { ek_op_ioctl,	 .has_socket = true },
	[EK_OP_ADDRESSES]  = { ek_op_addresses },
};

/**
 * run() - Check a request and execute its operation
 * @call:	call, with the request already copied
 *
 * Return: result of the operation
 */
static long run(struct ek_host_call *call)
{
	const struct ek_request *request = &call->request;
	struct ek_channel *channel = call->channel;
	const struct operation *operation;
	long ret;

	if (request->operation >= EK_OP_NR)
		return -EOPNOTSUPP;
	operation = &operations[array_index_nospec(request->operation, EK_OP_NR)];
	if (!operation->run)
		return -EOPNOTSUPP;
	if (request->flags & ~(EK_CLEAR_ERROR | EK_DELIVER | EK_BEHIND | EK_CONTINUED) ||
	    request->address_bytes > EK_ADDRESS_BYTES ||
	    request->data_bytes > EK_DATA_BYTES || request->segments > EK_MAX_SEGMENTS ||
	    request->inline_bytes > EK_MESSAGE_BYTES)
		return -EINVAL;
	if (operation->has_address)
		memcpy(&channel->address, channel->slot->address, request->address_bytes);
	if (operation->has_data)
		memcpy(channel->data, channel->slot->data, request->data_bytes);
	/* From here on, only the copies are checked and used. */
	barrier();
	if (!operation->has_socket)
		return operation->run(call);

	call->socket = ek_socket_get(call->vm, request->socket);
	if (!call->socket)
		return -EBADF;
	if (request->flags & EK_CLEAR_ERROR) {
		sock_error(call->socket->sock->sk);
		ek_socket_arm(call->socket, channel, EPOLLERR);
	}
	ret = operation->run(call);
	ek_socket_put(call->socket);
	return ret;
}

/**
 * ek_call_execute() - Execute the request in a slot
 * @vm:		VM, whose lock is held for reading
 * @vcpu:	vCPU that made the call
 * @slot:	number of the slot, as the guest says
 *
 * Context: Thread of the vCPU.
 * Return: 0 if there is a reply in the slot, or a negative errno
 */
long ek_call_execute(struct ek_vm *vm, struct kvm_vcpu *vcpu, u64 slot)
{
	struct ek_host_region *region = rcu_dereference_protected(vm->region,
							     lockdep_is_held(&vm->lock));
	struct ek_host_call call = { .vm = vm, .vcpu = vcpu };
	struct ek_channel *channel;
	const struct cred *old;

	if (!region)
		return -ENXIO;
	if (slot >= region->nr_channels)
		return -EINVAL;
	channel = &region->channels[array_index_nospec(slot, region->nr_channels)];
	if (!mutex_trylock(&channel->call_lock))
		return -EBUSY;

	WRITE_ONCE(channel->vcpu, vcpu->vcpu_idx);
	call.channel = channel;
	memcpy(&call.request, &channel->slot->request, sizeof(call.request));
	barrier();
	old = override_creds(vm->guest_cred);
	call.reply.result = run(&call);
	revert_creds(old);
	channel->slot->reply = call.reply;
	ek_mark_dirty(vcpu->kvm, channel->slot_address, sizeof(*channel->slot));
	mutex_unlock(&channel->call_lock);

	atomic64_inc(&vm->stats.calls);
	if (call.reply.result < 0 && call.reply.result != -EAGAIN &&
	    call.reply.result != -EINPROGRESS)
		atomic64_inc(&vm->stats.errors);
	return 0;
}
