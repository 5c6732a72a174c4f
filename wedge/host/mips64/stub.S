/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The stub: the program of a process in which guest user code runs.
 *
 * It empties its own address space but for this one page and becomes two threads, both traced by the Wedge.
 * One runs guest code: it has given up every system call, so whatever the guest program does (system call,
 * fault, signal) stops it and wakes the Wedge; nothing is ever delivered here. The other maps and unmaps
 * guest pages when the Wedge starts it with requests in its registers, and is stopped otherwise.
 *
 * Guest code can jump into this page. The system calls it finds here do nothing for the thread that it is,
 * except for one that sets its own thread pointer. It shares no stack or data with the other thread, which
 * uses none: all is in registers.
 */
#include <asm/unistd.h>

#include "wedge/host/mips64/stub.h"

#define BITS_MOST	48			/* of addresses; 40 at least */
#define LOWEST			0x4000		/* a multiple of what a page can be: the Host puts nothing so low */
#define AT_PAGESZ		6

#define PR_SET_NAME		15
#define PR_SET_NO_NEW_PRIVS	38
#define PR_SET_SECCOMP		22
#define SECCOMP_MODE_FILTER	2
#define SECCOMP_RET_ALLOW	0x7fff0000
#define SECCOMP_RET_TRAP	0x00030000
#define CLONE_FLAGS		0x00010f00	/* VM | FS | FILES | SIGHAND | THREAD */
#define MAP_SHARED_FIXED	0x0011

/* struct seccomp_data: nr is at 0, instruction_pointer at 8; its halves by byte order */
#ifdef __MIPSEB__
#define IP_LOW	12
#define IP_HIGH	8
#else
#define IP_LOW	8
#define IP_HIGH	12
#endif

#define BPF_LD_W_ABS	0x20
#define BPF_JEQ_K	0x15
#define BPF_RET_K	0x06

	.macro	bpf code, jt, jf, k
	.half	\code
	.byte	\jt, \jf
	.word	\k
	.endm

	.set	noreorder
	.text
/* At STUB_USERLOCAL. */
	li	$2, __NR_set_thread_area
	syscall
	break
	nop

/* At STUB_MAP: requests as in stub.h. Ends at a `break`, at that of BREAK_FAILED if a call failed: a3 is not 0 then, and v0 the error. */
	.macro	request va, size, offset
	li	$12, -STUB_UNIT
	and	$5, \size, $12
	beqz	$5, done
	 move	$4, \va
	andi	$13, \size, STUB_UNMAP
	bnez	$13, 1f
	 li	$2, __NR_munmap
	andi	$6, \size, 7
	andi	$13, \size, STUB_PROTECT
	bnez	$13, 1f
	 li	$2, __NR_mprotect
	li	$7, MAP_SHARED_FIXED
	li	$8, STUB_RAM_FD
	move	$9, \offset
	li	$2, __NR_mmap
1:	syscall
	bnez	$7, refused
	 nop
	.endm

	request	$16, $17, $18
	request	$19, $20, $21
	request	$22, $23, $28
	request	$29, $30, $31
	li	$7, 0
done:	break
	b	done
	 nop
refused: break	BREAK_FAILED
	b	refused
	 nop

	.globl	__start
__start:
	/* What ps shows, else the number of a descriptor: argv[0], which goes with the stack. */
	li	$4, PR_SET_NAME
	ld	$5, 8($29)
	li	$2, __NR_prctl
	syscall
	/* How large the page is, in s1: behind argc, one argument and no environment, each with a NULL. */
	daddiu	$8, $29, 32
1:	ld	$9, 0($8)
	beqz	$9, failed
	 li	$10, AT_PAGESZ
	bne	$9, $10, 1b
	 daddiu	$8, $8, 16
	ld	$17, -8($8)
	/* Below and above this page there shall be nothing: no stack, no vDSO. */
	li	$4, LOWEST
	dli	$5, STUB_BASE - LOWEST
	li	$2, __NR_munmap
	syscall
	bnez	$7, failed
	 nop
	/* What goes beyond the end of all addresses is refused, so from the most that there can be downwards. */
	dli	$16, 1 << BITS_MOST
1:	dli	$4, STUB_BASE
	daddu	$4, $4, $17
	dsubu	$5, $16, $4
	blez	$5, failed
	 nop
	li	$2, __NR_munmap
	syscall
	bnez	$7, 1b
	 dsrl	$16, $16, 1
	li	$4, CLONE_FLAGS
	move	$5, $0
	move	$6, $0
	move	$7, $0
	move	$8, $0
	li	$2, __NR_clone
	syscall
	bnez	$7, failed
	 nop
	bnez	$2, done
	 nop
	/* The thread of guest code. */
	li	$4, PR_SET_NO_NEW_PRIVS
	li	$5, 1
	move	$6, $0
	move	$7, $0
	move	$8, $0
	li	$2, __NR_prctl
	syscall
	bnez	$7, failed
	 li	$4, PR_SET_SECCOMP
	li	$5, SECCOMP_MODE_FILTER
	dla	$6, program
	li	$2, __NR_prctl
	syscall
	bnez	$7, failed
	 nop
	break
failed:
	move	$4, $2				/* the error */
	li	$2, __NR_exit_group
	syscall
	break

	.align	3
program:
	.half	(filter_end - filter) / 8
	.half	0, 0, 0
	.dword	filter
filter:
	bpf	BPF_LD_W_ABS, 0, 0, IP_HIGH
	bpf	BPF_JEQ_K, 0, 5, STUB_BASE >> 32
	bpf	BPF_LD_W_ABS, 0, 0, IP_LOW
	bpf	BPF_JEQ_K, 0, 3, STUB_AFTER_USERLOCAL & 0xffffffff
	bpf	BPF_LD_W_ABS, 0, 0, 0
	bpf	BPF_JEQ_K, 0, 1, __NR_set_thread_area
	bpf	BPF_RET_K, 0, 0, SECCOMP_RET_ALLOW
	bpf	BPF_RET_K, 0, 0, SECCOMP_RET_TRAP
filter_end:
