/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_TESTS_INTEGRITY_FIXTURE_H
#define HAWK_TESTS_INTEGRITY_FIXTURE_H
/* The made-up kernel of one test program, new for each test. */
#include "tests/unit/integrity/kernel.h"

static struct kernel k;

static int setup(void **state)
{
	(void)state;
	kernel_make(&k);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	kernel_done(&k);
	return 0;
}

#endif
