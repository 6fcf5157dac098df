/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * all_calls [NAME...]: each system call of bpf/abi/syscalls.def that has a number here, in a process of its
 * own. The arguments tell where they belong, and hardly a call takes them: descriptors, processes and flags
 * that do not exist, memory that is not mapped. It needs no library, as a native and as a 32-bit program: a
 * process makes its call and exit_group, and no other, if manner[] does not say otherwise. Prints one JSON
 * object per call, numbers in hexadecimal; with --list only the names.
 */
typedef unsigned long word;
typedef unsigned char __u8;
typedef unsigned short __u16;
typedef int __s32;
typedef unsigned int __u32;
typedef long long __s64;
typedef unsigned long long __u64;
struct hawk_abi_ip { __u8 bytes[16]; };
struct hawk_abi_task { __u8 unused; };

#if defined(__x86_64__)
#define NUMBER(x86_64, i386, aarch64) x86_64
#elif defined(__i386__)
#define NUMBER(x86_64, i386, aarch64) i386
#elif defined(__aarch64__)
#define NUMBER(x86_64, i386, aarch64) aarch64
#endif

enum { ARGS = 6, WORDS = 6, WATCHDOG_SECONDS = 60 };

enum { IN = 1, OUT };
enum {
#define TYPE(token, ctype, vclass, doc) T_##token,
#define VARTYPE(token, vclass, doc) T_##token,
#include "bpf/abi/types.def"
#undef TYPE
#undef VARTYPE
	T_MAX
};

static const struct { const char *name; __u8 size; } types[] = {
#define TYPE(token, ctype, vclass, doc) { #token, sizeof(ctype) },
#define VARTYPE(token, vclass, doc) { #token, 0 },
#include "bpf/abi/types.def"
#undef TYPE
#undef VARTYPE
};

/* Numbers that may have names. */
static const __u8 named[T_MAX] = {
#define NAMES(type, kind) [T_##type] = 1,
#define NAME(macro)
#define NAME_OF(text, number)
#define NAME_MASKED(macro, bits)
#define NAME_OF_MASKED(text, number, bits)
#define NAME_OF_PAIR(context, text, number)
#define NAMES_END(type)
#include "src/event/names.def"
};

enum { K_STR, K_STRV, K_UPATH, K_FD, K_DIRFD, K_IOVEC, K_MSGHDR, K_MMSGHDR, K_WIDE, K_FIXED, K_SIZED, K_SIZED_OUT,
       K_RESULT, K_COMMAND, K_CAPDATA };
static const struct { __u8 kind, when; } memory[T_MAX] = {
#define ARGTYPE(type, kind, when, size, size32) [T_##type] = { K_##kind, when },
#include "bpf/abi/argtypes.def"
};

enum {
#define SYSCALL(name, ...) C_##name,
#define ARG(...)
#define SYSCALL_END(name)
#include "bpf/abi/syscalls.def"
#undef SYSCALL
#undef ARG
#undef SYSCALL_END
	C_MAX
};

enum { H_EXIT, H_RARE, H_RETFD, H_EXEC, H_ENTER, H_FORK, H_ENTERFD, H_CWD };
static const struct call {
	const char *name;
	int nr, how;
	struct { const char *name; int type; } args[ARGS];
} calls[] = {
#define SYSCALL(name, id, x86_64, i386, aarch64, how, ...) { #name, NUMBER(x86_64, i386, aarch64), H_##how, {
#define ARG(call, index, type, name, doc) [index] = { #name, T_##type },
#define SYSCALL_END(call) } },
#include "bpf/abi/syscalls.def"
};

/* What some calls need around them. */
enum { WAITS = 1, /* until there is a signal */
       NO_STACK,  /* takes registers from the stack: there must not be one */
       NO_TTY };  /* is about the terminal: there must not be one */
static const __u8 manner[C_MAX] = {
	[C_pause] = WAITS,
	[C_sigsuspend] = WAITS,
	[C_rt_sigreturn] = NO_STACK,
	[C_sigreturn] = NO_STACK,
	[C_vhangup] = NO_TTY,
};

/*
 * raw_call: the call NR with six words. LEAVE, when not 0, is a call that a new process makes at once, with
 * 0: a child of vfork must not return. raw_call_without_stack: does not return. raw_return: back from a
 * signal handler.
 */
long raw_call(long nr, const word *args, long leave);
void raw_call_without_stack(long nr);
void raw_return(void);
#if defined(__x86_64__)
__asm__("raw_call: push %rbx; mov %rdx, %rbx; mov %rdi, %rax; mov %rsi, %r11\n"
	"mov (%r11), %rdi; mov 8(%r11), %rsi; mov 16(%r11), %rdx; mov 24(%r11), %r10\n"
	"mov 32(%r11), %r8; mov 40(%r11), %r9; syscall\n"
	"test %rbx, %rbx; jz 1f; test %rax, %rax; jnz 1f; mov %rbx, %rax; xor %edi, %edi; syscall\n"
	"1: pop %rbx; ret\n"
	"raw_call_without_stack: mov %rdi, %rax; xor %esp, %esp; syscall; hlt\n"
	"raw_return: mov $15, %eax; syscall\n"
	".globl _start\n_start: mov %rsp, %rdi; and $-16, %rsp; call run\n");
#elif defined(__i386__)
__asm__("raw_call: push %ebp; push %edi; push %esi; push %ebx; mov 20(%esp), %eax; mov 24(%esp), %ebp\n"
	"mov (%ebp), %ebx; mov 4(%ebp), %ecx; mov 8(%ebp), %edx; mov 12(%ebp), %esi; mov 16(%ebp), %edi\n"
	"mov 20(%ebp), %ebp; int $0x80\n"
	"cmpl $0, 28(%esp); je 1f; test %eax, %eax; jnz 1f; mov 28(%esp), %eax; xor %ebx, %ebx; int $0x80\n"
	"1: pop %ebx; pop %esi; pop %edi; pop %ebp; ret\n"
	"raw_call_without_stack: mov 4(%esp), %eax; xor %esp, %esp; int $0x80; hlt\n"
	"raw_return: mov $173, %eax; int $0x80\n"
	".globl _start\n_start: mov %esp, %eax; and $-16, %esp; sub $12, %esp; push %eax; call run\n");
#elif defined(__aarch64__)
__asm__("raw_call: mov x8, x0; mov x9, x1; mov x10, x2\n"
	"ldp x0, x1, [x9]; ldp x2, x3, [x9, 16]; ldp x4, x5, [x9, 32]\n"
	"svc 0; cbz x10, 1f; cbnz x0, 1f; mov x8, x10; svc 0; 1: ret\n"
	"raw_call_without_stack: mov x8, x0; mov x9, 0; mov sp, x9; svc 0; brk 0\n"
	"raw_return: mov x8, 139; svc 0\n"
	".globl _start\n_start: mov x0, sp; bl run\n");
#endif

#define CALL(name, ...) raw_call(calls[C_##name].nr, (const word[WORDS]){ __VA_ARGS__ }, 0)

static char line[8192];
static unsigned int used;

static void put(const char *text)
{
	while (*text && used < sizeof(line))
		line[used++] = *text++;
}

/* As text in hexadecimal, negative ones with 64 bits: the division of 64 bits is in the library. */
static void put_number(__s64 number)
{
	char text[20], *p = text + sizeof(text);
	__u64 left = (__u64)number;

	*--p = '\0';
	do
		*--p = "0123456789abcdef"[left & 15];
	while (left >>= 4);
	put("\"0x");
	put(p);
	put("\"");
}

static void put_member(const char *name, __s64 number)
{
	put(",\"");
	put(name);
	put("\":");
	put_number(number);
}

/* Argument INDEX of CALL: each another one, and within 31 bits, which a 32-bit caller and every type have. */
static __u64 value_of(const struct call *call, int index)
{
	unsigned int n = (unsigned int)(call - calls) * ARGS + (unsigned int)index;
	int type = call->args[index].type;

	if (call == &calls[C_sigsuspend]) /* which SIGALRM ends */
		return 0x100 + (__u32)index;
	if (memory[type].kind == K_WIDE)
		return (__u64)(index + 1) << 32 | (0x12000 + n);
	switch (type) {
	case T_FAMILY: /* known to nobody, and within 16 bits */
		return 0x7a00;
	case T_CLONE_FLAGS: /* CLONE_THREAD alone is refused by clone, CLONE_CHILD_SETTID by unshare */
		return 0x01010000;
	case T_PID:
	case T_FD:
	case T_DIRFD:
		return 0x7e000000 + n;
	case T_U16:
	case T_MODE:
		return 0x2000 + n;
	}
	if (named[type])
		return 0x48000000 | (__u32)index << 24;
	/* Below what a program may map (vm.mmap_min_addr), and on no boundary. */
	if (type == T_HEX || types[type].size == 0)
		return 0x1003 + 16 * n;
	return 0x12000 + n;
}

/* The words that CALL is made with. */
static void fill(const struct call *call, word *words)
{
	word last;
	int at = 0;

	for (int i = 0; i < ARGS; i++) {
		__u64 value = call->args[i].name ? value_of(call, i) : 0;

		if (at < WORDS)
			words[at++] = (word)value;
		if (sizeof(word) == 4 && at < WORDS && memory[call->args[i].type].kind == K_WIDE)
			words[at++] = (word)(value >> 32);
	}
	if (call == &calls[C_clone] && NUMBER(0, 1, 1)) { /* CONFIG_CLONE_BACKWARDS */
		last = words[4];
		words[4] = words[3];
		words[3] = last;
	}
}

static void put_args(const struct call *call)
{
	put(",\"args\":[");
	for (int i = 0; i < ARGS && call->args[i].name; i++) {
		int type = call->args[i].type, size = types[type].size;
		__u64 value = value_of(call, i);

		put(i ? ",[\"" : "[\"");
		put(call->args[i].name);
		put("\",\"");
		put(types[type].name);
		put("\",");
		if (size)
			put_number((__s64)(size < 8 ? value & ((1ULL << 8 * size) - 1) : value));
		else
			put(memory[type].when == OUT ? "\"out\"" : "\"in\"");
		put("]");
	}
	put("]");
}

static void on_alarm(int sig)
{
	(void)sig;
}

/* SIGALRM every so often, from SECONDS or MICROSECONDS on; 0: no more. */
static void alarm_every(word seconds, word microseconds)
{
	const word timer[4] = { seconds, microseconds, seconds, microseconds };

	CALL(setitimer, 0, (word)timer);
}

static volatile struct told { long result; int returned; } *told;

static void child(const struct call *call)
{
	static word words[WORDS];
	int how = manner[call - calls];

	fill(call, words);
	if (how == WAITS)
		alarm_every(0, 20000);
	if (how == NO_TTY)
		CALL(setsid, 0);
	if (how == NO_STACK)
		raw_call_without_stack(call->nr);
	told->result = raw_call(call->nr, words, call->how == H_FORK ? calls[C_exit_group].nr : 0);
	told->returned = 1;
	CALL(exit_group, 0);
}

static void make(const struct call *call)
{
	int status = 0;
	long pid;

	told->returned = 0;
	alarm_every(WATCHDOG_SECONDS, 0);
	pid = CALL(clone, 17); /* SIGCHLD */
	if (pid == 0)
		child(call);
	while (CALL(wait4, (word)pid, (word)&status) == -4) /* EINTR */
		CALL(kill, (word)pid, 9);
	used = 0;
	put("{\"call\":\"");
	put(call->name);
	put("\"");
	put_member("pid", pid);
	put_member("status", status);
	if (told->returned)
		put_member("result", told->result);
	put_args(call);
	put("}\n");
	CALL(write, 1, (word)line, used);
}

static void prepare(void)
{
	static const word no_core[4];
	const struct { word handler, flags, restorer; __u32 mask[2]; } action = {
		(word)on_alarm, 0x04000004 /* SA_RESTORER, SA_SIGINFO */, (word)raw_return, { 0, 0 }
	};
	/* PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS */
	const word page[WORDS] = { 0, 4096, 3, 0x21, (word)-1, 0 };

	told = (struct told *)raw_call(calls[calls[C_mmap].nr < 0 ? C_mmap2 : C_mmap].nr, page, 0);
	CALL(rt_sigaction, 14, (word)&action, 0, 8);
	CALL(prlimit64, 0, 4, (word)no_core); /* RLIMIT_CORE */
}

static int same(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return *a == *b;
}

static int wanted(const struct call *call, const char **names)
{
	if (call->nr < 0 || !*names)
		return call->nr >= 0;
	while (*names && !same(*names, call->name))
		names++;
	return *names != (const char *)0;
}

__attribute__((used, noreturn)) static void run(const char **stack)
{
	const char **names = stack + 2; /* argc and the name of the program are before them */
	int list = *names && same(*names, "--list");

	prepare();
	for (const struct call *call = calls; call < calls + C_MAX; call++) {
		if (list && call->nr >= 0) {
			used = 0;
			put(call->name);
			put("\n");
			CALL(write, 1, (word)line, used);
		} else if (!list && wanted(call, names)) {
			make(call);
		}
	}
	for (;;)
		CALL(exit_group, 0);
}
