/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which guards an event may make true, and which it does. */
#include <errno.h>
#include <stdlib.h>

#include "src/sig/hash.h"
#include "src/sig/set.h"

#define NONE UINT32_MAX

uint64_t hawk_sig_key(const struct hawk_sig_set *s, uint32_t probe, enum hawk_sig_kind kind, const void *p, size_t len)
{
	return hawk_sig_hash(s->seed + probe * 64ULL + kind, p, len) | 1;
}

/* --- building --- */

/* Makes room for one more of the N members of an array. */
static void *grown(void *p, size_t n, size_t size)
{
	/* at powers of two only */
	if (n & (n - 1))
		return p;
	return realloc(p, (n ? n * 2 : 1) * size);
}

#define PUSH(array, n, ...)                                                                                  \
	({                                                                                                   \
		__typeof__(array) _p = grown((array), (n), sizeof(*(array)));                                \
		if (_p) {                                                                                    \
			(array) = _p;                                                                        \
			(array)[(n)++] = __VA_ARGS__;                                                        \
		}                                                                                            \
		_p ? 0 : -ENOMEM;                                                                            \
	})

static struct hawk_sig_slot *slot_of(const struct hawk_sig_set *s, uint64_t hash)
{
	size_t at = hash >> 8 & (s->n_slots - 1);

	while (s->slots[at].hash && s->slots[at].hash != hash)
		at = (at + 1) & (s->n_slots - 1);
	return &s->slots[at];
}

/* Keeps half of the slots free. */
static int grow_slots(struct hawk_sig_set *s)
{
	struct hawk_sig_slot *before = s->slots;
	size_t n = s->n_slots;

	if (s->n_targets * 2 < n)
		return 0;
	s->n_slots = n ? n * 4 : 1024;
	s->slots = calloc(s->n_slots, sizeof(*s->slots));
	if (!s->slots) {
		s->slots = before;
		s->n_slots = n;
		return -ENOMEM;
	}
	for (size_t i = 0; i < n; i++)
		if (before[i].hash)
			*slot_of(s, before[i].hash) = before[i];
	free(before);
	return 0;
}

static int add_target(struct hawk_sig_set *s, uint64_t hash, uint32_t group)
{
	struct hawk_sig_slot *slot;
	int r = grow_slots(s);

	if (r < 0)
		return r;
	slot = slot_of(s, hash);
	if (!slot->hash)
		*slot = (struct hawk_sig_slot){ hash, NONE };
	/* Rows of one group with the same field come one after the other. */
	if (slot->first != NONE && s->targets[slot->first].group == group)
		return 0;
	r = PUSH(s->targets, s->n_targets, (struct hawk_sig_target){ group, slot->first });
	if (r == 0)
		slot->first = (uint32_t)(s->n_targets - 1);
	return r;
}

static bool same_field(const struct hawk_field *a, const struct hawk_field *b)
{
	return a->scope == b->scope &&
	       (a->scope == HAWK_SCOPE_DATA ? strcmp(a->name, b->name) == 0 : a->index == b->index);
}

static bool same_part(const struct hawk_part *a, const struct hawk_part *b)
{
	return a->owner == b->owner && a->place == b->place &&
	       (a->name == b->name || (a->name && b->name && strcmp(a->name, b->name) == 0));
}

static int find_probe(struct hawk_sig_set *s, const struct hawk_field *field, const struct hawk_ir_variant *v,
		      uint32_t *ret)
{
	for (*ret = 0; *ret < s->n_probes; (*ret)++) {
		const struct hawk_sig_probe *p = &s->probes[*ret];

		if (p->how == v->how && p->inside == v->inside && same_field(&p->field, field) &&
		    (!v->inside || same_part(&p->part, &v->part)))
			return 0;
	}
	return PUSH(s->probes, s->n_probes, (struct hawk_sig_probe){ .field = *field, .how = v->how,
								      .inside = v->inside, .part = v->part });
}

/* Has events of ROW looked at by a probe. */
static int use_probe(struct hawk_sig_set *s, size_t row, uint32_t probe, int column)
{
	struct hawk_sig_row *r = &s->rows[row];

	for (size_t i = 0; i < r->n_probes; i++)
		if (r->probes[i].probe == probe)
			return 0;
	return PUSH(r->probes, r->n_probes, (struct hawk_sig_place){ probe, (int16_t)column });
}

struct adding {
	struct hawk_sig_set *set;
	uint32_t group;
	size_t row;
};

/* The four bytes of TEXT that fewest others are found by. */
static uint32_t rarest_gram(const struct hawk_sig_set *s, uint32_t probe, const char *text, size_t len)
{
	uint32_t best = 0, gram;
	size_t least = SIZE_MAX;

	for (size_t i = 0; i + 4 <= len && least; i++) {
		size_t users = 0;
		const struct hawk_sig_slot *slot;

		memcpy(&gram, text + i, 4);
		slot = s->n_slots ? slot_of(s, hawk_sig_key(s, probe, HAWK_SIG_GRAM, &gram, 4)) : NULL;
		for (uint32_t t = slot && slot->hash ? slot->first : NONE; t != NONE && users < 64; t = s->targets[t].next)
			users++;
		if (users < least) {
			least = users;
			best = gram;
		}
	}
	return best;
}

static int add_text(struct adding *a, uint32_t probe, const struct hawk_ir_value *v)
{
	struct hawk_sig_probe *p = &a->set->probes[probe];
	enum hawk_sig_kind kind;
	const char *text;
	uint32_t gram;
	size_t len;
	int length;

	hawk_sig_anchor_text(v, &kind, &text, &len);
	if (kind == HAWK_SIG_EXACT) {
		p->exact = true;
	} else if (kind == HAWK_SIG_GRAM) {
		if (!p->grams)
			p->grams = calloc(65536 / 64, sizeof(*p->grams));
		if (!p->grams)
			return -ENOMEM;
		gram = rarest_gram(a->set, probe, text, len);
		text = (const char *)&gram;
		len = 4;
		p->grams[hawk_sig_gram(gram) / 64] |= 1ULL << hawk_sig_gram(gram) % 64;
	} else {
		length = hawk_sig_length(len);
		if (kind == HAWK_SIG_SUFFIX)
			text += len - hawk_sig_lengths[length];
		len = hawk_sig_lengths[length];
		*(kind == HAWK_SIG_PREFIX ? &p->prefixes : &p->suffixes) |= (uint16_t)(1 << length);
	}
	return add_target(a->set, hawk_sig_key(a->set, probe, kind, text, len), a->group);
}

static int add_anchor(void *ctx, const struct hawk_sig_anchor *anchor)
{
	struct adding *a = ctx;
	const struct hawk_ir_condition *c = anchor->condition;
	uint32_t probe;
	int r = find_probe(a->set, &c->field, anchor->variant, &probe);

	if (r == 0)
		r = use_probe(a->set, a->row, probe, c->places ? c->places[a->row].column : -1);
	for (size_t i = 0; i < c->n_values && r == 0; i++) {
		const struct hawk_ir_operand *o = &anchor->variant->operands[i];

		if (anchor->variant->how == HAWK_IR_STRING || anchor->variant->how == HAWK_IR_STRINGS) {
			r = add_text(a, probe, &c->values[i]);
			continue;
		}
		a->set->probes[probe].exact = true;
		r = add_target(a->set,
			       anchor->variant->how == HAWK_IR_IP ?
				       hawk_sig_key(a->set, probe, HAWK_SIG_EXACT, o->ip, 16) :
				       hawk_sig_key(a->set, probe, HAWK_SIG_EXACT, &o->v, 8),
			       a->group);
	}
	return r;
}

/* What others found is found by the names of their signatures. */
static int add_names(struct adding *a, const struct hawk_sig_match *m)
{
	struct hawk_field field;
	uint32_t probe;
	int r = hawk_field_find("data.signature", &field);

	if (r == 0)
		r = find_probe(a->set, &field, &(struct hawk_ir_variant){ .how = HAWK_IR_STRING }, &probe);
	if (r == 0)
		r = use_probe(a->set, a->row, probe,
			      hawk_event_field(hawk_event_descs(&(size_t){ 0 })[a->row], "signature"));
	for (size_t i = 0; i < m->n_findings && r == 0; i++) {
		a->set->probes[probe].exact = true;
		r = add_target(a->set,
			       hawk_sig_key(a->set, probe, HAWK_SIG_EXACT, m->findings[i], strlen(m->findings[i])),
			       a->group);
	}
	return r;
}

static int index_row(struct hawk_sig_set *s, uint32_t group, size_t row, bool finding)
{
	const struct hawk_sig_group *g = &s->groups[group];
	struct adding adding = { s, group, row };
	struct hawk_sig_row *to = &s->rows[row];
	unsigned int cost;
	int r;

	if (g->names && finding) {
		s->events[row / 64] |= 1ULL << row % 64;
		return add_names(&adding, s->matchers[g->first].match);
	}
	r = hawk_sig_anchor(g->guard, row, add_anchor, &adding, &cost);
	if (r < 0 || cost == 0)
		return r;
	s->events[row / 64] |= 1ULL << row % 64;
	if (!g->guard || g->guard->root == HAWK_IR_NONE)
		to->all = true;
	else
		r = PUSH(to->guards, to->n_guards, g->guard);
	if (r < 0 || cost < HAWK_SIG_NO_ANCHOR)
		return r;
	return PUSH(to->groups, to->n_groups, group);
}

int hawk_sig_index_group(struct hawk_sig_set *s, uint32_t group)
{
	const uint64_t *events = s->groups[group].events;
	size_t n;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);
	int r = 0;

	for (size_t row = 0; row < n && r == 0; row++)
		if (events[row / 64] >> row % 64 & 1)
			r = index_row(s, group, row, descs[row]->id == HAWK_EV_FINDING);
	return r;
}

/* --- an event --- */

struct finding {
	const struct hawk_sig_set *s;
	const struct hawk_event *event;
	const struct hawk_ir_env *env;
	size_t row;
};

static bool eval_node(const struct finding *f, const struct hawk_sig_group *g, uint16_t node)
{
	const struct hawk_ir_node *n = &g->guard->nodes[node];
	bool stop = n->kind == HAWK_IR_OR;

	if (n->kind == HAWK_IR_CONDITION) {
		uint32_t *memo = &f->s->scratch->atoms[g->atoms[node]], turn = f->s->scratch->turn;

		if (*memo >> 1 != turn)
			*memo = turn << 1 | hawk_ir_eval(&f->s->atoms[g->atoms[node]], f->event, f->env);
		return *memo & 1;
	}
	if (n->kind == HAWK_IR_NOT)
		return !eval_node(f, g, n->first);
	for (uint16_t child = n->first; child != HAWK_IR_NONE; child = g->guard->nodes[child].next)
		if (eval_node(f, g, child) == stop)
			return stop;
	return !stop;
}

/* Whether the finding that EVENT tells is of a signature that M names. */
static bool names_it(const struct hawk_sig_match *m, const struct hawk_event *event)
{
	const struct hawk_value *v;

	if (event->desc->id != HAWK_EV_FINDING)
		return true;
	v = &event->data[hawk_event_field(event->desc, "signature")];
	if (v->flags & HAWK_VAL_ABSENT)
		return false;
	for (size_t i = 0; i < m->n_findings; i++)
		if (strlen(m->findings[i]) == v->len && memcmp(m->findings[i], v->bytes, v->len) == 0)
			return true;
	return false;
}

static void try_group(const struct finding *f, uint32_t group)
{
	struct hawk_sig_scratch *scratch = f->s->scratch;
	const struct hawk_sig_group *g = &f->s->groups[group];

	if (scratch->groups[group] == scratch->turn || !(g->events[f->row / 64] >> f->row % 64 & 1))
		return;
	scratch->groups[group] = scratch->turn;
	if (g->guard && g->guard->root != HAWK_IR_NONE && !eval_node(f, g, g->guard->root))
		return;
	if (g->names && !names_it(f->s->matchers[g->first].match, f->event))
		return;
	for (uint32_t m = g->first; m != NONE; m = f->s->matchers[m].next)
		scratch->hits[scratch->n_hits++] = m;
}

static void look_up(const struct finding *f, uint32_t probe, enum hawk_sig_kind kind, const void *p, size_t len)
{
	const struct hawk_sig_slot *slot = slot_of(f->s, hawk_sig_key(f->s, probe, kind, p, len));

	for (uint32_t t = slot->hash ? slot->first : NONE; t != NONE; t = f->s->targets[t].next)
		try_group(f, f->s->targets[t].group);
}

static void look_up_text(const struct finding *f, uint32_t probe, const uint8_t *p, size_t len)
{
	const struct hawk_sig_probe *pr = &f->s->probes[probe];
	uint32_t gram;

	if (pr->exact)
		look_up(f, probe, HAWK_SIG_EXACT, p, len);
	for (unsigned int bits = pr->prefixes; bits; bits &= bits - 1) {
		size_t n = hawk_sig_lengths[__builtin_ctz(bits)];

		if (n > len)
			break;
		look_up(f, probe, HAWK_SIG_PREFIX, p, n);
	}
	for (unsigned int bits = pr->suffixes; bits; bits &= bits - 1) {
		size_t n = hawk_sig_lengths[__builtin_ctz(bits)];

		if (n > len)
			break;
		look_up(f, probe, HAWK_SIG_SUFFIX, p + len - n, n);
	}
	for (size_t i = 0; pr->grams && i + 4 <= len; i++) {
		memcpy(&gram, p + i, 4);
		if (pr->grams[hawk_sig_gram(gram) / 64] >> hawk_sig_gram(gram) % 64 & 1)
			look_up(f, probe, HAWK_SIG_GRAM, &gram, 4);
	}
}

#define NO_VALUE (HAWK_VAL_ABSENT | HAWK_VAL_UNREADABLE | HAWK_VAL_NULL)

static void look_up_value(const struct finding *f, uint32_t probe, struct hawk_value v)
{
	const struct hawk_sig_probe *p = &f->s->probes[probe];

	if (v.flags & NO_VALUE)
		return;
	if (p->how == HAWK_IR_STRING) {
		look_up_text(f, probe, v.bytes, v.len);
	} else if (p->how == HAWK_IR_STRINGS) {
		while (v.len) {
			uint32_t one = (uint32_t)strnlen((const char *)v.bytes, v.len), step = one + (one < v.len);

			look_up_text(f, probe, v.bytes, one);
			v.bytes += step;
			v.len -= step;
		}
	} else if (p->how == HAWK_IR_IP) {
		look_up(f, probe, HAWK_SIG_EXACT, v.bytes, 16);
	} else {
		look_up(f, probe, HAWK_SIG_EXACT, &v.u, 8);
	}
}

static void ask(const struct finding *f, uint32_t probe, int column)
{
	const struct hawk_sig_probe *p = &f->s->probes[probe];
	struct hawk_part_store store;
	struct hawk_value v, one;

	if (column >= 0)
		v = f->event->data[column];
	else if (hawk_field_get(&p->field, f->event, &v) < 0)
		return;
	if (!p->inside)
		look_up_value(f, probe, v);
	for (size_t i = 0; p->inside && !(v.flags & NO_VALUE) && hawk_part_get(&p->part, &v, i, &store, &one) == 0; i++)
		look_up_value(f, probe, one);
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

size_t hawk_sig_set_find(const struct hawk_sig_set *s, const struct hawk_event *event, const struct hawk_ir_env *env)
{
	struct finding f = { s, event, env, hawk_ir_row(event->desc) };
	const struct hawk_sig_row *row = &s->rows[f.row];
	struct hawk_sig_scratch *scratch = s->scratch;

	scratch->n_hits = 0;
	if (!(s->events[f.row / 64] >> f.row % 64 & 1))
		return 0;
	if (++scratch->turn == UINT32_MAX / 2) {
		memset(scratch->atoms, 0, s->n_atoms * sizeof(*scratch->atoms));
		memset(scratch->groups, 0, s->n_groups * sizeof(*scratch->groups));
		scratch->turn = 1;
	}
	for (size_t i = 0; i < row->n_probes; i++)
		ask(&f, row->probes[i].probe, row->probes[i].column);
	for (size_t i = 0; i < row->n_groups; i++)
		try_group(&f, row->groups[i]);
	/* What is found must not depend on the seed. */
	if (scratch->n_hits > 1)
		qsort(scratch->hits, scratch->n_hits, sizeof(*scratch->hits), by_number);
	return scratch->n_hits;
}
