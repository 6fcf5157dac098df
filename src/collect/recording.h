/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_COLLECT_RECORDING_H
#define HAWK_COLLECT_RECORDING_H
/*
 * Recordings of raw records. A file is a header, the process table as
 * PROCESS_SEED records with their long fields, then records as the rings gave
 * them. Everything little-endian on x86_64 and aarch64.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/buf.h"

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

/* Hash over all .def tables (names, ids, types, offsets). */
uint64_t hawk_schema_hash(void);
/* Fills a header for this machine and time. */
void hawk_recording_header_fill(struct hawk_recording_header *h);

struct hawk_process;
/*
 * Appends the PROCESS_SEED record of a process, its long fields as CHAIN
 * records before it where they do not fit. TIME: CLOCK_BOOTTIME ns of the
 * snapshot. Returns 0 or the buffer's error.
 */
int hawk_recording_seed(struct hawk_buf *out, const struct hawk_process *process, uint64_t time);

struct hawk_recording; /* a reader */
/* Opens a file for replay. Returns 0 or -errno; *ret_why (malloc'ed) says what does not fit. */
int hawk_recording_open(struct hawk_recording **ret, const char *path, char **ret_why);
struct hawk_recording *hawk_recording_free(struct hawk_recording *r);
const struct hawk_recording_header *hawk_recording_header(const struct hawk_recording *r);
/*
 * The next record; *ret is valid until the next call. Returns its length, 0 at
 * the end, -EBADMSG for a damaged file.
 */
long hawk_recording_next(struct hawk_recording *r, const void **ret);

#endif
