/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Policies: refused with a place in the text, or what they became is whole and is printed as predicates that parse. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/cleanup.h"
#include "src/policy/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUIRE(what) \
	do { \
		if (!(what)) \
			abort(); \
	} while (0)

static struct hawk_buf text;

static void check_ir(const struct hawk_ir *ir)
{
	struct hawk_ir_error error = { .line = 0 };
	struct hawk_ir *again = NULL;

	if (!ir)
		return;
	hawk_buf_reset(&text);
	REQUIRE(hawk_ir_print(ir, &text) == 0);
	REQUIRE(hawk_ir_parse(&again, hawk_buf_str(&text) ?: "", &error) == 0);
	hawk_ir_free(again);
}

static void check_rule(const struct hawk_policy_rule *rule)
{
	uint64_t any = 0;

	REQUIRE(rule->event && rule->line);
	for (size_t i = 0; i < HAWK_POLICY_EVENT_WORDS; i++)
		any |= rule->events[i];
	/* Nothing is silently never true. */
	REQUIRE(any || rule->n_pending);
	check_ir(rule->filter);
}

static void check_diags(const struct hawk_diags *d)
{
	REQUIRE(d->n <= HAWK_DIAGS_MAX);
	for (size_t i = 0; i < d->n; i++)
		REQUIRE(d->v[i].line && d->v[i].column && *d->v[i].message && !strchr(d->v[i].message, '\n'));
	hawk_buf_reset(&text);
	hawk_diags_print(d, &text);
	REQUIRE(!text.error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hawk_diags diags = { .path = "fuzz" };
	struct hawk_policy *p = NULL;
	int r = hawk_policy_parse(&p, (const char *)data, size, diags.path, NULL, &diags);

	check_diags(&diags);
	if (r < 0) {
		REQUIRE(r == -EINVAL && diags.errors && !p);
	} else {
		REQUIRE(!diags.errors && *p->name && p->dialect && p->n_rules <= HAWK_POLICY_RULES_MAX);
		REQUIRE(p->len == size && memcmp(p->text, data, size) == 0);
		check_ir(p->scope);
		for (size_t i = 0; i < p->n_rules; i++)
			check_rule(&p->rules[i]);
		hawk_buf_reset(&text);
		REQUIRE(hawk_policy_print(p, &text) == 0);
	}
	hawk_policy_free(p);
	hawk_diags_done(&diags);
	return 0;
}
