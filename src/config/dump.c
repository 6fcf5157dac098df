/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The options as text: the configuration in force, the shipped file, the manual page; and what differs. */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "src/base/cleanup.h"
#include "src/config/config.h"
#include "src/config/option.h"
#include "src/config/parse.h"

#define COMMENT_WIDTH 100

/* Writes TEXT as comment lines, each below INDENT. */
static void print_comment(const char *indent, const char *text, FILE *to)
{
	while (*text) {
		size_t len = strlen(text), take = len;

		if (len > COMMENT_WIDTH)
			for (take = COMMENT_WIDTH; take > 1 && text[take] != ' ';)
				take--;
		fprintf(to, "%s# %.*s\n", indent, (int)take, text);
		text += take;
		text += *text == ' ';
	}
}

static void print_about(const char *indent, const struct hawk_option *option, FILE *to)
{
	print_comment(indent, option->doc, to);
	fprintf(to, "%s# (", indent);
	hawk_option_print_range(option, to);
	fprintf(to, "%s)\n", option->restart ? "; needs a restart" : "");
}

static void print_row(const char *indent, const struct hawk_option *option, const void *base, FILE *to)
{
	fprintf(to, "%s%s = ", indent, option->name);
	hawk_option_print_value(option, base, to);
	fputs(";\n", to);
}

/* Writes the sections of options.def with the values of CONFIG; COMMENTED: as comments. */
static void print_sections(const struct hawk_config *config, bool commented, FILE *to)
{
	size_t n, n_sections;
	const struct hawk_option *options = hawk_options(&n);
	const struct hawk_option_section *sections = hawk_option_sections(&n_sections);

	for (size_t s = 0; s < n_sections; s++) {
		print_comment("", sections[s].doc, to);
		fprintf(to, "%s = {\n", sections[s].name);
		for (size_t i = 0; i < n; i++) {
			if (strcmp(options[i].section, sections[s].name) != 0)
				continue;
			print_about("\t", &options[i], to);
			print_row(commented ? "\t#" : "\t", &options[i], config, to);
		}
		fputs("};\n\n", to);
	}
}

static bool has_option(const struct hawk_config_sink *sink, const struct hawk_option *option)
{
	return strcmp(option->section, "any") == 0 || strcmp(option->section, sink->type) == 0;
}

static void print_sinks(const struct hawk_config *config, FILE *to)
{
	size_t n;
	const struct hawk_option *options = hawk_sink_options(&n);

	fputs("# Where events go.\nsinks = (", to);
	for (size_t s = 0; s < config->n_sinks; s++) {
		fputs(s ? ", {\n" : " {\n", to);
		for (size_t i = 0; i < n; i++)
			if (has_option(&config->sinks[s], &options[i]))
				print_row("\t", &options[i], &config->sinks[s], to);
		fputs("}", to);
	}
	fputs(config->n_sinks ? " );\n" : ");\n", to);
}

const char hawk_config_default_sinks[] =
	"sinks = (\n"
	"\t{ type = \"journald\";\n"
	"\t  filter = [ \"event=finding\", \"policy=*\", \"event=ptrace\",\n"
	"\t             \"event=sched_process_exec data.flags=memfd\" ]; }\n"
	");\n";

/* As a comment. */
static void print_default_sinks(FILE *to)
{
	for (const char *line = hawk_config_default_sinks; *line;) {
		size_t len = strcspn(line, "\n") + 1;

		fprintf(to, "#%.*s", (int)len, line);
		line += len;
	}
}

/* A name may hold a line break, which would end the comment. */
static void print_file(const char *name, FILE *to)
{
	fputs("# from ", to);
	for (const char *p = name; *p; p++)
		fputc(iscntrl((unsigned char)*p) ? '?' : *p, to);
	fputc('\n', to);
}

static int finish(FILE *to)
{
	return fflush(to) || ferror(to) ? -EIO : 0;
}

int hawk_config_dump(const struct hawk_config *config, FILE *to)
{
	if (config->files.n)
		for (size_t i = 0; i < config->files.n; i++)
			print_file(config->files.v[i], to);
	else
		fputs("# the defaults; no file was read\n", to);
	fputc('\n', to);
	print_sections(config, false, to);
	if (config->sinks_given) {
		print_sinks(config, to);
	} else {
		fputs("# Where events go. No file has a list of sinks: where journald runs, this is in force.\n", to);
		print_default_sinks(to);
	}
	return finish(to);
}

static const char about_file[] =
	"Configuration of sechawkd, see sechawk.conf(5). All options are shown with their defaults. Changes "
	"are best made in files of your own, conf.d/NAME.conf, which override single options; sechawkd "
	"--check-config checks them. Numbers with a unit may be strings: \"16M\" (B, K, M, G, T), \"10min\" "
	"(s, min, h, d).";

static const char about_sinks[] =
	"Where events go: a list of sinks, each with the options below. A sink replaces the sink of the same "
	"name in an earlier file, an empty list removes them all. While no file has a list, events go to the "
	"journal, if it runs, as in the list at the end.";

static void print_sink_help(FILE *to)
{
	size_t n;
	const struct hawk_option *options = hawk_sink_options(&n);

	print_comment("", about_sinks, to);
	for (size_t i = 0; i < n; i++) {
		fputs("#\n", to);
		print_about("", &options[i], to);
		fprintf(to, "# %s = ", options[i].name);
		hawk_option_print_default(&options[i], to);
		if (strcmp(options[i].section, "any") != 0)
			fprintf(to, " (type %s only)", options[i].section);
		fputc('\n', to);
	}
	fputs("#\n", to);
	print_default_sinks(to);
}

int hawk_config_print_example(FILE *to)
{
	struct hawk_config *defaults;
	int r = hawk_config_new(&defaults);

	if (r < 0)
		return r;
	fputs("# SPDX-License-Identifier: LGPL-2.1-or-later\n", to);
	print_comment("", about_file, to);
	fputc('\n', to);
	print_sections(defaults, true, to);
	print_sink_help(to);
	hawk_config_free(defaults);
	return finish(to);
}

/* Writes TEXT so that roff shows it as it is. */
static void print_roff(const char *text, FILE *to)
{
	for (const char *p = text; *p; p++) {
		if (*p == '\\')
			fputs("\\e", to);
		else if (*p == '-')
			fputs("\\-", to);
		else
			fputc(*p, to);
	}
}

static int print_man_row(const struct hawk_option *option, FILE *to)
{
	char text[2048] = "";
	FILE *memory = fmemopen(text, sizeof(text) - 1, "w");

	if (!memory)
		return -errno;
	hawk_option_print_range(option, memory);
	fputs("; default ", memory);
	hawk_option_print_default(option, memory);
	fputs(option->restart ? "; needs a restart" : "", memory);
	fclose(memory);
	fputs(".TP\n.B ", to);
	print_roff(option->name, to);
	fputs("\n", to);
	print_roff(option->doc, to);
	fputs("\n.br\n(", to);
	print_roff(text, to);
	fputs(")\n", to);
	return 0;
}

int hawk_config_print_man(FILE *to)
{
	size_t n, n_sections, n_sinks;
	const struct hawk_option *options = hawk_options(&n), *sink_options = hawk_sink_options(&n_sinks);
	const struct hawk_option_section *sections = hawk_option_sections(&n_sections);
	int r = 0;

	for (size_t s = 0; s < n_sections; s++) {
		fprintf(to, ".SS %s\n%s\n", sections[s].name, sections[s].doc);
		for (size_t i = 0; r == 0 && i < n; i++)
			if (strcmp(options[i].section, sections[s].name) == 0)
				r = print_man_row(&options[i], to);
	}
	for (size_t i = 0; r == 0 && i < n_sinks; i++) {
		if (i == 0 || strcmp(sink_options[i].section, sink_options[i - 1].section) != 0)
			fprintf(to, ".SS sinks, type %s\n", sink_options[i].section);
		r = print_man_row(&sink_options[i], to);
	}
	return r ?: finish(to);
}

const char *hawk_config_where(const struct hawk_config *config, const char *option)
{
	size_t n;
	const struct hawk_option *options = hawk_options(&n);

	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(options[i].section);

		if (strncmp(option, options[i].section, len) == 0 && option[len] == '.' &&
		    strcmp(option + len + 1, options[i].name) == 0)
			return config->where[i] ?: "default";
	}
	return "default";
}

size_t hawk_config_restart_options(const struct hawk_config *old, const struct hawk_config *new,
				   void (*fn)(void *ctx, const char *option), void *ctx)
{
	size_t n, found = 0;
	const struct hawk_option *options = hawk_options(&n);

	for (size_t i = 0; i < n; i++) {
		char name[128];

		if (!options[i].restart || hawk_option_equal(&options[i], old, new))
			continue;
		snprintf(name, sizeof(name), "%s.%s", options[i].section, options[i].name);
		fn(ctx, name);
		found++;
	}
	return found;
}
