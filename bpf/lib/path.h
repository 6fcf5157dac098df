/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A file's path as the current process sees it. */
#ifndef HAWK_BPF_PATH_H
#define HAWK_BPF_PATH_H

/*
 * The walk goes in strides: the verifier checks the stride once, as a global
 * function, and not each of the 512 components (90,000 instructions and 40 ms
 * per program, where now it is a tenth).
 */
#define WALK_STRIDE 8
#define WALK_STRIDES 64
#define WALK_ON (-1) /* a stride ended, the path did not */
#define PATH_WALK_MAX (HAWK_PATH_BYTES - 256)

/* d_parent and d_name lie together on all kernels so far (checked below): read as one. */
struct dentry_link {
	__u64 parent;
	__u32 hash;
	__u32 len;
	__u64 name;
};

enum { WALK_DENTRY, WALK_MNT, WALK_MNT_ROOT, WALK_ROOT_DENTRY, WALK_ROOT_MNT, WALK_FROM, WALK_MAX };

static __always_inline int read_link(struct dentry_link *l, struct dentry *d)
{
	if (!CAN_CAST && bpf_core_field_offset(d->d_name) == bpf_core_field_offset(d->d_parent) + 8)
		return bpf_probe_read_kernel(l, sizeof(*l), &d->d_parent);
	l->parent = (__u64)BPF_CORE_READ(d, d_parent);
	l->len = BPF_CORE_READ(d, d_name.len);
	l->name = (__u64)BPF_CORE_READ(d, d_name.name);
	return 0;
}

#define SHORT_NAME 32

/* Copies SHORT_NAME bytes of the name that lies in the dentry itself; false when it lies elsewhere. */
static __always_inline bool copy_short(__u64 *to, __u64 name, struct dentry *d)
{
	struct dentry___since_6_14 *new = (void *)d;
	const __u64 *from;

	if (!CAN_CAST || !bpf_core_field_exists(new->d_shortname) ||
	    name != (__u64)d + bpf_core_field_offset(new->d_shortname))
		return false;
	from = (const __u64 *)&CAST(new)->d_shortname;
	for (int i = 0; i < SHORT_NAME / 8; i++)
		to[i] = from[i];
	return true;
}

/* Where the components of a path begin, for who turns it round. */
static __always_inline void note_part(struct hawk_abi_scratch *s, __u32 at)
{
	__u32 i = s->parts;

	if (i < HAWK_TEXT_PARTS)
		s->part[i] = (__u16)at;
	s->parts = i + 1;
}

/* What a short name is copied with beyond its end is overwritten by what comes next, or not sent. */
static __always_inline bool put_component(struct hawk_abi_scratch *s, const struct dentry_link *l, struct dentry *d)
{
	__u32 at = s->tail;
	__u64 len = l->len;

	if (at > HAWK_RECORD_MAX - HAWK_CHUNK_BYTES)
		return false;
	len &= 0xff; /* NAME_MAX */
	if ((len > SHORT_NAME || !copy_short((__u64 *)(s->bytes + at), l->name, d)) &&
	    bpf_probe_read_kernel(s->bytes + at, len, (void *)l->name))
		return false;
	s->bytes[at + len] = 0;
	s->tail = at + len + 1;
	if (s->text_at[0])
		note_part(s, at);
	return true;
}

static __always_inline void enter_mount(struct hawk_abi_scratch *s, struct vfsmount *mnt)
{
	s->walk[WALK_MNT] = (__u64)mnt;
	s->walk[WALK_MNT_ROOT] = (__u64)BPF_CORE_READ(mnt, mnt_root);
}

/* Moves the walk from the root of a mount to the place it is mounted on; false when it is mounted nowhere. */
static __always_inline bool cross_mount(struct hawk_abi_scratch *s)
{
	/* the walk's words are read before BPF_CORE_READ, which relocates all that stands in it */
	struct mount *m = (void *)(s->walk[WALK_MNT] - bpf_core_field_offset(struct mount, mnt));
	struct mount *parent = BPF_CORE_READ(m, mnt_parent);

	if (parent == m)
		return false;
	s->walk[WALK_DENTRY] = (__u64)BPF_CORE_READ(m, mnt_mountpoint);
	enter_mount(s, (void *)((__u64)parent + bpf_core_field_offset(struct mount, mnt)));
	return true;
}

/* Is DENTRY below ROOT, or ROOT itself? Both of one file system. */
SHARED int dentry_below(__u64 dentry, __u64 root)
{
	for (int i = 0; i < 128; i++) {
		__u64 parent;

		if (dentry == root)
			return 1;
		parent = (__u64)BPF_CORE_READ((struct dentry *)dentry, d_parent);
		if (parent == dentry)
			return 0;
		dentry = parent;
	}
	return 0;
}

static __always_inline __u32 mount_ns(struct mount *m)
{
	return BPF_CORE_READ(m, mnt_ns, ns.inum);
}

#define MOUNTS_MAX 64

static __always_inline bool mount_shows(struct mount *m, __u64 dentry, __u32 inum)
{
	return mount_ns(m) == inum && dentry_below(dentry, (__u64)BPF_CORE_READ(m, mnt.mnt_root));
}

static __always_inline struct mount *find_in_list(struct super_block *sb, __u64 dentry, __u32 inum)
{
	struct mount *m = BPF_CORE_READ((struct super_block___since_6_18 *)sb, s_mounts);

	for (int i = 0; i < MOUNTS_MAX && m; i++) {
		if (mount_shows(m, dentry, inum))
			return m;
		m = BPF_CORE_READ((struct mount___since_6_18 *)m, mnt_next_for_sb);
	}
	return NULL;
}

static __always_inline struct mount *find_in_ring(struct super_block *sb, __u64 dentry, __u32 inum)
{
	const __u32 at = bpf_core_field_offset(struct mount___until_6_17, mnt_instance);
	__u64 end = (__u64)sb + bpf_core_field_offset(struct super_block___until_6_17, s_mounts);
	__u64 next = (__u64)BPF_CORE_READ((struct super_block___until_6_17 *)sb, s_mounts.next);

	for (int i = 0; i < MOUNTS_MAX && next && next != end; i++) {
		struct mount *m = (void *)(next - at);

		if (mount_shows(m, dentry, inum))
			return m;
		next = (__u64)BPF_CORE_READ((struct mount___until_6_17 *)m, mnt_instance.next);
	}
	return NULL;
}

/* Finds a mount that shows DENTRY in the mount namespace INUM: walk[WALK_MNT], 0 when there is none. */
SHARED int find_mount(__u32 slot, __u64 dentry, __u32 inum)
{
	struct super_block *sb = BPF_CORE_READ((struct dentry *)dentry, d_sb);
	struct hawk_abi_scratch *s = scratch_of(slot);
	struct mount *m;

	if (!s)
		return 0;
	/* a loop for each: offsets that a kernel lacks, and the compiler moves out of loops, must not be reached */
	if (bpf_core_field_exists(struct mount___since_6_18, mnt_next_for_sb))
		m = find_in_list(sb, dentry, inum);
	else
		m = find_in_ring(sb, dentry, inum);
	s->walk[WALK_MNT] = m ? (__u64)m + bpf_core_field_offset(struct mount, mnt) : 0;
	return !!m;
}

/* Where a walk ends that has no root to stop at: with the namespace, which is then the host's. */
#define WALK_TO_THE_TOP 1

/*
 * Makes the walk of (DENTRY, MNT) one in the mount namespace INUM, the host's.
 * Returns HAWK_PATH_UNREACHABLE when that does not show the file: the walk is
 * then the process's.
 */
static __always_inline int walk_on_host(__u32 slot, __u64 dentry, __u64 mnt, __u32 inum)
{
	struct hawk_abi_scratch *s = scratch_of(slot);

	if (!s)
		return 0;
	if (mount_ns((void *)(mnt - bpf_core_field_offset(struct mount, mnt))) != inum) {
		if (!find_mount(slot, dentry, inum)) {
			s->walk[WALK_MNT] = mnt;
			return HAWK_PATH_UNREACHABLE;
		}
		enter_mount(s, (void *)s->walk[WALK_MNT]);
	}
	s->walk[WALK_ROOT_DENTRY] = 0;
	s->walk[WALK_ROOT_MNT] = WALK_TO_THE_TOP;
	return 0;
}

/* One stride of the walk. Returns WALK_ON, or HAWK_PATH_* bits at the end of the path. */
SHARED int walk_stride(__u32 slot)
{
	struct hawk_abi_scratch *s = scratch_of(slot);
	struct dentry_link link;

	if (!s)
		return HAWK_PATH_ABSENT;
	for (int i = 0; i < WALK_STRIDE; i++) {
		struct dentry *d = (void *)s->walk[WALK_DENTRY];
		__u32 from = (__u32)s->walk[WALK_FROM];

		if ((__u64)d == s->walk[WALK_ROOT_DENTRY] && s->walk[WALK_MNT] == s->walk[WALK_ROOT_MNT])
			return 0;
		if ((__u64)d == s->walk[WALK_MNT_ROOT]) {
			if (!s->walk[WALK_MNT] || !cross_mount(s))
				return s->walk[WALK_ROOT_MNT] == WALK_TO_THE_TOP ? 0 : HAWK_PATH_UNREACHABLE;
			continue;
		}
		if (read_link(&link, d))
			return HAWK_PATH_UNREADABLE;
		if (s->tail - from > (__u32)s->walk[WALK_MAX] || !put_component(s, &link, d))
			return HAWK_PATH_TRUNCATED;
		if (link.parent == (__u64)d)
			return s->tail - from == (link.len & 0xff) + 1 ? HAWK_PATH_PSEUDO : HAWK_PATH_UNREACHABLE;
		s->walk[WALK_DENTRY] = link.parent;
	}
	return WALK_ON;
}

/* Walks up from walk[] and appends the components. Returns HAWK_PATH_* bits. */
SHARED int walk_up(__u32 slot)
{
	struct hawk_abi_scratch *s = scratch_of(slot);

	if (!s)
		return HAWK_PATH_ABSENT;
	s->parts = 0;
	for (int i = 0; i < WALK_STRIDES; i++) {
		int end = walk_stride(slot);

		if (end != WALK_ON)
			return end;
	}
	return HAWK_PATH_TRUNCATED;
}

#define TEXT_COPY 32 /* bytes at a time; there is room for it behind a text */

/* A product of an index would be without bounds for the verifier of 5.10. */
static __always_inline struct hawk_abi_text *text_of(struct hawk_abi_scratch *s, __u32 which)
{
	__u64 at = which ? offsetof(struct hawk_abi_judge, text[1]) : offsetof(struct hawk_abi_judge, text[0]);

	barrier_var(at);
	return at < sizeof(s->judge) - sizeof(struct hawk_abi_text) ? (void *)&s->judge + at : &s->judge.text[0];
}

/* Copies a component of LEN bytes, AT in the text. A function, or the verifier would follow every way through all of them. */
SHARED int text_part(__u32 slot, __u32 which, __u32 at, __u32 from, __u32 len)
{
	struct hawk_abi_scratch *s = scratch_of(slot);
	struct hawk_abi_text *t;

	if (!s)
		return 0;
	t = text_of(s, which);
	for (__u32 done = 0; done < HAWK_TEXT_BYTES && done < len; done += TEXT_COPY) {
		__u32 to = at + done, of = from + done;

		barrier_var(to);
		barrier_var(of);
		if (to > HAWK_TEXT_BYTES || of > HAWK_RECORD_MAX)
			break;
		for (__u32 i = 0; i < TEXT_COPY; i += 8)
			*(__u64 *)(t->bytes + to + i) = *(__u64 *)(s->bytes + of + i);
	}
	return 0;
}

/*
 * The I-th component from the root, to the end of text WHICH: so far .bits counts
 * its bytes. Returns 1 when there is no more, or no room. A function, and nothing
 * in registers from one to the next: the verifier before 6.3 would follow every
 * way through all of them.
 */
SHARED int text_next(__u32 slot, __u32 which, __u32 i, __u32 end)
{
	struct hawk_abi_scratch *s = scratch_of(slot);
	__u32 at, n, part, next, from, len;
	struct hawk_abi_text *t;

	if (!s)
		return 1;
	t = text_of(s, which);
	at = t->bits;
	n = s->parts;
	part = n - 1 - i;
	next = part + 1;
	barrier_var(at);
	if (i >= n || part >= HAWK_TEXT_PARTS || at >= HAWK_TEXT_BYTES)
		return 1;
	from = s->part[part];
	if (next < n && next < HAWK_TEXT_PARTS)
		end = s->part[next];
	len = (end - from - 1) & 0xff;
	t->bytes[at] = '/';
	text_part(slot, which, at + 1, from, len);
	t->bits = at + 1 + len;
	return 0;
}

/*
 * The path that was walked last, root first, as text WHICH. END: where it ends.
 * A component that is copied runs over into where the next one goes, so they are
 * taken in the order of the text.
 */
SHARED int text_turn(__u32 slot, __u32 which, __u32 end)
{
	struct hawk_abi_scratch *s = scratch_of(slot);
	struct hawk_abi_text *t;
	__u32 at;

	if (!s || s->parts > HAWK_TEXT_PARTS)
		return 0;
	t = text_of(s, which);
	t->bits = 0;
	for (__u32 i = 0; i < HAWK_TEXT_PARTS; i++)
		if (text_next(slot, which, i, end))
			break;
	at = t->bits;
	if (!s->parts) {
		t->bytes[0] = '/';
		at = 1;
	}
	barrier_var(at);
	if (at < HAWK_TEXT_BYTES)
		t->bytes[at++] = 0;
	else
		at = HAWK_TEXT_BYTES;
	t->bits = at * 8;
	return 0;
}

/* A path was put, V; the judging programs may want it the other way round. A walk that ended early has no begin. */
static __always_inline void path_text(struct hawk_abi_scratch *s, const struct hawk_abi_var *v)
{
	__u32 at;

	if (!s->text_at[0] || v->info & ~(HAWK_PATH_DELETED | HAWK_PATH_UNREACHABLE | HAWK_PATH_ANY_MOUNT))
		return;
	at = (__u32)((__u64)v - (__u64)s->bytes);
	if (at == s->text_at[0])
		text_turn(s->slot, 0, s->tail);
	else if (at == s->text_at[1])
		text_turn(s->slot, 1, s->tail);
}

/* Behind the name of a file without a directory tree: what the kernel would show is made of it. */
static __always_inline void put_pseudo(struct hawk_abi_scratch *s, struct dentry *dentry)
{
	struct inode *inode = BPF_CORE_READ(dentry, d_inode);
	struct hawk_abi_pseudo *p;
	__u32 at;

	if (!tail_at(s, &at))
		return;
	p = (void *)(s->bytes + at);
	p->inode = BPF_CORE_READ(inode, i_ino);
	p->magic = BPF_CORE_READ(inode, i_sb, s_magic);
	s->tail = at + sizeof(*p);
}

/*
 * Begins a walk from (DENTRY, MNT) to the root of TASK: at most MAX bytes and
 * one component. A function, for what it reads lies on the stack, of which
 * programs on kernels before 6.12 have 512 bytes with all that they call.
 */
SHARED int walk_from(__u32 slot, __u64 dentry, __u64 mnt, __u64 task, __u32 max)
{
	struct fs_struct *fs = BPF_CORE_READ((struct task_struct *)task, fs);
	struct hawk_abi_scratch *s = scratch_of(slot);

	if (!s)
		return 0;
	s->walk[WALK_DENTRY] = dentry;
	s->walk[WALK_FROM] = s->tail;
	s->walk[WALK_MAX] = max;
	enter_mount(s, (void *)mnt);
	if (!mnt) /* the file system's own tree */
		s->walk[WALK_MNT_ROOT] = (__u64)BPF_CORE_READ((struct dentry *)dentry, d_sb, s_root);
	s->walk[WALK_ROOT_DENTRY] = s->walk[WALK_ROOT_MNT] = 0;
	if (fs) {
		s->walk[WALK_ROOT_MNT] = (__u64)BPF_CORE_READ(fs, root.mnt);
		s->walk[WALK_ROOT_DENTRY] = (__u64)BPF_CORE_READ(fs, root.dentry);
	}
	return 0;
}

#define STACKED_ROOTS 4 /* file systems mounted on each other's root: the initial one, that of the initrd, … */

/*
 * Is a file on MNT, as TASK sees it, the same to the mount namespace INUM? So
 * when the root of TASK is the root of the namespace.
 */
SHARED int same_view(__u64 mnt, __u64 task, __u32 inum)
{
	struct fs_struct *fs = BPF_CORE_READ((struct task_struct *)task, fs);
	struct mount *m = (void *)(mnt - bpf_core_field_offset(struct mount, mnt));
	__u64 dentry;

	if (!fs || !mnt)
		return 1;
	if (mount_ns(m) != inum)
		return 0;
	dentry = (__u64)BPF_CORE_READ(fs, root.dentry);
	m = (void *)((__u64)BPF_CORE_READ(fs, root.mnt) - bpf_core_field_offset(struct mount, mnt));
	if (mount_ns(m) != inum)
		return 0;
	for (int i = 0; i < STACKED_ROOTS; i++) {
		struct mount *parent = BPF_CORE_READ(m, mnt_parent);

		if (dentry != (__u64)BPF_CORE_READ(m, mnt.mnt_root))
			return 0;
		if (parent == m)
			return 1;
		dentry = (__u64)BPF_CORE_READ(m, mnt_mountpoint);
		m = parent;
	}
	return 0;
}

/*
 * Appends the path of (DENTRY, MNT) in the view that V, which has the other one,
 * does not show; nothing when that is the same.
 */
static __always_inline void put_other_view(struct hawk_abi_scratch *s, struct hawk_abi_var *v, __u64 dentry, __u64 mnt,
					   __u64 task, __u32 max)
{
	struct hawk_abi_config *cfg = config();
	__u32 bits, room = HAWK_RECORD_MAX / 2; /* the rest is for what has no other form */

	if (!cfg || !cfg->host_mnt_ns || same_view(mnt, task, cfg->host_mnt_ns))
		return;
	if (!(cfg->views & HAWK_VIEW_BOTH)) /* the arguments of a program come behind its paths */
		room = HAWK_RECORD_MAX / 4;
	if (max < PATH_WALK_MAX)
		max = v->len < max ? max - v->len : 0;
	if (s->tail > room || !max) {
		v->info |= HAWK_PATH_OTHER(v->len, HAWK_PATH_TRUNCATED);
		return;
	}
	walk_from(s->slot, dentry, mnt, task, max);
	bits = cfg->views & HAWK_VIEW_HOST ? 0 : walk_on_host(s->slot, dentry, mnt, cfg->host_mnt_ns);
	if (!bits)
		bits = walk_up(s->slot) & 0xff;
	v->info |= HAWK_PATH_OTHER(v->len, bits);
	v->len += s->tail - (__u32)s->walk[WALK_FROM];
}

#define VAR_AT(s, v) ((__u32)((__u64)(v) - (__u64)(s)->bytes))
#define PATH_VARS_MAX 2048 /* where the variable fields end in all records with a path */

/* Does the daemon keep what this record tells, for sinks and streams that may ask for the other view later? */
static __always_inline bool is_kept(const struct hawk_abi_scratch *s)
{
	return REC(s)->event == HAWK_EV_SCHED_PROCESS_EXEC || REC(s)->event == HAWK_EV_PROCESS_SEED;
}

/* put_path_max() for a path that stands in walk[]. A function for the stack's sake, like walk_from(). */
SHARED int put_walk(__u32 slot, __u32 var_at, __u64 task, __u32 max)
{
	struct hawk_abi_scratch *s = scratch_of(slot);
	struct hawk_abi_config *cfg = config();
	struct hawk_abi_var *v;
	__u64 dentry, mnt;
	__u32 seen = 0;

	if (!s || var_at > PATH_VARS_MAX)
		return 0;
	v = (void *)(s->bytes + var_at);
	dentry = s->walk[WALK_DENTRY];
	mnt = s->walk[WALK_MNT];
	if (!dentry || !cfg || s->tail > HAWK_RECORD_MAX - HAWK_CHUNK_BYTES) {
		v->len = 0;
		v->info = HAWK_PATH_ABSENT;
		return 0;
	}
	walk_from(slot, dentry, mnt, task, max);
	if (cfg->views & HAWK_VIEW_HOST && mnt)
		seen = walk_on_host(slot, dentry, mnt, cfg->host_mnt_ns);
	v->info = walk_up(slot);
	if (v->info == HAWK_PATH_PSEUDO) {
		put_pseudo(s, (void *)dentry);
	} else {
		v->info |= seen;
		path_text(s, v);
	}
	v->len = s->tail - (__u32)s->walk[WALK_FROM];
	if ((cfg->views & HAWK_VIEW_BOTH || is_kept(s)) && v->info != HAWK_PATH_PSEUDO)
		put_other_view(s, v, dentry, mnt, task, max);
	if (!BPF_CORE_READ((struct dentry *)dentry, d_hash.pprev) &&
	    (__u64)BPF_CORE_READ((struct dentry *)dentry, d_parent) != dentry)
		v->info |= HAWK_PATH_DELETED;
	return 0;
}

/*
 * Appends PATH, relative to the root of TASK; at most MAX bytes and one
 * component, in both views together when that is less than the longest path.
 * Unlinked files are known by their dentry being out of the hash.
 */
static __always_inline void put_path_max(struct hawk_abi_scratch *s, struct hawk_abi_var *v, struct path *path,
					 struct task_struct *task, __u32 max)
{
	s->walk[WALK_DENTRY] = (__u64)path->dentry;
	s->walk[WALK_MNT] = (__u64)path->mnt;
	put_walk(s->slot, VAR_AT(s, v), (__u64)task, max);
}

static __always_inline void put_path(struct hawk_abi_scratch *s, struct hawk_abi_var *v, struct path *path,
				     struct task_struct *task)
{
	put_path_max(s, v, path, task, PATH_WALK_MAX);
}

static __always_inline void put_file_path(struct hawk_abi_scratch *s, struct hawk_abi_var *v, struct file *file,
					  struct task_struct *task)
{
	s->walk[WALK_MNT] = (__u64)BPF_CORE_READ(file, f_path.mnt);
	s->walk[WALK_DENTRY] = (__u64)BPF_CORE_READ(file, f_path.dentry);
	put_walk(s->slot, VAR_AT(s, v), (__u64)task, PATH_WALK_MAX);
}

/* Appends the path of DENTRY within its file system, where no mount is known; NULL is its root. */
static __always_inline void put_dentry_path(struct hawk_abi_scratch *s, struct hawk_abi_var *v, struct dentry *dentry)
{
	__u32 from = s->tail;

	v->len = 0;
	v->info = 0;
	if (!dentry)
		return;
	s->walk[WALK_DENTRY] = (__u64)dentry;
	s->walk[WALK_FROM] = from;
	s->walk[WALK_MAX] = PATH_WALK_MAX;
	s->walk[WALK_MNT] = s->walk[WALK_MNT_ROOT] = s->walk[WALK_ROOT_MNT] = 0;
	s->walk[WALK_ROOT_DENTRY] = (__u64)BPF_CORE_READ(dentry, d_sb, s_root);
	v->info = walk_up(s->slot);
	v->len = s->tail - from;
	path_text(s, v);
}

/* The open file FD of TASK, or NULL. */
static __always_inline struct file *file_of_fd(struct task_struct *task, __u64 fd)
{
	struct fdtable *fdt = BPF_CORE_READ(task, files, fdt);
	struct file **table = BPF_CORE_READ(fdt, fd);

	return fd < BPF_CORE_READ(fdt, max_fds) ? (struct file *)read_word((__u64)(table + fd)) : NULL;
}

#endif
