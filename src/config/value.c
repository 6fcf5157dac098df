/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Values of options as text: numbers with units, checks of strings, valid ranges, libconfig syntax. */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/cleanup.h"
#include "src/config/option.h"

/* The first suffix of a unit may be left out; larger ones follow, each a multiple of the one before. */
static const struct suffix {
	enum hawk_option_unit unit;
	const char *text;
	uint64_t factor;
} suffixes[] = {
	{ HAWK_UNIT_BYTES, "B", 1 },
	{ HAWK_UNIT_BYTES, "K", 1ULL << 10 },
	{ HAWK_UNIT_BYTES, "M", 1ULL << 20 },
	{ HAWK_UNIT_BYTES, "G", 1ULL << 30 },
	{ HAWK_UNIT_BYTES, "T", 1ULL << 40 },
	{ HAWK_UNIT_SECONDS, "s", 1 },
	{ HAWK_UNIT_SECONDS, "min", 60 },
	{ HAWK_UNIT_SECONDS, "h", 3600 },
	{ HAWK_UNIT_SECONDS, "d", 86400 },
	{ HAWK_UNIT_MILLISECONDS, "ms", 1 },
	{ HAWK_UNIT_MILLISECONDS, "s", 1000 },
	{ HAWK_UNIT_MILLISECONDS, "min", 60000 },
};

static bool has_unit(const struct suffix *s, enum hawk_option_unit unit)
{
	return s->unit == (unit == HAWK_UNIT_BYTES_POW2 ? HAWK_UNIT_BYTES : unit);
}

int hawk_option_parse_number(enum hawk_option_unit unit, const char *text, uint64_t *ret)
{
	unsigned long long v;
	char *end;

	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	errno = 0;
	v = strtoull(text, &end, 10);
	if (errno == ERANGE)
		return -ERANGE;
	if (*end == '\0') {
		*ret = v;
		return 0;
	}
	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
		uint64_t product;

		if (!has_unit(&suffixes[i], unit) || strcmp(end, suffixes[i].text) != 0)
			continue;
		if (__builtin_mul_overflow(v, suffixes[i].factor, &product))
			return -ERANGE;
		*ret = product;
		return 0;
	}
	return -EINVAL;
}

/* The largest suffix that divides V, or NULL when none does. */
static const struct suffix *suffix_of(enum hawk_option_unit unit, uint64_t v)
{
	const struct suffix *best = NULL;

	for (size_t i = 0; v && i < ARRAY_SIZE(suffixes); i++)
		if (has_unit(&suffixes[i], unit) && v % suffixes[i].factor == 0 && suffixes[i].factor > 1)
			best = &suffixes[i];
	return best;
}

void hawk_option_print_number(enum hawk_option_unit unit, uint64_t v, FILE *to)
{
	const struct suffix *s = suffix_of(unit, v);

	fprintf(to, "%" PRIu64 "%s", s ? v / s->factor : v, s ? s->text : "");
}

static bool is_choice(const char *choices, const char *text)
{
	size_t len = strlen(text);

	for (const char *at = choices; at; at = strchr(at, '|')) {
		at += *at == '|';
		if (strcspn(at, "|") == len && strncmp(at, text, len) == 0)
			return true;
	}
	return false;
}

const char *hawk_option_check_text(const struct hawk_option *option, const char *text)
{
	if (strlen(text) > HAWK_CONFIG_STRING_MAX)
		return "is longer than 4096 bytes";
	if (option->type == HAWK_OPTION_ENUM)
		return is_choice(option->choices, text) ? NULL : "is not a choice";
	if (option->type == HAWK_OPTION_LIST && !*text)
		return "is empty";
	for (const char *p = text; *p; p++) {
		if (iscntrl((unsigned char)*p))
			return "has a control character";
		if (option->form == HAWK_FORM_NAME && !isalnum((unsigned char)*p) && !strchr("_.@:-", *p))
			return "has a character that names do not have";
	}
	if (option->form == HAWK_FORM_PATH && *text && *text != '/')
		return "is not an absolute path";
	return NULL;
}

static void print_int_range(const struct hawk_option *option, FILE *to)
{
	static const char *const what[] = {
		[HAWK_UNIT_NONE] = "a number",
		[HAWK_UNIT_BYTES] = "bytes",
		[HAWK_UNIT_BYTES_POW2] = "bytes",
		[HAWK_UNIT_SECONDS] = "seconds",
		[HAWK_UNIT_MILLISECONDS] = "milliseconds",
	};

	fprintf(to, "%s from ", what[option->unit]);
	hawk_option_print_number(option->unit, option->min, to);
	fputs(" to ", to);
	hawk_option_print_number(option->unit, option->max, to);
	if (option->unit == HAWK_UNIT_BYTES_POW2)
		fputs(", a power of two", to);
}

void hawk_option_print_range(const struct hawk_option *option, FILE *to)
{
	static const char *const forms[] = {
		[HAWK_FORM_TEXT] = "text",
		[HAWK_FORM_PATH] = "absolute path",
		[HAWK_FORM_NAME] = "letters, digits and _.@:-",
	};

	switch (option->type) {
	case HAWK_OPTION_BOOL:
		fputs("true or false", to);
		break;
	case HAWK_OPTION_INT:
		print_int_range(option, to);
		break;
	case HAWK_OPTION_STRING:
		fprintf(to, "a string: %s", forms[option->form]);
		break;
	case HAWK_OPTION_ENUM:
		fputs("one of ", to);
		for (const char *p = option->choices; *p; p++)
			*p == '|' ? fputs(", ", to) : fputc(*p, to);
		break;
	case HAWK_OPTION_LIST:
		fprintf(to, "a list of strings: %s", forms[option->form]);
		break;
	}
}

static void print_string(const char *text, FILE *to)
{
	fputc('"', to);
	for (const char *p = text; *p; p++) {
		if (*p == '"' || *p == '\\')
			fputc('\\', to);
		fputc(*p, to);
	}
	fputc('"', to);
}

static void print_list(const struct hawk_config_list *list, FILE *to)
{
	fputc('[', to);
	for (size_t i = 0; i < list->n; i++) {
		fputs(i ? ", " : " ", to);
		print_string(list->v[i], to);
	}
	fputs(list->n ? " ]" : "]", to);
}

static void print_number(enum hawk_option_unit unit, uint64_t v, FILE *to)
{
	const struct suffix *s = suffix_of(unit, v);

	/* libconfig wants the suffix L on numbers beyond an int. */
	if (s)
		fprintf(to, "\"%" PRIu64 "%s\"", v / s->factor, s->text);
	else
		fprintf(to, "%" PRIu64 "%s", v, v > INT_MAX ? "L" : "");
}

void hawk_option_print_value(const struct hawk_option *option, const void *base, FILE *to)
{
	switch (option->type) {
	case HAWK_OPTION_BOOL:
		fputs(*hawk_option_const(option, base, bool) ? "true" : "false", to);
		break;
	case HAWK_OPTION_INT:
		print_number(option->unit, *hawk_option_const(option, base, uint64_t), to);
		break;
	case HAWK_OPTION_STRING:
	case HAWK_OPTION_ENUM:
		print_string(*hawk_option_const(option, base, char *), to);
		break;
	case HAWK_OPTION_LIST:
		print_list(hawk_option_const(option, base, struct hawk_config_list), to);
		break;
	}
}

void hawk_option_print_default(const struct hawk_option *option, FILE *to)
{
	/* Large enough for both, as every offset is in one of them. */
	union {
		struct hawk_config config;
		struct hawk_config_sink sink;
	} base = { .config = { .n_sinks = 0 } };

	if (hawk_option_set_default(option, &base) == 0)
		hawk_option_print_value(option, &base, to);
	hawk_option_clear(option, &base);
}
