// SPDX-License-Identifier: GPL-2.0-only
/*
 * Buffers of messages, as guest-physical segments for the host. A process's pages
 * are pinned for the time of one call; what cannot be pinned, or is in too many
 * pieces, is copied by way of kernel memory.
 */
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/slab.h>
#include <linux/uio.h>

#include "ek_guest.h"

#define EK_BOUNCE_BYTES		(64u << 10)

/* A whole datagram fits, and with it what is bounced, at any alignment. */
static_assert(EK_BOUNCE_BYTES / PAGE_SIZE < EK_BUFFER_SEGMENTS);
static_assert(EK_BUFFER_SEGMENTS <= EK_MAX_SEGMENTS);
static_assert(PAGE_SIZE == EK_PAGE);

static bool is_sent(const struct ek_buffer *buffer)
{
	return iov_iter_rw(buffer->iter) == WRITE;
}

static void add_segment(struct ek_buffer *buffer, phys_addr_t address, size_t bytes)
{
	buffer->segments[buffer->count++] = (struct ek_segment){
		.address	= address,
		.bytes		= bytes,
	};
}

static void pin(struct ek_buffer *buffer, size_t bytes)
{
	while (buffer->bytes < bytes && buffer->count < EK_BUFFER_SEGMENTS) {
		struct page **page = &buffer->pages[buffer->count];
		size_t offset;
		ssize_t left = ek_pin_pages(buffer->iter, page, bytes - buffer->bytes,
					    EK_BUFFER_SEGMENTS - buffer->count,
					    &offset);

		if (left <= 0)
			break;
		buffer->bytes += left;
		while (left) {
			size_t part = min_t(size_t, left, PAGE_SIZE - offset);

			add_segment(buffer, page_to_phys(*page++) + offset, part);
			left -= part;
			offset = 0;
		}
	}
}

static void unpin(struct ek_buffer *buffer, size_t used)
{
	ek_unpin_pages(buffer->pages, buffer->count, used && !is_sent(buffer));
	iov_iter_revert(buffer->iter, buffer->bytes - used);
}

static int bounce(struct ek_buffer *buffer, size_t bytes)
{
	size_t done, part;

	buffer->bounce = kvmalloc(bytes, GFP_KERNEL);
	if (!buffer->bounce)
		return -ENOMEM;
	if (is_sent(buffer)) {
		if (!copy_from_iter_full(buffer->bounce, bytes, buffer->iter))
			goto fault;
	} else if (fault_in_iov_iter_writeable(buffer->iter, bytes) == bytes) {
		/* Before the host has taken a message for it */
		goto fault;
	}
	for (done = 0; done < bytes; done += part) {
		void *at = buffer->bounce + done;
		struct page *page = is_vmalloc_addr(at) ? vmalloc_to_page(at) :
							  virt_to_page(at);

		part = min_t(size_t, bytes - done, PAGE_SIZE - offset_in_page(at));
		add_segment(buffer, page_to_phys(page) + offset_in_page(at), part);
	}
	buffer->bytes = bytes;
	return 0;

fault:
	kvfree(buffer->bounce);
	return -EFAULT;
}

/*
 * Makes the next @bytes of @iter ready for the host, or as many of them as
 * possible if it need not be the @whole; that may be at most EK_BOUNCE_BYTES.
 */
int ek_buffer_get(struct ek_buffer *buffer, struct iov_iter *iter, size_t bytes,
		  bool whole)
{
	buffer->iter = iter;
	buffer->bytes = 0;
	buffer->bounce = NULL;
	buffer->count = 0;
	if (user_backed_iter(iter)) {
		pin(buffer, bytes);
		if (buffer->bytes == bytes || (buffer->bytes && !whole))
			return 0;
		unpin(buffer, 0);
		buffer->bytes = 0;
		buffer->count = 0;
	}
	return bytes ? bounce(buffer, min(bytes, EK_BOUNCE_BYTES)) : 0;
}

/*
 * Ends the use of a buffer by a call that had @result, and has the iterator where
 * that says. Returns @result, or -EFAULT.
 */
long ek_buffer_put(struct ek_buffer *buffer, long result)
{
	/* With MSG_TRUNC, a datagram may be longer than its buffer. */
	size_t used = clamp_t(long, result, 0, buffer->bytes);

	if (!buffer->bounce) {
		unpin(buffer, used);
		return result;
	}
	if (is_sent(buffer))
		iov_iter_revert(buffer->iter, buffer->bytes - used);
	else if (copy_to_iter(buffer->bounce, used, buffer->iter) != used)
		result = -EFAULT;
	kvfree(buffer->bounce);
	return result;
}
