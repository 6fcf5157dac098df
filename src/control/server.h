/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_CONTROL_SERVER_H
#define HAWK_CONTROL_SERVER_H
/*
 * The inside of the control server: the server, its sessions (one per
 * connection) and what verb handlers use. All of it runs on the control
 * thread, but for hawk_session_wake.
 */
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "src/base/buf.h"
#include "src/control/control.h"
#include "src/control/peer.h"
#include "src/proto/frame.h"
#include "src/proto/message.h"

/*
 * More output is made by a job only below this; what waits longer stays where it can be dropped and counted.
 */
#define HAWK_OUTPUT_LOW (64 * 1024)
/* One reply as long as a client may leave unread fits behind what a job leaves waiting. */
#define HAWK_OUTPUT_MAX(control) ((control)->options.client_bytes + HAWK_OUTPUT_LOW + 64)
#define HAWK_EVENT_WORDS (HAWK_EVENTS_MAX / 64)

struct hawk_session;

/* A call that takes more than one step: a stream, a long list, a measurement. */
struct hawk_job {
	/*
	 * Makes output; called when there is room and after hawk_session_wake.
	 * Returns 1 when the call is finished, 0 to be called again, or -errno:
	 * the session then ends.
	 */
	int (*run)(struct hawk_session *s, struct hawk_job *job);
	/* Undoes everything; also when the client disconnects. */
	void (*free)(struct hawk_session *s, struct hawk_job *job);
	size_t bytes; /* of memory it holds or may come to hold by itself, charged to the client */
};

struct hawk_session {
	struct hawk_session *prev, *next;
	struct hawk_control *control;
	int fd;
	sd_event_source *io;
	sd_event_source *again; /* more calls are waiting in the input */
	struct hawk_peer peer;
	enum hawk_role role;
	struct hawk_frames in;
	struct hawk_buf out;
	size_t sent;   /* bytes of out that are gone */
	bool eof;      /* the client sends no more */
	bool closing;  /* ends when the output is gone */
	bool broken;   /* ends at the next chance, output or not */
	/* The call being served. */
	struct hawk_call call;
	const struct hawk_verb_desc *verb;
	bool audit;    /* the outcome is written to the journal */
	char outcome[160];
	struct hawk_job *job;
	atomic_bool woken;
	size_t charged; /* bytes, part of the server's sum */
};

struct hawk_control {
	sd_event *event;
	int listen_fd, wake_fd;
	sd_event_source *listen, *wake, *listen_again;
	struct hawk_control_options options; /* strings are owned */
	const struct hawk_control_ops *ops;
	void *ctx;
	struct hawk_access access;
	/* Tests replace these two. */
	enum hawk_role (*role_of)(const struct hawk_peer *peer, const struct hawk_access *access);
	void (*audit)(const char *text);
	struct hawk_session *sessions;
	unsigned int n_sessions;
	size_t charged;             /* bytes that all sessions hold */
	struct hawk_buf one_event, one_reply; /* of the stream that has its turn */
	uint64_t refused;
	unsigned int stats_users;   /* windows in which programs are measured */
	struct hawk_job *recorder;  /* the one that records */
	uint64_t denials_since;     /* limiter of audit entries about refusals */
	unsigned int denials;
};

/* --- sessions --- */

/* Takes FD over. Returns 0 or -errno. */
int hawk_session_new(struct hawk_control *control, int fd);
struct hawk_session *hawk_session_free(struct hawk_session *s);
/* Goes on with a session: its job, waiting calls, output. May free it. */
void hawk_session_turn(struct hawk_session *s);
/* Any thread: the session gets a turn soon. */
void hawk_session_wake(struct hawk_session *s);
/* Bytes that wait to be written. */
static inline size_t hawk_session_pending(const struct hawk_session *s)
{
	return s->out.len - s->sent;
}
/* --- memory.c: what clients hold, together at most options.clients_bytes --- */

/* Whether one more client may come. */
bool hawk_memory_admits(const struct hawk_control *c);
/* Counts anew what S holds; after whatever changed it. */
void hawk_session_charge(struct hawk_session *s);
/* How many bytes more S may come to hold. */
size_t hawk_session_room(struct hawk_session *s);
/* The same for what a job holds for as long as it lives: some is left for short calls of others. */
size_t hawk_session_room_for_job(struct hawk_session *s);
/* Bytes that the output of S may grow to now. */
size_t hawk_session_output_max(struct hawk_session *s);
/* The members of the error ClientsTooLarge. */
json_t *hawk_memory_limit(const struct hawk_control *c);
/* Answers that there is no memory left. Returns 0 or -errno, like hawk_reply_error. */
int hawk_reply_too_large(struct hawk_session *s);

/* Finds the verb of the call in S, checks it and serves it. */
void hawk_dispatch(struct hawk_session *s);

/* --- replies; the JSON is taken over in every case; NULL counts as out of memory --- */

int hawk_reply(struct hawk_session *s, json_t *parameters);
int hawk_reply_more(struct hawk_session *s, json_t *parameters);
int hawk_reply_error(struct hawk_session *s, const char *error, json_t *parameters);
/* org.sechawk.Control.Failed with a message for people. */
int hawk_reply_failed(struct hawk_session *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* org.sechawk.Control.Failed with WHY, which is freed, or what ERR means when it is NULL. */
int hawk_reply_why(struct hawk_session *s, const char *what, int err, char *why);
/*
 * A reply whose parameters are already text (a JSON object, may hold the
 * native form of bad bytes). Returns 0, -E2BIG when it does not fit, -ENOBUFS
 * when it is the memory of all clients that is used up, -ENOMEM.
 */
int hawk_reply_text(struct hawk_session *s, struct hawk_buf *parameters, bool continues);

/* --- for handlers --- */

/*
 * A handler replies, or starts a job by setting s->job, and returns 0; or it
 * returns -errno, which becomes a general failure; -ENOBUFS means that the
 * clients' memory is used up.
 */
#define HANDLER_ONCE(token) int hawk_do_##token(struct hawk_session *s, const json_t *args);
#define HANDLER_MANY(token) HANDLER_ONCE(token)
#define HANDLER_STREAM(token) HANDLER_ONCE(token)
#define HANDLER_LOCAL(token)
#define VERB(token, method, words, role, kind, help, details) HANDLER_##kind(token)
#include "src/proto/verbs.def"
#undef HANDLER_ONCE
#undef HANDLER_MANY
#undef HANDLER_STREAM
#undef HANDLER_LOCAL

/* verb_policy.c: answers that there is no KIND (policy, signature) with NAME. */
int hawk_reply_none(struct hawk_session *s, const char *kind, const char *name);
/*
 * The arguments "texts", "paths" and "replace"; the strings are those of ARGS. Returns 0 and the caller frees ret->v, or
 * -EINVAL with *ret_why (malloc'ed), or -ENOMEM.
 */
int hawk_args_texts(const json_t *args, struct hawk_policy_texts *ret, char **ret_why);
/*
 * Does FN to each of the argument "names" until one fails; answers with those that it changed (for which it
 * returned 0, not 1).
 */
int hawk_reply_each(struct hawk_session *s, const json_t *args, const char *kind,
		    int (*fn)(struct hawk_control *c, const char *name, char **ret_why));

/*
 * Sets the bits (rows of hawk_event_descs()) of the public events in LIST, an
 * array of names, aliases and sets. Returns 0, or -ENOENT with *ret_name.
 */
int hawk_events_resolve(const json_t *list, uint64_t bits[static HAWK_EVENT_WORDS], const char **ret_name);
static inline bool hawk_bit(const uint64_t *bits, size_t i)
{
	return bits[i / 64] >> (i % 64) & 1;
}
static inline void hawk_bit_set(uint64_t *bits, size_t i)
{
	bits[i / 64] |= 1ULL << (i % 64);
}
/* Answers that no event has NAME, or that it is to come. */
int hawk_reply_no_event(struct hawk_session *s, const char *name);
/* "a,b" as a JSON array of strings; NULL: out of memory. */
json_t *hawk_json_words(const char *list);
/* Text as a JSON string, bytes that are not UTF-8 replaced; never NULL but for want of memory. */
json_t *hawk_json_text(const char *text);
/* A counter; JSON integers are signed. */
static inline json_t *hawk_json_u64(uint64_t v)
{
	return json_integer((json_int_t)(v > INT64_MAX ? INT64_MAX : v));
}
/* verb_dns.c: appends the targets of P (NULL: of all processes) as a list; DERIVE may be NULL. Pipeline thread. */
void hawk_put_targets(struct hawk_buf *out, struct hawk_derive *derive, const struct hawk_process *p);
/* A row of STRUCT(COST). */
json_t *hawk_json_cost(const struct hawk_prog_cost *cost);
/*
 * Counters of one event, or of all of them (RET has HAWK_EVENT_ID_MAX): of the kernel, and of what the daemon made of
 * others. Returns 0 or -errno: there are none.
 */
int hawk_event_counts(struct hawk_control *c, uint16_t event, struct hawk_abi_counts *ret);
int hawk_all_event_counts(struct hawk_control *c, struct hawk_abi_counts *ret);
/* Rows of STRUCT(COUNTS) and of STRUCT(ALTERNATIVE) for an event. */
json_t *hawk_json_counts(const char *event, const struct hawk_abi_counts *counts);
json_t *hawk_json_alternatives(struct hawk_control *c, size_t row);
/* verb_event.c: what the planner made of an event, as its members "probe" or "problem". EVENT may be NULL. */
void hawk_json_add_plan(struct hawk_control *c, const struct hawk_event_desc *d, size_t row, json_t *event);
/* Its counters, and what the programs of the chosen alternative took: the kernel keeps that while it measures. */
json_t *hawk_json_event_counts(struct hawk_control *c, const struct hawk_event_desc *d);
json_t *hawk_json_event_costs(struct hawk_control *c, const struct hawk_event_desc *d, size_t row);
/* The sinks as STRUCT(SINK) rows. */
json_t *hawk_json_sinks(struct hawk_control *c);

#endif
