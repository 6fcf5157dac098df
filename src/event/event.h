/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_EVENT_EVENT_H
#define HAWK_EVENT_EVENT_H
/*
 * What an event is in the daemon: a descriptor (static, expanded from
 * bpf/abi), a header, values and the process that did it.
 */
#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "bpf/abi/abi.h"

struct hawk_process;

/* Field types: the tokens of bpf/abi/types.def. */
enum hawk_type {
#define TYPE(token, ctype, vclass, doc) HAWK_T_##token,
#define VARTYPE(token, vclass, doc) HAWK_T_##token,
#include "bpf/abi/types.def"
#undef TYPE
#undef VARTYPE
	HAWK_T_MAX,
};

/* How the value of a type is held in struct hawk_value. */
enum hawk_vclass {
	HAWK_V_UINT,  /* .u */
	HAWK_V_SINT,  /* .s */
	HAWK_V_IP,    /* .bytes, 16 of them */
	HAWK_V_BYTES, /* .bytes, .len */
	HAWK_V_STRV,  /* .bytes, .len: every string ends in a NUL byte */
	HAWK_V_TASK,  /* not a value; the decoder hands it over as hawk_event.task */
};

struct hawk_type_desc {
	const char *name; /* "OPEN_FLAGS" */
	enum hawk_vclass vclass;
	size_t size; /* on the wire; that of struct hawk_abi_var for variable types */
	bool var;
	const char *doc;
};

/* The description of TYPE; never NULL for a valid type. */
const struct hawk_type_desc *hawk_type_desc(enum hawk_type type);

struct hawk_field_desc {
	const char *name; /* "pathname": key below data in JSON */
	enum hawk_type type;
	uint16_t offset; /* fixed fields: from the end of the record header */
	uint16_t var;    /* variable fields: index of their struct hawk_abi_var */
	const char *doc;
};

enum hawk_event_class { HAWK_CLASS_LIFE, HAWK_CLASS_BULK };

struct hawk_alt_desc {
	const char *name;     /* "fexit" */
	const char *programs; /* comma-separated names of bpf/abi/probes.def */
	bool before;          /* runs before the fact: may enforce */
	const char *sees;
	const char *misses;
};

struct hawk_event_desc {
	uint16_t id;
	const char *name;
	enum hawk_event_class class;
	bool internal;
	bool admin; /* not for clients that may only read */
	bool syscall;
	const char *aliases; /* comma-separated; may be empty */
	const char *sets;    /* comma-separated; may be empty */
	const char *doc;
	const struct hawk_field_desc *fields;
	uint16_t n_fields;
	uint16_t fixed_size; /* bytes between header and the hawk_abi_var array */
	uint16_t n_vars;
	const struct hawk_alt_desc *alts;
	uint16_t n_alts;
	const uint16_t *needs; /* event ids, ends in 0; NULL: none */
};

#define HAWK_EVENT_FIELDS_MAX 32

/* All events in the order of the tables; *ret_n is their number. */
const struct hawk_event_desc *const *hawk_event_descs(size_t *ret_n);
/* The event with this id, or NULL. Constant time. */
const struct hawk_event_desc *hawk_event_by_id(uint16_t id);
/*
 * The event with this name or alias, or NULL. Names of functions are understood
 * for system calls: sys_openat, __x64_sys_openat, sys_enter_openat.
 */
const struct hawk_event_desc *hawk_event_by_name(const char *name);
/* True when SET is among the sets of DESC. */
bool hawk_event_in_set(const struct hawk_event_desc *desc, const char *set);

/* An event that people know from elsewhere and that cannot be watched yet. */
struct hawk_pending_desc {
	const char *name, *sets;
	const char *reason; /* what is missing */
};

/* All of them; *ret_n is their number. */
const struct hawk_pending_desc *hawk_event_pending_descs(size_t *ret_n);
/* The one with this name, or NULL. */
const struct hawk_pending_desc *hawk_event_pending(const char *name);
/* The same as hawk_event_in_set(). */
bool hawk_event_pending_in_set(const struct hawk_pending_desc *desc, const char *set);

/* Whether people see such events: not those of the daemon's inside, but what it tells of itself. */
bool hawk_event_is_seen(const struct hawk_event_desc *desc);
/* Index of a field of DESC by name, or -1. */
int hawk_event_field(const struct hawk_event_desc *desc, const char *name);

enum hawk_value_flag {
	HAWK_VAL_ABSENT = 1 << 0,     /* not collected; formats leave it out */
	HAWK_VAL_TRUNCATED = 1 << 1,  /* cut; .full is the original length */
	HAWK_VAL_UNREADABLE = 1 << 2, /* memory could not be read */
	HAWK_VAL_NULL = 1 << 3,       /* the caller passed a null pointer */
	HAWK_VAL_DELETED = 1 << 4,    /* path of an unlinked file */
	HAWK_VAL_INCOMPLETE = 1 << 5, /* a continuation record is missing */
	HAWK_VAL_UNREACHABLE = 1 << 6,/* path not below the process's root */
	HAWK_VAL_COMPAT = 1 << 7,     /* memory of a 32-bit caller: its structures are laid out otherwise */
	HAWK_VAL_ANY_MOUNT = 1 << 8,  /* path by one of the file's mounts: which one was used is not known */
};

struct hawk_value {
	union {
		uint64_t u;
		int64_t s;
		const uint8_t *bytes; /* borrowed: valid until the next decode with the same decoder */
	};
	uint32_t len;   /* of bytes */
	union {
		uint32_t full;    /* original length when truncated */
		uint32_t context; /* of a number: what its name depends on, say the level of a socket option */
	};
	uint32_t flags; /* enum hawk_value_flag */
};

/* A text of ours, borrowed. */
static inline struct hawk_value hawk_value_text(const char *text)
{
	const uint32_t len = (uint32_t)strlen(text);

	return (struct hawk_value){ .bytes = (const uint8_t *)text, .len = len, .full = len };
}

/* Loads a number or an address of a type with VCLASS and SIZE from P, unaligned; *ret_v has no flags. */
static inline void hawk_value_load(struct hawk_value *ret_v, enum hawk_vclass vclass, size_t size,
				   const void *p)
{
	union {
		uint8_t u8;
		uint16_t u16;
		uint32_t u32;
		uint64_t u64;
	} raw = { .u64 = 0 };
	bool s = vclass == HAWK_V_SINT;

	/* by members: an initializer becomes a string instruction, which takes longer than all else here */
	ret_v->u = 0;
	ret_v->len = ret_v->full = ret_v->flags = 0;
	switch (size) {
	case 1:
		memcpy(&raw, p, 1);
		ret_v->u = s ? (uint64_t)(int8_t)raw.u8 : raw.u8;
		break;
	case 2:
		memcpy(&raw, p, 2);
		ret_v->u = s ? (uint64_t)(int16_t)raw.u16 : raw.u16;
		break;
	case 4:
		memcpy(&raw, p, 4);
		ret_v->u = s ? (uint64_t)(int32_t)raw.u32 : raw.u32;
		break;
	case 8:
		memcpy(&raw, p, 8);
		ret_v->u = raw.u64;
		break;
	default: /* an address stays where it is */
		ret_v->bytes = p;
		ret_v->len = size;
	}
}

/* How far back an event tells where its process comes from: enough for login, shell, make and their kin. */
#define HAWK_ANCESTORS_MAX 8

struct hawk_event {
	const struct hawk_event_desc *desc;
	uint64_t time;     /* CLOCK_BOOTTIME ns */
	uint64_t walltime; /* ns since 1970; time plus the clock offset */
	uint64_t seq;      /* number in the stream, set by the pipeline */
	uint64_t start;    /* of the process */
	uint64_t cgroup;
	uint32_t tgid, tid;
	uint32_t generation;
	uint8_t rec_flags; /* HAWK_REC_* */
	uint8_t cpu;       /* that it happened on, modulo 256 */
	uint8_t comm[HAWK_COMM_LEN];
	uint64_t matched[HAWK_POLICIES_MAX / 64];
	struct hawk_value policies; /* STRV: names of the policies that matched, borrowed; len 0: none */
	uint32_t alike; /* events like it that aggregations of policies left out since they told one before; 0: none */
	const struct hawk_abi_task *task;   /* facts carried by fork, exec, context and seed; else NULL */
	const struct hawk_abi_task *previous; /* set by enrich: facts before an exec; NULL: no exec, or unknown */
	const struct hawk_process *process; /* set by enrich; never NULL after it */
	const struct hawk_process *parent;  /* set by enrich; NULL when unknown */
	/* Of an exec, an exit and a finding: parent of the parent, its parent, ...; n_ancestors of them. */
	const struct hawk_process *const *ancestors;
	uint8_t n_ancestors; /* at most HAWK_ANCESTORS_MAX */
	const struct hawk_event *trigger; /* of a finding: the event that completed it, borrowed; else NULL */
	struct hawk_value data[HAWK_EVENT_FIELDS_MAX]; /* desc->n_fields of them */
	/*
	 * Paths as the other view of the file system shows them, when both are
	 * collected and differ: a bit for each field of DATA that has one, and these.
	 * They live as long as DATA.
	 */
	uint32_t others;
	struct hawk_value other[HAWK_EVENT_FIELDS_MAX];
};
_Static_assert(HAWK_EVENT_FIELDS_MAX <= 32, "no bits for the fields");

/* Whose view of the file system somebody wants paths in. */
enum hawk_view {
	HAWK_VIEW_DEFAULT, /* that of kernel.paths */
	HAWK_VIEW_OF_PROCESS,
	HAWK_VIEW_OF_HOST,
};

/* The view with this name ("process", "host", "default"), or -1. */
int hawk_view_parse(const char *name);

#endif
