/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_SYMBOL_SYMBOLS_H
#define HAWK_SYMBOL_SYMBOLS_H
/*
 * symbols_loaded and symbols_collision, made of shared_object_loaded: the
 * library is opened as its process sees it and read by a helper thread, which
 * may stand still on a dead file system. It is then left behind with what it
 * knew, and another one takes its place, three times.
 *
 * Asking and taking belong to one thread (the pipeline's).
 */
#include "src/event/event.h"
#include "src/symbol/library.h"

struct hawk_symbols;

#define HAWK_SYMBOLS_READERS 4 /* when so many stand still no more libraries are read */

/* What is wanted of a library. */
#define HAWK_SYMBOLS_LOADED 1U
#define HAWK_SYMBOLS_COLLISION 2U

struct hawk_symbols_stats {
	uint64_t read;    /* files */
	uint64_t failed;  /* files that could not be opened any more, or that are others by now */
	uint64_t dropped; /* libraries that nobody looked at, events without room: too many at once, or readers hang */
	uint64_t partly;  /* libraries that were not compared with all, since others of the process were forgotten */
	uint64_t hung;    /* readers left behind */
};

/* PROC_FD (directory of /proc) is borrowed for the call. Returns 0 or -errno. */
int hawk_symbols_new(struct hawk_symbols **ret, int proc_fd);
/* Does not wait for a reader that stands still. NULL is fine. Returns NULL. */
struct hawk_symbols *hawk_symbols_free(struct hawk_symbols *s);
/* Copies CONFIG; libraries are read anew. Any thread. Returns 0 or -ENOMEM. */
int hawk_symbols_configure(struct hawk_symbols *s, const struct hawk_symbols_config *config);
/* An eventfd that becomes readable when there is an event to take (borrowed). */
int hawk_symbols_fd(const struct hawk_symbols *s);

/* Has the library of EVENT, a shared_object_loaded, looked at. WANTED: HAWK_SYMBOLS_*. Does not wait. */
void hawk_symbols_ask(struct hawk_symbols *s, const struct hawk_event *event, unsigned int wanted);
/*
 * The next event that was made, with the time and header of the one that it was
 * made of and no process; valid until the next call. NULL: none. Also notices a
 * reader that stands still: to be called every second or so.
 */
struct hawk_event *hawk_symbols_take(struct hawk_symbols *s);
struct hawk_symbols_stats hawk_symbols_stats(struct hawk_symbols *s);

#endif
