/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_FORMAT_FORMAT_H
#define HAWK_FORMAT_FORMAT_H
/*
 * Events as text, in the formats of formats.def. Used by sinks, by the control
 * server and by replay. A formatter keeps its buffers: no allocation per event
 * once warm.
 */
#include "src/base/buf.h"
#include "src/event/event.h"

struct hawk_format;

/*
 * An event with the longest argv and environment, every byte of them escaped,
 * stays below this: the bound (hawk_buf.max) of a buffer that must take any event.
 */
#define HAWK_FORMAT_EVENT_MAX ((size_t)4 * 1024 * 1024)

/*
 * Makes a formatter from its description: the name of a format, for those with
 * an argument followed by "=" and that ("template=%{time} %{event}"). TERMINAL:
 * colour may be used. On -EINVAL *ret_why (a malloc'ed message, caller frees)
 * says what is wrong and where.
 */
int hawk_format_new(struct hawk_format **ret, const char *description, bool terminal, char **ret_why);
struct hawk_format *hawk_format_free(struct hawk_format *f);
/* The description it was made from. */
const char *hawk_format_description(const struct hawk_format *f);
/*
 * The name of the I-th format, or NULL past the last. *RET_ARGUMENT is what
 * stands after "=" in its description, empty when nothing does.
 */
const char *hawk_format_name(size_t i, const char **ret_argument, const char **ret_doc);
/*
 * What formats that name the host call it, from the next hawk_format_new on;
 * NULL: what gethostname(2) says, which is the default. Longer names are cut to
 * HOST_NAME_MAX. Not while another thread makes a formatter.
 */
void hawk_format_set_host(const char *name);
/* True when its output is one JSON object per event. */
bool hawk_format_is_json(const struct hawk_format *f);

/* The line before the first event (CSV header, table head), if the format has one, ending in a newline. */
int hawk_format_head(struct hawk_format *f, struct hawk_buf *out);
/*
 * Appends EVENT to OUT, ending in a newline; nothing when the format has nothing
 * to say of it. Never writes a control character
 * of an event's data: they are escaped. Secrets are redacted (redact.h).
 * Returns 0 or the buffer's error (OUT then ends where it ended before).
 * Pipeline thread only: it fills the JSON cache of the event's processes.
 */
int hawk_format_event(struct hawk_format *f, const struct hawk_event *event, struct hawk_buf *out);

/*
 * Appends a process as a JSON object with the fields of "process" in the native
 * event JSON. BOOT_OFFSET: ns from CLOCK_BOOTTIME to CLOCK_REALTIME. Reads the
 * process and nothing else: any thread that may read it may call this.
 * Returns 0 or the buffer's error.
 */
int hawk_format_process(struct hawk_buf *out, const struct hawk_process *p, int64_t boot_offset);

/*
 * Appends the JSON Schema (2020-12) of the format "json", of all events, ending
 * in a newline. Returns 0 or the buffer's error.
 */
int hawk_format_schema(struct hawk_buf *out);

/*
 * Appends bytes as a JSON string with quotes. Lossless: valid UTF-8 stays but
 * for control characters and those that change the direction of text, which
 * become \uXXXX; a byte that is not UTF-8 becomes \udcXX (a lone low surrogate,
 * as Python's surrogateescape does).
 */
void hawk_json_string(struct hawk_buf *out, const uint8_t *bytes, size_t len);
/*
 * The same bytes for a terminal or a log line: no quotes; control characters,
 * bad bytes and characters that change the direction of text as \xXX, a
 * backslash doubled, so that nothing is ambiguous.
 */
void hawk_text_escape(struct hawk_buf *out, const uint8_t *bytes, size_t len);
/*
 * Length of the character at P (of N bytes, at least one) when both of these
 * escape it although it is valid UTF-8; then *ret is its number, below 65536.
 * Else 0.
 */
size_t hawk_text_hidden(const uint8_t *p, size_t n, uint32_t *ret);

#endif
