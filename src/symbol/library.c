/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/symbol/library.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/cleanup.h"

/* Above these the rest is left out. */
#define NAMES_MAX (2 * HAWK_ELF_STRINGS_MAX)
#define WATCHED_MAX (64 * 1024)

struct texts {
	char **v;
	size_t n;
};

struct hawk_rules {
	struct texts watched, allowed, ignored; /* the first and the last sorted */
};

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void texts_done(struct texts *t)
{
	for (size_t i = 0; i < t->n; i++)
		free(t->v[i]);
	free(t->v);
}

static int texts_copy(struct texts *to, const struct hawk_symbols_list *from)
{
	to->v = calloc(from->n + 1, sizeof(*to->v));
	if (!to->v)
		return -ENOMEM;
	for (; to->n < from->n; to->n++) {
		to->v[to->n] = strdup(from->v[to->n]);
		if (!to->v[to->n])
			return -ENOMEM;
	}
	qsort(to->v, to->n, sizeof(*to->v), compare_texts);
	return 0;
}

static bool texts_have(const struct texts *t, const char *text)
{
	return t->n && bsearch(&text, t->v, t->n, sizeof(*t->v), compare_texts);
}

int hawk_rules_new(struct hawk_rules **ret, const struct hawk_symbols_config *config)
{
	struct hawk_rules *r = calloc(1, sizeof(*r));

	if (!r || texts_copy(&r->watched, &config->watched) < 0 || texts_copy(&r->allowed, &config->allowed) < 0 ||
	    texts_copy(&r->ignored, &config->ignored) < 0) {
		hawk_rules_free(r);
		return -ENOMEM;
	}
	*ret = r;
	return 0;
}

struct hawk_rules *hawk_rules_free(struct hawk_rules *r)
{
	if (!r)
		return NULL;
	texts_done(&r->watched);
	texts_done(&r->allowed);
	texts_done(&r->ignored);
	free(r);
	return NULL;
}

bool hawk_rules_allow(const struct hawk_rules *r, const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;

	for (size_t i = 0; i < r->allowed.n; i++) {
		const char *allowed = r->allowed.v[i];
		size_t len = strlen(allowed);

		if (allowed[0] == '/' && strncmp(path, allowed, len) == 0)
			return true;
		if (strncmp(name, allowed, len) == 0 &&
		    (strncmp(name + len, ".so", 3) == 0 || (name[len] == '-' && name[len + 1] >= '0' && name[len + 1] <= '9')))
			return true;
	}
	return false;
}

static uint64_t hash(const char *text, size_t len)
{
	uint64_t h = 14695981039346656037ULL; /* FNV-1a */

	for (size_t i = 0; i < len; i++)
		h = (h ^ (uint8_t)text[i]) * 1099511628211ULL;
	return h;
}

struct filling {
	struct hawk_library *library;
	const struct hawk_rules *rules;
};

static bool make_room(struct hawk_library *l)
{
	size_t room = l->room ? 2 * l->room : 64;
	void *symbols;

	if (l->n < l->room)
		return true;
	symbols = reallocarray(l->symbols, room, sizeof(*l->symbols));
	if (!symbols)
		return false;
	l->symbols = symbols;
	l->room = room;
	return true;
}

static void on_symbol(void *ctx, const struct hawk_elf_symbol *symbol)
{
	struct filling *f = ctx;
	struct hawk_library *l = f->library;
	size_t at = l->names.len;

	if (texts_have(&f->rules->watched, symbol->name))
		hawk_buf_put(&l->watched, symbol->name, symbol->len + 1);
	if (texts_have(&f->rules->ignored, symbol->name))
		return;
	if (!make_room(l)) {
		l->error = true;
		return;
	}
	hawk_buf_put(&l->names, symbol->name, symbol->len + 1);
	if (l->names.error)
		return;
	l->symbols[l->n++] = (struct hawk_library_symbol){
		.hash = hash(symbol->name, symbol->len), .name = (uint32_t)at, .strong = symbol->strong,
	};
}

static int compare_symbols(const void *a, const void *b)
{
	const struct hawk_library_symbol *x = a, *y = b;

	return x->hash < y->hash ? -1 : x->hash > y->hash;
}

int hawk_library_read(struct hawk_library *library, const struct hawk_rules *rules,
		      const struct hawk_elf_source *source)
{
	struct filling f = { library, rules };
	int r;

	library->names.max = NAMES_MAX;
	library->watched.max = WATCHED_MAX;
	r = hawk_elf_exports(source, on_symbol, &f);
	if (r >= 0 && (library->error || library->names.error == -ENOMEM || library->watched.error == -ENOMEM))
		r = -ENOMEM;
	if (r < 0) {
		hawk_library_done(library);
		return r == -EBADMSG ? 0 : r;
	}
	qsort(library->symbols, library->n, sizeof(*library->symbols), compare_symbols);
	return 0;
}

void hawk_library_done(struct hawk_library *library)
{
	free(library->symbols);
	hawk_buf_done(&library->names);
	hawk_buf_done(&library->watched);
	memset(library, 0, sizeof(*library));
}

size_t hawk_library_bytes(const struct hawk_library *library)
{
	return library->room * sizeof(*library->symbols) + library->names.cap + library->watched.cap;
}

size_t hawk_library_collide(const struct hawk_library *a, const struct hawk_library *b, struct hawk_buf *names)
{
	size_t n = 0, i = 0, k = 0;

	while (i < a->n && k < b->n) {
		const struct hawk_library_symbol *x = &a->symbols[i], *y = &b->symbols[k];
		const char *name = a->names.data + x->name;

		if (x->hash != y->hash) {
			i += x->hash < y->hash;
			k += x->hash > y->hash;
			continue;
		}
		i++;
		k++;
		if (!(x->strong || y->strong) || strcmp(name, b->names.data + y->name) != 0)
			continue;
		if (n++ < HAWK_COLLISIONS_MAX)
			hawk_buf_put(names, name, strlen(name) + 1);
	}
	return n;
}
