/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_EVENT_NAMES_H
#define HAWK_EVENT_NAMES_H
/* Flags, enums and other numbers by name; the tables are in names.def. */
#include "src/base/buf.h"
#include "src/event/event.h"

/*
 * Writes V as people read it ("O_RDONLY|O_CLOEXEC", "SIGKILL", "10.0.0.1",
 * "0644", an RFC 3339 time, …), without quotes or escapes for text types.
 * BOOT_OFFSET: ns to add to a TIME. Unknown bits are printed as a hexadecimal rest,
 * the strings of a list with spaces between them, an errno (negative in the field) by name.
 * Returns 0 or the buffer's error.
 */
int hawk_value_print(struct hawk_buf *out, enum hawk_type type, const struct hawk_value *v,
		     int64_t boot_offset);

/*
 * The number that TEXT names for TYPE ("O_CREAT", "SIGKILL", "AF_INET",
 * "PTRACE_TRACEME", "0644", "0x10", "-1"). Returns 0 or -EINVAL.
 */
int hawk_value_parse_number(enum hawk_type type, const char *text, uint64_t *ret);

/* Whether numbers of TYPE are sets of bits: only they are written as names with "|" between them. */
bool hawk_type_is_bits(enum hawk_type type);

/* The I-th name of numbers of TYPE, or NULL. */
const char *hawk_value_name(enum hawk_type type, size_t i);

/* The 16 bytes of an address as HAWK_T_IP has them; IPv4 becomes v4-mapped. Returns 0 or -EINVAL. */
int hawk_ip_parse(const char *text, uint8_t ret[16]);

/* Name of an errno ("ENOENT"), or NULL. */
const char *hawk_errno_name(int err);

#endif
