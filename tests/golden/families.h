/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_TESTS_GOLDEN_FAMILIES_H
#define HAWK_TESTS_GOLDEN_FAMILIES_H
/* A few events of each family, as they are seen on a host, for the stored output. */
#include "tests/unit/format/sample.h"

size_t families_count(void);
/* Makes event I of families_count(); sample_done when it was written. */
void families_make(size_t i, struct sample *s);

#endif
