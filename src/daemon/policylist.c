/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/daemon/policylist.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "src/base/buf.h"
#include "src/base/cleanup.h"
#include "src/cgen/cgen.h"
#include "src/daemon/problems.h"

struct hawk_policies_entry *hawk_policyentry_put(struct hawk_policies_entry *e)
{
	if (!e || --e->refs)
		return NULL;
	hawk_policy_free(e->policy);
	free(e->counts);
	free(e->warnings);
	hawk_ir_free(e->learned);
	free(e);
	return NULL;
}

struct hawk_policies_entry *hawk_policyentry_get(struct hawk_policies_entry *e)
{
	e->refs++;
	return e;
}

struct hawk_policies_entry *hawk_policylist_find(const struct hawk_policylist *l, const char *name)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->v[i]->policy->name, name) == 0)
			return l->v[i];
	return NULL;
}

struct hawk_policies_entry *hawk_policylist_by_path(const struct hawk_policylist *l, const char *path)
{
	for (size_t i = 0; i < l->n; i++)
		if (!l->v[i]->by_hand && strcmp(l->v[i]->policy->path, path) == 0)
			return l->v[i];
	return NULL;
}

void hawk_policylist_add(struct hawk_policylist *l, struct hawk_policies_entry *e)
{
	size_t at = l->n++;

	for (; at > 0 && strcmp(l->v[at - 1]->policy->name, e->policy->name) > 0; at--)
		l->v[at] = l->v[at - 1];
	l->v[at] = e;
}

void hawk_policylist_remove(struct hawk_policylist *l, const struct hawk_policies_entry *e)
{
	size_t at = 0;

	while (l->v[at] != e)
		at++;
	memmove(&l->v[at], &l->v[at + 1], (--l->n - at) * sizeof(l->v[0]));
}

void hawk_policylist_done(struct hawk_policylist *l)
{
	while (l->n)
		hawk_policyentry_put(l->v[--l->n]);
}

/* True when both follow the same processes: the one that replaces the other goes on with them. */
static bool follows_same(const struct hawk_policy *a, const struct hawk_policy *b)
{
	_cleanup_(hawk_buf_done) struct hawk_buf of_a = HAWK_BUF_INIT, of_b = HAWK_BUF_INIT;

	if (!a->follow || !b->follow || strcmp(a->name, b->name) != 0 || !a->scope != !b->scope)
		return false;
	if (!a->scope)
		return true;
	hawk_ir_print(a->scope, &of_a);
	hawk_ir_print(b->scope, &of_b);
	return !of_a.error && !of_b.error && of_a.len == of_b.len && memcmp(of_a.data, of_b.data, of_a.len) == 0;
}

int hawk_policyentry_new(struct hawk_policies_entry **ret, const char *path, const char *text, size_t len,
			 const struct hawk_policy_signatures *signatures, char **ret_why)
{
	struct hawk_diags diags = { .path = path };
	struct hawk_policies_entry *e = calloc(1, sizeof(*e));
	int r = e ? hawk_policy_parse(&e->policy, text, len, path, signatures, &diags) : -ENOMEM;

	if (r == 0) {
		e->refs = 1;
		e->loaded = (uint64_t)time(NULL);
		e->warnings = hawk_problems_text(&diags);
		e->counts = hawk_policy_counts_new(e->policy);
		/* who is followed is in whatever the scope says: nothing to learn */
		if (e->policy->scope && !e->policy->follow)
			r = hawk_cgen_learned(&e->learned, e->policy->scope);
		if (!e->counts || r < 0) {
			e = hawk_policyentry_put(e);
			r = -ENOMEM;
		}
	} else {
		*ret_why = hawk_problems_text(&diags);
		free(e);
		e = NULL;
	}
	hawk_diags_done(&diags);
	*ret = e;
	return r;
}

static bool reads_same(const struct hawk_policy *a, const struct hawk_policy *b)
{
	_cleanup_(hawk_buf_done) struct hawk_buf of_a = HAWK_BUF_INIT, of_b = HAWK_BUF_INIT;

	return hawk_policy_print(a, &of_a) == 0 && hawk_policy_print(b, &of_b) == 0 && of_a.len == of_b.len &&
	       memcmp(of_a.data, of_b.data, of_a.len) == 0;
}

struct hawk_policies_entry *hawk_policyentry_again(struct hawk_policies_entry *e,
						   const struct hawk_policy_signatures *signatures)
{
	const struct hawk_policy *p = e->policy;
	struct hawk_policies_entry *now = NULL;
	_cleanup_free_ char *why = NULL;

	if (hawk_policyentry_new(&now, p->path, p->text, p->len, signatures, &why) < 0 || reads_same(p, now->policy)) {
		hawk_policyentry_put(now);
		return hawk_policyentry_get(e);
	}
	now->by_hand = e->by_hand;
	return now;
}

char *hawk_policylist_refusal(const struct hawk_policylist *l, const struct hawk_policies_entry *e)
{
	const struct hawk_policies_entry *other = hawk_policylist_find(l, e->policy->name);
	char *text = NULL;
	int r = 0;

	if (other)
		r = asprintf(&text, "%s: there is already a policy \"%s\", from %s; give one of them another name%s",
			     e->policy->path, e->policy->name, other->policy->path,
			     e->by_hand && other->by_hand ? ", or load it with --replace" : "");
	else if (l->n == HAWK_POLICIES_MAX)
		r = asprintf(&text, "%s: there are %d policies already, which is the limit; unload or mask one",
			     e->policy->path, HAWK_POLICIES_MAX);
	return r < 0 ? strdup("no memory") : text;
}

bool hawk_policylist_follow_bit(const struct hawk_policylist *const lists[], size_t n, struct hawk_policies_entry *e)
{
	uint64_t used[HAWK_POLICY_WORDS] = { 0 };
	unsigned int bit = 0;

	for (size_t l = 0; l < n; l++)
		for (size_t i = 0; i < lists[l]->n; i++) {
			const struct hawk_policies_entry *other = lists[l]->v[i];

			if (follows_same(other->policy, e->policy)) {
				e->follow_bit = other->follow_bit;
				return false;
			}
			if (other->policy->follow)
				used[other->follow_bit / 64] |= 1ULL << other->follow_bit % 64;
		}
	/* when all have one the last is shared until those that go are gone */
	while (bit < HAWK_POLICIES_MAX - 1 && used[bit / 64] >> bit % 64 & 1)
		bit++;
	e->follow_bit = bit;
	return true;
}
