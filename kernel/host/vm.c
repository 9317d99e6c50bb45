// SPDX-License-Identifier: GPL-2.0-only
/*
 * The VMs that the operator has attached. A VM is its VMM's address space: it
 * is there before KVM's structures are and goes when the VMM ends, in whatever
 * way. With it go the VM's sockets, the guest's pages and the namespace.
 */
#include <linux/cred.h>
#include <linux/hashtable.h>
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
/* Held by calls that wait for it */
DEFINE_STATIC_SRCU(teardown_srcu);
/* No VM is attached while one is being detached, which may be the same. */
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

/* Closes all sockets and lets go of the region. The caller has excluded calls. */
static void drop_region(struct ek_vm *vm)
{
	struct ek_host_region *region = rcu_replace_pointer(vm->region, NULL, true);

	if (!region)
		return;
	ek_sockets_close(vm);
	/* Events that were on their way use the region, and those of sockets also the VM. */
	synchronize_rcu();
	ek_region_unmap(region);
}

/*
 * Only the first who finds the VM in the table has it torn down. What tears it
 * down cannot be the notifier itself, which is unregistered there.
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

	/* Calls in progress may be making sockets still. */
	synchronize_srcu(&ek_vms_srcu);
	/* Nobody else tells a guest that waits. */
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

/*
 * Attaches the VM of the process @pid. Its sockets are to be in the caller's
 * network namespace, and may be bound to what the caller may bind to.
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
	/* Until here, the process cannot have ended without being noticed. */
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

/* Detaches the VM of the process @pid; its sockets are closed on return. */
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

/* The current process's: those of a VMM, which may be root, are not its guest's. */
static const struct cred *without_capabilities(void)
{
	struct cred *cred = prepare_creds();

	if (cred)
		cap_clear(cred->cap_effective);
	return cred;
}

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
	/* The guest has started anew without a word. */
	drop_region(vm);
	if (!vm->kvm) {
		kvm_get_kvm(kvm);
		vm->kvm = kvm;
	}
	/* The rings are as the guest has made them: empty. */
	header = region->base;
	WRITE_ONCE(header->used_version, EK_VMRPC_VERSION);
	WRITE_ONCE(header->notification, vm->notification);
	WRITE_ONCE(header->max_sockets, vm->max_sockets);
	rcu_assign_pointer(vm->region, region);
	return 0;
}

/*
 * What a guest's hypercall does; on the vCPU's thread. A guest that learns that
 * its VM is not attached any more may use its region for something else: until
 * the host is done with it, the guest must not learn that.
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

int ek_vm_init(void)
{
	workqueue = alloc_workqueue("ek_host", WQ_UNBOUND, 0);
	return workqueue ? 0 : -ENOMEM;
}

/* Nobody attaches any more. Calls still begin: what they answer is what counts for the guests. */
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

/* No VM is attached, and no call begins any more. */
void ek_vm_exit(void)
{
	synchronize_srcu(&ek_vms_srcu);
	synchronize_srcu(&teardown_srcu);
	destroy_workqueue(workqueue);
}
