/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The tests inside of a signature's file: events, processes and answers that people write. Whatever they say, they
 * run, in bounded memory, and say the same when they run again; or they are refused with a place in the text.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/sig/test.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUIRE(what) \
	do { \
		if (!(what)) \
			abort(); \
	} while (0)

static void run(const struct hawk_sig *sig, size_t i, const struct hawk_sig_set *set)
{
	struct hawk_buf said[2] = { HAWK_BUF_INIT, HAWK_BUF_INIT };
	int r[2];

	for (size_t k = 0; k < 2; k++) {
		struct hawk_diags diags = { .path = "text" };

		r[k] = hawk_sig_test_run(sig, i, set, &said[k], &diags);
		/* Refused, and it is said where. */
		REQUIRE((diags.errors > 0) == (r[k] == -EINVAL));
		for (size_t n = 0; n < diags.n; n++)
			REQUIRE(diags.v[n].line && diags.v[n].column);
		hawk_diags_done(&diags);
	}
	REQUIRE(r[0] == r[1] && said[0].len == said[1].len && (r[0] != 0 || said[0].len));
	REQUIRE(!said[0].len || memcmp(said[0].data, said[1].data, said[0].len) == 0);
	for (size_t k = 0; k < 2; k++)
		hawk_buf_done(&said[k]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct hawk_sig_source source = { "text", (const char *)data, size };
	struct hawk_diags diags = { .path = "text" };
	struct hawk_sig_files files = { .n_signatures = 0 };
	struct hawk_sig_set *set = NULL;

	REQUIRE(hawk_sig_read(&files, &source, 1, &diags) == 0);
	REQUIRE(hawk_sig_set_new(&set, files.signatures, files.n_signatures) == 0);
	for (size_t i = 0; i < files.n_signatures; i++)
		for (size_t k = 0; k < files.signatures[i]->n_tests; k++)
			run(files.signatures[i], k, set);
	hawk_sig_set_free(set);
	hawk_sig_files_done(&files);
	hawk_diags_done(&diags);
	return 0;
}
