/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/cleanup.h"
#include "src/finding/internal.h"

#define BYTES_DEFAULT ((size_t)16 * 1024 * 1024)
#define CONTEXT_BYTES_DEFAULT ((size_t)4 * 1024 * 1024)
#define CONTEXT_NS_DEFAULT (10ULL * 1000 * 1000 * 1000)

int hawk_findings_new(struct hawk_findings **ret, const struct hawk_findings_limits *limits)
{
	struct hawk_findings *f = calloc(1, sizeof(*f));

	if (!f)
		return -ENOMEM;
	f->limits = *limits;
	f->limits.bytes = limits->bytes ? limits->bytes : BYTES_DEFAULT;
	f->limits.context_bytes = limits->context_bytes ? limits->context_bytes : CONTEXT_BYTES_DEFAULT;
	f->limits.context_ns = limits->context_ns ? limits->context_ns : CONTEXT_NS_DEFAULT;
	snprintf(f->prefix, sizeof(f->prefix), "%s", limits->prefix ? limits->prefix : "0");
	*ret = f;
	return 0;
}

struct hawk_findings *hawk_findings_free(struct hawk_findings *f)
{
	if (!f)
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(f->told); i++) {
		hawk_buf_done(&f->told[i].message);
		hawk_buf_done(&f->told[i].output);
		hawk_buf_done(&f->told[i].evidence);
	}
	hawk_buf_done(&f->scratch);
	free(f);
	return NULL;
}

void hawk_findings_prefix(const char *boot_id, uint64_t start, char ret[static HAWK_FINDING_PREFIX_MAX + 1])
{
	uint64_t h = 0xcbf29ce484222325ULL; /* FNV-1a */

	for (const char *p = boot_id; *p && *p != '\n'; p++)
		h = (h ^ (uint8_t)*p) * 0x100000001b3ULL;
	for (int i = 0; i < 8; i++)
		h = (h ^ (uint8_t)(start >> 8 * i)) * 0x100000001b3ULL;
	snprintf(ret, HAWK_FINDING_PREFIX_MAX + 1, "%08" PRIx32, (uint32_t)(h ^ h >> 32));
}

void hawk_findings_add(struct hawk_findings *f, const struct hawk_sig_found *found, const struct hawk_model *model,
		       struct hawk_event *ret)
{
	unsigned int depth = found->depth <= HAWK_SIG_DEPTH_MAX ? found->depth : HAWK_SIG_DEPTH_MAX;
	struct hawk_finding_told *t = &f->told[depth];

	snprintf(t->id, sizeof(t->id), "%s-%" PRIu64, f->prefix, ++f->n);
	hawk_finding_tell(t, &f->scratch, found, model, ret);
}
