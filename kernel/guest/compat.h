/* SPDX-License-Identifier: GPL-2.0-only */
/* Differences between the kernels that this module runs on: 6.1 to 7.3 */
#ifndef EK_COMPAT_H
#define EK_COMPAT_H

#include <linux/bpf-cgroup.h>
#include <linux/mm.h>
#include <linux/net.h>
#include <linux/uio.h>
#include <linux/version.h>

/* 6.19: proto_ops have a type of their own for addresses, which is not 14 bytes long */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 19, 0)
#define sockaddr_unsized sockaddr
#endif

/* 6.10: the arguments of proto_ops.accept are in a struct */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 10, 0)
#define EK_ACCEPT_ARGS	struct proto_accept_arg *arg
#define EK_ACCEPT_FLAGS	(arg->flags)
#else
#define EK_ACCEPT_ARGS	int flags, bool kern
#define EK_ACCEPT_FLAGS	flags
#endif

/* 6.17: a workqueue is not bound to a CPU by default, and the other one warns */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 17, 0)
#define system_dfl_wq	system_unbound_wq
#endif

/* 6.7: a protocol can handle setsockopt() of SOL_SOCKET; before, see sol_socket.c */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 7, 0)
#define EK_HAS_SOL_SOCKET
#endif

#ifdef CONFIG_CGROUP_BPF
/* What a control group without BPF programs has instead of them */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 19, 0)
#define EK_NO_PROGRAMS	(&bpf_empty_prog_array)
#else
#define EK_NO_PROGRAMS	(&bpf_empty_prog_array.hdr)
#endif

/**
 * ek_run_bpf() - Run the BPF programs of a control group that look at an address
 * @sk:		socket, which is locked
 * @address:	address, which may be changed
 * @bytes:	its length; before 6.7, programs do not see it
 * @type:	of the programs
 * @context:	more for them
 * @flags:	more of them
 *
 * Return: 0 or a negative errno
 */
static inline int ek_run_bpf(struct sock *sk, void *address, int *bytes,
			     enum cgroup_bpf_attach_type type, void *context, u32 *flags)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 7, 0)
	return __cgroup_bpf_run_filter_sock_addr(sk, address, bytes, type, context, flags);
#else
	return __cgroup_bpf_run_filter_sock_addr(sk, address, type, context, flags);
#endif
}
#endif

/**
 * ek_pin_pages() - Pin pages of user memory
 * @iter:	where they are; advanced by the result
 * @pages:	filled in here
 * @bytes:	that are wanted
 * @max_pages:	room in @pages
 * @offset:	where the memory begins in the first page
 *
 * 6.3: the pages are pinned. Before, this takes references only.
 *
 * Return: bytes that are in @pages, or a negative errno
 */
static inline ssize_t ek_pin_pages(struct iov_iter *iter, struct page **pages,
				   size_t bytes, unsigned int max_pages,
				   size_t *offset)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
	return iov_iter_extract_pages(iter, &pages, bytes, max_pages, 0, offset);
#else
	return iov_iter_get_pages2(iter, pages, bytes, max_pages, offset);
#endif
}

/**
 * ek_unpin_pages() - Release pages of ek_pin_pages()
 * @pages:	the pages
 * @count:	their number
 * @dirty:	they have been written to
 */
static inline void ek_unpin_pages(struct page **pages, unsigned int count,
				  bool dirty)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
	unpin_user_pages_dirty_lock(pages, count, dirty);
#else
	unsigned int i;

	for (i = 0; i < count; i++) {
		if (dirty)
			set_page_dirty_lock(pages[i]);
		put_page(pages[i]);
	}
#endif
}

#endif /* EK_COMPAT_H */
