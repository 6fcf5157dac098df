/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_COLLECT_RECORDING_H
#define HAWK_COLLECT_RECORDING_H
/*
 * Recordings of raw records. A file is a header, the process table as
 * PROCESS_SEED records with their long fields, then records as the rings gave
 * them, each after its length (32 bits). Everything little-endian, as x86_64
 * and aarch64 are.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "src/base/buf.h"
#include "src/event/process.h"

#define HAWK_RECORDING_MAGIC "SECHAWKR"

struct hawk_recording_header {
	char magic[8];
	uint32_t abi_version;
	uint32_t header_bytes; /* of this structure */
	uint64_t schema_hash;  /* hawk_schema_hash(): recordings of another schema are refused */
	char arch[16];
	uint8_t boot_id[16], machine_id[16];
	int64_t boot_offset;   /* CLOCK_REALTIME minus CLOCK_BOOTTIME, ns */
	uint64_t started;      /* CLOCK_BOOTTIME ns */
	uint32_t host_ns[10];  /* inodes of PID 1, rows of namespaces.def */
	uint32_t reserved[6];
};

/* Hash over all .def tables of records: names, ids, types, sizes, offsets. Never 0. */
uint64_t hawk_schema_hash(void);
/*
 * Fills a header for this machine and time. Host namespaces are those of
 * hawk_host_ns(). A machine or boot id that cannot be had is zero.
 */
void hawk_recording_header_fill(struct hawk_recording_header *h);
/* The host namespaces of the recording, for hawk_host_ns_set(). */
struct hawk_host_ns hawk_recording_host_ns(const struct hawk_recording_header *h);

/* The writer's three parts, in this order. Each appends to OUT and returns 0 or the buffer's error. */
int hawk_recording_put_header(struct hawk_buf *out, const struct hawk_recording_header *h);
/*
 * A process of the table as a PROCESS_SEED record, continuation records before
 * it when its command line is long: up to 160 KiB in all. What a seed does not
 * hold is lost: exec flags, exec time and exit.
 */
int hawk_recording_put_seed(struct hawk_buf *out, const struct hawk_process *p);
/* A record as a ring gave it. -EINVAL when LEN cannot be the length of a record. */
int hawk_recording_put(struct hawk_buf *out, const void *record, size_t len);

struct hawk_recording; /* a reader */
/*
 * Opens a file for replay. Returns 0 or -errno; *ret_why (malloc'ed, the
 * caller frees it; NULL without memory) says what does not fit: -EBADMSG, not
 * a recording; -EPROTONOSUPPORT, made by another version or architecture.
 */
int hawk_recording_open(struct hawk_recording **ret, const char *path, char **ret_why);
/* The same for an open stream, which it closes in any case. */
int hawk_recording_open_stream(struct hawk_recording **ret, FILE *stream, char **ret_why);
/* Closes it. NULL is fine. Returns NULL. */
struct hawk_recording *hawk_recording_free(struct hawk_recording *r);
/* The header, valid as long as R. */
const struct hawk_recording_header *hawk_recording_header(const struct hawk_recording *r);
/*
 * The next record, 8-byte aligned; *ret is valid until the next call. Returns
 * its length, 0 at the end, -EBADMSG for a damaged or cut file (and from then
 * on), -EIO when it cannot be read. What is in the record is not checked here.
 */
long hawk_recording_next(struct hawk_recording *r, const void **ret);

#endif
