/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The event "finding": what was found, as all other stages see it. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "src/finding/internal.h"
#include "src/format/redact.h"

/* Where the value that begins at P ends: before the comma or the brace behind it. */
static size_t value_end(const char *p, size_t len)
{
	unsigned int depth = 0;
	bool quoted = false;

	for (size_t i = 0; i < len; i++) {
		if (quoted) {
			if (p[i] == '\\')
				i++;
			else
				quoted = p[i] != '"';
		} else if (p[i] == '"') {
			quoted = true;
		} else if (p[i] == '{' || p[i] == '[') {
			depth++;
		} else if (depth == 0 && (p[i] == ',' || p[i] == '}' || p[i] == '\n')) {
			return i;
		} else if (p[i] == '}' || p[i] == ']') {
			depth--;
		}
	}
	return len;
}

bool hawk_finding_member(const char *json, size_t len, const char *name, const char **ret, size_t *ret_len)
{
	size_t at = 1, n = strlen(name);

	while (at < len && json[at] == '"') {
		const char *key = json + at + 1;
		const char *end = memchr(key, '"', len - at - 1);

		if (!end || end + 2 > json + len)
			return false;
		at = (size_t)(end - json) + 2; /* behind the colon */
		*ret = json + at;
		*ret_len = value_end(json + at, len - at);
		if ((size_t)(end - key) == n && memcmp(key, name, n) == 0)
			return true;
		at += *ret_len + 1;
	}
	return false;
}

static struct hawk_value value_of(const void *bytes, size_t len)
{
	return (struct hawk_value){ .bytes = bytes, .len = (uint32_t)len };
}

static void set_text(struct hawk_event *e, const char *field, const char *s)
{
	struct hawk_value *v = &e->data[hawk_event_field(e->desc, field)];

	*v = value_of(s, s ? strlen(s) : 0);
	v->flags = s ? 0 : HAWK_VAL_ABSENT;
}

/* Ends an element of a list: what it has since START is at most MAX bytes, without NUL but the one behind it. */
static void end_element(struct hawk_buf *out, size_t start, size_t max)
{
	if (out->error)
		return;
	if (out->len - start > max)
		out->len = start + max;
	for (char *p = out->data + start; p < out->data + out->len; p++)
		if (!*p)
			*p = ' ';
	hawk_buf_putc(out, '\0');
}

/* Without secrets: B is a list. */
static void redact(struct hawk_buf *b, struct hawk_buf *scratch)
{
	hawk_buf_reset(scratch);
	if (b->len && hawk_redact_strv(scratch, (const uint8_t *)b->data, b->len) != 0) {
		hawk_buf_reset(b); /* with an error, nothing rather than a secret */
		hawk_buf_put(b, scratch->data, scratch->error ? 0 : scratch->len);
	}
}

static void put_output(struct hawk_buf *out, const struct hawk_sig_found *found)
{
	const struct hawk_sig *sig = found->sig;

	hawk_buf_reset(out);
	for (size_t i = 0; i < sig->n_output && found->output; i++) {
		const struct hawk_cel_value *v = &found->output[i];
		size_t start = out->len;

		if (v->type == HAWK_CEL_UNKNOWN && sig->output[i].optional)
			continue;
		hawk_buf_puts(out, sig->output[i].name);
		hawk_buf_putc(out, '=');
		if (v->type == HAWK_CEL_UNKNOWN)
			hawk_buf_putc(out, '?');
		else
			hawk_cel_print_value(v, out);
		end_element(out, start, HAWK_FINDING_TEXT_MAX);
	}
}

static void put_evidence(struct hawk_buf *out, const struct hawk_sig_found *found)
{
	hawk_buf_reset(out);
	for (size_t i = 0; i < found->n_evidence; i++) {
		const struct hawk_sig_evidence *v = &found->evidence[i];
		uint64_t before = found->time > v->time ? (found->time - v->time) / 1000000 : 0;
		size_t start = out->len, len;
		const char *data;

		hawk_buf_printf(out, "-%" PRIu64 ".%03" PRIu64 "s ", before / 1000, before % 1000);
		if (v->step)
			hawk_buf_printf(out, "[%s] ", v->step);
		hawk_buf_printf(out, "%s pid %u", v->event, v->tgid);
		if (v->json && hawk_finding_member(v->json, v->len, "data", &data, &len)) {
			hawk_buf_lit(out, ": ");
			hawk_buf_put(out, data, len);
		}
		end_element(out, start, HAWK_FINDING_EVIDENCE_TEXT);
	}
}

static void put_message(struct hawk_buf *out, struct hawk_buf *scratch, const struct hawk_sig_found *found)
{
	hawk_buf_reset(out);
	if (found->message && found->message_len)
		hawk_buf_put(out, found->message, found->message_len);
	else
		hawk_buf_puts(out, found->sig->title);
	end_element(out, 0, HAWK_FINDING_TEXT_MAX);
	redact(out, scratch);
	out->len -= out->len > 0; /* no list any more */
}

static void put_tags(struct hawk_buf *out, const struct hawk_sig *sig)
{
	hawk_buf_reset(out);
	for (size_t i = 0; i < sig->n_tags; i++) {
		const size_t start = out->len;

		hawk_buf_puts(out, sig->tags[i]);
		end_element(out, start, HAWK_FINDING_TEXT_MAX);
	}
}

static void find_ancestors(struct hawk_finding_told *t, const struct hawk_model *model, struct hawk_event *e)
{
	const struct hawk_ir_env *env = model ? &model->env : NULL;
	const struct hawk_process *p = e->parent;
	uint8_t n = 0;

	while (env && env->parent && n < HAWK_ANCESTORS_MAX && p && (p = env->parent(env->ctx, p)))
		t->ancestors[n++] = p;
	e->ancestors = t->ancestors;
	e->n_ancestors = n;
}

/* The event has place and process of the one that completed it. */
static void begin(struct hawk_event *e, const struct hawk_event *trigger, uint64_t time)
{
	*e = (struct hawk_event){
		.desc = hawk_event_by_id(HAWK_EV_FINDING),
		.time = time,
		.walltime = time + (trigger->walltime - trigger->time),
		.start = trigger->start,
		.cgroup = trigger->cgroup,
		.tgid = trigger->tgid,
		.tid = trigger->tid,
		.generation = trigger->generation,
		.cpu = trigger->cpu,
		.process = trigger->process,
		.parent = trigger->parent,
		.trigger = trigger,
	};
	memcpy(e->comm, trigger->comm, sizeof(e->comm));
}

void hawk_finding_tell(struct hawk_finding_told *t, struct hawk_buf *scratch, const struct hawk_sig_found *found,
		       const struct hawk_model *model, struct hawk_event *ret)
{
	const struct hawk_sig *sig = found->sig;
	struct hawk_value *data = ret->data;

	begin(ret, found->event, found->time);
	find_ancestors(t, model, ret);
	put_message(&t->message, scratch, found);
	put_output(&t->output, found);
	redact(&t->output, scratch);
	put_evidence(&t->evidence, found);
	put_tags(&t->tags, sig);
	data[hawk_event_field(ret->desc, "severity")].u = sig->severity;
	data[hawk_event_field(ret->desc, "count")].u = found->suppressed;
	set_text(ret, "id", t->id);
	set_text(ret, "signature_id", sig->id);
	set_text(ret, "signature", sig->name);
	set_text(ret, "version", sig->version);
	set_text(ret, "title", sig->title);
	set_text(ret, "tactic", sig->tactic);
	set_text(ret, "technique", sig->technique);
	set_text(ret, "trigger", found->event->desc->name);
	data[hawk_event_field(ret->desc, "message")] = value_of(t->message.data, t->message.len);
	data[hawk_event_field(ret->desc, "output")] = value_of(t->output.data, t->output.len);
	data[hawk_event_field(ret->desc, "evidence")] = value_of(t->evidence.data, t->evidence.len);
	data[hawk_event_field(ret->desc, "tags")] = value_of(t->tags.data, t->tags.len);
}
