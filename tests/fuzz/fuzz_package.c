/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Databases of packages: paths have their length, and lists end. The first byte says which file it is. */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/package/dpkg.h"
#include "src/package/paths.h"
#include "src/package/rpmheader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_path(void *ctx, const char *path, size_t len)
{
	char name[HAWK_PATHS_MAX];

	if (path[0] != '/' || strlen(path) != len || len > HAWK_PATHS_MAX)
		abort();
	len = hawk_paths_name(ctx, path, len, name);
	if (len >= sizeof(name) || (len && strlen(name) != len))
		abort();
}

static int on_md5(void *ctx, const char *path, size_t len, const uint8_t *digest)
{
	(void)digest;
	on_path(ctx, path, len);
	return 0;
}

static int on_file(void *ctx, const struct hawk_rpm_file *file)
{
	char name[HAWK_PATHS_MAX];

	if (strlen(file->path) != file->path_len || (file->kind != HAWK_DIGEST_NONE && !file->digest[0]))
		abort();
	hawk_paths_name(ctx, file->path, file->path_len, name);
	return 0;
}

static void read_rpm(struct hawk_paths *paths, const uint8_t *data, size_t size)
{
	struct hawk_rpm_header h;
	int r = hawk_rpm_header_open(&h, data, size);

	if (r == 0)
		r = hawk_rpm_header_files(&h, on_file, paths);
	if (r != 0 && r != -EBADMSG && r != -ENOMEM)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hawk_paths paths = { .n = 0 };
	struct hawk_diversions d = { .n = 0 };
	FILE *f;

	hawk_paths_add(&paths, "/bin", "usr/bin");
	hawk_paths_add(&paths, "/usr/bin", "/a/longer/name/than/it/had");
	if (size < 2)
		return 0;
	if (data[0] == 'r') {
		read_rpm(&paths, data + 1, size - 1);
		return 0;
	}
	f = fmemopen((void *)(uintptr_t)(data + 1), size - 1, "r");
	if (!f)
		return 0;
	if (data[0] == 'l')
		hawk_dpkg_list(f, on_path, &paths);
	else if (data[0] == 'm')
		hawk_dpkg_md5sums(f, on_md5, &paths);
	else
		hawk_dpkg_diversions(&d, f);
	hawk_diversions_done(&d);
	fclose(f);
	return 0;
}
