/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Findings: told, suppressed, and seen by other signatures. */
#include <stdio.h>

#include "src/event/process.h"
#include "src/format/format.h"
#include "src/sig/hash.h"
#include "src/sig/internal.h"

#define CHAINED_MAX ((size_t)128 * 1024) /* bytes of a finding that others see */
/* How long it is remembered how many were suppressed, when nothing comes that could tell it. */
#define REMEMBER_NS (3600ULL * 1000000000ULL)

/* Whether it is one of those that are only counted; *RET: how many were since the last one that was told. */
static bool suppressed(struct hawk_sig_engine *e, struct hawk_sig_run *run, const struct hawk_sig_captures *captures,
		       uint64_t time, uint32_t *ret)
{
	const uint64_t window = run->sig->suppress;
	struct hawk_sig_instance *i;
	uint64_t key;

	*ret = 0;
	if (!window)
		return false;
	key = hawk_sig_suppress_key(e, run, captures);
	i = hawk_sig_state_find(&e->state, key, NULL);
	if (i && time < i->start + window) {
		i->suppressed++;
		hawk_sig_state_touch(i);
		return true;
	}
	if (!i)
		i = hawk_sig_state_add(&e->state, run, key, HAWK_SIG_TOLD, 0);
	if (!i)
		return false;
	*ret = i->suppressed;
	i->suppressed = 0;
	i->start = time;
	hawk_sig_state_touch(i);
	hawk_sig_state_expire(&e->state, i, time + window + REMEMBER_NS);
	return false;
}

void hawk_sig_format(struct hawk_sig_engine *e)
{
	if (e->formatted)
		return;
	e->formatted = true;
	hawk_buf_reset(&e->json);
	if (hawk_format_event(e->format, e->event, &e->json) < 0)
		hawk_buf_reset(&e->json);
	if (e->json.len && e->json.data[e->json.len - 1] == '\n')
		e->json.len--;
}

/* Returns how many there are. */
static size_t evidence(struct hawk_sig_engine *e, const struct hawk_sig_run *run, const struct hawk_sig_instance *i,
		       struct hawk_sig_evidence ret[static HAWK_SIG_EVIDENCES_MAX])
{
	const struct hawk_sig_trace *t;
	size_t n = 0;

	if (!i) {
		hawk_sig_format(e);
		ret[0] = (struct hawk_sig_evidence){
			NULL, e->event->desc->name, e->event->time, e->event->tgid, e->event->start, e->json.data,
			e->json.len < HAWK_SIG_EVIDENCE_MAX ? e->json.len : HAWK_SIG_EVIDENCE_MAX,
		};
		return 1;
	}
	for (size_t k = 0; (t = hawk_sig_trace_get(i, k)); k++) {
		const char *json = hawk_sig_ring_get(&e->state, t->at);

		/* Those that were too early count no more. */
		if (t->time < i->start)
			continue;
		ret[n++] = (struct hawk_sig_evidence){
			run->sig->n_steps > 1 ? run->sig->steps[t->step].name : NULL, t->desc->name, t->time, t->tgid,
			t->start, json ? json : "", json ? t->len : 0,
		};
	}
	return n;
}

static void print_message(struct hawk_sig_engine *e, const struct hawk_sig *sig, const struct hawk_cel_input *in)
{
	hawk_buf_reset(&e->message);
	if (sig->message)
		hawk_cel_template_print(sig->message, in, &e->message);
	else if (sig->title)
		hawk_buf_puts(&e->message, sig->title);
	if (e->message.error) /* too long */
		e->message.error = 0;
}

void hawk_sig_found(struct hawk_sig_engine *e, struct hawk_sig_run *run, const struct hawk_sig_instance *i,
		    const struct hawk_sig_captures *captures, uint64_t time)
{
	struct hawk_sig_evidence list[HAWK_SIG_EVIDENCES_MAX];
	struct hawk_cel_value *output = e->set->scratch->output;
	struct hawk_cel_input in;
	char id[HAWK_SIG_FOUND_ID] = "";
	struct hawk_sig_found found = {
		.sig = run->sig,
		.event = e->event,
		.time = time,
		.evidence = list,
		.output = output,
		.depth = i && i->depth > e->depth ? i->depth : e->depth,
		.id = id,
	};

	if (suppressed(e, run, captures, time, &found.suppressed)) {
		run->counts.suppressed++;
		e->stats.suppressed++;
		return;
	}
	run->counts.found++;
	run->counts.last = time;
	e->stats.found++;
	found.n_evidence = evidence(e, run, i, list);
	in = hawk_sig_input(e, captures);
	for (size_t k = 0; k < run->sig->n_output; k++)
		hawk_cel_eval(run->sig->output[k].value, &in, &output[k]);
	print_message(e, run->sig, &in);
	found.message = e->message.len ? e->message.data : "";
	found.message_len = e->message.len;
	e->tell(e->ctx, &found);
	hawk_sig_chain(e, &found);
}

/* --- findings as events --- */

/* A text field of the event, put together in its buffer; where it is is known when the buffer grows no more. */
static void put_text(struct hawk_sig_chained *c, const char *field, const void *p, size_t len)
{
	int column = hawk_event_field(c->event.desc, field);

	if (column < 0 || !p || c->text.error)
		return;
	c->event.data[column] = (struct hawk_value){ .u = c->text.len, .len = (uint32_t)len, .full = (uint32_t)len };
	hawk_buf_put(&c->text, p, len);
}

static void put_name(struct hawk_sig_chained *c, const char *field, const char *text)
{
	put_text(c, field, text, text ? strlen(text) : 0);
}

static void put_number(struct hawk_sig_chained *c, const char *field, uint64_t v)
{
	int column = hawk_event_field(c->event.desc, field);

	if (column >= 0)
		c->event.data[column] = (struct hawk_value){ .u = v };
}

static void put_output(struct hawk_sig_chained *c, const struct hawk_sig_found *found)
{
	int column = hawk_event_field(c->event.desc, "output");
	size_t start = c->text.len;

	if (column < 0)
		return;
	for (size_t i = 0; i < found->sig->n_output; i++) {
		size_t at;

		if (found->output[i].type == HAWK_CEL_UNKNOWN)
			continue;
		hawk_buf_puts(&c->text, found->sig->output[i].name);
		hawk_buf_putc(&c->text, '=');
		at = c->text.len;
		hawk_cel_print_value(&found->output[i], &c->text);
		/* A NUL would begin the next string. */
		for (; at < c->text.len; at++)
			if (!c->text.data[at])
				c->text.data[at] = ' ';
		hawk_buf_putc(&c->text, 0);
	}
	c->event.data[column] = (struct hawk_value){ .u = start, .len = (uint32_t)(c->text.len - start) };
}

static void fill(struct hawk_sig_chained *c, const struct hawk_sig_found *found)
{
	for (size_t i = 0; i < c->event.desc->n_fields; i++)
		c->event.data[i] = (struct hawk_value){ .flags = HAWK_VAL_ABSENT };
	put_number(c, "severity", found->sig->severity);
	put_number(c, "count", found->suppressed);
	put_name(c, "id", found->id[0] ? found->id : NULL);
	put_name(c, "signature_id", found->sig->id);
	put_name(c, "signature", found->sig->name);
	put_name(c, "version", found->sig->version);
	put_name(c, "tactic", found->sig->tactic);
	put_name(c, "technique", found->sig->technique);
	put_text(c, "message", found->message, found->message_len);
	put_name(c, "trigger", found->event->desc->name);
	put_output(c, found);
	for (size_t i = 0; i < c->event.desc->n_fields; i++) {
		enum hawk_vclass vclass = hawk_type_desc(c->event.desc->fields[i].type)->vclass;
		struct hawk_value *v = &c->event.data[i];

		if ((vclass == HAWK_V_BYTES || vclass == HAWK_V_STRV) && !(v->flags & HAWK_VAL_ABSENT))
			v->bytes = (const uint8_t *)(c->text.data ? c->text.data : "") + v->u;
	}
}

void hawk_sig_chain(struct hawk_sig_engine *e, const struct hawk_sig_found *found)
{
	const struct hawk_event_desc *desc = hawk_event_by_id(HAWK_EV_FINDING);
	struct hawk_sig_chained *c;

	if (!hawk_sig_set_wants(e->set, desc->id))
		return;
	if (found->depth >= HAWK_SIG_DEPTH_MAX || e->n_queue == HAWK_SIG_CHAINED_MAX) {
		e->stats.too_deep++;
		return;
	}
	c = &e->queue[e->n_queue];
	hawk_buf_reset(&c->text);
	c->text.max = CHAINED_MAX;
	c->depth = found->depth + 1;
	c->event = *found->event;
	c->event.desc = desc;
	c->event.walltime += found->time - found->event->time;
	c->event.time = found->time;
	c->event.others = 0;
	fill(c, found);
	if (c->text.error)
		e->stats.too_deep++;
	else
		e->n_queue++;
}
