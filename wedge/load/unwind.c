// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * See unwind.h.
 */
#include "lib/unaligned.h"
#include "wedge/load/unwind.h"

#define FUNCTION_MOST	0x10000u	/* bytes from a function's start to pc: more is no function */
#define FRAME_MOST	0x4000u		/* of a function: a stack has no more */
#define PROLOGUE	64u		/* instructions in which the stack is made */

#define DADDIU_SP	0x67bdu		/* daddiu sp,sp,n */
#define SD_RA		0xffbfu		/* sd ra,n(sp) */

static const u8 *at(const struct ram *ram, const struct windows *windows, u64 va, u64 size)
{
	u64 pa;

	return va % size == 0 && windows__physical(windows, va, &pa) ? ram__at(ram, pa, size) : NULL;
}

/*
 * What of the function's prologue has been executed when pc is next: how far it has moved sp, and where it has put ra. The compiler may do both
 * late (shrink-wrapping), but then not before a first return.
 */
static bool look_at_prologue(u64 start, u64 pc, u32 *frame, s32 *ra_at, const struct ram *ram, const struct windows *windows, bool swapped)
{
	*frame = 0;
	*ra_at = -1;
	for (u64 place = start; place < pc && (place - start) / 4 < PROLOGUE; place += 4) {
		const u8 *p = at(ram, windows, place, 4);
		u32 insn;

		if (!p)
			return false;
		insn = unaligned__get32(p);
		if (swapped)
			insn = __builtin_bswap32(insn);
		if (insn >> 16 == DADDIU_SP && (s16)insn < 0 && !*frame)
			*frame = -(s16)insn;
		if (insn >> 16 == SD_RA && *frame && (insn & 0xffff) < *frame)
			*ra_at = insn & 0xffff;
	}
	return *frame <= FRAME_MOST;
}

bool unwind__step(struct unwind_frame *f, u64 start, const struct ram *ram, const struct windows *windows, bool swapped)
{
	u32 frame;
	s32 ra_at;
	u64 caller;

	if (start > f->pc || f->pc - start > FUNCTION_MOST || !look_at_prologue(start, f->pc, &frame, &ra_at, ram, windows, swapped))
		return false;
	if (ra_at >= 0) {
		const u8 *p = at(ram, windows, f->sp + ra_at, 8);

		if (!p)
			return false;
		caller = swapped ? __builtin_bswap64(unaligned__get64(p)) : unaligned__get64(p);
	} else if (f->inner) {
		caller = f->ra;
	} else {
		return false;
	}
	if (caller == f->pc && !frame)
		return false;
	/* Behind the call and its slot; what is next is looked at from the call on. */
	*f = (struct unwind_frame){ .pc = caller, .sp = f->sp + frame };
	return true;
}
