/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The smallest program: without arguments it ends at once, with one it sleeps
 * until it is killed. No libc, so that an exec is little but the exec.
 */
#if defined(__x86_64__)
__asm__(".globl _start\n"
	"_start:\n"
	"	mov $231, %eax\n" /* exit_group */
	"	xor %edi, %edi\n"
	"	cmpq $1, (%rsp)\n"
	"	jbe 1f\n"
	"2:	mov $34, %eax\n" /* pause */
	"1:	syscall\n"
	"	jmp 2b\n");
#elif defined(__aarch64__)
__asm__(".globl _start\n"
	"_start:\n"
	"	mov x8, #94\n" /* exit_group */
	"	ldr x1, [sp]\n"
	"	mov x0, #0\n"
	"	cmp x1, #1\n"
	"	b.ls 1f\n"
	"2:	mov x0, #0\n"
	"	mov x1, #0\n"
	"	mov x2, #0\n"
	"	mov x3, #0\n"
	"	mov x8, #73\n" /* ppoll of nothing */
	"1:	svc #0\n"
	"	b 2b\n");
#else
#error "write the two system calls of this processor"
#endif
__asm__(".section .note.GNU-stack,\"\",%progbits");
