/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_TESTS_MAKE_EVENT_H
#define HAWK_TESTS_MAKE_EVENT_H
/* Events as the decoder would give them, made by hand. */
#include "src/event/event.h"

struct made {
	struct hawk_event event;
	struct hawk_abi_task task;
};

/* An event ID of process PID that started at START, seen at TIME; every data field is absent. */
void make_event(struct made *m, uint16_t id, uint32_t pid, uint64_t start, uint64_t time);
/* Gives the event facts: of the process itself, child of (PPID, PARENT_START). */
struct hawk_abi_task *make_task(struct made *m, uint32_t ppid, uint64_t parent_start);
/* Sets a data field to bytes, to a NUL-terminated text or to a number. The bytes are borrowed. */
void make_bytes(struct made *m, const char *field, const void *bytes, size_t len);
void make_text(struct made *m, const char *field, const char *text);
void make_number(struct made *m, const char *field, uint64_t v);
/* A fork by (PARENT, PARENT_START) of (PID, START). Time is START. */
void make_fork(struct made *m, uint32_t parent, uint64_t parent_start, uint32_t pid, uint64_t start);
/* An exec of EXE with arguments "ls" "-l", directory "/", no terminal, in demo.service; parent is (1, 1). */
void make_exec(struct made *m, uint32_t pid, uint64_t start, uint64_t time, const char *exe);

#endif
