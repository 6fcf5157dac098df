/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/daemon/filedir.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "src/base/cleanup.h"

#define NULL_DEVICE makedev(1, 3)

static bool is_name(const char *name, const char *const *endings)
{
	size_t len = strlen(name);

	for (size_t i = 0; endings[i] && name[0] != '.'; i++) {
		size_t end = strlen(endings[i]);

		if (len > end && strcmp(name + len - end, endings[i]) == 0)
			return true;
	}
	return false;
}

static struct hawk_filedir_file *find(struct hawk_filedir *d, const char *name)
{
	for (size_t i = 0; i < d->n; i++)
		if (strcmp(d->v[i].name, name) == 0)
			return &d->v[i];
	return NULL;
}

static int add(struct hawk_filedir *d, const char *dir, const char *name)
{
	struct hawk_filedir_file *file = find(d, name), *grown;
	_cleanup_free_ char *path = NULL;
	struct stat st;

	if (asprintf(&path, "%s/%s", dir, name) < 0) {
		path = NULL;
		return -ENOMEM;
	}
	if (!file) {
		grown = realloc(d->v, (d->n + 1) * sizeof(*d->v));
		if (!grown)
			return -ENOMEM;
		d->v = grown;
		file = &d->v[d->n];
		*file = (struct hawk_filedir_file){ .name = strdup(name) };
		if (!file->name)
			return -ENOMEM;
		d->n++;
	}
	free(file->path);
	file->masked = stat(path, &st) == 0 && S_ISCHR(st.st_mode) && st.st_rdev == NULL_DEVICE;
	file->path = TAKE_PTR(path);
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct hawk_filedir_file *)a)->name, ((const struct hawk_filedir_file *)b)->name);
}

/* Without memory for the text the problem is not told. */
static void set_problem(struct hawk_filedir *d, const char *dir, const char *why)
{
	if (!d->problem && asprintf(&d->problem, "%s: %s", dir, why) < 0)
		d->problem = NULL;
}

static int list_one(struct hawk_filedir *d, const char *path, const char *const *endings)
{
	DIR *dir = opendir(path);
	size_t seen = 0;
	int r = 0;

	if (!dir) {
		if (errno != ENOENT)
			set_problem(d, path, strerror(errno));
		return 0;
	}
	for (struct dirent *e; r == 0 && (e = readdir(dir));) {
		if (!is_name(e->d_name, endings))
			continue;
		if (seen++ == HAWK_FILEDIR_MAX) {
			set_problem(d, path, "too many files, the rest is left out");
			break;
		}
		r = add(d, path, e->d_name);
	}
	closedir(dir);
	return r;
}

int hawk_filedir_list(struct hawk_filedir *d, char *const *dirs, size_t n, const char *const *endings)
{
	int r = 0;

	*d = (struct hawk_filedir){ .v = NULL };
	for (size_t i = 0; r == 0 && i < n; i++)
		r = list_one(d, dirs[i], endings);
	if (r < 0)
		hawk_filedir_done(d);
	else if (d->n)
		qsort(d->v, d->n, sizeof(*d->v), by_name);
	return r;
}

void hawk_filedir_done(struct hawk_filedir *d)
{
	for (size_t i = 0; i < d->n; i++) {
		free(d->v[i].name);
		free(d->v[i].path);
	}
	free(d->v);
	free(d->problem);
	*d = (struct hawk_filedir){ .v = NULL };
}
