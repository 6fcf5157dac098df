/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where the kernel has the memory of a page, given its structure. Both are arrays
 * (vmemmap and the direct map), but where they begin is random, and the symbols
 * that tell it are not there on every kernel. So the daemon makes a page with
 * content that nobody else has, asks for the address of its structure and for its
 * number, and looks for the content at each place where it can be: the direct map
 * begins at a multiple of 1 GiB below any address in it. What is found is certain.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

#include "src/base/cleanup.h"
#include "src/base/log.h"
#include "src/collect/internal.h"
#include "src/collect/peek.h"

#define STEP (1ULL << 30)
#define HOLES 1024 /* steps that memory may be spread over beyond its size */
#define MARK_BYTES 32

/* The number of the page at ADDRESS, of the memory of the machine: Documentation/admin-guide/mm/pagemap.rst. */
static int page_number(const void *address, uint64_t *ret)
{
	_cleanup_close_ int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	uint64_t entry;

	if (fd < 0)
		return -errno;
	if (pread(fd, &entry, sizeof(entry), (off_t)((uintptr_t)address / HAWK_PAGE_BYTES * sizeof(entry))) !=
	    sizeof(entry))
		return -EIO;
	entry = entry >> 63 ? entry & ((1ULL << 55) - 1) : 0; /* present: bits 0 to 54 */
	*ret = entry;
	return entry ? 0 : -EPERM;
}

/* Looks for MARK, the begin of the page NUMBER. */
static int look(struct hawk_peek *peek, const struct hawk_abi_page *page, uint64_t number, const uint8_t *mark,
		uint64_t *ret)
{
	uint64_t begin = page->task & ~(STEP - 1);
	uint64_t steps = (uint64_t)sysconf(_SC_PHYS_PAGES) * HAWK_PAGE_BYTES / STEP + HOLES;
	uint8_t seen[MARK_BYTES];

	if (hawk_peek_read(peek, page->task, seen, sizeof(seen)) < 0)
		return -EPERM; /* nothing is told of the kernel's memory: lockdown */
	for (uint64_t i = 0; i < steps && begin >> 63; i++, begin -= STEP) {
		uint64_t at = begin + number * HAWK_PAGE_BYTES;

		if (at < begin || hawk_peek_read(peek, at, seen, sizeof(seen)) < 0 ||
		    memcmp(seen, mark, sizeof(seen)) != 0)
			continue;
		*ret = at - (page->page << HAWK_PAGE_SHIFT);
		return 0;
	}
	return -ENOENT;
}

static int find(struct hawk_peek *peek, int fd, uint8_t *mark, uint64_t *ret)
{
	struct hawk_abi_page page;
	uint64_t number = 0;
	int r;

	if (getrandom(mark, MARK_BYTES, 0) != MARK_BYTES)
		return -EIO;
	r = hawk_peek_page(peek, fd, &page);
	if (r == 0)
		r = page_number(mark, &number);
	if (r < 0)
		return r;
	if (!page.page || page.size != HAWK_PAGE_STRUCT)
		return -EOPNOTSUPP;
	return look(peek, &page, number, mark, ret);
}

void hawk_pages_find(struct hawk_collect *c)
{
	_cleanup_close_ int fd = memfd_create("sechawk-page", MFD_CLOEXEC);
	struct hawk_peek *peek = NULL;
	void *mark = MAP_FAILED;
	uint64_t pages = 0;
	int r = -EOPNOTSUPP;

	if (sysconf(_SC_PAGESIZE) == HAWK_PAGE_BYTES)
		r = fd < 0 || ftruncate(fd, HAWK_PAGE_BYTES) < 0 ? -errno : hawk_peek_new(&peek, c);
	if (r == 0)
		mark = mmap(NULL, HAWK_PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (r == 0)
		r = mark == MAP_FAILED ? -errno : find(peek, fd, mark, &pages);
	c->config->pages = pages;
	if (r < 0)
		hawk_warning("where memory of files is, is not known (%s): magic_write does not tell the bytes of what is "
			     "copied from file to file", strerror(-r));
	if (mark != MAP_FAILED)
		munmap(mark, HAWK_PAGE_BYTES);
	hawk_peek_free(peek);
}
