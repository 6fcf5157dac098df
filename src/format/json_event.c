/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The native JSON of an event: prepared keys, values, and the processes from their caches. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "src/base/cleanup.h"
#include "src/format/render.h"

/* What can be written of an event before it happens. */
struct keys {
	const struct hawk_event_desc *desc;
	char *head; /* {"event":"file_open","time":" */
	size_t head_len;
	int retval; /* the field that says how it went, when no other says it by name; -1: none */
	struct hawk_json_key errno_name;
	struct hawk_json_key field[]; /* desc->n_fields */
};

/* Credentials before an exec: data.previous has those that the exec changed; empty: none, not there: unknown. */
static struct hawk_json_key *previous_keys;

static struct keys *keys_of_id[HAWK_EVENT_ID_MAX];
static pthread_once_t once = PTHREAD_ONCE_INIT;
static int prepared;

bool hawk_field_shown(const struct hawk_field_desc *field)
{
	return field->type != HAWK_T_TASK && field->doc[0];
}

/* System calls have "errno" in their tables; other events with a result get it here. */
static int prepare_errno(struct keys *k)
{
	bool named = false;

	k->retval = -1;
	for (int i = 0; i < k->desc->n_fields; i++) {
		if (k->desc->fields[i].type == HAWK_T_RETVAL)
			k->retval = i;
		named |= k->desc->fields[i].type == HAWK_T_ERRNO;
	}
	if (named)
		k->retval = -1;
	return k->retval < 0 ? 0 : hawk_json_key_init(&k->errno_name, "errno", HAWK_T_ERRNO);
}

static int prepare_event(const struct hawk_event_desc *desc)
{
	struct keys *k = calloc(1, sizeof(*k) + desc->n_fields * sizeof(k->field[0]));
	struct hawk_buf head = HAWK_BUF_INIT;
	int r = 0;

	if (!k)
		return -ENOMEM;
	keys_of_id[desc->id] = k;
	k->desc = desc;
	hawk_buf_printf(&head, "{\"event\":\"%s\",\"time\":\"", desc->name);
	k->head = head.data;
	k->head_len = head.len;
	for (size_t i = 0; i < desc->n_fields && !r; i++) {
		r = hawk_json_key_init(&k->field[i], desc->fields[i].name, desc->fields[i].type);
		if (!hawk_field_shown(&desc->fields[i]))
			k->field[i].how = HAWK_JSON_NONE;
	}
	if (!r)
		r = prepare_errno(k);
	return head.error ? head.error : r;
}

static int prepare_previous(void)
{
	size_t n;
	const struct hawk_task_fact *facts = hawk_task_credentials(&n);
	int r = 0;

	previous_keys = calloc(n, sizeof(*previous_keys));
	if (!previous_keys)
		return -ENOMEM;
	for (size_t i = 0; i < n && !r; i++)
		r = hawk_json_key_init(&previous_keys[i], facts[i].name, facts[i].type);
	return r;
}

/* The tables live as long as the program. */
static void prepare(void)
{
	size_t n;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);

	prepared = hawk_json_process_prepare();
	if (!prepared)
		prepared = prepare_previous();
	for (size_t i = 0; i < n && !prepared; i++)
		prepared = prepare_event(descs[i]);
}

int hawk_json_prepare(void)
{
	pthread_once(&once, prepare);
	return prepared;
}

static void put_previous(struct hawk_json *j, const struct hawk_event *event, struct hawk_buf *out)
{
	const uint8_t *old = (const uint8_t *)event->previous, *new = (const uint8_t *)event->task;
	size_t start, n;
	const struct hawk_task_fact *facts = hawk_task_credentials(&n);

	hawk_buf_lit(out, ",\"previous\":");
	start = out->len;
	for (size_t i = 0; i < n; i++) {
		size_t size = hawk_type_desc(facts[i].type)->size;
		struct hawk_value v = { .u = 0 };

		if (memcmp(old + facts[i].offset, new + facts[i].offset, size) == 0)
			continue;
		/* the machines that we know are little-endian: a short number fills the low bytes */
		memcpy(&v.u, old + facts[i].offset, size);
		hawk_json_member(j, &previous_keys[i], &v, out);
	}
	hawk_json_close(out, start);
}

void hawk_json_policies(const struct hawk_value *policies, struct hawk_buf *out)
{
	size_t start = out->len;

	for (size_t i = 0; i < policies->len;) {
		size_t len = strnlen((const char *)policies->bytes + i, policies->len - i);

		hawk_buf_putc(out, ',');
		hawk_json_string(out, policies->bytes + i, len);
		i += len + 1;
	}
	hawk_json_close_list(out, start);
}

static void put_event(void *state, const struct hawk_event *event, struct hawk_buf *out)
{
	struct hawk_json *j = state;
	const struct keys *k = keys_of_id[event->desc->id];
	size_t start;

	j->boot_offset = (int64_t)(event->walltime - event->time);
	hawk_buf_put(out, k->head, k->head_len);
	hawk_stamp_put(&j->stamps, out, event->walltime);
	hawk_buf_lit(out, "\",\"seq\":");
	hawk_buf_u64(out, event->seq);
	if (event->rec_flags & HAWK_REC_COMPAT)
		hawk_buf_lit(out, ",\"compat\":true");
	if (event->rec_flags & HAWK_REC_X32)
		hawk_buf_lit(out, ",\"x32\":true");
	if (event->policies.len) {
		hawk_buf_lit(out, ",\"policies\":");
		hawk_json_policies(&event->policies, out);
	}
	if (event->alike) {
		hawk_buf_lit(out, ",\"alike\":");
		hawk_buf_u64(out, event->alike);
	}
	hawk_json_processes(j, event, out);
	hawk_buf_lit(out, ",\"data\":");
	start = out->len;
	for (size_t i = 0; i < k->desc->n_fields; i++)
		hawk_json_member(j, &k->field[i], &event->data[i], out);
	if (k->retval >= 0 && !event->data[k->retval].flags && event->data[k->retval].s < 0)
		hawk_json_member(j, &k->errno_name, &event->data[k->retval], out);
	if (event->previous && event->task)
		put_previous(j, event, out);
	hawk_json_close(out, start);
	hawk_buf_lit(out, "}\n");
}

static int open_json(void **ret, const struct hawk_format_wish *wish, char **ret_why)
{
	int r = hawk_json_prepare();

	(void)wish;
	(void)ret_why;
	if (r < 0)
		return r;
	*ret = calloc(1, sizeof(struct hawk_json));
	return *ret ? 0 : -ENOMEM;
}

static void close_json(void *state)
{
	hawk_json_done(state);
	free(state);
}

const struct hawk_format_ops hawk_format_json = {
	.open = open_json,
	.close = close_json,
	.event = put_event,
};
