/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is kept of a finding: a JSON object with the members of Finding, then of FindingStory (src/proto/verbs.def). */
#include <inttypes.h>
#include <string.h>

#include "src/event/names.h"
#include "src/finding/internal.h"
#include "src/format/finding.h"
#include "src/format/redact.h"

#define ARGV_MAX 2048 /* bytes of a command line */
#define UNSET UINT32_MAX

static void put_key(struct hawk_buf *out, const char *key)
{
	hawk_buf_lit(out, ",\"");
	hawk_buf_puts(out, key);
	hawk_buf_lit(out, "\":");
}

static void put_bytes(struct hawk_buf *out, const char *key, const void *bytes, size_t len)
{
	if (!len)
		return;
	put_key(out, key);
	hawk_json_string(out, bytes, len);
}

static void put_text(struct hawk_buf *out, const char *key, const char *s)
{
	put_bytes(out, key, s, s ? strlen(s) : 0);
}

static void put_number(struct hawk_buf *out, const char *key, uint64_t v)
{
	put_key(out, key);
	hawk_buf_u64(out, v);
}

static void put_stamp(struct hawk_buf *out, const char *key, uint64_t walltime)
{
	const struct hawk_value v = { .u = walltime };

	put_key(out, key);
	hawk_buf_putc(out, '"');
	hawk_value_print(out, HAWK_T_WALLTIME, &v, 0);
	hawk_buf_putc(out, '"');
}

/* A list of strings, of which the first MAX bytes. */
static void put_list(struct hawk_buf *out, const char *key, const uint8_t *strv, size_t len, size_t max)
{
	put_key(out, key);
	hawk_buf_putc(out, '[');
	for (size_t i = 0; i < len && i < max;) {
		size_t n = strnlen((const char *)strv + i, len - i), room = max - i;

		hawk_buf_puts(out, i ? "," : "");
		hawk_json_string(out, strv + i, n < room ? n : room);
		i += n + 1;
	}
	hawk_buf_putc(out, ']');
	if (len > max)
		hawk_buf_printf(out, ",\"%s_truncated\":true", key);
}

static void put_argv(struct hawk_buf *out, const struct hawk_process *p, struct hawk_buf *scratch)
{
	const uint8_t *argv = p->argv.data;
	size_t len = p->argv.len;
	int r;

	if (!len)
		return;
	hawk_buf_reset(scratch);
	r = hawk_redact_strv(scratch, argv, len);
	if (r < 0)
		return; /* nothing rather than a secret */
	put_list(out, "argv", r ? (const uint8_t *)scratch->data : argv, r ? scratch->len : len, ARGV_MAX);
}

static void put_process(struct hawk_buf *out, const struct hawk_process *p, int64_t boot_offset,
			struct hawk_buf *scratch)
{
	hawk_buf_printf(out, "{\"pid\":%d", p->task.pid);
	put_stamp(out, "start_time", p->task.start + (uint64_t)boot_offset);
	put_bytes(out, "comm", p->comm, strnlen((const char *)p->comm, sizeof(p->comm)));
	put_bytes(out, "exe", p->exe.data, p->exe.len);
	put_argv(out, p, scratch);
	put_number(out, "uid", p->task.uid);
	if (p->task.euid != p->task.uid)
		put_number(out, "euid", p->task.euid);
	if (p->task.loginuid != UNSET)
		put_number(out, "loginuid", p->task.loginuid);
	put_bytes(out, "cwd", p->cwd.data, p->cwd.len);
	put_bytes(out, "tty", p->tty.data, p->tty.len);
	put_bytes(out, "unit", p->unit.data, p->unit.len);
	put_bytes(out, "user_unit", p->user_unit.data, p->user_unit.len);
	put_bytes(out, "container_id", p->container_id.data, p->container_id.len);
	if (p->exit_time)
		put_stamp(out, "exit_time", p->exit_time + (uint64_t)boot_offset);
	hawk_buf_putc(out, '}');
}

static const struct hawk_value *datum(const struct hawk_event *event, const char *field)
{
	return &event->data[hawk_event_field(event->desc, field)];
}

/* The members that a list has. */
static void put_head(struct hawk_buf *out, const struct hawk_sig_found *found, const struct hawk_event *event)
{
	const struct hawk_sig *sig = found->sig;
	const struct hawk_value *message = datum(event, "message"), *id = datum(event, "id");
	const struct hawk_process *p = event->process;
	const struct hawk_value severity = { .u = sig->severity };

	hawk_buf_lit(out, "{\"id\":");
	hawk_json_string(out, id->bytes, id->len);
	put_stamp(out, "time", event->walltime);
	hawk_buf_lit(out, ",\"severity\":\"");
	hawk_value_print(out, HAWK_T_SEVERITY, &severity, 0);
	hawk_buf_putc(out, '"');
	put_text(out, "signature", sig->name);
	put_text(out, "signature_id", sig->id);
	put_bytes(out, "message", message->bytes, message->len);
	put_number(out, "count", found->suppressed);
	put_number(out, "pid", event->tgid);
	if (p) {
		put_bytes(out, "exe", p->exe.data, p->exe.len);
		put_bytes(out, "unit", p->unit.data, p->unit.len);
		put_bytes(out, "user_unit", p->user_unit.data, p->user_unit.len);
		put_bytes(out, "container_id", p->container_id.data, p->container_id.len);
	}
}

static void put_signature(struct hawk_buf *out, const struct hawk_sig *sig, const struct hawk_event *event,
			  struct hawk_buf *scratch)
{
	const struct hawk_value *output = datum(event, "output");

	put_text(out, "version", sig->version);
	put_text(out, "title", sig->title);
	put_text(out, "description", sig->description);
	put_text(out, "what_to_do", sig->what_to_do);
	put_text(out, "false_positives", sig->false_positives);
	hawk_buf_reset(scratch);
	hawk_found_except(scratch, event);
	put_bytes(out, "except", scratch->data, scratch->error ? 0 : scratch->len);
	put_text(out, "tactic", sig->tactic);
	put_text(out, "technique", sig->technique);
	put_text(out, "file", sig->path);
	put_text(out, "trigger", event->trigger->desc->name);
	put_list(out, "output", output->bytes, output->len, SIZE_MAX);
}

static void put_processes(struct hawk_buf *out, const struct hawk_story_tree *tree, int64_t boot_offset,
			  struct hawk_buf *scratch)
{
	if (tree->n) {
		put_key(out, "process");
		put_process(out, tree->chain[0], boot_offset, scratch);
		put_number(out, "root_pid", (uint64_t)tree->chain[tree->root]->task.pid);
	}
	put_key(out, "ancestors");
	hawk_buf_putc(out, '[');
	for (size_t i = 1; i < tree->n; i++) {
		hawk_buf_puts(out, i > 1 ? "," : "");
		put_process(out, tree->chain[i], boot_offset, scratch);
	}
	hawk_buf_putc(out, ']');
}

static void put_evidence(struct hawk_buf *out, const struct hawk_sig_found *found)
{
	put_key(out, "evidence");
	hawk_buf_putc(out, '[');
	for (size_t i = 0; i < found->n_evidence; i++) {
		const struct hawk_sig_evidence *v = &found->evidence[i];
		const char *data;
		size_t len;

		hawk_buf_printf(out, "%s{\"before_us\":%" PRIu64 ",\"pid\":%u", i ? "," : "",
				found->time > v->time ? (found->time - v->time) / 1000 : 0, v->tgid);
		put_text(out, "step", v->step);
		put_text(out, "event", v->event);
		/* cut to the bound of evidence it is no JSON any more */
		if (v->json && v->len && hawk_finding_member(v->json, v->len, "data", &data, &len)) {
			bool whole = data + len < v->json + v->len;

			put_key(out, whole ? "data" : "data_text");
			if (whole)
				hawk_buf_put(out, data, len);
			else
				hawk_json_string(out, (const uint8_t *)data, len);
		}
		hawk_buf_putc(out, '}');
	}
	hawk_buf_putc(out, ']');
}

/* Whether what was found before in K led to this: the same tree, or a process that this one comes from. */
static bool leads_to(const struct hawk_finding_kept *k, const struct hawk_story_tree *tree)
{
	const struct hawk_process *root = tree->n ? tree->chain[tree->root] : NULL;

	if (k->pid == tree->pid && k->start == tree->start)
		return true;
	if (root && k->root_pid == (uint32_t)root->task.pid && k->root_start == root->task.start)
		return true;
	for (size_t i = 1; i < tree->n; i++)
		if (k->pid == (uint32_t)tree->chain[i]->task.pid && k->start == tree->chain[i]->task.start)
			return true;
	return false;
}

/* The findings before it that belong to it; of too many the first half and the last. */
static void put_path(struct hawk_buf *out, const struct hawk_findings *f, const struct hawk_sig_found *found,
		     const struct hawk_story_tree *tree)
{
	const struct hawk_finding_kept *at[HAWK_FINDING_PATH_MAX];
	const size_t half = HAWK_FINDING_PATH_MAX / 2;
	size_t n = 0;

	for (const struct hawk_finding_kept *k = f->oldest; k; k = k->next)
		if (k->time <= found->time && leads_to(k, tree)) {
			at[n < HAWK_FINDING_PATH_MAX ? n : half + n % half] = k;
			n++;
		}
	put_key(out, "path");
	hawk_buf_putc(out, '[');
	for (size_t i = 0; i < n && i < HAWK_FINDING_PATH_MAX; i++) {
		const struct hawk_finding_kept *k = at[n > HAWK_FINDING_PATH_MAX && i >= half ? half + (n + i) % half : i];
		const char *text;
		size_t len;

		hawk_buf_puts(out, i ? ",{\"before_us\":" : "{\"before_us\":");
		hawk_buf_u64(out, (found->time - k->time) / 1000);
		put_text(out, "id", k->id);
		put_number(out, "pid", k->pid);
		for (const char *const *key = (const char *const[]){ "severity", "signature", "message", NULL }; *key; key++)
			if (hawk_finding_member(k->text, k->head, *key, &text, &len)) {
				put_key(out, *key);
				hawk_buf_put(out, text, len);
			}
		hawk_buf_putc(out, '}');
	}
	hawk_buf_putc(out, ']');
	if (n > HAWK_FINDING_PATH_MAX)
		put_number(out, "path_left_out", n - HAWK_FINDING_PATH_MAX);
}

size_t hawk_story_put(struct hawk_findings *f, const struct hawk_sig_found *found, const struct hawk_event *event,
		      const struct hawk_story_tree *tree, const struct hawk_model *model)
{
	int64_t boot_offset = (int64_t)(event->walltime - event->time);
	struct hawk_buf *out = &f->story;
	size_t head;

	hawk_buf_reset(out);
	put_head(out, found, event);
	head = out->len;
	put_signature(out, found->sig, event, &f->scratch);
	put_processes(out, tree, boot_offset, &f->scratch);
	put_evidence(out, found);
	put_path(out, f, found, tree);
	hawk_context_put(&f->context, tree, model, found->time, boot_offset, out);
	return head;
}
