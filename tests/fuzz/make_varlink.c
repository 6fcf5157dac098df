/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Makes the corpus of fuzz_varlink from the table of verbs: make_varlink DIR. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "src/base/cleanup.h"
#include "src/proto/message.h"

/* Arguments that lead somewhere, by name; the rest get a value of their type. */
static json_t *value_of(const char *name, const struct hawk_type_info *type)
{
	static const char *const words[][2] = {
		{ "events", "file_open" },
		{ "event", "sched_process_exec" },
		{ "set", "proc" },
		{ "level", "info" },
		{ "where", "event=file_open" },
		{ "expressions", "event=file_open" },
		{ "format", "json" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (!strcmp(words[i][0], name))
			return json_string(words[i][1]);
	if (type->base == HAWK_BASE_INT)
		return json_integer(7);
	return type->base == HAWK_BASE_BOOL ? json_true() : json_string("x");
}

static json_t *arguments(const struct hawk_verb_desc *verb, bool all)
{
	json_t *args = json_object();

	for (size_t i = 0; i < verb->n_args; i++) {
		struct hawk_type_info type = hawk_type_info(verb->args[i].type);
		json_t *v;

		if (verb->args[i].local || (type.optional && !all))
			continue;
		v = value_of(verb->args[i].name, &type);
		json_object_set_new(args, verb->args[i].name, type.list ? json_pack("[o]", v) : v);
	}
	return args;
}

static int save(const char *dir, const char *name, int how, const struct hawk_buf *text)
{
	_cleanup_fclose_ FILE *f = NULL;
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s-%02x", dir, name, (unsigned int)how);
	f = fopen(path, "we");
	if (!f)
		return -errno;
	if (putc(how, f) == EOF || fwrite(text->data, 1, text->len, f) != text->len || fflush(f))
		return -EIO;
	return 0;
}

static int save_calls(const char *dir)
{
	static const int hows[] = { 0x02, 0x26, 0x2a, 0x12, 0x01 };
	_cleanup_(hawk_buf_done) struct hawk_buf all = HAWK_BUF_INIT;
	int r = 0;

	for (int id = 0; id < HAWK_VERB_MAX && r == 0; id++) {
		const struct hawk_verb_desc *verb = hawk_verb(id);
		_cleanup_(hawk_buf_done) struct hawk_buf text = HAWK_BUF_INIT;
		char method[128];

		if (verb->kind == HAWK_KIND_LOCAL)
			continue;
		snprintf(method, sizeof(method), "%s.%s", HAWK_INTERFACE, verb->method);
		for (int full = 0; full < 2; full++) {
			json_t *args = arguments(verb, full);

			hawk_call_write(&text, method, args, verb->kind != HAWK_KIND_ONCE);
			if (verb->kind != HAWK_KIND_STREAM)
				hawk_call_write(&all, method, args, false);
			json_decref(args);
		}
		r = save(dir, verb->method, hows[id % (int)ARRAY_SIZE(hows)], &text);
	}
	return r < 0 ? r : save(dir, "all", 0x06, &all);
}

int main(int argc, char **argv)
{
	_cleanup_(hawk_buf_done) struct hawk_buf service = HAWK_BUF_INIT;
	json_t *args = json_pack("{s:s}", "interface", HAWK_INTERFACE);
	int r;

	if (argc != 2 || (mkdir(argv[1], 0755) < 0 && errno != EEXIST))
		return 2;
	hawk_call_write(&service, HAWK_SERVICE_INTERFACE ".GetInfo", NULL, false);
	hawk_call_write(&service, HAWK_SERVICE_INTERFACE ".GetInterfaceDescription", args, false);
	json_decref(args);
	r = save(argv[1], "service", 0x00, &service);
	if (r == 0)
		r = save_calls(argv[1]);
	if (r < 0)
		fprintf(stderr, "%s: %s\n", argv[1], strerror(-r));
	return r < 0;
}
