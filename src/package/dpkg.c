/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/package/dpkg.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/cleanup.h"
#include "src/package/paths.h"

#define MD5_HEX 32

/* The next line without its end; NULL: no more. One that is longer than SIZE - 2 is left out, as is what has no text. */
static char *next_line(FILE *f, char *line, size_t size, size_t *ret_len)
{
	while (fgets(line, (int)size, f)) {
		size_t len = strlen(line);
		int c;

		if (len && line[len - 1] == '\n') {
			line[--len] = '\0';
		} else if (len == size - 1) {
			while ((c = getc_unlocked(f)) != EOF && c != '\n')
				;
			continue;
		}
		if (!len)
			continue;
		*ret_len = len;
		return line;
	}
	return NULL;
}

/* Returns 1 at the end. */
static int next_diversion(struct hawk_diversion *d, FILE *f)
{
	char line[HAWK_PATHS_MAX + 1];
	char **parts[] = { &d->from, &d->to, &d->by };
	size_t len;

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		if (!next_line(f, line, sizeof(line), &len))
			return 1;
		*parts[i] = strdup(line);
		if (!*parts[i])
			return -ENOMEM;
	}
	return 0;
}

static void diversion_done(struct hawk_diversion *d)
{
	free(d->from);
	free(d->to);
	free(d->by);
}

int hawk_dpkg_diversions(struct hawk_diversions *d, FILE *f)
{
	while (d->n < HAWK_DIVERSIONS_MAX) {
		struct hawk_diversion one = { .from = NULL }, *v;
		int r = next_diversion(&one, f);

		v = r == 0 ? realloc(d->v, (d->n + 1) * sizeof(*v)) : NULL;
		if (!v) {
			diversion_done(&one);
			return r == 1 ? 0 : -ENOMEM;
		}
		d->v = v;
		d->v[d->n++] = one;
	}
	return 0;
}

void hawk_diversions_done(struct hawk_diversions *d)
{
	for (size_t i = 0; i < d->n; i++)
		diversion_done(&d->v[i]);
	free(d->v);
	memset(d, 0, sizeof(*d));
}

/* A directory comes right before what is in it. */
static int holds(const char *dir, size_t len, const char *path)
{
	return strncmp(dir, path, len) == 0 && path[len] == '/';
}

void hawk_dpkg_list(FILE *f, void (*fn)(void *ctx, const char *path, size_t len), void *ctx)
{
	char lines[2][HAWK_PATHS_MAX + 1];
	char *last = NULL, *line;
	size_t last_len = 0, len;
	unsigned int which = 0;

	while ((line = next_line(f, lines[which], sizeof(lines[0]), &len))) {
		if (line[0] != '/' || strcmp(line, "/.") == 0)
			continue;
		if (last && !holds(last, last_len, line))
			fn(ctx, last, last_len);
		last = line;
		last_len = len;
		which = !which;
	}
	if (last)
		fn(ctx, last, last_len);
}

int hawk_dpkg_md5sums(FILE *f, int (*fn)(void *ctx, const char *path, size_t len, const uint8_t *digest), void *ctx)
{
	char buf[MD5_HEX + HAWK_PATHS_MAX + 1];
	uint8_t digest[HAWK_DIGEST_MAX];
	char *line;
	size_t len;
	int r;

	/* 32 digits, two blanks, the path without its first slash, whose place the second blank has */
	while ((line = next_line(f, buf, sizeof(buf), &len))) {
		char *path = line + MD5_HEX + 1;

		if (len < MD5_HEX + 3 || hawk_digest_parse(HAWK_DIGEST_MD5, line, MD5_HEX, digest) < 0 || path[0] != ' ')
			continue;
		*path = '/';
		r = fn(ctx, path, len - MD5_HEX - 1, digest);
		if (r)
			return r;
	}
	return 0;
}
