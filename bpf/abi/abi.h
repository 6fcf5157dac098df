/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The binary interface between the BPF programs and the daemon: everything in
 * it is expanded from the .def files of this folder. Seen by both sides, so
 * only __u* types (the includer provides them), no pointers, no padding.
 *
 * A record in a ring is
 *   struct hawk_abi_rec      header, the same for all events
 *   fields of the event      struct hawk_abi_<TOKEN>, FIELD rows in order
 *   struct hawk_abi_var[n]   one per VAR row
 *   tail                     the bytes of the VAR rows, in order, unaligned
 */
#ifndef HAWK_ABI_H
#define HAWK_ABI_H

/* Goes up when the layout of the header or the meaning of a type changes. */
#define HAWK_ABI_VERSION 2

#define HAWK_COMM_LEN 16             /* TASK_COMM_LEN, include/linux/sched.h */
#define HAWK_POLICIES_MAX 256
#define HAWK_EVENT_ID_MAX 2048       /* ids are below; size of the count map */
#define HAWK_SYSCALL_NR_MAX 512      /* numbers are below; size of the row map */
#define HAWK_SYSCALL_ARGS 6
#define HAWK_EVENT_SYSCALL_FIRST 1000 /* and the number of x86_64, see syscalls.def */

/* Limits of one record; longer data is cut and marked, or chained. */
#define HAWK_PATH_BYTES 4096         /* PATH_MAX, include/uapi/linux/limits.h */
#define HAWK_STR_BYTES 4096
#define HAWK_CHUNK_BYTES 4096        /* of a long field, in the record or a chain record */
#define HAWK_LONG_BYTES (128 * 1024) /* of a long field (argv, env) in all */
#define HAWK_RECORD_MAX (28 * 1024)

/* struct hawk_abi_var.info of everything but PATH: original length in bytes. */
#define HAWK_VAR_UNREADABLE 0xffffffffU /* memory could not be read */
#define HAWK_VAR_NULL 0xfffffffeU       /* the caller passed a null pointer */
#define HAWK_VAR_ABSENT 0xfffffffdU     /* not collected here */

/*
 * A PATH travels as its components from the leaf to the root, each ended by a
 * NUL byte; the decoder turns them round. info holds these bits.
 */
#define HAWK_PATH_TRUNCATED 1U   /* components near the root are missing */
#define HAWK_PATH_DELETED 2U     /* the file was unlinked */
#define HAWK_PATH_UNREACHABLE 4U /* its mount is not below the process's root */
#define HAWK_PATH_PSEUDO 8U      /* no directory tree: a name, NUL and struct hawk_abi_pseudo */
#define HAWK_PATH_ABSENT 16U     /* not collected here */
#define HAWK_PATH_UNREADABLE 32U /* a component could not be read */
#define HAWK_PATH_ANY_MOUNT 128U /* the probe does not tell the mount: one of those that show the file, or none */
#define HAWK_PATH_SOCKET 64U     /* no path: struct hawk_abi_socket and unix names; descriptor arguments only */
#define HAWK_PATH_ROOT 64U       /* in HAWK_SYSCALL_VAR_CWD: it is the root of the process, see put_places() */

/*
 * Behind the path may come the same as another view of the file system shows
 * it (HAWK_VIEW_BOTH). The upper half of info is then the length of the first
 * in bytes, plus 1, and the byte above its own bits has those of the second.
 * One that is empty and HAWK_PATH_UNREACHABLE has the components of the first.
 */
#define HAWK_PATH_OTHER(first, bits) (((first) + 1) << 16 | (bits) << 8)
#define HAWK_PATH_BITS(info) ((info) & 0xffU)
#define HAWK_PATH_OTHER_BITS(info) ((info) >> 8 & 0xffU)
#define HAWK_PATH_FIRST(info) ((info) >> 16) /* 0: there is no other */

/* hawk_abi_config.views */
#define HAWK_VIEW_HOST 1U /* paths are told as host_mnt_ns shows them, else as the process sees them */
#define HAWK_VIEW_BOTH 2U /* and in the other way, too */

/* EXEC_FLAGS */
#define HAWK_EXEC_SETUID 1U         /* set-user-ID program changed the euid */
#define HAWK_EXEC_SETGID 2U         /* set-group-ID program changed the egid */
#define HAWK_EXEC_SECURE 4U         /* AT_SECURE: privileges were gained */
#define HAWK_EXEC_FILECAPS 8U       /* file capabilities (worked out in the daemon) */
#define HAWK_EXEC_MEMFD 16U         /* the program is a memfd */
#define HAWK_EXEC_UNLINKED 32U      /* the program has no name any more */
#define HAWK_EXEC_OVERLAY_UPPER 64U /* the program lies in an overlay's upper layer */
#define HAWK_EXEC_TMPFS 128U        /* the program lies on tmpfs (/dev/shm, /tmp) */
#define HAWK_EXEC_SCRIPT 256U       /* started through an interpreter (#! or binfmt_misc) */
#define HAWK_EXEC_STDIO_REMOTE 512U /* standard input, output or error is an IPv4 or IPv6 socket with another end */
#define HAWK_EXEC_PARENT_STDIO_REMOTE 1024U /* that of the parent is, while it starts the program */

/* MEM_ALERT; the numbers are Tracee's */
#define HAWK_ALERT_MAP_WX 1U  /* mapped writable and executable at once */
#define HAWK_ALERT_ADD_X 2U   /* made executable, and it was not writable or is so still */
#define HAWK_ALERT_X_TO_WX 3U /* executable, made writable, too */
#define HAWK_ALERT_W_TO_X 4U  /* writable, made executable instead: code made at run time */

/* VMA_TYPE */
#define HAWK_VMA_FILE 1U         /* shows a file, or shared memory */
#define HAWK_VMA_SPECIAL 2U      /* the kernel's own: vdso, vvar */
#define HAWK_VMA_ANONYMOUS 3U    /* none of these */
#define HAWK_VMA_HEAP 4U         /* brk(2) */
#define HAWK_VMA_STACK 5U        /* of the main thread */
#define HAWK_VMA_THREAD_STACK 6U /* where the thread's stack was when it began */
#define HAWK_VMA_GO_HEAP 7U      /* has the stacks of goroutines, too */

/* hawk_abi_rec.flags */
#define HAWK_REC_INTEREST 1U /* with HAWK_REC_JUDGED: a signature may be about it */
#define HAWK_REC_COMPAT 2U   /* 32-bit system call on a 64-bit kernel */
#define HAWK_REC_ENTER 4U    /* a system call that has not returned: no result */
#define HAWK_REC_X32 8U      /* system call number of the x32 ABI */
#define HAWK_REC_NOARGS 16U  /* what was kept at the entry of the call is gone: its arguments are not known */
#define HAWK_REC_JUDGED 32U  /* matched was decided in the kernel, by the programs of this generation */
#define HAWK_REC_UNKNOWN 64U /* hawk_abi_judge.unknown: matched takes what the daemon knows of the process as true */
#define HAWK_REC_MAKES 128U  /* a system call that other events are made of, see made.def */

/* Why a packet is sent to the daemon: packet_class.def. */
#define HAWK_PKT_DNS 1U     /* port 53 */
#define HAWK_PKT_HTTP 2U    /* begins like an HTTP/1 message */
#define HAWK_PKT_TLS 4U     /* begins like a ClientHello, or continues one */
#define HAWK_PKT_ICMP 8U
#define HAWK_PKT_ICMPV6 16U
#define HAWK_PKT_TCP 32U
#define HAWK_PKT_UDP 64U
#define HAWK_PKT_IPV4 128U
#define HAWK_PKT_IPV6 256U
#define HAWK_PKT_ALL 512U   /* every packet, with its bytes */
#define HAWK_PKT_FLOW 1024U /* no packets: the owners of sockets are wanted */
#define HAWK_PKT_CONTENT (HAWK_PKT_DNS | HAWK_PKT_HTTP | HAWK_PKT_TLS | HAWK_PKT_ALL)
#define HAWK_PKT_HEAD_BYTES 128 /* of a packet of which only headers are wanted */

/* PACKET_DIRECTION */
#define HAWK_INGRESS 0
#define HAWK_EGRESS 1

/* PACKET_OWNER */
#define HAWK_OWNER_UNKNOWN 0
#define HAWK_OWNER_SOCKET 1   /* it made, connected or used the socket */
#define HAWK_OWNER_LISTENER 2 /* it bound the address that the packet is for */
#define HAWK_OWNER_SEED 3     /* it had the socket open when the daemon started */

struct hawk_abi_ip {
	__u8 b[16];
};

struct hawk_abi_var {
	__u32 len;  /* bytes in the tail */
	__u32 info; /* original length, or HAWK_VAR_*, or HAWK_PATH_* */
};

/* Pipes, sockets, … have no name of their own; what the kernel shows for one is made of these. */
struct hawk_abi_pseudo {
	__u64 inode;
	__u64 magic; /* of the file system, include/uapi/linux/magic.h */
};

/* Behind it the two names of a unix socket: the bytes of sun_path, its own and that of the other end. */
struct hawk_abi_socket {
	__u64 inode;
	struct hawk_abi_ip local, remote;
	__u16 family, type, protocol;
	__u16 local_port, remote_port;
	__u8 state; /* include/net/tcp_states.h, also of other families */
	__u8 name_len, peer_len;
	__u8 reserved[3];
};

/* An IOVEC. Behind it the bytes of the entries (struct iovec of the caller), then the data that they begin with. */
struct hawk_abi_iov {
	__u64 count; /* as the caller says */
	__u32 entries_len, data_len;
};

/* A MSGHDR. Behind it address and control messages, then struct hawk_abi_iov and what belongs to it. */
struct hawk_abi_msg {
	__u64 controllen; /* these three as in struct msghdr */
	__u32 namelen;
	__u32 flags;
	__u32 name_len, control_len;
};

struct hawk_abi_rec {
	__u64 time;       /* CLOCK_BOOTTIME, ns */
	__u64 start;      /* start of the thread-group leader, CLOCK_BOOTTIME ns */
	__u64 cgroup;     /* cgroup id of the current task */
	__u64 matched[HAWK_POLICIES_MAX / 64];
	__u32 size;       /* of the whole record */
	__u32 tgid;       /* current task, host pid namespace */
	__u32 tid;
	__u32 generation; /* of the policy set that decided */
	__u32 verdicts;   /* atoms that only the kernel can decide */
	__u16 event;
	__u8 flags;
	__u8 cpu;         /* low 8 bits, for people debugging order */
	char comm[HAWK_COMM_LEN];
};
_Static_assert(sizeof(struct hawk_abi_rec) == 96, "record header changed");

/* C type of each field type: hawk_abi_c_U32 and so on. */
struct hawk_abi_task;
#define TYPE(token, ctype, vclass, doc) typedef ctype hawk_abi_c_##token;
#define VARTYPE(token, vclass, doc)
#include "types.def"
#undef TYPE
#undef VARTYPE

struct hawk_abi_task {
#define FACT(type, member, name, doc) hawk_abi_c_##type member;
#include "task.def"
#undef FACT
};
#define FACT(type, member, name, doc) +sizeof(hawk_abi_c_##type)
_Static_assert(sizeof(struct hawk_abi_task) == 0
#include "task.def"
	, "padding in task.def: reorder the rows");
#undef FACT

enum hawk_event_id {
#define EVENT(token, id, name, class, vis, aliases, sets, doc) HAWK_EV_##token = (id),
#define FIELD(token, type, name, doc)
#define VAR(token, type, name, doc)
#define END(token)
#define ALT(token, name, programs, when, sees, misses)
#define NEEDS(token, other)
#include "families.def"
#undef EVENT
#define SYSCALL(name, id, x64, i386, arm64, how, fact, aliases, sets, doc) HAWK_EV_SYS_##name = (id),
#define ARG(call, index, type, name, doc)
#define SYSCALL_END(name)
#include "syscalls.def"
#undef SYSCALL
#undef ARG
#undef SYSCALL_END
	HAWK_EV_NONE = 0,
};
/* Fixed part of each event: struct hawk_abi_SCHED_PROCESS_EXEC and so on. */
#define EVENT(token, id, name, class, vis, aliases, sets, doc) struct hawk_abi_##token {
#undef FIELD
#define FIELD(token, type, name, doc) hawk_abi_c_##type name;
#undef END
#define END(token) };
#include "families.def"
#undef EVENT
#undef FIELD
#undef VAR
#undef END

/* Index of each variable field: HAWK_VAR_SCHED_PROCESS_EXEC_argv, and their number. */
#define EVENT(token, id, name, class, vis, aliases, sets, doc) enum {
#define FIELD(token, type, name, doc)
#define VAR(token, type, name, doc) HAWK_VAR_##token##_##name,
#define END(token) HAWK_VARS_##token };
#include "families.def"
#undef EVENT
#undef FIELD
#undef VAR
#undef END

/* No hidden padding. */
#define EVENT(token, id, name, class, vis, aliases, sets, doc) \
	_Static_assert(sizeof(struct hawk_abi_##token) == 0
#define FIELD(token, type, name, doc) +sizeof(hawk_abi_c_##type)
#define VAR(token, type, name, doc)
#define END(token) , "padding in " #token ": reorder its FIELD rows");
#include "families.def"
#undef EVENT
#undef FIELD
#undef VAR
#undef END
#undef ALT
#undef NEEDS

/* Every system call has the same record; var[i] belongs to argument i: what it points to, or what a descriptor is. */
#define HAWK_SYSCALL_VAR_RESOLVED HAWK_SYSCALL_ARGS      /* the returned descriptor, or the new directory */
#define HAWK_SYSCALL_VAR_CWD (HAWK_SYSCALL_ARGS + 1)     /* when an argument is relative to it */
#define HAWK_SYSCALL_VARS (HAWK_SYSCALL_ARGS + 2)
struct hawk_abi_syscall {
	__s64 ret;
	__u64 args[HAWK_SYSCALL_ARGS];
};

/* What the collector does with an argument: the KIND column of argtypes.def. */
enum hawk_arg_kind {
	HAWK_ARG_WORD,
	HAWK_ARG_WIDE,
	HAWK_ARG_STR,
	HAWK_ARG_UPATH,
	HAWK_ARG_STRV,
	HAWK_ARG_FIXED,
	HAWK_ARG_SIZED,
	HAWK_ARG_SIZED_OUT,
	HAWK_ARG_RESULT,
	HAWK_ARG_COMMAND,
	HAWK_ARG_CAPDATA,
	HAWK_ARG_IOVEC,
	HAWK_ARG_MSGHDR,
	HAWK_ARG_MMSGHDR,
	HAWK_ARG_FD,
	HAWK_ARG_DIRFD,
};
/* A row of argtypes.def in one word: kind, flags, size. */
#define HAWK_ARG_KIND(spec) ((spec) & 0xff)
#define HAWK_ARG_OUT 0x100U
#define HAWK_ARG_SIZE(spec) ((spec) >> 16)

#if defined(__x86_64__) || defined(__TARGET_ARCH_x86)
#define HAWK_EPOLL_EVENT_BYTES 12 /* packed, include/uapi/linux/eventpoll.h */
#else
#define HAWK_EPOLL_EVENT_BYTES 16
#endif

enum hawk_syscall_how {
	HAWK_HOW_EXIT,
	HAWK_HOW_RARE,
	HAWK_HOW_RETFD,
	HAWK_HOW_EXEC,
	HAWK_HOW_ENTER,
	HAWK_HOW_FORK,
	HAWK_HOW_ENTERFD,
	HAWK_HOW_CWD,
};

/* Bits of hawk_abi_sysrow.facts. */
enum hawk_fact_bit {
#define FACT(group, bit, token) HAWK_FACT_BIT_##bit,
#include "facts.def"
#undef FACT
	HAWK_FACTS,
};
enum hawk_fact {
#define FACT(group, bit, token) HAWK_FACT_##bit = 1 << HAWK_FACT_BIT_##bit,
#include "facts.def"
#undef FACT
};

/* Row of the map hawk_sysrow, indexed by number plus HAWK_SYSCALL_NR_MAX for a 32-bit call; event and facts are 0 when not wanted. */
struct hawk_abi_sysrow {
	__u16 event;
	__u16 facts; /* HAWK_FACT_* */
	__u8 how;
	__u8 nargs;
	__u8 own; /* the event comes from the call's own function, not from sys_exit */
	__u8 any; /* of a native row: this number is wanted, native or compat */
	__u8 keep; /* number and arguments are kept before they are gone: an event of a call like this is wanted */
	__u8 mux;  /* a call that is many: HAWK_MUX_* plus 1 */
	__u16 id;  /* event of this call, wanted or not */
	__u8 check; /* HAWK_CHECK_*; of a native row also those of the 32-bit call, HAWK_CHECK_COMPAT higher */
	__u8 makes; /* HAWK_REC_MAKES or 0 */
	__u8 reserved[2];
	__u32 arg[HAWK_SYSCALL_ARGS]; /* kind, flags and size of each argument */
	__u32 wide;  /* bit per argument that takes two words, and HAWK_WIDE_SWAP */
	__u32 order; /* of a row behind those: where its arguments are, see mux.def; their number where in memory */
};
/* Where a call comes from, and what its stack is. */
#define HAWK_CHECK_SOURCE 1
#define HAWK_CHECK_STACK 2
#define HAWK_CHECK_COMPAT 2 /* bits */
#define HAWK_WIDE_SWAP 0x80 /* arguments 3 and 4 change places */
/* Behind native and 32-bit rows those of mux.def. */
#define HAWK_SYSROW_MUX (2 * HAWK_SYSCALL_NR_MAX)
#define HAWK_MUX_CALLS 32
#define HAWK_MUX_SOCKETCALL 0
#define HAWK_MUX_IPC HAWK_MUX_CALLS
#define HAWK_SYSROWS (HAWK_SYSROW_MUX + 2 * HAWK_MUX_CALLS)

/* The one row of the map hawk_cfg. It is mapped writable by the daemon; programs read it on each event. */
struct hawk_abi_config {
	__u64 seed;           /* of the context fingerprint; random per start */
	__u64 pages;          /* a page's memory is at this plus HAWK_PAGE_SHIFT times the address of its structure; 0: not known */
	__u32 generation;
	__u32 self_tgid;      /* bulk events of this process are not sent; 0: of nobody */
	__u32 wake_bytes;     /* wake the reader when a ring holds this much */
	__u32 sleeping;       /* the reader waits without a timer: wake it at once */
	__u32 argv_max;       /* bytes of argv to collect, at most HAWK_LONG_BYTES */
	__u32 env_max;        /* the same for the environment; 0: what exec_env_wanted() wants */
	__u32 cgroup_v1;      /* 1: cgroup id and path come from the v1 pids controller */
	__u32 packets;        /* HAWK_PKT_*: packets to send */
	__u32 host_mnt_ns;    /* the mount namespace of the host; 0: not known */
	__u32 judging;        /* 0: hawk_filter has no row that says HAWK_FILTER_JUDGE */
	__u32 views;          /* HAWK_VIEW_* */
	__u32 reserved;
};

/* One element of the per-CPU map hawk_counts, indexed by event id. */
struct hawk_abi_counts {
	__u64 seen;     /* the hook ran for it; the programs leave out what was filtered, the daemon adds that */
	__u64 filtered; /* dropped on purpose in the kernel */
	__u64 sent;
	__u64 lost;     /* ring full, no scratch, join evicted, tail call failed */
	__u64 noargs;   /* of those sent: HAWK_REC_NOARGS */
	__u64 stood_in; /* told by the second of two programs: the first was not run for it */
};

/*
 * Values of the private maps of the programs, here since the daemon creates the maps. The first: what was last told
 * of a process, at its pid modulo the number of slots. Two processes in one slot push each other out, which costs a
 * process.context each time and deceives nobody: each word is of one process alone, and is written at once.
 */
#define HAWK_SEEN_SLOTS 65536
struct hawk_abi_seen {
	__u64 fingerprint; /* of the context last sent, and of the start of the process */
	__u64 life;        /* the last fork, exec or end that was told: of the number of execs and the start of the process */
};
#define HAWK_ASKED_SLOTS 8192 /* two processes in one are asked for more often: until the daemon has answered */

struct hawk_abi_exited {
	__u64 start;
	__u32 tgid;
	__u32 reserved;
};

/* The process of a socket. */
struct hawk_abi_owner {
	__u64 start, cgroup;
	__u32 tgid, tid;
	__u32 how; /* HAWK_OWNER_* */
	__u32 reserved;
};

/* Where the stack of a thread was when it began. */
struct hawk_abi_stack {
	__u64 mm; /* address of its memory's description: an exec makes another one */
	__u64 sp;
};

/* FLOW_DIRECTION */
#define HAWK_FLOW_UNKNOWN 0
#define HAWK_FLOW_OUTGOING 1
#define HAWK_FLOW_INCOMING 2

/* A TCP connection that is established. */
struct hawk_abi_flow {
	__u64 begun;
	__u32 direction;
	__u32 reserved;
};

/* Where a socket is: unconnected when the remote end is zero. */
struct hawk_abi_place {
	struct hawk_abi_ip local, remote;
	__u32 netns;
	__u16 local_port, remote_port;
	__u32 protocol;
	__u32 reserved;
};

/* A ClientHello that is longer than its first segment; key: socket cookie with the direction in the top bit. */
struct hawk_abi_more {
	__u32 next; /* sequence number of the next byte */
	__u32 left; /* bytes that are missing */
};
#define HAWK_MORE_BITS 4096

/* Memory of the kernel, as the program was asked to read it. */
struct hawk_abi_peek {
	__u8 bytes[4096];
};

/* Where the kernel has the first page of a file, as the program was asked to find it. */
struct hawk_abi_page {
	__u64 page; /* address of its structure; 0: not in memory */
	__u64 task; /* address of the task that asked: memory of the same kind as that of pages */
	__u64 size; /* of a structure */
};
#define HAWK_PAGE_BYTES 4096
#define HAWK_PAGE_STRUCT 64 /* bytes, where pages can be found */
#define HAWK_PAGE_SHIFT 6   /* one into the other */

struct hawk_abi_sysargs {
	__u64 nr; /* with HAWK_SYSCALL_NR_MAX added for a compat call */
	__u64 args[HAWK_SYSCALL_ARGS];
};

/* Hooks of kernel functions, to tell apart what their kprobes keep. */
enum hawk_hook {
#define OBJECT(name)
#define PROGRAM(program, object, kind, target) HAWK_HOOK_##program,
#include "probes.def"
#undef OBJECT
#undef PROGRAM
};

#define HAWK_HOOK_ARGS 6
struct hawk_abi_join_key {
	__u64 task, hook; /* its address; HAWK_HOOK_<kretprobe program> */
	__u64 frame;      /* stack pointer of the call: functions call themselves, overlayfs those of the files below */
};

struct hawk_abi_join {
	__u64 args[HAWK_HOOK_ARGS];
};

/* What a descriptor was when the call began that makes an end of it. */
#define HAWK_HELD_BYTES 1000
struct hawk_abi_held {
	struct hawk_abi_var var;
	__u8 bytes[HAWK_HELD_BYTES];
};

/*
 * Judging events in the kernel. For each event that policies want the daemon
 * generates programs that say which of its predicates are true: columns, of
 * which the first HAWK_POLICIES_MAX are the policies, and the next one is what
 * signatures want (HAWK_REC_INTEREST). A program of bpf/ calls them at two
 * points.
 */
#define HAWK_COLUMNS 512
#define HAWK_INTEREST_COLUMN HAWK_POLICIES_MAX /* the first bit of a word */
#define HAWK_JUDGE_SCOPE 0 /* what the task is; before anything is collected */
#define HAWK_JUDGE_ARGS 1  /* what the record holds; before it is sent */
#define HAWK_JUDGE_POINTS 2
#define HAWK_JUDGE_EVENTS 64 /* in an array of one program: event ids modulo this */

/* Index in hawk_filter, and in an array of judging programs for EVENTS events. */
#define HAWK_FILTER_ROW(generation, event) (((generation) & 1) * HAWK_EVENT_ID_MAX + (event))
#define HAWK_JUDGE_INDEX(generation, point, events, event) \
	((((generation) & 1) * HAWK_JUDGE_POINTS + (point)) * (events) + (event) % (events))

/* hawk_abi_filter_row.mode */
#define HAWK_FILTER_JUDGE 1U /* programs are there */
#define HAWK_FILTER_ARGS 2U  /* also at the second point */
#define HAWK_FILTER_ALL 4U   /* send also what no policy and no signature wants */
#define HAWK_FILTER_BY_TASK 8U /* the first point may leave the event out, and looks at nothing but HAWK_NEEDS_REMEMBERED */
#define HAWK_FILTER_LATE 16U /* with ARGS: which does not look at the time, so a record gets it when somebody wants it */

/* hawk_abi_filter_row.needs: what of the task is read before the programs run. */
#define HAWK_NEED_CRED 1U   /* ids, capabilities, securebits, loginuid, sessionid */
#define HAWK_NEED_NS 2U     /* inodes of the namespaces */
#define HAWK_NEED_UTS 4U    /* hawk_abi_judge.nodename */
#define HAWK_NEED_PARENT 8U /* parent_start, ppid, ns_pid, ns_ppid */
#define HAWK_NEED_KNOWN 16U /* hawk_abi_judge.known */
#define HAWK_NEED_UID 32U   /* of the ids uid alone, which most scopes are about */
#define HAWK_NEED_COMM 64U  /* hawk_abi_judge.comm */
#define HAWK_NEED_PROCESS 128U /* pid, start, cgroup, exec_id */
/* What makes the word of a task in hawk_unwanted. */
#define HAWK_NEEDS_REMEMBERED (HAWK_NEED_KNOWN | HAWK_NEED_UID | HAWK_NEED_COMM | HAWK_NEED_PROCESS)
#define HAWK_UNWANTED_SLOTS 16384

struct hawk_abi_filter_row {
	__u32 mode;
	__u32 needs;
	__u16 text_at[2]; /* where in the record the struct hawk_abi_var of a PATH is that text[] wants; 0: none */
	__u32 reserved;
};

/* A path root first, as the key of an LPM trie. Its size is the most that one takes: LPM_DATA_SIZE_MAX, kernel/bpf/lpm_trie.c */
#define HAWK_TEXT_BYTES 256
#define HAWK_TEXT_PARTS 64 /* paths of more components are not known */
struct hawk_abi_text {
	__u32 bits; /* the ending NUL included when it fits; 0: not known (cut, unreadable, no path), decides nothing */
	__u8 bytes[HAWK_TEXT_BYTES];
	__u8 over[64]; /* copies may run over */
};

/* A process as what the daemon knows of it is found by; it has no such entry when any of this changed. */
struct hawk_abi_known_key {
	__u64 start, cgroup;
	__u32 tgid, exec_id;
};
/* What the daemon knows: a bit per policy whose conditions on the process alone are true. */
struct hawk_abi_known {
	__u64 pass[HAWK_POLICIES_MAX / 64];
};

/* Between a program and those that judge for it. */
struct hawk_abi_judge {
	__u64 pass[HAWK_COLUMNS / 64]; /* columns that are still true */
	__u32 judged;                  /* bit per point that has run */
	__u32 unknown;                 /* 1: the daemon has not said yet what it knows of the process */
	struct hawk_abi_known_key known;
	struct hawk_abi_task task; /* as far as needs says */
	__u8 comm[HAWK_COMM_LEN];
	__u8 nodename[72]; /* of the uts namespace, zero padded */
	struct hawk_abi_text text[2];
	__u8 key[264]; /* space for the keys of the judging programs */
};

/* The record that is being judged on this CPU. A program that was preempted finds the one of another task. */
struct hawk_abi_now {
	__u64 task; /* its address */
	__u32 slot;
	__u32 reserved;
};

/*
 * Space to build one record. busy makes the slots safe against programs that
 * nest or preempt each other on a CPU. A per-CPU value cannot be larger than
 * 32 KiB (PCPU_MIN_UNIT_SIZE, include/linux/percpu.h).
 */
#define HAWK_SCRATCH_SLOTS 3
struct hawk_abi_scratch {
	__u64 busy;
	__u32 tail; /* offset of the next tail byte in bytes */
	__u32 slot; /* its own index: what programs hand to each other */
	__u64 walk[7]; /* state of the path walk */
	struct hawk_abi_judge judge;
	__u32 mode;        /* of hawk_abi_filter_row; 0: nobody judges this record */
	__u16 text_at[2];  /* of hawk_abi_filter_row */
	__u64 unwanted;    /* for hawk_unwanted, should the first point leave the event out; 0: it is not remembered */
	__u32 unwanted_at; /* where */
	__u32 turn;        /* how often the slot was taken */
	__u32 path_turn;   /* when the path of path_file was put, see share_path() in bpf/lib/file.h */
	__u64 path_file, path_task, path_time;
	__u32 parts;       /* components of the path that was walked last; of the first, where in bytes they are */
	__u16 part[HAWK_TEXT_PARTS];
	__u8 bytes[HAWK_RECORD_MAX + HAWK_CHUNK_BYTES / 2];
};
_Static_assert(sizeof(struct hawk_abi_scratch) <= 32 * 1024, "scratch too large");

#endif
