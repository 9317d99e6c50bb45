// SPDX-License-Identifier: GPL-2.0-only
/*
 * The VMs that the operator has attached. A VM is identified by its VMM's address
 * space, which exists before KVM's structures do, and ends when the VMM ends, in
 * whatever way. Then the VM's sockets are closed, and the guest's pages and the
 * network namespace are released.
 *
 * A VM that ends stays in the table until it is torn down. So whoever has to know
 * that the host no longer uses the VM's memory waits for this VM, and for no other.
 */
#include <linux/capability.h>
#include <linux/completion.h>
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/hashtable.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <net/net_namespace.h>
#include <net/sock.h>
#include <uapi/linux/kvm_para.h>

#include "ek_host.h"

static DEFINE_HASHTABLE(vms, 6);
static DEFINE_SPINLOCK(vms_lock);
DEFINE_SRCU(ek_vms_srcu);
static struct workqueue_struct *workqueue;

/* In a critical section of ek_vms_srcu */
#define for_each_vm(vm, bucket)						\
	for ((bucket) = 0; (bucket) < HASH_SIZE(vms); (bucket)++)	\
		hlist_for_each_entry_srcu(vm, &vms[bucket], node,	\
					  srcu_read_lock_held(&ek_vms_srcu))

static struct ek_vm *find(const struct mm_struct *mm)
{
	struct ek_vm *vm;

	hash_for_each_possible_rcu(vms, vm, node, (unsigned long)mm,
				   srcu_read_lock_held(&ek_vms_srcu) ||
				   lockdep_is_held(&vms_lock))
		if (vm->mm == mm)
			return vm;
	return NULL;
}

/**
 * drop_region() - Close all sockets and release the region, if there is one
 * @vm:		VM, whose lock is held for writing
 */
static void drop_region(struct ek_vm *vm)
{
	struct ek_host_region *region = rcu_replace_pointer(vm->region, NULL,
							    lockdep_is_held(&vm->lock));

	if (!region)
		return;
	WRITE_ONCE(vm->vcpu, NULL);
	ek_sockets_close(vm);
	ek_limits_forget(vm);
	/* An event in progress uses the region, and a socket's event also the VM. */
	synchronize_rcu();
	ek_region_unmap(region);
	vm->kvm = NULL;
	fput(vm->vcpu_file);
}

/**
 * end() - Begin no more calls of a VM, and have it torn down
 * @vm:		VM
 *
 * The VMM may end while the operator detaches the VM, or while the module is
 * unloaded: only the first one has it torn down. A worker does that, because it
 * unregisters the notifier that may be calling this.
 *
 * Return: whether this was the first one
 */
static bool end(struct ek_vm *vm)
{
	bool first;

	spin_lock(&vms_lock);
	first = !vm->ending;
	WRITE_ONCE(vm->ending, true);
	/* Under the lock: who finds the VM ending may wait for the work. */
	if (first)
		queue_work(workqueue, &vm->teardown);
	spin_unlock(&vms_lock);
	return first;
}

static void mm_released(struct mmu_notifier *notifier, struct mm_struct *mm)
{
	end(container_of(notifier, struct ek_vm, notifier));
}

static const struct mmu_notifier_ops notifier_ops = {
	.release = mm_released,
};

/* What a VM has from its attachment on. */
static void put_policy(struct ek_vm *vm)
{
	put_cred(vm->guest_cred);
	put_cred(vm->bind_cred);
	put_net(vm->net);
}

static void free_vm(struct rcu_head *rcu)
{
	kfree(container_of(rcu, struct ek_vm, rcu));
}

static void put_vm(struct ek_vm *vm)
{
	if (refcount_dec_and_test(&vm->refs))
		call_srcu(&ek_vms_srcu, &vm->rcu, free_vm);
}

static void teardown(struct work_struct *work)
{
	struct ek_vm *vm = container_of(work, struct ek_vm, teardown);

	/* Waits for the calls in progress, which may still create sockets. */
	down_write(&vm->lock);
	/* Processes of the guest that wait would otherwise wait forever. */
	ek_events_overflow(vm);
	drop_region(vm);
	up_write(&vm->lock);
	xa_destroy(&vm->sockets);
	ek_limits_exit(vm);

	spin_lock(&vms_lock);
	hash_del_rcu(&vm->node);
	spin_unlock(&vms_lock);
	mmu_notifier_unregister(&vm->notifier, vm->mm);
	put_policy(vm);
	complete_all(&vm->ended);
	put_vm(vm);
}

static struct task_struct *get_process(pid_t nr)
{
	struct pid *pid = find_get_pid(nr);
	struct task_struct *task = get_pid_task(pid, PIDTYPE_TGID);

	put_pid(pid);
	return task;
}

static struct cred *without_capabilities(struct task_struct *task)
{
	struct cred *cred = prepare_kernel_cred(task);

	if (cred) {
		cap_clear(cred->cap_inheritable);
		cap_clear(cred->cap_permitted);
		cap_clear(cred->cap_effective);
		cap_clear(cred->cap_bset);
		cap_clear(cred->cap_ambient);
	}
	return cred;
}

/**
 * take_credentials() - Decide whose rights a VM's sockets have
 * @vm:		VM with a network namespace
 * @task:	its VMM
 *
 * Those of the VMM, so its user, its control groups and its label say whose they are.
 * A VMM may run as root, but its guest must not have the rights of root. The guest's
 * kernel decides which of its processes may bind to low ports, if the operator may.
 *
 * Return: 0 or a negative errno
 */
static int take_credentials(struct ek_vm *vm, struct task_struct *task)
{
	struct cred *bind = without_capabilities(task);

	vm->guest_cred = without_capabilities(task);
	vm->bind_cred = bind;
	if (!bind || !vm->guest_cred)
		return -ENOMEM;
	if (ns_capable(vm->net->user_ns, CAP_NET_BIND_SERVICE)) {
		cap_raise(bind->cap_permitted, CAP_NET_BIND_SERVICE);
		cap_raise(bind->cap_effective, CAP_NET_BIND_SERVICE);
	}
	return 0;
}

/* Another VM that has its sockets in the same namespace */
static struct ek_vm *find_neighbour(const struct ek_vm *vm)
{
	struct ek_vm *other;
	int bucket;

	lockdep_assert_held(&vms_lock);
	hash_for_each(vms, bucket, other, node)
		if (net_eq(other->net, vm->net))
			return other;
	return NULL;
}

/**
 * publish() - Put a VM into the table
 * @vm:		VM
 * @shared_netns: other VMs may have their sockets in the same namespace
 *
 * Waits if the same VM was attached before, or another one in its namespace, and still
 * ends.
 *
 * Return: 0, -EEXIST if it is attached already, -EADDRINUSE if another VM has the
 *	   namespace, or -EINTR
 */
static int publish(struct ek_vm *vm, bool shared_netns)
{
	struct ek_vm *other;
	int idx, err;

	do {
		idx = srcu_read_lock(&ek_vms_srcu);
		spin_lock(&vms_lock);
		other = find(vm->mm);
		err = other && !other->ending ? -EEXIST : 0;
		if (!other && !shared_netns) {
			other = find_neighbour(vm);
			err = other && !other->ending ? -EADDRINUSE : 0;
		}
		if (!other)
			hash_add_rcu(vms, &vm->node, (unsigned long)vm->mm);
		spin_unlock(&vms_lock);
		if (other && !err && wait_for_completion_killable(&other->ended))
			err = -EINTR;
		srcu_read_unlock(&ek_vms_srcu, idx);
	} while (other && !err);
	return err;
}

/**
 * begin() - Begin the attachment of a process's VM
 * @vm:		VM with what was wanted
 * @task:	process
 * @shared_netns: other VMs may have their sockets in the same namespace
 *
 * Return: 0 or a negative errno
 */
static int begin(struct ek_vm *vm, struct task_struct *task, bool shared_netns)
{
	struct mm_struct *mm = get_task_mm(task);
	int err;

	if (!mm)
		return -ESRCH;
	vm->mm = mm;
	err = take_credentials(vm, task);
	if (err)
		goto out;
	err = mmu_notifier_register(&vm->notifier, mm);
	if (err)
		goto out;
	err = publish(vm, shared_netns);
	if (err) {
		/* Unregistering calls mm_released(), and there is nothing to tear down. */
		vm->ending = true;
		mmu_notifier_unregister(&vm->notifier, mm);
	}
out:
	/* Until here, the address space could not end, so its end was not missed. */
	mmput(mm);
	return err;
}

/**
 * ek_vm_attach() - Attach the VM of a process
 * @wanted:	what the caller asks for; only its network namespace is used afterwards
 *
 * The VM's sockets may be bound to low ports if the caller may do that.
 *
 * Return: the VM, for ek_vm_release() unless the attachment is to be kept, or an
 *	   ERR_PTR()
 */
struct ek_vm *ek_vm_attach(const struct ek_attachment *wanted)
{
	struct task_struct *task;
	struct ek_vm *vm;
	int err;

	if (net_eq(wanted->net, &init_net) && !wanted->initial_netns)
		return ERR_PTR(-EADDRNOTAVAIL);
	vm = kzalloc(sizeof(*vm), GFP_KERNEL_ACCOUNT);
	if (!vm)
		return ERR_PTR(-ENOMEM);
	refcount_set(&vm->refs, wanted->keep ? 1 : 2);
	vm->net = get_net(wanted->net);
	vm->netns = vm->net->ns.inum;
	vm->pid = wanted->pid;
	vm->max_sockets = wanted->max_sockets;
	vm->notification = wanted->notification;
	vm->notifier.ops = &notifier_ops;
	INIT_WORK(&vm->teardown, teardown);
	init_completion(&vm->ended);
	init_rwsem(&vm->lock);
	xa_init_flags(&vm->sockets, XA_FLAGS_ALLOC);

	err = ek_limits_init(vm);
	if (err)
		goto err_free;
	err = -ESRCH;
	task = get_process(wanted->pid);
	if (!task)
		goto err_free;
	err = begin(vm, task, wanted->shared_netns);
	put_task_struct(task);
err_free:
	if (err) {
		ek_limits_exit(vm);
		put_policy(vm);
		kfree(vm);
		return ERR_PTR(err);
	}
	return vm;
}

/**
 * ek_vm_release() - End an attachment that is not kept
 * @vm:		from ek_vm_attach(); may have ended already
 *
 * Its sockets are closed on return, but if the caller is killed.
 */
void ek_vm_release(struct ek_vm *vm)
{
	end(vm);
	wait_for_completion_killable(&vm->ended);
	put_vm(vm);
}

/**
 * ek_vm_detach() - Detach the VM of a process
 * @pid:	process of the VMM
 *
 * Its sockets are closed on return. If the caller is killed before, they are closed
 * as soon as the VM's calls in progress have ended.
 *
 * Return: 0, -ENOENT if it is not attached or somebody else detaches it, or another
 *	   negative errno
 */
int ek_vm_detach(pid_t pid)
{
	struct task_struct *task = get_process(pid);
	struct mm_struct *mm = task ? get_task_mm(task) : NULL;
	int idx, err = -ENOENT;
	struct ek_vm *vm;

	if (task)
		put_task_struct(task);
	if (!mm)
		return -ESRCH;
	idx = srcu_read_lock(&ek_vms_srcu);
	vm = find(mm);
	if (vm) {
		bool first = end(vm);

		if (wait_for_completion_killable(&vm->ended))
			err = -EINTR;
		else if (first)
			err = 0;
	}
	srcu_read_unlock(&ek_vms_srcu, idx);
	mmput(mm);
	return err;
}

struct vcpu_search {
	const struct kvm_vcpu	*vcpu;
	struct file		*file;
};

static int is_vcpu_file(const void *arg, struct file *file, unsigned int fd)
{
	struct vcpu_search *search = (void *)arg;

	/* The file of a vCPU's statistics has the same data, and takes no ioctls. */
	if (file->private_data != search->vcpu || !file->f_op->unlocked_ioctl)
		return 0;
	search->file = get_file(file);
	return 1;
}

/**
 * get_vcpu_file() - Find the file of a vCPU, on which its thread is in KVM_RUN
 * @vcpu:	vCPU of the current thread
 *
 * The file keeps the VM, as kvm_get_kvm() would, and besides the module that KVM_RUN is
 * in (kvm_intel, kvm_amd), which KVM's own structures do not.
 *
 * Return: the file with a reference, or NULL if it is in no table of the thread any more
 */
static struct file *get_vcpu_file(const struct kvm_vcpu *vcpu)
{
	struct vcpu_search search = { .vcpu = vcpu };

	iterate_fd(current->files, 0, is_vcpu_file, &search);
	return search.file;
}

/**
 * setup() - Take a region from the guest; replaces the one that there was
 * @vm:		VM, whose lock is held for writing
 * @vcpu:	vCPU that gives it
 * @address:	guest physical address of the region
 * @bytes:	its length
 *
 * Return: 0 or a negative errno
 */
static long setup(struct ek_vm *vm, const struct kvm_vcpu *vcpu, u64 address, u64 bytes)
{
	struct kvm *kvm = vcpu->kvm;
	struct ek_host_region *region;
	struct ek_header *header;
	struct file *file;

	/* Then only KVM itself may say what is dirty, and only about a vCPU that runs. */
	if (kvm->dirty_ring_size)
		return -EOPNOTSUPP;
	file = get_vcpu_file(vcpu);
	if (!file)
		return -EBADF;
	region = ek_region_map(vm, kvm, address, bytes);
	if (IS_ERR(region)) {
		fput(file);
		return PTR_ERR(region);
	}
	/* The guest may have rebooted without EK_RESET. */
	drop_region(vm);
	vm->vcpu_file = file;
	vm->kvm = kvm;
	/* The rings need no initialization: the guest has made them empty. */
	header = region->base;
	WRITE_ONCE(header->used_version, EK_VMRPC_VERSION);
	WRITE_ONCE(header->notification, vm->notification);
	WRITE_ONCE(header->max_sockets, vm->max_sockets);
	ek_mark_dirty(kvm, address, sizeof(*header));
	rcu_assign_pointer(vm->region, region);
	WRITE_ONCE(vm->vcpu, vcpu);
	return 0;
}

/**
 * execute() - Execute a hypercall of an attached VM
 * @vm:		VM
 * @vcpu:	vCPU that made it
 * @function:	enum ek_function, if the guest is right
 * @arg0:	first argument
 * @arg1:	second argument
 *
 * Return: 0, a negative errno, or -KVM_ENOSYS if the VM is ending
 */
static long execute(struct ek_vm *vm, struct kvm_vcpu *vcpu, u64 function, u64 arg0, u64 arg1)
{
	bool shared = function == EK_CALL || function == EK_CHECK;
	long ret = -KVM_ENOSYS;

	/* A thread that is killed does not return to the guest. */
	if (shared ? down_read_killable(&vm->lock) : down_write_killable(&vm->lock))
		return -EINTR;
	if (READ_ONCE(vm->ending))
		goto out;
	/* A VMM may have several VMs. */
	if (vm->kvm && vm->kvm != vcpu->kvm) {
		ret = -EBUSY;
		goto out;
	}
	switch (function) {
	case EK_CALL:
		ret = ek_call_execute(vm, vcpu, arg0);
		break;
	case EK_SETUP:
		ret = setup(vm, vcpu, arg0, arg1);
		break;
	case EK_RESET:
		drop_region(vm);
		ret = 0;
		break;
	case EK_CHECK:
		ret = rcu_access_pointer(vm->region) ? 0 : -ENXIO;
		break;
	default:
		ret = -EINVAL;
	}
out:
	if (shared)
		up_read(&vm->lock);
	else
		up_write(&vm->lock);
	return ret;
}

/**
 * ek_vm_hypercall() - Execute a hypercall EK_HYPERCALL
 * @vcpu:	vCPU that made it
 * @function:	enum ek_function, if the guest is right
 * @arg0:	first argument
 * @arg1:	second argument
 *
 * A guest that learns that its VM is not attached any more may use the memory of its
 * region for something else. So it does not learn that before the host has stopped
 * using the region: this waits for the VM to be torn down.
 *
 * Context: Thread of the vCPU.
 * Return: 0 or a negative errno
 */
long ek_vm_hypercall(struct kvm_vcpu *vcpu, u64 function, u64 arg0, u64 arg1)
{
	long ret = -KVM_ENOSYS;
	struct ek_vm *vm;
	int idx;

	idx = srcu_read_lock(&ek_vms_srcu);
	vm = find(current->mm);
	if (vm) {
		ret = execute(vm, vcpu, function, arg0, arg1);
		if (ret == -KVM_ENOSYS)
			/* Killed: as above. */
			wait_for_completion_killable(&vm->ended);
		else if (ret)
			atomic64_inc(&vm->stats.refused);
	}
	srcu_read_unlock(&ek_vms_srcu, idx);
	return ret;
}

/**
 * ek_vm_lives_with() - Whether a VM has a region that ends when a vCPU is reset
 * @vcpu:	vCPU of the current process
 *
 * Context: Any context but NMI.
 */
bool ek_vm_lives_with(const struct kvm_vcpu *vcpu)
{
	int idx = srcu_read_lock(&ek_vms_srcu);
	const struct ek_vm *vm = find(current->mm);
	bool lives = vm && READ_ONCE(vm->vcpu) == vcpu;

	srcu_read_unlock(&ek_vms_srcu, idx);
	return lives;
}

/**
 * ek_vm_reset() - End the region of a VM whose VMM resets it
 * @vcpu:	vCPU of the current process
 */
void ek_vm_reset(struct kvm_vcpu *vcpu)
{
	int idx = srcu_read_lock(&ek_vms_srcu);
	struct ek_vm *vm = find(current->mm);

	if (vm) {
		down_write(&vm->lock);
		if (vm->vcpu == vcpu)
			drop_region(vm);
		up_write(&vm->lock);
	}
	srcu_read_unlock(&ek_vms_srcu, idx);
}

/**
 * ek_vm_deliver() - Give the guest the message of the event that has ended a vCPU's halt
 * @vcpu:	vCPU of the current thread, which is about to enter the guest
 *
 * Context: Critical section of ek_vms_srcu.
 */
void ek_vm_deliver(struct kvm_vcpu *vcpu)
{
	struct ek_vm *vm = find(current->mm);
	struct ek_host_region *region;

	/* Whoever changes the region is not waited for: the guest can ask for the message. */
	if (!vm || !down_read_trylock(&vm->lock))
		return;
	region = rcu_dereference_protected(vm->region, lockdep_is_held(&vm->lock));
	if (region && vm->kvm == vcpu->kvm)
		ek_deliver(vm, region, vcpu);
	up_read(&vm->lock);
}

/**
 * ek_vm_show_all() - Print a line for each VM
 * @m:		file
 */
void ek_vm_show_all(struct seq_file *m)
{
	struct ek_vm *vm;
	int bucket, idx;

	idx = srcu_read_lock(&ek_vms_srcu);
	for_each_vm(vm, bucket) {
		struct ek_stats *stats = &vm->stats;

		seq_printf(m, "%d %s %u %s %d %u %lld %lld %lld %lld %lld %lld %lld %lld %lld %lld %lld %lld %lld\n",
			   vm->pid, rcu_access_pointer(vm->region) ? "running" : "waiting",
			   vm->netns, ek_notification_names[vm->notification],
			   atomic_read(&vm->nr_sockets), vm->max_sockets,
			   atomic64_read(&stats->calls),
			   atomic64_read(&stats->errors),
			   atomic64_read(&stats->refused),
			   atomic64_read(&stats->sent),
			   atomic64_read(&stats->received),
			   atomic64_read(&stats->bytes_sent),
			   atomic64_read(&stats->bytes_received),
			   atomic64_read(&stats->events),
			   atomic64_read(&stats->overflows),
			   atomic64_read(&stats->wakes),
			   atomic64_read(&stats->undelivered),
			   atomic64_read(&stats->throttled),
			   atomic64_read(&stats->delivered));
	}
	srcu_read_unlock(&ek_vms_srcu, idx);
}

static void show_sockets(struct seq_file *m, struct ek_vm *vm)
{
	struct ek_host_socket *socket;
	unsigned long id;

	for (id = 0; xa_find(&vm->sockets, &id, ULONG_MAX, XA_PRESENT); id++) {
		socket = ek_socket_get(vm, id);
		if (!socket)
			continue;
		seq_printf(m, "%d %llu\n", vm->pid, (u64)SOCK_INODE(socket->sock)->i_ino);
		ek_socket_put(socket);
	}
}

/**
 * ek_vm_show_sockets() - Print a line for each socket of each VM
 * @m:		file
 *
 * Leaves out a VM whose sockets are about to be closed, rather than to wait for it.
 */
void ek_vm_show_sockets(struct seq_file *m)
{
	struct ek_vm *vm;
	int bucket, idx;

	idx = srcu_read_lock(&ek_vms_srcu);
	for_each_vm(vm, bucket)
		if (down_read_trylock(&vm->lock)) {
			show_sockets(m, vm);
			up_read(&vm->lock);
		}
	srcu_read_unlock(&ek_vms_srcu, idx);
}

/**
 * ek_vms_addresses_changed() - Tell the guests that addresses have changed
 * @net:	network namespace of the addresses
 */
void ek_vms_addresses_changed(const struct net *net)
{
	struct ek_vm *vm;
	int bucket, idx;

	idx = srcu_read_lock(&ek_vms_srcu);
	for_each_vm(vm, bucket)
		if (net_eq(vm->net, net))
			ek_events_addresses(vm);
	srcu_read_unlock(&ek_vms_srcu, idx);
}

/**
 * ek_vm_init() - Prepare for VMs
 *
 * Return: 0 or a negative errno
 */
int ek_vm_init(void)
{
	workqueue = alloc_workqueue("ek_host", WQ_UNBOUND, 0);
	return workqueue ? 0 : -ENOMEM;
}

/**
 * ek_vm_detach_all() - Detach all VMs; nobody attaches one any more
 *
 * To be called while hypercalls are still taken from KVM. Only then does a guest's
 * call wait until the host has stopped using its region, see ek_vm_hypercall().
 */
void ek_vm_detach_all(void)
{
	struct ek_vm *vm;
	int bucket, idx;

	idx = srcu_read_lock(&ek_vms_srcu);
	for_each_vm(vm, bucket)
		end(vm);
	srcu_read_unlock(&ek_vms_srcu, idx);
	flush_workqueue(workqueue);
}

/**
 * ek_vm_exit() - Undo ek_vm_init(); no VM is attached, and there are no calls any more
 */
void ek_vm_exit(void)
{
	srcu_barrier(&ek_vms_srcu);
	destroy_workqueue(workqueue);
}
