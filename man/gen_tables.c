/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Makes a manual page from its template: copies it and puts a table, expanded
 * from the .def files, in the place of each line "@TABLE name@". So a page
 * cannot miss an event, an option or a verb.
 *
 *	gen_tables page.in >page
 */
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "ctl/ctl.h"
#include "man/kernels.h"
#include "src/base/cleanup.h"
#include "src/config/config.h"
#include "src/event/event.h"
#include "src/event/field.h"
#include "src/format/format.h"
#include "src/probe/plan.h"
#include "src/proto/proto.h"

/* What roff would take for a request, an escape or the end of an argument is plain text in our tables. */
static void put_text(const char *text)
{
	if (*text == '.' || *text == '\'')
		fputs("\\&", stdout);
	for (; *text; text++) {
		if (*text == '\\')
			fputs("\\e", stdout);
		else if (*text == '-')
			fputs("\\-", stdout);
		else if (*text == '"')
			fputs("\\(dq", stdout);
		else
			putchar(*text);
	}
}

static void put_macro(const char *macro, const char *text)
{
	printf(".%s \"", macro);
	put_text(text);
	puts("\"");
}

static void put_line(const char *text)
{
	put_text(text);
	putchar('\n');
}

/* A term, with a note in parentheses; what it means follows. */
static void put_term(const char *term, const char *note)
{
	puts(".TP");
	printf(".BR \"");
	put_text(term);
	putchar('"');
	if (note && *note) {
		printf(" \" (");
		put_text(note);
		printf(")\"");
	}
	putchar('\n');
}

static void put_item(const char *term, const char *note, const char *doc)
{
	put_term(term, note);
	put_line(doc);
}

/* A line of its own: a label and a text. */
static void put_labelled(const char *label, const char *text)
{
	if (!*text)
		return;
	put_text(label);
	put_line(text);
	puts(".br");
}

/* The same for words joined by commas. */
static void put_words(const char *label, const char *words)
{
	if (!*words)
		return;
	put_text(label);
	for (const char *p = words; *p; p++) {
		putchar(*p);
		if (*p == ',')
			putchar(' ');
	}
	puts("\n.br");
}

static void put_alternatives(const struct hawk_event_desc *desc)
{
	size_t n = 0;
	const struct hawk_alt_desc *alts = hawk_plan_alts(desc, &n);

	for (size_t i = 0; i < n; i++) {
		char note[128];

		snprintf(note, sizeof(note), "probe %zu of %zu, %s the fact", i + 1, n,
			 alts[i].before ? "before" : "after");
		put_term(alts[i].name, note);
		put_labelled("Sees: ", alts[i].sees);
		put_labelled("Misses: ", alts[i].misses);
		put_words("Programs: ", alts[i].programs);
	}
}

static void put_fields(const struct hawk_event_desc *desc)
{
	for (size_t i = 0; i < desc->n_fields; i++) {
		char name[80];

		/* Padding and the facts that become the process are not data. */
		if (!strncmp(desc->fields[i].name, "reserved", strlen("reserved")) ||
		    hawk_type_desc(desc->fields[i].type)->vclass == HAWK_V_TASK)
			continue;
		snprintf(name, sizeof(name), "data.%s", desc->fields[i].name);
		put_item(name, hawk_type_desc(desc->fields[i].type)->name, desc->fields[i].doc);
	}
}

static void put_event(const struct hawk_event_desc *desc, bool probes)
{
	put_macro("SS", desc->name);
	put_text(desc->doc);
	puts(".\n.br");
	put_words("Aliases: ", desc->aliases);
	put_words("Sets: ", desc->sets);
	put_fields(desc);
	if (probes)
		put_alternatives(desc);
}

static void put_events(bool syscalls)
{
	size_t n;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);
	const struct hawk_event_desc *last = NULL;

	for (size_t i = 0; i < n; i++)
		if (descs[i]->syscall == syscalls && hawk_event_is_seen(descs[i])) {
			put_event(descs[i], !syscalls && !descs[i]->internal);
			last = descs[i];
		}
	if (syscalls && last) {
		puts(".SS \"Probes of all system calls\"");
		put_alternatives(last);
	}
}

static void table_events(void)
{
	put_events(false);
}

static void table_syscalls(void)
{
	put_events(true);
}

static void table_pending(void)
{
	size_t n;
	const struct hawk_pending_desc *pending = hawk_event_pending_descs(&n);

	for (size_t i = 0; i < n; i++)
		if (!hawk_event_by_name(pending[i].name))
			put_item(pending[i].name, pending[i].sets, pending[i].reason);
}

static const char *seen_on(const char *event, size_t kernel)
{
	const struct shown *s = shown_of(event);

	return s && s->on[kernel] ? s->on[kernel] : "?";
}

static void put_cell(const char *text, size_t width)
{
	put_text(text);
	printf("%*s", (int)(width > strlen(text) ? width - strlen(text) : 0) + 2, "");
}

static bool is_listed(const struct hawk_event_desc *desc, bool syscalls)
{
	return desc->syscall == syscalls && !desc->internal;
}

/* The widest text of a column: 0 is that of the names, K that of kernel K - 1. */
static size_t width_of(size_t column)
{
	size_t n, width = column ? strlen(kernels[column - 1]) : 0;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);

	for (size_t i = 0; i < n; i++) {
		const char *text = column ? seen_on(descs[i]->name, column - 1) : descs[i]->name;

		if (is_listed(descs[i], false) && strlen(text) > width)
			width = strlen(text);
	}
	return width;
}

static void put_row(const char *event, const size_t *widths)
{
	put_cell(event ?: "", widths[0]);
	for (size_t k = 0; k < ARRAY_SIZE(kernels); k++)
		put_cell(event ? seen_on(event, k) : kernels[k], widths[k + 1]);
	putchar('\n');
}

static void table_kernels(void)
{
	size_t n, widths[ARRAY_SIZE(kernels) + 1];
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);

	for (size_t i = 0; i < ARRAY_SIZE(widths); i++)
		widths[i] = width_of(i);
	puts(".EX");
	put_row(NULL, widths);
	for (size_t i = 0; i < n; i++)
		if (is_listed(descs[i], false))
			put_row(descs[i]->name, widths);
	puts(".EE");
}

/* Nearly all system calls are the same: those that were tried in vain are named. */
static void table_kernelcalls(void)
{
	size_t n;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);

	for (size_t k = 0; k < ARRAY_SIZE(kernels); k++) {
		size_t all = 0, triggered = 0;

		put_term(kernels[k], NULL);
		for (size_t i = 0; i < n; i++) {
			const char *how = seen_on(descs[i]->name, k);

			if (!is_listed(descs[i], true))
				continue;
			all++;
			if (!strchr("-?(", *how))
				triggered++;
			else if (*how != '?')
				printf("%s %s,\n", descs[i]->name, how);
		}
		printf("%zu of %zu triggered.\n", triggered, all);
	}
}

static void table_fields(void)
{
	size_t n = hawk_process_fields();

	for (size_t i = 0; i < n; i++) {
		const struct hawk_field *field = hawk_process_field(i);

		put_item(field->name, hawk_type_desc(field->type)->name, field->doc);
	}
}

static void table_types(void)
{
	for (int i = 0; i < HAWK_T_MAX; i++)
		if (hawk_type_desc(i)->vclass != HAWK_V_TASK)
			put_item(hawk_type_desc(i)->name, NULL, hawk_type_desc(i)->doc);
}

static void put_program(const char *name, const char *object, const char *kind, const char *target)
{
	char doc[128], lower[16];
	size_t i;

	for (i = 0; kind[i] && i + 1 < sizeof(lower); i++)
		lower[i] = (char)tolower((unsigned char)kind[i]);
	lower[i] = '\0';
	snprintf(doc, sizeof(doc), "%s at %s; object %s", lower, target, object);
	put_item(name, NULL, doc);
}

static void table_severities(void)
{
#define SEVERITY(token, value, name, doc) put_item(name, NULL, doc);
#include "src/event/severity.def"
}

static void table_sigkeys(void)
{
#define BY(token, name, doc) put_item(name, NULL, doc);
#include "src/sig/by.def"
}

static void table_programs(void)
{
#define OBJECT(name)
#define PROGRAM(program, object, kind, target) put_program(#program, #object, #kind, target);
#include "bpf/abi/probes.def"
#undef OBJECT
#undef PROGRAM
}

static void table_maps(void)
{
#define MAP(name, type, key, value, entries, flags, doc) put_item(#name, #type, doc);
#include "bpf/abi/maps.def"
#undef MAP
}

static void put_option(char letter, const char *option, const char *metavar, const char *help)
{
	_cleanup_(hawk_buf_done) struct hawk_buf term = HAWK_BUF_INIT;

	hawk_help_option(&term, letter, option, metavar);
	if (hawk_buf_str(&term))
		put_item(term.data, NULL, help);
}

static void put_verb(const struct hawk_verb_desc *verb)
{
	_cleanup_(hawk_buf_done) struct hawk_buf synopsis = HAWK_BUF_INIT;

	hawk_help_synopsis(&synopsis, verb);
	put_macro("SS", hawk_buf_str(&synopsis));
	put_text(verb->help);
	puts(".");
	if (*verb->details)
		put_line(verb->details);
	if (verb->role == HAWK_ROLE_ADMIN)
		puts("Only root and the configured group may do this.");
	for (size_t i = 0; i < verb->n_args; i++) {
		const struct hawk_verb_arg *arg = &verb->args[i];

		if (arg->where == HAWK_ARG_POSITIONAL)
			put_item(arg->metavar, NULL, arg->help);
		else if (arg->where == HAWK_ARG_OPTION)
			put_option(arg->letter, arg->option, arg->metavar, arg->help);
	}
}

static void table_verbs(void)
{
	for (int i = 0; i < HAWK_VERB_MAX; i++)
		put_verb(hawk_verb(i));
}

static void table_globals(void)
{
	size_t n;
	const struct hawk_global_option *globals = hawk_global_options(&n);

	for (size_t i = 0; i < n; i++)
		put_option(globals[i].letter, globals[i].option, globals[i].metavar, globals[i].help);
}

static void table_exits(void)
{
#define EXIT(token, code, meaning) put_item(#code, NULL, meaning);
#include "ctl/exits.def"
#undef EXIT
}

static void table_options(void)
{
	fflush(stdout);
	hawk_config_print_man(stdout);
}

static void table_formats(void)
{
	const char *name, *argument, *doc;

	for (size_t i = 0; (name = hawk_format_name(i, &argument, &doc)); i++) {
		char term[32];

		snprintf(term, sizeof(term), *argument ? "%s=%s" : "%s", name, argument);
		put_item(term, NULL, doc);
	}
}

/* Items below an item. */
static void put_indented(void (*print)(void))
{
	puts(".RS");
	print();
	puts(".RE");
}

static void print_traceecontext(void)
{
#define CONTEXT(key, how, value, doc) put_item(#key, NULL, doc);
#include "src/format/tracee.def"
}

static void print_traceeargs(void)
{
#define ARGUMENT(event, argument, field) put_item(argument, event, "data." field);
#include "src/event/tracee_args.def"
}

/* What may stand behind a key of a policy: the words of src/policy/tracee_keys.def. */
#define KEY_NONE ""
#define KEY_EQUAL "= !="
#define KEY_ORDER "= != < <= > >="
#define KEY_ANY "alone, = !="

static void put_key(const char *keys, const char *operators, const char *values, const char *doc)
{
	char term[256], note[256];
	size_t n = 0;

	for (const char *c = keys; *c && n < sizeof(term) - 2; c++) {
		term[n++] = *c;
		if (*c == ',')
			term[n++] = ' ';
	}
	term[n] = '\0';
	snprintf(note, sizeof(note), "%s%s%s", operators, *operators && *values ? "; " : "", values);
	put_item(term, note, doc);
}

static void print_policyscopes(void)
{
#define SCOPE(keys, how, fields, operators, values, doc) put_key(keys, KEY_##operators, values, doc);
#include "src/policy/tracee_keys.def"
}

static void print_policyfields(void)
{
#define CONTEXT(keys, how, fields, operators, values, doc) put_key(keys, KEY_##operators, values, doc);
#include "src/policy/tracee_keys.def"
}

static void table_policyscopes(void)
{
	put_indented(print_policyscopes);
}

static void table_policyfields(void)
{
	put_indented(print_policyfields);
}

static void table_policydetectors(void)
{
#define DETECTOR(name, id, doc) put_item(name, id, doc);
#include "src/policy/tracee_detectors.def"
#undef DETECTOR
}

static void table_traceecontext(void)
{
	put_indented(print_traceecontext);
}

static void table_traceeargs(void)
{
	put_indented(print_traceeargs);
}

static void put_export(const char *event, const char *envelope, const char *subsystem, const char *function)
{
	char doc[128], lower[16];
	size_t i;

	if (!strcmp(envelope, "LOST")) {
		put_item(event, NULL, "rate_limit_info");
		return;
	}
	for (i = 0; envelope[i] && i + 1 < sizeof(lower); i++)
		lower[i] = (char)tolower((unsigned char)envelope[i]);
	lower[i] = '\0';
	snprintf(doc, sizeof(doc), "process_%s%s%s%s%s", lower, *function ? " of " : "", subsystem,
		 *subsystem ? "/" : "", function);
	put_item(event, NULL, doc);
}

static void table_tetragonevents(void)
{
#define EXPORT(event, envelope, subsystem, function) put_export(event, #envelope, subsystem, function);
#include "src/format/tetragon.def"
}

static void table_tetragonprocess(void)
{
#define MEMBER(key, how, value, doc) put_item(#key, NULL, doc);
#define DETAIL(key, how, value, doc) put_item(#key, "not of the parent", doc);
#include "src/format/tetragon.def"
}

static void table_tetragonparts(void)
{
#define PART(event, member, key, field) printf(".TP\n.BR %s \" in \" %s \" of \" %s\ndata.%s\n", key, member, event, field);
#include "src/format/tetragon.def"
}

static const struct {
	const char *name;
	void (*print)(void);
} tables[] = {
	{ "events", table_events },
	{ "syscalls", table_syscalls },
	{ "pending", table_pending },
	{ "kernels", table_kernels },
	{ "kernelcalls", table_kernelcalls },
	{ "fields", table_fields },
	{ "formats", table_formats },
	{ "policydetectors", table_policydetectors },
	{ "policyfields", table_policyfields },
	{ "policyscopes", table_policyscopes },
	{ "traceecontext", table_traceecontext },
	{ "traceeargs", table_traceeargs },
	{ "tetragonevents", table_tetragonevents },
	{ "tetragonparts", table_tetragonparts },
	{ "tetragonprocess", table_tetragonprocess },
	{ "severities", table_severities },
	{ "sigkeys", table_sigkeys },
	{ "types", table_types },
	{ "programs", table_programs },
	{ "maps", table_maps },
	{ "verbs", table_verbs },
	{ "globals", table_globals },
	{ "exits", table_exits },
	{ "options", table_options },
};

static int print_table(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++)
		if (!strcmp(tables[i].name, name)) {
			tables[i].print();
			return 0;
		}
	return -ENOENT;
}

static int expand(FILE *in, const char *path)
{
	_cleanup_free_ char *line = NULL;
	size_t size = 0;

	for (unsigned int number = 1; getline(&line, &size, in) >= 0; number++) {
		char name[32];

		if (sscanf(line, "@TABLE %31[a-z]@", name) != 1) {
			fputs(line, stdout);
		} else if (print_table(name) < 0) {
			fprintf(stderr, "%s:%u: there is no table \"%s\"\n", path, number, name);
			return -ENOENT;
		}
	}
	return ferror(in) ? -EIO : 0;
}

int main(int argc, char **argv)
{
	_cleanup_fclose_ FILE *in = NULL;

	if (argc != 2) {
		fprintf(stderr, "usage: gen_tables TEMPLATE >PAGE\n");
		return 2;
	}
	in = fopen(argv[1], "re");
	if (!in) {
		fprintf(stderr, "%s: %m\n", argv[1]);
		return 1;
	}
	if (expand(in, argv[1]) < 0)
		return 1;
	if (fflush(stdout) || ferror(stdout)) {
		fprintf(stderr, "cannot write: %m\n");
		return 1;
	}
	return 0;
}
