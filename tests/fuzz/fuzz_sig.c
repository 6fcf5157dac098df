/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Files of signatures, several in one input: refused with a place in the text, or what they became is whole, is
 * printed, and takes part in a set. Parts begin with a line "#!NAME".
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/cleanup.h"
#include "src/sig/engine.h"
#include "src/sig/test.h"

#define FILES_MAX 8

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUIRE(what) \
	do { \
		if (!(what)) \
			abort(); \
	} while (0)

static struct hawk_buf text;

/* Takes the input apart. The first part may have no name. */
static size_t split(const char *data, size_t size, struct hawk_sig_source *sources, char names[][64])
{
	const char *p = data, *end = data + size;
	size_t n = 0;

	while (p < end && n < FILES_MAX) {
		const char *next = memmem(p + 1, (size_t)(end - p) - 1, "\n#!", 3), *stop = next ? next + 1 : end;

		snprintf(names[n], 64, "%zu.yaml", n);
		if (stop - p > 2 && p[0] == '#' && p[1] == '!') {
			const char *nl = memchr(p, '\n', (size_t)(stop - p));
			const size_t len = (size_t)((nl ? nl : stop) - p) - 2;

			if (len && len < 64 && !memchr(p, '\0', len + 2))
				snprintf(names[n], 64, "%.*s", (int)len, p + 2);
			p = nl ? nl + 1 : stop;
		}
		sources[n] = (struct hawk_sig_source){ names[n], p, (size_t)(stop - p) };
		n++;
		p = stop;
	}
	return n;
}

static void check_diags(const struct hawk_diags *d)
{
	REQUIRE(d->n <= HAWK_DIAGS_MAX);
	for (size_t i = 0; i < d->n; i++)
		REQUIRE(*d->v[i].message && !strchr(d->v[i].message, '\n') && !d->v[i].line == !d->v[i].column);
	hawk_buf_reset(&text);
	hawk_diags_print(d, &text);
	REQUIRE(!text.error);
}

static void check_match(const struct hawk_sig *s, const struct hawk_sig_match *m)
{
	uint64_t any = 0;

	for (size_t i = 0; i < HAWK_SIG_EVENT_WORDS; i++)
		any |= m->events[i];
	/* Nothing is silently never true. */
	REQUIRE(any || s->n_pending);
	REQUIRE(m->line && m->column);
}

static void check_step(const struct hawk_sig *s, size_t i)
{
	const struct hawk_sig_step *step = &s->steps[i];

	REQUIRE(step->count >= 1 && step->count <= HAWK_SIG_COUNT_MAX);
	REQUIRE(!step->absent || (i > 0 && i + 1 == s->n_steps && !s->unordered));
	REQUIRE(step->n_matches || s->n_pending);
	for (size_t k = 0; k < step->n_matches; k++)
		check_match(s, &step->matches[k]);
	for (size_t k = 0; k < step->n_captures; k++)
		REQUIRE(step->captures[k].index < s->n_captures && (step->captures[k].value || s->n_pending));
}

static void check_signature(const struct hawk_sig *s)
{
	const bool whole = !s->n_pending;

	REQUIRE(*s->id && *s->name && *s->version && *s->title && *s->description && s->dialect && s->path);
	REQUIRE(hawk_severity_name(s->severity) && s->n_steps && s->n_steps <= HAWK_SIG_STEPS_MAX);
	REQUIRE(s->n_captures <= HAWK_CEL_CAPTURES_MAX && s->n_by <= HAWK_SIG_KEYS_MAX);
	REQUIRE(s->within || (s->n_steps == 1 && s->steps[0].count == 1));
	for (size_t i = 0; i < s->n_steps; i++)
		check_step(s, i);
	for (size_t i = 0; i < s->n_exceptions; i++)
		REQUIRE(s->exceptions[i].name && (s->exceptions[i].where || !whole));
	for (size_t i = 0; i < s->n_output; i++)
		REQUIRE(s->output[i].name && (s->output[i].value || !whole));
	for (size_t i = 0; i < s->n_tests; i++)
		REQUIRE(s->tests[i].name && s->tests[i].events);
	REQUIRE(s->message || !whole);
	hawk_buf_reset(&text);
	text.max = 16 * 1024 * 1024;
	REQUIRE(hawk_sig_print(s, &text) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hawk_sig_source sources[FILES_MAX] = { 0 };
	struct hawk_diags diags[FILES_MAX] = { 0 };
	struct hawk_sig_set *set = NULL;
	struct hawk_sig_files files;
	char names[FILES_MAX][64];
	size_t n = split((const char *)data, size, sources, names), bad = 0;

	REQUIRE(hawk_sig_read(&files, sources, n, diags) == 0);
	for (size_t i = 0; i < n; i++) {
		check_diags(&diags[i]);
		bad += diags[i].errors > 0;
		hawk_diags_done(&diags[i]);
	}
	/* exceptions are in the signature that they are about */
	REQUIRE(files.n_signatures + files.n_lists + bad <= n);
	for (size_t i = 0; i < files.n_signatures; i++)
		check_signature(files.signatures[i]);
	REQUIRE(hawk_sig_set_new(&set, files.signatures, files.n_signatures) == 0);
	hawk_sig_set_free(set);
	hawk_sig_files_done(&files);
	return 0;
}
