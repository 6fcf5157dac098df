/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/integrity/integrity.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/utsname.h>

#include "src/base/cleanup.h"
#include "src/integrity/internal.h"

static const struct {
	struct hawk_check_desc desc;
	void (*run)(struct hawk_pass *p);
} checks[] = {
#define CHECK(token, name, event, doc) { { name, HAWK_EV_##event, doc }, hawk_check_##token },
#include "src/integrity/checks.def"
#undef CHECK
};

const struct hawk_check_desc *hawk_check_desc(enum hawk_check_id id)
{
	return &checks[id].desc;
}

int hawk_check_by_name(const char *name)
{
	const struct hawk_event_desc *event = hawk_event_by_name(name);

	for (int i = 0; i < HAWK_CHECK_MAX; i++)
		if (strcmp(checks[i].desc.name, name) == 0 || (event && event->id == checks[i].desc.event))
			return i;
	return -1;
}

static void add_note(struct hawk_check_result *result, const char *fmt, va_list ap)
{
	char text[HAWK_CHECK_NOTE_MAX];
	size_t len = strlen(result->note);

	vsnprintf(text, sizeof(text), fmt, ap);
	if (!strstr(result->note, text)) /* the second look says the same */
		snprintf(result->note + len, sizeof(result->note) - len, "%s%s", len ? "; " : "", text);
}

void hawk_pass_missed(struct hawk_pass *p, enum hawk_check_state state, const char *fmt, ...)
{
	va_list ap;

	if (state > p->result->state)
		p->result->state = state;
	va_start(ap, fmt);
	add_note(p->result, fmt, ap);
	va_end(ap);
}

void hawk_pass_note(struct hawk_pass *p, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_note(p->result, fmt, ap);
	va_end(ap);
}

uint64_t hawk_pass_symbol(struct hawk_pass *p, enum hawk_symbol symbol)
{
	uint64_t address = hawk_ksyms_known(p->ksyms, symbol);

	if (!address)
		p->missing |= 1ULL << symbol;
	return address;
}

bool hawk_pass_knows(struct hawk_pass *p, const int32_t *const *members, size_t n, const char *what)
{
	for (size_t i = 0; i < n; i++) {
		if (*members[i] >= 0)
			continue;
		hawk_pass_missed(p, HAWK_CHECK_PARTLY, "%s: the structures of this kernel are not known", what);
		return false;
	}
	return true;
}

void hawk_pass_needs_modules(struct hawk_pass *p)
{
	if (p->modules->error < 0)
		hawk_pass_missed(p, HAWK_CHECK_PARTLY, "the list of modules cannot be walked to its end: functions "
						       "outside the kernel itself are not judged");
	else if (p->modules->nowhere)
		hawk_pass_missed(p, HAWK_CHECK_PARTLY, "the memory of %zu modules is not known: functions outside "
						       "the kernel itself are not judged", p->modules->nowhere);
}

bool hawk_in_kernel(const struct hawk_pass *p, uint64_t address)
{
	return address >= hawk_ksyms_known(p->ksyms, HAWK_SYM__stext) &&
	       address < hawk_ksyms_known(p->ksyms, HAWK_SYM__etext);
}

static bool within(uint64_t address, uint64_t base, uint64_t size)
{
	return address >= base && address - base < size;
}

bool hawk_is_legal(const struct hawk_pass *p, uint64_t table, uint64_t function)
{
	bool of_module = false, in_module = false;

	if (!function || hawk_in_kernel(p, function) || p->modules->error < 0 || p->modules->nowhere)
		return true;
	for (size_t i = 0; i < p->modules->n; i++) {
		const struct hawk_module *m = &p->modules->v[i];

		for (size_t k = 0; k < HAWK_MODULE_REGIONS; k++)
			of_module |= within(table, m->region[k].base, m->region[k].size);
		in_module |= within(function, m->region[0].base, m->region[0].size);
	}
	return of_module && in_module;
}

/* The module that an address lies in; empty: none. */
static const char *module_at(const struct hawk_pass *p, uint64_t address)
{
	for (size_t i = 0; i < p->modules->n; i++)
		for (size_t k = 0; k < HAWK_MODULE_REGIONS; k++)
			if (within(address, p->modules->v[i].region[k].base, p->modules->v[i].region[k].size))
				return p->modules->v[i].name;
	return "";
}

/* A symbol reaches to the next one; far behind one of a module or of a program is nothing that is known. */
#define SYMBOL_REACH (64 * 1024)

void hawk_anomaly_symbol(const struct hawk_pass *p, struct hawk_anomaly *g, uint64_t address)
{
	const char *module = module_at(p, address);
	struct hawk_ksym s;

	if (hawk_ksyms_at(p->ksyms, address, &s) < 0 || address - s.address >= SYMBOL_REACH ||
	    strcmp(s.owner, module) != 0)
		s = (struct hawk_ksym){ .name = "", .owner = module };
	hawk_anomaly_text(p->findings, g, s.name);
	hawk_anomaly_text(p->findings, g, hawk_in_kernel(p, address) ? "kernel" : s.owner);
}

int hawk_kmem_text(const struct hawk_kmem *m, uint64_t address, char *to, size_t size)
{
	size_t at = 0;

	/* up to the end of a page at once: the next one may not be there */
	while (at < size - 1) {
		size_t n = HAWK_KMEM_READ_MAX - (address + at) % HAWK_KMEM_READ_MAX;
		int r;

		if (n > size - 1 - at)
			n = size - 1 - at;
		r = hawk_kmem_read(m, address + at, to + at, n);
		if (r < 0)
			return r;
		if (memchr(to + at, '\0', n))
			return 0;
		at += n;
	}
	to[at] = '\0';
	return 0;
}

#define RB_DEPTH_MAX 64 /* twice the logarithm of the most nodes that there can be */
#define RB_NODES_MAX 65536

int hawk_rb_each(const struct hawk_pass *p, uint64_t root, bool (*fn)(void *ctx, uint64_t node), void *ctx)
{
	uint64_t stack[RB_DEPTH_MAX + 1], left, right;
	size_t n = 0, seen = 0;

	if (root)
		stack[n++] = root;
	while (n) {
		uint64_t node = stack[--n];

		if (hawk_kmem_word(&p->env->memory, node + (uint64_t)p->layout->rb_left, &left) < 0 ||
		    hawk_kmem_word(&p->env->memory, node + (uint64_t)p->layout->rb_right, &right) < 0)
			return -EFAULT;
		if (!fn(ctx, node))
			return 0;
		if (n + 2 > RB_DEPTH_MAX || ++seen > RB_NODES_MAX)
			return -ELOOP;
		if (right)
			stack[n++] = right;
		if (left)
			stack[n++] = left;
	}
	return 0;
}

/* One check, one look. */
static void look(struct hawk_pass *p, int id)
{
	struct hawk_modules modules = { .n = 0 };

	p->modules = &modules;
	if (p->layout && p->ksyms)
		hawk_modules_read(&modules, p);
	checks[id].run(p);
	p->modules = NULL;
	free(modules.v);
}

/* Puts what FROM has behind what TO has. */
static void append(struct hawk_anomalies *to, const struct hawk_anomalies *from)
{
	for (size_t i = 0; i < from->n; i++) {
		const struct hawk_anomaly *f = &from->v[i];
		struct hawk_anomaly *g = hawk_anomaly_add(to, f->event);

		for (size_t k = 0; k < f->n_numbers; k++)
			hawk_anomaly_number(g, f->number[k]);
		for (size_t k = 0; k < f->n_texts; k++)
			hawk_anomaly_bytes(to, g, from->bytes.data + f->text[k].at, f->text[k].len);
	}
}

/* The symbols that were missing, in one sentence. */
static void say_missing(struct hawk_pass *p)
{
	struct hawk_buf names = HAWK_BUF_INIT;

	for (int i = 0; i < HAWK_SYM_MAX; i++)
		if (p->missing >> i & 1)
			hawk_buf_printf(&names, "%s%s", names.len ? ", " : "", hawk_symbol_name(i));
	if (names.len && hawk_buf_str(&names))
		hawk_pass_missed(p, HAWK_CHECK_PARTLY, "the kernel shows no address of %s (CONFIG_KALLSYMS_ALL)",
				 names.data);
	hawk_buf_done(&names);
}

static void run_one(struct hawk_pass *p, int id)
{
	struct hawk_anomalies *to = p->findings, first = { .n = 0 }, second = { .n = 0 };

	p->missing = 0;
	p->findings = &first;
	look(p, id);
	if (first.n) {
		uint64_t looked = p->result->looked;

		p->findings = &second;
		look(p, id);
		hawk_anomalies_keep(&first, &second);
		p->result->looked = looked;
	}
	say_missing(p);
	if (first.dropped)
		hawk_pass_missed(p, HAWK_CHECK_PARTLY, "%zu findings more than are told", first.dropped);
	p->result->findings = first.n + first.dropped;
	hawk_anomalies_done(&second);
	append(to, &first);
	hawk_anomalies_done(&first);
}

static const char no_addresses[] =
	"the kernel hides its addresses (/proc/kallsyms; CAP_SYSLOG, kernel.kptr_restrict, kernel.perf_event_paranoid)";

/* Symbols for the checks. Returns NULL, with *ret_why, when there are none. */
static struct hawk_ksyms *read_symbols(const struct hawk_integrity *env, char **ret_why)
{
	struct hawk_ksyms *k = NULL;
	int r = hawk_ksyms_read(&k, env->kallsyms);

	*ret_why = NULL;
	if (r == 0 && hawk_ksyms_known(k, HAWK_SYM__stext) && hawk_ksyms_known(k, HAWK_SYM__etext))
		return k;
	if (r < 0 ? asprintf(ret_why, "%s: %s", env->kallsyms, strerror(-r)) < 0
		  : asprintf(ret_why, "%s", no_addresses) < 0)
		*ret_why = NULL;
	return hawk_ksyms_free(k);
}

void hawk_integrity_run(const struct hawk_integrity *env, unsigned int mask, struct hawk_anomalies *findings,
			struct hawk_check_result ret[static HAWK_CHECK_MAX])
{
	_cleanup_free_ char *why = NULL;
	struct hawk_ksyms *ksyms = read_symbols(env, &why);
	struct hawk_pass p = { .env = env, .layout = env->layout, .ksyms = ksyms };

	for (int i = 0; i < HAWK_CHECK_MAX; i++) {
		if (!(mask >> i & 1))
			continue;
		ret[i] = (struct hawk_check_result){ .state = HAWK_CHECK_DONE };
		p.result = &ret[i];
		if (!ksyms && i != HAWK_CHECK_ftrace) { /* which is told names */
			hawk_pass_missed(&p, HAWK_CHECK_SKIPPED, "%s", why ? why : "out of memory");
			continue;
		}
		p.findings = findings;
		run_one(&p, i);
		if (ret[i].state == HAWK_CHECK_PARTLY && !ret[i].looked)
			ret[i].state = HAWK_CHECK_SKIPPED;
	}
	hawk_ksyms_free(ksyms);
}

char *hawk_integrity_missed(const struct hawk_check_result result[static HAWK_CHECK_MAX], unsigned int mask)
{
	struct hawk_buf text = { .max = 8192 };
	char *line = NULL;

	for (int i = 0; i < HAWK_CHECK_MAX; i++)
		if (mask >> i & 1 && result[i].state != HAWK_CHECK_DONE)
			hawk_buf_printf(&text, "%s%s: %s", text.len ? "; " : "", checks[i].desc.name, result[i].note);
	if (text.len && hawk_buf_str(&text))
		line = TAKE_PTR(text.data);
	hawk_buf_done(&text);
	return line;
}

static bool is_address(const char *what, uint64_t *ret)
{
	char *end;

	errno = 0;
	if (what[0] != '0' || (what[1] != 'x' && what[1] != 'X') || !isxdigit((unsigned char)what[2]))
		return false;
	*ret = strtoull(what, &end, 16);
	return !errno && !*end;
}

static int dump(const struct hawk_integrity *env, uint64_t address, size_t length, const struct hawk_ksym *s,
		struct hawk_anomalies *findings)
{
	uint8_t bytes[HAWK_DUMP_MAX];
	struct utsname uts;
	struct hawk_anomaly *g;
	int r;

	r = hawk_kmem_read(&env->memory, address, bytes, length);
	if (r < 0)
		return r;
	g = hawk_anomaly_add(findings, HAWK_EV_PRINT_MEM_DUMP);
	if (!g)
		return -ENOMEM;
	hawk_anomaly_number(g, address);
	hawk_anomaly_number(g, length);
	hawk_anomaly_bytes(findings, g, bytes, length);
	hawk_anomaly_text(findings, g, uname(&uts) < 0 ? "" : uts.machine);
	hawk_anomaly_text(findings, g, s->name);
	hawk_anomaly_text(findings, g, s->owner);
	return 0;
}

int hawk_integrity_dump(const struct hawk_integrity *env, const char *what, size_t length,
			struct hawk_anomalies *findings, char **ret_why)
{
	struct hawk_ksym s = { .name = "", .owner = "" };
	struct hawk_ksyms *ksyms;
	uint64_t address = 0;
	bool given = is_address(what, &address);
	int r = 0;

	*ret_why = NULL;
	if (!length || length > HAWK_DUMP_MAX) {
		if (asprintf(ret_why, "a dump has 1 to %d bytes", HAWK_DUMP_MAX) < 0)
			*ret_why = NULL;
		return -ERANGE;
	}
	ksyms = read_symbols(env, ret_why);
	if (!ksyms && !given)
		return -EACCES;
	free(TAKE_PTR(*ret_why));
	if (!given)
		address = hawk_ksyms_find(ksyms, what);
	if (!given && !address) {
		if (asprintf(ret_why, "the kernel shows no symbol %s", what) < 0)
			*ret_why = NULL;
		r = -ENOENT;
	}
	if (r == 0 && ksyms && (hawk_ksyms_at(ksyms, address, &s) < 0 || address - s.address >= SYMBOL_REACH))
		s = (struct hawk_ksym){ .name = "", .owner = "" };
	if (r == 0 && !given)
		s.name = what; /* another one may be in the same place */
	if (r == 0) {
		r = dump(env, address, length, &s, findings);
		if (r < 0 && asprintf(ret_why, "%s: %s", what,
				      r == -EFAULT ? "there is no memory at this address" : strerror(-r)) < 0)
			*ret_why = NULL;
	}
	hawk_ksyms_free(ksyms);
	return r;
}
