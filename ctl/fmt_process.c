/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <pwd.h>
#include <stdio.h>
#include <string.h>

#include "ctl/fmt.h"
#include "ctl/term.h"
#include "ctl/text.h"
#include "src/base/cleanup.h"

DEFINE_CLEANUP(struct hawk_table, hawk_table_free)

/* The command line: arguments, or what else names the program. Bytes as they came. */
static void put_command(struct hawk_buf *out, const json_t *process)
{
	const json_t *argv = json_object_get(process, "argv");
	const char *exe = hawk_get_string(process, "exe"), *comm = hawk_get_string(process, "comm");

	if (json_array_size(argv))
		hawk_join(out, argv, " ");
	else if (*exe)
		hawk_buf_puts(out, exe);
	else
		hawk_buf_printf(out, "[%s]", comm);
}

static bool has_exited(const json_t *process)
{
	return json_object_get(process, "exit_time");
}

static void put_user(struct hawk_table *table, uint64_t uid)
{
	static struct {
		uint64_t uid;
		char name[33];
	} last = { .uid = UINT64_MAX };

	/* Processes of a user stand together: one look-up is enough for most rows. */
	if (last.uid != uid) {
		const struct passwd *user = uid <= UINT32_MAX ? getpwuid((uid_t)uid) : NULL;

		last.uid = uid;
		if (user)
			snprintf(last.name, sizeof(last.name), "%s", user->pw_name);
		else
			snprintf(last.name, sizeof(last.name), "%llu", (unsigned long long)uid);
	}
	hawk_table_put(table, last.name);
}

/* "2026-01-02T03:04:05.678Z" without the fraction. */
static void put_time(struct hawk_table *table, const char *time)
{
	size_t len = strcspn(time, ".Z");

	hawk_table_put_len(table, time, len);
}

static void put_process(struct hawk_table *table, const json_t *process, const char *branch)
{
	_cleanup_(hawk_buf_done) struct hawk_buf command = { .max = 1024 * 1024 };

	hawk_table_put_u64(table, hawk_get_u64(process, "pid"));
	hawk_table_put_u64(table, hawk_get_u64(process, "ppid"));
	put_user(table, hawk_get_u64(process, "uid"));
	put_time(table, hawk_get_string(process, "start_time"));
	hawk_table_put(table, hawk_get_string(process, "unit"));
	hawk_buf_puts(&command, branch);
	put_command(&command, process);
	if (has_exited(process))
		hawk_buf_lit(&command, " (exited)");
	hawk_table_put(table, hawk_buf_str(&command));
	if (has_exited(process))
		hawk_table_style(table, HAWK_DIM);
}

#define PROCESS_HEADS ">PID,>PPID,USER,STARTED,UNIT,COMMAND"

static void put_processes(FILE *to, const json_t *processes)
{
	_cleanup_(hawk_table_freep) struct hawk_table *table = hawk_table_new(PROCESS_HEADS);

	if (!table || !json_array_size(processes))
		return;
	for (size_t i = 0; i < json_array_size(processes); i++)
		put_process(table, json_array_get(processes, i), "");
	hawk_table_print(table, to, hawk_term_width());
}

void hawk_fmt_process_list(FILE *to, const struct hawk_command *command, const json_t *reply)
{
	put_processes(to, json_object_get(reply, "processes"));
}

/* Writes an object's members as "a.b.c  value", depth first. */
static void put_members(FILE *to, const json_t *object, const char *prefix, unsigned int depth)
{
	const char *key;
	json_t *value;
	int pad;

	json_object_foreach((json_t *)object, key, value) {
		_cleanup_(hawk_buf_done) struct hawk_buf name = HAWK_BUF_INIT;

		hawk_buf_printf(&name, "%s%s%s", prefix, *prefix ? "." : "", key);
		if (!hawk_buf_str(&name))
			return;
		if (json_is_object(value) && depth < 8) {
			put_members(to, value, name.data, depth + 1);
			continue;
		}
		fprintf(to, "  %s", hawk_term_style(HAWK_DIM));
		hawk_put(to, name.data);
		pad = name.len < 28 ? (int)(28 - name.len) : 0;
		fprintf(to, "%s%*s ", hawk_term_style(HAWK_PLAIN), pad, "");
		if (json_is_string(value)) {
			hawk_put(to, json_string_value(value));
			putc('\n', to);
		} else {
			hawk_text_write_json(to, value, false);
		}
	}
}

void hawk_fmt_process_show(FILE *to, const struct hawk_command *command, const json_t *reply)
{
	_cleanup_(hawk_buf_done) struct hawk_buf title = { .max = 1024 * 1024 };
	const json_t *process = json_object_get(reply, "process");
	const json_t *ancestors = json_object_get(reply, "ancestors");
	const json_t *children = json_object_get(reply, "children");

	put_command(&title, process);
	fputs(hawk_term_style(HAWK_BOLD), to);
	hawk_put(to, hawk_buf_str(&title) ? title.data : "");
	fprintf(to, "%s%s\n", hawk_term_style(HAWK_PLAIN), has_exited(process) ? " (exited)" : "");
	put_members(to, process, "", 0);
	if (json_array_size(ancestors))
		hawk_put_heading(to, "Ancestors");
	put_processes(to, ancestors);
	if (json_array_size(json_object_get(reply, "targets")))
		hawk_put_heading(to, "Talked to");
	hawk_fmt_targets(to, json_object_get(reply, "targets"));
	if (!json_array_size(children))
		return;
	hawk_put_heading(to, "Children");
	fputc(' ', to);
	for (size_t i = 0; i < json_array_size(children); i++)
		fprintf(to, " %lld", (long long)json_integer_value(json_array_get(children, i)));
	putc('\n', to);
}

#define TREE_DEPTH_MAX 64 /* deeper processes are drawn at this depth */

/* True when NODES has a later sibling of node I: the next node that is not deeper lies at its depth. */
static bool has_sibling(const json_t *nodes, size_t i, uint64_t depth)
{
	for (size_t j = i + 1; j < json_array_size(nodes); j++) {
		uint64_t other = hawk_get_u64(json_array_get(nodes, j), "depth");

		if (other <= depth)
			return other == depth;
	}
	return false;
}

void hawk_fmt_process_tree(FILE *to, const struct hawk_command *command, const json_t *reply)
{
	_cleanup_(hawk_table_freep) struct hawk_table *table = hawk_table_new(PROCESS_HEADS);
	const json_t *nodes = json_object_get(reply, "nodes");
	bool more[TREE_DEPTH_MAX + 1] = { false };

	for (size_t i = 0; table && i < json_array_size(nodes); i++) {
		_cleanup_(hawk_buf_done) struct hawk_buf branch = HAWK_BUF_INIT;
		const json_t *node = json_array_get(nodes, i);
		uint64_t depth = hawk_get_u64(node, "depth");

		if (depth > TREE_DEPTH_MAX)
			depth = TREE_DEPTH_MAX;
		more[depth] = has_sibling(nodes, i, depth);
		for (uint64_t d = 1; d < depth; d++)
			hawk_buf_puts(&branch, more[d] ? "│ " : "  ");
		if (depth)
			hawk_buf_puts(&branch, more[depth] ? "├─" : "└─");
		put_process(table, json_object_get(node, "process"),
			    hawk_buf_str(&branch) ? branch.data : "");
	}
	if (table)
		hawk_table_print(table, to, hawk_term_width());
}
