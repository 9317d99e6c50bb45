// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/ek_host: each line that is written to it is a command.
 *
 *   attach pid=PID sockets=N notification=idle|interrupt [netns=FD] [keep]
 *	    [initial-netns] [shared-netns]
 *		the sockets are in the network namespace that the writer has open as FD,
 *		else in that of the writer
 *   detach pid=PID
 *
 * Whoever has the file open holds the attachment: when it is closed, in whatever way,
 * the VM is detached. With "keep", nobody holds it: it lasts until the VM ends or is
 * detached.
 *
 * -EADDRNOTAVAIL: the namespace is the host's own, and "initial-netns" was not said.
 * -EADDRINUSE: another VM has its sockets there, and "shared-netns" was not said.
 * -EBUSY: the file holds an attachment already.
 */
#include <linux/capability.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/nsproxy.h>
#include <linux/parser.h>
#include <linux/string.h>
#include <net/net_namespace.h>

#include "ek_host.h"

/* The guest has a pointer for each. */
#define MAX_SOCKETS	1048576

const char *const ek_notification_names[EK_NOTIFICATIONS] = {
	[EK_NOTIFY_IDLE]	= "idle",
	[EK_NOTIFY_INTERRUPT]	= "interrupt",
};

enum word {
	PID,
	SOCKETS,
	IDLE,
	INTERRUPT,
	NETNS,
	INITIAL_NETNS,
	SHARED_NETNS,
	KEEP,
};

static const match_table_t words = {
	{ PID,		 "pid=%d" },
	{ SOCKETS,	 "sockets=%d" },
	{ IDLE,		 "notification=idle" },
	{ INTERRUPT,	 "notification=interrupt" },
	{ NETNS,	 "netns=%d" },
	{ INITIAL_NETNS, "initial-netns" },
	{ SHARED_NETNS,	 "shared-netns" },
	{ KEEP,		 "keep" },
	{ -1,		 NULL }
};

/* What a command says besides its name; negative numbers are not said. */
struct command {
	int	numbers[NETNS + 1];
	bool	flags[KEEP + 1];
};

static int parse(char *rest, struct command *command)
{
	substring_t args[MAX_OPT_ARGS];
	char *word;
	int token;

	while ((word = strsep(&rest, " \n"))) {
		if (!*word)
			continue;
		token = match_token(word, words, args);
		if (token < 0 || command->flags[token])
			return -EINVAL;
		command->flags[token] = true;
		if ((token == PID || token == SOCKETS || token == NETNS) &&
		    (match_int(&args[0], &command->numbers[token]) || command->numbers[token] < 0))
			return -EINVAL;
	}
	return 0;
}

/**
 * attach() - Attach a VM
 * @file:	that holds the attachment
 * @command:	what is wanted
 *
 * Return: 0 or a negative errno
 */
static int attach(struct file *file, const struct command *command)
{
	const bool *flags = command->flags;
	struct ek_attachment wanted = {
		.pid		= command->numbers[PID],
		.max_sockets	= command->numbers[SOCKETS],
		.notification	= flags[INTERRUPT] ? EK_NOTIFY_INTERRUPT : EK_NOTIFY_IDLE,
		.initial_netns	= flags[INITIAL_NETNS],
		.shared_netns	= flags[SHARED_NETNS],
		.keep		= flags[KEEP],
	};
	struct ek_vm *vm;

	if (!flags[PID] || !flags[SOCKETS] || flags[IDLE] == flags[INTERRUPT])
		return -EINVAL;
	if (!wanted.max_sockets || wanted.max_sockets > MAX_SOCKETS)
		return -ERANGE;
	if (!wanted.keep && READ_ONCE(file->private_data))
		return -EBUSY;
	wanted.net = flags[NETNS] ? get_net_ns_by_fd(command->numbers[NETNS]) :
				    get_net(current->nsproxy->net_ns);
	if (IS_ERR(wanted.net))
		return PTR_ERR(wanted.net);
	vm = ek_vm_attach(&wanted);
	put_net(wanted.net);
	if (IS_ERR(vm))
		return PTR_ERR(vm);
	if (!wanted.keep && cmpxchg(&file->private_data, NULL, vm)) {
		ek_vm_release(vm);
		return -EBUSY;
	}
	return 0;
}

static int execute(struct file *file, char *text)
{
	struct command command = { };
	const char *name = strsep(&text, " ");
	int err = parse(text, &command);

	if (err)
		return err;
	if (!strcmp(name, "attach"))
		return attach(file, &command);
	if (strcmp(name, "detach") || !command.flags[PID] ||
	    memchr_inv(command.flags + 1, 0, sizeof(command.flags) - 1))
		return -EINVAL;
	return ek_vm_detach(command.numbers[PID]);
}

static ssize_t device_write(struct file *file, const char __user *buffer, size_t bytes,
			    loff_t *pos)
{
	char text[192];
	int err;

	/* Neither who has opened it nor who has been given it may lack the right. */
	if (!capable(CAP_NET_ADMIN) || !file_ns_capable(file, &init_user_ns, CAP_NET_ADMIN))
		return -EPERM;
	if (bytes >= sizeof(text))
		return -EINVAL;
	if (copy_from_user(text, buffer, bytes))
		return -EFAULT;
	text[bytes] = '\0';
	err = execute(file, text);
	return err ?: bytes;
}

static int device_open(struct inode *inode, struct file *file)
{
	file->private_data = NULL;
	return nonseekable_open(inode, file);
}

static int device_release(struct inode *inode, struct file *file)
{
	if (file->private_data)
		ek_vm_release(file->private_data);
	return 0;
}

static const struct file_operations fops = {
	.owner		= THIS_MODULE,
	.open		= device_open,
	.write		= device_write,
	.release	= device_release,
};

static struct miscdevice device = {
	.minor		= MISC_DYNAMIC_MINOR,
	.name		= "ek_host",
	.mode		= 0600,
	.fops		= &fops,
};

/**
 * ek_device_init() - Let VMs be attached from now on
 *
 * Return: 0 or a negative errno
 */
int ek_device_init(void)
{
	return misc_register(&device);
}

/**
 * ek_device_exit() - Undo ek_device_init()
 */
void ek_device_exit(void)
{
	misc_deregister(&device);
}
