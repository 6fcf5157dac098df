/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_PACKAGE_PACKAGE_H
#define HAWK_PACKAGE_PACKAGE_H
/*
 * Which package of this host a file came from, and whether it still is what the
 * package brought: the databases of dpkg (dpkg(1), /var/lib/dpkg) and rpm (its
 * sqlite database). Read and remembered by a thread of its own, so that asking
 * never waits; read anew when the databases change. Bounded.
 *
 * While a package manager works, files are there before the database says so:
 * what would be NONE or CHANGED is not known then.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hawk_packages;

enum hawk_packaged {
	HAWK_PACKAGED_UNKNOWN, /* a package owns it; its content is being looked at, or cannot be */
	HAWK_PACKAGED_NONE,    /* no package owns it */
	HAWK_PACKAGED_INTACT,  /* it has the checksum that the package says, or the package says none (configuration) */
	HAWK_PACKAGED_CHANGED, /* it has another one */
};

struct hawk_package {
	char name[128]; /* "": none owns it */
	enum hawk_packaged state;
};

/* ROOT_FD: the directory below which the databases and files are (duplicated). Starts the thread. Returns 0 or -errno. */
int hawk_packages_new(struct hawk_packages **ret, int root_fd);
/* Does not wait for a thread that stands still on a dead disk. NULL is fine. Returns NULL. */
struct hawk_packages *hawk_packages_free(struct hawk_packages *p);
/*
 * What is known of the file at PATH (absolute, as the kernel writes it, without
 * symbolic links). Returns false when nothing is: the databases are being read,
 * or there are none. Whose file it is, is known at once; its state is
 * HAWK_PACKAGED_UNKNOWN first, and known when the thread has read the file: ask
 * again. A file that has another inode, size or time since is read again.
 */
bool hawk_packages_ask(struct hawk_packages *p, const uint8_t *path, size_t len, struct hawk_package *ret);
/* An eventfd that becomes readable when something is known that was not (borrowed; the reader drains it). */
int hawk_packages_fd(const struct hawk_packages *p);

struct hawk_packages_stats {
	uint64_t files, packages, bytes; /* of the databases, and what they take here */
	uint64_t asked, cached; /* questions; those whose answer was remembered */
	uint64_t waiting, dropped; /* those without an answer yet; those for which there was no room */
	uint64_t read; /* files whose checksum was made */
	/*
	 * 0: the databases were read. Else the errno of reading one of them: ENOENT: there is none; EOPNOTSUPP: an rpm
	 * database in a format that is not known, or this build has no sqlite; E2BIG: more files than there is room for.
	 */
	int error;
	bool busy; /* a package manager works */
};
struct hawk_packages_stats hawk_packages_stats(struct hawk_packages *p);

#endif
