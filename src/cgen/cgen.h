/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_CGEN_CGEN_H
#define HAWK_CGEN_CGEN_H
/*
 * Predicates to eBPF instructions. For one event all policies together, and what
 * signatures want, become two programs, one for each point of bpf/abi/abi.h: HAWK_JUDGE_SCOPE looks at
 * the task before anything is collected, HAWK_JUDGE_ARGS at the record before it
 * is sent. They clear bits of hawk_abi_judge.pass; a bit that stays says that
 * the policy, or a signature, may want the event. What the kernel cannot decide counts as true:
 * it may pass too much, never too little. Where nobody is left all words of pass
 * are 0. Pure: nothing is loaded here.
 *
 * A program takes ctx in r1, needs a task and a slot in hawk_now, and returns 0.
 * It reads and writes hawk_abi_judge of that slot, reads the record in it, and
 * looks up maps. All its jumps are forward.
 */
#include "src/event/event.h"

struct bpf_insn;
struct hawk_buf;
struct hawk_ir;

#define HAWK_CGEN_INSNS_MAX 24000 /* of a program; more is left to user space. Jumps reach 32767. */
#define HAWK_CGEN_MAPS_MAX 48     /* of its own; the kernel takes 64 in all (MAX_USED_MAPS) */

/*
 * What a policy, or a signature, asks of the event. Several with the same bit: any of them. NULL: true. Borrowed
 * for the call. One of signatures has no scope.
 */
struct hawk_cgen_rule {
	unsigned int bit; /* below HAWK_POLICIES_MAX, or HAWK_INTEREST_COLUMN */
	const struct hawk_ir *scope, *filter;
	uint32_t per_second; /* of a rule that is the only one with its bit: no more is wanted in a second; 0: no limit */
};

enum hawk_cgen_map_kind {
	HAWK_CGEN_HASH, /* BPF_MAP_TYPE_HASH */
	HAWK_CGEN_LPM,  /* BPF_MAP_TYPE_LPM_TRIE; keys begin with their length in bits, a __u32;
			   BPF_F_NO_PREALLOC */
	HAWK_CGEN_RATE, /* BPF_MAP_TYPE_PERCPU_ARRAY of struct hawk_cgen_rate; N elements, neither filled nor frozen */
};

/* What a CPU knows of a limit per second. */
struct hawk_cgen_rate {
	uint64_t second; /* of record time */
	uint64_t sent;   /* in it */
	uint64_t left_out;
};

/* A table to be created, filled and frozen before the programs are loaded. */
struct hawk_cgen_map {
	enum hawk_cgen_map_kind kind;
	char name[16]; /* for people: bpftool map list */
	uint32_t key_size, value_size;
	size_t n;
	uint8_t *keys, *values; /* n of key_size and value_size bytes; owned */
};

/* The map of a relocation: one of those that all programs share, or maps[reloc.map - HAWK_CGEN_OWN]. */
enum hawk_cgen_shared {
	HAWK_CGEN_NOW,     /* hawk_now: struct hawk_abi_now */
	HAWK_CGEN_SCRATCH, /* hawk_scratch: struct hawk_abi_scratch */
	/*
	 * What user space knows of processes: struct hawk_abi_known_key to struct
	 * hawk_abi_known, of the generation that the programs are of. Bits of other
	 * policies are of no meaning. LRU_HASH.
	 */
	HAWK_CGEN_KNOWN,
	HAWK_CGEN_OWN,
};

/* insns[insn] loads the fd of a map: its .imm (BPF_PSEUDO_MAP_FD is set). */
struct hawk_cgen_reloc {
	uint32_t insn;
	uint32_t map;
};

struct hawk_cgen_program {
	struct bpf_insn *insns; /* owned; NULL: nothing to do at this point */
	size_t n_insns;
	struct hawk_cgen_reloc *relocs; /* owned */
	size_t n_relocs;
};

/* A part of a rule that the kernel does not decide, or not wholly. */
struct hawk_cgen_left {
	size_t rule;     /* index in the rules given */
	char *text;      /* the sub-expression in normal form; owned */
	const char *why; /* static: "no fact of the kernel", … */
};

struct hawk_cgen {
	/*
	 * Never without the first when there is a rule: it sets pass. The second is NULL when the first
	 * decides all.
	 */
	struct hawk_cgen_program programs[HAWK_JUDGE_POINTS];
	struct hawk_cgen_map *maps; /* owned */
	size_t n_maps;
	uint32_t needs;      /* HAWK_NEED_* */
	bool timed;          /* the second point looks at the time of the record */
	bool by_task;        /* the first point may leave an event out, and always does for a task of which it sees the same */
	uint16_t text_at[2]; /* for struct hawk_abi_filter_row */
	unsigned int columns; /* in use, of HAWK_COLUMNS */
	uint64_t known[HAWK_POLICIES_MAX / 64]; /* policies whose bit in HAWK_CGEN_KNOWN is looked at */
	/* Policies that the kernel decides wholly, where it knows every value. */
	uint64_t exact[HAWK_POLICIES_MAX / 64];
	/*
	 * Policies of which the kernel keeps the limit per second, of each CPU by itself: what it leaves out then is
	 * beyond the limit in any case. In the order of their bits they are the elements of the map of HAWK_CGEN_RATE.
	 */
	uint64_t rated[HAWK_POLICIES_MAX / 64];
	struct hawk_cgen_left *left; /* owned */
	size_t n_left;
};

/*
 * Makes the programs for events of DESC from N rules. Returns 0 or -ENOMEM,
 * -EINVAL for a bit out of range. Everything in *ret is owned by it: rules and
 * trees may go. Takes the host's namespaces as they are now (hawk_host_ns()).
 */
int hawk_cgen_build(struct hawk_cgen **ret, const struct hawk_event_desc *desc,
		    const struct hawk_cgen_rule *rules, size_t n);
struct hawk_cgen *hawk_cgen_free(struct hawk_cgen *cg);

/*
 * The part of SCOPE that is about the process alone, that does not change while
 * hawk_abi_known_key stays, and that the kernel has no fact for: program, unit,
 * cgroup path, descent. Evaluated with any event of a process it tells the
 * process's bit in HAWK_CGEN_KNOWN. To be asked only for processes of which more
 * is known than a header, see enum hawk_process_source. *ret is NULL when there
 * is no such part. Returns 0 or -ENOMEM.
 */
int hawk_cgen_learned(struct hawk_ir **ret, const struct hawk_ir *scope);

/*
 * Appends the program of POINT as text, an instruction a line, and the tables that it
 * looks at; places in the slot by name, so that the text does not change with their offsets.
 */
int hawk_cgen_print(const struct hawk_cgen *cg, unsigned int point, struct hawk_buf *out);

#endif
