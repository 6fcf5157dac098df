/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/integrity/ksyms.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/cleanup.h"

/* Distributions' kernels have 200,000 symbols, KSYM_NAME_LEN is 512. */
#define SYMBOLS_MAX ((size_t)2 * 1024 * 1024)
#define TEXT_MAX ((size_t)128 * 1024 * 1024)
/* Some names are those of things in several places: which one is meant. */
enum rank { RANK_NONE, RANK_MODULE, RANK_LOCAL, RANK_GLOBAL };

struct entry {
	uint64_t address;
	uint32_t name, owner; /* offsets in the text */
};

struct hawk_ksyms {
	struct entry *v;
	size_t n, room;
	struct hawk_buf text;
	uint64_t known[HAWK_SYM_MAX];
	enum rank rank[HAWK_SYM_MAX];
};

static const char *const names[] = {
#define SYMBOL(name) #name,
#include "src/integrity/symbols.def"
};

const char *hawk_symbol_name(enum hawk_symbol symbol)
{
	return names[symbol];
}

static bool is_text(const char *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (p[i] <= ' ' || p[i] >= 0x7f)
			return false;
	return len > 0;
}

/* kernel/kallsyms.c, s_show(): "%px %c %s\t[%s]" with a module, else "%px %c %s" */
int hawk_ksym_parse(struct hawk_ksym_line *ret, const char *line, size_t len)
{
	struct hawk_ksym_line s = { .owner = "" };
	const char *end = line + len, *p = line;

	for (; p < end && isxdigit((unsigned char)*p); p++) {
		if (p - line >= 16)
			return -EINVAL;
		s.address = s.address << 4 | (uint64_t)(isdigit((unsigned char)*p) ? *p - '0' : (*p | 32) - 'a' + 10);
	}
	if (p == line || end - p < 4 || p[0] != ' ' || !isalpha((unsigned char)p[1]) || p[2] != ' ')
		return -EINVAL;
	s.type = p[1];
	s.name = p + 3;
	p = memchr(s.name, '\t', (size_t)(end - s.name));
	s.name_len = (size_t)((p ? p : end) - s.name);
	if (p) {
		if (end - p < 4 || p[1] != '[' || end[-1] != ']')
			return -EINVAL;
		s.owner = p + 2;
		s.owner_len = (size_t)(end - 1 - s.owner);
		if (!is_text(s.owner, s.owner_len))
			return -EINVAL;
	}
	if (!is_text(s.name, s.name_len))
		return -EINVAL;
	*ret = s;
	return 0;
}

static void learn(struct hawk_ksyms *k, const struct hawk_ksym_line *s)
{
	enum rank rank = s->owner_len ? RANK_MODULE : islower((unsigned char)s->type) ? RANK_LOCAL : RANK_GLOBAL;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (names[i][0] != s->name[0] || strlen(names[i]) != s->name_len ||
		    memcmp(names[i], s->name, s->name_len) != 0 || rank <= k->rank[i])
			continue;
		k->known[i] = s->address;
		k->rank[i] = rank;
	}
}

static int add(struct hawk_ksyms *k, const struct hawk_ksym_line *s)
{
	struct entry *e = k->n ? &k->v[k->n - 1] : NULL;
	const char *last = e ? k->text.data + e->owner : "";
	bool same = e && strlen(last) == s->owner_len && memcmp(last, s->owner, s->owner_len) == 0;
	struct entry new = { .address = s->address, .owner = e ? e->owner : 0 };

	if (k->n == k->room) {
		size_t room = k->room ? 2 * k->room : 1 << 16;
		struct entry *v = room <= SYMBOLS_MAX ? realloc(k->v, room * sizeof(*v)) : NULL;

		if (!v)
			return room <= SYMBOLS_MAX ? -ENOMEM : -E2BIG;
		k->v = v;
		k->room = room;
	}
	if (!same) {
		new.owner = (uint32_t)k->text.len;
		hawk_buf_put(&k->text, s->owner, s->owner_len);
		hawk_buf_putc(&k->text, '\0');
	}
	new.name = (uint32_t)k->text.len;
	hawk_buf_put(&k->text, s->name, s->name_len);
	hawk_buf_putc(&k->text, '\0');
	if (k->text.error)
		return k->text.error;
	k->v[k->n++] = new;
	learn(k, s);
	return 0;
}

/* Symbols in one place stay in the order of the file: those of the kernel come first. */
static int by_address(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->address != y->address)
		return x->address < y->address ? -1 : 1;
	return x->name < y->name ? -1 : x->name > y->name;
}

int hawk_ksyms_read(struct hawk_ksyms **ret, const char *path)
{
	_cleanup_fclose_ FILE *f = fopen(path, "re");
	struct hawk_ksyms *k;
	char line[1024];
	int r = 0;

	if (!f)
		return -errno;
	k = calloc(1, sizeof(*k));
	if (!k)
		return -ENOMEM;
	k->text.max = TEXT_MAX;
	while (r == 0 && fgets(line, sizeof(line), f)) {
		struct hawk_ksym_line s;

		/* a part of a line that is too long is no line */
		if (hawk_ksym_parse(&s, line, strcspn(line, "\n")) == 0)
			r = add(k, &s);
	}
	if (r == 0 && ferror(f))
		r = -EIO;
	if (r < 0) {
		hawk_ksyms_free(k);
		return r;
	}
	if (k->n)
		qsort(k->v, k->n, sizeof(*k->v), by_address);
	*ret = k;
	return 0;
}

struct hawk_ksyms *hawk_ksyms_free(struct hawk_ksyms *k)
{
	if (!k)
		return NULL;
	free(k->v);
	hawk_buf_done(&k->text);
	free(k);
	return NULL;
}

uint64_t hawk_ksyms_known(const struct hawk_ksyms *k, enum hawk_symbol symbol)
{
	return k->known[symbol];
}

uint64_t hawk_ksyms_find(const struct hawk_ksyms *k, const char *name)
{
	const struct entry *found = NULL;

	/* the first in the file: those of the kernel itself come before those of modules */
	for (const struct entry *e = k->v; e < k->v + k->n; e++)
		if (strcmp(k->text.data + e->name, name) == 0 && (!found || e->name < found->name))
			found = e;
	return found ? found->address : 0;
}

int hawk_ksyms_at(const struct hawk_ksyms *k, uint64_t address, struct hawk_ksym *ret)
{
	size_t low = 0, high = k->n; /* low: first entry behind ADDRESS */
	size_t first;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (k->v[middle].address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low)
		return -ENOENT;
	for (first = low - 1; first && k->v[first - 1].address == k->v[low - 1].address;)
		first--;
	*ret = (struct hawk_ksym){
		.name = k->text.data + k->v[first].name,
		.owner = k->text.data + k->v[first].owner,
		.address = k->v[first].address,
		.next = low < k->n ? k->v[low].address : 0,
	};
	return 0;
}
