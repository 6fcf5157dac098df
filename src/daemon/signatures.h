/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_DAEMON_SIGNATURES_H
#define HAWK_DAEMON_SIGNATURES_H
/*
 * The life of signatures: the files of the directories and those loaded by hand,
 * enabled or not; the set made of the enabled ones, and the change from one set
 * to the next, over which those that are the same keep their state. Control
 * thread only.
 */
#include "src/config/config.h"
#include "src/daemon/interest.h"
#include "src/daemon/pipeline.h"
#include "src/daemon/policies.h"
#include "src/daemon/problems.h"
#include "src/sig/engine.h"

struct hawk_signatures;

/*
 * INTEREST and POLICIES, which have the kernel send what signatures want, are borrowed. STATE_BYTES: of what they
 * remember. Returns 0 or -ENOMEM. There are no signatures yet.
 */
int hawk_signatures_new(struct hawk_signatures **ret, struct hawk_interest *interest, struct hawk_policies *policies,
			size_t state_bytes);
/* After the pipeline has ended. NULL is fine. */
struct hawk_signatures *hawk_signatures_free(struct hawk_signatures *s);

/* Owned by S; for the pipeline, which is the only one to use it once it runs. */
struct hawk_sig_engine *hawk_signatures_engine(const struct hawk_signatures *s);
/* The set in force, for the pipeline to start with; NULL: none. */
const struct hawk_sig_set *hawk_signatures_set(const struct hawk_signatures *s);
/* From now on PIPELINE (borrowed; NULL: none any more) is told of new sets. */
void hawk_signatures_set_pipeline(struct hawk_signatures *s, struct hawk_pipeline *pipeline);

/*
 * Reads the directories of CONFIG, for the next hawk_signatures_read() to put in force: policies that are read in
 * between may name what is there. Returns 0 or -errno.
 */
int hawk_signatures_parse(struct hawk_signatures *s, const struct hawk_config *config);
/*
 * Reads the directories of CONFIG anew. A file that is wrong is reported, and
 * what it held before stays. Returns 0 or -errno; then all stays as it was.
 */
int hawk_signatures_read(struct hawk_signatures *s, const struct hawk_config *config);
/* What is wrong with the files, one line for people; NULL: nothing. Until the next read. */
const char *hawk_signatures_problem(const struct hawk_signatures *s);
/* The files that are not loaded. Until the next read. */
const struct hawk_problems *hawk_signatures_problems(const struct hawk_signatures *s);

/*
 * Loads files in one change, all or none; with .replace in the place of those of the same names that were loaded so.
 * What one of them names may be in another. Returns 0, -EINVAL with *ret_why what is wrong with them (malloc'ed), or
 * -errno.
 */
int hawk_signatures_load(struct hawk_signatures *s, const struct hawk_policy_texts *texts, char **ret_why);
/* Unloads the file with the signature NAME (or id), loaded by hand. Returns 0, -ENOENT, -EPERM for one of a directory, or -errno. */
int hawk_signatures_unload(struct hawk_signatures *s, const char *name);
/* Turns one on or off until the daemon ends. Returns 0, 1 when it was so already, -ENOENT, or -errno. */
int hawk_signatures_enable(struct hawk_signatures *s, const char *name, bool on);

/* The I-th signature in the order of their names, or NULL. */
const struct hawk_sig *hawk_signatures_at(const struct hawk_signatures *s, size_t i);
/* The one with this name or id, or NULL. */
const struct hawk_sig *hawk_signatures_find(const struct hawk_signatures *s, const char *name);
bool hawk_signatures_enabled(const struct hawk_signatures *s, const struct hawk_sig *sig);
/* Whether it was loaded by somebody, not from a directory. */
bool hawk_signatures_by_hand(const struct hawk_signatures *s, const struct hawk_sig *sig);
/*
 * What the engine counted: in all, and of each signature, by hawk_signatures_at(); zero of those that are not in
 * force. *ret_each is malloc'ed, NULL without memory.
 */
void hawk_signatures_count(const struct hawk_signatures *s, struct hawk_sig_stats *ret, struct hawk_sig_counts **ret_each);

#endif
