/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Configuration files: refused with a message, or taken; then what is printed parses to the same. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/cleanup.h"
#include "src/config/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__lsan_default_suppressions(void);

/* libconfig forgets a string or two when it meets a syntax error; one file refused leaks some bytes. */
const char *__lsan_default_suppressions(void)
{
	return "leak:strbuf_append\nleak:libconfig_yylex\n";
}

#define REQUIRE(what) \
	do { \
		if (!(what)) \
			abort(); \
	} while (0)

static char *dump(const struct hawk_config *c)
{
	char *text = NULL;
	size_t len;
	FILE *to = open_memstream(&text, &len);

	REQUIRE(to && hawk_config_dump(c, to) == 0 && fclose(to) == 0);
	return text;
}

/* Everything but the first comment, which names the file. */
static const char *body(const char *text)
{
	return strchr(text, '\n');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hawk_config_errors errors = { .n = 0 };
	struct hawk_config *a = NULL, *b = NULL;
	_cleanup_free_ char *text = strndup((const char *)data, size), *first = NULL, *second = NULL;
	int r;

	REQUIRE(text);
	r = hawk_config_parse(&a, "a", text, &errors);
	REQUIRE(r == 0 || r == -EINVAL);
	REQUIRE((r == 0) == (errors.total == 0) && (errors.n > 0) == (errors.total > 0));
	for (size_t i = 0; i < errors.n; i++)
		REQUIRE(strncmp(errors.text[i], "a:", 2) == 0 && !strchr(errors.text[i], '\n'));
	if (r == 0) {
		first = dump(a);
		REQUIRE(hawk_config_parse(&b, "b", first, &errors) == 0);
		second = dump(b);
		REQUIRE(strcmp(body(first), body(second)) == 0);
	}
	hawk_config_errors_done(&errors);
	hawk_config_free(a);
	hawk_config_free(b);
	return 0;
}
