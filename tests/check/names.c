/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Every name that users of Tracee know (names.list) is an event or an alias. Only the life cycle of containers may be
 * a row of bpf/abi/pending.def.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/event/event.h"

#define NAMES 550 /* 446 system calls and 104 others: none may get lost */
static const char *const may_be_pending[] = { "container_create", "container_remove", "existing_container" };

static bool is_allowed(const char *name)
{
	for (size_t i = 0; i < sizeof(may_be_pending) / sizeof(may_be_pending[0]); i++)
		if (strcmp(may_be_pending[i], name) == 0)
			return true;
	return false;
}

/* A name of its own or an alias; not one that a rule leads to. */
static bool is_event(const char *name)
{
	const struct hawk_event_desc *desc = hawk_event_by_name(name);
	size_t len = strlen(name);

	if (!desc || strcmp(desc->name, name) == 0)
		return desc;
	for (const char *p = desc->aliases; (p = strstr(p, name)) != NULL; p += len)
		if ((p == desc->aliases || p[-1] == ',') && (p[len] == ',' || !p[len]))
			return true;
	return false;
}

int main(void)
{
	const char *srcdir = getenv("SRCDIR");
	char path[4096], name[128];
	unsigned int names = 0, events = 0, pending = 0, wrong = 0;
	FILE *list;

	snprintf(path, sizeof(path), "%s/tests/check/names.list", srcdir ? srcdir : ".");
	list = fopen(path, "re");
	if (!list) {
		perror(path);
		return 1;
	}
	while (fscanf(list, "%127[^\n]%*c", name) == 1) {
		if (*name == '#')
			continue;
		names++;
		if (is_event(name)) {
			events++;
			if (!hawk_event_pending(name))
				continue;
			printf("names: %s is there; its row in bpf/abi/pending.def can go\n", name);
		} else if (!hawk_event_pending(name)) {
			printf("names: %s is no event and no alias\n", name);
		} else if (!is_allowed(name)) {
			printf("names: %s is pending, which only events of containers may be\n", name);
		} else {
			pending++;
			continue;
		}
		wrong++;
	}
	fclose(list);
	printf("names: %u names, %u events, %u pending, %u wrong\n", names, events, pending, wrong);
	if (names != NAMES)
		printf("names: names.list has %u names, not %d\n", names, NAMES);
	return wrong || names != NAMES;
}
