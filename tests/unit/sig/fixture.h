/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_TEST_SIG_H
#define HAWK_TEST_SIG_H
/* Signatures made by hand, an engine, and what it found. */
#include "src/sig/engine.h"
#include "tests/unit/ir/fixture.h"

#define FOUND_MAX 4096

struct made {
	struct hawk_sig sig;
	struct hawk_sig_step steps[HAWK_SIG_STEPS_MAX];
	struct hawk_sig_match matches[HAWK_SIG_STEPS_MAX];
};

/* What was told, by name, with blanks between; of several alike ones the count that was suppressed as "name+2". */
extern char told[FOUND_MAX];
/* Evidence of the last one, "event event". */
extern char evidence[FOUND_MAX];
extern uint64_t found_time;

/* A signature without steps. */
void make(struct made *m, const char *name);
/* Adds a step: any of EVENTS (blanks between) with the guard GUARD (NULL: none). */
struct hawk_sig_step *add_step(struct made *m, const char *events, const char *guard);
/* Ties the state of M together. */
void tie(struct made *m, enum hawk_sig_by by);
/* Frees what they own. */
void unmake(struct made *m, size_t n);

struct hawk_sig_set *set_of(struct made *m, size_t n);
/* Has E look at EVENT at TIME (seconds). */
void look_at(struct hawk_sig_engine *e, struct hawk_event *event, double time);
void tell(void *ctx, const struct hawk_sig_found *found);
/* Fails unless WANT was told since the last call. */
void expect_told(const char *want);

#endif
