/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/package/table.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/cleanup.h"
#include "src/base/inroot.h"
#include "src/package/rpmheader.h"

#define NUMBER_BITS 16

FILE *hawk_root_file(int root_fd, const char *path)
{
	int fd = hawk_open_in_root(root_fd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "r");

	if (fd < 0)
		errno = -fd;
	else if (!f)
		close(fd);
	return f;
}

uint64_t hawk_table_hash(const struct hawk_table *t, const char *name, size_t len)
{
	return hawk_siphash(&t->key, name, len) >> NUMBER_BITS;
}

const struct hawk_origin *hawk_table_find(const struct hawk_table *t, uint64_t hash)
{
	size_t low = 0, high = t->n_files;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (t->files[middle] >> NUMBER_BITS < hash)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == t->n_files || t->files[low] >> NUMBER_BITS != hash)
		return NULL;
	return &t->origins[t->files[low] & ((1U << NUMBER_BITS) - 1)];
}

size_t hawk_table_bytes(const struct hawk_table *t)
{
	size_t bytes = sizeof(*t) + t->files_room * sizeof(t->files[0]) + t->origins_room * sizeof(t->origins[0]);

	for (size_t i = 0; i < t->n_origins; i++)
		bytes += t->origins[i].name ? strlen(t->origins[i].name) + 1 : 0;
	return bytes;
}

bool hawk_origin_is(const struct hawk_origin *o, const char *by)
{
	size_t len = o->name ? strcspn(o->name, o->rpm ? "" : ":") : 0;

	return len && strncmp(o->name, by, len) == 0 && !by[len];
}

void hawk_origin_name(const struct hawk_origin *o, char *ret, size_t size)
{
	size_t len = o->name ? strcspn(o->name, o->rpm ? "" : ":") : 0;

	if (len >= size)
		len = size - 1;
	memcpy(ret, o->name ? o->name : "", len);
	ret[len] = '\0';
}

/* Room for one more; doubles. Returns false without memory. */
static bool grow(void **v, size_t n, size_t *room, size_t size)
{
	size_t more = *room ? *room * 2 : 256;
	void *p;

	if (n < *room)
		return true;
	p = realloc(*v, more * size);
	if (!p)
		return false;
	*v = p;
	*room = more;
	return true;
}

int hawk_table_add_origin(struct hawk_table *t, const struct hawk_origin *origin)
{
	bool full = t->n_origins == HAWK_TABLE_PACKAGES_MAX;

	if (!full && grow((void **)&t->origins, t->n_origins, &t->origins_room, sizeof(*origin))) {
		t->origins[t->n_origins++] = *origin;
		return 0;
	}
	free(origin->name);
	if (full)
		t->error = E2BIG;
	return full ? 0 : -ENOMEM;
}

static void add_hash(struct hawk_table *t, size_t origin, uint64_t hash)
{
	if (t->n_files == HAWK_TABLE_FILES_MAX)
		t->error = E2BIG;
	else if (!grow((void **)&t->files, t->n_files, &t->files_room, sizeof(t->files[0])))
		t->error = ENOMEM;
	else
		t->files[t->n_files++] = hash << NUMBER_BITS | origin;
}

void hawk_table_add_file(struct hawk_table *t, size_t origin, const char *path, size_t len)
{
	const struct hawk_origin *o = &t->origins[origin];
	char name[HAWK_PATHS_MAX];
	uint64_t hash;

	len = hawk_paths_name(&t->paths, path, len, name);
	if (!len)
		return;
	hash = hawk_table_hash(t, name, len);
	/* few hosts have more than some dozens */
	for (size_t i = 0; !o->rpm && i < t->diversions.n; i++) {
		const struct hawk_diversion *d = &t->diversions.v[i];

		if (d->from_hash == hash && !hawk_origin_is(o, d->by)) {
			hash = hawk_table_hash(t, d->to, strlen(d->to));
			break;
		}
	}
	add_hash(t, origin, hash);
}

/* The lists of info: what is installed, with times. */
static int list_dpkg(struct hawk_table *t, int root_fd)
{
	int fd = hawk_open_in_root(root_fd, HAWK_DPKG "/info", O_RDONLY | O_DIRECTORY, 0), r = 0;
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;

	if (!dir)
		return fd < 0 ? fd : -ENOMEM;
	while (r == 0 && (e = readdir(dir))) {
		size_t len = strlen(e->d_name);
		uint64_t identity[4];
		struct hawk_origin o = { .rpm = false };
		struct stat st;

		if (len <= 5 || strcmp(e->d_name + len - 5, ".list") != 0 ||
		    fstatat(dirfd(dir), e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		identity[0] = st.st_ino;
		identity[1] = (uint64_t)st.st_size;
		identity[2] = (uint64_t)st.st_ctim.tv_sec;
		identity[3] = (uint64_t)st.st_ctim.tv_nsec;
		o.id = hawk_siphash(&t->key, e->d_name, len) & ~HAWK_ORIGIN_RPM;
		o.stamp = hawk_siphash(&t->key, identity, sizeof(identity));
		o.name = strndup(e->d_name, len - 5);
		r = o.name ? hawk_table_add_origin(t, &o) : -ENOMEM;
	}
	closedir(dir);
	return r;
}

struct adding {
	struct hawk_table *t;
	size_t origin;
};

static void add_path(void *ctx, const char *path, size_t len)
{
	struct adding *a = ctx;

	hawk_table_add_file(a->t, a->origin, path, len);
}

static int add_rpm_file(void *ctx, const struct hawk_rpm_file *file)
{
	struct adding *a = ctx;

	hawk_table_add_file(a->t, a->origin, file->path, file->path_len);
	return 0;
}

static int add_header(void *ctx, const uint8_t *data, size_t len)
{
	struct adding *a = ctx;
	struct hawk_rpm_header h;
	int r = hawk_rpm_header_open(&h, data, len);

	if (r < 0)
		return r;
	/* keys of signatures lie among the packages, and have no files */
	a->t->origins[a->origin].name = strdup(h.name);
	if (!a->t->origins[a->origin].name)
		return -ENOMEM;
	return hawk_rpm_header_files(&h, add_rpm_file, a);
}

static void read_package(struct hawk_table *t, size_t i, int root_fd, struct hawk_rpm *rpm)
{
	struct adding a = { t, i };
	char path[sizeof(HAWK_DPKG "/info/") + 256];
	_cleanup_fclose_ FILE *f = NULL;
	int r;

	if (t->origins[i].rpm) {
		r = hawk_rpm_header(rpm, t->origins[i].row, add_header, &a);
		if (r < 0)
			t->error = -r;
		return;
	}
	snprintf(path, sizeof(path), HAWK_DPKG "/info/%s.list", t->origins[i].name);
	f = hawk_root_file(root_fd, path);
	if (f)
		hawk_dpkg_list(f, add_path, &a);
	else
		t->error = errno;
}

static int by_id(const void *a, const void *b)
{
	const struct hawk_origin *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

static int by_value(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* Takes over the files of packages that have not changed: NUMBERS leads from their numbers to the new ones, plus 1. */
static void take_over(struct hawk_table *t, const struct hawk_table *old, const uint32_t *numbers)
{
	for (size_t i = 0; i < old->n_files; i++) {
		uint32_t number = numbers[old->files[i] & ((1U << NUMBER_BITS) - 1)];

		if (number)
			add_hash(t, number - 1, old->files[i] >> NUMBER_BITS);
	}
}

static int read_packages(struct hawk_table *t, const struct hawk_table *old, int root_fd, struct hawk_rpm *rpm)
{
	_cleanup_free_ uint32_t *numbers = calloc((old ? old->n_origins : 0) + 1, sizeof(*numbers));
	size_t at = 0;

	if (!numbers)
		return -ENOMEM;
	if (t->n_origins)
		qsort(t->origins, t->n_origins, sizeof(t->origins[0]), by_id);
	for (size_t i = 0; i < t->n_origins; i++) {
		struct hawk_origin *o = &t->origins[i];
		const struct hawk_origin *was;

		while (old && at < old->n_origins && old->origins[at].id < o->id)
			at++;
		was = old && at < old->n_origins && old->origins[at].id == o->id ? &old->origins[at] : NULL;
		if (!was || !was->name || was->stamp != o->stamp) {
			read_package(t, i, root_fd, rpm);
			continue;
		}
		numbers[at] = (uint32_t)i + 1;
		if (!o->name && !(o->name = strdup(was->name)))
			return -ENOMEM;
	}
	if (old)
		take_over(t, old, numbers);
	if (t->n_files)
		qsort(t->files, t->n_files, sizeof(t->files[0]), by_value);
	return 0;
}

/* Makes TEXT, a path, the name of the file. */
static int rename_text(const struct hawk_table *t, char **text)
{
	char name[HAWK_PATHS_MAX], *copy;

	if (!hawk_paths_name(&t->paths, *text, strlen(*text), name))
		return 0;
	copy = strdup(name);
	if (!copy)
		return -ENOMEM;
	free(*text);
	*text = copy;
	return 0;
}

/* What all packages depend on. */
static void read_names(struct hawk_table *t, int root_fd)
{
	_cleanup_fclose_ FILE *f = hawk_root_file(root_fd, HAWK_DPKG "/diversions");

	hawk_paths_read(&t->paths, root_fd);
	t->stamp = hawk_siphash(&t->key, &t->paths, sizeof(t->paths));
	if (f && hawk_dpkg_diversions(&t->diversions, f) < 0)
		t->error = ENOMEM;
	for (size_t i = 0; i < t->diversions.n; i++) {
		struct hawk_diversion *d = &t->diversions.v[i];

		if (rename_text(t, &d->from) < 0 || rename_text(t, &d->to) < 0)
			t->error = ENOMEM;
		d->from_hash = hawk_table_hash(t, d->from, strlen(d->from));
		t->stamp = t->stamp * 31 + d->from_hash;
		t->stamp = t->stamp * 31 + hawk_siphash(&t->key, d->to, strlen(d->to));
		t->stamp = t->stamp * 31 + hawk_siphash(&t->key, d->by, strlen(d->by));
	}
}

/* The error of both: one that is not there is none, when the other is. */
static int both(int dpkg, int rpm)
{
	if (dpkg == -ENOENT || dpkg == 0)
		return rpm == -ENOENT ? dpkg : rpm;
	return dpkg;
}

int hawk_table_load(struct hawk_table **ret, const struct hawk_table *old, int root_fd)
{
	struct hawk_table *t = calloc(1, sizeof(*t));
	struct hawk_rpm *rpm = NULL;
	int r, dpkg, rpms;

	if (!t)
		return -ENOMEM;
	if (old)
		t->key = old->key;
	else
		hawk_siphash_new_key(&t->key);
	read_names(t, root_fd);
	dpkg = list_dpkg(t, root_fd);
	rpms = hawk_rpm_open(&rpm, root_fd);
	if (rpms == 0)
		rpms = hawk_rpm_list(rpm, t);
	r = read_packages(t, old && old->stamp == t->stamp && !old->error ? old : NULL, root_fd, rpm);
	hawk_rpm_close(rpm);
	if (r < 0) {
		hawk_table_free(t);
		return r;
	}
	if (!t->error)
		t->error = -both(dpkg, rpms);
	*ret = t;
	return 0;
}

struct hawk_table *hawk_table_free(struct hawk_table *t)
{
	if (!t)
		return NULL;
	for (size_t i = 0; i < t->n_origins; i++)
		free(t->origins[i].name);
	free(t->origins);
	free(t->files);
	hawk_diversions_done(&t->diversions);
	free(t);
	return NULL;
}
