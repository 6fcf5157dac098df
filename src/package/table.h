/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_PACKAGE_TABLE_H
#define HAWK_PACKAGE_TABLE_H
/*
 * Which package each file came from, in 8 bytes per file: 48 bits of a keyed hash
 * of its name and the number of the package. Immutable once loaded; the next one
 * takes over what has not changed.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "src/base/siphash.h"
#include "src/package/dpkg.h"
#include "src/package/paths.h"

#define HAWK_TABLE_PACKAGES_MAX 65535
#define HAWK_TABLE_FILES_MAX 800000
#define HAWK_ORIGIN_RPM (1ULL << 63) /* in the ids of packages of rpm */
#define HAWK_DPKG "/var/lib/dpkg"

/* A package. */
struct hawk_origin {
	uint64_t id;    /* of this installation of it */
	uint64_t stamp; /* differs when what it says may differ */
	uint64_t row;   /* rpm: of its header */
	bool rpm;
	char *name;     /* dpkg: with ":ARCHITECTURE" where the files have it; NULL: could not be read */
};

struct hawk_table {
	struct hawk_siphash_key key;
	struct hawk_paths paths;
	struct hawk_diversions diversions;
	uint64_t stamp; /* of paths and diversions */
	struct hawk_origin *origins; /* by id */
	size_t n_origins, origins_room;
	uint64_t *files;             /* hash << 16 | number of the package, sorted */
	size_t n_files, files_room;
	int error; /* as in struct hawk_packages_stats */
};

/* Reads the databases below ROOT_FD; OLD (may be NULL) has the key and what is known. Returns 0 or -ENOMEM. */
int hawk_table_load(struct hawk_table **ret, const struct hawk_table *old, int root_fd);
struct hawk_table *hawk_table_free(struct hawk_table *t);
uint64_t hawk_table_hash(const struct hawk_table *t, const char *name, size_t len);
/* The package of the file that hawk_paths_name() calls so, by its hash; NULL: none. */
const struct hawk_origin *hawk_table_find(const struct hawk_table *t, uint64_t hash);
size_t hawk_table_bytes(const struct hawk_table *t);
/* Writes the name of a package as people say it. */
void hawk_origin_name(const struct hawk_origin *o, char *ret, size_t size);
/* Whether BY is the name of the package NAME, which may have an architecture. */
bool hawk_origin_is(const struct hawk_origin *o, const char *by);
/* For the readers of databases: one more package, whose name belongs to the table now. Returns 0 or -ENOMEM. */
int hawk_table_add_origin(struct hawk_table *t, const struct hawk_origin *origin);
/* One more file of the package of number ORIGIN. What fails is in .error. */
void hawk_table_add_file(struct hawk_table *t, size_t origin, const char *path, size_t len);

/* The rpm database. */
struct hawk_rpm;
/* Returns 0, -ENOENT: there is none, -EOPNOTSUPP: it cannot be read by this build, or another errno. */
int hawk_rpm_open(struct hawk_rpm **ret, int root_fd);
struct hawk_rpm *hawk_rpm_close(struct hawk_rpm *r);
/* Adds each package, without name and files. Returns 0 or -errno. */
int hawk_rpm_list(struct hawk_rpm *r, struct hawk_table *t);
/* The header of a package; FN's result, or -errno. */
int hawk_rpm_header(struct hawk_rpm *r, uint64_t row, int (*fn)(void *ctx, const uint8_t *data, size_t len), void *ctx);

/* What the package ORIGIN says of the file NAME: its checksum's kind; NONE: it says none. */
enum hawk_digest_kind hawk_table_digest(const struct hawk_table *t, const struct hawk_origin *origin, const char *name,
					int root_fd, uint8_t ret[HAWK_DIGEST_MAX]);
/* Opens PATH for reading, below the directory ROOT_FD also where links lead elsewhere; NULL and errno. */
FILE *hawk_root_file(int root_fd, const char *path);

#endif
