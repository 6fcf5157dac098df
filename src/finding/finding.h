/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_FINDING_FINDING_H
#define HAWK_FINDING_FINDING_H
/*
 * Findings: what signatures found, kept with the story of each: the process and
 * those it comes from, the events that made it, the findings that led to it and
 * the last events of its process tree. Fixed memory, the oldest go first.
 */
#include "src/base/buf.h"
#include "src/sig/engine.h"

struct hawk_findings;

struct hawk_findings_limits {
	size_t bytes;         /* of the findings kept; default 16 MiB when 0 */
	size_t context_bytes; /* of the raw records kept for the time before a finding; default 4 MiB when 0 */
	uint64_t context_ns;  /* how far back; default 10 s when 0 */
};

int hawk_findings_new(struct hawk_findings **ret, const struct hawk_findings_limits *limits);
struct hawk_findings *hawk_findings_free(struct hawk_findings *f);

#endif
