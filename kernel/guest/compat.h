/* SPDX-License-Identifier: GPL-2.0-only */
/* What differs between the kernels that this module is for: 6.1 to 7.3 */
#ifndef EK_COMPAT_H
#define EK_COMPAT_H

#include <linux/mm.h>
#include <linux/net.h>
#include <linux/uio.h>
#include <linux/version.h>

/* 6.19: addresses of proto_ops have a type that does not claim to be 14 bytes */
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

/* 6.7: setsockopt() of SOL_SOCKET can be a protocol's; else, see sol_socket.c */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 7, 0)
#define EK_HAS_SOL_SOCKET
#endif

/*
 * Takes hold of the pages of at most @bytes of user memory, from @iter on, which
 * is advanced. 6.3: they are pinned; before, there are references only.
 *
 * Returns the bytes that are in @pages, from @offset of the first one on.
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
