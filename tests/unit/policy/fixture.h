/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_TEST_POLICY_H
#define HAWK_TEST_POLICY_H
/* Policies of one rule, and events that they are tried on. */
#include "src/policy/policy.h"
#include "tests/unit/ir/fixture.h"

/*
 * A rule about EVENT: SCOPE (entries with semicolons between) and FILTERS are texts of entries, NULL ends the filters.
 * There is one signature, "mine", with id M-1 and the tag "web".
 */
struct hawk_policy *made(const char *scope, const char *event, const char *const *filters);
/* What src/policy/set.c does, without the names: pending parts are never true. */
bool matches(const struct hawk_policy *p, const struct hawk_event *e);

#endif
