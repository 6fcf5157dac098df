/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/daemon/signatureshow.h"

#include <string.h>

#include "src/base/cleanup.h"
#include "src/control/server.h"

/* What a signature became, as text. */
#define TEXT_MAX ((size_t)1024 * 1024)
#define SECOND_NS (1000ULL * 1000 * 1000)

static json_t *words(char *const *v, size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, hawk_json_text(v[i]));
	return list;
}

static json_t *optional(const char *text)
{
	return text ? hawk_json_text(text) : NULL;
}

/* The names of all its events. */
static json_t *event_names(const struct hawk_sig *sig)
{
	size_t n;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);
	json_t *list = json_array();

	for (size_t row = 0; row < n; row++) {
		bool any = false;

		for (size_t i = 0; i < sig->n_steps; i++)
			for (size_t k = 0; k < sig->steps[i].n_matches; k++)
				any = any || hawk_bit(sig->steps[i].matches[k].events, row);
		if (any)
			json_array_append_new(list, json_string(descs[row]->name));
	}
	return list;
}

static json_t *row(const struct hawk_signatures *s, const struct hawk_sig *sig, const struct hawk_sig_counts *counts)
{
	const char *state = !hawk_signatures_enabled(s, sig) ? "disabled" : sig->n_pending ? "pending" : "enabled";

	return json_pack("{s:o, s:o, s:o, s:o, s:s, s:o*, s:o*, s:o*, s:s, s:o, s:b, s:s, s:o, s:o, s:o, s:o}", "name",
			 hawk_json_text(sig->name), "id", hawk_json_text(sig->id), "version",
			 hawk_json_text(sig->version ?: ""), "title", hawk_json_text(sig->title ?: ""), "severity",
			 hawk_severity_name(sig->severity), "tactic", optional(sig->tactic), "technique",
			 optional(sig->technique), "layer", optional(sig->layer), "state", state, "path",
			 hawk_json_text(sig->path), "by_hand", (int)hawk_signatures_by_hand(s, sig), "dialect",
			 sig->dialect, "events", event_names(sig), "found", hawk_json_u64(counts ? counts->found : 0),
			 "suppressed", hawk_json_u64(counts ? counts->suppressed : 0), "pending",
			 words(sig->pending, sig->n_pending));
}

json_t *hawk_signatureshow_rows(const struct hawk_signatures *s, const char *path)
{
	_cleanup_free_ struct hawk_sig_counts *counts = NULL;
	struct hawk_sig_stats stats;
	const struct hawk_sig *sig;
	json_t *list = json_array();

	hawk_signatures_count(s, &stats, &counts);
	for (size_t i = 0; (sig = hawk_signatures_at(s, i)); i++)
		if (!path || (strcmp(sig->path, path) == 0 && hawk_signatures_by_hand(s, sig)))
			json_array_append_new(list, row(s, sig, counts ? &counts[i] : NULL));
	return list;
}

json_t *hawk_signatureshow_list(const struct hawk_signatures *s)
{
	return json_pack("{s:o, s:o}", "signatures", hawk_signatureshow_rows(s, NULL), "problems",
			 hawk_problems_json(hawk_signatures_problems(s)));
}

static json_t *exceptions(const struct hawk_sig *sig)
{
	json_t *list = json_array();

	for (size_t i = 0; i < sig->n_exceptions; i++) {
		const struct hawk_sig_exception *e = &sig->exceptions[i];
		_cleanup_(hawk_buf_done) struct hawk_buf text = { .max = TEXT_MAX };

		hawk_buf_printf(&text, "%s%s%s", e->name ?: "", e->why ? ": " : "", e->why ?: "");
		json_array_append_new(list, hawk_json_text(hawk_buf_str(&text) ?: ""));
	}
	return list;
}

json_t *hawk_signatureshow_show(const struct hawk_signatures *s, const struct hawk_sig *sig)
{
	_cleanup_(hawk_buf_done) struct hawk_buf text = { .max = TEXT_MAX };
	_cleanup_free_ struct hawk_sig_counts *counts = NULL;
	struct hawk_sig_stats stats;
	size_t i = 0;

	hawk_signatures_count(s, &stats, &counts);
	while (hawk_signatures_at(s, i) != sig)
		i++;
	hawk_sig_print(sig, &text);
	return json_pack("{s:o, s:o, s:o*, s:o, s:o, s:o*, s:o*, s:o, s:o}", "signature",
			 row(s, sig, counts ? &counts[i] : NULL), "description", hawk_json_text(sig->description ?: ""),
			 "author", optional(sig->author), "references", words(sig->references, sig->n_references),
			 "tags", words(sig->tags, sig->n_tags), "what_to_do", optional(sig->what_to_do),
			 "false_positives", optional(sig->false_positives), "exceptions", exceptions(sig), "predicates",
			 hawk_json_text(hawk_buf_str(&text) ?: ""));
}

static json_t *counts_row(const struct hawk_sig *sig, const struct hawk_sig_counts *c, uint64_t now)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o*}", "name", hawk_json_text(sig->name), "evaluated",
			 hawk_json_u64(c->evaluated), "found", hawk_json_u64(c->found), "suppressed",
			 hawk_json_u64(c->suppressed), "excepted", hawk_json_u64(c->excepted), "instances",
			 hawk_json_u64(c->instances), "last_ms",
			 c->last ? hawk_json_u64(now > c->last ? (now - c->last) / 1000000 : 0) : NULL);
}

json_t *hawk_signatureshow_stats(const struct hawk_signatures *s, uint64_t now)
{
	_cleanup_free_ struct hawk_sig_counts *counts = NULL;
	struct hawk_sig_stats stats;
	const struct hawk_sig *sig;
	json_t *list = json_array();

	hawk_signatures_count(s, &stats, &counts);
	for (size_t i = 0; counts && (sig = hawk_signatures_at(s, i)); i++)
		if (hawk_signatures_enabled(s, sig))
			json_array_append_new(list, counts_row(sig, &counts[i], now));
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "events", hawk_json_u64(stats.events),
			 "evaluated", hawk_json_u64(stats.evaluated), "found", hawk_json_u64(stats.found), "suppressed",
			 hawk_json_u64(stats.suppressed), "excepted", hawk_json_u64(stats.excepted), "too_deep",
			 hawk_json_u64(stats.too_deep), "instances", hawk_json_u64(stats.instances), "bytes",
			 hawk_json_u64(stats.bytes), "evicted", hawk_json_u64(stats.evicted), "exhausted",
			 hawk_json_u64(stats.exhausted), "signatures", list);
}

static json_t *proposals(const struct hawk_signatures *s, struct hawk_learning *l)
{
	struct hawk_learning_proposal p;
	json_t *list = json_array();

	for (size_t i = 0;; i++) {
		_cleanup_(hawk_buf_done) struct hawk_buf text = { .max = TEXT_MAX };
		const struct hawk_sig *sig;

		if (!hawk_learning_propose(l, i, &p, &text))
			return list;
		sig = hawk_signatures_find(s, p.signature);
		json_array_append_new(list, json_pack("{s:o, s:o, s:o, s:o}", "signature", hawk_json_text(p.signature),
						      "path", hawk_json_text(sig ? sig->path : ""), "findings",
						      hawk_json_u64(p.findings), "exception",
						      hawk_json_text(hawk_buf_str(&text) ?: "")));
	}
}

json_t *hawk_signatureshow_learn(const struct hawk_signatures *s, struct hawk_learning *l, uint64_t now)
{
	const struct hawk_learning_state state = hawk_learning_state(l);
	uint64_t until = state.on ? now : state.ended;

	return json_pack("{s:b, s:o, s:o, s:o, s:o}", "learning", (int)state.on, "seconds",
			 hawk_json_u64((until - state.began) / SECOND_NS), "findings", hawk_json_u64(state.findings),
			 "left_out", hawk_json_u64(state.left_out), "proposals", proposals(s, l));
}
