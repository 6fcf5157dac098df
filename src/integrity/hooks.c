/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Functions of the kernel that ftrace leads elsewhere, as the kernel itself
 * lists them. Tracing tools, kprobes, BPF programs and live patches do that,
 * and rootkits since the kernel lets nobody write to its tables.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "src/base/cleanup.h"
#include "src/integrity/internal.h"

/* Two functions and three addresses; KSYM_NAME_LEN is 512. */
#define HOOK_LINE_MAX 2048

static void copy(char *to, size_t size, const char *from, size_t len)
{
	if (len >= size)
		len = size - 1;
	memcpy(to, from, len);
	to[len] = '\0';
}

/* The first place of TEXT in the LEN bytes at P, or NULL. */
static const char *find(const char *p, size_t len, const char *text)
{
	return memmem(p, len, text, strlen(text));
}

/*
 * "name+0x12/0x40 [module]", or a bare address: %pS in
 * Documentation/core-api/printk-formats.rst. Behind P a NUL byte comes at last.
 */
static void parse_function(struct hawk_ftrace_hook *h, const char *p, size_t len)
{
	const char *end = p + len, *plus = memchr(p, '+', len), *owner = memchr(p, '[', len);
	size_t name = strcspn(p, "+ [");

	if (name > len)
		name = len;
	copy(h->callback, sizeof(h->callback), p, name);
	h->offset = 0;
	if (plus && end - plus > 3 && plus[1] == '0' && plus[2] == 'x')
		h->offset = (int64_t)strtoull(plus + 1, NULL, 16);
	if (owner && end[-1] == ']')
		copy(h->owner, sizeof(h->owner), owner + 1, (size_t)(end - owner - 2));
	else if (strncmp(p, "bpf_trampoline_", 15) == 0)
		snprintf(h->owner, sizeof(h->owner), "bpf"); /* the kernel names it, and made it for programs */
	else
		/* an address without a name is nobody's */
		copy(h->owner, sizeof(h->owner), "kernel", strncmp(p, "0x", 2) == 0 ? 0 : 6);
}

/* "tramp: FUNCTION (FUNCTION)", "ops: FUNCTION (FUNCTION)": what the kernel jumps to, and what that calls. */
static bool parse_pair(struct hawk_ftrace_hook *h, const char *p, const char *end)
{
	const char *open = find(p, (size_t)(end - p), " ("), *close;

	if (!open)
		return false;
	close = memchr(open, ')', (size_t)(end - open));
	if (!close || close == open + 2)
		return false;
	copy(h->trampoline, sizeof(h->trampoline), p, (size_t)(open - p));
	parse_function(h, open + 2, (size_t)(close - open - 2));
	return true;
}

static int parse_count(struct hawk_ftrace_hook *h, const char **p, const char *end)
{
	const char *at = *p;
	uint64_t count = 0;

	for (; at < end && isdigit((unsigned char)*at); at++) {
		if (at - *p >= 18)
			return -EINVAL;
		count = count * 10 + (uint64_t)(*at - '0');
	}
	if (at == *p || at == end || *at != ')')
		return -EINVAL;
	h->count = count;
	*p = at + 1;
	return 0;
}

/* kernel/trace/ftrace.c, t_show(): "FUNCTION (COUNT)", letters, and what it leads to as far as that is known. */
int hawk_ftrace_parse(struct hawk_ftrace_hook *ret, const char *line, size_t len)
{
	static const char *const pairs[] = { "tramp: ", "ops: " };
	struct hawk_ftrace_hook h = { .count = 0 };
	char text[HOOK_LINE_MAX];
	const char *end, *p, *rest;
	size_t flags = 0;

	if (len >= sizeof(text))
		return -EINVAL;
	for (size_t i = 0; i < len; i++)
		if (line[i] != '\t' && !isprint((unsigned char)line[i]))
			return -EINVAL;
	copy(text, sizeof(text), line, len);
	line = text;
	end = text + len;
	/* "direct-->", since 7.0 "direct(jmp)-->" as well, on a line of its own */
	p = find(line, len, "-->");
	if (p && (line[0] == '\t' || line[0] == ' ') && strncmp(line + strspn(line, " \t"), "direct", 6) == 0) {
		if (end - p == 3)
			return -EINVAL;
		parse_function(ret, p + 3, (size_t)(end - p - 3));
		return 1;
	}
	p = find(line, len, " (");
	if (!p || p == line || line[0] == ' ' || line[0] == '\t')
		return -EINVAL;
	copy(h.symbol, sizeof(h.symbol), line, (size_t)(p - line));
	p += 2;
	if (parse_count(&h, &p, end) < 0)
		return -EINVAL;
	rest = find(p, (size_t)(end - p), "->");
	for (; p < end && p != rest && *p != ':' && !islower((unsigned char)*p); p++)
		if (isupper((unsigned char)*p) && flags < sizeof(h.flags) - 1)
			h.flags[flags++] = *p;
	for (size_t i = 0; i < ARRAY_SIZE(pairs) && !h.callback[0]; i++) {
		const char *pair = find(line, len, pairs[i]);

		if (pair && parse_pair(&h, pair + strlen(pairs[i]), end))
			rest = NULL;
	}
	if (rest && end - rest > 2)
		parse_function(&h, rest + 2, (size_t)(end - rest - 2));
	*ret = h;
	return 0;
}

/*
 * True for hooks of the daemon itself: on one of its functions, by a way that
 * it uses there, and nobody else's beside. BPF programs on one function share
 * a trampoline and count as one user, and so do kprobes.
 */
static bool is_own(const char *const *own, const struct hawk_ftrace_hook *h)
{
	static const char *const ways[] = { "bpf_trampoline_", "call_direct_funcs", "kprobe_ftrace_handler",
					    "arch_ftrace_ops_list_func", "ftrace_ops_list_func" };
	uint64_t users = 0;

	for (; own && *own; own++)
		users += strcmp(*own, h->symbol) == 0;
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++)
		if (strncmp(h->callback, ways[i], strlen(ways[i])) == 0)
			return h->count <= users;
	return false;
}

static void tell(struct hawk_pass *p, const struct hawk_ftrace_hook *h)
{
	struct hawk_anomaly *g;

	p->result->looked++;
	if (is_own(p->env->own, h))
		return;
	g = hawk_anomaly_add(p->findings, HAWK_EV_FTRACE_HOOK);
	hawk_anomaly_number(g, (uint64_t)h->offset);
	hawk_anomaly_number(g, h->count);
	hawk_anomaly_text(p->findings, g, h->symbol);
	hawk_anomaly_text(p->findings, g, h->trampoline);
	hawk_anomaly_text(p->findings, g, h->callback);
	hawk_anomaly_text(p->findings, g, h->owner);
	hawk_anomaly_text(p->findings, g, h->flags);
}

static FILE *open_enabled(struct hawk_pass *p)
{
	int r = ENOENT;

	for (const char *const *path = p->env->enabled; *path; path++) {
		FILE *f = fopen(*path, "re");

		if (f)
			return f;
		if (errno != ENOENT)
			r = errno;
	}
	/* a function of the kernel that only ftrace has */
	if (p->ksyms && !hawk_ksyms_known(p->ksyms, HAWK_SYM_register_ftrace_function))
		hawk_pass_note(p, "this kernel has no ftrace");
	else
		hawk_pass_missed(p, HAWK_CHECK_SKIPPED, "%s: %s%s", p->env->enabled[0], strerror(r),
				 r == ENOENT ? "; is tracefs mounted?" : "");
	return NULL;
}

void hawk_check_ftrace(struct hawk_pass *p)
{
	_cleanup_fclose_ FILE *f = open_enabled(p);
	struct hawk_ftrace_hook h, next;
	bool have = false;
	char line[HOOK_LINE_MAX];
	size_t bad = 0;

	while (f && fgets(line, sizeof(line), f)) {
		size_t len = strcspn(line, "\n");
		int r = len ? hawk_ftrace_parse(&next, line, len) : -EINVAL;

		if (r == 1) {
			/* where a direct call goes says more than what prepares it */
			if (have)
				hawk_ftrace_parse(&h, line, len);
			continue;
		}
		if (r < 0) {
			bad += len > 0;
			continue;
		}
		if (have)
			tell(p, &h);
		h = next;
		have = true;
	}
	if (have)
		tell(p, &h);
	if (bad)
		hawk_pass_missed(p, HAWK_CHECK_PARTLY, "%zu lines of enabled_functions are not understood", bad);
}

/* The order of the texts is that of tell(). */
static void hook_of(struct hawk_ftrace_hook *ret, const struct hawk_anomalies *f,
		    const struct hawk_anomaly *g)
{
	const char *bytes = f->bytes.data;

	*ret = (struct hawk_ftrace_hook){ .count = g->number[1] };
	copy(ret->symbol, sizeof(ret->symbol), bytes + g->text[0].at, g->text[0].len);
	copy(ret->callback, sizeof(ret->callback), bytes + g->text[2].at, g->text[2].len);
}

void hawk_integrity_disown(const char *const *own, struct hawk_anomalies *findings, struct hawk_check_result *result)
{
	size_t n = 0;

	for (size_t i = 0; i < findings->n; i++) {
		const struct hawk_anomaly *g = &findings->v[i];
		struct hawk_ftrace_hook h;

		if (g->event == HAWK_EV_FTRACE_HOOK) {
			hook_of(&h, findings, g);
			if (is_own(own, &h)) {
				result->findings--;
				continue;
			}
		}
		findings->v[n++] = *g;
	}
	findings->n = n;
}
