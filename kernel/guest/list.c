// SPDX-License-Identifier: GPL-2.0-only
/*
 * /proc/net/ek_guest, which lists the outsourced sockets. ss(8) does not: it asks the native
 * protocols, and a protocol can have one answerer only.
 */
#include <linux/errno.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/user_namespace.h>
#include <net/net_namespace.h>
#include <net/sock.h>
#include <net/tcp_states.h>

#include "ek_guest.h"

/* A position is an index in the table of event.c, plus 1 for the heading. */
static void *find(loff_t *pos)
{
	u32 id = *pos - 1;
	struct ek_guest_socket *es = ek_event_next(&id);

	if (es)
		*pos = id;
	return es;
}

static void *start(struct seq_file *file, loff_t *pos)
{
	return *pos ? find(pos) : SEQ_START_TOKEN;
}

static void stop(struct seq_file *file, void *at)
{
	struct ek_guest_socket *es = at;

	if (es && es != SEQ_START_TOKEN)
		sock_put(&es->sk);
}

static void *next(struct seq_file *file, void *at, loff_t *pos)
{
	stop(file, at);
	++*pos;
	return find(pos);
}

static void show_name(struct seq_file *file, struct ek_guest_socket *es, bool peer)
{
	struct sockaddr_storage name = {};
	struct ek_guest_call call = {
		.request = {
			.operation	= EK_OP_GETNAME,
			.arg		= peer,
		},
		.reply_address	= &name,
		.address_room	= sizeof(name),
	};

	if (ek_socket_ask(es, &call)) {
		seq_puts(file, " -");
		return;
	}
	ek_ifindex_scope_to_guest(&name, sizeof(name));
	seq_printf(file, " %pISpc", &name);
}

/* As TCP has it, where the guest's copy is behind: it does not ask when the peer has gone. */
static u8 state_of(struct ek_guest_socket *es)
{
	u8 state = READ_ONCE(es->sk.sk_state);
	struct ek_guest_call call = {
		.request = {
			.operation	= EK_OP_GETSOCKOPT,
			.level		= SOL_TCP,
			.name		= TCP_INFO,
			.arg		= sizeof(state),
		},
		.reply_data	= &state,
		.data_room	= sizeof(state),
	};

	if (es->sk.sk_type == SOCK_STREAM)
		ek_socket_ask(es, &call);
	return state;
}

static int show(struct seq_file *file, void *at)
{
	struct ek_guest_socket *es = at;

	if (at == SEQ_START_TOKEN) {
		seq_puts(file, "proto state local peer uid inode\n");
		return 0;
	}
	seq_printf(file, "%s %02x", es->sk.sk_type == SOCK_STREAM ? "tcp" : "udp", state_of(es));
	show_name(file, es, false);
	show_name(file, es, true);
	seq_printf(file, " %u %lu\n",
		   from_kuid_munged(seq_user_ns(file), READ_ONCE(es->sk.sk_uid)),
		   (unsigned long)sock_i_ino(&es->sk));
	return 0;
}

static const struct seq_operations operations = {
	.start	= start,
	.next	= next,
	.stop	= stop,
	.show	= show,
};

/**
 * ek_list_init() - Have a file that lists the sockets
 *
 * Return: 0 or -ENOMEM
 */
int ek_list_init(void)
{
	return proc_create_seq("ek_guest", 0444, init_net.proc_net, &operations) ? 0 : -ENOMEM;
}

/**
 * ek_list_exit() - Undo ek_list_init()
 */
void ek_list_exit(void)
{
	remove_proc_entry("ek_guest", init_net.proc_net);
}
