/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The native JSON described as JSON Schema (2020-12), from the same tables that it is written by. */
#include <errno.h>

#include "src/base/cleanup.h"
#include "src/event/names.h"
#include "src/event/process.h"
#include "src/format/render.h"

#define TIME_PATTERN "^[0-9]{4,}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\\\.[0-9]{9}Z$"

/* What a value looks like that is written in each way, or null when it could not be had; NULL: it has no value. */
static const char *schema_of(enum hawk_json_how how)
{
	switch (how) {
	case HAWK_JSON_NONE:
		return NULL;
	case HAWK_JSON_UINT:
		return "\"type\":[\"integer\",\"null\"],\"minimum\":0";
	case HAWK_JSON_SINT:
		return "\"type\":[\"integer\",\"null\"]";
	case HAWK_JSON_BOOL:
		return "\"type\":[\"boolean\",\"null\"]";
	case HAWK_JSON_HEX:
		return "\"type\":[\"string\",\"null\"],\"pattern\":\"^0x[0-9a-f]+$\"";
	case HAWK_JSON_BOOTTIME:
	case HAWK_JSON_WALLTIME:
		return "\"$ref\":\"#/$defs/time\"";
	case HAWK_JSON_LIST:
	case HAWK_JSON_STRINGS:
		return "\"type\":[\"array\",\"null\"],\"items\":{\"type\":\"string\"}";
	case HAWK_JSON_NAME:
		return "\"type\":[\"string\",\"integer\",\"null\"]";
	case HAWK_JSON_TEXT:
	case HAWK_JSON_IP:
	case HAWK_JSON_STRING:
		return "\"type\":[\"string\",\"null\"]";
	case HAWK_JSON_BYTES:
		return "\"type\":[\"string\",\"null\"],\"pattern\":\"^([0-9a-f]{2})*$\"";
	case HAWK_JSON_SOCKADDR:
		return "\"type\":[\"object\",\"null\"],\"properties\":{\"sa_family\":{\"type\":[\"string\",\"integer\"]}}";
	case HAWK_JSON_STRUCT:
		/* Of its parts the manual tells; what a pointer leads to may be a number, what was cut is bytes. */
		return "\"type\":[\"object\",\"array\",\"integer\",\"string\",\"null\"]";
	}
	return NULL;
}

static void put_text(struct hawk_buf *out, const char *text)
{
	hawk_json_string(out, (const uint8_t *)text, strlen(text));
}

/* ,"NAME":{…} for a value of TYPE. */
static void put_property(struct hawk_buf *out, const char *name, enum hawk_type type, const char *doc)
{
	const char *schema = schema_of(hawk_json_how(type));

	if (!schema)
		return;
	hawk_buf_lit(out, ",\n\"");
	hawk_buf_puts(out, name);
	hawk_buf_lit(out, "\":{\"description\":");
	put_text(out, doc);
	hawk_buf_printf(out, ",%s}", schema);
}

/* What may stand beside each value; and nothing that is not named. */
static void close_properties(struct hawk_buf *out, size_t start)
{
	size_t n;
	const struct hawk_json_mark *marks = hawk_json_marks(&n);

	hawk_json_close(out, start);
	hawk_buf_lit(out, ",\"patternProperties\":{\"_(");
	for (size_t i = 0; i < n; i++)
		hawk_buf_printf(out, "%s%s", i ? "|" : "", marks[i].name);
	hawk_buf_lit(out, ")$\":{\"const\":true},\"_length$\":{\"type\":\"integer\",\"minimum\":0}},"
			  "\"additionalProperties\":false}");
}

static void put_previous(struct hawk_buf *out)
{
	size_t n, start;
	const struct hawk_task_fact *facts = hawk_task_credentials(&n);

	hawk_buf_lit(out, ",\n\"previous\":{\"description\":\"credentials that the exec changed, as they were\","
			  "\"type\":\"object\",\"properties\":");
	start = out->len;
	for (size_t i = 0; i < n; i++)
		put_property(out, facts[i].name, facts[i].type, "before the exec");
	close_properties(out, start);
}

static void put_data(struct hawk_buf *out, const struct hawk_event_desc *desc)
{
	bool retval = false, named = false;
	size_t start;

	hawk_buf_printf(out, ",\n\"data.%s\":{\"description\":", desc->name);
	put_text(out, desc->doc);
	hawk_buf_lit(out, ",\"type\":\"object\",\"properties\":");
	start = out->len;
	for (size_t i = 0; i < desc->n_fields; i++) {
		const struct hawk_field_desc *f = &desc->fields[i];

		if (hawk_field_shown(f))
			put_property(out, f->name, f->type, f->doc);
		retval |= f->type == HAWK_T_RETVAL;
		named |= f->type == HAWK_T_ERRNO;
	}
	if (retval && !named)
		put_property(out, "errno", HAWK_T_ERRNO, "name of the error in retval; absent when there is none");
	if (desc->id == HAWK_EV_SCHED_PROCESS_EXEC)
		put_previous(out);
	close_properties(out, start);
}

#define DEPTH 8

/* "process.ns.mnt.inode" is in the object "mnt" of the object "ns": those with a common head stand together. */
static void put_process(struct hawk_buf *out)
{
	size_t start[DEPTH], depth = 0;
	const char *at = "";

	start[0] = out->len;
	put_property(out, "tid", HAWK_T_PID, "thread that did it");
	for (size_t i = 0; i < hawk_process_fields(); i++) {
		const struct hawk_field *f = hawk_process_field(i);
		const char *name = strchr(f->name, '.') + 1;
		size_t common = 0;

		/* Leave the objects that it is not in. */
		for (size_t n; (n = strcspn(name, ".")), name[n] && common < depth; name += n + 1, common++) {
			if (strncmp(at, name, n + 1) != 0)
				break;
			at += n + 1;
		}
		while (depth > common)
			close_properties(out, start[depth--]);
		for (size_t n; n = strcspn(name, "."), name[n] && depth + 1 < DEPTH; name += n + 1) {
			hawk_buf_printf(out, ",\n\"%.*s\":{\"type\":\"object\",\"properties\":", (int)n, name);
			start[++depth] = out->len;
		}
		put_property(out, name, f->type, f->doc);
		at = strchr(f->name, '.') + 1;
	}
	while (depth > 0)
		close_properties(out, start[depth--]);
	close_properties(out, start[0]);
}

static void put_head(struct hawk_buf *out)
{
	hawk_buf_lit(out, "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\n"
			  "\"$id\":\"urn:sechawk:event:" HAWK_VERSION "\",\n"
			  "\"title\":\"An event of Sechawk in the format json\",\n"
			  "\"type\":\"object\",\"required\":[\"event\",\"time\",\"seq\",\"data\"],\"properties\":{\n"
			  "\"event\":{\"enum\":");
}

static void put_members(struct hawk_buf *out)
{
	hawk_buf_printf(out, "},\n\"time\":{%s},\n\"seq\":{%s},\n\"compat\":{\"const\":true},\n\"x32\":{\"const\":true},\n",
			schema_of(HAWK_JSON_WALLTIME), schema_of(HAWK_JSON_UINT));
	hawk_buf_lit(out, "\"policies\":{\"type\":\"array\",\"items\":{\"type\":\"string\"},\"minItems\":1},\n"
			  "\"alike\":{\"type\":\"integer\",\"minimum\":1},\n");
	hawk_buf_lit(out, "\"process\":{\"$ref\":\"#/$defs/process\"},\n\"parent\":{\"$ref\":\"#/$defs/process\"},\n"
			  "\"data\":{\"type\":\"object\"}},\"additionalProperties\":false,\n\"allOf\":");
}

int hawk_format_schema(struct hawk_buf *out)
{
	size_t n, begin = out->len, start;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);

	put_head(out);
	start = out->len;
	for (size_t i = 0; i < n; i++)
		if (hawk_event_is_seen(descs[i]))
			hawk_buf_printf(out, ",\n\"%s\"", descs[i]->name);
	hawk_json_close_list(out, start);
	put_members(out);
	start = out->len;
	for (size_t i = 0; i < n; i++)
		if (hawk_event_is_seen(descs[i]))
			hawk_buf_printf(out, ",\n{\"if\":{\"properties\":{\"event\":{\"const\":\"%s\"}}},"
					     "\"then\":{\"properties\":{\"data\":{\"$ref\":\"#/$defs/data.%s\"}}}}",
					descs[i]->name, descs[i]->name);
	hawk_json_close_list(out, start);
	hawk_buf_lit(out, ",\n\"$defs\":{\n\"time\":{\"type\":[\"string\",\"null\"],\"pattern\":\"" TIME_PATTERN "\"},\n"
			  "\"process\":{\"type\":\"object\",\"properties\":");
	put_process(out);
	for (size_t i = 0; i < n; i++)
		if (hawk_event_is_seen(descs[i]))
			put_data(out, descs[i]);
	hawk_buf_lit(out, "}}\n");
	if (out->error)
		out->len = begin;
	return out->error;
}
