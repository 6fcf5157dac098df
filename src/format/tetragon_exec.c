/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What Tetragon tells of an exec and of an exit beside the process. */
#include "src/base/cleanup.h"
#include "src/event/process.h"
#include "src/format/tetragon.h"

void hawk_tetragon_quoted(struct hawk_buf *out, uint64_t v, bool is_signed)
{
	hawk_buf_putc(out, '"');
	if (is_signed)
		hawk_buf_s64(out, (int64_t)v);
	else
		hawk_buf_u64(out, v);
	hawk_buf_putc(out, '"');
}

static void put_reasons(uint32_t flags, struct hawk_buf *out)
{
	static const struct {
		uint32_t flag;
		const char *name;
	} reasons[] = {
#define PRIVILEGE(flag, name) { flag, name },
#include "src/format/tetragon.def"
	};
	const char *before = ",\"privileges_changed\":[\"";
	bool any = false;

	for (size_t i = 0; i < ARRAY_SIZE(reasons); i++) {
		if (!(flags & reasons[i].flag))
			continue;
		hawk_buf_puts(out, before);
		hawk_buf_puts(out, reasons[i].name);
		before = "\",\"";
		any = true;
	}
	if (any)
		hawk_buf_lit(out, "\"]");
}

void hawk_tetragon_binary(const struct hawk_event *event, struct hawk_buf *out)
{
	const struct hawk_process *p = event->process;
	const int inode = hawk_event_field(event->desc, "inode");
	const size_t start = out->len;
	size_t object;

	hawk_buf_lit(out, ",\"binary_properties\":");
	object = out->len;
	if (p->exec_flags & HAWK_EXEC_SETUID) {
		hawk_buf_lit(out, ",\"setuid\":");
		hawk_buf_u64(out, p->task.euid);
	}
	if (p->exec_flags & HAWK_EXEC_SETGID) {
		hawk_buf_lit(out, ",\"setgid\":");
		hawk_buf_u64(out, p->task.egid);
	}
	put_reasons(p->exec_flags, out);
	if (p->exec_flags & (HAWK_EXEC_MEMFD | HAWK_EXEC_UNLINKED)) {
		hawk_buf_lit(out, ",\"file\":{\"inode\":{\"number\":");
		hawk_tetragon_quoted(out, inode < 0 || event->data[inode].flags ? 0 : event->data[inode].u, false);
		hawk_buf_lit(out, ",\"links\":0},\"path\":");
		hawk_json_string(out, p->exe.data, p->exe.len);
		hawk_buf_putc(out, '}');
	}
	if (out->len == object)
		out->len = start;
	else
		hawk_json_close(out, object);
}

void hawk_tetragon_exit(struct hawk_tetragon *s, const struct hawk_event *event, struct hawk_buf *out)
{
	const int signal = hawk_event_field(event->desc, "signal"), code = hawk_event_field(event->desc,
											    "exit_code");

	if (signal >= 0 && !event->data[signal].flags && event->data[signal].s) {
		hawk_buf_lit(out, ",\"signal\":");
		hawk_json_quoted(&s->json, HAWK_T_SIGNAL, &event->data[signal], out);
	}
	if (code >= 0 && !event->data[code].flags && event->data[code].s) {
		hawk_buf_lit(out, ",\"status\":");
		hawk_buf_u64(out, (uint32_t)event->data[code].s);
	}
	hawk_buf_lit(out, ",\"time\":\"");
	hawk_stamp_put(&s->json.stamps, out, event->walltime);
	hawk_buf_putc(out, '"');
}
