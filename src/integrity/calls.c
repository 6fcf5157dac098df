/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The tables by which system calls and interrupts find their code, which is the kernel's own. */
#include <stdio.h>

#include "src/base/cleanup.h"
#include "src/integrity/internal.h"

/* No architecture has more numbers in one table. */
#define CALLS_MAX 1024

struct number {
	const char *name;
	int native, compat;
};

#if defined(__x86_64__)
#define NUMBERS(x64, i386, arm64) .native = (x64), .compat = (i386)
#elif defined(__aarch64__)
#define NUMBERS(x64, i386, arm64) .native = (arm64), .compat = -1
#else
#error "system call numbers of this architecture are not in syscalls.def"
#endif

static const struct number numbers[] = {
#define SYSCALL(sname, id, x64, i386, arm64, h, f, aliases, sets, doc) \
	{ .name = #sname, NUMBERS(x64, i386, arm64) },
#define ARG(call, index, type, name, doc)
#define SYSCALL_END(name)
#include "bpf/abi/syscalls.def"
#undef SYSCALL
#undef ARG
#undef SYSCALL_END
};

static const struct {
	enum hawk_symbol symbol;
	bool compat;
	bool optional; /* kernels without 32-bit calls do not have it */
} tables[] = {
	{ HAWK_SYM_sys_call_table, false, false },
#if defined(__x86_64__)
	{ HAWK_SYM_ia32_sys_call_table, true, true },
#else
	{ HAWK_SYM_compat_sys_call_table, true, true },
#endif
};

static const char *call_name(int number, bool compat, char *text, size_t size)
{
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		if ((compat ? numbers[i].compat : numbers[i].native) == number)
			return numbers[i].name;
	snprintf(text, size, "%d", number);
	return text;
}

static void check_entry(struct hawk_pass *p, size_t table, int number, uint64_t address)
{
	struct hawk_anomaly *g;
	char text[16];

	if (hawk_in_kernel(p, address))
		return;
	g = hawk_anomaly_add(p->findings, HAWK_EV_HOOKED_SYSCALL);
	hawk_anomaly_number(g, address);
	hawk_anomaly_text(p->findings, g, call_name(number, tables[table].compat, text, sizeof(text)));
	hawk_anomaly_symbol(p, g, address);
	hawk_anomaly_text(p->findings, g, hawk_symbol_name(tables[table].symbol));
}

static void check_table(struct hawk_pass *p, size_t table)
{
	uint64_t at = hawk_ksyms_known(p->ksyms, tables[table].symbol), entries[CALLS_MAX];
	struct hawk_ksym s;
	size_t n = CALLS_MAX;

	if (!at && tables[table].optional && hawk_ksyms_known(p->ksyms, HAWK_SYM_sys_call_table))
		return;
	if (!hawk_pass_symbol(p, tables[table].symbol))
		return;
	/* it is as long as the way to the next symbol; what fills that up is 0 */
	if (hawk_ksyms_at(p->ksyms, at, &s) == 0 && s.next && (s.next - at) / sizeof(uint64_t) < n)
		n = (s.next - at) / sizeof(uint64_t);
	for (size_t i = 0; i < n * sizeof(uint64_t); i += HAWK_KMEM_READ_MAX) {
		size_t len = n * sizeof(uint64_t) - i;

		if (len > HAWK_KMEM_READ_MAX)
			len = HAWK_KMEM_READ_MAX;
		if (hawk_kmem_read(&p->env->memory, at + i, (uint8_t *)entries + i, len) < 0) {
			hawk_pass_missed(p, HAWK_CHECK_PARTLY, "%s cannot be read",
					 hawk_symbol_name(tables[table].symbol));
			return;
		}
	}
	while (n && !entries[n - 1])
		n--;
	for (size_t i = 0; i < n; i++)
		check_entry(p, table, (int)i, entries[i]);
	p->result->looked += n;
}

void hawk_check_syscalls(struct hawk_pass *p)
{
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++)
		check_table(p, i);
	/* arch/x86/entry/syscall_64.c since 6.9, and stable kernels of April 2024 */
	if (hawk_ksyms_known(p->ksyms, HAWK_SYM_x64_sys_call))
		hawk_pass_note(p, "this kernel calls by code (x64_sys_call), the table is for tracing only: a changed "
				  "entry has no effect on calls");
}

#if defined(__x86_64__)
/* CPU_ENTRY_AREA_RO_IDT, arch/x86/include/asm/cpu_entry_area.h: where all CPUs of all kernels have it. */
#define IDT_ADDRESS 0xfffffe0000000000ULL
#define VECTORS 256
#define EXCEPTIONS 32

/* struct gate_struct, arch/x86/include/asm/desc_defs.h */
struct gate {
	uint16_t low, segment, bits, middle;
	uint32_t high, reserved;
};
#define GATE_PRESENT 0x8000

/* Exceptions that no CPU raises keep what the start of the kernel gave them; its memory is freed since. */
static bool is_left_over(const struct hawk_pass *p, size_t vector, uint64_t address)
{
	return vector < EXCEPTIONS && address >= hawk_ksyms_known(p->ksyms, HAWK_SYM__sinittext) &&
	       address < hawk_ksyms_known(p->ksyms, HAWK_SYM__einittext);
}

void hawk_check_interrupts(struct hawk_pass *p)
{
	struct gate gates[VECTORS];
	uint64_t table = hawk_ksyms_known(p->ksyms, HAWK_SYM_idt_table);

	_Static_assert(sizeof(gates) == HAWK_KMEM_READ_MAX, "read at once");
	if (hawk_kmem_read(&p->env->memory, IDT_ADDRESS, gates, sizeof(gates)) < 0 &&
	    (!table || hawk_kmem_read(&p->env->memory, table, gates, sizeof(gates)) < 0)) {
		hawk_pass_missed(p, HAWK_CHECK_PARTLY, "the table cannot be read");
		return;
	}
	for (size_t i = 0; i < VECTORS; i++) {
		uint64_t address = (uint64_t)gates[i].high << 32 | (uint64_t)gates[i].middle << 16 | gates[i].low;
		struct hawk_anomaly *g;

		if (!(gates[i].bits & GATE_PRESENT))
			continue;
		p->result->looked++;
		if (hawk_in_kernel(p, address) || is_left_over(p, i, address))
			continue;
		g = hawk_anomaly_add(p->findings, HAWK_EV_HOOKED_INTERRUPT);
		hawk_anomaly_number(g, address);
		hawk_anomaly_number(g, i);
		hawk_anomaly_symbol(p, g, address);
	}
}
#else
void hawk_check_interrupts(struct hawk_pass *p)
{
	hawk_pass_note(p, "this architecture has no such table");
}
#endif
