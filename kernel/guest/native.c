// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which programs keep sockets of this guest, although they are in its initial network
 * namespace: those in control groups (version 2) that the administrator names, and
 * those in control groups with BPF programs that cannot see an outsourced socket.
 *
 * A socket stays what it was when it was created: who is moved, or is handed a socket,
 * may have sockets of both kinds.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bpf.h>
#include <linux/bpf-cgroup.h>
#include <linux/cgroup.h>
#include <linux/err.h>
#include <linux/moduleparam.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "ek_guest.h"

/* Of a path. What is deeper is compared by its first bytes, which is enough. */
#define EK_PATH_BYTES	256

/*
 * Those who manage the guest's own interfaces, and those whose peers are containers:
 * both are in networks of the guest, which the host's sockets do not reach.
 */
static const char by_default[] =
	"/system.slice/NetworkManager.service,/system.slice/networking.service,"
	"/system.slice/systemd-networkd.service,/system.slice/containerd.service,"
	"/system.slice/crio.service,/system.slice/docker.service,/system.slice/kubelet.service";

/* Paths with commas between */
static const char __rcu *native = (const char __rcu *)by_default;

static bool is_valid(const char *list)
{
	for (;;) {
		size_t bytes = strcspn(list, ",");

		if (list[0] != '/' || bytes >= EK_PATH_BYTES ||
		    (bytes > 1 && list[bytes - 1] == '/'))
			return false;
		if (!list[bytes])
			return true;
		list += bytes + 1;
	}
}

static void replace(const char *list)
{
	const char *old = rcu_replace_pointer(native, list, true);

	synchronize_rcu();
	if (old != by_default)
		kfree(old);
}

static int native_set(const char *value, const struct kernel_param *param)
{
	/* echo(1) adds the end of the line. */
	char *list = kstrndup(value, strcspn(value, "\n"), GFP_KERNEL);

	if (!list)
		return -ENOMEM;
	if (*list && !is_valid(list)) {
		kfree(list);
		return -EINVAL;
	}
	replace(list);
	return 0;
}

static int native_get(char *buffer, const struct kernel_param *param)
{
	return sysfs_emit(buffer, "%s\n", rcu_dereference_protected(native, true));
}

static void native_free(void *unused)
{
	replace(by_default);
}

static const struct kernel_param_ops native_ops = {
	.set	= native_set,
	.get	= native_get,
	.free	= native_free,
};

module_param_cb(native, &native_ops, NULL, 0644);
MODULE_PARM_DESC(native, "Control groups whose programs keep this guest's own sockets, with commas between");

/* Whether one of the @list has @path in it */
static bool contains(const char *list, const char *path)
{
	while (*list) {
		size_t bytes = strcspn(list, ",");

		if (bytes == 1 || (!strncmp(path, list, bytes) &&
				   (path[bytes] == '/' || !path[bytes])))
			return true;
		list += bytes + !!list[bytes];
	}
	return false;
}

#ifdef CONFIG_CGROUP_BPF
/* What filters packets, or looks at a socket's own fields; hook.c runs the other ones. */
static const enum cgroup_bpf_attach_type unseen[] = {
	CGROUP_INET_INGRESS,
	CGROUP_INET_EGRESS,
	CGROUP_INET_SOCK_CREATE,
	CGROUP_INET_SOCK_RELEASE,
	CGROUP_INET4_POST_BIND,
	CGROUP_INET6_POST_BIND,
	CGROUP_SOCK_OPS,
};

static bool has_unseen_programs(const struct cgroup *cgroup)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(unseen); i++)
		if (rcu_access_pointer(cgroup->bpf.effective[unseen[i]]) != EK_NO_PROGRAMS)
			return true;
	return false;
}
#else
static bool has_unseen_programs(const struct cgroup *cgroup)
{
	return false;
}
#endif

/**
 * ek_is_native() - Check whether the current process is to have sockets of this guest
 *
 * Return: true if so; false if the host performs them
 */
bool ek_is_native(void)
{
	char path[EK_PATH_BYTES];
	struct cgroup *cgroup;
	const char *list;
	bool filtered, listed;

	rcu_read_lock();
	cgroup = task_dfl_cgroup(current);
	list = rcu_dereference(native);
	filtered = has_unseen_programs(cgroup);
	if (filtered || *list)
		cgroup_path(cgroup, path, sizeof(path));
	listed = contains(list, path);
	rcu_read_unlock();
	if (filtered && !listed)
		pr_info_ratelimited("%s (control group %s) has sockets of this guest: BPF programs there would not see others\n",
				    current->comm, path);
	return filtered || listed;
}
