/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_DAEMON_POLICYCODE_H
#define HAWK_DAEMON_POLICYCODE_H
/*
 * What the kernel does of a set of policies, of what signatures want, and of filters: a program pair for each event that can be
 * judged there. Control thread.
 */
#include "src/cgen/cgen.h"
#include "src/collect/collect.h"
#include "src/daemon/interest.h"
#include "src/policy/set.h"
#include "src/sig/engine.h"

struct hawk_policycode;

/*
 * Makes the programs for SET, borrowed, and tells it what they decide wholly;
 * for SIGNATURES, NULL: none; and for the filters of sinks and clients that
 * INTEREST knows. The last two are borrowed for the call. Returns 0 or -ENOMEM.
 */
int hawk_policycode_new(struct hawk_policycode **ret, struct hawk_policy_set *set,
			const struct hawk_sig_set *signatures, const struct hawk_interest *interest);
/* Not before the next one is in force. */
struct hawk_policycode *hawk_policycode_free(struct hawk_policycode *c);
/* The events (by row of hawk_event_descs()) that are sent whatever policies, signatures and filters say. Returns whether that is news. */
bool hawk_policycode_set_unfiltered(struct hawk_policycode *c, const uint64_t *bits);
/* Puts it in force, as GENERATION. Returns 0 or -errno: what was in force stays. */
int hawk_policycode_load(const struct hawk_policycode *c, struct hawk_collect *collect, uint32_t generation);
/* One line for people (malloc'ed) about the events whose programs are not in the kernel; NULL: there are none, or no memory. */
char *hawk_policycode_unloaded(const struct hawk_policycode *c, const struct hawk_collect *collect);
/* Whether CODE is one of its programs, and of which event (row of hawk_event_descs()). */
bool hawk_policycode_find(const struct hawk_policycode *c, const struct hawk_cgen *code, size_t *ret_row);
/* The programs for an event; NULL: it is not judged in the kernel. */
const struct hawk_cgen *hawk_policycode_of(const struct hawk_policycode *c, size_t row);

#endif
