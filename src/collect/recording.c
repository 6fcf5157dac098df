/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/collect/recording.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/utsname.h>

#include "src/base/cleanup.h"
#include "src/base/clock.h"
#include "src/base/host.h"

/* Paths of the table are what a record held; leave room for the last component that went over. */
#define PATH_MAX_KEPT (HAWK_PATH_BYTES + 256)
_Static_assert(sizeof(struct hawk_abi_rec) + sizeof(struct hawk_abi_PROCESS_SEED) +
	       HAWK_VARS_PROCESS_SEED * sizeof(struct hawk_abi_var) + 3 * PATH_MAX_KEPT + 2 * HAWK_STR_BYTES +
	       HAWK_CHUNK_BYTES < HAWK_RECORD_MAX, "a seed record does not fit");

struct hawk_recording {
	FILE *file;
	struct hawk_recording_header header;
	bool damaged;
	uint64_t record[HAWK_RECORD_MAX / sizeof(uint64_t)]; /* aligned as records are in a ring */
};

/* FNV-1a. */
static void hash(uint64_t *h, const void *p, size_t n)
{
	for (const uint8_t *b = p; n > 0; b++, n--)
		*h = (*h ^ *b) * 0x100000001b3ULL;
}

static void hash_text(uint64_t *h, const char *s)
{
	hash(h, s, strlen(s) + 1); /* with the NUL, so that "ab" "c" is not "a" "bc" */
}

static void hash_number(uint64_t *h, uint64_t v)
{
	hash(h, &v, sizeof(v));
}

static void hash_event(uint64_t *h, const struct hawk_event_desc *d)
{
	hash_text(h, d->name);
	hash_number(h, d->id);
	hash_number(h, d->fixed_size);
	hash_number(h, d->n_vars);
	hash_number(h, d->n_fields);
	for (size_t i = 0; i < d->n_fields; i++) {
		const struct hawk_type_desc *type = hawk_type_desc(d->fields[i].type);

		hash_text(h, d->fields[i].name);
		hash_text(h, type->name);
		hash_number(h, type->size);
		hash_number(h, d->fields[i].offset);
		hash_number(h, d->fields[i].var);
	}
}

uint64_t hawk_schema_hash(void)
{
	uint64_t h = 0xcbf29ce484222325ULL;
	size_t n;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);

	hash_number(&h, sizeof(struct hawk_abi_rec));
	for (size_t i = 0; i < n; i++)
		hash_event(&h, descs[i]);
#define FACT(type, member, name, doc) \
	hash_text(&h, #type); \
	hash_text(&h, #member); \
	hash_number(&h, offsetof(struct hawk_abi_task, member));
#include "bpf/abi/task.def"
#undef FACT
#define NAMESPACE(name, member, file) hash_text(&h, #name);
#include "bpf/abi/namespaces.def"
#undef NAMESPACE
	return h ? h : 1;
}

/* The architecture in the form of uname(2). */
static void get_arch(char arch[16])
{
	struct utsname u;

	memset(arch, 0, 16);
	if (uname(&u) == 0)
		memcpy(arch, u.machine, strnlen(u.machine, 15));
}

void hawk_recording_header_fill(struct hawk_recording_header *h)
{
	struct hawk_clock clock = hawk_clock_system();

	*h = (struct hawk_recording_header){
		.abi_version = HAWK_ABI_VERSION,
		.header_bytes = sizeof(*h),
		.schema_hash = hawk_schema_hash(),
		.boot_offset = clock.boot_offset,
		.started = hawk_clock_now(&clock),
	};
	memcpy(h->magic, HAWK_RECORDING_MAGIC, sizeof(h->magic));
	get_arch(h->arch);
	memcpy(h->boot_id, hawk_host_ids()->boot, sizeof(h->boot_id));
	memcpy(h->machine_id, hawk_host_ids()->machine, sizeof(h->machine_id));
	_Static_assert(sizeof(h->host_ns) == sizeof(struct hawk_host_ns), "rows of namespaces.def");
	memcpy(h->host_ns, hawk_host_ns(), sizeof(h->host_ns));
}

struct hawk_host_ns hawk_recording_host_ns(const struct hawk_recording_header *h)
{
	struct hawk_host_ns ns;

	memcpy(&ns, h->host_ns, sizeof(ns));
	return ns;
}

int hawk_recording_put_header(struct hawk_buf *out, const struct hawk_recording_header *h)
{
	hawk_buf_put(out, h, sizeof(*h));
	return out->error;
}

static bool possible_length(size_t len)
{
	return len >= sizeof(struct hawk_abi_rec) && len <= HAWK_RECORD_MAX;
}

int hawk_recording_put(struct hawk_buf *out, const void *record, size_t len)
{
	if (!possible_length(len))
		return -EINVAL;
	hawk_buf_put(out, &(uint32_t){ (uint32_t)len }, sizeof(uint32_t));
	hawk_buf_put(out, record, len);
	return out->error;
}

/* A record under construction. */
struct draft {
	struct hawk_abi_rec head;
	struct hawk_abi_PROCESS_SEED fixed;
	struct hawk_abi_var var[HAWK_VARS_PROCESS_SEED];
	size_t tail_len;
	uint8_t tail[3 * PATH_MAX_KEPT + 2 * HAWK_STR_BYTES + HAWK_CHUNK_BYTES];
};

static uint32_t path_bits(const struct hawk_bytes *path)
{
	return (path->flags & HAWK_VAL_TRUNCATED ? HAWK_PATH_TRUNCATED : 0) |
	       (path->flags & HAWK_VAL_DELETED ? HAWK_PATH_DELETED : 0) |
	       (path->flags & HAWK_VAL_UNREACHABLE ? HAWK_PATH_UNREACHABLE : 0) |
	       (path->flags & HAWK_VAL_UNREADABLE ? HAWK_PATH_UNREADABLE : 0);
}

/* The components of a path from the leaf to the root, each ended by NUL; the root has none. */
static void put_components(uint8_t *to, const char *from, size_t left)
{
	while (left > 1) {
		const char *slash = memrchr(from, '/', left);
		size_t n = (size_t)(from + left - slash) - 1;

		memcpy(to, slash + 1, n);
		to[n] = '\0';
		to += n + 1;
		left -= n + 1;
	}
}

/* A path as it travels. */
static void put_path(struct draft *d, size_t var, const struct hawk_bytes *path)
{
	const char *from = (const char *)path->data;
	size_t left = path->len;
	uint8_t *to = d->tail + d->tail_len;

	d->var[var].info = path_bits(path);
	/* an empty path without a reason would be read as the root */
	if (!left && d->var[var].info & (HAWK_PATH_TRUNCATED | HAWK_PATH_UNREADABLE))
		return;
	if (!left || left > PATH_MAX_KEPT - 1 || memchr(from, '\0', left)) {
		d->var[var].info = HAWK_PATH_ABSENT;
		return;
	}
	if (*from != '/') {
		d->var[var].info |= HAWK_PATH_PSEUDO;
		memcpy(to, from, left);
		to[left] = '\0';
		d->var[var].len = (uint32_t)left + 1;
	} else if (left > 1) {
		d->var[var].len = (uint32_t)left;
		put_components(to, from, left);
	}
	d->tail_len += d->var[var].len;
}

/* A path, and what the other view shows behind it, which is left out where the tail would have more than MAX bytes. */
static void put_both(struct draft *d, size_t var, const struct hawk_bytes *path, const struct hawk_bytes *other, size_t max)
{
	const char *from = (const char *)other->data;
	uint32_t len = other->len > 1 ? other->len : 0, bits = path_bits(other);

	put_path(d, var, path);
	if (!other->len || *from != '/' || memchr(from, '\0', other->len) ||
	    d->var[var].info & (HAWK_PATH_PSEUDO | HAWK_PATH_ABSENT))
		return;
	if (d->tail_len + len > max) {
		len = 0;
		bits |= HAWK_PATH_TRUNCATED;
	}
	put_components(d->tail + d->tail_len, from, len);
	d->var[var].info |= HAWK_PATH_OTHER(d->var[var].len, bits);
	d->var[var].len += len;
	d->tail_len += len;
}

/* Bytes, the first MAX of them; the rest, if any, is for continuation records. */
static void put_bytes(struct draft *d, size_t var, const struct hawk_bytes *b, size_t max)
{
	size_t n = b->len < max ? b->len : max;

	if (b->flags & HAWK_VAL_UNREADABLE)
		d->var[var].info = HAWK_VAR_UNREADABLE;
	else if (!b->len)
		d->var[var].info = HAWK_VAR_ABSENT;
	else
		d->var[var].info = b->flags & HAWK_VAL_TRUNCATED && b->full > b->len ? b->full : b->len;
	if (!n)
		return;
	memcpy(d->tail + d->tail_len, b->data, n);
	d->var[var].len = (uint32_t)n;
	d->tail_len += n;
}

/* One link of a long field of the record HEAD. */
static void put_link(struct hawk_buf *out, const struct hawk_abi_rec *head, const struct hawk_bytes *b,
		     uint32_t offset)
{
	uint32_t n = b->len - offset < HAWK_CHUNK_BYTES ? b->len - offset : HAWK_CHUNK_BYTES;
	struct hawk_abi_CHAIN fixed = {
		.field = HAWK_VAR_PROCESS_SEED_argv, .offset = offset, .for_event = HAWK_EV_PROCESS_SEED,
	};
	struct hawk_abi_var var = { .len = n, .info = n };
	struct hawk_abi_rec rec = *head;

	rec.event = HAWK_EV_CHAIN;
	rec.size = (uint32_t)(sizeof(rec) + sizeof(fixed) + sizeof(var) + n);
	hawk_buf_put(out, &rec.size, sizeof(rec.size));
	hawk_buf_put(out, &rec, sizeof(rec));
	hawk_buf_put(out, &fixed, sizeof(fixed));
	hawk_buf_put(out, &var, sizeof(var));
	hawk_buf_put(out, b->data + offset, n);
}

int hawk_recording_put_seed(struct hawk_buf *out, const struct hawk_process *p)
{
	struct draft d = {
		.head = {
			.time = p->exec_time > p->task.start ? p->exec_time : p->task.start,
			.start = p->task.start,
			.cgroup = p->task.cgroup,
			.tgid = (uint32_t)p->task.pid,
			.tid = (uint32_t)p->task.pid,
			.event = HAWK_EV_PROCESS_SEED,
		},
		.fixed.task = p->task,
	};
	struct hawk_bytes argv = p->argv;

	if (argv.len > HAWK_LONG_BYTES) /* by the NUL that ends a cut list: the decoder adds it again */
		argv.len = HAWK_LONG_BYTES;
	memcpy(d.head.comm, p->comm, sizeof(d.head.comm));
	put_both(&d, HAWK_VAR_PROCESS_SEED_pathname, &p->exe, &p->other_exe, PATH_MAX_KEPT);
	put_both(&d, HAWK_VAR_PROCESS_SEED_cwd, &p->cwd, &p->other_cwd, 2 * PATH_MAX_KEPT);
	put_bytes(&d, HAWK_VAR_PROCESS_SEED_tty, &p->tty, HAWK_STR_BYTES);
	put_path(&d, HAWK_VAR_PROCESS_SEED_cgroup_path, &p->cgroup);
	put_bytes(&d, HAWK_VAR_PROCESS_SEED_nodename, &p->nodename, HAWK_STR_BYTES);
	put_bytes(&d, HAWK_VAR_PROCESS_SEED_argv, &argv, HAWK_CHUNK_BYTES);
	if (!(argv.flags & HAWK_VAL_UNREADABLE))
		for (uint32_t at = HAWK_CHUNK_BYTES; at < argv.len; at += HAWK_CHUNK_BYTES)
			put_link(out, &d.head, &argv, at);
	d.head.size = (uint32_t)(sizeof(d.head) + sizeof(d.fixed) + sizeof(d.var) + d.tail_len);
	hawk_buf_put(out, &d.head.size, sizeof(d.head.size));
	hawk_buf_put(out, &d.head, sizeof(d.head));
	hawk_buf_put(out, &d.fixed, sizeof(d.fixed));
	hawk_buf_put(out, d.var, sizeof(d.var));
	hawk_buf_put(out, d.tail, d.tail_len);
	return out->error;
}

/* Says why and returns R. */
#define REFUSE(r, ret_why, ...) ({ \
	if (asprintf((ret_why), __VA_ARGS__) < 0) \
		*(ret_why) = NULL; \
	(r); })

/* Checks that we can read what follows the header. */
static int check_header(const struct hawk_recording_header *h, char **ret_why)
{
	char arch[16];

	if (memcmp(h->magic, HAWK_RECORDING_MAGIC, sizeof(h->magic)) != 0)
		return REFUSE(-EBADMSG, ret_why, "it is not a recording of sechawk");
	if (h->abi_version != HAWK_ABI_VERSION || h->header_bytes != sizeof(*h) ||
	    h->schema_hash != hawk_schema_hash())
		return REFUSE(-EPROTONOSUPPORT, ret_why,
			      "it was made by another version (format %u, schema %016llx; here %u, %016llx): "
			      "replay it with the version that recorded it",
			      h->abi_version, (unsigned long long)h->schema_hash, HAWK_ABI_VERSION,
			      (unsigned long long)hawk_schema_hash());
	get_arch(arch);
	if (memcmp(h->arch, arch, sizeof(arch)) != 0)
		return REFUSE(-EPROTONOSUPPORT, ret_why,
			      "it was made on another architecture, where flags have other values: "
			      "replay it on a machine like the one that recorded it");
	return 0;
}

int hawk_recording_open_stream(struct hawk_recording **ret, FILE *stream, char **ret_why)
{
	_cleanup_fclose_ FILE *file = stream;
	_cleanup_free_ struct hawk_recording *r = malloc(sizeof(*r));
	int e;

	*ret_why = NULL;
	if (!r)
		return -ENOMEM;
	errno = 0;
	if (fread(&r->header, sizeof(r->header), 1, file) != 1) {
		e = ferror(file) && errno ? errno : EBADMSG;
		return REFUSE(-e, ret_why, "%s",
			      e == EBADMSG ? "it is too short for a recording" : strerror(e));
	}
	e = check_header(&r->header, ret_why);
	if (e < 0)
		return e;
	r->damaged = false;
	r->file = TAKE_PTR(file);
	*ret = TAKE_PTR(r);
	return 0;
}

int hawk_recording_open(struct hawk_recording **ret, const char *path, char **ret_why)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "r");

	if (!file) {
		int e = errno;

		return REFUSE(-e, ret_why, "%s", strerror(e));
	}
	fd = -1; /* the stream has it */
	return hawk_recording_open_stream(ret, file, ret_why);
}

struct hawk_recording *hawk_recording_free(struct hawk_recording *r)
{
	if (r)
		fclose(r->file);
	free(r);
	return NULL;
}

const struct hawk_recording_header *hawk_recording_header(const struct hawk_recording *r)
{
	return &r->header;
}

long hawk_recording_next(struct hawk_recording *r, const void **ret)
{
	struct hawk_abi_rec head;
	uint32_t len = 0;
	size_t n;

	if (r->damaged)
		return -EBADMSG;
	n = fread(&len, 1, sizeof(len), r->file);
	if (!n && feof(r->file))
		return 0;
	if (n == sizeof(len) && possible_length(len) && fread(r->record, len, 1, r->file) == 1) {
		memcpy(&head, r->record, sizeof(head));
		if (head.size == len) {
			*ret = r->record;
			return (long)len;
		}
	}
	if (ferror(r->file))
		return -EIO;
	r->damaged = true;
	return -EBADMSG;
}
