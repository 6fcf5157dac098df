/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_DAEMON_INTEREST_H
#define HAWK_DAEMON_INTEREST_H
/*
 * Who wants which events: the enabled ones of the configuration and of
 * `event enable`, those of each client that traces, and those of policies and
 * signatures. What is collected is the union. The first two want each of them,
 * policies only those that match, signatures those that one can be about.
 * Control thread only.
 */
#include "src/collect/collect.h"
#include "src/derive/derive.h"
#include "src/finding/finding.h"
#include "src/sink/sink.h"

#define HAWK_EVENT_WORDS (HAWK_EVENTS_MAX / 64)
#define HAWK_FILTERS_MAX 64 /* of sinks and clients, of one event; with more it is sent whole */

/* Those who look at their events and tell what they find in them. */
enum hawk_judges {
	HAWK_POLICIES,
	HAWK_SIGNATURES,
	HAWK_JUDGES, /* how many */
};

struct hawk_interest;

/* COLLECT, SINKS and DERIVE are borrowed. Returns 0 or -ENOMEM. */
int hawk_interest_new(struct hawk_interest **ret, struct hawk_collect *collect, struct hawk_sinks *sinks,
		      struct hawk_derive *derive);
struct hawk_interest *hawk_interest_free(struct hawk_interest *i);
/*
 * The bits (rows of hawk_event_descs()) of a list of names, aliases and sets.
 * Returns 0, or -ENOENT with *ret_unknown one that is none (borrowed from NAMES).
 */
int hawk_interest_parse(char *const *names, size_t n, uint64_t bits[HAWK_EVENT_WORDS], const char **ret_unknown);
/* The same of system calls only: a name of another event is unknown, a set means those in it. */
int hawk_interest_parse_syscalls(char *const *names, size_t n, uint64_t bits[HAWK_EVENT_WORDS], const char **ret_unknown);
/* FINDINGS (borrowed, NULL: none) learn what is collected from the next change on. */
void hawk_interest_tell_findings(struct hawk_interest *i, struct hawk_findings *findings);
/* FN is called whenever who wants what has changed, after it was carried out; NULL: none. */
void hawk_interest_on_change(struct hawk_interest *i, void (*fn)(void *ctx), void *ctx);
/*
 * FN is called when less is collected than before and those who see events do not know it yet: what happened until
 * then is still theirs, so FN waits until it is delivered. NULL: nobody delivers.
 */
void hawk_interest_on_less(struct hawk_interest *i, void (*fn)(void *ctx), void *ctx);
/*
 * Replaces the enabled events; findings are always among them. Returns 0 or what hawk_collect_set_events says; then
 * the old ones stay, but for -EOPNOTSUPP.
 */
int hawk_interest_set_enabled(struct hawk_interest *i, const uint64_t bits[HAWK_EVENT_WORDS]);
/* Switches the events in BITS on or off, all at once. Returns 0; or what hawk_collect_set_events says: then nothing is changed. */
int hawk_interest_enable(struct hawk_interest *i, const uint64_t bits[HAWK_EVENT_WORDS], bool on);
bool hawk_interest_enabled(const struct hawk_interest *i, size_t row);
/*
 * From here on changes are only noted, until hawk_interest_release() carries them all out at once: at the start
 * programs are then loaded together, beside each other. That returns what hawk_interest_set_enabled() would.
 */
void hawk_interest_hold(struct hawk_interest *i);
int hawk_interest_release(struct hawk_interest *i);
/*
 * A line for people about enabled events and those of policies and signatures that this
 * kernel gives no way to observe; NULL: there are none. Valid until these events
 * change, which also logs it when it is another.
 */
const char *hawk_interest_impossible(const struct hawk_interest *i);
/*
 * Replaces the events that policies, or signatures, want. Returns 0 or what
 * hawk_collect_set_events says; their events are replaced in any case.
 */
int hawk_interest_set_judged(struct hawk_interest *i, enum hawk_judges by, const uint64_t bits[HAWK_EVENT_WORDS]);
/* Enabled, or wanted by a client, a policy or a signature. */
bool hawk_interest_wanted(const struct hawk_interest *i, size_t row);
/*
 * The events of which each one counts, matched by a policy or not: those that are
 * enabled or wanted by a client, and what they and those of policies and
 * signatures are made of.
 */
void hawk_interest_unfiltered(const struct hawk_interest *i, uint64_t ret_bits[HAWK_EVENT_WORDS]);
/*
 * Those of them that the kernel must send whatever anybody's predicate says. Of the others each one who sees them has
 * a filter: hawk_interest_filters().
 */
void hawk_interest_whole(const struct hawk_interest *i, uint64_t ret_bits[HAWK_EVENT_WORDS]);
/*
 * The filters of those who want an event (row) whether or not a policy matches it: it is for them when one is true.
 * Borrowed until sinks, clients or this change. Returns how many; 0 when nobody wants it so, or somebody wants all.
 */
size_t hawk_interest_filters(const struct hawk_interest *i, size_t row, const struct hawk_ir *ret[HAWK_FILTERS_MAX]);
/* While all records are RECORDED the kernel leaves nothing out for filters. */
void hawk_interest_set_recorded(struct hawk_interest *i, bool recorded);
/*
 * Adds a client's events, and looks what view of paths the sinks and
 * subscribers want; returns a handle >= 0, -ENODATA when that is not known, or
 * -errno.
 */
int hawk_interest_add(struct hawk_interest *i, const uint64_t *bits);
void hawk_interest_drop(struct hawk_interest *i, int handle);

#endif
