/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_EVENT_STRUCTS_H
#define HAWK_EVENT_STRUCTS_H
/*
 * Structures that arguments of system calls point to, taken apart. Their bytes
 * came from user memory: any length, any content; what is not there is left out.
 */
#include "src/base/buf.h"
#include "src/event/event.h"

struct hawk_member {
	const char *name; /* empty: the structure is a number, or a list of them */
	uint8_t type;     /* enum hawk_type */
	struct {
		uint16_t offset, size;
	} at[2];          /* for native and 32-bit callers */
};

/* The members of the structure that V of TYPE is (of a BPF_ATTR: for its command). NULL, 0: it is none. */
const struct hawk_member *hawk_struct_members(enum hawk_type type, const struct hawk_value *v, size_t *ret_n);

/* Reads a member of V. Returns 0, or -ENODATA when V ends before it. *ret borrows from V. */
int hawk_member_get(const struct hawk_member *member, const struct hawk_value *v, enum hawk_type type,
		    struct hawk_value *ret);

/*
 * The members of the struct sockaddr that V is, addresses.def; all of them are in V. NULL, 0: they are not plain,
 * not known, or V is too short.
 */
const struct hawk_member *hawk_address_members(const struct hawk_value *v, size_t *ret_n);

/* An IOVEC. */
struct hawk_iov {
	uint64_t count; /* vectors, as the caller said */
	uint64_t total; /* bytes in those that are here */
	uint64_t base;  /* where the first one begins; 0: there is none */
	const uint8_t *data;
	uint32_t data_len;
};
/* Returns 0 or -ENODATA. */
int hawk_iov_get(const struct hawk_value *v, struct hawk_iov *ret);

/* A MSGHDR. */
struct hawk_msg {
	struct hawk_value name; /* a SOCKADDR */
	struct hawk_iov iov;
	bool has_iov;
	uint64_t controllen;
	uint32_t flags;
	bool compat;
	const uint8_t *control;
	uint32_t control_len; /* bytes of control messages that are here */
};
/* Returns 0 or -ENODATA. */
int hawk_msg_get(const struct hawk_value *v, struct hawk_msg *ret);
/* Descriptors in the SCM_RIGHTS messages, unix(7); at most MAX. Returns how many. */
size_t hawk_msg_fds(const struct hawk_msg *msg, int32_t *ret_fds, size_t max);

/* A SOCKET. */
struct hawk_socket_end {
	struct hawk_value ip;   /* flags: absent where the family has none */
	uint16_t port;
	struct hawk_value path; /* of a unix socket; an abstract name begins with NUL; absent when it has none */
};
struct hawk_socket {
	struct hawk_abi_socket facts;
	struct hawk_socket_end local, remote;
};
/* RET holds the addresses that its values point to: do not copy it. Returns 0 or -ENODATA. */
int hawk_socket_get(const struct hawk_value *v, struct hawk_socket *ret);

/*
 * Writes V as people read it: "tv_sec=1 tv_nsec=0". False when TYPE is no structure, or V is none whose members
 * are known: then nothing was written.
 */
bool hawk_struct_print(struct hawk_buf *out, enum hawk_type type, const struct hawk_value *v);

#endif
