/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Events as Tetragon exports them. What is there for which event is worked out
 * once, by rules over the field types and from tetragon.def.
 */
#include "src/format/tetragon.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "src/base/cleanup.h"
#include "src/event/names.h"
#include "src/event/process.h"

#if defined(__aarch64__)
#define SYSCALL_PREFIX "__arm64_sys_"
#else
#define SYSCALL_PREFIX "__x64_sys_"
#endif
#define COMPAT_PREFIX "__ia32_sys_"

enum envelope { EXEC, EXIT, LOST, TRACEPOINT, KPROBE, LSM };

static const char *const envelopes[] = {
	[EXEC] = "process_exec", [EXIT] = "process_exit", [LOST] = "rate_limit_info",
	[TRACEPOINT] = "process_tracepoint", [KPROBE] = "process_kprobe", [LSM] = "process_lsm",
};

static const struct export {
	const char *event;
	enum envelope envelope;
	const char *subsystem, *function;
} exports[] = {
#define EXPORT(event, envelope, subsystem, function) { event, envelope, subsystem, function },
#include "src/format/tetragon.def"
};

static const struct {
	const char *call, *function;
} functions[] = {
#define FUNCTION(call, function) { call, function },
#include "src/format/tetragon.def"
};

static const char *const swapped[] = {
#define SWAPPED(event) event,
#include "src/format/tetragon.def"
};

static const struct {
	const char *member, *field;
} socks[] = {
#define SOCK(member, field) { member, field },
#include "src/format/tetragon.def"
};

/* The members of KprobeArgument that our types become. */
enum how {
	STRING_ARG, STRINGS_ARG, INT_ARG, UINT_ARG, LONG_ARG,
	SIZE_ARG, BYTES_ARG, FILE_ARG, BINPRM_ARG, CAPS_ARG, CAPABILITY_ARG, SOCKADDR_ARG,
};

static const char *const members[] = {
	[STRING_ARG] = "string_arg", [STRINGS_ARG] = "string_arg", [INT_ARG] = "int_arg", [UINT_ARG] = "uint_arg",
	[LONG_ARG] = "long_arg", [SIZE_ARG] = "size_arg", [BYTES_ARG] = "bytes_arg", [FILE_ARG] = "file_arg",
	[BINPRM_ARG] = "linux_binprm_arg", [CAPS_ARG] = "kernel_cap_t_arg", [CAPABILITY_ARG] = "capability_arg",
	[SOCKADDR_ARG] = "sockaddr_arg",
};

struct arg {
	char *key;   /* ,{"string_arg": */
	char *label; /* ,"label":"pathname"} */
	uint8_t how; /* enum how */
	uint8_t type;
	uint16_t field;
};

struct keys {
	enum envelope envelope;
	char *native, *compat; /* "function_name":… or "subsys":… with a comma first; compat: of a 32-bit call */
	int retval, mode;      /* fields; -1: none */
	int16_t sock[ARRAY_SIZE(socks)]; /* fields; -1: none */
	bool is_sock;
	struct hawk_tetragon_struct structure;
	size_t n;
	struct arg arg[HAWK_EVENT_FIELDS_MAX];
};

static struct keys *keys_of_id[HAWK_EVENT_ID_MAX];
static pthread_once_t once = PTHREAD_ONCE_INIT;
static int prepared;

static enum how how_of(uint16_t event, enum hawk_type type)
{
	const struct hawk_type_desc *desc = hawk_type_desc(type);

	if (type == HAWK_T_PATH)
		return event == HAWK_EV_SECURITY_BPRM_CHECK ? BINPRM_ARG : FILE_ARG;
	if (type == HAWK_T_CAPS)
		return CAPS_ARG;
	if (type == HAWK_T_CAPABILITY)
		return CAPABILITY_ARG;
	switch (hawk_json_how(type)) {
	case HAWK_JSON_STRINGS:
		return STRINGS_ARG;
	case HAWK_JSON_BYTES:
		return BYTES_ARG;
	case HAWK_JSON_SOCKADDR:
		return SOCKADDR_ARG;
	default:
		break;
	}
	if (desc->vclass == HAWK_V_UINT)
		return desc->size < sizeof(uint64_t) ? UINT_ARG : SIZE_ARG;
	if (desc->vclass == HAWK_V_SINT)
		return desc->size < sizeof(uint64_t) ? INT_ARG : LONG_ARG;
	return STRING_ARG;
}

static int name_call(struct keys *k, const struct hawk_event_desc *desc)
{
	const char *name = desc->name;

	for (size_t i = 0; i < ARRAY_SIZE(functions); i++)
		if (strcmp(functions[i].call, name) == 0)
			name = functions[i].function;
	k->envelope = KPROBE;
	if (asprintf(&k->native, ",\"function_name\":\"" SYSCALL_PREFIX "%s\"", name) < 0)
		return -ENOMEM;
	return asprintf(&k->compat, ",\"function_name\":\"" COMPAT_PREFIX "%s\"", name) < 0 ? -ENOMEM : 0;
}

/* Works out the envelope and the names in it. */
static int name_event(struct keys *k, const struct hawk_event_desc *desc)
{
	static const char hook[] = "security_";
	const struct export *row = NULL;
	const char *function = desc->name;

	if (desc->syscall)
		return name_call(k, desc);
	for (size_t i = 0; i < ARRAY_SIZE(exports) && !row; i++)
		if (strcmp(exports[i].event, desc->name) == 0)
			row = &exports[i];
	k->envelope = KPROBE;
	if (row) {
		k->envelope = row->envelope;
		function = row->function;
	} else if (strncmp(desc->name, hook, strlen(hook)) == 0) {
		k->envelope = LSM;
		function = desc->name + strlen(hook);
	}
	if (k->envelope == TRACEPOINT)
		return asprintf(&k->native, ",\"subsys\":\"%s\",\"event\":\"%s\"", row->subsystem,
				function) < 0 ?
			       -ENOMEM : 0;
	return asprintf(&k->native, ",\"function_name\":\"%s\"", function) < 0 ? -ENOMEM : 0;
}

static bool has_sock(const struct hawk_event_desc *desc)
{
	const int src = hawk_event_field(desc, "src"), dst = hawk_event_field(desc, "dst");

	return src >= 0 && dst >= 0 && desc->fields[src].type == HAWK_T_IP && desc->fields[dst].type == HAWK_T_IP;
}

/* The ends of a connection that is told from the other side. */
static const char *swap(const char *field)
{
	static const char *const pairs[][2] = { { "src", "dst" }, { "src_port", "dst_port" } };

	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++)
		for (size_t side = 0; side < 2; side++)
			if (strcmp(field, pairs[i][side]) == 0)
				return pairs[i][!side];
	return field;
}

/* Packets have fields with the same names that mean other things: type of an ICMP message, version of HTTP. */
static bool is_of_socket(const struct hawk_field_desc *field)
{
	return field->type != HAWK_T_U8 && !hawk_type_desc(field->type)->var;
}

static void find_sock(struct keys *k, const struct hawk_event_desc *desc,
		      bool used[static HAWK_EVENT_FIELDS_MAX])
{
	bool turn = false;

	for (size_t i = 0; i < ARRAY_SIZE(swapped); i++)
		turn |= strcmp(swapped[i], desc->name) == 0;
	for (size_t i = 0; i < ARRAY_SIZE(socks); i++) {
		int field = k->is_sock ? hawk_event_field(desc,
							  turn ? swap(socks[i].field) : socks[i].field) : -1;

		if (field >= 0 && !is_of_socket(&desc->fields[field]))
			field = -1;
		k->sock[i] = (int16_t)field;
		if (field >= 0)
			used[field] = true;
	}
}

static int add(struct keys *k, const struct hawk_event_desc *desc, uint16_t field)
{
	struct arg *a = &k->arg[k->n++];

	a->field = field;
	a->type = (uint8_t)desc->fields[field].type;
	a->how = (uint8_t)how_of(desc->id, desc->fields[field].type);
	if (asprintf(&a->key, ",{\"%s\":", members[a->how]) < 0 ||
	    asprintf(&a->label, ",\"label\":\"%s\"}", desc->fields[field].name) < 0)
		return -ENOMEM;
	return 0;
}

static int prepare_event(const struct hawk_event_desc *desc)
{
	bool used[HAWK_EVENT_FIELDS_MAX] = { false };
	struct keys *k = calloc(1, sizeof(*k));
	int r;

	if (!k)
		return -ENOMEM;
	keys_of_id[desc->id] = k;
	k->is_sock = has_sock(desc);
	find_sock(k, desc, used);
	hawk_tetragon_struct_find(&k->structure, desc, used);
	/* Permissions belong to the path beside them. */
	k->mode = hawk_event_field(desc, "pathname") < 0 ? -1 : hawk_event_field(desc, "inode_mode");
	if (k->mode >= 0)
		used[k->mode] = true;
	k->retval = -1;
	r = name_event(k, desc);
	for (uint16_t i = 0; i < desc->n_fields && !r; i++) {
		const struct hawk_field_desc *f = &desc->fields[i];

		if (f->type == HAWK_T_RETVAL)
			k->retval = i;
		else if (!used[i] && hawk_field_shown(f) && f->type != HAWK_T_ERRNO)
			r = add(k, desc, i);
	}
	return r;
}

static void prepare(void)
{
	size_t n;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);

	for (size_t i = 0; i < n && !prepared; i++)
		prepared = prepare_event(descs[i]);
}

/* As ls(1) shows it: "-rwxr-xr-x". */
static void put_permission(uint64_t mode, struct hawk_buf *out)
{
	static const char bits[] = "rwxrwxrwx";
	char text[10];

	text[0] = S_ISDIR(mode) ? 'd' : S_ISLNK(mode) ? 'l' : S_ISCHR(mode) ? 'c' : S_ISBLK(mode) ? 'b' :
		  S_ISFIFO(mode) ? 'p' : S_ISSOCK(mode) ? 's' : '-';
	for (int i = 0; i < 9; i++)
		text[i + 1] = mode >> (8 - i) & 1 ? bits[i] : '-';
	hawk_buf_lit(out, ",\"permission\":\"");
	hawk_buf_put(out, text, sizeof(text));
	hawk_buf_putc(out, '"');
}

static void put_file(const struct keys *k, const struct hawk_event *event, const struct arg *a,
		     struct hawk_buf *out)
{
	const struct hawk_value *v = &event->data[a->field];

	hawk_buf_lit(out, "{\"path\":");
	hawk_json_string(out, v->bytes, v->len);
	if (v->flags & HAWK_VAL_TRUNCATED)
		hawk_buf_lit(out, ",\"flags\":\"unresolvedPathComponents\"");
	if (k->mode >= 0 && !event->data[k->mode].flags && strcmp(event->desc->fields[a->field].name,
								  "pathname") == 0)
		put_permission(event->data[k->mode].u, out);
	hawk_buf_putc(out, '}');
}

static void put_sockaddr(struct hawk_tetragon *s, const struct hawk_value *v, struct hawk_buf *out)
{
	struct hawk_address a;

	if (!hawk_address_read(v, &a)) {
		hawk_buf_lit(out, "{}");
		return;
	}
	hawk_buf_lit(out, "{\"family\":");
	hawk_address_family(&s->json, &a, out);
	if (a.ip[0]) {
		hawk_buf_lit(out, ",\"addr\":\"");
		hawk_buf_puts(out, a.ip);
		hawk_buf_putc(out, '"');
	}
	if (a.port) {
		hawk_buf_lit(out, ",\"port\":");
		hawk_buf_u64(out, a.port);
	}
	if (a.path_len) {
		hawk_buf_lit(out, ",\"addr\":");
		hawk_address_path(&a, out);
	}
	hawk_buf_putc(out, '}');
}

static void put_bytes(const struct hawk_value *v, struct hawk_buf *out)
{
	if (!(v->flags & HAWK_VAL_TRUNCATED)) {
		hawk_json_base64(out, v->bytes, v->len);
		return;
	}
	hawk_buf_lit(out, "{\"bytes_arg\":");
	hawk_json_base64(out, v->bytes, v->len);
	hawk_buf_lit(out, ",\"orig_size\":");
	hawk_tetragon_quoted(out, v->full, false);
	hawk_buf_putc(out, '}');
}

static void put_value(struct hawk_tetragon *s, const struct arg *a, const struct hawk_value *v,
		      struct hawk_buf *out)
{
	switch ((enum how)a->how) {
	case INT_ARG:
		hawk_buf_s64(out, (int32_t)v->s);
		break;
	case UINT_ARG:
		hawk_buf_u64(out, v->u);
		break;
	case LONG_ARG:
		hawk_tetragon_quoted(out, v->u, true);
		break;
	case SIZE_ARG:
		hawk_tetragon_quoted(out, v->u + (a->type == HAWK_T_TIME ? (uint64_t)s->json.boot_offset : 0), false);
		break;
	case BYTES_ARG:
		put_bytes(v, out);
		break;
	case CAPS_ARG:
		hawk_buf_printf(out, "\"%016llx\"", (unsigned long long)v->u);
		break;
	case SOCKADDR_ARG:
		put_sockaddr(s, v, out);
		break;
	case STRINGS_ARG:
		hawk_tetragon_arguments(s, v, 0, out);
		break;
	case CAPABILITY_ARG:
		hawk_buf_lit(out, "{\"value\":");
		hawk_buf_s64(out, (int32_t)v->s);
		hawk_buf_lit(out, ",\"name\":");
		hawk_json_quoted(&s->json, a->type, v, out);
		hawk_buf_putc(out, '}');
		break;
	case STRING_ARG:
	case FILE_ARG:
	case BINPRM_ARG:
		hawk_json_quoted(&s->json, a->type, v, out);
		break;
	}
}

static void put_arg(struct hawk_tetragon *s, const struct keys *k, const struct hawk_event *event,
		    const struct arg *a, struct hawk_buf *out)
{
	const struct hawk_value *v = &event->data[a->field];
	const bool empty = hawk_type_desc(a->type)->var && !v->len;

	if (v->flags & HAWK_VAL_ABSENT)
		return;
	if (v->flags & HAWK_VAL_UNREADABLE && (empty || !hawk_type_desc(a->type)->var)) {
		hawk_buf_lit(out, ",{\"error_arg\":{\"message\":\"unreadable\"}");
	} else if (a->how == BYTES_ARG && v->flags & HAWK_VAL_TRUNCATED) {
		hawk_buf_lit(out, ",{\"truncated_bytes_arg\":");
		put_bytes(v, out);
	} else {
		hawk_buf_puts(out, a->key);
		if (a->how == FILE_ARG || a->how == BINPRM_ARG)
			put_file(k, event, a, out);
		else
			put_value(s, a, v, out);
	}
	hawk_buf_puts(out, a->label);
}

/* One member of sock_arg. Zero is left out, as Tetragon does. */
static void put_sock_member(struct hawk_tetragon *s, const char *member, enum hawk_type type,
			    const struct hawk_value *v, struct hawk_buf *out)
{
	const bool number = type == HAWK_T_PORT || type == HAWK_T_U32 || type == HAWK_T_U16;

	if (v->flags || (type != HAWK_T_IP && !v->u))
		return;
	hawk_buf_lit(out, ",\"");
	hawk_buf_puts(out, member);
	hawk_buf_lit(out, "\":");
	if (number)
		hawk_buf_u64(out, v->u);
	else
		hawk_json_quoted(&s->json, type, v, out);
}

static void put_sock(struct hawk_tetragon *s, const struct keys *k, const struct hawk_event *event,
		     struct hawk_buf *out)
{
	size_t start;

	hawk_buf_lit(out, ",{\"sock_arg\":");
	start = out->len;
	for (size_t i = 0; i < ARRAY_SIZE(socks); i++)
		if (k->sock[i] >= 0)
			put_sock_member(s, socks[i].member, event->desc->fields[k->sock[i]].type,
					&event->data[k->sock[i]], out);
	hawk_json_close(out, start);
	hawk_buf_putc(out, '}');
}

static void put_args(struct hawk_tetragon *s, const struct keys *k, const struct hawk_event *event,
		     struct hawk_buf *out)
{
	size_t start;

	hawk_buf_lit(out, ",\"args\":");
	start = out->len;
	if (k->is_sock)
		put_sock(s, k, event, out);
	hawk_tetragon_struct_put(s, &k->structure, event, out);
	for (size_t i = 0; i < k->n; i++)
		put_arg(s, k, event, &k->arg[i], out);
	hawk_json_close_list(out, start);
}

static void put_return(const struct hawk_value *v, struct hawk_buf *out)
{
	if (v->s == (int32_t)v->s) {
		hawk_buf_lit(out, ",\"return\":{\"int_arg\":");
		hawk_buf_s64(out, v->s);
	} else {
		hawk_buf_lit(out, ",\"return\":{\"long_arg\":");
		hawk_tetragon_quoted(out, v->u, true);
	}
	hawk_buf_putc(out, '}');
}

static void put_processes(struct hawk_tetragon *s, const struct keys *k, const struct hawk_event *event,
			  struct hawk_buf *out)
{
	size_t start;

	if (event->process) {
		hawk_buf_reset(&s->extra);
		if (k->envelope == EXEC)
			hawk_tetragon_binary(event, &s->extra);
		hawk_buf_lit(out, ",\"process\":");
		hawk_tetragon_process(s, event, &s->extra, out);
	}
	if (event->parent) {
		hawk_buf_lit(out, ",\"parent\":");
		hawk_tetragon_parent(s, event->parent, out);
	}
	if (event->n_ancestors) {
		hawk_buf_lit(out, ",\"ancestors\":");
		start = out->len;
		for (size_t i = 0; i < event->n_ancestors; i++) {
			hawk_buf_putc(out, ',');
			hawk_tetragon_parent(s, event->ancestors[i], out);
		}
		hawk_json_close_list(out, start);
	}
}

static void put_hook(struct hawk_tetragon *s, const struct keys *k, const struct hawk_event *event,
		     struct hawk_buf *out)
{
	const bool compat = k->compat && event->rec_flags & HAWK_REC_COMPAT;

	hawk_buf_puts(out, compat ? k->compat : k->native);
	put_args(s, k, event, out);
	if (k->retval >= 0 && !event->data[k->retval].flags)
		put_return(&event->data[k->retval], out);
	hawk_buf_lit(out, ",\"action\":\"KPROBE_ACTION_POST\"");
	if (event->policies.len) { /* there is room for one */
		hawk_buf_lit(out, ",\"policy_name\":");
		hawk_json_string(out, event->policies.bytes, strnlen((const char *)event->policies.bytes, event->policies.len));
	}
}

static void put_event(void *state, const struct hawk_event *event, struct hawk_buf *out)
{
	const struct keys *k = keys_of_id[event->desc->id];
	struct hawk_tetragon *s = state;
	size_t start;
	int lost;

	if (event->desc->id == HAWK_EV_FINDING)
		return; /* there is nothing like it */
	s->json.boot_offset = (int64_t)(event->walltime - event->time);
	hawk_buf_lit(out, "{\"");
	hawk_buf_puts(out, envelopes[k->envelope]);
	hawk_buf_lit(out, "\":");
	start = out->len;
	switch (k->envelope) {
	case EXEC:
		put_processes(s, k, event, out);
		break;
	case EXIT:
		put_processes(s, k, event, out);
		hawk_tetragon_exit(s, event, out);
		break;
	case LOST:
		lost = hawk_event_field(event->desc, "count");
		hawk_buf_lit(out, ",\"number_of_dropped_process_events\":");
		hawk_tetragon_quoted(out, lost < 0 ? 0 : event->data[lost].u, false);
		break;
	case TRACEPOINT:
	case KPROBE:
	case LSM:
		put_processes(s, k, event, out);
		put_hook(s, k, event, out);
		break;
	}
	if (!out->error && out->len > start)
		out->data[start] = '{';
	else
		hawk_buf_putc(out, '{');
	hawk_buf_put(out, s->tail.data, s->tail.len);
	hawk_stamp_put(&s->json.stamps, out, event->walltime);
	hawk_buf_lit(out, "\"}\n");
}

static void close_tetragon(void *state)
{
	hawk_tetragon_done(state);
	free(state);
}
DEFINE_CLEANUP(struct hawk_tetragon, close_tetragon)

static int open_tetragon(void **ret, const struct hawk_format_wish *wish, char **ret_why)
{
	_cleanup_(close_tetragonp) struct hawk_tetragon *s = calloc(1, sizeof(*s));
	int r;

	(void)wish;
	(void)ret_why;
	if (!s)
		return -ENOMEM;
	r = hawk_tetragon_init(s);
	if (r < 0)
		return r;
	pthread_once(&once, prepare);
	if (prepared)
		return prepared;
	*ret = TAKE_PTR(s);
	return 0;
}

const struct hawk_format_ops hawk_format_tetragon = {
	.open = open_tetragon,
	.close = close_tetragon,
	.event = put_event,
};
