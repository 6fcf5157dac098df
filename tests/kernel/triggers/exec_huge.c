/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * exec of a memfd of huge pages, which is on another file system than others.
 * Its mapping has the size of a page, so the program is made to measure: a
 * header, and code that exits with 7. Reports nothing when there are no such pages.
 */
#include <elf.h>
#include <sys/mman.h>

#include "tests/kernel/triggers/trigger.h"

#define HUGE_PAGE ((size_t)2 * 1024 * 1024)
#define BASE 0x40000000UL
#define CODE 4096

#if defined(__x86_64__)
#define MACHINE EM_X86_64
/* mov $60,%eax (exit); mov $7,%edi; syscall */
static const uint8_t code[] = { 0xb8, 60, 0, 0, 0, 0xbf, 7, 0, 0, 0, 0x0f, 0x05 };
#else
#define MACHINE EM_AARCH64
/* mov x8,#93 (exit); mov x0,#7; svc #0 */
static const uint32_t code[] = { 0xd2800ba8, 0xd28000e0, 0xd4000001 };
#endif

static void make_program(char *p)
{
	Elf64_Ehdr e = {
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
		.e_type = ET_EXEC,
		.e_machine = MACHINE,
		.e_version = EV_CURRENT,
		.e_entry = BASE + CODE,
		.e_phoff = sizeof(e),
		.e_ehsize = sizeof(e),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = 1,
	};
	Elf64_Phdr h = {
		.p_type = PT_LOAD,
		.p_flags = PF_R | PF_X,
		.p_vaddr = BASE,
		.p_filesz = HUGE_PAGE,
		.p_memsz = HUGE_PAGE,
		.p_align = HUGE_PAGE,
	};

	memcpy(p, &e, sizeof(e));
	memcpy(p + sizeof(e), &h, sizeof(h));
	memcpy(p + CODE, code, sizeof(code));
}

int main(void)
{
	char *args[] = { "huge", NULL }, *env[] = { NULL };
	int fd = memfd_create("huge", MFD_CLOEXEC | MFD_HUGETLB);
	char *p = MAP_FAILED;
	pid_t child;
	int status;

	if (fd >= 0 && ftruncate(fd, (off_t)HUGE_PAGE) == 0)
		p = mmap(NULL, HUGE_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		return 0;
	make_program(p);
	munmap(p, HUGE_PAGE);
	must(fchmod(fd, 0700), "fchmod");
	child = (pid_t)must(fork(), "fork");
	if (child == 0) {
		syscall(SYS_execveat, fd, "", args, env, AT_EMPTY_PATH);
		fail("execveat");
	}
	status = reap(child);
	report("{\"child\":%d,\"exit\":%d}", child, WIFEXITED(status) ? WEXITSTATUS(status) : -1);
	return 0;
}
