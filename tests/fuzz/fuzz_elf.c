/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Shared objects: names have their length, and reading stays within its bounds. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "src/symbol/elf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	const uint8_t *data;
	size_t size;
	size_t symbols;
};

static long read_input(void *ctx, uint64_t offset, void *buf, size_t len)
{
	const struct input *in = ctx;

	if (len > HAWK_ELF_STRINGS_MAX)
		abort();
	if (offset >= in->size)
		return 0;
	if (len > in->size - offset)
		len = in->size - offset;
	memcpy(buf, in->data + offset, len);
	return (long)len;
}

static void on_symbol(void *ctx, const struct hawk_elf_symbol *symbol)
{
	struct input *in = ctx;

	if (!symbol->len || symbol->len >= HAWK_ELF_NAME_MAX || strlen(symbol->name) != symbol->len)
		abort();
	if (++in->symbols > HAWK_ELF_SYMBOLS_MAX)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size, 0 };
	int r = hawk_elf_exports(&(struct hawk_elf_source){ read_input, &in }, on_symbol, &in);

	if (r != 0 && r != 1 && r != -EBADMSG && r != -ENOMEM)
		abort();
	return 0;
}
