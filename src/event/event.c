/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/event/event.h"

#include <string.h>

#include "src/base/cleanup.h"

static const struct hawk_type_desc types[] = {
#define TYPE(token, ctype, class, text) \
	[HAWK_T_##token] = { .name = #token, .vclass = HAWK_V_##class, .size = sizeof(ctype), .doc = text },
#define VARTYPE(token, class, text) \
	[HAWK_T_##token] = { .name = #token, .vclass = HAWK_V_##class, .var = true, .doc = text, \
			     .size = sizeof(struct hawk_abi_var) },
#include "bpf/abi/types.def"
#undef TYPE
#undef VARTYPE
};

/*
 * Rows that only fill space ("reserved", "reserved2", …) are left out of the field
 * tables. ROW_IF_SHOWN(name, row): pasting finds SPACE_reserved, a macro with a
 * comma in it, which shifts the arguments; any other name finds nothing.
 */
#define SPACE_reserved ~, HIDE
#define SPACE_reserved2 ~, HIDE
#define SPACE_reserved3 ~, HIDE
#define SECOND(first, second, ...) second
#define SECOND_OF(...) SECOND(__VA_ARGS__, ~)
#define HIDE(...)
#define SHOW(...) __VA_ARGS__,
#define ROW_IF_SHOWN(name, ...) SECOND_OF(SPACE_##name, SHOW)(__VA_ARGS__)

/* Fields of each event: fields_SCHED_PROCESS_EXEC and so on. */
#define EVENT(token, id, name, class, vis, aliases, sets, doc) \
	static const struct hawk_field_desc fields_##token[] = {
#define FIELD(token, ftype, fname, text) \
	ROW_IF_SHOWN(fname, { .name = #fname, .type = HAWK_T_##ftype, .doc = text, \
			      .offset = offsetof(struct hawk_abi_##token, fname) })
#define VAR(token, ftype, fname, text) \
	{ .name = #fname, .type = HAWK_T_##ftype, .var = HAWK_VAR_##token##_##fname, .doc = text },
#define END(token) \
	}; \
	_Static_assert(ARRAY_SIZE(fields_##token) <= HAWK_EVENT_FIELDS_MAX, #token " has too many fields");
#define ALT(token, name, programs, when, sees, misses)
#define NEEDS(token, other)
#include "bpf/abi/families.def"
#undef EVENT
#undef FIELD
#undef VAR
#undef END
#undef ALT
#undef NEEDS

/*
 * Arguments that bring fields of their own: what a descriptor is, a path from
 * the root. WITH_ARG(type, index, name): pasting finds BRINGS_FD, as above.
 */
#define BRINGS_FD ~, FD_FIELDS
#define BRINGS_DIRFD ~, DIRFD_FIELDS
#define BRINGS_UPATH ~, UPATH_FIELDS
#define WITH_ARG(ftype, ...) SECOND_OF(BRINGS_##ftype, HIDE)(__VA_ARGS__)
#define DIRFD_FIELDS(index, fname) \
	{ .name = #fname "_path", .type = HAWK_T_PATH, .var = (index), .doc = "the directory that " #fname " is" },
#define FD_FIELDS(index, fname) \
	{ .name = #fname "_path", .type = HAWK_T_PATH, .var = (index), \
	  .doc = "the file that " #fname " is; pipe:[…] and the like when it has no path" }, \
	{ .name = #fname "_socket", .type = HAWK_T_SOCKET, .var = (index), .doc = "the socket that " #fname " is" },
#define UPATH_FIELDS(index, fname) \
	{ .name = #fname "_abs", .type = HAWK_T_ABSPATH, .var = (index), \
	  .doc = #fname " from the root, as text: symbolic links are not followed" },

/*
 * A system call has its arguments, the result and, where there is one, the path
 * of the returned descriptor or of the new directory; that row is always written
 * and left uncounted otherwise. An argument lies in a 64-bit word; its type says
 * how much counts.
 */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the low part of a word is read at its address");
#define SYSCALL(sname, id, x64, i386, arm64, how, fact, aliases, sets, doc) \
	enum { FIELDS_LEFT_OUT_##sname = HAWK_HOW_##how != HAWK_HOW_RETFD && HAWK_HOW_##how != HAWK_HOW_CWD }; \
	static const struct hawk_field_desc fields_sys_##sname[] = {
#define ARG(call, index, ftype, fname, text) \
	{ .name = #fname, .type = HAWK_T_##ftype, .var = (index), .doc = text, \
	  .offset = offsetof(struct hawk_abi_syscall, args) + sizeof(__u64) * (index) }, \
	WITH_ARG(ftype, index, fname)
#define SYSCALL_END(sname) \
	{ .name = "retval", .type = HAWK_T_RETVAL, .offset = offsetof(struct hawk_abi_syscall, ret), \
	  .doc = "what the call returned; negative is -errno" }, \
	{ .name = "errno", .type = HAWK_T_ERRNO, .offset = offsetof(struct hawk_abi_syscall, ret), \
	  .doc = "name of the error; absent when the call succeeded" }, \
	{ .name = "resolved_path", .type = HAWK_T_PATH, .var = HAWK_SYSCALL_VAR_RESOLVED, \
	  .doc = "the file behind the returned descriptor, or the new directory; absent when the call failed" }, \
	}; \
	_Static_assert(ARRAY_SIZE(fields_sys_##sname) <= HAWK_EVENT_FIELDS_MAX, #sname " has too many");
#include "bpf/abi/syscalls.def"
#undef SYSCALL
#undef ARG
#undef SYSCALL_END

/*
 * Probe alternatives and needs of each event. ALT and NEEDS rows follow END, so
 * a list opens at EVENT and is closed by the next one; each ends in a zero row.
 */
#define BEFORE true
#define AFTER false
#define FIELD(token, type, name, doc)
#define VAR(token, type, name, doc)
#define END(token)
#define NEEDS(token, other)
#define ALT(token, aname, progs, when, what, what_not) \
	{ .name = #aname, .programs = progs, .before = when, .sees = what, .misses = what_not },
#define EVENT(token, id, ename, class, vis, aliases, sets, doc) \
	{ .name = NULL } }; static const struct hawk_alt_desc alts_##token[] = {
__attribute__((unused)) static const struct hawk_alt_desc alts_of_none[] = {
#include "bpf/abi/families.def"
	{ .name = NULL } };
#undef EVENT
#undef ALT
#undef NEEDS
#define ALT(token, name, programs, when, sees, misses)
#define NEEDS(token, other) HAWK_EV_##other,
#define EVENT(token, id, name, class, vis, aliases, sets, doc) 0 }; static const uint16_t needs_##token[] = {
__attribute__((unused)) static const uint16_t needs_of_none[] = {
#include "bpf/abi/families.def"
	0 };
#undef EVENT
#undef FIELD
#undef VAR
#undef END
#undef ALT
#undef NEEDS
#undef BEFORE
#undef AFTER

/* The expansions below want nothing but EVENT and SYSCALL rows. */
#define FIELD(token, type, name, doc)
#define VAR(token, type, name, doc)
#define END(token)
#define ALT(token, name, programs, when, sees, misses)
#define NEEDS(token, other)
#define ARG(call, index, type, name, doc)
#define SYSCALL_END(name)

enum row {
#define EVENT(token, id, name, class, vis, aliases, sets, doc) ROW_##token,
#define SYSCALL(sname, id, x64, i386, arm64, how, fact, aliases, sets, doc) ROW_SYS_##sname,
#include "bpf/abi/families.def"
#include "bpf/abi/syscalls.def"
#undef EVENT
#undef SYSCALL
	ROWS
};

#define IS_PUBLIC false
#define IS_ADMIN false
#define IS_INTERNAL true
#define ONLY_PUBLIC false
#define ONLY_ADMIN true
#define ONLY_INTERNAL false
static const struct hawk_event_desc events[ROWS] = {
#define EVENT(token, eid, ename, eclass, vis, alias_list, set_list, text) \
	[ROW_##token] = { \
		.id = (eid), .name = ename, .class = HAWK_CLASS_##eclass, .internal = IS_##vis, .admin = ONLY_##vis, \
		.aliases = alias_list, .sets = set_list, .doc = text, \
		.fields = fields_##token, .n_fields = ARRAY_SIZE(fields_##token), \
		.fixed_size = sizeof(struct hawk_abi_##token), .n_vars = HAWK_VARS_##token, \
		.alts = alts_##token, .n_alts = ARRAY_SIZE(alts_##token) - 1, \
		.needs = ARRAY_SIZE(needs_##token) > 1 ? needs_##token : NULL, \
	},
#define SYSCALL(sname, eid, x64, i386, arm64, how, fact, alias_list, set_list, text) \
	[ROW_SYS_##sname] = { \
		.id = (eid), .name = #sname, .class = HAWK_CLASS_BULK, .syscall = true, \
		.aliases = alias_list, .sets = set_list, .doc = text, \
		.fields = fields_sys_##sname, \
		.n_fields = ARRAY_SIZE(fields_sys_##sname) - FIELDS_LEFT_OUT_##sname, \
		.fixed_size = sizeof(struct hawk_abi_syscall), .n_vars = HAWK_SYSCALL_VARS, \
	},
#include "bpf/abi/families.def"
#include "bpf/abi/syscalls.def"
#undef EVENT
#undef SYSCALL
};

static const struct hawk_event_desc *const rows[ROWS] = {
#define EVENT(token, id, name, class, vis, aliases, sets, doc) [ROW_##token] = &events[ROW_##token],
#define SYSCALL(sname, id, x64, i386, arm64, how, fact, aliases, sets, doc) \
	[ROW_SYS_##sname] = &events[ROW_SYS_##sname],
#include "bpf/abi/families.def"
#include "bpf/abi/syscalls.def"
#undef EVENT
#undef SYSCALL
};

/* Row plus one of each id. An id that is too large does not compile; one given twice is a warning. */
static const uint16_t row_of_id[HAWK_EVENT_ID_MAX] = {
#define EVENT(token, eid, name, class, vis, aliases, sets, doc) [eid] = ROW_##token + 1,
#define SYSCALL(sname, eid, x64, i386, arm64, how, fact, aliases, sets, doc) [eid] = ROW_SYS_##sname + 1,
#include "bpf/abi/families.def"
#include "bpf/abi/syscalls.def"
#undef EVENT
#undef SYSCALL
};

const struct hawk_type_desc *hawk_type_desc(enum hawk_type type)
{
	return &types[type];
}

const struct hawk_event_desc *const *hawk_event_descs(size_t *ret_n)
{
	*ret_n = ROWS;
	return rows;
}

const struct hawk_event_desc *hawk_event_by_id(uint16_t id)
{
	if (id >= HAWK_EVENT_ID_MAX || !row_of_id[id])
		return NULL;
	return &events[row_of_id[id] - 1];
}

/* True when WORD is an item of the comma-separated LIST. */
static bool list_has(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (const char *item = list; len && *item;) {
		size_t n = strcspn(item, ",");

		if (n == len && memcmp(item, word, len) == 0)
			return true;
		item += n + (item[n] == ',');
	}
	return false;
}

static const struct hawk_event_desc *named(const char *name, bool syscalls)
{
	for (size_t i = 0; i < ROWS; i++) {
		if (syscalls && !events[i].syscall)
			continue;
		if (strcmp(events[i].name, name) == 0 || list_has(events[i].aliases, name))
			return &events[i];
	}
	return NULL;
}

/* NAME without what Tetragon, ftrace and audit put before the names of system calls; else NULL. */
static const char *syscall_of_function(const char *name)
{
	static const char *const prefixes[] = { "sys_enter_", "sys_exit_",   "sys_",	    "__x64_sys_", "__ia32_sys_",
						"__arm64_sys_", "__se_sys_", "__do_sys_", "ksys_" };

	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
		if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
			return name + strlen(prefixes[i]);
	return NULL;
}

const struct hawk_event_desc *hawk_event_by_name(const char *name)
{
	const struct hawk_event_desc *desc = named(name, false);
	const char *call = syscall_of_function(name);

	if (desc || !call || hawk_event_pending(name))
		return desc;
	return named(call, true);
}

static const struct hawk_pending_desc pending[] = {
#define PENDING(pname, set_list, what) { .name = pname, .sets = set_list, .reason = what },
#include "bpf/abi/pending.def"
#undef PENDING
	{ .name = NULL },
};

const struct hawk_pending_desc *hawk_event_pending_descs(size_t *ret_n)
{
	*ret_n = ARRAY_SIZE(pending) - 1;
	return pending;
}

const struct hawk_pending_desc *hawk_event_pending(const char *name)
{
	for (const struct hawk_pending_desc *p = pending; p->name; p++)
		if (strcmp(p->name, name) == 0)
			return p;
	return NULL;
}

bool hawk_event_pending_in_set(const struct hawk_pending_desc *desc, const char *set)
{
	return list_has(desc->sets, set);
}

bool hawk_event_in_set(const struct hawk_event_desc *desc, const char *set)
{
	return list_has(desc->sets, set);
}

bool hawk_event_is_seen(const struct hawk_event_desc *desc)
{
	return !desc->internal || desc->id == HAWK_EV_LOST || desc->id == HAWK_EV_ALIKE;
}

int hawk_event_field(const struct hawk_event_desc *desc, const char *name)
{
	/* Who resolves a name asks all events: most differ in the first letter already. */
	for (int i = 0; i < desc->n_fields; i++)
		if (*desc->fields[i].name == *name && strcmp(desc->fields[i].name, name) == 0)
			return i;
	return -1;
}

int hawk_view_parse(const char *name)
{
	static const char *const names[] = {
		[HAWK_VIEW_DEFAULT] = "default",
		[HAWK_VIEW_OF_PROCESS] = "process",
		[HAWK_VIEW_OF_HOST] = "host",
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(name, names[i]) == 0)
			return (int)i;
	return -1;
}
