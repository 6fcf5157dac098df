/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/event/process.h"

#include <stdio.h>

static struct hawk_host_ns host_ns;

void hawk_host_ns_set(const struct hawk_host_ns *ns)
{
	host_ns = *ns;
}

const struct hawk_host_ns *hawk_host_ns(void)
{
	return &host_ns;
}

static uint64_t watch_since;

#define NODENAMES 512 /* uts namespaces that are known at once */
#define NODENAME_AGE 1000000000ULL

static struct {
	uint32_t uts;
	uint64_t time;
	char name[HAWK_NODENAME_MAX]; /* empty: it could not be read */
} nodenames[NODENAMES];

/* Inodes of namespaces count upwards: neighbours have places of their own. One that is taken is given up. */
static size_t nodename_place(uint32_t uts)
{
	return uts % NODENAMES;
}

const char *hawk_nodename(uint32_t uts)
{
	const size_t at = nodename_place(uts);

	return uts && nodenames[at].uts == uts && *nodenames[at].name ? nodenames[at].name : NULL;
}

bool hawk_nodename_due(uint32_t uts, uint64_t time)
{
	const size_t at = nodename_place(uts);

	return uts && (nodenames[at].uts != uts || nodenames[at].time + NODENAME_AGE < time);
}

void hawk_nodename_set(uint32_t uts, const char *name, uint64_t time)
{
	const size_t at = nodename_place(uts);

	nodenames[at].uts = uts;
	nodenames[at].time = time;
	snprintf(nodenames[at].name, sizeof(nodenames[at].name), "%s", name ? name : "");
}

void hawk_watch_since_set(uint64_t time)
{
	watch_since = time;
}

uint64_t hawk_watch_since(void)
{
	return watch_since;
}

/* By type: an identity is a UID, capabilities are CAPS, and no other fact has these types. */
#define CREDENTIAL_UID(type, member) { #member, HAWK_T_##type, offsetof(struct hawk_abi_task, member) },
#define CREDENTIAL_CAPS CREDENTIAL_UID
#define CREDENTIAL_TIME(type, member)
#define CREDENTIAL_PID CREDENTIAL_TIME
#define CREDENTIAL_U32 CREDENTIAL_TIME
#define CREDENTIAL_U64 CREDENTIAL_TIME

const struct hawk_task_fact *hawk_task_credentials(size_t *ret_n)
{
	static const struct hawk_task_fact facts[] = {
#define FACT(type, member, name, doc) CREDENTIAL_##type(type, member)
#include "bpf/abi/task.def"
#undef FACT
	};

	*ret_n = sizeof(facts) / sizeof(facts[0]);
	return facts;
}

const struct hawk_namespace *hawk_namespaces(size_t *ret_n)
{
	static const struct hawk_namespace namespaces[] = {
#define NAMESPACE(name, member, file) \
	{ #name, offsetof(struct hawk_abi_task, member), offsetof(struct hawk_host_ns, name) },
#include "bpf/abi/namespaces.def"
#undef NAMESPACE
	};

	*ret_n = sizeof(namespaces) / sizeof(namespaces[0]);
	return namespaces;
}
