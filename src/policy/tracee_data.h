/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_POLICY_TRACEE_DATA_H
#define HAWK_POLICY_TRACEE_DATA_H
/* Filters of a rule on what an event says: its data, its result, its system call. Private to this room. */
#include "src/policy/tracee.h"

#define HAWK_TRACEE_FILTERS_MAX 64 /* on data, in a rule */

struct hawk_tracee_data {
	struct hawk_filter v[HAWK_TRACEE_FILTERS_MAX];
	size_t n;
	struct hawk_filter syscall[8]; /* on the system call that the event is about */
	size_t n_syscall;
};

/* Where a filter looks in an event. */
struct hawk_tracee_place {
	char field[128];     /* name for src/ir; empty: the event does not have it */
	enum hawk_type type; /* of what is compared */
};

/* True when F is about data or the result. */
bool hawk_tracee_is_data(const struct hawk_filter *f);
/* True when filters on events of DESC are more than filters: they tell the daemon what to look at. */
bool hawk_tracee_has_parameters(const struct hawk_event_desc *desc);
/* Finds what F is about in events of DESC. */
struct hawk_tracee_place hawk_tracee_place(const struct hawk_event_desc *desc, const struct hawk_filter *f);
/* True when Tracee tells what F is about in events of DESC, whether Sechawk does or not. */
bool hawk_tracee_promises(const struct hawk_event_desc *desc, const struct hawk_filter *f);
/* Adds to the list that DESC waits for that. Returns 0 or -ENOMEM. */
int hawk_tracee_lack(const struct hawk_event_desc *desc, const struct hawk_filter *f, char ***pending, size_t *n_pending);
/* Refuses a field that DESC does not have, with the nearest that it has. Returns -EINVAL. */
int hawk_tracee_refuse_field(struct hawk_policy_reader *r, const struct hawk_event_desc *desc,
			     const struct hawk_filter *f);

enum hawk_tracee_verdict { HAWK_TRACEE_NEVER, HAWK_TRACEE_MAYBE, HAWK_TRACEE_NOT_KNOWN };

/* What the filters on the system call say of events of DESC. */
enum hawk_tracee_verdict hawk_tracee_syscall(const struct hawk_tracee_data *data,
					     const struct hawk_event_desc *desc);

/* Appends the filters on data as they read for DESC to OUT, an AND. Returns 0, -EINVAL (told) or -ENOMEM. */
int hawk_tracee_data_print(struct hawk_policy_reader *r, const struct hawk_tracee_data *data,
			   const struct hawk_event_desc *desc, struct hawk_buf *out);

/* The same for the events of detectors: filters on the outputs of a finding. */
int hawk_tracee_output_print(struct hawk_policy_reader *r, const struct hawk_tracee_data *data, struct hawk_buf *out);

#endif
