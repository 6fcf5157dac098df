/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Makes the catalog of journalctl -x: copies the texts that were written by
 * hand and adds one for each event that has none, out of the tables, and one
 * for each signature that comes with us, out of its file.
 *
 *	gen_catalog sechawk.catalog.in [SIGNATURES]... >sechawk.catalog
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/cleanup.h"
#include "src/event/event.h"
#include "src/sig/signature.h"
#include "src/sink/sink.h"

#define WIDTH 78

static void put_field(const struct hawk_field_desc *field)
{
	printf("%s: @SECHAWK_DATA_", field->name);
	for (const char *p = field->name; *p; p++)
		putchar(toupper((unsigned char)*p));
	printf("@ (%s)\n", field->doc);
}

static void put_entry(const struct hawk_event_desc *desc, const char *id)
{
	printf("\n# %s\n-- %s\n", desc->name, id);
	printf("Subject: %s%s: %s\n", desc->syscall ? "System call " : "", desc->name, desc->doc);
	puts("Defined-By: sechawk\nDocumentation: man:sechawk-events(7)\n");
	puts("The process @SECHAWK_EXE@ (pid @SECHAWK_PID@, user @SECHAWK_UID@, unit\n@SECHAWK_UNIT@) did this with:\n");
	for (size_t i = 0; i < desc->n_fields; i++)
		if (hawk_type_desc(desc->fields[i].type)->vclass != HAWK_V_TASK)
			put_field(&desc->fields[i]);
}

/* Whether the text written by hand has a line "-- ID". */
static bool has_entry(const char *text, const char *id)
{
	char line[64];

	snprintf(line, sizeof(line), "\n-- %s\n", id);
	return strstr(text, line);
}

/* TEXT as a paragraph, of words: no line is too long, none can be taken for the head of an entry. */
static void put_paragraph(const char *label, const char *text)
{
	size_t column = strlen(label), n;

	if (!text)
		return;
	printf("\n%s", label);
	for (const char *p = text + strspn(text, " \n"); (n = strcspn(p, " \n")); p += n, p += strspn(p, " \n")) {
		bool first = column == strlen(label) && p == text + strspn(text, " \n");
		bool wrap = column + 1 + n > WIDTH && !(n == 2 && !memcmp(p, "--", 2));

		if (!first)
			putchar(wrap ? '\n' : ' ');
		column = wrap ? n : column + n + !first;
		printf("%.*s", (int)n, p);
	}
	putchar('\n');
}

static void put_signature(const struct hawk_sig *sig)
{
	char id[33];

	hawk_sink_message_id(sig->id, id);
	printf("\n# %s\n-- %s\nSubject: %s\n", sig->id, id, sig->title);
	puts("Defined-By: sechawk\nDocumentation: man:sechawk-signature(5)");
	put_paragraph("", sig->description);
	puts("\nIt was @SECHAWK_EXE@ (pid @SECHAWK_PID@, user @SECHAWK_UID@, unit\n@SECHAWK_UNIT@). Where it comes from and "
	     "what led to it:\nsechawkctl finding show @SECHAWK_FINDING_ID@");
	put_paragraph("What to do: ", sig->what_to_do);
	put_paragraph("Harmless cases: ", sig->false_positives);
	puts("\nTo leave such a case out from now on, put this, with a name, into a file in\n/etc/sechawk/signatures.d:\n@SECHAWK_EXCEPT_HINT@");
	if (sig->tactic || sig->technique)
		printf("\nATT&CK: %s%s%s\n", sig->tactic ?: "", sig->tactic && sig->technique ? ", " : "", sig->technique ?: "");
}

/* A whole file; what it cannot be read is told. */
static char *read_text(const char *path, size_t *ret_len)
{
	_cleanup_fclose_ FILE *in = fopen(path, "re");
	char *text = NULL;
	size_t size = 0;
	ssize_t n = in ? getdelim(&text, &size, '\0', in) : -1;

	if (n < 0 && !(in && feof(in))) {
		fprintf(stderr, "gen_catalog: %s: %m\n", path);
		free(text);
		return NULL;
	}
	*ret_len = n < 0 ? 0 : (size_t)n;
	return text ? text : calloc(1, 1);
}

/* What is wrong with them, to standard error. Returns whether anything is. */
static int tell_wrong(const struct hawk_diags *diags, size_t n)
{
	int wrong = 0;

	for (size_t i = 0; i < n; i++) {
		_cleanup_(hawk_buf_done) struct hawk_buf why = HAWK_BUF_INIT;

		if (diags[i].errors)
			hawk_diags_print(&diags[i], &why);
		wrong |= diags[i].errors > 0;
		fputs(hawk_buf_str(&why) ?: "", stderr);
	}
	return wrong;
}

/* All at once, since they name each other's lists. Returns 0, or 1 when one of them is wrong. */
static int put_signatures(char *const *paths, size_t n)
{
	struct hawk_sig_source *sources = calloc(n + 1, sizeof(*sources));
	struct hawk_diags *diags = calloc(n + 1, sizeof(*diags));
	struct hawk_sig_files files = { .n_signatures = 0 };
	int r = !sources || !diags;

	for (size_t i = 0; i < n && !r; i++) {
		sources[i].path = paths[i];
		sources[i].text = read_text(paths[i], &sources[i].len);
		r = !sources[i].text;
	}
	if (!r)
		r = hawk_sig_read(&files, sources, n, diags) < 0 || tell_wrong(diags, n);
	for (size_t i = 0; i < files.n_signatures && !r; i++)
		put_signature(files.signatures[i]);
	for (size_t i = 0; i < n && sources && diags; i++) {
		free((char *)sources[i].text);
		hawk_diags_done(&diags[i]);
	}
	hawk_sig_files_done(&files);
	free(sources);
	free(diags);
	return r;
}

int main(int argc, char **argv)
{
	_cleanup_free_ char *text = NULL;
	size_t n, size = 0;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);

	text = argc >= 2 ? read_text(argv[1], &size) : NULL;
	if (!text) {
		fprintf(stderr, "usage: gen_catalog TEMPLATE [SIGNATURES]... >CATALOG\n");
		return 1;
	}
	fputs(text, stdout);
	for (size_t i = 0; i < n; i++) {
		char id[33];

		hawk_sink_message_id(descs[i]->name, id);
		/* findings have the texts of their signatures */
		if (!descs[i]->internal && descs[i]->id != HAWK_EV_FINDING && !has_entry(text, id))
			put_entry(descs[i], id);
	}
	if (put_signatures(argv + 2, (size_t)argc - 2))
		return 1;
	return fflush(stdout) || ferror(stdout);
}
