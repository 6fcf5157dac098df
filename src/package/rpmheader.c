/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/package/rpmheader.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "src/base/cleanup.h"
#include "src/package/paths.h"

#define ENTRY_BYTES 16

/* Tags, types and values of rpm's file format. */
enum {
	TAG_NAME = 1000, TAG_FILESTATES = 1029, TAG_FILEMODES = 1030, TAG_FILEDIGESTS = 1035, TAG_FILEFLAGS = 1037,
	TAG_DIRINDEXES = 1116, TAG_BASENAMES = 1117, TAG_DIRNAMES = 1118, TAG_FILEDIGESTALGO = 5011,

	TYPE_CHAR = 1, TYPE_INT16 = 3, TYPE_INT32 = 4, TYPE_STRING = 6, TYPE_STRING_ARRAY = 8,

	FLAG_CONFIG = 1, FLAG_GHOST = 64,
	STATE_NORMAL = 0, STATE_NETSHARED = 3, STATE_WRONGCOLOR = 4,
	ALGO_MD5 = 1, ALGO_SHA256 = 8,
};

/* What an entry leads to. */
struct list {
	const uint8_t *data; /* NULL: there is none */
	size_t left;         /* bytes to the end of all data */
	uint32_t n;
};

static uint32_t be32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return be32toh(v);
}

/* Numbers: the list has all N of them. */
static struct list find(const struct hawk_rpm_header *h, uint32_t tag, uint32_t type)
{
	size_t width = type == TYPE_INT32 ? 4 : type == TYPE_INT16 ? 2 : 1;
	struct list none = { NULL, 0, 0 };

	for (uint32_t i = 0; i < h->entries; i++) {
		const uint8_t *e = h->index + (size_t)i * ENTRY_BYTES;
		uint32_t at = be32(e + 8), n = be32(e + 12);

		if (be32(e) != tag)
			continue;
		if (be32(e + 4) != type || at >= h->bytes || n > HAWK_RPM_FILES_MAX || n * width > h->bytes - at)
			return none;
		return (struct list){ h->data + at, h->bytes - at, n };
	}
	return none;
}

/* The next text of a list, or NULL. */
static const char *next_text(struct list *l)
{
	const uint8_t *text = l->data, *end = text && l->n ? memchr(text, '\0', l->left) : NULL;

	if (!end)
		return NULL;
	l->left -= (size_t)(end + 1 - text);
	l->data = end + 1;
	l->n--;
	return (const char *)text;
}

int hawk_rpm_header_open(struct hawk_rpm_header *h, const uint8_t *data, size_t len)
{
	struct list name;

	if (len < 8)
		return -EBADMSG;
	h->entries = be32(data);
	h->bytes = be32(data + 4);
	if (h->entries > (len - 8) / ENTRY_BYTES || h->bytes > len - 8 - (size_t)h->entries * ENTRY_BYTES)
		return -EBADMSG;
	h->index = data + 8;
	h->data = h->index + (size_t)h->entries * ENTRY_BYTES;
	name = find(h, TAG_NAME, TYPE_STRING);
	h->name = next_text(&name);
	return h->name && h->name[0] ? 0 : -EBADMSG;
}

/* The lists of files that stand side by side. */
struct files {
	struct list names, digests, flags, modes, states, indexes;
	enum hawk_digest_kind kind;
	const char **dirs;
	uint32_t n_dirs;
};

static int open_files(struct files *f, const struct hawk_rpm_header *h)
{
	struct list dirs = find(h, TAG_DIRNAMES, TYPE_STRING_ARRAY);
	struct list algo = find(h, TAG_FILEDIGESTALGO, TYPE_INT32);
	uint32_t kind = algo.n ? be32(algo.data) : ALGO_MD5;

	f->kind = kind == ALGO_MD5 ? HAWK_DIGEST_MD5 : kind == ALGO_SHA256 ? HAWK_DIGEST_SHA256 : HAWK_DIGEST_NONE;
	f->names = find(h, TAG_BASENAMES, TYPE_STRING_ARRAY);
	f->digests = find(h, TAG_FILEDIGESTS, TYPE_STRING_ARRAY);
	f->flags = find(h, TAG_FILEFLAGS, TYPE_INT32);
	f->modes = find(h, TAG_FILEMODES, TYPE_INT16);
	f->states = find(h, TAG_FILESTATES, TYPE_CHAR);
	f->indexes = find(h, TAG_DIRINDEXES, TYPE_INT32);
	if (!f->names.n)
		return 0;
	if (f->indexes.n < f->names.n || !dirs.n)
		return -EBADMSG;
	f->dirs = calloc(dirs.n, sizeof(*f->dirs));
	if (!f->dirs)
		return -ENOMEM;
	for (const char *dir; (dir = next_text(&dirs));)
		f->dirs[f->n_dirs++] = dir;
	return 0;
}

static bool is_there(const struct files *f, uint32_t i)
{
	uint16_t mode;

	if (i < f->states.n && f->states.data[i] != STATE_NORMAL && f->states.data[i] != STATE_NETSHARED &&
	    f->states.data[i] != STATE_WRONGCOLOR)
		return false;
	if (i >= f->modes.n)
		return true;
	memcpy(&mode, f->modes.data + 2 * (size_t)i, sizeof(mode));
	return !S_ISDIR(be16toh(mode));
}

static int each_file(struct files *f, int (*fn)(void *ctx, const struct hawk_rpm_file *file), void *ctx)
{
	char path[HAWK_PATHS_MAX];
	uint32_t n = f->names.n;

	for (uint32_t i = 0; i < n; i++) {
		const char *base = next_text(&f->names), *digest = next_text(&f->digests);
		uint32_t dir = be32(f->indexes.data + 4 * (size_t)i);
		uint32_t flags = i < f->flags.n ? be32(f->flags.data + 4 * (size_t)i) : 0;
		bool fixed = digest && digest[0] && !(flags & (FLAG_CONFIG | FLAG_GHOST));
		size_t dir_len, base_len;
		int r;

		if (!base || dir >= f->n_dirs)
			return -EBADMSG;
		dir_len = strnlen(f->dirs[dir], sizeof(path));
		base_len = strnlen(base, sizeof(path));
		if (!is_there(f, i) || dir_len + base_len >= sizeof(path))
			continue;
		memcpy(path, f->dirs[dir], dir_len);
		memcpy(path + dir_len, base, base_len + 1);
		r = fn(ctx, &(struct hawk_rpm_file){ path, dir_len + base_len, fixed ? f->kind : HAWK_DIGEST_NONE, digest });
		if (r)
			return r;
	}
	return 0;
}

int hawk_rpm_header_files(const struct hawk_rpm_header *h, int (*fn)(void *ctx, const struct hawk_rpm_file *file),
			  void *ctx)
{
	struct files f = { .dirs = NULL };
	int r = open_files(&f, h);

	if (r == 0)
		r = each_file(&f, fn, ctx);
	free(f.dirs);
	return r;
}
