/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_ENRICH_CMDLINE_H
#define HAWK_ENRICH_CMDLINE_H
/*
 * Command lines of processes from /proc, read by a helper thread. They lie in
 * the memory of the process, which may be a mapping that never answers (FUSE, a
 * dead network file system): the reader then stands still, and nobody else. It
 * is left behind, and another one takes its place, a few times.
 *
 * Asking and taking belong to one thread (the pipeline's).
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hawk_cmdline;

/* Whose command line: EXEC_ID tells the image, and comes back with the answer. */
struct hawk_cmdline_question {
	uint32_t pid;
	uint64_t start; /* CLOCK_BOOTTIME ns */
	uint64_t exec_id;
};

struct hawk_cmdline_answer {
	struct hawk_cmdline_question of;
	uint8_t *bytes; /* strings, each with its NUL; the taker frees it; NULL: not told */
	uint32_t len;
	uint32_t full;  /* more than LEN when it was cut */
};

struct hawk_cmdline_stats {
	uint64_t read;    /* answers */
	uint64_t hung;    /* readers left behind */
	uint64_t dropped; /* questions that nobody answers: the queue was full, or no reader is left */
};

/* PROC_FD (directory of /proc) is borrowed for the call. MAX_QUESTIONS may wait. Returns 0 or -errno. */
int hawk_cmdline_new(struct hawk_cmdline **ret, int proc_fd, size_t max_questions);
/* Does not wait for a reader that stands still. NULL is fine. Returns NULL. */
struct hawk_cmdline *hawk_cmdline_free(struct hawk_cmdline *c);
/* An eventfd that becomes readable when there is an answer (borrowed). */
int hawk_cmdline_fd(const struct hawk_cmdline *c);

/* Returns true when the question waits for a reader, false when it was dropped. */
bool hawk_cmdline_ask(struct hawk_cmdline *c, const struct hawk_cmdline_question *q);
/* Waits until an answer can be taken, at most NS and not at all while a reader is slow. */
void hawk_cmdline_wait(struct hawk_cmdline *c, uint64_t ns);
/*
 * Takes an answer. Returns false when there is none. Also notices readers that stand still:
 * to be called every second or so.
 */
bool hawk_cmdline_take(struct hawk_cmdline *c, struct hawk_cmdline_answer *ret);
/* Waits until every question has its answer, at most NS. Any thread. */
void hawk_cmdline_settle(struct hawk_cmdline *c, uint64_t ns);
/* True when nobody waits for an answer that may still come. */
bool hawk_cmdline_idle(struct hawk_cmdline *c);
struct hawk_cmdline_stats hawk_cmdline_stats(struct hawk_cmdline *c);

#endif
