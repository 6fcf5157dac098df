/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_CTL_FMT_H
#define HAWK_CTL_FMT_H
/*
 * Replies for people. A formatter takes what it knows and leaves out what is
 * missing: the daemon may be older or newer.
 */
#include <stdio.h>

#include <jansson.h>

#include "ctl/ctl.h"
#include "ctl/table.h"

/* Writes the reply of a command. Verbs without a formatter of their own are printed as JSON. */
void hawk_fmt(FILE *to, const struct hawk_command *command, const json_t *reply);

/* One per verb that has a form for people: fmt_<group>.c. */
void hawk_fmt_status(FILE *to, const struct hawk_command *command, const json_t *reply);
void hawk_fmt_version(FILE *to, const struct hawk_command *command, const json_t *reply);
void hawk_fmt_reload(FILE *to, const struct hawk_command *command, const json_t *reply);
void hawk_fmt_log_level(FILE *to, const struct hawk_command *command, const json_t *reply);
void hawk_fmt_event_list(FILE *to, const struct hawk_command *command, const json_t *reply);
void hawk_fmt_event_show(FILE *to, const struct hawk_command *command, const json_t *reply);
void hawk_fmt_event_switch(FILE *to, const struct hawk_command *command, const json_t *reply);
void hawk_fmt_process_list(FILE *to, const struct hawk_command *command, const json_t *reply);
void hawk_fmt_process_show(FILE *to, const struct hawk_command *command, const json_t *reply);
void hawk_fmt_process_tree(FILE *to, const struct hawk_command *command, const json_t *reply);
void hawk_fmt_probe_list(FILE *to, const struct hawk_command *command, const json_t *reply);
void hawk_fmt_process_targets(FILE *to, const struct hawk_command *command, const json_t *reply);
void hawk_fmt_dns_list(FILE *to, const struct hawk_command *command, const json_t *reply);
void hawk_fmt_dns_show(FILE *to, const struct hawk_command *command, const json_t *reply);
void hawk_fmt_finding_list(FILE *to, const struct hawk_command *command, const json_t *reply);
void hawk_fmt_finding_show(FILE *to, const struct hawk_command *command, const json_t *reply);
void hawk_fmt_integrity_check(FILE *to, const struct hawk_command *command, const json_t *reply);
void hawk_fmt_integrity_dump(FILE *to, const struct hawk_command *command, const json_t *reply);
void hawk_fmt_policy_list(FILE *to, const struct hawk_command *command, const json_t *reply);
void hawk_fmt_policy_show(FILE *to, const struct hawk_command *command, const json_t *reply);
void hawk_fmt_policy_explain(FILE *to, const struct hawk_command *command, const json_t *reply);
void hawk_fmt_policy_load(FILE *to, const struct hawk_command *command, const json_t *reply);
void hawk_fmt_policy_switch(FILE *to, const struct hawk_command *command, const json_t *reply);
void hawk_fmt_signature_list(FILE *to, const struct hawk_command *command, const json_t *reply);
void hawk_fmt_signature_show(FILE *to, const struct hawk_command *command, const json_t *reply);
void hawk_fmt_signature_load(FILE *to, const struct hawk_command *command, const json_t *reply);
void hawk_fmt_signature_stats(FILE *to, const struct hawk_command *command, const json_t *reply);
void hawk_fmt_signature_learn(FILE *to, const struct hawk_command *command, const json_t *reply);
void hawk_fmt_stats(FILE *to, const struct hawk_command *command, const json_t *reply);
void hawk_fmt_metrics(FILE *to, const struct hawk_command *command, const json_t *reply);

/* A table of Target objects; nothing when there are none. */
void hawk_fmt_targets(FILE *to, const json_t *targets);

/* Helpers for all of them. A member that is missing or of another type gives "", 0 or false. */
const char *hawk_get_string(const json_t *object, const char *key);
uint64_t hawk_get_u64(const json_t *object, const char *key);
bool hawk_get_bool(const json_t *object, const char *key);
/* Writes TEXT safely, without a newline. */
void hawk_put(FILE *to, const char *text);
/* Writes "  Label    " in a column of its own; the value follows. */
void hawk_put_label(FILE *to, const char *label);
/* Writes a heading in bold on a line of its own, after an empty line. */
void hawk_put_heading(FILE *to, const char *text);
/* The strings of LIST, each on a line of its own behind its label. */
void hawk_put_list(FILE *to, const char *label, const json_t *list);
/* A table: HEADS as for hawk_table_new(), and a row for each object of LIST, which ROW puts. Heads alone when there are none. */
void hawk_put_rows(FILE *to, const char *heads, const json_t *list,
		   void (*row)(struct hawk_table *table, const json_t *object));
/* Files that are not loaded, and why: objects with a "message"; nothing when there are none. */
void hawk_put_problems(FILE *to, const json_t *problems);
/* How the state of a policy or a signature looks. */
enum hawk_style hawk_state_style(const char *state);
/* A text of several lines, each safe by itself. */
void hawk_put_lines(FILE *to, const char *text);
/* Appends the strings of LIST with SEPARATOR between them, as they came. */
void hawk_join(struct hawk_buf *out, const json_t *list, const char *separator);

#endif
