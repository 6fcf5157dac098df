/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Signatures on one core: events a second that none of those in DIRECTORY matches, and with one in a hundred that
 * is a finding; 10,000 signatures against 100; memory of state of 10,000 processes. A JSON line each.
 *
 *	sig_bench DIRECTORY
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/micro/measure.h"
#include "src/base/buf.h"
#include "src/base/cleanup.h"
#include "src/event/names.h"
#include "src/sig/engine.h"
#include "tests/unit/format/sample.h"

#define ROUNDS 7
#define EVENTS 400000
#define MANY 10000
#define FEW 100
#define PROCESSES 10000

/* --- signatures --- */

struct texts {
	struct hawk_sig_source *v;
	size_t n;
};

static void add_text(struct texts *t, char *path, char *text, size_t len)
{
	t->v = realloc(t->v, (t->n + 1) * sizeof(*t->v));
	if (!t->v)
		abort();
	t->v[t->n++] = (struct hawk_sig_source){ path, text, len };
}

static bool ends_with(const char *name, const char *end)
{
	size_t n = strlen(name), k = strlen(end);

	return n > k && strcmp(name + n - k, end) == 0;
}

static void add_files(struct texts *t, const char *directory)
{
	DIR *d = opendir(directory);
	struct dirent *entry;

	while (d && (entry = readdir(d))) {
		_cleanup_fclose_ FILE *f = NULL;
		char *path = NULL, *text = malloc(HAWK_SIG_TEXT_MAX);

		if (!(ends_with(entry->d_name, ".yaml") || ends_with(entry->d_name, ".list")) ||
		    asprintf(&path, "%s/%s", directory, entry->d_name) < 0 || !text || !(f = fopen(path, "re"))) {
			free(text);
			free(path);
			continue;
		}
		add_text(t, path, text, fread(text, 1, HAWK_SIG_TEXT_MAX, f));
	}
	if (d)
		closedir(d);
}

static void add_made(struct texts *t, const char *name, const char *rest)
{
	char *path = strdup("made.yaml"), *text = NULL;

	if (!path || asprintf(&text, "id: B-%s\nname: %s\nversion: 1.0.0\ntitle: t\ndescription: d\nseverity: low\n%s",
			      name, name, rest) < 0)
		abort();
	add_text(t, path, text, strlen(text));
}

/* Signatures as people have them: by whole paths, folders, names of files, programs and parts of paths. */
static void add_many(struct texts *t, unsigned int n)
{
	static const char *const wheres[] = {
		"data.pathname == \"/srv/secret/%u\"", "data.pathname.startsWith(\"/opt/app%u/etc/\")",
		"data.pathname.endsWith(\"/id_key_%u\")", "process.exe == \"/usr/local/bin/tool%u\"",
		"data.pathname.contains(\"/.hidden%u/\")",
	};

	for (unsigned int i = 0; i < n; i++) {
		char name[32], where[128], rest[256];

		snprintf(name, sizeof(name), "made_%u", i);
		snprintf(where, sizeof(where), wheres[i % ARRAY_SIZE(wheres)], i);
		snprintf(rest, sizeof(rest), "events:\n  - event: [file_open, sched_process_exec]\n    where: '%s'\n", where);
		add_made(t, name, rest);
	}
}

struct loaded {
	struct texts texts;
	struct hawk_sig_files files;
	struct hawk_sig_set *set;
	struct hawk_sig_engine *engine;
};

static int load(struct loaded *l)
{
	const struct hawk_sig_limits limits = { .state_bytes = 0 };
	struct hawk_diags *diags = calloc(l->texts.n + 1, sizeof(*diags));
	size_t errors = 0;

	for (size_t i = 0; diags && i < l->texts.n; i++)
		diags[i].path = l->texts.v[i].path;

	if (!diags || hawk_sig_read(&l->files, l->texts.v, l->texts.n, diags) < 0 ||
	    hawk_sig_set_new(&l->set, l->files.signatures, l->files.n_signatures) < 0 ||
	    hawk_sig_engine_new(&l->engine, &limits) < 0)
		abort();
	for (size_t i = 0; i < l->texts.n; i++) {
		_cleanup_(hawk_buf_done) struct hawk_buf text = HAWK_BUF_INIT;

		if (diags[i].errors)
			hawk_diags_print(&diags[i], &text);
		fwrite(text.data, 1, text.len, stderr);
		errors += diags[i].errors;
		hawk_diags_done(&diags[i]);
	}
	free(diags);
	hawk_sig_engine_use(l->engine, l->set);
	if (errors)
		fputs("sig_bench: errors in the signatures\n", stderr);
	return errors ? -1 : 0;
}

static void unload(struct loaded *l)
{
	hawk_sig_engine_free(l->engine);
	hawk_sig_set_free(l->set);
	hawk_sig_files_done(&l->files);
	for (size_t i = 0; i < l->texts.n; i++) {
		free((char *)(uintptr_t)l->texts.v[i].path);
		free((char *)(uintptr_t)l->texts.v[i].text);
	}
	free(l->texts.v);
}

/* --- events --- */

/* What a busy host does: mostly opens. */
static const struct {
	const char *event, *field, *value;
} kinds[] = {
	{ "file_open", "pathname", "/usr/lib/x86_64-linux-gnu/libcrypto.so.3" },
	{ "file_open", "pathname", "/home/user/src/project/include/header.h" },
	{ "file_open", "pathname", "/proc/self/status" },
	{ "file_open", "pathname", "/etc/ld.so.cache" },
	{ "file_open", "pathname", "/var/lib/dpkg/info/libc6.list" },
	{ "file_open", "pathname", "/tmp/cc4fEo9a.s" },
	{ "sched_process_fork", NULL, NULL },
	{ "sched_process_exec", "pathname", "/usr/bin/gcc-12" },
	{ "sched_process_exit", NULL, NULL },
	{ "net_tcp_connect", "dst", "198.51.100.7" },
};

static struct sample samples[ARRAY_SIZE(kinds)], match;

static void make_event(struct sample *s, const char *event, const char *field, const char *value)
{
	static uint8_t ip[16];

	sample_init(s, event);
	if (!field)
		return;
	if (hawk_ip_parse(value, ip) == 0)
		sample_bytes(s, field, ip, 16);
	else
		sample_bytes(s, field, value, strlen(value));
}

static size_t found;

static void tell(void *ctx, const struct hawk_sig_found *f)
{
	(void)ctx;
	found += f->message_len > 0;
}

/* Events a second; every PERIOD-th (0: none) matches. */
static double rate(struct loaded *l, unsigned int period)
{
	double ns[ROUNDS];
	static uint64_t now = 1000000000000ULL;

	for (size_t r = 0; r < ROUNDS; r++) {
		double start = cpu_ns();

		for (unsigned int i = 0; i < EVENTS; i++) {
			struct sample *s = period && i % period == 0 ? &match : &samples[i % ARRAY_SIZE(samples)];

			s->event.time = now += 1000;
			hawk_sig_engine_event(l->engine, &s->event, NULL, tell, NULL);
		}
		ns[r] = (cpu_ns() - start) / EVENTS;
	}
	return 1e9 / median(ns, ROUNDS);
}

#define MATCHING "events:\n  - event: file_open\n    where: data.pathname == \"/bench/match\"\n" \
		 "output: {path: data.pathname}\nmessage: \"{process.exe} opened {data.pathname}\"\n"

static int shipped(const char *directory)
{
	struct loaded l = { .set = NULL };
	double quiet, busy;
	size_t wrong;
	int r;

	add_files(&l.texts, directory);
	add_made(&l.texts, "match", MATCHING);
	r = load(&l);
	found = 0;
	quiet = rate(&l, 0);
	wrong = found;
	busy = rate(&l, 100);
	printf("{\"name\":\"signatures_events_per_s\",\"value\":%.0f,\"limit\":1000000,\"unit\":\"events/s\","
	       "\"signatures\":%zu,\"found\":%zu}\n", quiet, l.files.n_signatures, wrong);
	printf("{\"name\":\"signatures_matching\",\"value\":%.0f,\"limit\":300000,\"unit\":\"events/s\","
	       "\"signatures\":%zu,\"found\":%zu}\n", busy, l.files.n_signatures, found);
	unload(&l);
	/* Else it is not that none matches. */
	return r < 0 || wrong || found < (size_t)ROUNDS * EVENTS / 100 ? -1 : 0;
}

static int many(void)
{
	double rates[2];
	int r = 0;

	for (size_t i = 0; i < 2; i++) {
		struct loaded l = { .set = NULL };

		add_many(&l.texts, i ? MANY : FEW);
		r |= load(&l);
		rates[i] = rate(&l, 0);
		unload(&l);
	}
	printf("{\"name\":\"signatures_10000\",\"value\":%.2f,\"limit\":1.5,\"unit\":\"times\",\"events_per_s\":[%.0f,%.0f]}\n",
	       rates[0] / rates[1], rates[0], rates[1]);
	return r;
}

/* Of each process some steps of ten signatures were seen. */
static int state(void)
{
	struct loaded l = { .set = NULL };
	struct hawk_sig_stats stats;
	char name[32];
	int r;

	for (unsigned int i = 0; i < 10; i++) {
		snprintf(name, sizeof(name), "sequence_%u", i);
		add_made(&l.texts, name, "steps:\n  - event: file_open\n    where: data.pathname == \"/bench/match\"\n"
					 "    capture: {path: data.pathname}\n"
					 "  - event: ptrace\nwithin: 1h\nby: [process]\n");
	}
	r = load(&l);
	for (int i = 0; i < PROCESSES; i++) {
		match.process.task.pid = 1000 + i;
		match.event.time += 1000;
		hawk_sig_engine_event(l.engine, &match.event, NULL, tell, NULL);
	}
	stats = hawk_sig_engine_stats(l.engine);
	printf("{\"name\":\"signatures_state\",\"value\":%.2f,\"limit\":32,\"unit\":\"MB\",\"instances\":%llu,"
	       "\"evicted\":%llu}\n", (double)stats.bytes / 1048576, (unsigned long long)stats.instances,
	       (unsigned long long)stats.evicted);
	unload(&l);
	return r;
}

int main(int argc, char **argv)
{
	int r;

	if (argc != 2) {
		fputs("usage: sig_bench DIRECTORY\n", stderr);
		return 2;
	}
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		make_event(&samples[i], kinds[i].event, kinds[i].field, kinds[i].value);
	make_event(&match, "file_open", "pathname", "/bench/match");
	r = shipped(argv[1]);
	r |= many();
	r |= state();
	for (size_t i = 0; i < ARRAY_SIZE(samples); i++)
		sample_done(&samples[i]);
	sample_done(&match);
	return r ? EXIT_FAILURE : EXIT_SUCCESS;
}
