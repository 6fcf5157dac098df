/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Judging in the kernel, live: sets of small programs written by hand are put in
 * force, processes do things, and what comes out of the rings is compared with
 * what the programs said. Needs root.
 *
 *	filters [--disable-kinds KINDS] [--label TEXT] [--switches N] [-k NAME] [--cost] [--verbose]
 *
 * Prints "ok NAME" and "not ok NAME" lines with the reasons.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <linux/bpf.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "src/base/cleanup.h"
#include "src/base/log.h"
#include "src/cgen/cgen.h"
#include "src/collect/collect.h"
#include "src/collect/filter.h"
#include "tests/kernel/filter_code.h"
#include "tests/kernel/filter_live.h"

#define OPENS 200
/* A case that may have failed for want of runs is tried again (runner.py does the same). */
#define TRIES 10

static const char *label = "", *only = "", *kinds;
static unsigned int switches = 200;
static bool cost_only;
static unsigned int failures;

static size_t row_of(const char *name)
{
	const struct hawk_event_desc *const *descs;
	size_t n;

	descs = hawk_event_descs(&n);
	for (size_t i = 0; i < n; i++)
		if (strcmp(descs[i]->name, name) == 0)
			return i;
	fprintf(stderr, "no event %s\n", name);
	exit(2);
}

static uint16_t id_of(const char *name)
{
	size_t n;

	return hawk_event_descs(&n)[row_of(name)]->id;
}

void bad(struct live *l, const char *fmt, ...)
{
	va_list ap;

	l->failed = true;
	if (l->bad++ > 10)
		return;
	printf("  ");
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
}

static void on_record(void *ctx, const void *record, size_t len)
{
	const struct hawk_abi_rec *r = record;
	struct live *l = ctx;

	if (r->event != l->event || (l->tgid && r->tgid != l->tgid))
		return;
	l->n++;
	l->judged += !!(r->flags & HAWK_REC_JUDGED);
	if (l->check)
		l->check(l, r, len);
}

void drain(struct live *l)
{
	while (hawk_collect_read(l->c, on_record, l, 0) > 0)
		;
}

static uint64_t recursion_misses(struct live *l)
{
	static struct hawk_prog_cost costs[HAWK_COSTS_MAX];
	size_t n = hawk_collect_costs(l->c, costs, HAWK_COSTS_MAX);
	uint64_t all = 0;

	for (size_t i = 0; i < n; i++)
		all += costs[i].recursion_misses;
	return all;
}

uint64_t left_out(struct live *l)
{
	return recursion_misses(l) - l->missed;
}

/* Attaches what EVENT needs, with nothing in the rings that came before. */
bool watch(struct live *l, const char *event)
{
	size_t row = row_of(event);
	int r;

	l->n = l->judged = l->bad = 0;
	l->tgid = 0;
	l->check = NULL;
	l->event = 0;
	memset(l->wanted, 0, sizeof(l->wanted));
	l->wanted[row / 64] |= 1ULL << row % 64;
	r = hawk_collect_set_events(l->c, l->wanted);
	if (r < 0)
		bad(l, "%s: %s", event, strerror(-r));
	drain(l);
	l->missed = recursion_misses(l);
	l->event = id_of(event);
	return r == 0;
}

uint32_t put(struct live *l, const char *event, const struct hawk_cgen *cg, bool all)
{
	struct hawk_filter filter = { .row = cg ? row_of(event) : 0, .code = cg, .all = all };
	struct hawk_filter_state state;
	uint32_t generation = 0;
	int r = hawk_collect_set_filters(l->c, &filter, cg ? 1 : 0, &generation);

	if (r < 0)
		bad(l, "set of filters: %s", strerror(-r));
	hawk_collect_filter_state(l->c, filter.row, &state);
	if (cg && (state.why || !state.places))
		bad(l, "filter of %s: %s, %u places", event, state.why ? state.why : "taken", state.places);
	return generation;
}

pid_t in_child(uid_t uid, void (*fn)(void *arg), void *arg)
{
	pid_t pid = fork();

	if (pid == 0) {
		if (setresuid(uid, uid, uid) < 0)
			_exit(1);
		fn(arg);
		_exit(0);
	}
	return pid;
}

void wait_for(struct live *l, pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) < 0 || status)
		bad(l, "a child ended with %#x", status);
}

static void do_opens(void *arg)
{
	const char *path = arg;

	for (int i = 0; i < OPENS; i++) {
		int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);

		if (fd < 0)
			_exit(1);
		close(fd);
	}
}

struct hawk_abi_counts counts(struct live *l)
{
	struct hawk_abi_counts all;

	hawk_collect_counts(l->c, l->event, &all);
	return all;
}

/* Policy 0 wants processes of user UID. */
void uid_filter(struct hawk_cgen *cg, struct code *scope)
{
	prologue(scope);
	for (unsigned int i = 0; i < HAWK_COLUMNS / 64; i++)
		set_pass(scope, i, i == 0);
	load(scope, BPF_W, BPF_REG_1, BPF_REG_7, JUDGE(task) + offsetof(struct hawk_abi_task, uid));
	add(scope, BPF_JMP | BPF_JEQ | BPF_K, BPF_REG_1, 0, 3, UID);
	set_pass(scope, 0, 0);
	judged(scope, HAWK_JUDGE_SCOPE);
	finish(scope, cg, HAWK_JUDGE_SCOPE);
	cg->needs = HAWK_NEED_UID;
	cg->by_task = true;
}

static void case_scope(struct live *l, const char *event)
{
	struct hawk_cgen cg = { .columns = 1 };
	struct hawk_abi_counts before, after;
	struct code scope = { .n = 0 };
	pid_t theirs, ours;

	uid_filter(&cg, &scope);
	if (!watch(l, event))
		return;
	put(l, event, &cg, false);
	before = counts(l);
	theirs = in_child(UID, do_opens, "/etc/passwd");
	wait_for(l, theirs);
	l->tgid = (uint32_t)theirs;
	drain(l);
	if (l->n < OPENS || l->judged != l->n)
		bad(l, "%zu records of a user that is wanted, %zu judged, of at least %d", l->n, l->judged, OPENS);
	l->n = 0;
	ours = in_child(UID + 1, do_opens, "/etc/passwd");
	wait_for(l, ours);
	l->tgid = (uint32_t)ours;
	drain(l);
	after = counts(l);
	if (l->n)
		bad(l, "%zu records of a user that nobody wants", l->n);
	if (after.filtered - before.filtered < OPENS || after.lost != before.lost)
		bad(l, "%llu filtered, %llu lost", after.filtered - before.filtered, after.lost - before.lost);
	put(l, event, &cg, true);
	ours = in_child(UID + 1, do_opens, "/etc/passwd");
	wait_for(l, ours);
	l->tgid = (uint32_t)ours;
	l->judged = 0;
	drain(l);
	if (l->n < OPENS || l->judged != l->n)
		bad(l, "somebody wants all: %zu records, %zu judged", l->n, l->judged);
	put(l, event, NULL, false);
	ours = in_child(UID + 1, do_opens, "/etc/passwd");
	wait_for(l, ours);
	l->tgid = (uint32_t)ours;
	l->n = l->judged = 0;
	drain(l);
	if (l->n < OPENS || l->judged)
		bad(l, "no filters: %zu records, %zu judged", l->n, l->judged);
}

static void become(uid_t uid)
{
	if (setresuid(uid, 0, 0) < 0)
		_exit(1);
}

/* What is remembered of a task ends when it is somebody else, and holds again when it is the same. */
static void do_opens_in_turns(void *arg)
{
	become(UID + 1);
	do_opens(arg);
	become(UID);
	do_opens(arg);
	become(UID + 1);
	do_opens(arg);
}

static void case_remembered(struct live *l, const char *event)
{
	struct hawk_cgen cg = { .columns = 1 };
	struct hawk_abi_counts before, after;
	struct code scope = { .n = 0 };
	pid_t pid;

	uid_filter(&cg, &scope);
	if (!watch(l, event))
		return;
	put(l, event, &cg, false);
	before = counts(l);
	pid = in_child(0, do_opens_in_turns, "/etc/passwd");
	wait_for(l, pid);
	l->tgid = (uint32_t)pid;
	drain(l);
	after = counts(l);
	if (l->n != OPENS)
		bad(l, "%zu records of %d opens of the user that is wanted", l->n, OPENS);
	if (after.filtered - before.filtered < 2 * OPENS)
		bad(l, "%llu filtered, of at least %d", after.filtered - before.filtered, 2 * OPENS);
}

/* What the second point sees goes where the test can see it. */
static void text_filter(struct hawk_cgen *cg, struct code *scope, struct code *args, size_t at)
{
	prologue(scope);
	for (unsigned int i = 0; i < HAWK_COLUMNS / 64; i++)
		set_pass(scope, i, i == 0);
	judged(scope, HAWK_JUDGE_SCOPE);
	finish(scope, cg, HAWK_JUDGE_SCOPE);
	prologue(args);
	load(args, BPF_W, BPF_REG_1, BPF_REG_7, JUDGE(text[0].bits));
	store(args, BPF_DW, BPF_REG_7, PASS(1), BPF_REG_1);
	for (unsigned int i = 0; i < 2; i++) {
		constant(args, BPF_REG_1, 0);
		for (unsigned int b = 8; b--;) {
			load(args, BPF_B, BPF_REG_2, BPF_REG_7, JUDGE(text[0].bytes) + 16 * i + b);
			add(args, BPF_ALU64 | BPF_LSH | BPF_K, BPF_REG_1, 0, 0, 8);
			add(args, BPF_ALU64 | BPF_OR | BPF_X, BPF_REG_1, BPF_REG_2, 0, 0);
		}
		store(args, BPF_DW, BPF_REG_7, PASS(2 + i), BPF_REG_1);
	}
	judged(args, HAWK_JUDGE_ARGS);
	finish(args, cg, HAWK_JUDGE_ARGS);
	cg->text_at[0] = (uint16_t)at;
}

struct text {
	const char *path; /* as it must have been seen */
	size_t seen;
};

static void check_text(struct live *l, const struct hawk_abi_rec *r, size_t len)
{
	struct text *t = l->ctx;
	size_t n = strlen(t->path) + 1;

	(void)len;
	if (r->matched[1] != 8 * (n < HAWK_TEXT_BYTES ? n : HAWK_TEXT_BYTES))
		return; /* of another file: of the loader of programs */
	if (memcmp(t->path, &r->matched[2], n < 8 ? n : 8) == 0 &&
	    (n <= 16 || memcmp(t->path + 16, &r->matched[3], n - 16 < 8 ? n - 16 : 8) == 0))
		t->seen++;
}

static void case_text(struct live *l, const char *event, size_t at)
{
	char long_path[600] = "/tmp/hawk-filters", name[240];
	struct code scope = { .n = 0 }, args = { .n = 0 };
	const char *paths[] = { "/etc/passwd", "/", long_path, "/tmp/hawk-filters/ab" };
	struct hawk_cgen cg = { .columns = 1 };

	mkdir(long_path, 0755);
	close(open("/tmp/hawk-filters/ab", O_CREAT | O_RDWR, 0644));
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	for (int i = 0; i < 2; i++) {
		strcat(strcat(long_path, "/"), name);
		mkdir(long_path, 0755);
	}
	text_filter(&cg, &scope, &args, at);
	if (!watch(l, event))
		return;
	put(l, event, &cg, false);
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		struct text t = { .path = paths[i] };
		pid_t pid = in_child(UID, do_opens, (void *)paths[i]);

		wait_for(l, pid);
		l->tgid = (uint32_t)pid;
		l->check = check_text;
		l->ctx = &t;
		l->n = l->judged = 0;
		drain(l);
		if (t.seen < OPENS || l->judged != l->n)
			bad(l, "%.40s: turned round %zu times of %zu, %zu judged", paths[i], t.seen, l->n, l->judged);
	}
	for (char *slash; (slash = strrchr(long_path + 5, '/')); *slash = '\0')
		rmdir(long_path);
	unlink("/tmp/hawk-filters/ab");
	rmdir("/tmp/hawk-filters");
}

static void run(struct live *l, const char *name, void (*fn)(struct live *l, const char *event), const char *event)
{
	if (!strstr(name, only))
		return;
	for (unsigned int i = 0; i < TRIES; i++) {
		l->failed = false;
		fn(l, event);
		if (!l->failed || left_out(l) == 0)
			break;
		printf("# again, the kernel left out runs of programs: %llu\n", (unsigned long long)left_out(l));
	}
	printf("%s %s%s\n", l->failed ? "not ok" : "ok", label, name);
	fflush(stdout);
	failures += l->failed;
}

#define VARS_AT(TOKEN) (sizeof(struct hawk_abi_rec) + sizeof(struct hawk_abi_##TOKEN))

static void text_of_permission(struct live *l, const char *event)
{
	case_text(l, event, VARS_AT(SECURITY_FILE_OPEN) +
				    HAWK_VAR_SECURITY_FILE_OPEN_pathname * sizeof(struct hawk_abi_var));
}

static void text_of_open(struct live *l, const char *event)
{
	case_text(l, event, VARS_AT(FILE_OPEN) + HAWK_VAR_FILE_OPEN_pathname * sizeof(struct hawk_abi_var));
}

static int parse(int argc, char **argv)
{
	static const struct option options[] = {
		{ "disable-kinds", required_argument, NULL, 'd' }, { "label", required_argument, NULL, 'l' },
		{ "switches", required_argument, NULL, 's' },      { "cost", no_argument, NULL, 'c' },
		{ "only", required_argument, NULL, 'k' },          { "verbose", no_argument, NULL, 'v' },
		{ NULL, 0, NULL, 0 },
	};
	int o;

	while ((o = getopt_long(argc, argv, "k:", options, NULL)) != -1) {
		switch (o) {
		case 'd':
			kinds = optarg;
			break;
		case 'l':
			label = optarg;
			break;
		case 's':
			switches = (unsigned int)strtoul(optarg, NULL, 10);
			break;
		case 'c':
			cost_only = true;
			break;
		case 'v':
			hawk_log_set_level(LOG_DEBUG);
			break;
		case 'k':
			only = optarg;
			break;
		default:
			return -1;
		}
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct hawk_collect_options options = { .argv_max = 4096 };
	_cleanup_free_ char *why = NULL;
	struct live l = { .c = NULL };
	int r;

	if (parse(argc, argv) < 0)
		return 2;
	l.switches = switches;
	setvbuf(stdout, NULL, _IOLBF, 0);
	options.disable_kinds = kinds;
	r = hawk_collect_new(&l.c, &options, &why);
	if (r < 0) {
		printf("not ok %sfilters: %s\n", label, why ? why : strerror(-r));
		return 1;
	}
	if (cost_only) {
		filter_cost(&l, label, "openat");
		filter_cost(&l, label, "file_open");
		filter_cost(&l, label, "security_file_open");
		hawk_collect_free(l.c);
		return 0;
	}
	run(&l, "scope: openat of a system call", case_scope, "openat");
	run(&l, "scope: file_open", case_scope, "file_open");
	run(&l, "remembered: openat", case_remembered, "openat");
	run(&l, "remembered: file_open", case_remembered, "file_open");
	run(&l, "facts: of openat", case_facts, "openat");
	run(&l, "switches: calls that wait", case_accept, "accept4");
	run(&l, "args: path of file_open", text_of_open, "file_open");
	run(&l, "switches: openat", case_switches, "openat");
	run(&l, "switches: file_open", case_switches, "file_open");
	if (hawk_collect_features(l.c)->kind[HAWK_PROG_KPROBE] || hawk_collect_features(l.c)->kind[HAWK_PROG_FENTRY] ||
	    hawk_collect_features(l.c)->kind[HAWK_PROG_LSM]) {
		run(&l, "scope: security_file_open", case_scope, "security_file_open");
		run(&l, "remembered: security_file_open", case_remembered, "security_file_open");
		run(&l, "facts: of security_file_open", case_facts, "security_file_open");
		run(&l, "args: path of security_file_open", text_of_permission, "security_file_open");
		run(&l, "switches: security_file_open", case_switches, "security_file_open");
	}
	hawk_collect_free(l.c);
	return failures != 0;
}
