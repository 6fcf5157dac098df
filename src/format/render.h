/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_FORMAT_RENDER_H
#define HAWK_FORMAT_RENDER_H
/* What the formats share. Private to this room. */
#include <limits.h>

#include "src/event/field.h"
#include "src/format/format.h"

/* Bound of one value before escaping: the longest argv when each short secret in it became a long mark. */
#define HAWK_FORMAT_VALUE_MAX ((size_t)8 * HAWK_LONG_BYTES)

/* What the caller of hawk_format_new wants. */
struct hawk_format_wish {
	const char *text; /* what follows "name=" in the description; NULL for formats without an argument */
	bool terminal;    /* colour may be used */
};

/* A format; each row of formats.def has one, hawk_format_NAME. */
struct hawk_format_ops {
	/* Makes *RET, the state that the others get. Errors as of hawk_format_new. */
	int (*open)(void **ret, const struct hawk_format_wish *wish, char **ret_why);
	void (*close)(void *state);
	/* Appends the line before the first event; NULL: there is none. */
	void (*head)(void *state, struct hawk_buf *out);
	/* Appends the event and a newline. An error stays in OUT. */
	void (*event)(void *state, const struct hawk_event *event, struct hawk_buf *out);
};

#define FORMAT(name, json, argument, doc) extern const struct hawk_format_ops hawk_format_##name;
#include "src/format/formats.def"
#undef FORMAT

/* The name of the host for formats that need it: what hawk_format_set_host set, or the host's own. */
void hawk_format_host(char ret[HOST_NAME_MAX + 1]);

/* RFC 3339 dates by second: the calendar is worked out once per second, not once per event. */
struct hawk_stamps {
	struct {
		uint64_t next; /* the second after this one; 0: unused */
		char text[19];  /* "2026-01-02T03:04:05" */
	} row[16];
};

/* Appends NS (since 1970) as "2026-01-02T03:04:05.123456789Z". */
void hawk_stamp_put(struct hawk_stamps *stamps, struct hawk_buf *out, uint64_t ns);

/*
 * JSON of small numbers that print as names ("[\"O_RDONLY\"]"), by value: a
 * busy host uses few different ones. Direct-mapped.
 */
struct hawk_snippets {
	struct {
		uint64_t value;
		uint32_t context;
		uint8_t type;
		uint8_t len; /* 0: unused */
		char text[114];
	} row[64];
};

/* JSON of what the kernel says about who a process is: most processes of a host share a few sets of it. Direct-mapped. */
struct hawk_json_facts {
	struct hawk_abi_task task; /* what is of one process alone is 0 */
	struct hawk_host_ns host;
	uint16_t len; /* 0: unused */
	char text[1200];
};
#define HAWK_JSON_FACTS 8

/* What the JSON writers need beside the value. */
struct hawk_json {
	struct hawk_stamps stamps;
	struct hawk_snippets snippets;
	struct hawk_buf scratch;  /* a value as text, before escaping */
	struct hawk_buf redacted; /* argv or environment without secrets */
	struct hawk_buf process;  /* encoding of a process */
	struct hawk_json_facts facts[HAWK_JSON_FACTS];
	int64_t boot_offset;      /* CLOCK_BOOTTIME to CLOCK_REALTIME, ns */
};

void hawk_json_done(struct hawk_json *j);

/* How a type looks in JSON. */
enum hawk_json_how {
	HAWK_JSON_NONE,   /* not shown */
	HAWK_JSON_UINT,
	HAWK_JSON_SINT,
	HAWK_JSON_BOOL,
	HAWK_JSON_HEX,    /* "0x7f" */
	HAWK_JSON_BOOTTIME,
	HAWK_JSON_WALLTIME,
	HAWK_JSON_LIST,   /* names of bits: ["A","B"] */
	HAWK_JSON_NAME,   /* "SIGKILL"; a number when it has no name */
	HAWK_JSON_TEXT,   /* as hawk_value_print prints it */
	HAWK_JSON_IP,
	HAWK_JSON_STRING,
	HAWK_JSON_STRINGS,
	HAWK_JSON_BYTES,  /* hexadecimal digits */
	HAWK_JSON_SOCKADDR,
	HAWK_JSON_STRUCT,
};
enum hawk_json_how hawk_json_how(enum hawk_type type);

/* A member of an object: its key and how its value is written. */
struct hawk_json_key {
	const char *text; /* ,"pathname": */
	uint16_t len;
	uint8_t type; /* enum hawk_type */
	uint8_t how;  /* enum hawk_json_how */
	bool roomy;   /* there are HAWK_JSON_KEY_ROOM bytes at text, whatever len is */
};
/* A copy of a constant length is a few moves, and no call. */
#define HAWK_JSON_KEY_ROOM 32

/* Makes ,"NAME": for KEY; HOW follows from TYPE. Returns 0 or -ENOMEM. */
int hawk_json_key_init(struct hawk_json_key *key, const char *name, enum hawk_type type);

/*
 * Appends the member, comma first, and what there is to say about the value
 * ("argv_truncated":true). Nothing when it is absent.
 */
void hawk_json_member(struct hawk_json *j, const struct hawk_json_key *key, const struct hawk_value *v,
		      struct hawk_buf *out);
/* Appends only the value. */
void hawk_json_value(struct hawk_json *j, const struct hawk_json_key *key, const struct hawk_value *v,
		     struct hawk_buf *out);

/*
 * A list of strings with its secrets hidden: borrowed from V, or from J until the next call. Returns 0, or an error
 * when it could not be hidden: then nothing of it may be shown.
 */
int hawk_json_hidden(struct hawk_json *j, const struct hawk_value *v, const uint8_t **ret_strv, size_t *ret_len);

/* A flag of a value and what it is called: a member NAME has a NAME_mark beside it that is true. */
struct hawk_json_mark {
	uint32_t flag; /* HAWK_VAL_* */
	const char *name;
};

/* All of them; constant. */
const struct hawk_json_mark *hawk_json_marks(size_t *ret_n);

/* The text of a value, from hawk_value_print, until the next one; NULL when there was no memory. */
const struct hawk_buf *hawk_json_print(struct hawk_json *j, enum hawk_type type, const struct hawk_value *v);
/* Appends the bits that hawk_value_print printed as "A|B" as ["A","B"], and "0" as []. */
void hawk_json_list(struct hawk_buf *out, const char *text, size_t len);

/*
 * Objects: members are written with a comma first; the comma of the first
 * member becomes the brace. START is where the object began.
 */
static inline void hawk_json_close(struct hawk_buf *out, size_t start)
{
	if (out->error)
		return;
	if (out->len == start)
		hawk_buf_putc(out, '{');
	else
		out->data[start] = '{';
	hawk_buf_putc(out, '}');
}

/* The same for lists: the comma of the first element becomes the bracket. */
static inline void hawk_json_close_list(struct hawk_buf *out, size_t start)
{
	if (out->error)
		return;
	if (out->len == start)
		hawk_buf_putc(out, '[');
	else
		out->data[start] = '[';
	hawk_buf_putc(out, ']');
}

/* Prepares the tables of keys, once per program. Returns 0 or -ENOMEM. Any thread. */
int hawk_json_prepare(void);
/* Prepares the keys of processes; called by hawk_json_prepare. Returns 0 or -ENOMEM. */
int hawk_json_process_prepare(void);

/* Appends "process":{…} and "parent":{…} of the event, each with a comma first, as far as known. */
void hawk_json_processes(struct hawk_json *j, const struct hawk_event *event, struct hawk_buf *out);

/* The names of policies, a STRV, as a JSON list. */
void hawk_json_policies(const struct hawk_value *policies, struct hawk_buf *out);

/* Fields of the process that have a column of their own. */
enum hawk_column {
	HAWK_COLUMN_PPID,
	HAWK_COLUMN_UID,
	HAWK_COLUMN_EXE,
	HAWK_COLUMN_UNIT,
	HAWK_COLUMN_CGROUP,
	HAWK_TEXT_COLUMNS,
};

/* What the formats for people need. */
struct hawk_text {
	struct hawk_buf scratch;  /* a value as text, before escaping */
	struct hawk_buf redacted; /* argv or environment without secrets */
	struct hawk_buf cell;     /* an escaped value, before quoting */
	struct hawk_stamps stamps;
	struct hawk_field column[HAWK_TEXT_COLUMNS];
	int64_t boot_offset;      /* CLOCK_BOOTTIME to CLOCK_REALTIME, ns */
	uint64_t clock_next;      /* the second after that of .clock; 0: unused */
	char clock[9];            /* local time, "12:34:56" */
};

/*
 * Allocates SIZE zeroed bytes that begin with a struct hawk_text and prepares
 * that. Returns 0, -ENOMEM or -ENOENT (a field that a column needs is not in the tables).
 */
int hawk_text_new(void **ret, size_t size);
void hawk_text_done(struct hawk_text *t);
/* Appends a value as people read it, secrets hidden, escaped for a terminal. */
void hawk_text_value(struct hawk_text *t, enum hawk_type type, const struct hawk_value *v,
		     struct hawk_buf *out);
/* Appends a column; nothing when the event does not have it. */
void hawk_text_column(struct hawk_text *t, enum hawk_column column, const struct hawk_event *event,
		      struct hawk_buf *out);
/* Appends the name of the thread. */
void hawk_text_comm(const struct hawk_event *event, struct hawk_buf *out);
/* Appends the names of the policies that matched, a comma between; nothing when none did. */
void hawk_text_policies(const struct hawk_event *event, struct hawk_buf *out);
/* Appends all data as key=value, a blank between. */
void hawk_text_pairs(struct hawk_text *t, const struct hawk_event *event, struct hawk_buf *out);
/* Data field I of the event (-1: none), or NULL when there is nothing to show. */
const struct hawk_value *hawk_text_shown(const struct hawk_event *event, int i);
/* True for a field that is shown: padding of the wire has no description, a task is not a value. */
bool hawk_field_shown(const struct hawk_field_desc *field);

#endif
