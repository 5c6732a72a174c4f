/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the stub's program and the Wedge have to agree upon: where the stub lies in its address space (above
 * any address a guest program can have), and how the Wedge tells it what to map.
 */
#ifndef WEDGE_HOST_MIPS64_STUB_H
#define WEDGE_HOST_MIPS64_STUB_H

#define STUB_BASE		0xf800000000	/* linker-scripts/stub.lds */
#define STUB_SIZE		0x1000		/* on the Host's page there, which may be larger */
#define STUB_USERLOCAL		(STUB_BASE + 0x100)	/* sets the thread pointer to a0 */
#define STUB_AFTER_USERLOCAL	(STUB_USERLOCAL + 8)	/* what the seccomp filter sees of it */
#define STUB_MAP		(STUB_BASE + 0x110)	/* carries out requests */

#define STUB_RAM_FD		3	/* the only descriptor of a stub: the guest's RAM */

/*
 * A request is three registers: address; size | protection, which with STUB_PROTECT what is mapped gets, or size | STUB_UNMAP; offset into RAM. A size
 * of 0 ends the list. There is room for STUB_REQUESTS in the registers that system calls preserve: s0-s7,
 * gp, sp, s8, ra.
 */
#define STUB_REQUESTS		4
#define STUB_UNIT		0x1000		/* of which sizes are multiples: the bits below are for the rest */
#define STUB_UNMAP		0x800
#define STUB_PROTECT		0x400
#define BREAK_FAILED		7	/* the code of a `break` for which Linux sends SIGFPE: a request was refused, the error is in v0 */

#endif
