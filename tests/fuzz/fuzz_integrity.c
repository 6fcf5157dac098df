/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * All checks on a kernel whose memory is the input, over and over: lists and
 * trees lead anywhere, and every walk ends. The first byte says how much of
 * memory is there, and how members are placed.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "src/integrity/integrity.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define BASE 0x100000ULL
#define READS_MAX 20000 /* a fuzzer wants speed; what comes after is not there */

static const uint8_t *memory;
static size_t memory_len, reads;

static int read_memory(void *ctx, uint64_t address, void *to, size_t len)
{
	(void)ctx;
	if (len > HAWK_KMEM_READ_MAX)
		abort();
	if (!memory_len || address % 61 == 0 || ++reads > READS_MAX)
		return -EFAULT;
	/* the input, again and again */
	for (size_t done = 0, n; done < len; done += n) {
		size_t at = (address + done) % memory_len;

		n = len - done < memory_len - at ? len - done : memory_len - at;
		memcpy((uint8_t *)to + done, memory + at, n);
	}
	return 0;
}

static int member(void *ctx, const char *type, const char *name)
{
	int placed = *(uint8_t *)ctx & 7;

	return (int)((strlen(type) * 7 + strlen(name) * (size_t)placed) % 12) * 8 - (placed == 7 ? 8 : 0);
}

static int size_of(void *ctx, const char *type)
{
	return (int)(strlen(type) * 8 + *(uint8_t *)ctx % 3 * 8);
}

static void functions(void *ctx, const char *type, void (*fn)(void *arg, const char *name, uint32_t offset), void *arg)
{
	(void)ctx;
	(void)type;
	for (uint32_t i = 0; i < 80; i++) /* more than there is room for */
		fn(arg, "a_name_that_is_longer_than_there_is_room_for", i * 8);
}

/* A file of symbols, made once: text up to 0x110000, tables behind it. */
static const char *symbols(void)
{
	static char path[64];
	uint64_t at = BASE + 0x10000;
	int fd;

	if (path[0])
		return path;
	fd = memfd_create("kallsyms", MFD_CLOEXEC);
	if (fd < 0)
		abort();
	dprintf(fd, "%016llx T _stext\n%016llx T _etext\n", (unsigned long long)BASE, (unsigned long long)at);
	for (int i = HAWK_SYM__etext + 1; i < HAWK_SYM_MAX; i++, at += 0x100)
		dprintf(fd, "%016llx d %s\n", (unsigned long long)at, hawk_symbol_name(i));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return path;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const none[] = { "/dev/null", NULL };
	static struct hawk_layout layout;
	struct hawk_check_result result[HAWK_CHECK_MAX];
	struct hawk_anomalies findings = { .n = 0 };
	uint8_t placed = size ? data[0] : 0;
	const struct hawk_layout_source source = { member, size_of, functions, &placed };
	struct hawk_integrity env = {
		.memory = { read_memory, NULL }, .layout = &layout, .kallsyms = symbols(), .modules = "/dev/null",
		.enabled = none,
	};

	memory = data + (size > 0);
	memory_len = size ? size - 1 : 0;
	reads = 0;
	hawk_layout_fill(&layout, &source);
	hawk_integrity_run(&env, HAWK_CHECKS_ALL, &findings, result);
	for (size_t i = 0; i < findings.n; i++) {
		struct hawk_event event;

		hawk_anomaly_event(&findings, &findings.v[i], &event);
		for (size_t k = 0; k < event.desc->n_fields; k++)
			if (hawk_type_desc(event.desc->fields[k].type)->var && event.data[k].len > (1 << 20))
				abort();
	}
	for (int i = 0; i < HAWK_CHECK_MAX; i++)
		if (!memchr(result[i].note, '\0', sizeof(result[i].note)))
			abort();
	hawk_anomalies_done(&findings);
	return 0;
}
