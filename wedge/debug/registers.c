/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * See registers.h. The features org.gnu.gdb.mips.* are gdb's, with the registers that it wants in each ("MIPS Features" in its manual).
 */
#include "wedge/debug/registers.h"

#include <string.h>

enum { GPR = 0, LO = 32, HI, PC = REGISTER_PC, FPR, FCSR = FPR + 32, FIR, CP0 };

/* Those that gdb knows come first, and not again. */
static const enum cp0_register known[] = { CP0_STATUS, CP0_BADVADDR, CP0_CAUSE };

static bool is_known(enum cp0_register r)
{
	for (unsigned i = 0; i < ARRAY_SIZE(known); i++)
		if (known[i] == r)
			return true;
	return false;
}

static enum cp0_register cp0_of(unsigned n)
{
	unsigned left = n - CP0;

	if (left < ARRAY_SIZE(known))
		return known[left];
	left -= ARRAY_SIZE(known);
	for (enum cp0_register r = 0; r < CP0_REGISTERS; r++)
		if (!is_known(r) && !left--)
			return r;
	return CP0_STATUS;		/* not reached */
}

/* Without what reading sets off for the guest. */
static u64 get_cp0(struct vcpu *v, enum cp0_register r)
{
	switch (r) {
	case CP0_CAUSE: return word(v->page->cp0[r]);
	case CP0_RANDOM: return v->random;
	default: return cp0__read(v, r);
	}
}

u64 register__get(struct vcpu *v, unsigned n)
{
	if (n < LO)
		return v->gpr[n];
	if (n >= CP0)
		return get_cp0(v, cp0_of(n));
	if (n >= FPR && n < FCSR)
		return v->fpr[n - FPR];
	return n == LO ? v->lo : n == HI ? v->hi : n == PC ? v->pc : n == FCSR ? v->fcsr : v->fir;
}

static bool set_cp0(struct vcpu *v, enum cp0_register r, u64 value)
{
	const struct cp0_info *info = &cp0_info[r];

	if (info->write != CP0_PLAIN)
		return false;
	value = (value & info->writable) | (v->page->cp0[r] & ~info->writable);
	v->page->cp0[r] = info->bits == 32 ? word(value) : value;
	return true;
}

bool register__set(struct vcpu *v, unsigned n, u64 value)
{
	if (value == register__get(v, n))
		return true;
	if (n >= CP0)
		return set_cp0(v, cp0_of(n), value);
	if (n == GPR || n == FIR || (n == PC && value & 3))
		return false;
	if (n < LO)
		v->gpr[n] = value;
	else if (n >= FPR && n < FCSR)
		v->fpr[n - FPR] = value;
	else if (n == LO)
		v->lo = value;
	else if (n == HI)
		v->hi = value;
	else if (n == PC)
		v->pc = value;
	else
		v->fcsr = value;
	return true;
}

/* --- The description --- */

static void lower(char *to, const char *name)
{
	while ((*to++ = *name >= 'A' && *name <= 'Z' ? *name + 'a' - 'A' : *name))
		name++;
}

static void put_register(FILE *out, const char *name, unsigned n, const char *rest)
{
	fprintf(out, "<reg name=\"%s\" bitsize=\"64\" regnum=\"%u\"%s/>\n", name, n, rest);
}

static void put_cp0(FILE *out, unsigned n)
{
	char name[16];

	lower(name, cp0_info[cp0_of(n)].name);
	put_register(out, name, n, " group=\"system\"");
}

static void put_numbered(FILE *out, const char *letter, unsigned from, const char *rest)
{
	char name[8];

	for (unsigned i = 0; i < 32; i++) {
		snprintf(name, sizeof(name), "%s%u", letter, i);
		put_register(out, name, from + i, rest);
	}
}

/*
 * Not of Linux, so that gdb has us step: for Linux it puts a breakpoint where it believes that an instruction leads, which it does not know of eret, syscall,
 * nor of exceptions.
 */
void registers__describe(FILE *out)
{
	fprintf(out, "<?xml version=\"1.0\"?>\n<!DOCTYPE target SYSTEM \"gdb-target.dtd\">\n<target>\n"
		"<architecture>mips:isa64r2</architecture>\n<osabi>none</osabi>\n<feature name=\"org.gnu.gdb.mips.cpu\">\n");
	put_numbered(out, "r", GPR, "");
	put_register(out, "lo", LO, "");
	put_register(out, "hi", HI, "");
	put_register(out, "pc", PC, "");
	fprintf(out, "</feature>\n<feature name=\"org.gnu.gdb.mips.cp0\">\n");
	for (unsigned i = 0; i < ARRAY_SIZE(known); i++)
		put_cp0(out, CP0 + i);
	fprintf(out, "</feature>\n<feature name=\"org.gnu.gdb.mips.fpu\">\n");
	put_numbered(out, "f", FPR, " type=\"ieee_double\"");
	put_register(out, "fcsr", FCSR, " group=\"float\"");
	put_register(out, "fir", FIR, " group=\"float\"");
	fprintf(out, "</feature>\n<feature name=\"org.afterburn.cp0\">\n");
	for (unsigned n = CP0 + ARRAY_SIZE(known); n < REGISTERS; n++)
		put_cp0(out, n);
	fprintf(out, "</feature>\n</target>\n");
}
