/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/control/fake.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "src/base/clock.h"

#define WEAK __attribute__((weak))
#define MUST(condition) do { \
	if (!(condition)) { \
		fprintf(stderr, "%s:%d: %s: %m\n", __FILE__, __LINE__, #condition); \
		abort(); \
	} \
} while (0)

int fake_role = HAWK_ROLE_ADMIN;
static struct fake *current; /* the collect room has no context */

/* --- the kernel side; weak, so that a program may have the real one --- */

static struct hawk_plan plan;
static struct hawk_features features = { .kind = { true }, .kind_why = { [1] = "no BTF" } };

WEAK const struct hawk_plan *hawk_collect_plan(const struct hawk_collect *c)
{
	memset(&plan, 0xff, sizeof(plan)); /* -1: not wanted */
	plan.alt[0] = 0;
	plan.alt[1] = -2;
	return &plan;
}

WEAK const struct hawk_features *hawk_collect_features(const struct hawk_collect *c)
{
	return &features;
}

WEAK const struct hawk_alt_desc *hawk_plan_alts(const struct hawk_event_desc *desc, size_t *ret_n)
{
	*ret_n = desc->n_alts;
	return desc->alts;
}

WEAK bool hawk_plan_usable(const struct hawk_features *f, const struct hawk_event_desc *desc, int alt,
			   char *why, size_t size)
{
	snprintf(why, size, "%s", alt ? "no such function" : "");
	return !alt;
}

WEAK const char *hawk_prog_kind_name(enum hawk_prog_kind kind)
{
	return kind == HAWK_PROG_RAW_TP ? "raw_tp" : "other";
}

static const struct hawk_prog_desc program = {
	.name = "proc_fork_rtp",
	.kind = HAWK_PROG_RAW_TP,
	.target = "sched_process_fork",
};

WEAK void hawk_collect_each_link(struct hawk_collect *c,
				 void (*fn)(void *ctx, const struct hawk_link_info *link), void *ctx)
{
	struct hawk_link_info link = { .prog = &program, .target = program.target, .prog_id = 42 };

	fn(ctx, &link);
}

WEAK int hawk_collect_counts(const struct hawk_collect *c, uint16_t event, struct hawk_abi_counts *ret)
{
	*ret = (struct hawk_abi_counts){ .seen = 5, .filtered = 1, .sent = 4, .lost = UINT64_MAX };
	return 0;
}

WEAK int hawk_collect_all_counts(const struct hawk_collect *c, struct hawk_abi_counts *ret)
{
	for (size_t i = 0; i < HAWK_EVENT_ID_MAX; i++)
		hawk_collect_counts(c, (uint16_t)i, &ret[i]);
	return 0;
}

WEAK int hawk_collect_stats_start(struct hawk_collect *c)
{
	current->measuring++;
	return 0;
}

WEAK void hawk_collect_stats_stop(struct hawk_collect *c)
{
	current->measuring--;
}

WEAK size_t hawk_collect_costs(struct hawk_collect *c, struct hawk_prog_cost *costs, size_t max)
{
	static uint64_t runs;

	runs += 10;
	costs[0] = (struct hawk_prog_cost){ .prog = &program, .runs = runs, .ns = runs * 100 };
	return 1;
}

WEAK uint64_t hawk_collect_memory(const struct hawk_collect *c)
{
	return 1 << 20;
}

/* --- the daemon's side --- */

static void in_pipeline(void *ctx, void (*fn)(void *arg, struct hawk_proctab *proctab), void *arg)
{
	MUST(!((struct fake *)ctx)->hung);
	fn(arg, ((struct fake *)ctx)->proctab);
}

static struct hawk_packages *packages(void *ctx)
{
	(void)ctx;
	return NULL;
}

static void pipeline_stats(void *ctx, struct hawk_pipeline_stats *ret)
{
	struct hawk_clock clock = hawk_clock_system();

	*ret = (struct hawk_pipeline_stats){ .records = 3, .events = 2, .lost = 1 };
	ret->heartbeat = ((struct fake *)ctx)->hung ? 0 : hawk_clock_now(&clock);
}

static int events_enable(void *ctx, const uint64_t *bits, bool on)
{
	struct fake *f = ctx;

	for (size_t w = 0; w < HAWK_EVENT_WORDS; w++)
		f->enabled[w] = on ? f->enabled[w] | bits[w] : f->enabled[w] & ~bits[w];
	hawk_sinks_set_enabled(f->sinks, f->enabled);
	return 0;
}

static bool event_enabled(void *ctx, size_t row)
{
	return hawk_bit(((struct fake *)ctx)->enabled, row);
}

static int interest_add(void *ctx, const uint64_t *bits)
{
	struct fake *f = ctx;

	memcpy(f->interest, bits, sizeof(f->interest));
	return (int)f->interests++;
}

static void interest_drop(void *ctx, int handle)
{
	MUST(handle >= 0 && ((struct fake *)ctx)->interests > 0);
	((struct fake *)ctx)->interests--;
}

static int reload(void *ctx, char **ret_why)
{
	if (((struct fake *)ctx)->reloads++ % 2 == 0)
		return 0;
	*ret_why = strdup("sechawk.conf:3: no such option");
	return -EINVAL;
}

static bool degraded(void *ctx, size_t i, const char **ret)
{
	*ret = "no BTF";
	return i < 1;
}

static int tap_set(void *ctx, void (*tap)(void *tap_ctx, const void *record, size_t len), void *tap_ctx)
{
	struct fake *f = ctx;

	f->tap = tap;
	f->tap_ctx = tap_ctx;
	return 0;
}

static struct hawk_collect *collect(void *ctx)
{
	/* Never looked into. */
	return ((struct fake *)ctx)->no_collect ? NULL : (struct hawk_collect *)&plan;
}

static struct hawk_sinks *sinks(void *ctx)
{
	return ((struct fake *)ctx)->sinks;
}

static struct hawk_findings *findings(void *ctx)
{
	return ((struct fake *)ctx)->findings;
}

static struct hawk_derive *derive(void *ctx)
{
	return ((struct fake *)ctx)->derive;
}

/* A check finds something; a dump of anything but "nothing" gives it, too. */
static void inspect(void *ctx, struct hawk_inspection *i)
{
	static const char event[] = "{\"event\":\"hooked_syscall\",\"data\":{\"syscall\":\"kill\"}}";
	bool bad = i->what && strcmp(i->what, "nothing") == 0;

	((struct fake *)ctx)->inspections++;
	i->events.max = 4096;
	hawk_buf_printf(&i->events, "[%s]", bad ? "" : event);
	i->error = bad ? -ENOENT : 0;
	i->why = bad ? strdup("no such symbol") : NULL;
	for (int k = 0; k < HAWK_CHECK_MAX; k++)
		i->result[k] = (struct hawk_check_result){ .state = HAWK_CHECK_PARTLY, .looked = 7, .note = "half" };
	i->finished = true;
	i->done(i->ctx);
}

static bool inspected(void *ctx, const struct hawk_inspection *i)
{
	return i->finished && !((struct fake *)ctx)->hung;
}

static void inspect_end(void *ctx, struct hawk_inspection *i)
{
	((struct fake *)ctx)->inspections--;
	hawk_buf_done(&i->events);
	free(i->what);
	free(i->why);
	free(i);
}

/* One policy, "here"; "file" is one that cannot be unloaded. */
static json_t *policy_row(void)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:b, s:s, s:i, s:[s], s:i, s:i, s:[s], s:[]}", "name", "here", "description",
			 "", "state", "pending", "path", "/here.yaml", "by_hand", 1, "dialect", "tracee", "rules", 1,
			 "events", "file_open", "hits", 3, "disagreements", 0, "pending", "containers", "warnings");
}

static json_t *policy_list(void *ctx)
{
	(void)ctx;
	return json_pack("{s:[o], s:[{s:s, s:s}], s:i}", "policies", policy_row(), "problems", "path", "/bad.yaml",
			 "message", "/bad.yaml:1:1: error: bad", "max", 256);
}

static json_t *policy_show(void *ctx, const char *name, bool *ret_none)
{
	(void)ctx;
	*ret_none = strcmp(name, "here") != 0;
	return *ret_none ? NULL :
	       json_pack("{s:o, s:s, s:b, s:[{s:s, s:i, s:[s], s:i, s:i, s:[]}], s:s}", "policy", policy_row(), "scope",
			 "process.uid=0", "follow", 0, "rules", "event", "file_open", "line", 3, "events", "file_open",
			 "hits", 3, "seen", 3, "pending", "text", "kind: Policy");
}

static json_t *policy_explain(void *ctx, const char *name, bool *ret_none)
{
	(void)ctx;
	*ret_none = strcmp(name, "here") != 0;
	return *ret_none ? NULL :
	       json_pack("{s:o, s:s, s:[{s:s, s:s, s:[]}]}", "policy", policy_row(), "predicates", "scope", "events",
			 "event", "file_open", "decided", "daemon", "residue");
}

static int policy_load(void *ctx, const struct hawk_policy_texts *texts, json_t **ret, json_t **ret_problems)
{
	(void)ctx;
	*ret = json_array();
	*ret_problems = json_array();
	for (size_t i = 0; i < texts->n; i++)
		if (texts->v[i].len)
			json_array_append_new(*ret, policy_row());
		else
			json_array_append_new(*ret_problems, json_pack("{s:s, s:s+}", "path", texts->v[i].path, "message",
								      texts->v[i].path, ":1:1: error: it is empty"));
	return 0;
}

static int policy_unload(void *ctx, const char *name, char **ret_why)
{
	(void)ctx;
	if (strcmp(name, "file") == 0)
		*ret_why = strdup("it comes from a file");
	return strcmp(name, "file") == 0 ? -EPERM : strcmp(name, "here") == 0 ? 0 : -ENOENT;
}

static int policy_enable(void *ctx, const char *name, bool on, char **ret_why)
{
	(void)ctx;
	(void)ret_why;
	return strcmp(name, "here") != 0 ? -ENOENT : on;
}

/* The same of signatures. */
static json_t *signature_row(void)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:s, s:[s], s:i, s:i, s:[]}", "name", "here", "id", "T-1",
			 "version", "1", "title", "", "severity", "low", "state", "enabled", "path", "/here.yaml",
			 "by_hand", 1, "dialect", "sechawk", "events", "file_open", "found", 3, "suppressed", 0, "pending");
}

static json_t *signature_list(void *ctx)
{
	(void)ctx;
	return json_pack("{s:[o], s:[]}", "signatures", signature_row(), "problems");
}

static size_t signatures_enabled(void *ctx)
{
	(void)ctx;
	return 1;
}

static json_t *signature_show(void *ctx, const char *name, bool *ret_none)
{
	(void)ctx;
	*ret_none = strcmp(name, "here") != 0;
	return *ret_none ? NULL : json_pack("{s:o, s:s, s:[], s:[], s:[], s:s}", "signature", signature_row(), "description",
					    "", "references", "tags", "exceptions", "predicates", "");
}

static json_t *signature_stats(void *ctx)
{
	(void)ctx;
	return json_pack("{s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:[]}", "events", 1, "evaluated", 1, "found", 1,
			 "suppressed", 0, "excepted", 0, "too_deep", 0, "instances", 0, "bytes", 0, "evicted", 0,
			 "exhausted", 0, "signatures");
}

static int signature_load(void *ctx, const struct hawk_policy_texts *texts, json_t **ret, char **ret_why)
{
	(void)ctx;
	if (texts->v[0].len == 0) {
		*ret_why = strdup("/here.yaml:1:1: error: it is empty");
		return -EINVAL;
	}
	*ret = json_pack("[o]", signature_row());
	return 0;
}

static json_t *signature_learn(void *ctx, bool start, bool stop)
{
	(void)ctx;
	(void)stop;
	return json_pack("{s:b, s:i, s:i, s:i, s:[]}", "learning", (int)start, "seconds", 0, "findings", 0, "left_out", 0,
			 "proposals");
}

static const struct hawk_control_ops ops = {
	.in_pipeline = in_pipeline,
	.packages = packages,
	.pipeline_stats = pipeline_stats,
	.events_enable = events_enable,
	.event_enabled = event_enabled,
	.interest_add = interest_add,
	.interest_drop = interest_drop,
	.reload = reload,
	.degraded = degraded,
	.tap_set = tap_set,
	.collect = collect,
	.sinks = sinks,
	.derive = derive,
	.findings = findings,
	.inspect = inspect,
	.inspected = inspected,
	.inspect_end = inspect_end,
	.policy_list = policy_list,
	.policy_show = policy_show,
	.policy_explain = policy_explain,
	.policy_load = policy_load,
	.policy_unload = policy_unload,
	.policy_enable = policy_enable,
	.signature_list = signature_list,
	.signatures_enabled = signatures_enabled,
	.signature_show = signature_show,
	.signature_stats = signature_stats,
	.signature_load = signature_load,
	.signature_unload = policy_unload,
	.signature_enable = policy_enable,
	.signature_learn = signature_learn,
};

static enum hawk_role role_of(const struct hawk_peer *peer, const struct hawk_access *access)
{
	return fake_role < 0 ? hawk_peer_role(peer, access) : (enum hawk_role)fake_role;
}

/* One finding, 0-1, about a process that nothing is known of. */
static void find_something(struct fake *f)
{
	static struct hawk_sig sig = {
		.id = "T-1", .name = "something", .version = "1", .title = "Something", .severity = HAWK_SEVERITY_HIGH,
	};
	const struct hawk_findings_limits limits = { .bytes = 0 };
	struct hawk_event trigger = { .desc = hawk_event_by_name("file_open"), .time = 1, .tgid = 2 }, told;
	const struct hawk_sig_found found = { .sig = &sig, .event = &trigger, .time = 1 };

	MUST(hawk_findings_new(&f->findings, &limits) == 0);
	hawk_findings_add(f->findings, &found, NULL, &told);
}

void fake_start(struct fake *f, const struct hawk_control_options *options)
{
	static const struct hawk_control_options defaults = { .version = "1.2.3" };
	static const struct hawk_clock *clock;
	struct hawk_proctab_options table = { .max_entries = 4096, .proc_fd = -1, .clock = clock };
	int fd;

	*f = (struct fake){ .dir = "/tmp/hawk-control-XXXXXX" };
	current = f;
	MUST(mkdtemp(f->dir));
	snprintf(f->path, sizeof(f->path), "%s/socket", f->dir);
	MUST(sd_event_new(&f->event) >= 0);
	MUST(hawk_proctab_new(&f->proctab, &table) == 0);
	MUST(hawk_derive_new(&f->derive) == 0);
	find_something(f);
	MUST(hawk_sinks_new(&f->sinks, NULL, HAWK_VIEW_OF_PROCESS) == 0);
	fd = hawk_control_bind(f->path, "");
	MUST(fd >= 0);
	MUST(hawk_control_new(&f->control, f->event, fd, options ? options : &defaults, &ops, f) == 0);
	f->control->role_of = role_of;
}

void fake_stop(struct fake *f)
{
	hawk_control_free(f->control);
	MUST(f->interests == 0 && !f->tap && f->measuring == 0 && f->inspections == 0);
	hawk_sinks_free(f->sinks);
	hawk_findings_free(f->findings);
	hawk_derive_free(f->derive);
	hawk_proctab_free(f->proctab);
	sd_event_unref(f->event);
	unlink(f->path);
	rmdir(f->dir);
	current = NULL;
}

int fake_connect(struct fake *f)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	memcpy(a.sun_path, f->path, strlen(f->path));
	MUST(fd >= 0);
	MUST(connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0);
	return fd;
}

void fake_pump(struct fake *f)
{
	int r;

	do
		r = sd_event_run(f->event, 0);
	while (r > 0);
	MUST(r == 0);
}

void fake_process(struct fake *f, uint32_t ppid, uint32_t pid)
{
	struct hawk_abi_task task = {
		.pid = (int32_t)pid, .start = pid, .ppid = (int32_t)ppid, .parent_start = ppid,
	};
	struct hawk_event e = {
		.desc = hawk_event_by_id(HAWK_EV_SCHED_PROCESS_FORK),
		.time = pid,
		.start = ppid,
		.tgid = ppid,
		.tid = ppid,
		.task = &task,
	};

	for (size_t i = 0; i < HAWK_EVENT_FIELDS_MAX; i++)
		e.data[i].flags = HAWK_VAL_ABSENT;
	MUST(hawk_proctab_apply(f->proctab, &e) == 0);
}

void fake_events(struct fake *f, unsigned int n)
{
	static const char path[] = "/tmp/\xff\n\\udc80";
	static struct hawk_process process = { .task = { .pid = 7, .ppid = 1 }, .comm = "tester" };
	struct hawk_event e = {
		.desc = hawk_event_by_id(HAWK_EV_FILE_OPEN),
		.time = 1000,
		.walltime = 1700000000000000000ULL,
		.tgid = 7,
		.tid = 7,
		.process = &process,
	};
	int field = hawk_event_field(e.desc, "pathname");

	MUST(field >= 0);
	for (size_t i = 0; i < HAWK_EVENT_FIELDS_MAX; i++)
		e.data[i].flags = HAWK_VAL_ABSENT;
	e.data[field] = (struct hawk_value){ .bytes = (const uint8_t *)path, .len = sizeof(path) - 1 };
	for (unsigned int i = 0; i < n; i++) {
		e.seq = i;
		hawk_sinks_event(f->sinks, &e);
	}
	hawk_sinks_batch_end(f->sinks);
}

void fake_dump(struct fake *f)
{
	static struct hawk_process process = { .task = { .pid = 7, .ppid = 1 }, .comm = "tester" };
	struct hawk_event e = { .desc = hawk_event_by_id(HAWK_EV_PRINT_MEM_DUMP), .time = 1000, .process = &process };
	int field = hawk_event_field(e.desc, "bytes");

	MUST(field >= 0);
	for (size_t i = 0; i < HAWK_EVENT_FIELDS_MAX; i++)
		e.data[i].flags = HAWK_VAL_ABSENT;
	e.data[field] = (struct hawk_value){ .bytes = (const uint8_t *)"\xbe\xef", .len = 2 };
	hawk_sinks_event(f->sinks, &e);
	hawk_sinks_batch_end(f->sinks);
}
