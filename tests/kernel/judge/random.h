/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_TEST_RANDOM_H
#define HAWK_TEST_RANDOM_H
/* Predicates and events that meet often: both take their values from small sets. */
#include <stdbool.h>

#include "src/base/buf.h"
#include "src/decode/decode.h"
#include "src/event/process.h"
#include "src/ir/ir.h"
#include "tests/lib/record.h"

void random_start(uint64_t seed);
size_t random_below(size_t n);

/* An event that can be filtered: bulk, with data. */
const struct hawk_event_desc *random_desc(void);

/* What a predicate may be about. */
enum random_about {
	RANDOM_PROCESS = 1, /* facts of the process */
	RANDOM_DATA = 2,
	RANDOM_ALL = 3,
};

/* A predicate over events of DESC, never NULL. */
struct hawk_ir *random_predicate(const struct hawk_event_desc *desc, enum random_about about);

struct vector {
	struct test_record record;
	struct hawk_event event;
	struct hawk_process process;
	struct hawk_process parent;
	uint8_t nodename[72];
	uint8_t exe[64], unit[32];
	bool clear; /* the kernel can know every value: nothing cut, missing or with a NUL in it */
};

/* Makes an event of DESC and what is around it; decoded by D. */
void random_vector(struct vector *v, const struct hawk_event_desc *desc, struct hawk_decoder *d);
/*
 * The place of every PATH variable from the root, as a program makes it: *ret has bits 0 for one that is not
 * known.
 */
void vector_text(const struct vector *v, const struct hawk_event_desc *desc, uint16_t text_at,
		 struct hawk_abi_text *ret);

#endif
