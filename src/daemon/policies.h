/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_DAEMON_POLICIES_H
#define HAWK_DAEMON_POLICIES_H
/*
 * The life of policies: those of the directories and those loaded by hand,
 * enabled or not; the set made of the enabled ones, and the change from one set
 * to the next. Control thread only.
 */
#include "src/cgen/cgen.h"
#include "src/config/config.h"
#include "src/daemon/interest.h"
#include "src/daemon/pipeline.h"
#include "src/daemon/policylist.h"
#include "src/daemon/problems.h"

struct hawk_policies;

/* INTEREST and COLLECT are borrowed. Returns 0 or -ENOMEM. There are no policies yet. */
int hawk_policies_new(struct hawk_policies **ret, struct hawk_interest *interest, struct hawk_collect *collect);
/* After the pipeline has ended. */
/* FN is called before what is loaded is put in force, when that changes; when it fails nothing does. */
void hawk_policies_on_change(struct hawk_policies *p, int (*fn)(void *ctx), void *ctx);
struct hawk_policies *hawk_policies_free(struct hawk_policies *p);

/* Rules may name SIGNATURES (borrowed). */
void hawk_policies_set_names(struct hawk_policies *p, const struct hawk_policy_signatures *signatures);
const struct hawk_policy_signatures *hawk_policies_names(const struct hawk_policies *p);
/* What is read is not put in force before the signatures are told: at the start the kernel is told of both at once. */
void hawk_policies_await_signatures(struct hawk_policies *p);
/*
 * What the kernel sends for policies it sends for SIGNATURES (borrowed until the next call; NULL: none), too: what
 * it drops is for neither. Returns 0, or -errno: then the kernel goes on with those before.
 */
int hawk_policies_set_signatures(struct hawk_policies *p, const struct hawk_sig_set *signatures);

/* The set in force and its generation, for the pipeline to start with; NULL: none. */
const struct hawk_policy_set *hawk_policies_set(const struct hawk_policies *p, uint32_t *ret_generation);
/* From now on PIPELINE (borrowed; NULL: none any more) is told of new sets. */
void hawk_policies_set_pipeline(struct hawk_policies *p, struct hawk_pipeline *pipeline);

/*
 * Reads the directories of CONFIG anew. A file that did not change keeps its
 * policy and its counters, one that is wrong is reported and left out. What selects other
 * signatures than before, because there are others now, is made anew, also what was loaded by hand.
 * Returns 0 or -errno; then all stays as it was.
 */
int hawk_policies_read(struct hawk_policies *p, const struct hawk_config *config);
/* What is wrong with the files, one line for people; NULL: nothing. Until the next read. */
const char *hawk_policies_problem(const struct hawk_policies *p);
/*
 * A line for people about events whose filters, of policies or signatures, are not in the kernel: all of these are
 * sent and decided here. NULL: there are none. Valid until anybody wants other events.
 */
const char *hawk_policies_unloaded(const struct hawk_policies *p);
/* The first policy that kernel and daemon disagree on, which is a defect, or NULL. */
const struct hawk_policies_entry *hawk_policies_disagreed(const struct hawk_policies *p);
/* Frees what no record needs any more; to be called now and then. */
void hawk_policies_tick(struct hawk_policies *p);

/*
 * Loads policies in one change: those that are right; RET has the entry of each, NULL for those that are wrong,
 * which PROBLEMS tells of. Returns 0, or -errno: then none is loaded.
 */
int hawk_policies_load(struct hawk_policies *p, const struct hawk_policy_texts *texts,
		       const struct hawk_policies_entry **ret, struct hawk_problems *problems);
/* Unloads one that was loaded by hand. Returns 0, -ENOENT, -EPERM for one of a directory, or -errno. */
int hawk_policies_unload(struct hawk_policies *p, const char *name);
/* Turns one on or off until the daemon ends. Returns 0, -ENOENT, or -errno. */
int hawk_policies_enable(struct hawk_policies *p, const char *name, bool on);

/* The I-th policy in the order of the names, or NULL. */
const struct hawk_policies_entry *hawk_policies_entry(const struct hawk_policies *p, size_t i);
/* The one with this name, or NULL. */
const struct hawk_policies_entry *hawk_policies_find(const struct hawk_policies *p, const char *name);
/* The programs in force for an event (row of hawk_event_descs()); NULL: it is decided here. */
const struct hawk_cgen *hawk_policies_code(const struct hawk_policies *p, size_t row);
/* The bit of a policy in the set in force; -1: it is not in it. */
int hawk_policies_bit(const struct hawk_policies *p, const struct hawk_policies_entry *e);
/* How many matches of rule I of E the kernel has left out beyond the rule's limit per second. */
uint64_t hawk_policies_left_out(const struct hawk_policies *p, const struct hawk_policies_entry *e, size_t i);
/* hawk_policy_set_rule() of the set in force. */
bool hawk_policies_rule(const struct hawk_policies *p, const struct hawk_event_desc *desc, size_t i,
			struct hawk_policy_set_rule *ret);
/* The files that are not loaded. Until the next read. */
const struct hawk_problems *hawk_policies_problems(const struct hawk_policies *p);

#endif
