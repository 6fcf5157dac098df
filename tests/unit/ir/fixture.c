/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/ir/fixture.h"

struct hawk_ir *parsed(const char *text)
{
	struct hawk_ir_error e = { .line = 0 };
	struct hawk_ir *ir = NULL;

	if (hawk_ir_parse(&ir, text, &e) < 0)
		fail_msg("%s\n%u:%u: %s", text, e.line, e.column, e.message);
	return ir;
}

static bool in_tree(void *ctx, const struct hawk_process *p, uint32_t ancestor)
{
	(void)ctx;
	return p->task.pid == (int32_t)ancestor || ancestor == 50;
}

/* The parent's parents: as many as there are generations, the first of them root's shell. */
static const struct hawk_process *parent_of(void *ctx, const struct hawk_process *p)
{
	static struct hawk_process old[3] = {
		{ .comm = "sshd", .task = { .pid = 30, .start = 3 } },
		{ .comm = "sh", .task = { .pid = 20, .start = 2, .uid = 7 } },
		{ .comm = "systemd", .task = { .pid = 1, .start = 1 } },
	};
	static uint8_t exe[] = "/usr/sbin/sshd";

	(void)ctx;
	old[0].exe = (struct hawk_bytes){ .data = exe, .len = sizeof(exe) - 1 };
	if (p == &parent)
		return &old[0];
	return p == &old[0] || p == &old[1] ? p + 1 : NULL;
}

static const struct hawk_ir_env env = { .in_tree = in_tree, .parent = parent_of };

void expect(const struct hawk_event *e, const char *text, bool want)
{
	struct hawk_ir *ir = parsed(text);
	uint64_t bits[HAWK_EVENT_ID_MAX / 64] = { 0 };
	bool restricts = hawk_ir_events(ir, bits);
	size_t n, row = 0;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);

	if (hawk_ir_eval(ir, e, &env) != want)
		fail_msg("%s: not %s for %s", text, want ? "true" : "false", e->desc->name);
	while (descs[row] != e->desc)
		row++;
	if (want && restricts && !(bits[row / 64] >> row % 64 & 1))
		fail_msg("%s: %s is not among its events", text, e->desc->name);
	hawk_ir_free(ir);
}

