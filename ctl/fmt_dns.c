/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <inttypes.h>
#include <stdio.h>

#include "ctl/fmt.h"
#include "ctl/table.h"
#include "ctl/term.h"
#include "src/base/cleanup.h"

/* "3s", "12m", "5h", "2d". */
static void put_duration(struct hawk_table *table, uint64_t ms)
{
	static const struct {
		uint64_t seconds;
		char unit;
	} units[] = { { 86400, 'd' }, { 3600, 'h' }, { 60, 'm' }, { 1, 's' } };
	uint64_t s = ms / 1000;
	size_t i = 0;
	char text[32];

	while (i < ARRAY_SIZE(units) - 1 && s < 2 * units[i].seconds)
		i++;
	snprintf(text, sizeof(text), "%" PRIu64 "%c", s / units[i].seconds, units[i].unit);
	hawk_table_put(table, text);
}

static void put_name(struct hawk_table *table, const json_t *name)
{
	hawk_table_put(table, hawk_get_string(name, "address"));
	put_duration(table, hawk_get_u64(name, "expires_ms"));
	put_duration(table, hawk_get_u64(name, "age_ms"));
	hawk_table_put_u64(table, hawk_get_u64(name, "answers"));
	hawk_table_put_u64(table, hawk_get_u64(name, "pid"));
	hawk_table_put(table, hawk_get_string(name, "name"));
}

static void put_names(FILE *to, const json_t *names)
{
	if (json_array_size(names))
		hawk_put_rows(to, "ADDRESS,>HOLDS,>AGE,>ANSWERS,>PID,NAME", names, put_name);
}

#define NOTHING_LEARNT \
	"Nothing was learnt yet. It is while an event such as %s is enabled.\n"

void hawk_fmt_dns_list(FILE *to, const struct hawk_command *command, const json_t *reply)
{
	const json_t *names = json_object_get(reply, "names"), *cache = json_object_get(reply, "cache");

	(void)command;
	put_names(to, names);
	if (!json_array_size(names))
		fprintf(to, NOTHING_LEARNT, "net_packet_dns_response");
	if (hawk_get_u64(cache, "evicted"))
		fprintf(to, "%" PRIu64 " names were forgotten for want of room.\n", hawk_get_u64(cache, "evicted"));
}

void hawk_fmt_dns_show(FILE *to, const struct hawk_command *command, const json_t *reply)
{
	const json_t *names = json_object_get(reply, "names");

	(void)command;
	put_names(to, names);
	if (!json_array_size(names))
		fputs("No name of this address is known.\n", to);
}

static void put_target(struct hawk_table *table, const json_t *target)
{
	hawk_table_put_u64(table, hawk_get_u64(target, "pid"));
	hawk_table_put(table, hawk_get_string(target, "kind"));
	hawk_table_put(table, hawk_get_string(target, "address"));
	hawk_table_put_u64(table, hawk_get_u64(target, "port"));
	hawk_table_put_u64(table, hawk_get_u64(target, "count"));
	put_duration(table, hawk_get_u64(target, "age_ms"));
	hawk_table_put(table, hawk_get_string(target, "name"));
}

void hawk_fmt_targets(FILE *to, const json_t *targets)
{
	if (json_array_size(targets))
		hawk_put_rows(to, ">PID,KIND,ADDRESS,>PORT,>COUNT,>AGE,NAME", targets, put_target);
}

void hawk_fmt_process_targets(FILE *to, const struct hawk_command *command, const json_t *reply)
{
	const json_t *targets = json_object_get(reply, "targets");

	(void)command;
	hawk_fmt_targets(to, targets);
	if (!json_array_size(targets))
		fprintf(to, NOTHING_LEARNT, "net_packet_http_request or net_tls_client_hello");
	if (hawk_get_u64(reply, "evicted"))
		fprintf(to, "%" PRIu64 " were forgotten for want of room.\n", hawk_get_u64(reply, "evicted"));
}
