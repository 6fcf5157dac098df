/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Policies as Tracee has them: which events a rule is about. */
#include <ctype.h>
#include <errno.h>

#include "src/policy/tracee.h"

#define DEFAULT_SET "tracee_default" /* what Tracee calls default */

struct selection {
	struct hawk_policy_reader *r;
	const struct hawk_yaml_node *node;
	struct hawk_tracee_events *events;
	const char *word; /* NUL-terminated: what is looked for */
	size_t offset;    /* of it, in the node's text */
	bool without;     /* taken away rather than added */
	bool tag;         /* a set first, then an event */
};

static void put(struct selection *s, size_t row)
{
	uint64_t *word = &s->events->bits[row / 64], bit = 1ULL << row % 64;

	*word = s->without ? *word & ~bit : *word | bit;
}

static int put_pending(struct selection *s, const char *name, const char *reason)
{
	struct hawk_tracee_events *e = s->events;
	_cleanup_free_ char *text = NULL;

	if (asprintf(&text, "%s: %s", name, reason) < 0) {
		text = NULL;
		return -ENOMEM;
	}
	for (size_t i = 0; i < e->n_pending; i++)
		if (strcmp(e->pending[i], text) == 0) {
			if (!s->without)
				return 0;
			free(e->pending[i]);
			e->pending[i] = e->pending[--e->n_pending];
			return 0;
		}
	return s->without ? 0 : hawk_yaml_push(&e->pending, &e->n_pending, text);
}

/* Each find_… returns 1 when it has found something, 0 when not, or an error. */
static int find_name(struct selection *s)
{
	const struct hawk_event_desc *desc = hawk_event_by_name(s->word);
	const struct hawk_pending_desc *pending = hawk_event_pending(s->word);
	size_t n;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);

	if (desc && desc->internal)
		return hawk_yaml_refuse(&s->r->yaml, s->node, s->offset, "%s is an internal event", s->word);
	for (size_t i = 0; desc && i < n; i++)
		if (descs[i] == desc) {
			put(s, i);
			return 1;
		}
	if (pending)
		return put_pending(s, s->word, pending->reason) < 0 ? -ENOMEM : 1;
	return hawk_tracee_finding_name(s->r, &s->events->findings, s->word, s->without);
}

/* Puts all events, or pending ones, for which FITS is true. */
static int put_all(struct selection *s, bool (*fits)(const char *word, const char *name, const char *sets))
{
	size_t n;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);
	const struct hawk_pending_desc *pending;
	int found = 0;

	for (size_t i = 0; i < n; i++)
		if (!descs[i]->internal && fits(s->word, descs[i]->name, descs[i]->sets)) {
			put(s, i);
			found = 1;
		}
	pending = hawk_event_pending_descs(&n);
	for (size_t i = 0; i < n; i++)
		if (fits(s->word, pending[i].name, pending[i].sets)) {
			if (put_pending(s, pending[i].name, pending[i].reason) < 0)
				return -ENOMEM;
			found = 1;
		}
	return found;
}

static bool fits_set(const char *set, const char *name, const char *sets)
{
	const size_t len = strlen(set);

	if (strcmp(name, "finding") == 0)
		return false; /* which are meant say others, hawk_tracee_finding_set() */
	for (const char *p = sets; *p; p += strcspn(p, ","), p += *p == ',')
		if (strcspn(p, ",") == len && strncmp(p, set, len) == 0)
			return true;
	return false;
}

bool hawk_tracee_fits(const char *pattern, const char *name)
{
	const bool front = *pattern == '*';
	const size_t len = strlen(pattern) - front, name_len = strlen(name);
	const bool back = pattern[front + len - 1] == '*';
	const char *text = pattern + front;
	const size_t text_len = len - back;

	if (text_len > name_len)
		return false;
	if (front && back)
		return memmem(name, name_len, text, text_len);
	if (front)
		return memcmp(name + name_len - text_len, text, text_len) == 0;
	return memcmp(name, text, text_len) == 0;
}

/* What either has found. */
static int either(int a, int b)
{
	return a < 0 || b < 0 ? (a < 0 ? a : b) : a | b;
}

/* A word that stands for signatures alone waits for them: FOUND of them, EVENTS of other events. */
static int note_alone(struct selection *s, int found, int events)
{
	struct hawk_tracee_findings *f = &s->events->findings;

	if (found > 0 && events == 0 && !s->without && !f->all &&
	    hawk_yaml_push(&f->signatures, &f->n_signatures, s->word) < 0)
		return -ENOMEM;
	return either(found, events);
}

static int find_set(struct selection *s)
{
	const int found = hawk_tracee_finding_set(s->r, &s->events->findings, s->word, s->without);

	if (strcmp(s->word, "default") == 0)
		s->word = DEFAULT_SET;
	return note_alone(s, found, put_all(s, fits_set));
}

static bool fits_pattern(const char *pattern, const char *name, const char *sets)
{
	(void)sets;
	return hawk_tracee_fits(pattern, name);
}

static int find_pattern(struct selection *s)
{
	const int found = hawk_tracee_finding_pattern(s->r, &s->events->findings, s->word, s->without);

	return note_alone(s, found, put_all(s, fits_pattern));
}

static int refuse_unknown(struct selection *s)
{
	struct hawk_nearest near = hawk_nearest_start(s->word);
	size_t n;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);

	for (size_t i = 0; i < n; i++)
		hawk_nearest_offer(&near, descs[i]->name);
	hawk_tracee_finding_offer(s->r, &near);
	return hawk_yaml_refuse(&s->r->yaml, s->node, s->offset, "there is no event or set \"%.64s\"%s%s", s->word,
				  near.best ? "; did you mean " : "", near.best ? near.best : "");
}

static int find(struct selection *s)
{
	int found;

	if (!*s->word || strspn(s->word, "*") == strlen(s->word))
		return hawk_yaml_refuse(&s->r->yaml, s->node, s->offset,
					  "expected the name of an event or of a set");
	if (strchr(s->word, '*')) {
		s->events->listed = false;
		found = find_pattern(s);
	} else {
		found = s->tag ? find_set(s) : find_name(s);
		if (found == 0) {
			found = s->tag ? find_name(s) : find_set(s);
			s->events->listed &= s->tag;
		} else {
			s->events->listed &= !s->tag;
		}
	}
	return found ? found : refuse_unknown(s);
}

/* One of the comma-separated words. */
static int select_word(struct selection *s, const char *word, size_t len)
{
	char copy[128];

	s->offset = (size_t)(word - s->node->text);
	s->without = *word == '-';
	if (s->without) {
		word++;
		len--;
	}
	if (len > 4 && strncmp(word, "tag=", 4) == 0) {
		s->tag = true;
		word += 4;
		len -= 4;
	}
	if (len >= sizeof(copy))
		return hawk_yaml_refuse(&s->r->yaml, s->node, s->offset, "no event has such a long name");
	memcpy(copy, word, len);
	copy[len] = '\0';
	s->word = copy;
	return find(s);
}

/* Whether a word adds events: with none that does it is the default set that others are taken from. */
static bool adds(const char *text)
{
	const char *p = text, *word;
	size_t len;

	while ((word = hawk_tracee_next_value(&p, &len)))
		if (*word != '-')
			return true;
	return false;
}

int hawk_tracee_select(struct hawk_policy_reader *r, const struct hawk_yaml_node *node,
		       struct hawk_tracee_events *ret)
{
	struct selection s = { .r = r, .node = node, .events = ret };
	const char *p = node->text, *word;
	size_t len;
	int e;

	ret->listed = true;
	if (!adds(node->text)) {
		s.word = "default";
		e = find_set(&s);
		if (e < 0)
			return e;
		ret->listed = false;
	}
	while ((word = hawk_tracee_next_value(&p, &len))) {
		const bool without = *word == '-';

		/* its values may have commas between them, so it is the last */
		if (hawk_tracee_is_threat(word + without, len - without)) {
			ret->listed = false;
			e = hawk_tracee_finding_threat(r, &ret->findings, node, word + without, without);
			return e < 0 ? e : 0;
		}
		e = select_word(&s, word, len);
		if (e < 0)
			return e;
	}
	return 0;
}

void hawk_tracee_events_done(struct hawk_tracee_events *e)
{
	for (size_t i = 0; i < e->n_pending; i++)
		free(e->pending[i]);
	free(e->pending);
	hawk_tracee_findings_done(&e->findings);
	*e = (struct hawk_tracee_events){ .pending = NULL };
}
