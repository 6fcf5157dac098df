/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_POLICY_FILTERS_H
#define HAWK_POLICY_FILTERS_H
/* Filters as Tracee has them outside of policies: those of its detectors. */
#include "src/base/diag.h"
#include "src/event/event.h"
#include "src/ir/ir.h"
#include "src/yaml/reader.h"

struct hawk_tracee_lowered {
	struct hawk_ir *ir; /* what is left of the filters; NULL: true */
	bool started;       /* container=started was among them, which is not in IR: a container whose start was seen */
	char **pending;     /* what is missing */
	size_t n_pending;
};

/*
 * Reads filters for events of DESC, or, when that is NULL, for findings, whose outputs are the data: DATA, a list such as ["pathname=/tmp/x*"], and SCOPE, ["container", "uid=0"];
 * each may be NULL. Returns 0, -EINVAL (told) or -ENOMEM.
 */
int hawk_tracee_lower(struct hawk_yaml_reader *yaml, const struct hawk_event_desc *desc,
		      const struct hawk_yaml_node *data, const struct hawk_yaml_node *scope,
		      struct hawk_tracee_lowered *ret);
void hawk_tracee_lowered_done(struct hawk_tracee_lowered *l);

#endif
