/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/event/process.h"

#include <string.h>

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

void hawk_watch_since_set(uint64_t time)
{
	watch_since = time;
}

uint64_t hawk_watch_since(void)
{
	return watch_since;
}

bool hawk_process_same_container(const struct hawk_process *a, const struct hawk_process *b)
{
	const struct hawk_bytes *x = &a->container_id, *y = &b->container_id;

	return x->len == y->len && (!x->len || memcmp(x->data, y->data, x->len) == 0);
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
