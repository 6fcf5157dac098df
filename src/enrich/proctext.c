/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/enrich/proctext.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "src/base/cleanup.h"

#define PF_KTHREAD 0x00200000 /* include/linux/sched.h */

/* Reads a number in BASE at *P, before END, and moves *P behind it. Returns 0 or -EBADMSG. */
static int number(const char **p, const char *end, unsigned int base, uint64_t *ret)
{
	const char *s = *p;
	uint64_t v = 0;

	for (; s < end; s++) {
		unsigned int digit = *s >= '0' && *s <= '9' ? (unsigned int)(*s - '0') :
				     *s >= 'a' && *s <= 'f' ? (unsigned int)(*s - 'a') + 10 : 99;

		if (digit >= base)
			break;
		if (__builtin_mul_overflow(v, base, &v) || __builtin_add_overflow(v, digit, &v))
			return -EBADMSG;
	}
	if (s == *p)
		return -EBADMSG;
	*p = s;
	*ret = v;
	return 0;
}

/* "136:3" and the like, by the kernel's name of the terminal. */
static void name_tty(struct hawk_procfs *p, uint32_t dev)
{
	/* the layout of new_encode_dev(), include/linux/kdev_t.h */
	unsigned int major = dev >> 8 & 0xfff, minor = (dev & 0xff) | (dev >> 12 & 0xfff00);

	p->tty[0] = '\0';
	if (major >= 136 && major <= 143)
		snprintf(p->tty, sizeof(p->tty), "pts%u", (major - 136) << 20 | minor);
	else if (major == 4 && minor < 64)
		snprintf(p->tty, sizeof(p->tty), "tty%u", minor);
	else if (major == 4)
		snprintf(p->tty, sizeof(p->tty), "ttyS%u", minor - 64);
}

/*
 * "PID (COMM) STATE PPID …", proc(5). The name is written as it is and may hold
 * ") ", newlines and anything else, but what follows cannot hold a ")".
 */
int hawk_proctext_stat(struct hawk_procfs *p, const char *s, size_t len)
{
	const char *open = memchr(s, '(', len), *shut = memrchr(s, ')', len), *end = s + len, *at;
	size_t n;

	if (!open || !shut || shut < open || end - shut < 4)
		return -EBADMSG;
	n = (size_t)(shut - open - 1);
	memset(p->comm, 0, sizeof(p->comm));
	memcpy(p->comm, open + 1, n < sizeof(p->comm) - 1 ? n : sizeof(p->comm) - 1);
	p->state = shut[2];
	at = shut + 3; /* behind the state, field 3 */
	p->start_stack = 0;
	for (unsigned int field = 4; field <= 28; field++) {
		uint64_t v;
		bool minus;

		if (at >= end || *at++ != ' ')
			return -EBADMSG;
		minus = at < end && *at == '-';
		at += minus;
		if (number(&at, end, 10, &v) < 0)
			return -EBADMSG;
		if (field == 4)
			p->task.ppid = (int32_t)v;
		else if (field == 7)
			name_tty(p, minus ? 0 : (uint32_t)v);
		else if (field == 9)
			p->task.kthread = !!(v & PF_KTHREAD);
		else if (field == 22)
			p->start_ticks = v;
		else if (field == 28)
			p->start_stack = v;
	}
	return 0;
}

/* Rows of status that hold facts: COUNT numbers of a BASE; of more numbers the last counts. */
static const struct status_row {
	const char *name;
	unsigned int base, count;
	bool wide;
	size_t offset;
} status_rows[] = {
#define ROW(name, base, count, member) \
	{ name, base, count, sizeof(((struct hawk_abi_task *)0)->member) == 8, \
	  offsetof(struct hawk_abi_task, member) }
	ROW("Tgid:\t", 10, 1, pid),
	ROW("NSpid:\t", 10, 1, ns_pid),
	ROW("CapInh:\t", 16, 1, cap_inheritable),
	ROW("CapPrm:\t", 16, 1, cap_permitted),
	ROW("CapEff:\t", 16, 1, cap_effective),
	ROW("CapBnd:\t", 16, 1, cap_bounding),
	ROW("CapAmb:\t", 16, 1, cap_ambient),
	ROW("Uid:\t", 10, 4, uid),
	ROW("Gid:\t", 10, 4, gid),
#undef ROW
};

/* Real, effective, saved and file system id, in the order of status. */
static void set_ids(struct hawk_abi_task *t, size_t offset, const uint64_t v[4])
{
	bool user = offset == offsetof(struct hawk_abi_task, uid);

	*(user ? &t->uid : &t->gid) = (uint32_t)v[0];
	*(user ? &t->euid : &t->egid) = (uint32_t)v[1];
	*(user ? &t->suid : &t->sgid) = (uint32_t)v[2];
	*(user ? &t->fsuid : &t->fsgid) = (uint32_t)v[3];
}

static int parse_status_row(struct hawk_abi_task *t, const struct status_row *row, const char *at,
			    const char *end)
{
	uint64_t v[4] = { 0 };
	unsigned int n = 0;

	for (;;) {
		if (number(&at, end, row->base, &v[n < row->count ? n : row->count - 1]) < 0)
			return -EBADMSG;
		n++;
		if (at == end)
			break;
		if (*at++ != '\t')
			return -EBADMSG;
	}
	if (n < row->count)
		return -EBADMSG;
	if (row->count == 4)
		set_ids(t, row->offset, v);
	else if (row->wide)
		memcpy((char *)t + row->offset, &v[0], sizeof(uint64_t));
	else
		memcpy((char *)t + row->offset, &(uint32_t){ (uint32_t)v[0] }, sizeof(uint32_t));
	return 0;
}

int hawk_proctext_status(struct hawk_abi_task *t, const char *s, size_t len)
{
	const char *end = s + len;
	unsigned int seen = 0;

	while (s < end) {
		const char *nl = memchr(s, '\n', (size_t)(end - s));

		nl = nl ? nl : end;
		for (unsigned int i = 0; i < ARRAY_SIZE(status_rows); i++) {
			size_t n = strlen(status_rows[i].name);

			if ((size_t)(nl - s) < n || memcmp(s, status_rows[i].name, n) != 0)
				continue;
			if (parse_status_row(t, &status_rows[i], s + n, nl) < 0)
				return -EBADMSG;
			seen |= 1U << i;
		}
		s = nl + (nl < end);
	}
	return seen == (1U << ARRAY_SIZE(status_rows)) - 1 ? 0 : -EBADMSG;
}

int hawk_proctext_id(uint32_t *ret, const char *s, size_t len)
{
	const char *at = s;
	uint64_t v;

	if (number(&at, s + len, 10, &v) < 0 || v > UINT32_MAX)
		return -EBADMSG;
	*ret = (uint32_t)v;
	return 0;
}

int hawk_proctext_namespace(uint32_t *ret, const char *s, size_t len)
{
	const char *at = memchr(s, '[', len), *end = s + len;
	uint64_t v;

	if (!at++ || number(&at, end, 10, &v) < 0 || v > UINT32_MAX || at != end - 1 || *at != ']')
		return -EBADMSG;
	*ret = (uint32_t)v;
	return 0;
}

bool hawk_proctext_argv_padded(const char *s, size_t len)
{
	return len && !s[len - 1] && (len == 1 || !s[len - 2]);
}

size_t hawk_proctext_argv_len(const char *s, size_t len, uint32_t argc)
{
	size_t strings = 0;

	for (size_t i = 0; i < len; i++)
		strings += !s[i];
	if (argc && strings == argc)
		return len;
	while (hawk_proctext_argv_padded(s, len))
		len--;
	return len;
}
