/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_CTL_CLIENT_H
#define HAWK_CTL_CLIENT_H
/* The connection to the daemon: one call, then its replies. Says on standard error what goes wrong. */
#include <stdbool.h>
#include <stdint.h>

#include "src/proto/frame.h"
#include "src/proto/message.h"

struct hawk_client {
	int fd;
	struct hawk_frames frames;
	const char *path; /* borrowed */
	bool lines;       /* replies that are just a line are given as HAWK_NEXT_LINE */
	struct hawk_buf line;
};

#define HAWK_CLIENT_INIT { .fd = -1, .line = { .max = HAWK_FRAME_MAX_REPLY } }

/* Connects to the socket PATH. Returns 0 or an exit code (ctl.h), said. */
int hawk_client_connect(struct hawk_client *c, const char *path);
void hawk_client_done(struct hawk_client *c);
/* Sends a call. Returns 0 or an exit code, said. */
int hawk_client_send(struct hawk_client *c, const char *method, const json_t *parameters, bool more);

enum hawk_client_next {
	HAWK_NEXT_REPLY,   /* *ret is filled; release it with hawk_reply_done */
	HAWK_NEXT_LINE,    /* a line of a stream, in client->line; more will follow */
	HAWK_NEXT_TIMEOUT, /* the deadline has passed */
	HAWK_NEXT_SIGNAL,  /* interrupted: SIGINT, SIGTERM or SIGHUP */
	HAWK_NEXT_FAILED,  /* lost connection or nonsense, said */
};

/*
 * Waits for the next reply until DEADLINE (CLOCK_MONOTONIC ns; 0: for ever).
 * IDLE is called before it has to wait (to flush what was written); may be NULL.
 */
enum hawk_client_next hawk_client_next(struct hawk_client *c, struct hawk_reply *ret, uint64_t deadline,
				       void (*idle)(void));

/* Says an error reply to a call of VERB on standard error and returns the exit code for it. */
int hawk_client_explain(const struct hawk_verb_desc *verb, const struct hawk_reply *reply);

/* Makes SIGINT, SIGTERM and SIGHUP end hawk_client_next with HAWK_NEXT_SIGNAL. */
void hawk_client_catch_signals(void);
/* CLOCK_MONOTONIC, ns. */
uint64_t hawk_client_now(void);

#endif
