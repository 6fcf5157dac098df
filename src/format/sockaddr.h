/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_FORMAT_SOCKADDR_H
#define HAWK_FORMAT_SOCKADDR_H
/*
 * Structures that system calls take, as JSON objects. Their bytes came from
 * user memory: any length, any content.
 */
#include "src/format/render.h"

/*
 * {"sa_family":"AF_INET","sin_addr":"1.2.3.4","sin_port":80}; what is not known
 * or too short keeps its bytes in "sa_data".
 */
void hawk_json_sockaddr(struct hawk_json *j, const struct hawk_value *v, struct hawk_buf *out);
/* The name of a unix socket, unix(7): "/run/x", "@abstract". */
void hawk_json_sun_path(const uint8_t *path, size_t len, struct hawk_buf *out);
/* "00ff…" */
void hawk_json_bytes(struct hawk_buf *out, const uint8_t *bytes, size_t len);

#endif
