// SPDX-License-Identifier: GPL-2.0-only
/*
 * The VMs that the operator has attached. A VM is identified by its VMM's address
 * space, which exists before KVM's structures do, and ends when the VMM ends, in
 * whatever way. Then the VM's sockets are closed, and the guest's pages and the
 * network namespace are released.
 */
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/hashtable.h>
#include <linux/mutex.h>
#include <linux/nsproxy.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <net/net_namespace.h>
#include <uapi/linux/kvm_para.h>

#include "ek_host.h"

static DEFINE_HASHTABLE(vms, 6);
static DEFINE_SPINLOCK(vms_lock);
DEFINE_SRCU(ek_vms_srcu);
static struct workqueue_struct *workqueue;
/* Held by calls of a VM that is not attached any more, while they wait */
DEFINE_STATIC_SRCU(teardown_srcu);
/* Attaching waits for detaching, which may be of the same VM. */
static DEFINE_MUTEX(operator_lock);

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
 * @vm:		VM that has no call in progress
 */
static void drop_region(struct ek_vm *vm)
{
	struct ek_host_region *region = rcu_replace_pointer(vm->region, NULL, true);

	if (!region)
		return;
	ek_sockets_close(vm);
	/* An event in progress uses the region, and a socket's event also the VM. */
	synchronize_rcu();
	ek_region_unmap(region);
}

/**
 * remove() - Take a VM out of the table, and have it torn down
 * @vm:		VM
 *
 * The VMM may end while the operator detaches the VM: only the first one has it torn
 * down. A worker does that, because it unregisters the notifier that may be calling
 * this.
 *
 * Return: whether this was the first one
 */
static bool remove(struct ek_vm *vm)
{
	bool first;

	spin_lock(&vms_lock);
	first = !hlist_unhashed(&vm->node);
	hlist_del_init_rcu(&vm->node);
	spin_unlock(&vms_lock);
	if (first)
		queue_work(workqueue, &vm->teardown);
	return first;
}

static void mm_released(struct mmu_notifier *notifier, struct mm_struct *mm)
{
	remove(container_of(notifier, struct ek_vm, notifier));
}

static const struct mmu_notifier_ops notifier_ops = {
	.release = mm_released,
};

static void free_vm(struct ek_vm *vm)
{
	xa_destroy(&vm->sockets);
	put_cred(vm->guest_cred);
	put_cred(vm->cred);
	put_net(vm->net);
	kfree(vm);
}

static void teardown(struct work_struct *work)
{
	struct ek_vm *vm = container_of(work, struct ek_vm, teardown);

	/* Calls in progress may still create sockets. */
	synchronize_srcu(&ek_vms_srcu);
	/* Processes of the guest that wait would otherwise wait forever. */
	ek_events_overflow(vm);
	drop_region(vm);
	if (vm->kvm)
		kvm_put_kvm(vm->kvm);
	mmu_notifier_unregister(&vm->notifier, vm->mm);
	free_vm(vm);
}

static struct mm_struct *mm_of_process(pid_t nr)
{
	struct pid *pid = find_get_pid(nr);
	struct task_struct *task = get_pid_task(pid, PIDTYPE_TGID);
	struct mm_struct *mm = NULL;

	put_pid(pid);
	if (!task)
		return NULL;
	mm = get_task_mm(task);
	put_task_struct(task);
	return mm;
}

/**
 * ek_vm_attach() - Attach the VM of a process
 * @pid:		process of the VMM
 * @max_sockets:	sockets that the VM may have
 * @notification:	how the guest is notified of events
 *
 * The VM's sockets will be in the caller's network namespace. They may be bound to
 * what the caller may bind to.
 *
 * Return: 0 or a negative errno
 */
int ek_vm_attach(pid_t pid, u32 max_sockets, enum ek_notification notification)
{
	struct mm_struct *mm;
	struct ek_vm *vm;
	int err;

	vm = kzalloc(sizeof(*vm), GFP_KERNEL_ACCOUNT);
	if (!vm)
		return -ENOMEM;
	vm->net = get_net(current->nsproxy->net_ns);
	vm->cred = get_current_cred();
	vm->pid = pid;
	vm->max_sockets = max_sockets;
	vm->notification = notification;
	vm->notifier.ops = &notifier_ops;
	INIT_WORK(&vm->teardown, teardown);
	INIT_HLIST_NODE(&vm->node);
	init_rwsem(&vm->lock);
	xa_init_flags(&vm->sockets, XA_FLAGS_ALLOC);

	err = -ESRCH;
	mm = mm_of_process(pid);
	if (!mm)
		goto err_free;
	vm->mm = mm;
	err = mmu_notifier_register(&vm->notifier, mm);
	if (err)
		goto err_mm;

	mutex_lock(&operator_lock);
	spin_lock(&vms_lock);
	if (find(mm))
		err = -EEXIST;
	else
		hash_add_rcu(vms, &vm->node, (unsigned long)mm);
	spin_unlock(&vms_lock);
	mutex_unlock(&operator_lock);
	if (err)
		mmu_notifier_unregister(&vm->notifier, mm);
	/* Until here, the address space could not end, so its end was not missed. */
	mmput(mm);
	if (err)
		goto err_free;
	return 0;

err_mm:
	mmput(mm);
err_free:
	free_vm(vm);
	return err;
}

/**
 * ek_vm_detach() - Detach the VM of a process
 * @pid:	process of the VMM
 *
 * Its sockets are closed on return.
 *
 * Return: 0 or a negative errno
 */
int ek_vm_detach(pid_t pid)
{
	struct ek_vm *vm;
	struct mm_struct *mm;
	bool removed = false;
	int idx;

	mm = mm_of_process(pid);
	if (!mm)
		return -ESRCH;
	mutex_lock(&operator_lock);
	idx = srcu_read_lock(&ek_vms_srcu);
	vm = find(mm);
	if (vm)
		removed = remove(vm);
	srcu_read_unlock(&ek_vms_srcu, idx);
	if (removed)
		flush_workqueue(workqueue);
	mutex_unlock(&operator_lock);
	mmput(mm);
	return removed ? 0 : -ENOENT;
}

/* A VMM may run as root, but its guest must not have the rights of root. */
static const struct cred *without_capabilities(void)
{
	struct cred *cred = prepare_creds();

	if (cred)
		cap_clear(cred->cap_effective);
	return cred;
}

/**
 * setup() - Take a region from the guest; replaces the one that there was
 * @vm:		VM, whose lock is held for writing
 * @kvm:	KVM's structure of it
 * @address:	guest physical address of the region
 * @bytes:	its length
 *
 * Return: 0 or a negative errno
 */
static long setup(struct ek_vm *vm, struct kvm *kvm, u64 address, u64 bytes)
{
	struct ek_host_region *region;
	struct ek_header *header;

	if (vm->kvm && vm->kvm != kvm)
		return -EBUSY;
	if (!vm->guest_cred)
		vm->guest_cred = without_capabilities();
	if (!vm->guest_cred)
		return -ENOMEM;
	region = ek_region_map(kvm, address, bytes);
	if (IS_ERR(region))
		return PTR_ERR(region);
	/* The guest may have rebooted without EK_RESET. */
	drop_region(vm);
	if (!vm->kvm) {
		kvm_get_kvm(kvm);
		vm->kvm = kvm;
	}
	/* The rings need no initialization: the guest has made them empty. */
	header = region->base;
	WRITE_ONCE(header->used_version, EK_VMRPC_VERSION);
	WRITE_ONCE(header->notification, vm->notification);
	WRITE_ONCE(header->max_sockets, vm->max_sockets);
	rcu_assign_pointer(vm->region, region);
	return 0;
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
	int idx, teardown_idx;
	struct ek_vm *vm;

	idx = srcu_read_lock(&ek_vms_srcu);
	vm = find(current->mm);
	if (!vm)
		goto out;
	switch (function) {
	case EK_CALL:
		down_read(&vm->lock);
		ret = ek_call_execute(vm, vcpu, arg0);
		up_read(&vm->lock);
		break;
	case EK_SETUP:
		down_write(&vm->lock);
		ret = setup(vm, vcpu->kvm, arg0, arg1);
		up_write(&vm->lock);
		break;
	case EK_RESET:
		down_write(&vm->lock);
		drop_region(vm);
		up_write(&vm->lock);
		ret = 0;
		break;
	default:
		ret = -EINVAL;
	}
	if (ret)
		atomic64_inc(&vm->stats.refused);
out:
	if (!vm)
		teardown_idx = srcu_read_lock(&teardown_srcu);
	srcu_read_unlock(&ek_vms_srcu, idx);
	if (!vm) {
		flush_workqueue(workqueue);
		srcu_read_unlock(&teardown_srcu, teardown_idx);
	}
	return ret;
}

static unsigned long count_sockets(struct ek_vm *vm)
{
	struct ek_host_socket *socket;
	unsigned long id, sockets = 0;

	xa_for_each(&vm->sockets, id, socket)
		sockets++;
	return sockets;
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
	for (bucket = 0; bucket < HASH_SIZE(vms); bucket++)
		hlist_for_each_entry_srcu(vm, &vms[bucket], node,
					  srcu_read_lock_held(&ek_vms_srcu)) {
			struct ek_stats *stats = &vm->stats;

			seq_printf(m, "%d %s %u %s %lu %u %lld %lld %lld %lld %lld %lld %lld %lld %lld %lld %lld\n",
				   vm->pid, rcu_access_pointer(vm->region) ? "running" : "waiting",
				   vm->net->ns.inum, ek_notification_names[vm->notification],
				   count_sockets(vm), vm->max_sockets,
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
				   atomic64_read(&stats->undelivered));
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
	for (bucket = 0; bucket < HASH_SIZE(vms); bucket++)
		hlist_for_each_entry_srcu(vm, &vms[bucket], node,
					  srcu_read_lock_held(&ek_vms_srcu))
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
	for (bucket = 0; bucket < HASH_SIZE(vms); bucket++)
		hlist_for_each_entry_srcu(vm, &vms[bucket], node,
					  srcu_read_lock_held(&ek_vms_srcu))
			remove(vm);
	srcu_read_unlock(&ek_vms_srcu, idx);
	flush_workqueue(workqueue);
}

/**
 * ek_vm_exit() - Undo ek_vm_init(); no VM is attached, and no call begins any more
 */
void ek_vm_exit(void)
{
	synchronize_srcu(&ek_vms_srcu);
	synchronize_srcu(&teardown_srcu);
	destroy_workqueue(workqueue);
}
