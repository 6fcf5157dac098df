/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Makes the catalog of journalctl -x: copies the texts that were written by
 * hand and adds one for each event that has none, out of the tables.
 *
 *	gen_catalog sechawk.catalog.in >sechawk.catalog
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "src/base/cleanup.h"
#include "src/event/event.h"
#include "src/sink/sink.h"

static void put_field(const struct hawk_field_desc *field)
{
	printf("%s: @SECHAWK_DATA_", field->name);
	for (const char *p = field->name; *p; p++)
		putchar(toupper((unsigned char)*p));
	printf("@ (%s)\n", field->doc);
}

static void put_entry(const struct hawk_event_desc *desc, const char *id)
{
	printf("\n# %s\n-- %s\n", desc->name, id);
	printf("Subject: %s%s: %s\n", desc->syscall ? "System call " : "", desc->name, desc->doc);
	puts("Defined-By: sechawk\nDocumentation: man:sechawk-events(7)\n");
	puts("The process @SECHAWK_EXE@ (pid @SECHAWK_PID@, user @SECHAWK_UID@, unit\n@SECHAWK_UNIT@) did this with:\n");
	for (size_t i = 0; i < desc->n_fields; i++)
		if (hawk_type_desc(desc->fields[i].type)->vclass != HAWK_V_TASK)
			put_field(&desc->fields[i]);
}

/* Whether the text written by hand has a line "-- ID". */
static bool has_entry(const char *text, const char *id)
{
	char line[64];

	snprintf(line, sizeof(line), "\n-- %s\n", id);
	return strstr(text, line);
}

int main(int argc, char **argv)
{
	_cleanup_fclose_ FILE *in = argc == 2 ? fopen(argv[1], "re") : NULL;
	_cleanup_free_ char *text = NULL;
	size_t n, size = 0;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);

	if (!in || getdelim(&text, &size, '\0', in) < 0) {
		fprintf(stderr, "usage: gen_catalog TEMPLATE >CATALOG (%m)\n");
		return 1;
	}
	fputs(text, stdout);
	for (size_t i = 0; i < n; i++) {
		char id[33];

		hawk_sink_message_id(descs[i]->name, id);
		/* findings have the texts of their signatures */
		if (!descs[i]->internal && descs[i]->id != HAWK_EV_FINDING && !has_entry(text, id))
			put_entry(descs[i], id);
	}
	return fflush(stdout) || ferror(stdout);
}
