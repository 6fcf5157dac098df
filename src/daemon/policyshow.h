/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_DAEMON_POLICYSHOW_H
#define HAWK_DAEMON_POLICYSHOW_H
/* Policies as the answers of proto/verbs.def. All return a new object, or NULL without memory. */
#include <jansson.h>

#include "src/daemon/policies.h"

/* A row of STRUCT(POLICY). */
json_t *hawk_policyshow_row(const struct hawk_policies *p, const struct hawk_policies_entry *e);
/* The answers of PolicyList and PolicyShow. */
json_t *hawk_policyshow_list(const struct hawk_policies *p);
json_t *hawk_policyshow_show(const struct hawk_policies *p, const struct hawk_policies_entry *e);
/* That of PolicyExplain, of the events what policies know: the control room adds probes and counters. */
json_t *hawk_policyshow_explain(const struct hawk_policies *p, const struct hawk_policies_entry *e);

#endif
