/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Policies as Tracee has them: events of detectors, which here are the findings of signatures. */
#include <ctype.h>
#include <errno.h>
#include <strings.h>

#include "src/policy/tracee.h"

/* Those that Tracee has. They may be named whether there are such signatures or not. */
static const struct {
	const char *name, *id;
} detectors[] = {
#define DETECTOR(name, id, doc) { name, id },
#include "src/policy/tracee_detectors.def"
#undef DETECTOR
};

static const struct {
	const char *key, *field, *other; /* other: that may fit instead, or NULL */
	bool order;
} threats[] = {
	{ "threat.severity", "data.severity", NULL, true },
	{ "threat.mitre.technique", "data.technique", NULL, false },
	{ "threat.mitre.tactic", "data.tactic", NULL, false },
	{ "threat.name", "data.signature", "data.title", false },
};

/* Sets of all of them. */
static const char *const all_sets[] = { "signatures", "detectors", "default" };

static const char *signature_at(const struct hawk_policy_signatures *s, size_t i)
{
	return s ? s->name(s->ctx, i) : NULL;
}

/* Begins an alternative of what is taken, or left out. */
static struct hawk_buf *begin(struct hawk_tracee_findings *f, bool without)
{
	struct hawk_buf *out = without ? &f->leave : &f->take;

	if (out->len)
		hawk_buf_lit(out, " OR ");
	return out;
}

static void put_equal(struct hawk_buf *out, const char *field, const char *value, bool pattern)
{
	hawk_buf_printf(out, "%s=", field);
	hawk_policy_quote(out, value, strlen(value), pattern);
}

static int finish(struct hawk_tracee_findings *f, const char *signature, bool without)
{
	if (f->take.error || f->leave.error)
		return -ENOMEM;
	if (signature && !without && hawk_yaml_push(&f->signatures, &f->n_signatures, signature) < 0)
		return -ENOMEM;
	return 1;
}

static int add_named(struct hawk_tracee_findings *f, const char *name, const char *id, bool without)
{
	struct hawk_buf *out = begin(f, without);

	put_equal(out, "data.signature", name, false);
	if (id) {
		hawk_buf_lit(out, " OR ");
		put_equal(out, "data.signature_id", id, false);
	}
	return finish(f, name, without);
}

int hawk_tracee_finding_name(struct hawk_policy_reader *r, struct hawk_tracee_findings *f, const char *word,
			     bool without)
{
	const struct hawk_policy_signatures *s = r->signatures;

	for (size_t i = 0; i < ARRAY_SIZE(detectors); i++) {
		const bool by_id = strcmp(detectors[i].id, word) == 0;

		if (by_id || strcmp(detectors[i].name, word) == 0)
			return add_named(f, detectors[i].name, by_id ? word : NULL, without);
	}
	if (s && s->find(s->ctx, word) != HAWK_POLICY_NO_SIGNATURE)
		return add_named(f, word, word, without);
	return 0;
}

int hawk_tracee_finding_set(struct hawk_policy_reader *r, struct hawk_tracee_findings *f, const char *word,
			    bool without)
{
	const struct hawk_policy_signatures *s = r->signatures;
	const char *name;

	for (size_t i = 0; i < ARRAY_SIZE(all_sets); i++) {
		if (strcmp(all_sets[i], word) != 0)
			continue;
		f->all = !without;
		if (without)
			hawk_buf_reset(&f->take);
		return 1;
	}
	for (size_t i = 0; s && (name = s->name(s->ctx, i)); i++) {
		if (!s->has_tag(s->ctx, i, word))
			continue;
		put_equal(begin(f, without), "data.tags", word, false);
		return finish(f, NULL, without);
	}
	return 0;
}

int hawk_tracee_finding_pattern(struct hawk_policy_reader *r, struct hawk_tracee_findings *f, const char *pattern,
				bool without)
{
	bool any = false;
	const char *name;

	for (size_t i = 0; i < ARRAY_SIZE(detectors) && !any; i++)
		any = hawk_tracee_fits(pattern, detectors[i].name);
	for (size_t i = 0; !any && (name = signature_at(r->signatures, i)); i++)
		any = hawk_tracee_fits(pattern, name);
	if (!any)
		return 0;
	put_equal(begin(f, without), "data.signature", pattern, true);
	return finish(f, NULL, without);
}

void hawk_tracee_finding_offer(const struct hawk_policy_reader *r, struct hawk_nearest *near)
{
	const char *name;

	for (size_t i = 0; i < ARRAY_SIZE(detectors); i++)
		hawk_nearest_offer(near, detectors[i].name);
	for (size_t i = 0; (name = signature_at(r->signatures, i)); i++)
		hawk_nearest_offer(near, name);
}

bool hawk_tracee_is_threat(const char *word, size_t len)
{
	return len > strlen("threat.") && strncmp(word, "threat.", strlen("threat.")) == 0;
}

/* "4" is what "critical" is. A technique has its sub-techniques with it. */
static int put_threat_value(struct hawk_policy_reader *r, struct hawk_buf *out, const struct hawk_filter *f, size_t row,
			    const char *value, size_t len)
{
	static const char *const severities[] = {
#define SEVERITY(token, value, name, doc) [value] = name,
#include "src/event/severity.def"
	};
	const char *const op = hawk_filter_op_text(f->op == HAWK_OP_NE ? HAWK_OP_EQ : f->op);
	const size_t at = (size_t)(value - f->node->text);
	size_t i = 0;

	if (!threats[row].order) {
		hawk_buf_printf(out, "%s=", threats[row].field);
		hawk_ir_quote(out, value, len);
		if (strcmp(threats[row].field, "data.technique") == 0)
			hawk_buf_printf(out, "|%.*s.*", (int)len, value);
		return 0;
	}
	while (i < ARRAY_SIZE(severities) && (strlen(severities[i]) != len || strncasecmp(severities[i], value, len) != 0))
		i++;
	if (len == 1 && isdigit((unsigned char)*value))
		i = (size_t)(*value - '0');
	if (i >= ARRAY_SIZE(severities))
		return hawk_yaml_refuse(&r->yaml, f->node, at,
					  "\"%.*s\": expected info, low, medium, high, critical, or a number from 0 to 4",
					  (int)(len < 32 ? len : 32), value);
	hawk_buf_printf(out, "%s%s%s", threats[row].field, op, severities[i]);
	return 0;
}

static int put_threat(struct hawk_policy_reader *r, struct hawk_buf *out, const struct hawk_filter *f, size_t row)
{
	const char *p = f->values, *value;
	bool first = true;
	size_t len;
	int e = 0;

	hawk_buf_puts(out, f->op == HAWK_OP_NE ? "NOT (" : "(");
	while (e == 0 && (value = hawk_tracee_next_value(&p, &len))) {
		hawk_buf_puts(out, first ? "" : " OR ");
		first = false;
		e = len ? put_threat_value(r, out, f, row, value, len) :
			  hawk_yaml_refuse(&r->yaml, f->node, (size_t)(value - f->node->text), "expected a value");
		if (e == 0 && threats[row].other) {
			hawk_buf_printf(out, " OR %s=", threats[row].other);
			hawk_ir_quote(out, value, len);
		}
	}
	hawk_buf_putc(out, ')');
	return e;
}

int hawk_tracee_finding_threat(struct hawk_policy_reader *r, struct hawk_tracee_findings *f,
			       const struct hawk_yaml_node *node, const char *word, bool without)
{
	const size_t offset = (size_t)(word - node->text);
	struct hawk_yaml_node part = *node;
	struct hawk_filter filter;
	size_t row = 0;
	int e;

	/* the filter is all that is left of the text */
	part.text = node->text + offset;
	part.column += (unsigned int)offset;
	e = hawk_filter_split(r, &part, &filter);
	if (e < 0)
		return e;
	filter.node = node;
	while (row < ARRAY_SIZE(threats) && (strlen(threats[row].key) != filter.key_len ||
					     strncmp(threats[row].key, filter.key, filter.key_len) != 0))
		row++;
	if (row == ARRAY_SIZE(threats))
		return hawk_yaml_refuse(&r->yaml, node, offset,
					  "expected threat.severity, threat.mitre.technique, threat.mitre.tactic or threat.name");
	if (filter.op == HAWK_OP_NONE || (filter.op != HAWK_OP_EQ && filter.op != HAWK_OP_NE && !threats[row].order))
		return hawk_yaml_refuse(&r->yaml, node, offset + filter.key_len, "behind %s expected %s",
					  threats[row].key, threats[row].order ? "= != < <= > or >=" : "= or !=");
	e = put_threat(r, begin(f, without), &filter, row);
	return e < 0 ? e : finish(f, NULL, without);
}

bool hawk_tracee_finds(const struct hawk_tracee_findings *f)
{
	return f->all || f->take.len;
}

int hawk_tracee_findings_print(const struct hawk_tracee_findings *f, struct hawk_buf *out)
{
	if (!f->all) {
		hawk_buf_puts(out, out->len ? " AND (" : "(");
		hawk_buf_put(out, f->take.data, f->take.len);
		hawk_buf_putc(out, ')');
	}
	if (f->leave.len) {
		hawk_buf_puts(out, out->len ? " AND NOT (" : "NOT (");
		hawk_buf_put(out, f->leave.data, f->leave.len);
		hawk_buf_putc(out, ')');
	}
	return out->error ? -ENOMEM : 0;
}

void hawk_tracee_findings_done(struct hawk_tracee_findings *f)
{
	hawk_buf_done(&f->take);
	hawk_buf_done(&f->leave);
	for (size_t i = 0; i < f->n_signatures; i++)
		free(f->signatures[i]);
	free(f->signatures);
	*f = (struct hawk_tracee_findings){ .all = false };
}
