/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/decode/decode.h"

#include <errno.h>
#include <linux/fcntl.h>
#include <stdlib.h>

#include "src/base/cleanup.h"
#include "src/decode/chain.h"
#include "src/decode/path.h"

/* Most VAR rows of an event; checked below. */
#define VARS_MAX 16
#define EVENT(token, id, name, class, vis, aliases, sets, doc) \
	_Static_assert(HAWK_VARS_##token <= VARS_MAX, #token " has too many VAR rows");
#define FIELD(token, type, name, doc)
#define VAR(token, type, name, doc)
#define END(token)
#define ALT(token, name, programs, when, sees, misses)
#define NEEDS(token, other)
#include "bpf/abi/families.def"
#undef EVENT
_Static_assert(HAWK_SYSCALL_VARS <= VARS_MAX, "system calls have too many variable fields");

/* What the loop over the fields needs of a type, packed so that all fit in a few cache lines. */
static const struct {
	uint8_t vclass, size;
} kinds[HAWK_T_MAX] = {
#define TYPE(token, ctype, class, doc) \
	[HAWK_T_##token] = { .vclass = HAWK_V_##class, \
			     .size = HAWK_V_##class == HAWK_V_TASK ? 0 : sizeof(ctype) },
#define VARTYPE(token, class, doc) [HAWK_T_##token] = { .vclass = HAWK_V_##class },
#include "bpf/abi/types.def"
#undef TYPE
#undef VARTYPE
};

struct hawk_decoder {
	int64_t boot_offset;
	struct hawk_decoder_stats stats;
	struct hawk_chains chains;
	struct hawk_abi_task task; /* copy, so that it is aligned */
	struct hawk_space space; /* paths that were turned round, lists that needed an ending */
};

/* The parts of a record, checked against its length. */
struct record {
	struct hawk_abi_rec header;
	const struct hawk_event_desc *desc;
	const uint8_t *fixed;
	struct hawk_value var[VARS_MAX]; /* bytes as on the wire; .full is .info of struct hawk_abi_var */
};

int hawk_decoder_new(struct hawk_decoder **ret, int64_t boot_offset)
{
	struct hawk_decoder *d = calloc(1, sizeof(*d));

	if (!d)
		return -ENOMEM;
	d->boot_offset = boot_offset;
	d->chains.stats = &d->stats;
	*ret = d;
	return 0;
}

void hawk_decoder_set_boot_offset(struct hawk_decoder *d, int64_t boot_offset)
{
	d->boot_offset = boot_offset;
}

struct hawk_decoder *hawk_decoder_free(struct hawk_decoder *d)
{
	if (d)
		hawk_chains_done(&d->chains);
	free(d);
	return NULL;
}

struct hawk_decoder_stats hawk_decoder_stats(const struct hawk_decoder *d)
{
	return d->stats;
}

/* Finds the parts of a record. Every length is checked; behind the last variable field is only padding. */
static int split(struct record *r, const uint8_t *record, size_t len)
{
	const struct hawk_event_desc *desc;
	const uint8_t *vars, *tail, *end = record + len;

	if (len < sizeof(r->header) || len > HAWK_RECORD_MAX)
		return -EBADMSG;
	memcpy(&r->header, record, sizeof(r->header));
	desc = r->desc = hawk_event_by_id(r->header.event);
	if (r->header.size != len || !desc)
		return -EBADMSG;
	r->fixed = record + sizeof(r->header);
	if ((size_t)(end - r->fixed) < desc->fixed_size + desc->n_vars * sizeof(struct hawk_abi_var))
		return -EBADMSG;
	vars = r->fixed + desc->fixed_size;
	tail = vars + desc->n_vars * sizeof(struct hawk_abi_var);
	for (size_t i = 0; i < desc->n_vars; i++) {
		struct hawk_abi_var var;

		memcpy(&var, vars + i * sizeof(var), sizeof(var));
		if (var.len > (size_t)(end - tail))
			return -EBADMSG;
		r->var[i] = (struct hawk_value){ .bytes = tail, .len = var.len, .full = var.info };
		tail += var.len;
	}
	if (end - tail >= 8)
		return -EBADMSG;
	for (; tail < end; tail++)
		if (*tail)
			return -EBADMSG;
	return 0;
}

/* Sets the flags and the length that .info tells. */
static int apply_info(uint32_t info, struct hawk_value *v)
{
	switch (info) {
	case HAWK_VAR_UNREADABLE:
		v->flags |= HAWK_VAL_UNREADABLE;
		break;
	case HAWK_VAR_NULL:
		v->flags |= HAWK_VAL_NULL;
		break;
	case HAWK_VAR_ABSENT:
		v->flags |= HAWK_VAL_ABSENT;
		break;
	default:
		if (info < v->len)
			return -EBADMSG;
		v->full = info;
		if (info > v->len)
			v->flags |= HAWK_VAL_TRUNCATED;
		return 0;
	}
	v->full = v->len;
	return v->len && info != HAWK_VAR_UNREADABLE ? -EBADMSG : 0;
}

/* A list whose last string was cut gets the NUL that its readers rely on. */
static int end_list(struct hawk_decoder *d, bool joined, struct hawk_value *v)
{
	uint8_t *to = (uint8_t *)v->bytes; /* the chain's buffer, which has room for it */

	if (!v->len || !v->bytes[v->len - 1])
		return 0;
	if (!joined) {
		to = hawk_space_take(&d->space, v->len + 1);
		if (!to)
			return -EBADMSG;
		memcpy(to, v->bytes, v->len);
	}
	to[v->len] = '\0';
	v->bytes = to;
	v->len++;
	return 0;
}

static int decode_bytes(struct hawk_decoder *d, const struct record *r, const struct hawk_field_desc *f,
			struct hawk_value *v)
{
	uint32_t info = r->var[f->var].full;
	bool joined = false;
	int ret;

	*v = r->var[f->var];
	v->flags = r->header.flags & HAWK_REC_COMPAT ? HAWK_VAL_COMPAT : 0;
	if (d->chains.waiting && info < HAWK_VAR_ABSENT) {
		const struct hawk_chain_key key = { .time = r->header.time, .tid = r->header.tid,
						    .event = r->header.event, .var = f->var };

		hawk_chains_join(&d->chains, &key, v);
		joined = v->bytes != r->var[f->var].bytes;
	}
	ret = apply_info(info, v);
	if (ret < 0)
		return ret;
	if (f->type == HAWK_T_TEXT_OUT && v->len == v->full && v->len && !v->bytes[v->len - 1])
		v->full = --v->len; /* getcwd(2) counts the NUL, readlink(2) has none */
	return kinds[f->type].vclass == HAWK_V_STRV ? end_list(d, joined, v) : 0;
}

/* What ABSOLUTE, a path without . and .., is below the directory BASE. */
static int join_below(struct hawk_decoder *d, const struct hawk_value *base, const struct hawk_value *absolute,
		      struct hawk_value *ret)
{
	struct hawk_value below = *absolute;

	below.bytes++;
	below.len--;
	return hawk_path_join(&d->space, base, &below, ret);
}

/*
 * An absolute PATH in a record that has the root of the process in ROOT: in each view it is below that view of the root.
 * Without .. first, or it would lead out of the root.
 */
static int decode_below_root(struct hawk_decoder *d, const struct hawk_value *root, const struct hawk_value *path,
			     struct hawk_value *v, struct hawk_value *ret_other)
{
	struct hawk_value base, other, plain;
	int ret = hawk_path_decode(&d->space, root, root->full & ~HAWK_PATH_ROOT, &base, &other);

	if (ret == 0)
		ret = hawk_path_join(&d->space, &base, path, &plain);
	if (ret < 0)
		return ret;
	*v = plain;
	if (base.flags & HAWK_VAL_ABSENT || plain.flags & HAWK_VAL_ABSENT)
		return 0;
	ret = join_below(d, &base, &plain, v);
	if (ret < 0 || other.flags & HAWK_VAL_ABSENT)
		return ret;
	return join_below(d, &other, &plain, ret_other);
}

/*
 * A path from the root. The rows of the table tell whether a directory was given
 * with it: then they are dirfd, dirfd_path, pathname, pathname_abs (F). In the
 * other view it is below that view of the directory.
 */
static int decode_abs(struct hawk_decoder *d, const struct record *r, const struct hawk_field_desc *f,
		      struct hawk_value *v, struct hawk_value *ret_other)
{
	bool given = f - r->desc->fields >= 3 && f[-3].type == HAWK_T_DIRFD;
	struct hawk_value base, other, dirfd = { .s = AT_FDCWD }, path = r->var[f->var];
	const struct hawk_value *var, *cwd = &r->var[HAWK_SYSCALL_VAR_CWD];
	const bool absolute = path.len && path.bytes[0] == '/', is_root = cwd->full & HAWK_PATH_ROOT;
	int ret = apply_info(path.full, &path);

	*v = *ret_other = (struct hawk_value){ .flags = HAWK_VAL_ABSENT };
	if (ret < 0)
		return ret;
	if (absolute && is_root)
		return decode_below_root(d, cwd, &path, v, ret_other);
	if (given)
		hawk_value_load(&dirfd, HAWK_V_SINT, kinds[HAWK_T_DIRFD].size, r->fixed + f[-3].offset);
	var = dirfd.s == AT_FDCWD ? cwd : &r->var[f[-2].var];
	if (var == cwd && is_root) /* nobody needed the working directory */
		return 0;
	ret = hawk_path_decode(&d->space, var, var->full, &base, &other);
	if (ret == 0)
		ret = hawk_path_join(&d->space, &base, &path, v);
	if (ret < 0 || other.flags & HAWK_VAL_ABSENT)
		return ret;
	ret = hawk_path_join(&d->space, &other, &path, ret_other);
	/* The record has the working directory for another path, and no root: where this one is in the other view is not known. */
	if (absolute && !(ret_other->flags & HAWK_VAL_ABSENT))
		ret_other->flags |= HAWK_VAL_UNREACHABLE;
	return ret;
}

static int decode_var(struct hawk_decoder *d, const struct record *r, const struct hawk_field_desc *f,
		      struct hawk_event *event)
{
	const struct hawk_value *var = &r->var[f->var];
	const size_t i = (size_t)(f - r->desc->fields);
	struct hawk_value *v = &event->data[i], *other = &event->other[i];
	int ret;

	switch (f->type) {
	case HAWK_T_PATH:
		ret = hawk_path_decode(&d->space, var, var->full, v, other);
		break;
	case HAWK_T_ABSPATH:
		ret = decode_abs(d, r, f, v, other);
		break;
	case HAWK_T_SOCKET:
		return hawk_socket_decode(var, var->full, v);
	default:
		return decode_bytes(d, r, f, v);
	}
	if (ret == 0 && !(other->flags & HAWK_VAL_ABSENT))
		event->others |= 1U << i;
	return ret;
}

/*
 * True for a signed word in one register: that of a 32-bit caller has no sign above its 32 bits. Results have one, but
 * for errors of calls that return an unsigned int (modify_ldt). Others with the highest bit are addresses.
 */
static bool is_signed_word(const struct hawk_event_desc *desc, const struct hawk_field_desc *f, uint64_t word)
{
	if (!desc->syscall || kinds[f->type].vclass != HAWK_V_SINT || f->type == HAWK_T_LOFF)
		return false;
	return (f->type != HAWK_T_RETVAL && f->type != HAWK_T_ERRNO) || (uint32_t)-word <= 4095;
}

static int decode_field(struct hawk_decoder *d, const struct record *r, const struct hawk_field_desc *f,
			struct hawk_event *event)
{
	struct hawk_value *v = &event->data[f - r->desc->fields];
	const uint8_t *p = r->fixed + f->offset;

	switch (kinds[f->type].vclass) {
	case HAWK_V_TASK:
		memcpy(&d->task, p, sizeof(d->task));
		*v = (struct hawk_value){ .flags = HAWK_VAL_ABSENT };
		return 0;
	case HAWK_V_BYTES:
	case HAWK_V_STRV:
		return decode_var(d, r, f, event);
	}
	hawk_value_load(v, kinds[f->type].vclass, kinds[f->type].size, p);
	if (r->header.flags & HAWK_REC_COMPAT && is_signed_word(r->desc, f, v->u))
		v->s = (int32_t)v->s;
	if (r->header.flags & HAWK_REC_ENTER && (f->type == HAWK_T_RETVAL || f->type == HAWK_T_ERRNO))
		v->flags = HAWK_VAL_ABSENT;
	else if (f->type == HAWK_T_ERRNO && (v->s >= 0 || v->s < -4095)) /* MAX_ERRNO, include/linux/err.h */
		v->flags = HAWK_VAL_ABSENT;
	else if (r->header.flags & HAWK_REC_NOARGS && r->desc->syscall &&
		 f->offset >= offsetof(struct hawk_abi_syscall, args))
		v->flags = HAWK_VAL_ABSENT;
	else if (f->type == HAWK_T_BOOL)
		v->u = !!v->u;
	return 0;
}

/* The type of variable field VAR of DESC, or HAWK_T_MAX. */
static enum hawk_type type_of_var(const struct hawk_event_desc *desc, uint32_t var)
{
	for (size_t i = 0; i < desc->n_fields; i++)
		if (hawk_type_desc(desc->fields[i].type)->var && desc->fields[i].var == var)
			return desc->fields[i].type;
	return HAWK_T_MAX;
}

/* Keeps a continuation record. Paths are never continued: they are turned round as a whole. */
static int keep_link(struct hawk_decoder *d, const struct record *r)
{
	const struct hawk_event_desc *owner;
	struct hawk_abi_CHAIN link;
	struct hawk_value v = { .bytes = r->var[HAWK_VAR_CHAIN_data].bytes,
				.len = r->var[HAWK_VAR_CHAIN_data].len };
	struct hawk_chain_key key = { .time = r->header.time, .tid = r->header.tid };
	enum hawk_type type;

	memcpy(&link, r->fixed, sizeof(link));
	owner = link.for_event < HAWK_EVENT_ID_MAX ? hawk_event_by_id(link.for_event) : NULL;
	if (!owner || owner->id == HAWK_EV_CHAIN)
		return -EBADMSG;
	type = type_of_var(owner, link.field);
	if (type == HAWK_T_MAX || type == HAWK_T_PATH)
		return -EBADMSG;
	if (!v.len || v.len > HAWK_LONG_BYTES || link.offset > HAWK_LONG_BYTES - v.len)
		return -EBADMSG;
	key.event = owner->id;
	key.var = link.field;
	hawk_chains_add(&d->chains, &key, link.offset, &v);
	return 1;
}

/* Fills everything of EVENT but its data. What later stages set is cleared. */
static void fill_header(const struct hawk_decoder *d, const struct record *r, struct hawk_event *event)
{
	const struct hawk_abi_rec *h = &r->header;

	event->desc = r->desc;
	event->time = h->time;
	event->walltime = h->time + (uint64_t)d->boot_offset;
	event->seq = 0;
	event->start = h->start;
	event->cgroup = h->cgroup;
	event->tgid = h->tgid;
	event->tid = h->tid;
	event->generation = h->generation;
	event->rec_flags = h->flags;
	event->cpu = h->cpu;
	memcpy(event->comm, h->comm, sizeof(event->comm));
	/*
	 * Not from the copy: the compiler loads pairs that were stored as halves of
	 * two, and such a load waits for all stores before it, the last event's too.
	 */
	memcpy(event->matched, r->fixed - sizeof(*h) + offsetof(struct hawk_abi_rec, matched), sizeof(event->matched));
	event->task = NULL;
	event->process = NULL;
	event->parent = NULL;
	event->n_ancestors = 0;
	event->trigger = NULL;
	event->others = 0;
}

/* How many fields before stands what the names of a type depend on. */
static const uint8_t context_of[HAWK_T_MAX] = {
	[HAWK_T_PROTOCOL] = 2,
	[HAWK_T_SOCKOPT] = 1,
};

static int decode(struct hawk_decoder *d, const struct record *r, struct hawk_event *event)
{
	const struct hawk_field_desc *f = r->desc->fields;

	fill_header(d, r, event);
	d->space.used = 0;
	for (size_t i = 0; i < r->desc->n_fields; i++, f++) {
		int ret = decode_field(d, r, f, event);

		if (ret < 0)
			return ret;
		if (f->type == HAWK_T_TASK)
			event->task = &d->task;
		if (context_of[f->type] && i >= context_of[f->type])
			event->data[i].context = (uint32_t)event->data[i - context_of[f->type]].u;
	}
	return 0;
}

int hawk_decode(struct hawk_decoder *d, const void *record, size_t len, struct hawk_event *event)
{
	struct record r;
	int ret;

	if (d->chains.lent)
		hawk_chains_reclaim(&d->chains);
	ret = split(&r, record, len);
	if (ret == 0)
		ret = r.header.event == HAWK_EV_CHAIN ? keep_link(d, &r) : decode(d, &r, event);
	if (ret < 0)
		d->stats.rejected++;
	return ret;
}
