/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_DAEMON_SIGNATURESHOW_H
#define HAWK_DAEMON_SIGNATURESHOW_H
/* Signatures as the answers of proto/verbs.def. All return a new object, or NULL without memory. */
#include <jansson.h>

#include "src/daemon/learning.h"
#include "src/daemon/signatures.h"

/* Rows of STRUCT(SIGNATURE): of those in the file PATH that was loaded by hand, NULL: of all. */
json_t *hawk_signatureshow_rows(const struct hawk_signatures *s, const char *path);
/* The answers of SignatureList, SignatureShow and SignatureStats; NOW is CLOCK_BOOTTIME ns. */
json_t *hawk_signatureshow_list(const struct hawk_signatures *s);
json_t *hawk_signatureshow_show(const struct hawk_signatures *s, const struct hawk_sig *sig);
json_t *hawk_signatureshow_stats(const struct hawk_signatures *s, uint64_t now);
/* That of SignatureLearn. */
json_t *hawk_signatureshow_learn(const struct hawk_signatures *s, struct hawk_learning *l, uint64_t now);

#endif
