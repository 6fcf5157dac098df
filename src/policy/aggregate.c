/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/policy/aggregate.h"

#include <string.h>
#include <sys/random.h>

#include "src/base/buf.h"
#include "src/event/names.h"

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

/* Adds LEN bytes as far as there is room. */
static void note(uint8_t *by, uint16_t *len, const void *p, size_t n)
{
	const size_t room = HAWK_POLICY_BY_BYTES - *len;

	n = n < room ? n : room;
	memcpy(by + *len, p, n);
	*len = (uint16_t)(*len + n);
}

/* Writes what makes EVENT one of its kind. Each has its NUL, also the one that did not fit. */
static uint16_t describe(const struct hawk_policy_aggregate *a, const struct hawk_event *event, uint8_t *by)
{
	char text[HAWK_POLICY_BY_BYTES + 1];
	uint16_t len = 0;

	for (size_t i = 0; i < a->n_by && len < HAWK_POLICY_BY_BYTES; i++) {
		const enum hawk_type type = hawk_field_type(&a->fields[i], event->desc);
		struct hawk_buf out = { .data = text, .cap = sizeof(text), .max = sizeof(text) };
		struct hawk_value v;

		/* lists are arguments and the like, where secrets may be that only formats know to hide */
		if (type == HAWK_T_MAX || type == HAWK_T_STRV || hawk_field_get(&a->fields[i], event, &v) < 0)
			continue;
		note(by, &len, a->by[i], strlen(a->by[i]));
		note(by, &len, "=", 1);
		if (hawk_type_desc(type)->vclass == HAWK_V_BYTES && type != HAWK_T_SOCKADDR && v.bytes)
			note(by, &len, v.bytes, v.len);
		else if (hawk_value_print(&out, type, &v, 0) == 0)
			note(by, &len, out.data, out.len);
		note(by, &len, "", 1);
	}
	if (len)
		by[len - 1] = '\0';
	return len;
}

/* EVENT is left out by SLOT, whose window ends at UNTIL. */
static void leave_out(struct hawk_policy_alike *alike, size_t slot, const struct hawk_policy_aggregate *a,
		      const struct hawk_event *event)
{
	if (!alike->slots[slot].left) {
		alike->slots[slot].event = event->desc->id;
		alike->slots[slot].by_len = describe(a, event, alike->slots[slot].by);
		if (!alike->soonest || alike->slots[slot].until < alike->soonest)
			alike->soonest = alike->slots[slot].until;
	}
	alike->slots[slot].left += alike->slots[slot].left < UINT32_MAX;
}

bool hawk_policy_alike_first(struct hawk_policy_alike *alike, const struct hawk_policy_aggregate *a,
			     struct hawk_event *event)
{
	size_t oldest = 0;
	uint64_t key;

	if (!alike->seed && getrandom(&alike->seed, sizeof(alike->seed), GRND_NONBLOCK) < 0)
		alike->seed = 1;
	key = key_of(alike, a, event);
	for (size_t i = 0; i < WAYS; i++) {
		const size_t at = (key + i) % HAWK_POLICY_SLOTS;

		if (alike->slots[at].key == key) {
			if (event->time < alike->slots[at].until) {
				leave_out(alike, at, a, event);
				return false;
			}
			alike->slots[at].until = event->time + a->window;
			if (event->alike <= UINT32_MAX - alike->slots[at].left)
				event->alike += alike->slots[at].left;
			alike->slots[at].left = 0;
			return true;
		}
		if (i == 0 || alike->slots[at].until < alike->slots[oldest].until)
			oldest = at;
	}
	if (alike->slots[oldest].left) {
		alike->forgotten += alike->slots[oldest].left;
		alike->soonest = alike->soonest ?: event->time;
	}
	alike->slots[oldest].key = key;
	alike->slots[oldest].left = 0;
	alike->slots[oldest].until = event->time + a->window;
	return true;
}

void hawk_policy_alike_end(struct hawk_policy_alike *alike, const struct hawk_policy_aggregate *a, uint64_t now,
			   void (*fn)(void *ctx, const struct hawk_policy_rest *rest), void *ctx)
{
	uint64_t soonest = 0;

	if (!alike->soonest || alike->soonest > now)
		return;
	if (alike->forgotten)
		fn(ctx, &(struct hawk_policy_rest){ .count = alike->forgotten });
	alike->forgotten = 0;
	for (size_t i = 0; i < HAWK_POLICY_SLOTS; i++) {
		const uint64_t until = alike->slots[i].until;

		if (!alike->slots[i].left)
			continue;
		if (until > now) {
			soonest = !soonest || until < soonest ? until : soonest;
			continue;
		}
		fn(ctx, &(struct hawk_policy_rest){
				.count = alike->slots[i].left,
				.since = until - a->window,
				.event = alike->slots[i].event,
				.by = { .bytes = alike->slots[i].by, .len = alike->slots[i].by_len, .full = alike->slots[i].by_len },
			});
		alike->slots[i].left = 0;
	}
	alike->soonest = soonest;
}
