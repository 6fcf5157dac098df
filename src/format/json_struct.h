/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_FORMAT_JSON_STRUCT_H
#define HAWK_FORMAT_JSON_STRUCT_H
/* Structures that system calls point to (src/event/structs.h), as JSON objects. */
#include "src/format/render.h"

/*
 * {"tv_sec":1,"tv_nsec":0}; a number, or an array of them, when the members have no names. What has no known
 * members is written as the hexadecimal digits of its bytes.
 */
void hawk_json_struct(struct hawk_json *j, enum hawk_type type, const struct hawk_value *v, struct hawk_buf *out);

#endif
