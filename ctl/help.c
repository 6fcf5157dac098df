/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "ctl/ctl.h"
#include "ctl/term.h"
#include "src/base/cleanup.h"

#define HELP_WIDTH 79
#define HELP_INDENT 30

void hawk_help_synopsis(struct hawk_buf *out, const struct hawk_verb_desc *verb)
{
	bool options = false;

	hawk_buf_puts(out, verb->words);
	for (size_t i = 0; i < verb->n_args; i++)
		options |= verb->args[i].where == HAWK_ARG_OPTION;
	if (options)
		hawk_buf_lit(out, " [OPTION]...");
	for (size_t i = 0; i < verb->n_args; i++) {
		const struct hawk_verb_arg *arg = &verb->args[i];
		struct hawk_type_info type = hawk_type_info(arg->type);

		if (arg->where == HAWK_ARG_POSITIONAL)
			hawk_buf_printf(out, " %s%s%s%s", type.optional ? "[" : "", arg->metavar,
					type.optional ? "]" : "", type.list ? "..." : "");
	}
}

void hawk_help_option(struct hawk_buf *out, char letter, const char *option, const char *metavar)
{
	if (letter)
		hawk_buf_printf(out, "-%c, ", letter);
	hawk_buf_printf(out, "--%s", option);
	if (metavar && *metavar)
		hawk_buf_printf(out, " %s", metavar);
}

/* Characters of the first LEN bytes; our tables hold nothing wide. */
static size_t text_width(const char *text, size_t len)
{
	size_t width = 0;

	for (size_t i = 0; i < len; i++)
		width += ((unsigned char)text[i] & 0xc0) != 0x80;
	return width;
}

/* Writes words that start at column AT and continue at column INDENT. */
static void put_wrapped(FILE *to, const char *text, size_t at, size_t indent)
{
	while (*text) {
		size_t len = strcspn(text, " "), width = text_width(text, len);

		if (at > indent && at + 1 + width > HELP_WIDTH) {
			fprintf(to, "\n%*s", (int)indent, "");
			at = indent;
		} else if (at > indent) {
			putc(' ', to);
			at++;
		}
		fwrite(text, 1, len, to);
		at += width;
		text += len;
		text += strspn(text, " ");
	}
	putc('\n', to);
}

/* A term, and beside it what it means. */
static void put_item(FILE *to, const char *term, const char *doc)
{
	size_t width = text_width(term, strlen(term)) + 2;

	fprintf(to, "  %s%s%s", hawk_term_style(HAWK_BOLD), term, hawk_term_style(HAWK_PLAIN));
	if (width + 2 > HELP_INDENT)
		fprintf(to, "\n%*s", HELP_INDENT, "");
	else
		fprintf(to, "%*s", (int)(HELP_INDENT - width), "");
	put_wrapped(to, doc, HELP_INDENT, HELP_INDENT);
}

static void put_option(FILE *to, char letter, const char *option, const char *metavar, const char *doc)
{
	_cleanup_(hawk_buf_done) struct hawk_buf term = HAWK_BUF_INIT;

	if (!letter)
		hawk_buf_lit(&term, "    ");
	hawk_help_option(&term, letter, option, metavar);
	if (hawk_buf_str(&term))
		put_item(to, term.data, doc);
}

static void put_globals(FILE *to, const struct hawk_verb_desc *verb)
{
	size_t n;
	const struct hawk_global_option *globals = hawk_global_options(&n);

	for (size_t i = 0; i < n; i++) {
		bool hidden = false;

		/* An option of the verb hides the global one of the same name. */
		for (size_t j = 0; verb && j < verb->n_args; j++)
			hidden |= !strcmp(verb->args[j].option, globals[i].option);
		if (!hidden)
			put_option(to, globals[i].letter, globals[i].option, globals[i].metavar,
				   globals[i].help);
	}
}

static void put_exits(FILE *to)
{
	char code[16];

#define EXIT(token, number, meaning) \
	snprintf(code, sizeof(code), "%d", number); \
	put_item(to, code, meaning);
#include "ctl/exits.def"
#undef EXIT
}

static void help_all(FILE *to)
{
	fputs("sechawkctl [OPTION]... COMMAND [ARGUMENT]...\n\n", to);
	fputs("Talk to the host security daemon sechawkd.\n\nCommands:\n", to);
	for (int i = 0; i < HAWK_VERB_MAX; i++)
		if (*hawk_verb(i)->words)
			put_item(to, hawk_verb(i)->words, hawk_verb(i)->help);
	fputs("\nOptions:\n", to);
	put_globals(to, NULL);
	fputs("\nExit status:\n", to);
	put_exits(to);
	fputs("\n\"sechawkctl help COMMAND\" explains a command; sechawkctl(1), sechawk-events(7).\n", to);
}

static void help_verb(FILE *to, const struct hawk_verb_desc *verb)
{
	_cleanup_(hawk_buf_done) struct hawk_buf synopsis = HAWK_BUF_INIT;

	hawk_help_synopsis(&synopsis, verb);
	fprintf(to, "sechawkctl %s\n\n%s.\n", hawk_buf_str(&synopsis), verb->help);
	if (*verb->details)
		put_wrapped(to, verb->details, 0, 0);
	if (verb->n_args)
		fputs("\nArguments:\n", to);
	for (size_t i = 0; i < verb->n_args; i++)
		if (verb->args[i].where == HAWK_ARG_POSITIONAL)
			put_item(to, verb->args[i].metavar, verb->args[i].help);
	fputs("\nOptions:\n", to);
	for (size_t i = 0; i < verb->n_args; i++)
		if (verb->args[i].where == HAWK_ARG_OPTION)
			put_option(to, verb->args[i].letter, verb->args[i].option, verb->args[i].metavar,
				   verb->args[i].help);
	put_globals(to, verb);
	if (verb->role == HAWK_ROLE_ADMIN)
		fputs("\nOnly root and the configured group may do this.\n", to);
}

void hawk_help(FILE *to, const struct hawk_verb_desc *verb)
{
	if (verb)
		help_verb(to, verb);
	else
		help_all(to);
}

const struct hawk_verb_desc *hawk_help_find(const json_t *words)
{
	const char *argv[8];
	size_t n = json_array_size(words);
	int used = 0;

	if (n > ARRAY_SIZE(argv))
		return NULL;
	for (size_t i = 0; i < n; i++)
		argv[i] = json_string_value(json_array_get(words, i));
	return hawk_verb_by_words((int)n, argv, &used);
}
