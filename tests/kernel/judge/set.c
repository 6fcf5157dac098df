/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/kernel/judge/set.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "src/base/cleanup.h"

int run_begin(struct run *run)
{
	const struct hawk_host_ns host = { .mnt = 1, .pid = 2, .net = 3, .uts = 1000 };

	hawk_host_ns_set(&host);
	hawk_watch_since_set(2);
	run->vector = calloc(1, sizeof(*run->vector));
	return run->vector ? hawk_decoder_new(&run->decoder, 0) : -ENOMEM;
}

void run_end(struct run *run)
{
	hawk_decoder_free(run->decoder);
	free(run->vector);
	kern_close(&run->kern);
}

void set_add(struct set *s, unsigned int bit, struct hawk_ir *filter)
{
	s->filter[s->n] = filter;
	s->rules[s->n++] = (struct hawk_cgen_rule){ .bit = bit, .filter = filter };
}

static bool in_tree(void *ctx, const struct hawk_process *process, uint32_t ancestor)
{
	(void)ctx;
	return ((uint32_t)process->task.pid + ancestor) % 2;
}

static const struct hawk_ir_env env = { .in_tree = in_tree };

/* Puts the record and what a program knows of the task where the generated ones look. */
static void fill_slot(struct run *run, const struct set *s, struct vector *v)
{
	struct hawk_abi_scratch *slot = run->kern.slot;
	struct hawk_abi_judge *j = &slot->judge;
	struct hawk_abi_known known = { .pass = { 0 } };

	memset(slot->bytes, 0x5a, 4096);
	memcpy(slot->bytes, test_record_raw(&v->record), test_record_size(&v->record));
	memset(j, 0xff, offsetof(struct hawk_abi_judge, text));
	memset(j->key, 0xcc, sizeof(j->key));
	j->judged = j->unknown = 0;
	j->task = v->process.task;
	j->task.ppid = j->task.ns_ppid = 1; /* its parent is gone */
	memcpy(j->comm, v->event.comm, sizeof(j->comm));
	memcpy(j->nodename, v->nodename, sizeof(j->nodename));
	j->known = (struct hawk_abi_known_key){ .start = v->process.task.start,
						.cgroup = v->process.task.cgroup,
						.tgid = (uint32_t)v->process.task.pid,
						.exec_id = (uint32_t)v->process.task.exec_id };
	for (size_t i = 0; i < ARRAY_SIZE(j->text); i++)
		vector_text(v, s->desc, s->cg->text_at[i], &j->text[i]);
	if (!(s->cg->needs & HAWK_NEED_KNOWN))
		return;
	for (size_t bit = 0; bit < HAWK_POLICIES_MAX; bit++)
		if (s->learned[bit] && hawk_ir_eval(s->learned[bit], &v->event, &env))
			known.pass[bit / 64] |= 1ULL << bit % 64;
	kern_know(&run->kern, &j->known, random_below(3) ? &known : NULL);
}

static bool wants(const struct hawk_cgen_rule *rule, const struct hawk_event *event)
{
	return (!rule->scope || hawk_ir_eval(rule->scope, event, &env)) &&
	       (!rule->filter || hawk_ir_eval(rule->filter, event, &env));
}

static void print_ir(const char *what, const struct hawk_ir *ir)
{
	_cleanup_(hawk_buf_done) struct hawk_buf text = HAWK_BUF_INIT;

	if (ir && hawk_ir_print(ir, &text) == 0)
		fprintf(stderr, "  %s: %s\n", what, hawk_buf_str(&text));
}

static void print_vector(const struct set *s, const struct vector *v)
{
	_cleanup_(hawk_buf_done) struct hawk_buf text = HAWK_BUF_INIT;

	for (size_t i = 0; i < s->desc->n_fields; i++) {
		const struct hawk_value *value = &v->event.data[i];

		hawk_buf_printf(&text, "  %s flags %x", s->desc->fields[i].name, value->flags);
		if (hawk_type_desc(s->desc->fields[i].type)->var)
			hawk_buf_printf(&text, " \"%.*s\"\n", (int)value->len,
					value->len ? (const char *)value->bytes : "");
		else
			hawk_buf_printf(&text, " %" PRIu64 "\n", value->u);
	}
	fprintf(stderr, "%s  record flags %x\n", hawk_buf_str(&text), v->event.rec_flags);
}

/* What does not agree is shown with the predicate and the event. */
static void complain(struct run *run, const struct set *s, const struct vector *v, unsigned int bit,
		     bool want)
{
	if (run->failed++ > 4)
		return;
	fprintf(stderr, "%s, policy %u: eval says %d, the kernel %d\n", s->desc->name, bit, want, !want);
	for (size_t i = 0; i < s->n; i++) {
		if (s->rules[i].bit != bit)
			continue;
		print_ir("scope", s->rules[i].scope);
		print_ir("filter", s->rules[i].filter);
	}
	print_vector(s, v);
}

static void compare(struct run *run, const struct set *s, const struct vector *v)
{
	const struct hawk_abi_judge *j = &run->kern.slot->judge;
	uint64_t used[HAWK_POLICIES_MAX / 64 + 1] = { 0 };
	bool any = false;
	uint32_t ran = (s->programs.fd[0] >= 0) | (s->programs.fd[1] >= 0) << 1;

	if (j->judged != ran && run->failed++ < 4)
		fprintf(stderr, "%s: points that ran: %u, not %u\n", s->desc->name, j->judged, ran);
	for (unsigned int bit = 0; bit <= HAWK_INTEREST_COLUMN; bit++) {
		bool want = false, has = false, pass = j->pass[bit / 64] >> bit % 64 & 1;
		bool exact = bit < HAWK_POLICIES_MAX && s->cg->exact[bit / 64] >> bit % 64 & 1;

		for (size_t i = 0; i < s->n; i++) {
			if (s->rules[i].bit != bit)
				continue;
			has = true;
			want = want || wants(&s->rules[i], &v->event);
		}
		if (!has)
			continue;
		used[bit / 64] |= 1ULL << bit % 64;
		run->pairs++;
		run->passed += pass;
		run->right += want;
		run->exact += exact && v->clear;
		if ((want && !pass) || (exact && v->clear && want != pass))
			complain(run, s, v, bit, want);
	}
	for (size_t w = 0; w < ARRAY_SIZE(used); w++) {
		/* other columns share the word of signatures */
		uint64_t pass = w < HAWK_POLICIES_MAX / 64 ? j->pass[w] : j->pass[w] & 1;

		if (pass & ~used[w] && run->failed++ < 4)
			fprintf(stderr, "%s: bits of policies that are not there\n", s->desc->name);
		any = any || pass;
	}
	for (size_t w = HAWK_POLICIES_MAX / 64; w < ARRAY_SIZE(j->pass); w++)
		if (j->pass[w] && !any && run->failed++ < 4)
			fprintf(stderr, "%s: bits without a policy\n", s->desc->name);
}

int set_load(struct run *run, struct set *s)
{
	int r = 0;

	for (size_t i = 0; i < s->n; i++)
		s->rules[i].scope = s->scope[s->rules[i].bit];
	for (size_t bit = 0; bit < HAWK_POLICIES_MAX && r == 0; bit++)
		if (s->scope[bit])
			r = hawk_cgen_learned(&s->learned[bit], s->scope[bit]);
	if (r == 0)
		r = hawk_cgen_build(&s->cg, s->desc, s->rules, s->n);
	if (r == 0)
		r = kern_load(&run->kern, s->cg, &s->programs, false);
	if (r == 0) {
		run->left += s->cg->n_left;
		return 0;
	}
	fprintf(stderr, "%s: %s\n", s->desc->name, strerror(-r));
	for (size_t i = 0; i < s->n; i++) {
		print_ir("scope", s->rules[i].scope);
		print_ir("filter", s->rules[i].filter);
	}
	if (s->cg)
		kern_load(&run->kern, s->cg, &s->programs, true);
	return r;
}

int set_compare(struct run *run, struct set *s, size_t n)
{
	int r = 0;

	for (size_t i = 0; i < n && r == 0; i++) {
		random_vector(run->vector, s->desc, run->decoder);
		fill_slot(run, s, run->vector);
		r = kern_run(&s->programs);
		if (r == 0)
			compare(run, s, run->vector);
	}
	run->sets++;
	return r;
}

void set_free(struct set *s)
{
	kern_unload(&s->programs);
	hawk_cgen_free(s->cg);
	for (size_t i = 0; i < HAWK_POLICIES_MAX; i++) {
		hawk_ir_free(s->scope[i]);
		hawk_ir_free(s->learned[i]);
	}
	for (size_t i = 0; i < s->n; i++)
		hawk_ir_free(s->filter[i]);
}
