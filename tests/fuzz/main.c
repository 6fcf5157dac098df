/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An ordinary main for the fuzzers, for any compiler: runs every file of a
 * corpus and then random mutations of them.
 *
 *	fuzz_<what> [--mutate N SEED] [FILE|DIR]...
 *
 * Without a file, the corpus is tests/fuzz/corpus/<what> of the source tree and
 * of the build tree; without --mutate there are 10,000 mutations ("make check").
 * SECHAWK_FUZZ_RUNS and SECHAWK_FUZZ_SEED change number and seed. The input
 * that is being run is kept in fuzz_<what>.last until it has passed, so that a
 * crash leaves it behind: "fuzz_<what> fuzz_<what>.last" runs it again.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "src/base/cleanup.h"

#define INPUT_MAX (256 * 1024)
#define FILES_MAX 1024

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	uint8_t *data;
	size_t size;
};

static struct input corpus[FILES_MAX];
static size_t n_corpus;
static uint64_t rng_state;

static const char *program; /* "fuzz_decode" */
static struct {
	uint32_t size;
	uint8_t data[INPUT_MAX];
} *last; /* shared with the file, so the kernel keeps it through a crash */

static _Noreturn void fail(const char *what, const char *why)
{
	fprintf(stderr, "%s: %s: %s\n", program, what, why);
	exit(2);
}

/* xorshift64*; the same everywhere, so that a seed means the same everywhere. */
static uint64_t rng(void)
{
	rng_state ^= rng_state >> 12;
	rng_state ^= rng_state << 25;
	rng_state ^= rng_state >> 27;
	return rng_state * 0x2545f4914f6cdd1dULL;
}

static size_t below(size_t n)
{
	return n ? rng() % n : 0;
}

static void load_file(const char *path)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct input *in = &corpus[n_corpus];
	size_t skip = 0;
	ssize_t n;

	if (fd < 0)
		fail(path, strerror(errno));
	if (n_corpus == FILES_MAX)
		fail(path, "too many files");
	in->data = malloc(INPUT_MAX + sizeof(last->size));
	if (!in->data)
		fail(path, strerror(ENOMEM));
	n = read(fd, in->data, INPUT_MAX + sizeof(last->size));
	if (n < 0)
		fail(path, strerror(errno));
	/* What a crash left begins with its size and is as long as the mapping. */
	if (n > (ssize_t)sizeof(last->size) && strlen(path) > 5 &&
	    strcmp(path + strlen(path) - 5, ".last") == 0) {
		uint32_t size;

		memcpy(&size, in->data, sizeof(size));
		skip = sizeof(size);
		n = size < INPUT_MAX ? size : INPUT_MAX;
	}
	memmove(in->data, in->data + skip, n);
	in->size = n < INPUT_MAX ? n : INPUT_MAX;
	n_corpus++;
}

static int visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* Loads a file, or all files of a directory in order of name. Returns false when there is none. */
static bool load(const char *path)
{
	struct dirent **entries;
	struct stat st;
	int n;

	if (stat(path, &st) < 0)
		return false;
	if (!S_ISDIR(st.st_mode)) {
		load_file(path);
		return true;
	}
	n = scandir(path, &entries, visible, alphasort);
	if (n < 0)
		fail(path, strerror(errno));
	for (int i = 0; i < n; i++) {
		char file[4096];

		snprintf(file, sizeof(file), "%s/%s", path, entries[i]->d_name);
		load_file(file);
		free(entries[i]);
	}
	free(entries);
	return true;
}

static void load_default(const char *variable)
{
	const char *dir = getenv(variable);
	char path[4096];

	snprintf(path, sizeof(path), "%s/tests/fuzz/corpus/%s", dir ? dir : ".", program + strlen("fuzz_"));
	load(path);
}

/* Numbers at which code turns. */
static uint64_t interesting(void)
{
	static const uint64_t values[] = { 0, 1, 7, 8, 16, 127, 128, 255, 256, 4095, 4096, 32767, 65535,
					   65536, 131072, INT32_MAX, 0x80000000, 0xfffffffc, 0xfffffffd,
					   0xfffffffe, UINT32_MAX, INT64_MAX, UINT64_MAX };

	return values[below(sizeof(values) / sizeof(values[0]))] + (below(4) ? 0 : below(3) - 1);
}

/* Changes DATA at random once; returns the new size. */
static size_t mutate_once(uint8_t *data, size_t size)
{
	static const char tokens[] = "\0\n\r\t \"'\\/{}[]():;,.-+*%&|<>=#$@!~^eE\x7f\x80\xc3\xe2\xed\xf0\xff";
	size_t at = below(size), n = 1 + below(below(8) ? 16 : 1024), other = below(n_corpus), from;
	uint64_t v = interesting();

	switch (below(8)) {
	case 0: /* a bit */
		if (size)
			data[at] ^= 1 << below(8);
		return size;
	case 1: /* a byte, often one that means something in text */
		if (size)
			data[at] = below(2) ? (uint8_t)rng() : (uint8_t)tokens[below(sizeof(tokens) - 1)];
		return size;
	case 2: /* a number */
		n = 1 << below(4);
		if (size >= n)
			memcpy(data + (below(size - n + 1) & ~(below(2) ? n - 1 : 0)), &v, n);
		return size;
	case 3: /* a piece taken away */
		if (n > size - at)
			n = size - at;
		memmove(data + at, data + at + n, size - at - n);
		return size - n;
	case 4: /* a piece twice */
		if (n > size - at)
			n = size - at;
		if (n > INPUT_MAX - size)
			return size;
		memmove(data + at + n, data + at, size - at);
		return size + n;
	case 5: /* a piece of another input, inserted */
		from = below(corpus[other].size);
		if (n > corpus[other].size - from)
			n = corpus[other].size - from;
		if (n > INPUT_MAX - size)
			return size;
		memmove(data + at + n, data + at, size - at);
		memcpy(data + at, corpus[other].data + from, n);
		return size + n;
	case 6: /* a piece of noise */
		for (size_t i = at; i < size && i < at + n; i++)
			data[i] = rng();
		return size;
	default: /* cut, seldom */
		return below(8) ? size : at;
	}
}

static void run(size_t size)
{
	/* A copy of its own size, so that reading on is seen by a sanitizer. */
	_cleanup_free_ uint8_t *data = malloc(size ? size : 1);

	if (!data)
		fail("memory", strerror(ENOMEM));
	last->size = size;
	memcpy(data, last->data, size);
	LLVMFuzzerTestOneInput(data, size);
}

static void run_corpus(void)
{
	for (size_t i = 0; i < n_corpus; i++) {
		memcpy(last->data, corpus[i].data, corpus[i].size);
		run(corpus[i].size);
	}
}

static void run_mutations(uint64_t runs)
{
	for (uint64_t i = 0; i < runs; i++) {
		const struct input *in = &corpus[below(n_corpus)];
		size_t size = in->size;

		memcpy(last->data, in->data, size);
		for (size_t changes = 1 + below(below(4) ? 4 : 32); changes > 0; changes--)
			size = mutate_once(last->data, size);
		run(size);
	}
}

static void map_last(const char *path)
{
	_cleanup_close_ int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0 || ftruncate(fd, sizeof(*last)) < 0)
		fail(path, strerror(errno));
	last = mmap(NULL, sizeof(*last), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (last == MAP_FAILED)
		fail(path, strerror(errno));
}

static uint64_t number(const char *text)
{
	char *end;
	uint64_t v = strtoull(text, &end, 0);

	if (!*text || *end)
		fail(text, "not a number");
	return v;
}

int main(int argc, char **argv)
{
	const char *runs_text = getenv("SECHAWK_FUZZ_RUNS"), *seed_text = getenv("SECHAWK_FUZZ_SEED");
	uint64_t runs = number(runs_text ? runs_text : "10000"), seed = number(seed_text ? seed_text : "1");
	char kept[256];
	int i = 1;

	program = strrchr(argv[0], '/') ? strrchr(argv[0], '/') + 1 : argv[0];
	if (strncmp(program, "fuzz_", 5) != 0)
		fail("name of the program", "not fuzz_<what>");
	if (argc > 3 && strcmp(argv[1], "--mutate") == 0) {
		runs = number(argv[2]);
		seed = number(argv[3]);
		i = 4;
	} else if (argc > 1) {
		runs = 0;
	}
	for (; i < argc; i++)
		if (!load(argv[i]))
			fail(argv[i], strerror(errno));
	if (!n_corpus) {
		load_default("SRCDIR");
		load_default("BUILDDIR");
	}
	if (!n_corpus)
		fail("corpus", "no inputs");
	snprintf(kept, sizeof(kept), "%s.last", program);
	map_last(kept);
	printf("%s: %zu inputs, %" PRIu64 " mutations, seed %" PRIu64 "\n", program, n_corpus, runs, seed);
	fflush(stdout);
	rng_state = seed ? seed : 1;
	run_corpus();
	run_mutations(runs);
	unlink(kept);
	for (size_t n = 0; n < n_corpus; n++)
		free(corpus[n].data);
	return 0;
}
