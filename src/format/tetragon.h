/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_FORMAT_TETRAGON_H
#define HAWK_FORMAT_TETRAGON_H
/* The parts of the format "tetragon". */
#include "src/format/foreign.h"

struct hawk_tetragon_cached;

/* What a formatter keeps. */
struct hawk_tetragon {
	struct hawk_json json;
	char host[HOST_NAME_MAX + 1];
	struct hawk_buf tail;    /* },"node_name":"…","time":" */
	struct hawk_buf process; /* a process that is not kept */
	struct hawk_buf extra;   /* members of one process more */
	struct hawk_tetragon_cached *cached;
};

/* An argument that is made of several data fields of an event. */
struct hawk_tetragon_struct {
	const char *member; /* "bpf_map_arg" */
	size_t n;           /* 0: the event has none */
	struct {
		const char *key;
		uint16_t field;
	} part[4];
};

/* Finds that of an event (PART in tetragon.def), and marks its fields as USED. */
void hawk_tetragon_struct_find(struct hawk_tetragon_struct *st, const struct hawk_event_desc *desc,
			       bool used[static HAWK_EVENT_FIELDS_MAX]);
/* Appends it as an element of the list of arguments, with a comma first; nothing when the event has none. */
void hawk_tetragon_struct_put(struct hawk_tetragon *s, const struct hawk_tetragon_struct *st,
			      const struct hawk_event *event, struct hawk_buf *out);

/* Prepares a zeroed one. Returns 0 or -ENOMEM; to be undone in both cases. */
int hawk_tetragon_init(struct hawk_tetragon *s);
void hawk_tetragon_done(struct hawk_tetragon *s);

/*
 * Appends the process of the event as an object, with EXTRA, members with a
 * comma first, at its end. Its encoding is kept until the process changes.
 */
void hawk_tetragon_process(struct hawk_tetragon *s, const struct hawk_event *event, const struct hawk_buf *extra,
			   struct hawk_buf *out);
/* Appends the same of another process, without what is of the process of the event only. */
void hawk_tetragon_parent(struct hawk_tetragon *s, const struct hawk_process *parent, struct hawk_buf *out);
/* Appends the strings of STRV from the SKIP-th on as one JSON string, secrets hidden, those with a blank in quotes. */
void hawk_tetragon_arguments(struct hawk_tetragon *s, const struct hawk_value *strv, size_t skip,
			     struct hawk_buf *out);
/* Appends a number as Protobuf writes those of 64 bits in JSON: in quotes. */
void hawk_tetragon_quoted(struct hawk_buf *out, uint64_t v, bool is_signed);
/* What an exec tells of its file: ,"binary_properties":{…}, or nothing when nothing is special. */
void hawk_tetragon_binary(const struct hawk_event *event, struct hawk_buf *out);
/* ,"signal":"SIGKILL","status":1,"time":"…", each when there is one. */
void hawk_tetragon_exit(struct hawk_tetragon *s, const struct hawk_event *event, struct hawk_buf *out);

#endif
