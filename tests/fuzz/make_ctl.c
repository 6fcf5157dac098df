/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Makes the corpus of fuzz_ctl from the table of verbs: make_ctl DIR. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "src/base/cleanup.h"
#include "src/proto/message.h"

static json_t *value_of(const struct hawk_member *m);

static json_t *object_of(const struct hawk_member *members, size_t n)
{
	json_t *object = json_object();

	for (size_t i = 0; i < n; i++)
		json_object_set_new(object, members[i].name, value_of(&members[i]));
	return object;
}

static json_t *struct_of(const char *name)
{
	size_t n;
	const struct hawk_struct_desc *structs = hawk_structs(&n);

	for (size_t i = 0; i < n; i++)
		if (!strcmp(structs[i].name, name))
			return object_of(structs[i].members, structs[i].n_members);
	return json_object();
}

static json_t *value_of(const struct hawk_member *m)
{
	struct hawk_type_info type = hawk_type_info(m->type);
	json_t *v;

	switch (type.base) {
	case HAWK_BASE_BOOL:
		v = json_true();
		break;
	case HAWK_BASE_INT:
		v = json_integer(7);
		break;
	case HAWK_BASE_FLOAT:
		v = json_real(0.5);
		break;
	case HAWK_BASE_STRING:
		/* Text that is hard to show: what stands for a bad byte on the wire, an escape, a newline. */
		v = json_string(strcmp(m->name, "chunk") ? "a\xee\xbf\xbf\033[2J\nb" : "aGF3aw==");
		break;
	case HAWK_BASE_STRUCT:
		v = struct_of(type.name);
		break;
	default:
		v = json_object();
	}
	return type.list ? json_pack("[o, O]", v, v) : v;
}

/* A file: the number of the verb, then what the daemon sends. */
static int save(const char *dir, const char *name, int id, const struct hawk_buf *text)
{
	_cleanup_fclose_ FILE *f = NULL;
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "we");
	if (!f)
		return -errno;
	if (putc(id, f) == EOF || fwrite(text->data, 1, text->len, f) != text->len || fflush(f))
		return -EIO;
	return 0;
}

static int save_replies(const char *dir)
{
	int r = 0;

	for (int id = 0; id < HAWK_VERB_MAX && r == 0; id++) {
		const struct hawk_verb_desc *verb = hawk_verb(id);
		_cleanup_(hawk_buf_done) struct hawk_buf text = HAWK_BUF_INIT;
		json_t *reply, *line;

		if (verb->kind == HAWK_KIND_LOCAL)
			continue;
		reply = object_of(verb->results, verb->n_results);
		line = json_pack("{s:s}", "line", "\033[31mexec\033[0m a\\u001b");
		if (verb->kind == HAWK_KIND_STREAM)
			hawk_reply_write(&text, line, true);
		if (verb->kind != HAWK_KIND_ONCE)
			hawk_reply_write(&text, reply, true);
		hawk_reply_write(&text, reply, false);
		json_decref(line);
		json_decref(reply);
		r = save(dir, verb->method, id, &text);
	}
	return r;
}

static int save_errors(const char *dir)
{
	_cleanup_(hawk_buf_done) struct hawk_buf text = HAWK_BUF_INIT;
	size_t n;
	const struct hawk_struct_desc *failures = hawk_failures(&n);

	for (size_t i = 0; i < n; i++) {
		json_t *parameters = object_of(failures[i].members, failures[i].n_members);

		hawk_error_write(&text, hawk_failure_name(i), parameters);
		json_decref(parameters);
	}
	hawk_error_write(&text, HAWK_SERVICE_INTERFACE ".PermissionDenied", NULL);
	hawk_error_write(&text, "org.example.Other", NULL);
	return save(dir, "errors", 0, &text);
}

int main(int argc, char **argv)
{
	int r;

	if (argc != 2 || (mkdir(argv[1], 0755) < 0 && errno != EEXIST))
		return 2;
	r = save_replies(argv[1]);
	if (r == 0)
		r = save_errors(argv[1]);
	if (r < 0)
		fprintf(stderr, "%s: %s\n", argv[1], strerror(-r));
	return r < 0;
}
