/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One text of libconfig syntax over a configuration. */
#include "src/config/parse.h"

#include <errno.h>
#include <libconfig.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/cleanup.h"
#include "src/base/nearest.h"
#include "src/config/option.h"

struct parser {
	struct hawk_config *config;
	const char *file;
	struct hawk_config_errors *errors;
};

#define fault_at(p, setting, ...) \
	hawk_config_fault((p)->errors, (p)->file, config_setting_source_line(setting), __VA_ARGS__)

static const char *type_name(int type)
{
	switch (type) {
	case CONFIG_TYPE_INT:
	case CONFIG_TYPE_INT64:
		return "a number";
	case CONFIG_TYPE_FLOAT:
		return "a number with a fraction";
	case CONFIG_TYPE_STRING:
		return "a string";
	case CONFIG_TYPE_BOOL:
		return "true or false";
	case CONFIG_TYPE_ARRAY:
	case CONFIG_TYPE_LIST:
		return "a list";
	default:
		return "a group";
	}
}

/* A value being read: where it is, its row and the structure that it goes to. */
struct target {
	const struct parser *p;
	const struct hawk_option *option;
	const config_setting_t *setting;
	void *base;
	bool in_sink;
};

/* Reports that the value does not fit: WHAT is wrong, then what is valid. */
static int refuse(const struct target *t, const char *what, const char *value)
{
	char range[256] = "";
	FILE *to = fmemopen(range, sizeof(range) - 1, "w");

	if (!to)
		return -ENOMEM;
	hawk_option_print_range(t->option, to);
	fclose(to);
	fault_at(t->p, t->setting, "%s.%s: %s%.64s%s%s; expected %s",
		 t->in_sink ? "sinks" : t->option->section, t->option->name, value ? "\"" : "", value ?: "",
		 value ? "\" " : "", what, range);
	return 0;
}

static int refuse_type(const struct target *t, const config_setting_t *found)
{
	char what[64];

	snprintf(what, sizeof(what), "is %s", type_name(config_setting_type(found)));
	return refuse(t, what, NULL);
}

static int read_bool(const struct target *t)
{
	if (config_setting_type(t->setting) != CONFIG_TYPE_BOOL)
		return refuse_type(t, t->setting);
	*hawk_option_value(t->option, t->base, bool) = config_setting_get_bool(t->setting);
	return 0;
}

static int read_int(const struct target *t)
{
	const struct hawk_option *o = t->option;
	int type = config_setting_type(t->setting), r = 0;
	uint64_t v = 0;

	if (type == CONFIG_TYPE_STRING) {
		r = hawk_option_parse_number(o->unit, config_setting_get_string(t->setting), &v);
		if (r == -EINVAL)
			return refuse(t, "is not such a number", config_setting_get_string(t->setting));
	} else if (type == CONFIG_TYPE_INT || type == CONFIG_TYPE_INT64) {
		long long signed_v = type == CONFIG_TYPE_INT ? config_setting_get_int(t->setting)
							     : config_setting_get_int64(t->setting);

		r = signed_v < 0 ? -ERANGE : 0;
		v = (uint64_t)signed_v;
	} else {
		return refuse_type(t, t->setting);
	}
	if (r < 0 || v < o->min || v > o->max)
		return refuse(t, "is out of range", NULL);
	if (o->unit == HAWK_UNIT_BYTES_POW2 && (v & (v - 1)))
		return refuse(t, "is not a power of two", NULL);
	*hawk_option_value(o, t->base, uint64_t) = v;
	return 0;
}

static int read_string(const struct target *t)
{
	char **to = hawk_option_value(t->option, t->base, char *);
	const char *text, *wrong;
	char *copy;

	if (config_setting_type(t->setting) != CONFIG_TYPE_STRING)
		return refuse_type(t, t->setting);
	text = config_setting_get_string(t->setting);
	wrong = hawk_option_check_text(t->option, text);
	if (wrong)
		return refuse(t, wrong, text);
	copy = strdup(text);
	if (!copy)
		return -ENOMEM;
	free(*to);
	*to = copy;
	return 0;
}

static int read_list(const struct target *t)
{
	struct hawk_config_list list = { .v = calloc(1, sizeof(*list.v)) };
	int type = config_setting_type(t->setting), n = config_setting_length(t->setting), r = 0;

	if (!list.v)
		return -ENOMEM;
	if (type != CONFIG_TYPE_ARRAY && type != CONFIG_TYPE_LIST)
		r = refuse_type(t, t->setting) ?: -EINVAL;
	else if (n > HAWK_CONFIG_LIST_MAX)
		r = refuse(t, "has more than 1024 elements", NULL) ?: -EINVAL;
	for (int i = 0; r == 0 && i < n; i++) {
		const config_setting_t *e = config_setting_get_elem(t->setting, (unsigned int)i);
		const char *text =
			config_setting_type(e) == CONFIG_TYPE_STRING ? config_setting_get_string(e) : NULL;
		const char *wrong = text ? hawk_option_check_text(t->option, text) : NULL;

		if (!text)
			r = refuse_type(t, e) ?: -EINVAL;
		else if (wrong)
			r = refuse(t, wrong, text) ?: -EINVAL;
		else
			r = hawk_config_list_add(&list, text);
	}
	if (r == 0) {
		hawk_option_clear(t->option, t->base);
		*hawk_option_value(t->option, t->base, struct hawk_config_list) = list;
		return 0;
	}
	hawk_config_list_done(&list);
	return r == -ENOMEM ? r : 0;
}

static int read_value(const struct target *t)
{
	switch (t->option->type) {
	case HAWK_OPTION_BOOL:
		return read_bool(t);
	case HAWK_OPTION_INT:
		return read_int(t);
	case HAWK_OPTION_STRING:
	case HAWK_OPTION_ENUM:
		return read_string(t);
	case HAWK_OPTION_LIST:
		return read_list(t);
	}
	return -EINVAL;
}

/* Sets *TO to "FILE:LINE" of SETTING. */
static int note_where(const struct parser *p, const config_setting_t *setting, char **to)
{
	char *where;

	if (asprintf(&where, "%s:%u", p->file, config_setting_source_line(setting)) < 0)
		return -ENOMEM;
	free(*to);
	*to = where;
	return 0;
}

static int parse_option(const struct parser *p, const char *section, const config_setting_t *setting)
{
	const char *name = config_setting_name(setting);
	struct hawk_nearest near = hawk_nearest_start(name);
	size_t n;
	const struct hawk_option *options = hawk_options(&n);

	for (size_t i = 0; i < n; i++) {
		struct target t = { .p = p, .option = &options[i], .setting = setting, .base = p->config };

		if (strcmp(options[i].section, section) != 0)
			continue;
		if (strcmp(options[i].name, name) == 0)
			return read_value(&t) ?: note_where(p, setting, &p->config->where[i]);
		hawk_nearest_offer(&near, options[i].name);
	}
	fault_at(p, setting, "%s.%.64s: there is no such option%s%s", section, name,
		 near.best ? "; did you mean " : "", near.best ?: "");
	return 0;
}

static int parse_section(const struct parser *p, const config_setting_t *setting)
{
	const char *name = config_setting_name(setting);
	struct hawk_nearest near = hawk_nearest_start(name);
	size_t n;
	const struct hawk_option_section *sections = hawk_option_sections(&n);

	hawk_nearest_offer(&near, "sinks");
	for (size_t i = 0; i < n; i++) {
		int r = 0;

		hawk_nearest_offer(&near, sections[i].name);
		if (strcmp(sections[i].name, name) != 0)
			continue;
		if (!config_setting_is_group(setting)) {
			fault_at(p, setting, "%s: is %s; expected a section: %s = { option = value; }", name,
				 type_name(config_setting_type(setting)), name);
			return 0;
		}
		for (int j = 0; r == 0 && j < config_setting_length(setting); j++)
			r = parse_option(p, name, config_setting_get_elem(setting, (unsigned int)j));
		return r;
	}
	fault_at(p, setting, "%.64s: there is no such section%s%s", name, near.best ? "; did you mean " : "",
		 near.best ?: "");
	return 0;
}

static void sink_done(struct hawk_config_sink *sink)
{
	size_t n;
	const struct hawk_option *options = hawk_sink_options(&n);

	for (size_t i = 0; i < n; i++)
		hawk_option_clear(&options[i], sink);
	free(sink->where);
	*sink = (struct hawk_config_sink){ .where = NULL };
}

static int parse_sink_option(const struct parser *p, const config_setting_t *setting,
			     struct hawk_config_sink *sink)
{
	const char *name = config_setting_name(setting);
	struct hawk_nearest near = hawk_nearest_start(name);
	size_t n;
	const struct hawk_option *options = hawk_sink_options(&n);

	for (size_t i = 0; i < n; i++) {
		const struct hawk_option *o = &options[i];
		struct target t = { .p = p, .option = o, .setting = setting, .base = sink, .in_sink = true };

		if (strcmp(o->name, name) == 0) {
			if (strcmp(o->section, "any") == 0 || !*sink->type ||
			    strcmp(o->section, sink->type) == 0)
				return read_value(&t);
			fault_at(p, setting, "sinks.%s: only a sink of type %s has this option", name,
				 o->section);
			return 0;
		}
		hawk_nearest_offer(&near, o->name);
	}
	fault_at(p, setting, "sinks.%.64s: there is no such option%s%s", name,
		 near.best ? "; did you mean " : "", near.best ?: "");
	return 0;
}

/* What rows alone do not say. */
static int check_sink(const struct parser *p, const config_setting_t *setting, struct hawk_config_sink *sink)
{
	if (!*sink->type && !config_setting_get_member(setting, "type"))
		fault_at(p, setting, "sinks.type: must be given");
	if (strcmp(sink->type, "file") == 0 && !*sink->path)
		fault_at(p, setting, "sinks.path: must be given for a sink of type file");
	if (!*sink->name) {
		free(sink->name);
		sink->name = strdup(sink->type);
	}
	return sink->name ? 0 : -ENOMEM;
}

static int parse_sink(const struct parser *p, const config_setting_t *setting, struct hawk_config_sink *sink)
{
	size_t n;
	const struct hawk_option *options = hawk_sink_options(&n);
	const config_setting_t *type = config_setting_get_member(setting, "type");
	int r = note_where(p, setting, &sink->where);

	for (size_t i = 0; r == 0 && i < n; i++)
		r = hawk_option_set_default(&options[i], sink);
	if (r == 0 && type)
		r = parse_sink_option(p, type, sink); /* first: other options depend on it */
	for (int i = 0; r == 0 && i < config_setting_length(setting); i++) {
		const config_setting_t *e = config_setting_get_elem(setting, (unsigned int)i);

		if (e != type)
			r = parse_sink_option(p, e, sink);
	}
	return r ?: check_sink(p, setting, sink);
}

static bool is_from(const struct hawk_config_sink *sink, const char *file)
{
	size_t len = strlen(file);

	return strncmp(sink->where, file, len) == 0 && sink->where[len] == ':';
}

/* Takes over SINK: in place of the sink of that name in an earlier file, else at the end. */
static int add_sink(const struct parser *p, const config_setting_t *setting, struct hawk_config_sink *sink)
{
	struct hawk_config *c = p->config;
	struct hawk_config_sink *sinks;

	for (size_t i = 0; i < c->n_sinks; i++) {
		if (strcmp(c->sinks[i].name, sink->name) != 0)
			continue;
		if (is_from(&c->sinks[i], p->file))
			fault_at(p, setting, "sinks.name: there is a sink \"%s\" at %s already", sink->name,
				 c->sinks[i].where);
		sink_done(&c->sinks[i]);
		c->sinks[i] = *sink;
		return 0;
	}
	if (c->n_sinks == HAWK_CONFIG_SINKS_MAX) {
		fault_at(p, setting, "sinks: more than %d sinks", HAWK_CONFIG_SINKS_MAX);
		sink_done(sink);
		return 0;
	}
	sinks = reallocarray(c->sinks, c->n_sinks + 1, sizeof(*sinks));
	if (!sinks)
		return -ENOMEM;
	c->sinks = sinks;
	sinks[c->n_sinks++] = *sink;
	return 0;
}

static int parse_sinks(const struct parser *p, const config_setting_t *list)
{
	int n = config_setting_length(list);

	if (!config_setting_is_list(list)) {
		fault_at(p, list,
			 "sinks: is %s; expected a list of groups: sinks = ( { type = \"journald\"; } )",
			 type_name(config_setting_type(list)));
		return 0;
	}
	p->config->sinks_given = true;
	if (n == 0) { /* an empty list: those of earlier files are not wanted */
		while (p->config->n_sinks)
			sink_done(&p->config->sinks[--p->config->n_sinks]);
	}
	for (int i = 0; i < n; i++) {
		const config_setting_t *e = config_setting_get_elem(list, (unsigned int)i);
		struct hawk_config_sink sink = { .where = NULL };
		int r;

		if (!config_setting_is_group(e)) {
			fault_at(p, e, "sinks: element %d is %s; expected a group: { type = \"journald\"; }",
				 i + 1, type_name(config_setting_type(e)));
			continue;
		}
		r = parse_sink(p, e, &sink) ?: add_sink(p, e, &sink);
		if (r < 0) {
			sink_done(&sink);
			return r;
		}
	}
	return 0;
}

/* Refuses what libconfig would take but we do not want. */
static bool check_text(const struct parser *p, const char *text)
{
	unsigned int line = 1;
	size_t total = p->errors->total;

	for (const char *at = text; at; line++) {
		size_t len;

		at += *at == '\n';
		len = strcspn(at, "\n");
		/* It would let a file pull in any other one, behind the order of drop-ins. */
		if (strncmp(at + strspn(at, " \t"), "@include", 8) == 0)
			hawk_config_fault(p->errors, p->file, line,
					  "@include is not allowed; put a file into conf.d");
		/* It would end the string early. */
		if (memmem(at, len, "\\x00", 4))
			hawk_config_fault(p->errors, p->file, line, "\\x00 is not allowed");
		at = strchr(at, '\n');
	}
	return p->errors->total == total;
}

static int parse_root(const struct parser *p, const config_setting_t *root)
{
	int r = 0;

	for (int i = 0; r == 0 && i < config_setting_length(root); i++) {
		const config_setting_t *e = config_setting_get_elem(root, (unsigned int)i);

		r = strcmp(config_setting_name(e), "sinks") == 0 ? parse_sinks(p, e) : parse_section(p, e);
	}
	return r;
}

int hawk_config_apply(struct hawk_config *config, const char *name, const char *text,
		      struct hawk_config_errors *errors)
{
	struct parser p = { .config = config, .file = name, .errors = errors };
	config_t parsed;
	int r;

	if (!check_text(&p, text))
		return 0;
	config_init(&parsed);
	if (config_read_string(&parsed, text) == CONFIG_TRUE) {
		r = parse_root(&p, config_root_setting(&parsed))
			    ?: hawk_config_list_add(&config->files, name);
	} else {
		hawk_config_fault(errors, name, (unsigned int)config_error_line(&parsed), "%s",
				  config_error_text(&parsed));
		r = 0;
	}
	config_destroy(&parsed);
	return r;
}

int hawk_config_new(struct hawk_config **ret)
{
	size_t n;
	const struct hawk_option *options = hawk_options(&n);
	struct hawk_config *c = calloc(1, sizeof(*c));
	int r = c ? 0 : -ENOMEM;

	if (r == 0 &&
	    (!(c->where = calloc(n, sizeof(*c->where))) || !(c->files.v = calloc(1, sizeof(char *)))))
		r = -ENOMEM;
	for (size_t i = 0; r == 0 && i < n; i++)
		r = hawk_option_set_default(&options[i], c);
	if (r < 0) {
		hawk_config_free(c);
		return r;
	}
	*ret = c;
	return 0;
}

struct hawk_config *hawk_config_free(struct hawk_config *config)
{
	size_t n;
	const struct hawk_option *options = hawk_options(&n);

	if (!config)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		hawk_option_clear(&options[i], config);
		if (config->where)
			free(config->where[i]);
	}
	while (config->n_sinks)
		sink_done(&config->sinks[--config->n_sinks]);
	free(config->sinks);
	free(config->where);
	hawk_config_list_done(&config->files);
	free(config);
	return NULL;
}
