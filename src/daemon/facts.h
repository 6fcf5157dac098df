/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_DAEMON_FACTS_H
#define HAWK_DAEMON_FACTS_H
/*
 * What expressions may ask beyond the event (src/cel/model.h), answered from the
 * process table, the DNS cache, the packages of the host, the starts of
 * containers, and, when the host is there, the descriptors of its processes.
 * Used by one thread, that of the process table.
 */
#include "src/cel/model.h"
#include "src/derive/derive.h"
#include "src/enrich/proctab.h"
#include "src/package/package.h"

struct hawk_facts;

/* All borrowed. */
struct hawk_facts_parts {
	struct hawk_proctab *proctab;
	struct hawk_derive *derive;
	struct hawk_packages *packages; /* NULL: not known */
	bool live; /* the processes are there to be looked at; false: a replay */
};

/* Returns 0 or -ENOMEM. */
int hawk_facts_new(struct hawk_facts **ret, const struct hawk_facts_parts *parts);
struct hawk_facts *hawk_facts_free(struct hawk_facts *f);
/* PACKAGES (borrowed) are asked from now on. Before there is anybody who uses F. */
void hawk_facts_set_packages(struct hawk_facts *f, struct hawk_packages *packages);
/* Learns from EVENT, which is enriched; answers are as of its time from then on. */
void hawk_facts_event(struct hawk_facts *f, const struct hawk_event *event);
/* Owned by F. */
const struct hawk_model *hawk_facts_model(const struct hawk_facts *f);
/* Trees and parents alone. */
struct hawk_ir_env hawk_facts_env(struct hawk_proctab *proctab);
/* Containers that were forgotten for want of room. */
uint64_t hawk_facts_evicted(const struct hawk_facts *f);

#endif
