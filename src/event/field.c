/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/event/field.h"

#include <errno.h>
#include <string.h>

/* How a process field is read; the HOW column of enriched.def and three kinds that need no column. */
enum how {
	HOW_BYTES, HOW_COMM, HOW_NUMBER, HOW_EXITED, HOW_TOLD, HOW_SOURCE, HOW_FACT, HOW_NS_INODE, HOW_NS_IS_HOST,
};

struct access {
	uint8_t how;
	bool in_header;  /* a record header is enough to know it */
	uint16_t offset; /* in struct hawk_process */
	uint16_t host;   /* namespaces: in struct hawk_host_ns */
};

/*
 * Order of the process fields, which is that of the native JSON: identity (the
 * facts of types PID and TIME), enriched fields, the other facts, namespaces.
 * A fact without a name is not shown: its row is at HIDDEN, the last one.
 * FACT_IF_FIRST(type, row) and FACT_IF_SECOND(type, row) sort the facts: pasting
 * finds FIRST_PID, a macro with a comma in it, which shifts the arguments.
 */
#define FIRST_PID ~, DROP, KEEP
#define FIRST_TIME ~, DROP, KEEP
#define KEEP(...) __VA_ARGS__
#define DROP(...)
#define THIRD(first, second, third, ...) third
#define THIRD_OF(...) THIRD(__VA_ARGS__, DROP, DROP, ~)
#define SECOND(first, second, ...) second
#define SECOND_OF(...) SECOND(__VA_ARGS__, KEEP, ~)
#define FACT_IF_FIRST(type, ...) THIRD_OF(FIRST_##type)(__VA_ARGS__)
#define FACT_IF_SECOND(type, ...) SECOND_OF(FIRST_##type)(__VA_ARGS__)

/* A fact without a name takes no number: the next enumerator starts again from the same one. */
#define FACT_NUMBER(member, name) ROW_##member, BACK_##member = ROW_##member - (sizeof(name) == 1),
enum row {
#define FACT(type, member, name, doc) FACT_IF_FIRST(type, FACT_NUMBER(member, name))
#include "bpf/abi/task.def"
#undef FACT
#define ENRICHED(type, how, member, name, doc) ROW_ENRICHED_##member,
#include "src/event/enriched.def"
#undef ENRICHED
#define FACT(type, member, name, doc) FACT_IF_SECOND(type, FACT_NUMBER(member, name))
#include "bpf/abi/task.def"
#undef FACT
#define NAMESPACE(name, member, file) ROW_NS_INODE_##name, ROW_NS_IS_HOST_##name,
#include "bpf/abi/namespaces.def"
#undef NAMESPACE
	ROWS,
};
/* Where a fact goes in the tables: hidden ones behind the last row, each in a place of its own. */
enum hidden {
#define FACT(type, member, name, doc) HIDDEN_##member,
#include "bpf/abi/task.def"
#undef FACT
	HIDDEN_MAX,
};
#define PLACE(member, name) (sizeof(name) == 1 ? (int)ROWS + (int)HIDDEN_##member : (int)ROW_##member)

#define FIELD_ROW(at, row, ftype, fscope, fname, text) \
	[at] = { .scope = (fscope), .type = HAWK_T_##ftype, .index = (row), .name = fname, .doc = text },

/* Expanded twice, for process.… and parent.…. */
#define ENRICHED(type, how, member, name, doc) \
	FIELD_ROW(ROW_ENRICHED_##member, ROW_ENRICHED_##member, type, SCOPE, HEAD name, doc)
#define FACT(type, member, name, doc) \
	FIELD_ROW(PLACE(member, name), ROW_##member, type, SCOPE, HEAD name, doc)
#define NAMESPACE(name, member, file) \
	FIELD_ROW(ROW_NS_INODE_##name, ROW_NS_INODE_##name, U32, SCOPE, HEAD "ns." #name ".inode", \
		  file " namespace: inode number") \
	FIELD_ROW(ROW_NS_IS_HOST_##name, ROW_NS_IS_HOST_##name, BOOL, SCOPE, HEAD "ns." #name ".is_host", \
		  file " namespace: it is that of PID 1 on the host")
#define SCOPE HAWK_SCOPE_PROCESS
#define HEAD "process."
static const struct hawk_field process_fields[ROWS + HIDDEN_MAX] = {
#include "src/event/enriched.def"
#include "bpf/abi/task.def"
#include "bpf/abi/namespaces.def"
};
#undef SCOPE
#undef HEAD
#define SCOPE HAWK_SCOPE_PARENT
#define HEAD "parent."
static const struct hawk_field parent_fields[ROWS + HIDDEN_MAX] = {
#include "src/event/enriched.def"
#include "bpf/abi/task.def"
#include "bpf/abi/namespaces.def"
};
#undef SCOPE
#undef HEAD
#undef ENRICHED
#undef FACT
#undef NAMESPACE

/* The facts that hawk_process has even when only a record header was seen. */
#define IN_HEADER(member) \
	(offsetof(struct hawk_abi_task, member) == offsetof(struct hawk_abi_task, pid) || \
	 offsetof(struct hawk_abi_task, member) == offsetof(struct hawk_abi_task, start) || \
	 offsetof(struct hawk_abi_task, member) == offsetof(struct hawk_abi_task, cgroup))
#define TASK_OFFSET(member) offsetof(struct hawk_process, task) + offsetof(struct hawk_abi_task, member)
static const struct access accesses[ROWS + HIDDEN_MAX] = {
#define ENRICHED(type, read, member, name, doc) \
	[ROW_ENRICHED_##member] = { .how = HOW_##read, .in_header = true, \
				    .offset = offsetof(struct hawk_process, member) },
#include "src/event/enriched.def"
#undef ENRICHED
#define FACT(type, member, name, doc) \
	[PLACE(member, name)] = { .how = HOW_FACT, .in_header = IN_HEADER(member), \
				  .offset = TASK_OFFSET(member) },
#include "bpf/abi/task.def"
#undef FACT
#define NAMESPACE(name, member, file) \
	[ROW_NS_INODE_##name] = { .how = HOW_NS_INODE, .offset = TASK_OFFSET(member) }, \
	[ROW_NS_IS_HOST_##name] = { .how = HOW_NS_IS_HOST, .offset = TASK_OFFSET(member), \
				    .host = offsetof(struct hawk_host_ns, name) },
#include "bpf/abi/namespaces.def"
#undef NAMESPACE
};

enum event_row {
#define EVENTFIELD(type, id, name, doc) EVENT_##id,
#include "src/event/event.def"
#undef EVENTFIELD
	EVENT_ROWS
};
static const struct hawk_field event_fields[EVENT_ROWS] = {
#define EVENTFIELD(type, id, name, doc) FIELD_ROW(EVENT_##id, EVENT_##id, type, HAWK_SCOPE_EVENT, name, doc)
#include "src/event/event.def"
#undef EVENTFIELD
};

static const char *const source_names[] = {
	[HAWK_FROM_EVENT] = "event",
	[HAWK_FROM_SEED] = "seed",
	[HAWK_FROM_PROC] = "proc",
	[HAWK_FROM_HEADER] = "header",
};

static uint32_t u32_at(const void *base, size_t offset)
{
	uint32_t v;

	memcpy(&v, (const char *)base + offset, sizeof(v));
	return v;
}

/* A namespace inode of 0 is one that the kernel does not have or that could not be read. */
static int read_namespace(const struct access *a, const struct hawk_process *process, struct hawk_value *ret)
{
	uint32_t inode = u32_at(process, a->offset), host;

	if (!inode)
		return -ENODATA;
	if (a->how == HOW_NS_INODE) {
		*ret = (struct hawk_value){ .u = inode };
		return 0;
	}
	host = u32_at(hawk_host_ns(), a->host);
	if (!host)
		return -ENODATA;
	*ret = (struct hawk_value){ .u = inode == host };
	return 0;
}

static int read_bytes(const struct hawk_bytes *b, struct hawk_value *ret)
{
	if ((!b->len && !b->flags) || b->flags & HAWK_VAL_ABSENT)
		return -ENODATA;
	*ret = (struct hawk_value){ .bytes = b->data, .len = b->len, .full = b->full, .flags = b->flags };
	return 0;
}

static int read_number(const struct access *a, enum hawk_type type, const void *p, struct hawk_value *ret)
{
	const struct hawk_type_desc *t = hawk_type_desc(type);
	struct hawk_value v;

	hawk_value_load(&v, t->vclass, t->size, p);
	if (a->how == HOW_NUMBER && !v.u)
		return -ENODATA;
	*ret = v;
	return 0;
}

size_t hawk_process_fields(void)
{
	return ROWS;
}

const struct hawk_field *hawk_process_field(size_t i)
{
	return &process_fields[i];
}

int hawk_process_get(size_t i, const struct hawk_process *process, struct hawk_value *ret)
{
	const struct access *a = &accesses[i];
	const void *p = (const char *)process + a->offset;

	if (process->source == HAWK_FROM_HEADER && !a->in_header)
		return -ENODATA;
	switch (a->how) {
	case HOW_BYTES:
		return read_bytes(p, ret);
	case HOW_COMM:
		*ret = (struct hawk_value){ .bytes = p, .len = strnlen(p, HAWK_COMM_LEN) };
		return 0;
	case HOW_SOURCE:
		*ret = hawk_value_text(source_names[process->source]);
		return 0;
	case HOW_NS_INODE:
	case HOW_NS_IS_HOST:
		return read_namespace(a, process, ret);
	case HOW_TOLD:
		if (process->exit_missed)
			return -ENODATA;
		/* fall through */
	case HOW_EXITED:
		if (!process->exit_time)
			return -ENODATA;
		break;
	}
	return read_number(a, process_fields[i].type, p, ret);
}

static void store_number(void *p, size_t size, uint64_t v)
{
	/* Members are of the size of their type, whatever the order of bytes. */
	const uint8_t u8 = (uint8_t)v;
	const uint16_t u16 = (uint16_t)v;
	const uint32_t u32 = (uint32_t)v;

	memcpy(p, size == 1 ? (const void *)&u8 : size == 2 ? (const void *)&u16 : size == 4 ? (const void *)&u32 : &v,
	       size);
}

void hawk_process_set(size_t i, struct hawk_process *process, const struct hawk_value *v)
{
	const struct access *a = &accesses[i];
	void *p = (char *)process + a->offset;

	switch (a->how) {
	case HOW_BYTES:
		*(struct hawk_bytes *)p = (struct hawk_bytes){ .data = (uint8_t *)(uintptr_t)v->bytes, .len = v->len };
		break;
	case HOW_COMM:
		memset(p, 0, HAWK_COMM_LEN);
		memcpy(p, v->bytes, v->len < HAWK_COMM_LEN ? v->len : HAWK_COMM_LEN - 1);
		break;
	case HOW_SOURCE:
		break;
	case HOW_NS_IS_HOST: /* any other inode is one that is not the host's */
		store_number(p, sizeof(uint32_t), u32_at(hawk_host_ns(), a->host) + !v->u);
		break;
	default:
		store_number(p, hawk_type_desc(process_fields[i].type)->size, v->u);
	}
}

/* The data field NAME of the first event that has it. The facts of a task are process fields, not data. */
static int find_data(const char *name, struct hawk_field *ret)
{
	size_t n;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);

	for (size_t i = 0; i < n; i++) {
		int f = hawk_event_field(descs[i], name);

		if (f < 0 || hawk_type_desc(descs[i]->fields[f].type)->vclass == HAWK_V_TASK)
			continue;
		*ret = (struct hawk_field){
			.scope = HAWK_SCOPE_DATA,
			.type = descs[i]->fields[f].type,
			.index = (int)i,
			.name = descs[i]->fields[f].name,
			.doc = descs[i]->fields[f].doc,
		};
		return 0;
	}
	return -ENOENT;
}

/* Looks for NAME in the first N rows of FIELDS, whose first SKIP bytes do not count. */
static const struct hawk_field *find_in(const struct hawk_field *fields, size_t n, const char *name,
					size_t skip)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(fields[i].name + skip, name) == 0)
			return &fields[i];
	return NULL;
}

/* Credentials that an exec changed, by the names that they have in the process. */
static int find_previous(const char *name, struct hawk_field *ret)
{
	size_t n;
	const struct hawk_task_fact *facts = hawk_task_credentials(&n);

	for (size_t i = 0; i < n; i++) {
		if (strcmp(facts[i].name, name) != 0)
			continue;
		*ret = (struct hawk_field){
			.scope = HAWK_SCOPE_PREVIOUS,
			.type = facts[i].type,
			.index = (int)i,
			.name = facts[i].name,
			.doc = "as it was before the exec; absent when the exec did not change it",
		};
		return 0;
	}
	return -ENOENT;
}

int hawk_field_find(const char *name, struct hawk_field *ret)
{
	static const char previous[] = "data.previous.";
	const size_t short_form = strlen("process.");
	const struct hawk_field *found;

	if (strncmp(name, previous, strlen(previous)) == 0)
		return find_previous(name + strlen(previous), ret);
	if (strncmp(name, "data.", 5) == 0)
		return find_data(name + 5, ret);
	found = find_in(event_fields, EVENT_ROWS, name, 0);
	if (!found)
		found = find_in(process_fields, ROWS, name, 0);
	if (!found)
		found = find_in(parent_fields, ROWS, name, 0);
	if (!found)
		found = find_in(process_fields, ROWS, name, short_form);
	for (size_t i = 0; !found && i < EVENT_ROWS; i++)
		if (strncmp(event_fields[i].name, "process.", short_form) == 0 &&
		    strcmp(event_fields[i].name + short_form, name) == 0)
			found = &event_fields[i];
	if (!found && strcmp(name, "policy") == 0)
		found = &event_fields[EVENT_policies];
	if (!found)
		return -ENOENT;
	*ret = *found;
	return 0;
}

enum hawk_type hawk_field_type(const struct hawk_field *field, const struct hawk_event_desc *desc)
{
	int column;

	if (field->scope != HAWK_SCOPE_DATA)
		return field->type;
	column = hawk_event_field(desc, field->name);
	return column < 0 ? HAWK_T_MAX : desc->fields[column].type;
}

/* Without a time of its start nothing is known of a process, or it is none. */
static int get_new(const struct hawk_event *event, struct hawk_value *ret)
{
	uint64_t start = event->process && event->process->task.start ? event->process->task.start : event->start;

	*ret = (struct hawk_value){ .u = start > hawk_watch_since() };
	return start ? 0 : -ENODATA;
}

/* The records tell the number of the process in its namespace, not that of each thread. */
static int get_ns_tid(const struct hawk_event *event, struct hawk_value *ret)
{
	const struct hawk_process *p = event->process;

	if (!p || p->source == HAWK_FROM_HEADER)
		return -ENODATA;
	if (event->tid != event->tgid && p->task.ns_pid != p->task.pid)
		return -ENODATA;
	*ret = (struct hawk_value){ .s = event->tid == event->tgid ? p->task.ns_pid : (int32_t)event->tid };
	return 0;
}

static int get_event(int row, const struct hawk_event *event, struct hawk_value *ret)
{
	switch ((enum event_row)row) {
	case EVENT_event:
		*ret = hawk_value_text(event->desc->name);
		return 0;
	case EVENT_time:
		*ret = (struct hawk_value){ .u = event->walltime };
		return 0;
	case EVENT_seq:
		*ret = (struct hawk_value){ .u = event->seq };
		return 0;
	case EVENT_compat:
		if (!(event->rec_flags & HAWK_REC_COMPAT))
			return -ENODATA;
		*ret = (struct hawk_value){ .u = 1 };
		return 0;
	case EVENT_x32:
		if (!(event->rec_flags & HAWK_REC_X32))
			return -ENODATA;
		*ret = (struct hawk_value){ .u = 1 };
		return 0;
	case EVENT_policies:
		if (!event->policies.len)
			return -ENODATA;
		*ret = event->policies;
		return 0;
	case EVENT_alike:
		if (!event->alike)
			return -ENODATA;
		*ret = (struct hawk_value){ .u = event->alike };
		return 0;
	case EVENT_cpu:
		*ret = (struct hawk_value){ .u = event->cpu };
		return 0;
	case EVENT_new:
		return get_new(event, ret);
	case EVENT_ns_tid:
		return get_ns_tid(event, ret);
	case EVENT_tid:
		*ret = (struct hawk_value){ .s = (int32_t)event->tid };
		return 0;
	case EVENT_ROWS:
		break;
	}
	return -ENODATA;
}

static int get_data(const struct hawk_field *field, const struct hawk_event *event, struct hawk_value *ret)
{
	int column = hawk_event_field(event->desc, field->name);

	if (column < 0 || event->data[column].flags & HAWK_VAL_ABSENT)
		return -ENODATA;
	*ret = event->data[column];
	return 0;
}

static int get_previous(int row, const struct hawk_event *event, struct hawk_value *ret)
{
	size_t n;
	const struct hawk_task_fact *fact = &hawk_task_credentials(&n)[row];
	const struct hawk_type_desc *t = hawk_type_desc(fact->type);
	const uint8_t *old = (const uint8_t *)event->previous, *new = (const uint8_t *)event->task;

	if (!old || !new || memcmp(old + fact->offset, new + fact->offset, t->size) == 0)
		return -ENODATA;
	hawk_value_load(ret, t->vclass, t->size, old + fact->offset);
	return 0;
}

/* Each thread has a name of its own. */
static int get_process(int row, const struct hawk_event *event, struct hawk_value *ret)
{
	if (row == ROW_ENRICHED_comm && event->comm[0]) {
		*ret = (struct hawk_value){ .bytes = event->comm,
					    .len = strnlen((const char *)event->comm, HAWK_COMM_LEN) };
		return 0;
	}
	return event->process ? hawk_process_get((size_t)row, event->process, ret) : -ENODATA;
}

int hawk_field_get(const struct hawk_field *field, const struct hawk_event *event, struct hawk_value *ret)
{
	switch (field->scope) {
	case HAWK_SCOPE_EVENT:
		return get_event(field->index, event, ret);
	case HAWK_SCOPE_PROCESS:
		return get_process(field->index, event, ret);
	case HAWK_SCOPE_PARENT:
		return event->parent ? hawk_process_get(field->index, event->parent, ret) : -ENODATA;
	case HAWK_SCOPE_PREVIOUS:
		return get_previous(field->index, event, ret);
	case HAWK_SCOPE_DATA:
		return get_data(field, event, ret);
	}
	return -ENODATA;
}
