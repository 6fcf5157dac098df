/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_FINDING_INTERNAL_H
#define HAWK_FINDING_INTERNAL_H
/* Private to this room. */
#include "src/finding/finding.h"

#define HAWK_FINDING_TEXT_MAX 1024     /* bytes of a message, of a value that is told */
#define HAWK_FINDING_EVIDENCE_TEXT 768 /* bytes of the data of an event among the evidence, in the event */

/* What the event of a finding borrows. */
struct hawk_finding_told {
	char id[HAWK_FINDING_ID_MAX];
	struct hawk_buf message, output, evidence;
	const struct hawk_process *ancestors[HAWK_ANCESTORS_MAX];
};

struct hawk_findings {
	struct hawk_findings_limits limits;
	char prefix[HAWK_FINDING_PREFIX_MAX + 1];
	uint64_t n; /* found so far */
	struct hawk_finding_told told[HAWK_SIG_DEPTH_MAX + 1];
	struct hawk_buf scratch;
};

/* Makes the event of FOUND in *RET, which borrows of T. */
void hawk_finding_tell(struct hawk_finding_told *t, struct hawk_buf *scratch, const struct hawk_sig_found *found,
		       const struct hawk_model *model, struct hawk_event *ret);
/*
 * The member NAME of the object JSON, as text. JSON is our own and may end anywhere; *ret_len then is what there
 * is. Returns false when it is not there.
 */
bool hawk_finding_member(const char *json, size_t len, const char *name, const char **ret, size_t *ret_len);

#endif
