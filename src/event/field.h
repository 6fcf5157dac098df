/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_EVENT_FIELD_H
#define HAWK_EVENT_FIELD_H
/*
 * Access to every field of an event by name: "event", "time", "data.pathname",
 * "process.uid", "process.ns.mnt.inode", "parent.exe", … One table; filters,
 * formats, templates and manual pages read it.
 */
#include "src/event/event.h"
#include "src/event/process.h"

enum hawk_field_scope {
	HAWK_SCOPE_EVENT,   /* event, time, seq: rows of event.def */
	HAWK_SCOPE_PROCESS, /* process.…: rows of enriched.def and task.def */
	HAWK_SCOPE_PARENT,  /* parent.…: the same rows */
	HAWK_SCOPE_PREVIOUS, /* data.previous.…: credentials that an exec changed */
	HAWK_SCOPE_DATA,    /* data.…: depends on the event */
};

/*
 * A field that a name was resolved to. A data field is resolved by name at
 * access: its column and type differ by event.
 */
struct hawk_field {
	enum hawk_field_scope scope;
	enum hawk_type type; /* of a data field: that of the first event that has it, see hawk_field_type() */
	int index;           /* row in its table; data: row of that first event in hawk_event_descs() */
	const char *name;    /* canonical: "process.uid"; of a data field without the head: "pathname" */
	const char *doc;
};

/*
 * Finds a field. Short forms: "pid" "tid" "comm" "exe" "uid" … mean process.…,
 * "policy" means policies, "event" is itself. Returns 0, or -ENOENT (no such field on any event).
 */
int hawk_field_find(const char *name, struct hawk_field *ret);

/* The type of FIELD in events of DESC ("data.flags" differs), or HAWK_T_MAX when they do not have it. */
enum hawk_type hawk_field_type(const struct hawk_field *field, const struct hawk_event_desc *desc);

/*
 * Reads FIELD from EVENT. *ret borrows from the event and its process.
 * Returns 0, or -ENODATA when this event does not have it or it is absent.
 */
int hawk_field_get(const struct hawk_field *field, const struct hawk_event *event, struct hawk_value *ret);

/*
 * Number of process fields and the I-th of them, for formats and tables. Names
 * are "process.…"; those with a common head ("process.ns.mnt.") stand together.
 * process.tid is not among them: it belongs to the event.
 */
size_t hawk_process_fields(void);
const struct hawk_field *hawk_process_field(size_t i);
/* Reads the I-th process field from a process. Returns 0 or -ENODATA. */
int hawk_process_get(size_t i, const struct hawk_process *process, struct hawk_value *ret);
/* Sets it, for processes that are made up: texts are borrowed. */
void hawk_process_set(size_t i, struct hawk_process *process, const struct hawk_value *v);

#endif
