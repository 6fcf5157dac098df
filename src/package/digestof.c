/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a package says of the content of a file: looked for when it is asked for, so that it need not be kept. */
#include <string.h>

#include "src/base/cleanup.h"
#include "src/package/rpmheader.h"
#include "src/package/table.h"

struct search {
	const struct hawk_table *t;
	const char *name, *diverted; /* what the package calls it, when it was diverted; else NULL */
	enum hawk_digest_kind kind;
	uint8_t *digest;
};

static bool is_it(const struct search *s, const char *path, size_t len)
{
	char name[HAWK_PATHS_MAX];

	return hawk_paths_name(&s->t->paths, path, len, name) &&
	       (strcmp(name, s->name) == 0 || (s->diverted && strcmp(name, s->diverted) == 0));
}

static int on_md5(void *ctx, const char *path, size_t len, const uint8_t *digest)
{
	struct search *s = ctx;

	if (!is_it(s, path, len))
		return 0;
	s->kind = HAWK_DIGEST_MD5;
	memcpy(s->digest, digest, hawk_digest_size(HAWK_DIGEST_MD5));
	return 1;
}

static int on_rpm_file(void *ctx, const struct hawk_rpm_file *file)
{
	struct search *s = ctx;

	if (!is_it(s, file->path, file->path_len))
		return 0;
	if (hawk_digest_parse(file->kind, file->digest ? file->digest : "", file->digest ? strlen(file->digest) : 0,
			      s->digest) == 0)
		s->kind = file->kind;
	return 1;
}

static int on_header(void *ctx, const uint8_t *data, size_t len)
{
	struct hawk_rpm_header h;
	int r = hawk_rpm_header_open(&h, data, len);

	return r < 0 ? r : hawk_rpm_header_files(&h, on_rpm_file, ctx);
}

static void search_rpm(struct search *s, const struct hawk_origin *origin, int root_fd)
{
	struct hawk_rpm *rpm = NULL;

	if (hawk_rpm_open(&rpm, root_fd) == 0)
		hawk_rpm_header(rpm, origin->row, on_header, s);
	hawk_rpm_close(rpm);
}

static void search_dpkg(struct search *s, const struct hawk_origin *origin, int root_fd)
{
	char path[sizeof(HAWK_DPKG "/info/.md5sums") + 256];
	_cleanup_fclose_ FILE *f = NULL;

	for (size_t i = 0; i < s->t->diversions.n && !s->diverted; i++) {
		const struct hawk_diversion *d = &s->t->diversions.v[i];

		if (strcmp(d->to, s->name) == 0 && !hawk_origin_is(origin, d->by))
			s->diverted = d->from;
	}
	snprintf(path, sizeof(path), HAWK_DPKG "/info/%s.md5sums", origin->name);
	f = hawk_root_file(root_fd, path);
	if (f)
		hawk_dpkg_md5sums(f, on_md5, s);
}

enum hawk_digest_kind hawk_table_digest(const struct hawk_table *t, const struct hawk_origin *origin, const char *name,
					int root_fd, uint8_t ret[HAWK_DIGEST_MAX])
{
	struct search s = { .t = t, .name = name, .digest = ret };

	if (origin->rpm)
		search_rpm(&s, origin, root_fd);
	else
		search_dpkg(&s, origin, root_fd);
	return s.kind;
}
