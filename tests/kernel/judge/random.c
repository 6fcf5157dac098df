/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/kernel/judge/random.h"

#include <stdlib.h>

#include "src/base/cleanup.h"
#include "tests/lib/xorshift.h"

static uint64_t state = 1;

void random_start(uint64_t seed)
{
	state = seed ? seed : 1;
	for (int i = 0; i < 16; i++)
		random_below(2);
}

size_t random_below(size_t n)
{
	return (random_next(&state) >> 16) % n;
}

static bool chance(size_t one_in)
{
	return random_below(one_in) == 0;
}

static bool usable(const struct hawk_event_desc *d)
{
	if (d->class != HAWK_CLASS_BULK || d->internal || d->n_fields == 0)
		return false;
	for (size_t i = 0; i < d->n_fields; i++)
		if (d->fields[i].type == HAWK_T_TASK)
			return false;
	return true;
}

const struct hawk_event_desc *random_desc(void)
{
	static const uint16_t often[] = {
		HAWK_EV_FILE_OPEN,           HAWK_EV_SECURITY_INODE_RENAME,
		HAWK_EV_SYS_openat,          HAWK_EV_SYS_connect,
		HAWK_EV_SECURITY_BPRM_CHECK, HAWK_EV_NET_TCP_CONNECT,
		HAWK_EV_SECURITY_SB_MOUNT,   HAWK_EV_SYS_read,
		HAWK_EV_SYS_lseek,           HAWK_EV_SECURITY_SOCKET_CREATE,
		HAWK_EV_DO_SIGACTION,
	};
	size_t n;
	const struct hawk_event_desc *const *all = hawk_event_descs(&n), *d = all[random_below(n)];

	if (!chance(3))
		d = hawk_event_by_id(often[random_below(ARRAY_SIZE(often))]);
	return d && usable(d) ? d : random_desc();
}

/* Numbers that are at an edge of something, or near to others. */
static uint64_t number(void)
{
	static const uint64_t edges[] = {
		0x81a4, 0x41ed, 0x4000, /* a file, a directory, its type */
		0, 1, 2, 3, 4, 7, 8, 63, 64, 99, 100, 101, 255, 256, 1000, 0x7fff, 0x8000, 0xffff, 0x7fffffff,
		0x80000000, 0xfffffffe, 0xffffffff, 0x100000000, 0x7fffffffffffffff, 0x8000000000000000,
		(uint64_t)-1, (uint64_t)-2, (uint64_t)-13, (uint64_t)-4095, (uint64_t)-4096, 0xfffffff3,
	};

	switch (random_below(4)) {
	case 0:
		return edges[random_below(ARRAY_SIZE(edges))];
	case 1:
		return 1000 + random_below(40);
	default:
		return random_below(6);
	}
}

static size_t text(char *to, bool path)
{
	static const char *const parts[] = { "a", "b", "ab", "etc", "lib", "x.so", "y.so", "passwd" };
	size_t n = random_below(4) + path, len = 0;

	for (size_t i = 0; i < n; i++)
		len += (size_t)sprintf(to + len, "%s%s", path || chance(2) ? "/" : "",
				       parts[random_below(ARRAY_SIZE(parts))]);
	/* long ones, around the limits of the kernel's tables */
	if (chance(40)) {
		size_t more = chance(2) ? random_below(400) : 240 + random_below(20);

		memset(to + len, 'z', more);
		len += more;
		len += (size_t)sprintf(to + len, "%s", chance(2) ? "/x.so" : "");
	}
	to[len] = '\0';
	return len;
}

static void put_text(struct hawk_buf *out, bool path)
{
	char buf[1024];
	size_t len = text(buf, path), from = chance(3) && len ? random_below(len) : 0;

	switch (random_below(8)) {
	case 0:
	case 1:
		hawk_buf_printf(out, "\"%.*s\"*", (int)random_below(len + 1), buf);
		return;
	case 2:
	case 3:
		hawk_buf_printf(out, "*\"%s\"", buf + from);
		return;
	case 4:
		if (chance(4))
			hawk_buf_printf(out, "*\"%s\"*", buf + from);
		else
			hawk_buf_printf(out, "\"%s\"*", buf);
		return;
	case 5:
		if (chance(2)) {
			hawk_buf_printf(out, "\"%.*s\"%s\"%s\"", (int)random_below(len + 1), buf,
					chance(2) ? "*" : "[a-e]", buf + from);
			return;
		}
		if (chance(8)) {
			hawk_buf_puts(out, chance(2) ? "*" : "\"a\\x00b\"");
			return;
		}
		/* fall through */
	default:
		hawk_buf_printf(out, "\"%s\"", buf);
	}
}

static void put_value(struct hawk_buf *out, enum hawk_type type, bool list)
{
	static const char *const networks[] = { "10.0.0.0/8", "10.1.2.3",    "10.1.0.0/15", "::/0",
						"fe80::/10",  "10.1.2.2/31", "0.0.0.0/0",   "::1" };
	const struct hawk_type_desc *t = hawk_type_desc(type);

	switch (t->vclass) {
	case HAWK_V_SINT:
		hawk_buf_s64(out, t->size == 8 ? (int64_t)number() : (int32_t)number());
		if (chance(8))
			hawk_buf_printf(out, "..%s", chance(2) ? "" : "1010");
		break;
	case HAWK_V_IP:
		hawk_buf_puts(out, networks[random_below(ARRAY_SIZE(networks))]);
		break;
	case HAWK_V_BYTES:
	case HAWK_V_STRV:
		put_text(out, type == HAWK_T_PATH);
		break;
	default:
		if (type == HAWK_T_BOOL)
			hawk_buf_puts(out, chance(2) ? "true" : "false");
		else
			hawk_buf_u64(out, t->size >= 8 ? number() : number() & ((1ULL << 8 * t->size) - 1));
		if (chance(8))
			hawk_buf_printf(out, "..%s", chance(2) ? "" : "1010");
	}
	if (list)
		hawk_buf_putc(out, '|');
}

static enum hawk_type put_field(struct hawk_buf *out, const struct hawk_event_desc *desc,
				enum random_about about)
{
	static const char *const often[] = { "process.uid",          "process.comm",
					     "process.pid",          "process.caps.effective",
					     "process.ns.mnt.inode", "process.ns.pid.is_host",
					     "process.exe",          "process.unit",
					     "process.cgroup.id",    "process.nodename" };
	struct hawk_field field;
	const char *name;

	if (about & RANDOM_DATA && (!(about & RANDOM_PROCESS) || !chance(3))) {
		const struct hawk_field_desc *f = &desc->fields[random_below(desc->n_fields)];

		hawk_buf_printf(out, "data.%s", f->name);
		if (f->type == HAWK_T_MODE && chance(2))
			hawk_buf_puts(out, chance(2) ? ".type" : ".permissions");
		return f->type;
	}
	name = chance(3) ? hawk_process_field(random_below(hawk_process_fields()))->name :
			   often[random_below(ARRAY_SIZE(often))];
	if (chance(20)) {
		static const char *const events[] = { "process.tid", "process.new", "cpu" };

		name = events[random_below(ARRAY_SIZE(events))];
	}
	if (hawk_field_find(name, &field) < 0)
		return put_field(out, desc, about);
	hawk_buf_puts(out, name);
	return field.type;
}

static void put_condition(struct hawk_buf *out, const struct hawk_event_desc *desc, enum random_about about)
{
	static const char *const operators[] = { "=", "=",  "=",  "!=", "!=", "<",  "<=",
						 ">", ">=", "&=", "!&", "==", "!==" };
	const char *op = operators[random_below(ARRAY_SIZE(operators))];
	enum hawk_type type;
	size_t n;

	if (chance(25)) {
		hawk_buf_printf(out, "event%s%s", chance(2) ? "=" : "!=", chance(2) ? desc->name : "getpid");
		return;
	}
	type = put_field(out, desc, about);
	if (hawk_type_desc(type)->vclass >= HAWK_V_IP)
		op = *op == '!' ? "!=" : "=";
	hawk_buf_puts(out, op);
	n = *op == '<' || *op == '>' ? 0 : chance(20) ? random_below(60) : random_below(4) / 2;
	for (size_t i = 0; i < n; i++)
		put_value(out, type, true);
	put_value(out, type, false);
}

/* One number, compared in several ways. */
static void put_number(struct hawk_buf *out, const char *name, enum hawk_type type, unsigned int depth)
{
	static const char *const operators[] = { "=", "!=", "<", "<=", ">", ">=" };
	size_t n = depth ? 1 + random_below(3) : 0;

	if (chance(4))
		hawk_buf_puts(out, "NOT ");
	if (!n) {
		hawk_buf_printf(out, "%s%s", name, operators[random_below(ARRAY_SIZE(operators))]);
		put_value(out, type, false);
		return;
	}
	hawk_buf_putc(out, '(');
	for (size_t i = 0; i < n; i++) {
		if (i)
			hawk_buf_puts(out, chance(2) ? " AND " : " OR ");
		put_number(out, name, type, depth - 1);
	}
	hawk_buf_putc(out, ')');
}

static void put_expression(struct hawk_buf *out, const struct hawk_event_desc *desc, enum random_about about,
			   unsigned int depth)
{
	const char *joint = chance(2) ? " AND " : " OR ";
	size_t n = depth ? random_below(4) : 0;

	if (chance(10)) {
		static const char *const names[] = { "process.uid",
						     "process.pid",
						     "data.retval",
						     "data.inode",
						     "data.count",
						     "process.ns.mnt.inode",
						     "process.ns.pid.is_host",
						     "data.kern" };
		const char *name = names[random_below(ARRAY_SIZE(names))];
		struct hawk_field field;

		if (hawk_field_find(name, &field) == 0) {
			put_number(out, name, field.type, 2);
			return;
		}
	}
	if (chance(6))
		hawk_buf_puts(out, "NOT ");
	if (!n) {
		put_condition(out, desc, about);
		return;
	}
	hawk_buf_putc(out, '(');
	for (size_t i = 0; i < n; i++) {
		if (i)
			hawk_buf_puts(out, joint);
		put_expression(out, desc, about, depth - 1);
	}
	hawk_buf_putc(out, ')');
}

struct hawk_ir *random_predicate(const struct hawk_event_desc *desc, enum random_about about)
{
	_cleanup_(hawk_buf_done) struct hawk_buf out = HAWK_BUF_INIT;
	struct hawk_ir_error error;
	struct hawk_ir *ir;

	for (;;) {
		hawk_buf_reset(&out);
		put_expression(&out, desc, about, (unsigned int)random_below(4));
		if (hawk_ir_parse(&ir, hawk_buf_str(&out), &error) == 0)
			return ir;
	}
}

static void random_path(struct vector *v, const struct hawk_field_desc *f)
{
	static const uint32_t odd[] = { HAWK_PATH_DELETED, HAWK_PATH_ANY_MOUNT, HAWK_PATH_UNREACHABLE,
					HAWK_PATH_TRUNCATED, HAWK_PATH_ABSENT, HAWK_PATH_UNREADABLE };
	char path[1024];
	uint32_t info;

	text(path, true);
	if (!chance(10)) {
		test_record_path(&v->record, f->name, path);
		v->clear = v->clear && strlen(path) < HAWK_TEXT_BYTES - 1;
		return;
	}
	info = odd[random_below(ARRAY_SIZE(odd))];
	test_record_path(&v->record, f->name, info == HAWK_PATH_ABSENT ? "/" : path);
	test_record_info(&v->record, f->name, info);
	v->clear = false;
}

static void random_string(struct vector *v, const struct hawk_field_desc *f)
{
	static const uint32_t gone[] = { HAWK_VAR_ABSENT, HAWK_VAR_NULL, HAWK_VAR_UNREADABLE };
	char string[1024];
	size_t len = text(string, f->type == HAWK_T_UPATH);

	if (len >= HAWK_TEXT_BYTES - 1)
		v->clear = false;
	if (len && chance(10)) {
		string[random_below(len)] = '\0';
		v->clear = false;
	}
	test_record_bytes(&v->record, f->name, string, len);
	if (!chance(10))
		return;
	v->clear = false;
	if (chance(2)) {
		test_record_info(&v->record, f->name, (uint32_t)len + 5);
		return;
	}
	test_record_bytes(&v->record, f->name, "", 0);
	test_record_info(&v->record, f->name, gone[random_below(ARRAY_SIZE(gone))]);
}

static void random_field(struct vector *v, const struct hawk_field_desc *f)
{
	static const char *const addresses[] = { "10.1.2.3", "10.1.2.2", "11.0.0.1",
						 "fe80::1",  "::1",      "10.200.0.1" };

	switch (f->type) {
	case HAWK_T_PATH:
		random_path(v, f);
		return;
	case HAWK_T_STR:
	case HAWK_T_UPATH:
	case HAWK_T_BYTES:
		random_string(v, f);
		return;
	case HAWK_T_IP:
		test_record_ip(&v->record, f->name, addresses[random_below(ARRAY_SIZE(addresses))]);
		return;
	default:
		break;
	}
	if (!hawk_type_desc(f->type)->var)
		test_record_number(&v->record, f->name, number());
}

static void random_comm(uint8_t comm[HAWK_COMM_LEN])
{
	char name[1024];
	size_t len = text(name, chance(2));

	for (size_t i = 0; i < HAWK_COMM_LEN; i++) /* behind the NUL lies what was there before */
		comm[i] = (uint8_t)('a' + random_below(3));
	memcpy(comm, name, len < HAWK_COMM_LEN ? len + 1 : HAWK_COMM_LEN - 1);
	comm[HAWK_COMM_LEN - 1] = '\0';
}

static struct hawk_bytes bytes_of(uint8_t *to, size_t size)
{
	char name[1024];
	size_t len = text(name, true);

	len = len < size ? len : size;
	memcpy(to, name, len);
	return (struct hawk_bytes){ .data = to, .len = (uint32_t)len };
}

static void random_process(struct vector *v)
{
	struct hawk_process *p = &v->process;
	struct hawk_abi_task *t = &p->task;
	char name[1024];
	size_t len;

	memset(p, 0, sizeof(*p));
#define FACT(type, member, name, doc) t->member = (__typeof__(t->member))number();
#include "bpf/abi/task.def"
#undef FACT
	t->start = 1 + random_below(3);
	t->pid = (int32_t)(1 + random_below(3));
	random_comm(p->comm);
	p->exe = bytes_of(v->exe, sizeof(v->exe));
	p->unit = bytes_of(v->unit, sizeof(v->unit));
	len = text(name, false);
	memset(v->nodename, 0, sizeof(v->nodename));
	memcpy(v->nodename, name, len < 64 ? len : 64);
	p->nodename = (struct hawk_bytes){
		.data = (uint8_t *)v->nodename,
		.len = (uint32_t)strnlen((const char *)v->nodename, sizeof(v->nodename)),
	};
	v->clear = v->clear && v->nodename[0];
	memcpy(v->event.comm, p->comm, sizeof(p->comm));
	if (!p->comm[0]) { /* then that of the main thread counts, which the kernel does not look at */
		random_comm(p->comm);
		v->clear = false;
	}
	v->event.process = p;
	v->event.parent = &v->parent;
}

void random_vector(struct vector *v, const struct hawk_event_desc *desc, struct hawk_decoder *d)
{
	int r;

	test_record_init(&v->record, desc->id);
	v->clear = true;
	for (size_t i = 0; i < desc->n_fields; i++)
		if (!(hawk_type_desc(desc->fields[i].type)->var && chance(20)))
			random_field(v, &desc->fields[i]);
		else
			v->clear = false;
	for (size_t i = 0; i < desc->n_vars; i++) /* those that nobody filled */
		v->clear = v->clear && v->record.var[i].info != HAWK_VAR_ABSENT;
	v->record.header.tid = (uint32_t)number();
	v->record.header.flags = chance(3) ? (uint8_t)(random_below(32) & ~(size_t)HAWK_REC_INTEREST) : 0;
	r = hawk_decode(d, test_record_raw(&v->record), test_record_size(&v->record), &v->event);
	if (r != 0) {
		fprintf(stderr, "a record of %s is refused: %d\n", desc->name, r);
		abort();
	}
	random_process(v);
}

void vector_text(const struct vector *v, const struct hawk_event_desc *desc, uint16_t text_at,
		 struct hawk_abi_text *ret)
{
	const size_t var =
		(text_at - sizeof(struct hawk_abi_rec) - desc->fixed_size) / sizeof(struct hawk_abi_var);
	const uint32_t unknown = HAWK_VAL_ABSENT | HAWK_VAL_TRUNCATED | HAWK_VAL_UNREADABLE;

	ret->bits = 0;
	memset(ret->bytes, 0xa5, sizeof(ret->bytes));
	for (size_t i = 0; text_at && i < desc->n_fields; i++) {
		const struct hawk_value *value = &v->event.data[i];

		if (desc->fields[i].type != HAWK_T_PATH || desc->fields[i].var != var ||
		    value->flags & unknown)
			continue;
		memcpy(ret->bytes, value->bytes, value->len < HAWK_TEXT_BYTES ? value->len : HAWK_TEXT_BYTES);
		if (value->len < HAWK_TEXT_BYTES)
			ret->bytes[value->len] = '\0';
		ret->bits = 8 * (value->len < HAWK_TEXT_BYTES ? value->len + 1 : HAWK_TEXT_BYTES);
	}
}
