/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_TESTS_UNIT_FORMAT_SAMPLE_H
#define HAWK_TESTS_UNIT_FORMAT_SAMPLE_H
/* An event with its processes, made by hand: for the tests and the benchmark of the formats. */
#include "src/event/event.h"
#include "src/event/process.h"

struct sample {
	struct hawk_event event;
	struct hawk_process process, parent;
};

/*
 * A shell of user 1000 below sshd, about to do the event NAME, whose data is
 * all absent. Sets the host namespaces.
 */
void sample_init(struct sample *s, const char *name);
/* Frees what formatters cached. */
void sample_done(struct sample *s);

/* The value of a data field, present from now on. The test fails when the event does not have it. */
struct hawk_value *sample_value(struct sample *s, const char *field);
void sample_number(struct sample *s, const char *field, int64_t v);
/* BYTES are borrowed. */
void sample_bytes(struct sample *s, const char *field, const void *bytes, size_t len);
/* The same for a string literal; with "\0" inside for a list, its last NUL included by _STRV. */
#define sample_str(s, field, text) sample_bytes(s, field, text, sizeof(text) - 1)
#define sample_strv(s, field, text) sample_bytes(s, field, text, sizeof(text))
/* A file_open as a busy host has them. */
void sample_file_open(struct sample *s);

#endif
