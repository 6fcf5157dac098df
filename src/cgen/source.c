/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which fields the kernel has, and where: only what it has exactly as the process table and the decoder have
 * it.
 */
#include <sys/stat.h>

#include "src/cgen/internal.h"

#define HEAD "process."

/* Facts of a task that the kernel tells as the process table does. */
static const struct fact {
	const char *name; /* behind HEAD */
	uint8_t type;
	uint16_t offset; /* in struct hawk_abi_task */
} facts[] = {
#define FACT(ftype, member, fname, doc) { fname, HAWK_T_##ftype, offsetof(struct hawk_abi_task, member) },
#include "bpf/abi/task.def"
#undef FACT
};

/*
 * Of a process that lost its parent the table keeps the first one, the kernel
 * has the one that took it over: what user space knows is asked for.
 */
static const char *const learned[] = {
	HEAD "exe",        HEAD "cwd",         HEAD "tty",          HEAD "unit", HEAD "user_unit",
	HEAD "exec_flags", HEAD "cgroup.path", HEAD "container_id", HEAD "ppid", HEAD "ns_ppid",
};

bool hawk_cgen_is_learned(const struct hawk_ir_condition *c)
{
	if (c->subject == HAWK_IR_TREE)
		return true;
	if (c->subject != HAWK_IR_FIELD || c->field.scope != HAWK_SCOPE_PROCESS)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(learned); i++)
		if (strcmp(learned[i], c->field.name) == 0)
			return true;
	return false;
}

static uint32_t need_of(const struct fact *f)
{
	if (f->offset == offsetof(struct hawk_abi_task, uid))
		return HAWK_NEED_UID;
	switch (f->type) {
	case HAWK_T_UID:
	case HAWK_T_CAPS:
		return HAWK_NEED_CRED;
	default:
		break;
	}
	if (f->offset == offsetof(struct hawk_abi_task, securebits))
		return HAWK_NEED_CRED;
	if (f->offset == offsetof(struct hawk_abi_task, ns_pid))
		return HAWK_NEED_PARENT;
	return f->offset >= offsetof(struct hawk_abi_task, ns_uts) ? HAWK_NEED_NS : HAWK_NEED_PROCESS;
}

static void fixed(struct hawk_cgen_source *ret, enum hawk_type type, size_t offset)
{
	const struct hawk_type_desc *d = hawk_type_desc(type);

	*ret = (struct hawk_cgen_source){ .where = HAWK_CGEN_FIXED,
					  .type = (uint8_t)type,
					  .size = (uint8_t)d->size,
					  .sint = d->vclass == HAWK_V_SINT,
					  .offset = (uint32_t)offset };
}

/* process.ns.NAME.inode and .is_host */
static const char *find_namespace(const char *name, struct hawk_cgen_source *ret, struct hawk_cgen_atom *atom)
{
	size_t n;
	const struct hawk_namespace *ns = hawk_namespaces(&n);
	const char *dot = strchr(name, '.');
	uint32_t host;

	for (size_t i = 0; dot && i < n; i++) {
		if (strlen(ns[i].name) != (size_t)(dot - name) ||
		    strncmp(ns[i].name, name, (size_t)(dot - name)) != 0)
			continue;
		fixed(ret, HAWK_T_U32, HAWK_CGEN_AT(judge.task) + ns[i].offset);
		ret->zero_absent = true;
		ret->need = HAWK_NEED_NS;
		if (strcmp(dot, ".inode") == 0)
			return NULL;
		memcpy(&host, (const char *)hawk_host_ns() + ns[i].of_host, sizeof(host));
		atom->as = HAWK_CGEN_SAME;
		atom->pivot = host;
		return host ? NULL : "the host's namespace is not known";
	}
	return "no fact of the kernel";
}

static const char *find_process(const char *name, struct hawk_cgen_source *ret, struct hawk_cgen_atom *atom)
{
	name += strlen(HEAD);
	if (strcmp(name, "comm") == 0) {
		fixed(ret, HAWK_T_STR, HAWK_CGEN_AT(judge.comm));
		ret->size = HAWK_COMM_LEN;
		ret->need = HAWK_NEED_COMM;
		ret->zero_absent = true; /* then that of the main thread counts */
		return NULL;
	}
	if (strcmp(name, "nodename") == 0) {
		fixed(ret, HAWK_T_STR, HAWK_CGEN_AT(judge.nodename));
		ret->size = sizeof(((struct hawk_abi_judge *)0)->nodename);
		ret->need = HAWK_NEED_UTS;
		ret->zero_absent = true; /* it could not be read */
		return NULL;
	}
	if (strncmp(name, "ns.", 3) == 0)
		return find_namespace(name + 3, ret, atom);
	for (size_t i = 0; i < ARRAY_SIZE(facts); i++) {
		if (facts[i].name[0] == '\0' || strcmp(facts[i].name, name) != 0)
			continue;
		fixed(ret, facts[i].type, HAWK_CGEN_AT(judge.task) + facts[i].offset);
		ret->need = need_of(&facts[i]);
		return NULL;
	}
	return "no fact of the kernel";
}

/* A path is turned round in one of two places. */
static const char *find_path(struct hawk_cgen_plan *p, const struct hawk_field_desc *f,
			     struct hawk_cgen_source *ret)
{
	for (uint32_t i = 0; i < ARRAY_SIZE(p->text_var); i++) {
		if (p->text_var[i] >= 0 && p->text_var[i] != f->var)
			continue;
		p->text_var[i] = f->var;
		*ret = (struct hawk_cgen_source){ .where = HAWK_CGEN_TEXT, .type = HAWK_T_PATH, .late = true,
						  .offset = i };
		return NULL;
	}
	return "two paths of an event at most";
}

static const char *find_data(struct hawk_cgen_plan *p, const struct hawk_field_desc *f,
			     struct hawk_cgen_source *ret)
{
	switch (f->type) {
	case HAWK_T_PATH:
		return find_path(p, f, ret);
	case HAWK_T_STR:
	case HAWK_T_UPATH:
	case HAWK_T_BYTES:
		*ret = (struct hawk_cgen_source){
			.where = HAWK_CGEN_STRING, .type = (uint8_t)f->type, .late = true, .offset = f->var
		};
		return NULL;
	default:
		break;
	}
	if (hawk_type_desc(f->type)->var)
		return "made of the record in user space";
	fixed(ret, f->type, HAWK_CGEN_REC + sizeof(struct hawk_abi_rec) + f->offset);
	ret->late = ret->data = true;
	return NULL;
}

/* What every event has. */
static const char *find_event(const char *name, struct hawk_cgen_source *ret, struct hawk_cgen_atom *atom)
{
	if (strcmp(name, HEAD "new") == 0) {
		fixed(ret, HAWK_T_U64, HAWK_CGEN_AT(judge.task.start));
		ret->zero_absent = true;
		ret->need = HAWK_NEED_PROCESS;
		atom->as = HAWK_CGEN_ABOVE;
		atom->pivot = hawk_watch_since();
		return atom->pivot ? NULL : "not known yet since when events are watched";
	}
	if (strcmp(name, "cpu") == 0)
		fixed(ret, HAWK_T_U8, HAWK_CGEN_REC + offsetof(struct hawk_abi_rec, cpu));
	else if (strcmp(name, HEAD "tid") == 0)
		fixed(ret, HAWK_T_PID, HAWK_CGEN_REC + offsetof(struct hawk_abi_rec, tid));
	else
		return "no fact of the kernel";
	ret->late = true;
	return NULL;
}

const char *hawk_cgen_find(struct hawk_cgen_plan *p, const struct hawk_ir_condition *c,
			   const struct hawk_ir_variant *variant, struct hawk_cgen_source *ret,
			   struct hawk_cgen_atom *atom)
{
	const char *why;

	if (hawk_cgen_is_learned(c))
		return "known of a process in user space only";
	if (variant->inside && variant->owner != HAWK_T_MODE)
		return "inside of a value";
	switch (c->field.scope) {
	case HAWK_SCOPE_PROCESS:
		return find_process(c->field.name, ret, atom);
	case HAWK_SCOPE_DATA:
		why = find_data(p, &p->desc->fields[c->places[hawk_ir_row(p->desc)].column], ret);
		if (!why && variant->inside)
			ret->mask = strcmp(variant->part.name, "type") == 0 ? S_IFMT : (uint16_t)~S_IFMT;
		return why;
	case HAWK_SCOPE_EVENT:
		return find_event(c->field.name, ret, atom);
	default:
		return "no fact of the kernel";
	}
}

const struct hawk_ir_variant *hawk_cgen_variant(const struct hawk_cgen_plan *p,
						const struct hawk_ir_condition *c)
{
	struct hawk_ir_place place;

	if (!c->places)
		return c->variants;
	place = c->places[hawk_ir_row(p->desc)];
	return place.column < 0 ? NULL : c->variants + place.variant;
}

static bool is_number(const struct hawk_cgen_plan *p, const struct hawk_ir_condition *c)
{
	const struct hawk_ir_variant *v = NULL;

	if (c->subject == HAWK_IR_FIELD && c->compare <= HAWK_IR_GE)
		v = hawk_cgen_variant(p, c);
	return v && !v->inside &&
	       (v->how == HAWK_IR_UINT || v->how == HAWK_IR_SINT || v->how == HAWK_IR_UINT_RANGE ||
		v->how == HAWK_IR_SINT_RANGE);
}

bool hawk_cgen_one_number(const struct hawk_cgen_plan *p, const struct hawk_ir *ir, uint16_t node,
			  uint16_t *first)
{
	const struct hawk_ir_node *n = &ir->nodes[node];

	if (n->kind == HAWK_IR_CONDITION) {
		const struct hawk_field *mine = &n->condition.field, *other;

		if (!is_number(p, &n->condition))
			return false;
		if (*first == HAWK_IR_NONE)
			*first = node;
		other = &ir->nodes[*first].condition.field;
		return mine->scope == other->scope && strcmp(mine->name, other->name) == 0;
	}
	for (uint16_t child = n->first; child != HAWK_IR_NONE; child = ir->nodes[child].next)
		if (!hawk_cgen_one_number(p, ir, child, first))
			return false;
	return true;
}

/* Jumps to TO when one of FLAGS is set in the record. */
static void jump_if_flag(struct hawk_cgen_asm *a, int32_t flags, struct hawk_cgen_jumps *to)
{
	hawk_cgen_load(a, BPF_REG_1, BPF_REG_6, HAWK_CGEN_REC + offsetof(struct hawk_abi_rec, flags), 1);
	hawk_cgen_later(a, to, hawk_cgen_jump(a, BPF_JSET, BPF_REG_1, flags));
}

/* A word of a 32-bit caller has no sign above its 32 bits; a result has one, but for errors. See decode.c. */
static void extend_compat(struct hawk_cgen_asm *a, bool result)
{
	size_t native, other = 0;

	hawk_cgen_load(a, BPF_REG_1, BPF_REG_6, HAWK_CGEN_REC + offsetof(struct hawk_abi_rec, flags), 1);
	hawk_cgen_alu(a, BPF_AND, BPF_REG_1, HAWK_REC_COMPAT);
	native = hawk_cgen_jump(a, BPF_JEQ, BPF_REG_1, 0);
	if (result) {
		hawk_cgen_mov(a, BPF_REG_1, BPF_REG_7);
		hawk_cgen_ins(a, BPF_ALU | BPF_NEG, BPF_REG_1, 0, 0, 0);
		other = hawk_cgen_jump(a, BPF_JGT, BPF_REG_1, 4095);
	}
	hawk_cgen_alu(a, BPF_LSH, BPF_REG_7, 32);
	hawk_cgen_alu(a, BPF_ARSH, BPF_REG_7, 32);
	if (result)
		hawk_cgen_land(a, other);
	hawk_cgen_land(a, native);
}

/* What the decoder does to a field of the record. */
static void data_rules(const struct hawk_cgen_plan *p, struct hawk_cgen_asm *a,
		       const struct hawk_cgen_source *s, struct hawk_cgen_jumps *absent)
{
	const bool result = s->type == HAWK_T_RETVAL || s->type == HAWK_T_ERRNO;
	const size_t args =
		HAWK_CGEN_REC + sizeof(struct hawk_abi_rec) + offsetof(struct hawk_abi_syscall, args);
	size_t zero;

	if (p->desc->syscall && s->sint && s->size == 8 && s->type != HAWK_T_LOFF)
		extend_compat(a, result);
	if (result)
		jump_if_flag(a, HAWK_REC_ENTER, absent);
	if (s->type == HAWK_T_ERRNO) {
		hawk_cgen_later(a, absent, hawk_cgen_jump(a, BPF_JSGT, BPF_REG_7, -1));
		hawk_cgen_later(a, absent, hawk_cgen_jump(a, BPF_JSLT, BPF_REG_7, -4095));
	}
	if (p->desc->syscall && s->offset >= args)
		jump_if_flag(a, HAWK_REC_NOARGS, absent);
	if (s->type == HAWK_T_BOOL) {
		zero = hawk_cgen_jump(a, BPF_JEQ, BPF_REG_7, 0);
		hawk_cgen_set(a, BPF_REG_7, 1);
		hawk_cgen_land(a, zero);
	}
}

void hawk_cgen_load_number(const struct hawk_cgen_plan *p, struct hawk_cgen_asm *a,
			   const struct hawk_cgen_source *s, struct hawk_cgen_jumps *absent)
{
	hawk_cgen_load(a, BPF_REG_7, BPF_REG_6, s->offset, s->size);
	if (s->sint && s->size < 8) {
		hawk_cgen_alu(a, BPF_LSH, BPF_REG_7, 64 - 8 * s->size);
		hawk_cgen_alu(a, BPF_ARSH, BPF_REG_7, 64 - 8 * s->size);
	}
	if (s->data)
		data_rules(p, a, s, absent);
	if (s->mask)
		hawk_cgen_alu(a, BPF_AND, BPF_REG_7, (int32_t)s->mask);
	if (s->zero_absent)
		hawk_cgen_later(a, absent, hawk_cgen_jump(a, BPF_JEQ, BPF_REG_7, 0));
}
