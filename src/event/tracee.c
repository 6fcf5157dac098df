/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/event/tracee.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "src/base/cleanup.h"

static const struct hawk_tracee_event events[] = {
#define TRACEE(name, id, args) { name, id, args },
#include "src/event/tracee_events.def"
#undef TRACEE
};

static const struct {
	const char *event, *argument, *field;
} arguments[] = {
#define ARGUMENT(event, argument, field) { event, argument, field },
#include "src/event/tracee_args.def"
};

static const struct hawk_tracee_part parts[] = {
#define PART(type, member, field) { type, member, field },
#include "src/event/tracee_args.def"
};

static const struct hawk_tracee_event *row_of_id[HAWK_EVENT_ID_MAX];
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* Tracee's name may be an alias of ours; the same name goes before. */
static void find_rows(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(events); i++) {
		const struct hawk_event_desc *desc = hawk_event_by_name(events[i].name);

		if (desc && (!row_of_id[desc->id] || strcmp(desc->name, events[i].name) == 0))
			row_of_id[desc->id] = &events[i];
	}
}

const struct hawk_tracee_event *hawk_tracee_event(const struct hawk_event_desc *desc)
{
	pthread_once(&once, find_rows);
	return row_of_id[desc->id];
}

/* A system call has its arguments before its result. */
static size_t call_arguments(const struct hawk_event_desc *desc)
{
	size_t n = 0;

	while (n < desc->n_fields && desc->fields[n].type != HAWK_T_RETVAL)
		n++;
	return n;
}

/* The place of the argument in ARGS, or -1 when it is not there or they are not N. */
static int place_of(const char *args, const char *name, size_t len, size_t n)
{
	size_t words = 0;
	int place = -1;

	while (*args) {
		if (strcspn(args, ":") == len && strncmp(args, name, len) == 0)
			place = (int)words;
		words++;
		args += strcspn(args, " ");
		args += *args == ' ';
	}
	return words == n ? place : -1;
}

int hawk_tracee_field(const struct hawk_event_desc *desc, const char *name, size_t len)
{
	const struct hawk_tracee_event *row = hawk_tracee_event(desc);
	char copy[64];
	int field;

	for (size_t a = 0; row && a < ARRAY_SIZE(arguments); a++)
		if (strcmp(arguments[a].event, row->name) == 0 && strlen(arguments[a].argument) == len &&
		    strncmp(arguments[a].argument, name, len) == 0)
			return hawk_event_field(desc, arguments[a].field);
	if (len >= sizeof(copy))
		return -1;
	memcpy(copy, name, len);
	copy[len] = '\0';
	field = hawk_event_field(desc, copy);
	return field < 0 && row && desc->syscall ? place_of(row->args, name, len, call_arguments(desc)) : field;
}

const struct hawk_tracee_part *hawk_tracee_parts(size_t *ret_n)
{
	*ret_n = ARRAY_SIZE(parts);
	return parts;
}

int hawk_tracee_part_field(const struct hawk_event_desc *desc, const struct hawk_tracee_part *part, const char *name,
			   size_t len)
{
	const char *head = memchr(name, '_', len);
	char copy[64];

	if (*part->field != '*')
		return hawk_event_field(desc, part->field);
	snprintf(copy, sizeof(copy), "%.*s%s", (int)(head ? (size_t)(head - name) : len), name, part->field + 1);
	return hawk_event_field(desc, copy);
}
