/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_DAEMON_DETECTING_H
#define HAWK_DAEMON_DETECTING_H
/*
 * The signatures' stage of the data path: what they find in an event. One
 * thread, that of the events.
 */
#include "src/daemon/facts.h"
#include "src/sig/engine.h"

struct hawk_detecting {
	struct hawk_sig_engine *engine; /* all borrowed; NULL: there are no signatures */
	const struct hawk_sig_set *set; /* in force; NULL: none */
	const struct hawk_model *model;
	hawk_sig_tell tell; /* what is found; it may deliver events, which the engine does not see */
	void *ctx;
	bool inside; /* a call of the engine */
};

/* From now on SET is in force. */
void hawk_detecting_switch(struct hawk_detecting *d, const struct hawk_sig_set *set);
/* Whether a signature in force looks at the event with this id. */
bool hawk_detecting_wants(const struct hawk_detecting *d, uint16_t event);
/* An event, enriched. */
void hawk_detecting_event(struct hawk_detecting *d, const struct hawk_event *event);
/* All events of before TIME (CLOCK_BOOTTIME ns) have been seen. */
void hawk_detecting_advance(struct hawk_detecting *d, uint64_t time);

#endif
