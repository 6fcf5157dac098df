/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The kernel types and fields that the programs touch, and no others. CO-RE
 * finds the real offsets on the running kernel (preserve_access_index), so
 * order and size here mean nothing. A field that was renamed has a flavour
 * (struct x___since_6_6) with the version that brought it.
 */
#ifndef HAWK_BPF_KERNEL_H
#define HAWK_BPF_KERNEL_H

#define __VMLINUX_H__ /* bpf_tracing.h: registers go by their kernel names */

typedef unsigned char __u8;
typedef unsigned short __u16;
typedef unsigned int __u32;
typedef unsigned long long __u64;
typedef signed char __s8;
typedef short __s16;
typedef int __s32;
typedef long long __s64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u32 __wsum;
typedef _Bool bool;
#define true 1
#define false 0
#define NULL ((void *)0)

/* include/uapi/linux/bpf.h: only what the map definitions and helpers name. */
enum bpf_map_type {
	BPF_MAP_TYPE_HASH = 1,
	BPF_MAP_TYPE_ARRAY = 2,
	BPF_MAP_TYPE_PROG_ARRAY = 3,
	BPF_MAP_TYPE_PERCPU_ARRAY = 6,
	BPF_MAP_TYPE_LRU_HASH = 9,
	BPF_MAP_TYPE_RINGBUF = 27,
};
enum {
	BPF_ANY = 0,
	BPF_NOEXIST = 1,
	BPF_F_MMAPABLE = 1U << 10,
	BPF_RB_NO_WAKEUP = 1ULL << 0,
	BPF_RB_FORCE_WAKEUP = 1ULL << 1,
	BPF_RB_AVAIL_DATA = 0,
};

enum bpf_func_id { BPF_FUNC_task_pt_regs = 175 };

#define CO_RE __attribute__((preserve_access_index))

/*
 * In structures that are read at typed addresses (read.h): a member that no kernel has. Its offset is the id of the
 * type, in the types that the daemon gives libbpf to look into (src/collect/minbtf.c).
 */
#define TYPED char hawk_btf_id;

struct bpf_raw_tracepoint_args {
	__u64 args[0];
};

typedef struct { int counter; } atomic_t;
typedef struct { __s64 counter; } atomic64_t;
typedef struct { __u32 val; } kuid_t;
typedef struct { __u32 val; } kgid_t;

struct ns_common { unsigned int inum; } CO_RE;
#define UTS_NODENAME_BYTES 65 /* __NEW_UTS_LEN and a NUL, include/uapi/linux/utsname.h */
struct new_utsname { char nodename[UTS_NODENAME_BYTES]; } CO_RE;
struct uts_namespace { TYPED struct new_utsname name; struct ns_common ns; } CO_RE;
struct ipc_namespace { TYPED struct ns_common ns; } CO_RE;
struct mnt_namespace { TYPED struct ns_common ns; } CO_RE;
struct pid_namespace { TYPED struct ns_common ns; } CO_RE;
struct net { TYPED struct ns_common ns; } CO_RE;
struct time_namespace { TYPED struct ns_common ns; } CO_RE;
struct cgroup_namespace { TYPED struct ns_common ns; } CO_RE;
struct user_namespace { TYPED struct ns_common ns; } CO_RE;

struct nsproxy { TYPED
	struct uts_namespace *uts_ns;
	struct ipc_namespace *ipc_ns;
	struct mnt_namespace *mnt_ns;
	struct pid_namespace *pid_ns_for_children;
	struct net *net_ns;
	struct time_namespace *time_ns;
	struct time_namespace *time_ns_for_children;
	struct cgroup_namespace *cgroup_ns;
} CO_RE;

struct upid { TYPED
	int nr;
	struct pid_namespace *ns;
} CO_RE;

struct pid { TYPED
	unsigned int level;
	struct upid numbers[1];
} CO_RE;

/* two __u32 before 6.3 (f122a08b197d), one __u64 since; the bytes are the same */
typedef struct { __u64 val; } kernel_cap_t;
struct cred { TYPED
	kuid_t uid;
	kgid_t gid;
	kuid_t suid;
	kgid_t sgid;
	kuid_t euid;
	kgid_t egid;
	kuid_t fsuid;
	kgid_t fsgid;
	unsigned int securebits;
	kernel_cap_t cap_inheritable;
	kernel_cap_t cap_permitted;
	kernel_cap_t cap_effective;
	kernel_cap_t cap_bset;
	kernel_cap_t cap_ambient;
	struct user_namespace *user_ns;
} CO_RE;

struct kernfs_node { TYPED
	const char *name;
	__u64 id;
} CO_RE;
/* renamed in 6.15, commit 633488947ef6 "kernfs: Use RCU to access kernfs_node::parent" */
struct kernfs_node___until_6_14 { TYPED struct kernfs_node *parent; } CO_RE;
struct kernfs_node___since_6_15 { TYPED struct kernfs_node *__parent; } CO_RE;

struct cgroup_root { int hierarchy_id; } CO_RE;
struct cgroup { TYPED
	struct kernfs_node *kn;
	struct cgroup_root *root;
} CO_RE;
struct cgroup_subsys_state { TYPED struct cgroup *cgroup; } CO_RE;
enum cgroup_subsys_id { pids_cgrp_id = 11 };
struct css_set {
	struct cgroup_subsys_state *subsys[16];
	struct cgroup *dfl_cgrp;
} CO_RE;

struct qstr {
	__u32 hash;
	__u32 len;
	const unsigned char *name;
} CO_RE;
struct hlist_bl_node { struct hlist_bl_node **pprev; } CO_RE;
struct hlist_node { struct hlist_node *next; } CO_RE;
struct hlist_head { struct hlist_node *first; } CO_RE;
struct dentry { TYPED
	struct hlist_bl_node d_hash;
	struct dentry *d_parent;
	struct qstr d_name;
	struct inode *d_inode;
	struct super_block *d_sb;
} CO_RE;
/* where short names are; 40 bytes on machines of 64 bits */
struct dentry___since_6_14 { TYPED union { unsigned char string[40]; } d_shortname; } CO_RE;
/* the union lost its name in 7.x */
struct dentry___until_6_18 { union { struct hlist_node d_alias; } d_u; } CO_RE;
struct dentry___since_7_0 { struct hlist_node d_alias; } CO_RE;
struct vfsmount { TYPED
	int mnt_flags;
	struct dentry *mnt_root;
	struct super_block *mnt_sb;
} CO_RE;
struct list_head { TYPED struct list_head *next; } CO_RE;
struct mount { TYPED
	struct mount *mnt_parent;
	struct dentry *mnt_mountpoint;
	struct vfsmount mnt;
	struct mnt_namespace *mnt_ns;
} CO_RE;
/* the mounts of a file system: a list of two directions until 6.17, then of one */
struct mount___until_6_17 { TYPED struct list_head mnt_instance; } CO_RE;
struct mount___since_6_18 { TYPED struct mount *mnt_next_for_sb; } CO_RE;
struct path { TYPED
	struct vfsmount *mnt;
	struct dentry *dentry;
} CO_RE;

struct file_system_type { const char *name; } CO_RE;
struct super_block { TYPED
	__u32 s_dev;
	unsigned long s_magic;
	struct file_system_type *s_type;
	struct dentry *s_root;
} CO_RE;
struct super_block___until_6_17 { TYPED struct list_head s_mounts; } CO_RE;
struct super_block___since_6_18 { TYPED struct mount *s_mounts; } CO_RE;
struct timespec64 {
	__s64 tv_sec;
	long tv_nsec;
} CO_RE;
struct xarray { void *xa_head; } CO_RE;
struct xa_node { void *slots[1]; } CO_RE;
struct address_space { struct xarray i_pages; } CO_RE;
struct page { unsigned long flags; } CO_RE;
struct inode { TYPED
	struct address_space *i_mapping;
	unsigned short i_mode;
	kuid_t i_uid;
	kgid_t i_gid;
	struct super_block *i_sb;
	unsigned long i_ino;
	unsigned int i_nlink;
	struct hlist_head i_dentry;
} CO_RE;
/* inode times: struct until 6.5, "__i_ctime" in 6.6 to 6.10 (13bc24457850), seconds and nanoseconds since 6.11 (3aa63a569c64) */
struct inode___until_6_5 { TYPED struct timespec64 i_ctime, i_mtime, i_atime; } CO_RE;
struct inode___since_6_6 { TYPED struct timespec64 __i_ctime; } CO_RE;
struct inode___since_6_7 { TYPED struct timespec64 __i_mtime, __i_atime; } CO_RE;
struct inode___since_6_11 { TYPED
	__s64 i_ctime_sec, i_mtime_sec, i_atime_sec;
	__u32 i_ctime_nsec, i_mtime_nsec, i_atime_nsec;
} CO_RE;

struct file { TYPED
	struct path f_path;
	struct inode *f_inode;
	unsigned int f_flags;
	unsigned int f_mode;
	__s64 f_pos;
	void *private_data;
} CO_RE;
struct kiocb { TYPED struct file *ki_filp; } CO_RE;
struct iovec { /* include/uapi/linux/uio.h */
	void *iov_base;
	__u64 iov_len;
};
struct pipe_buffer { TYPED unsigned int offset, len, flags; } CO_RE;
struct pipe_inode_info { TYPED
	unsigned int head, ring_size;
	struct pipe_buffer *bufs;
} CO_RE;
struct io_cqe { __u64 user_data; } CO_RE;
struct io_kiocb { TYPED
	__u8 opcode;
	unsigned int flags;
	struct io_cqe cqe;
} CO_RE;
struct filename { TYPED const char *name; } CO_RE;
/* What an operation is about stands at the beginning of its io_kiocb. */
struct io_statx { TYPED
	int dfd;
	struct filename *filename;
} CO_RE;
struct delayed_filename { struct filename *__incomplete_filename; } CO_RE;
struct io_statx___since_7_0 { TYPED struct delayed_filename filename; } CO_RE;
struct io_kiocb___until_5_18 { TYPED __u64 user_data; } CO_RE;
/* came with 5.17, and with 5.10.162 */
struct trace_event_raw_io_uring_submit_sqe { void *req; } CO_RE;
struct fdtable { TYPED
	unsigned int max_fds;
	struct file **fd;
} CO_RE;
struct files_struct { struct fdtable *fdt; } CO_RE;
struct fs_struct { TYPED struct path root, pwd; } CO_RE;

struct tty_struct { char name[64]; } CO_RE;
struct rlimit { unsigned long rlim_cur, rlim_max; };
struct signal_struct { TYPED
	atomic_t live;
	unsigned int flags;
	int group_exit_code;
	int nr_threads;
	__u64 utime, stime;
	__u64 sum_sched_runtime;
	struct tty_struct *tty;
} CO_RE;
struct sigset { unsigned long sig; };
struct sigaction {
	void *sa_handler;
	unsigned long sa_flags;
	struct sigset sa_mask;
} CO_RE;
struct k_sigaction { TYPED struct sigaction sa; } CO_RE;
struct sighand_struct { struct k_sigaction action[64]; } CO_RE;
struct kernel_siginfo { TYPED
	int si_signo;
	int si_code;
} CO_RE;
struct vm_area_struct { TYPED
	unsigned long vm_start, vm_end, vm_flags;
	struct file *vm_file;
	const void *vm_ops;
} CO_RE;
/* mappings were in a tree of this kind until 6.0 (524e00b36e8c) */
struct rb_node { TYPED struct rb_node *rb_right, *rb_left; } CO_RE;
struct rb_root { struct rb_node *rb_node; } CO_RE;
struct vm_area_struct___until_6_0 { struct rb_node vm_rb; } CO_RE;
struct mm_struct___until_6_0 { TYPED struct rb_root mm_rb; } CO_RE;
struct proc_inode { TYPED
	struct pid *pid;
	struct inode vfs_inode;
} CO_RE;
struct mm_struct { TYPED
	unsigned long start_code, start_brk, brk, start_stack, arg_start, arg_end, env_start, env_end;
	struct file *exe_file;
	unsigned long saved_auxv[1];
} CO_RE;

/* came with 6.16, with a second argument of the tracepoint that says the same */
struct trace_event_raw_sched_process_exit { bool group_dead; } CO_RE;
struct trace_event_raw_sched_process_fork { __s32 child_pid; } CO_RE;
struct trace_event_raw_sched_process_exec {
	__u32 __data_loc_filename;
	__s32 old_pid;
} CO_RE;

/* where a thread goes on: on x86 with what was kept when another one took its place, and its registers behind that */
#if defined(__TARGET_ARCH_x86)
struct thread_struct { unsigned long sp; } CO_RE;
#elif defined(__TARGET_ARCH_arm64)
struct cpu_context { unsigned long sp; } CO_RE;
struct thread_struct { struct cpu_context cpu_context; } CO_RE;
#endif

struct thread_info {
	unsigned long flags;
	__u32 status;
} CO_RE;
struct task_struct { TYPED
	struct thread_info thread_info;
	void *stack;
	unsigned int flags;
	int pid;
	int tgid;
	int exit_code;
	struct task_struct *real_parent;
	struct task_struct *group_leader;
	struct pid *thread_pid;
	__u64 utime, stime;
	__u64 start_boottime;
	__u64 self_exec_id;
	struct cred *real_cred;
	char comm[16];
	struct fs_struct *fs;
	struct files_struct *files;
	struct nsproxy *nsproxy;
	struct signal_struct *signal;
	struct sighand_struct *sighand;
	struct mm_struct *mm;
	struct css_set *cgroups;
	kuid_t loginuid;
	unsigned int sessionid;
	unsigned long sas_ss_sp, sas_ss_size;
	struct thread_struct thread;
} CO_RE;

struct linux_binprm { TYPED
	struct file *file;
	const char *filename;
	const char *interp;
	unsigned int secureexec : 1, point_of_no_return : 1;
} CO_RE;

struct in6_addr { __u8 s6_addr[16]; };
typedef struct { struct net *net; } possible_net_t;
struct sock_common {
	possible_net_t skc_net;
	unsigned long skc_flags;
	unsigned short skc_family;
	unsigned char skc_state;
	__be32 skc_daddr;
	__be32 skc_rcv_saddr;
	__be16 skc_dport;
	__u16 skc_num;
	struct in6_addr skc_v6_daddr;
	struct in6_addr skc_v6_rcv_saddr;
	atomic64_t skc_cookie;
} CO_RE;
typedef struct { int owned; } CO_RE socket_lock_t;
struct sock { TYPED
	struct sock_common __sk_common;
	socket_lock_t sk_lock;
	__u16 sk_type;
	__u16 sk_protocol;
} CO_RE;
struct sockaddr_un {
	unsigned short sun_family;
	char sun_path[108];
};
struct unix_address { TYPED
	int len; /* of name, with its family */
	struct sockaddr_un name[0];
} CO_RE;
struct unix_sock { TYPED
	struct unix_address *addr;
	struct sock *peer;
} CO_RE;
struct socket { TYPED struct sock *sk; } CO_RE;
struct msghdr { TYPED
	void *msg_name;
	int msg_namelen;
} CO_RE;
/* came with 6.10 (92ef0fd55ac8), when inet_csk_accept lost two arguments */
struct proto_accept_arg { int flags; } CO_RE;

/*
 * Contexts of cgroup programs (include/uapi/linux/bpf.h): their layout is an
 * interface and stays, so there is nothing to relocate. Cut where we stop reading.
 */
struct bpf_sock {
	__u32 bound_dev_if, family, type, protocol, mark, priority;
	__u32 src_ip4; /* network byte order */
	__u32 src_ip6[4];
	__u32 src_port; /* host byte order */
};
struct bpf_sock_addr {
	__u32 user_family, user_ip4, user_ip6[4], user_port;
	__u32 family, type, protocol;
};
struct __sk_buff {
	__u32 len, pkt_type, mark, queue_mapping;
	__u32 protocol; /* network byte order */
	__u32 vlan_present, vlan_tci, vlan_proto, priority;
	__u32 ingress_ifindex, ifindex, tc_index, cb[5], hash, tc_classid;
	__u32 data, data_end, napi_id;
	__u32 family, remote_ip4, local_ip4, remote_ip6[4], local_ip6[4], remote_port, local_port;
	__u32 data_meta;
	__u64 flow_keys, tstamp;
	__u32 wire_len, gso_segs;
	struct bpf_sock *sk;
};
_Static_assert(sizeof(struct __sk_buff) == 176, "offsets of __sk_buff");

struct inet_sock { TYPED __be16 inet_sport; } CO_RE;
struct tcp_sock { TYPED
	__u32 segs_in, segs_out;
	__u64 bytes_received, bytes_sent, bytes_retrans;
} CO_RE;

struct seq_file;
struct bpf_iter_meta { struct seq_file *seq; } CO_RE;
struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
} CO_RE;

struct bpf_iter__task_file {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
	__u32 fd;
	struct file *file;
} CO_RE;

#if defined(__TARGET_ARCH_x86)
/* Both spellings of the registers exist in the uapi and in the kernel; BTF has these. */
struct pt_regs { TYPED
	unsigned long r10, r9, r8, ax, cx, dx, si, di, orig_ax, bp, bx, ip, sp;
} CO_RE;
#elif defined(__TARGET_ARCH_arm64)
struct user_pt_regs { TYPED __u64 regs[31], sp; } CO_RE;
struct pt_regs { TYPED
	__u64 regs[31];
	__u64 sp, pc;
	__u64 orig_x0;
	__s32 syscallno;
} CO_RE;
#endif

#if defined(__TARGET_ARCH_x86)
struct fork_frame { struct pt_regs regs; } CO_RE; /* arch/x86/include/asm/switch_to.h */
#endif

struct module { TYPED
	char name[56];
	const char *version, *srcversion;
	unsigned long taints;
} CO_RE;
struct bpf_prog_aux { TYPED
	atomic64_t refcnt;
	__u32 id;
	const char *attach_func_name;
	char name[16];
} CO_RE;
/* fields of an enum are found only as such */
enum bpf_prog_type { BPF_PROG_TYPE_UNSPEC };
enum bpf_attach_type { BPF_CGROUP_INET_INGRESS };
enum bpf_link_type { BPF_LINK_TYPE_UNSPEC };
struct bpf_prog { TYPED
	enum bpf_prog_type type;
	enum bpf_attach_type expected_attach_type;
	__u8 tag[8];
	struct bpf_prog_aux *aux;
} CO_RE;
struct bpf_map { TYPED
	enum bpf_map_type map_type;
	__u32 id;
	char name[16];
} CO_RE;
struct bpf_link { TYPED
	enum bpf_link_type type;
	struct bpf_prog *prog;
} CO_RE;
struct tracepoint { TYPED const char *name; } CO_RE;
struct trace_event_call { TYPED
	/* or struct tracepoint *tp, in a union */
	char *name;
} CO_RE;
struct perf_event_attr {
	__u32 type;
	__u64 config;
} CO_RE;
struct hw_perf_event { struct task_struct *target; } CO_RE;
struct perf_event { TYPED
	struct perf_event_attr attr;
	struct hw_perf_event hw;
	int cpu;
	struct trace_event_call *tp_event;
} CO_RE;
struct kprobe { TYPED
	void *addr;
	const char *symbol_name;
	unsigned int offset;
	void *pre_handler, *post_handler;
} CO_RE;
struct uprobe_consumer { TYPED void *handler, *ret_handler; } CO_RE;
struct kobject { const char *name; } CO_RE;
struct device { TYPED
	struct kobject kobj;
	struct device *parent;
	const char *init_name;
	__u32 devt;
} CO_RE;
struct subprocess_info { TYPED
	const char *path;
	char **argv, **envp;
} CO_RE;
struct kernfs_open_file { TYPED struct file *file; } CO_RE;
enum iter_type { ITER_IOVEC, ITER_UBUF };
struct iov_iter { TYPED
	__u8 iter_type; /* since 5.14 (8cd54c1c8480) */
	unsigned long iov_offset, count;
	void *ubuf;     /* since 6.0 (fcb14cb1bdac) */
} CO_RE;
struct iov_iter___until_5_13 { TYPED unsigned int type; } CO_RE;
/* renamed in 6.4, commit de4f5fed3f23 "iov_iter: add iter_iovec() helper" */
struct iov_iter___until_6_3 { TYPED const struct iovec *iov; } CO_RE;
struct iov_iter___since_6_4 { TYPED const struct iovec *__iov; } CO_RE;
struct key_type { const char *name; } CO_RE;
struct key { TYPED
	int serial;
	kuid_t uid;
	kgid_t gid;
	__u32 perm;
	struct key_type *type;
	char *description;
} CO_RE;
struct timezone { int tz_minuteswest, tz_dsttime; };
struct __kernel_timex { TYPED
	unsigned int modes;
	long long offset, freq;
	int status;
	long long tick;
} CO_RE;

/* Constants of kernel and uapi headers. */
#define PF_KTHREAD 0x00200000         /* include/linux/sched.h */
#define SIGNAL_GROUP_EXIT 0x00000004  /* include/linux/sched/signal.h */
#define S_IFMT 00170000
#define S_IFSOCK 0140000
#define S_IFREG 0100000
#define S_IFIFO 0010000
#define S_ISUID 0004000
#define S_ISGID 0002000
#define FMODE_WRITE 2                 /* include/linux/fs.h */
#define PIPE_BUF_FLAG_CAN_MERGE 0x10  /* include/linux/pipe_fs_i.h */
#define TMPFS_MAGIC 0x01021994        /* include/uapi/linux/magic.h */
#define HUGETLBFS_MAGIC 0x958458f6
#define OVERLAYFS_SUPER_MAGIC 0x794c7630
#define AT_NULL 0                     /* include/uapi/linux/auxvec.h */
#define AT_SECURE 23
#define AF_UNIX 1
#define AF_INET 2
#define AF_INET6 10
#define IPPROTO_ICMP 1
#define IPPROTO_TCP 6
#define IPPROTO_UDP 17
#define IPPROTO_ICMPV6 58
#define ETH_P_IP 0x0800             /* include/uapi/linux/if_ether.h */
#define ETH_P_IPV6 0x86dd
#define AT_FDCWD (-100)              /* include/uapi/linux/fcntl.h */
#define EINPROGRESS 115
#define ECONNREFUSED 111
#define ETIMEDOUT 110
#define EHOSTUNREACH 113
#define ENETUNREACH 101
#define ERESTARTSYS 512
#define TS_COMPAT 0x0002              /* arch/x86/include/asm/thread_info.h */
#define TIF_32BIT 22                  /* arch/arm64/include/asm/thread_info.h */

#endif
