/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/policy/aggregate.h"

#include <string.h>
#include <sys/random.h>

/* Places that one key may have. */
#define WAYS 4

/* Two words become one; each bit of them changes about half of the result. */
static uint64_t mix(uint64_t a, uint64_t b)
{
	__uint128_t product = (__uint128_t)(a ^ 0x9e3779b97f4a7c15ULL) * (b ^ 0xd6e8feb86659fd93ULL);

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t mix_bytes(uint64_t key, uint64_t seed, const uint8_t *p, size_t len)
{
	uint64_t word;

	key = mix(key ^ seed, len);
	for (; len >= sizeof(word); p += sizeof(word), len -= sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		key = mix(key ^ seed, word);
	}
	word = 0;
	memcpy(&word, p, len);
	return mix(key ^ seed, word);
}

static uint64_t key_of(const struct hawk_policy_alike *alike, const struct hawk_policy_aggregate *a,
		       const struct hawk_event *event)
{
	uint64_t key = mix(alike->seed, event->desc->id);

	for (size_t i = 0; i < a->n_by; i++) {
		const struct hawk_field *field = &a->fields[i];
		const enum hawk_type type = hawk_field_type(field, event->desc);
		struct hawk_value v;

		if (type == HAWK_T_MAX || hawk_field_get(field, event, &v) < 0) {
			key = mix(key ^ alike->seed, i);
			continue;
		}
		switch (hawk_type_desc(type)->vclass) {
		case HAWK_V_IP:
			key = mix_bytes(key, alike->seed, v.bytes, 16);
			break;
		case HAWK_V_BYTES:
		case HAWK_V_STRV:
			key = mix_bytes(key, alike->seed, v.bytes, v.bytes ? v.len : 0);
			break;
		default:
			key = mix(key ^ alike->seed, v.u);
		}
	}
	return key ?: 1;
}

bool hawk_policy_alike_first(struct hawk_policy_alike *alike, const struct hawk_policy_aggregate *a,
			     const struct hawk_event *event)
{
	size_t oldest = 0;
	uint64_t key;

	if (!alike->seed && getrandom(&alike->seed, sizeof(alike->seed), GRND_NONBLOCK) < 0)
		alike->seed = 1;
	key = key_of(alike, a, event);
	for (size_t i = 0; i < WAYS; i++) {
		const size_t at = (key + i) % HAWK_POLICY_SLOTS;

		if (alike->slots[at].key == key) {
			if (event->time < alike->slots[at].until)
				return false;
			alike->slots[at].until = event->time + a->window;
			return true;
		}
		if (i == 0 || alike->slots[at].until < alike->slots[oldest].until)
			oldest = at;
	}
	alike->slots[oldest].key = key;
	alike->slots[oldest].until = event->time + a->window;
	return true;
}
