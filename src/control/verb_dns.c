/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What packets told: names of addresses, and whom processes talk to. */
#include <errno.h>

#include "src/base/clock.h"
#include "src/control/server.h"
#include "src/event/names.h"

#define NS_PER_MS 1000000ULL

static uint64_t present(void)
{
	struct hawk_clock clock = hawk_clock_system();

	return hawk_clock_now(&clock);
}

static void put_address(struct hawk_buf *out, const uint8_t ip[16])
{
	const struct hawk_value v = { .bytes = ip, .len = 16 };

	hawk_buf_lit(out, "\"address\":\"");
	hawk_value_print(out, HAWK_T_IP, &v, 0);
	hawk_buf_lit(out, "\",\"name\":");
}

static void put_number(struct hawk_buf *out, const char *key, uint64_t v)
{
	hawk_buf_printf(out, ",\"%s\":%llu", key, (unsigned long long)v);
}

struct writing {
	struct hawk_buf *text;
	uint64_t now;
	bool any;
};

/* Opens the next object of a list. */
static void next_object(struct writing *w)
{
	hawk_buf_puts(w->text, w->any ? ",{" : "{");
	w->any = true;
}

static uint64_t age_ms(const struct writing *w, uint64_t then)
{
	return w->now > then ? (w->now - then) / NS_PER_MS : 0;
}

static void put_target(void *ctx, const struct hawk_target *t)
{
	struct writing *w = ctx;

	next_object(w);
	hawk_buf_printf(w->text, "\"pid\":%u,\"kind\":\"%s\",", t->pid, hawk_target_kind_name(t->kind));
	put_address(w->text, t->ip);
	hawk_json_string(w->text, (const uint8_t *)t->name, t->len);
	put_number(w->text, "port", t->port);
	put_number(w->text, "count", t->count);
	put_number(w->text, "age_ms", age_ms(w, t->last));
	hawk_buf_putc(w->text, '}');
}

void hawk_put_targets(struct hawk_buf *out, struct hawk_derive *derive, const struct hawk_process *p)
{
	struct writing w = { .text = out, .now = present() };

	hawk_buf_putc(out, '[');
	if (derive)
		hawk_targets_each(hawk_derive_targets(derive), p ? (uint32_t)p->task.pid : 0, p ? p->task.start : 0,
				  put_target, &w);
	hawk_buf_putc(out, ']');
}

static void put_name(void *ctx, const struct hawk_dns_name *n)
{
	struct writing *w = ctx;

	next_object(w);
	put_address(w->text, n->ip);
	hawk_json_string(w->text, (const uint8_t *)n->name, n->len);
	put_number(w->text, "expires_ms", (n->expires - w->now) / NS_PER_MS);
	put_number(w->text, "age_ms", age_ms(w, n->seen));
	put_number(w->text, "answers", n->answers);
	put_number(w->text, "pid", n->pid);
	hawk_buf_putc(w->text, '}');
}

/* A question to the pipeline thread, and its answer. */
struct asking {
	struct hawk_derive *derive;
	struct hawk_buf text;
	uint32_t pid;      /* 0: all */
	const uint8_t *ip; /* NULL: all */
	bool found;        /* the process */
};

static void list_names(void *arg, struct hawk_proctab *proctab)
{
	struct asking *a = arg;
	struct hawk_dnscache *c = hawk_derive_dns(a->derive);
	struct hawk_dnscache_stats stats = hawk_dnscache_stats(c);
	struct writing w = { .text = &a->text, .now = present() };

	(void)proctab;
	hawk_buf_lit(&a->text, "{\"names\":[");
	hawk_dnscache_each(c, a->ip, w.now, put_name, &w);
	hawk_buf_putc(&a->text, ']');
	if (!a->ip) {
		hawk_buf_printf(&a->text, ",\"cache\":{\"entries\":%llu", (unsigned long long)stats.entries);
#define NUMBER(member) put_number(&a->text, #member, stats.member)
		NUMBER(max_entries);
		NUMBER(answers);
		NUMBER(evicted);
		NUMBER(expired);
		NUMBER(refused);
		NUMBER(hits);
		NUMBER(misses);
#undef NUMBER
		hawk_buf_putc(&a->text, '}');
	}
	hawk_buf_putc(&a->text, '}');
}

static void list_targets(void *arg, struct hawk_proctab *proctab)
{
	struct asking *a = arg;
	const struct hawk_process *p = a->pid ? hawk_proctab_by_pid(proctab, a->pid) : NULL;

	a->found = p || !a->pid;
	hawk_buf_lit(&a->text, "{\"targets\":");
	hawk_put_targets(&a->text, a->derive, p);
	put_number(&a->text, "evicted", hawk_targets_stats(hawk_derive_targets(a->derive)).evicted);
	hawk_buf_putc(&a->text, '}');
}

/* Asks the pipeline thread and replies. */
static int ask(struct hawk_session *s, struct asking *a, void (*fn)(void *arg, struct hawk_proctab *proctab))
{
	int r;

	a->derive = s->control->ops->derive(s->control->ctx);
	a->text.max = s->control->options.client_bytes;
	s->control->ops->in_pipeline(s->control->ctx, fn, a);
	if (a->pid && !a->found)
		r = hawk_reply_error(s, hawk_failure_name(HAWK_FAILURE_NO_SUCH_PROCESS),
				     json_pack("{s:I}", "pid", (json_int_t)a->pid));
	else
		r = hawk_reply_text(s, &a->text, false);
	hawk_buf_done(&a->text);
	return r;
}

int hawk_do_DNS_LIST(struct hawk_session *s, const json_t *args)
{
	struct asking a = { .ip = NULL };

	(void)args;
	return ask(s, &a, list_names);
}

int hawk_do_DNS_SHOW(struct hawk_session *s, const json_t *args)
{
	const char *text = json_string_value(hawk_args_get(args, "address"));
	uint8_t ip[16];
	struct asking a = { .ip = ip };

	if (hawk_ip_parse(text, ip) < 0)
		return hawk_reply_failed(s, "%.64s: not an IPv4 or IPv6 address", text);
	return ask(s, &a, list_names);
}

int hawk_do_PROCESS_TARGETS(struct hawk_session *s, const json_t *args)
{
	const json_t *arg = hawk_args_get(args, "pid");
	json_int_t pid = json_integer_value(arg);
	struct asking a = { .pid = (uint32_t)pid };

	if (arg && (pid < 1 || pid > INT32_MAX))
		return hawk_reply_error(s, hawk_failure_name(HAWK_FAILURE_NO_SUCH_PROCESS),
					json_pack("{s:I}", "pid", pid));
	return ask(s, &a, list_targets);
}
