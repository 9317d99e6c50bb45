// SPDX-License-Identifier: GPL-2.0-only
/*
 * Buffers of messages. The host is given the guest-physical addresses of a buffer,
 * as segments. A process's pages are pinned during one call. A buffer that cannot be
 * pinned, or is in too many pieces, is copied by way of kernel memory (bounced).
 */
#include <linux/build_bug.h>
#include <linux/io.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/slab.h>
#include <linux/uio.h>

#include "ek_guest.h"

#define EK_BOUNCE_BYTES		(64u << 10)

/* Enough segments for a whole datagram and for bounced memory, at any alignment */
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

/* Pins as much of @bytes as there are segments and user pages for. */
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

/* Has the iterator @used bytes behind where it was before pin(). */
static void unpin(struct ek_buffer *buffer, size_t used)
{
	ek_unpin_pages(buffer->pages, buffer->count, used && !is_sent(buffer));
	iov_iter_revert(buffer->iter, buffer->bytes - used);
}

/**
 * bounce() - Make kernel memory ready for the host in place of the iterator's
 * @buffer:	without segments
 * @bytes:	of the iterator, EK_BOUNCE_BYTES at most
 *
 * Return: 0 or a negative errno
 */
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
		/* Must fail before the host takes a message out of its queue. */
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

/**
 * ek_buffer_get() - Make a message's buffer ready for the host
 * @buffer:	filled in here
 * @iter:	the message's iterator
 * @bytes:	of @iter that are wanted
 * @whole:	fewer bytes will not do; there are EK_BOUNCE_BYTES at most
 *
 * Return: 0, with @buffer->bytes ready, or a negative errno
 */
int ek_buffer_get(struct ek_buffer *buffer, struct iov_iter *iter, size_t bytes,
		  bool whole)
{
	buffer->iter = iter;
	buffer->bytes = 0;
	buffer->bounce = NULL;
	buffer->untouched = false;
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

/**
 * ek_buffer_put() - Take a buffer back from the host
 * @buffer:	from ek_buffer_get()
 * @result:	of the call: the bytes that were transferred, or a negative errno
 *
 * Advances the iterator by what was transferred.
 *
 * Return: @result, or -EFAULT
 */
long ek_buffer_put(struct ek_buffer *buffer, long result)
{
	/* With MSG_TRUNC, the result is a datagram's length: it may exceed the buffer. */
	size_t used = clamp_t(long, result, 0, buffer->bytes);

	if (!buffer->bounce) {
		unpin(buffer, used);
		return result;
	}
	if (is_sent(buffer))
		iov_iter_revert(buffer->iter, buffer->bytes - used);
	else if (buffer->untouched)
		iov_iter_advance(buffer->iter, used);
	else if (copy_to_iter(buffer->bounce, used, buffer->iter) != used)
		result = -EFAULT;
	kvfree(buffer->bounce);
	return result;
}
