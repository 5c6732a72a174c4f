/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Turns marked loads and stores into sites: the instruction is replaced by an asm that uses the macro
 * afterburn_lw in place of lw, with the same registers and the same address.
 *
 * This late, all is decided that a compiler decides: registers, addresses, order. So the code is what it
 * would be without us, but for the NOPs, and but for delay slots, into which GCC puts no asm. Left alone, and
 * trapping as before, is what a site cannot be: an address with a symbol in it (the linker would change the
 * word), unaligned pairs, registers of the FPU.
 */
#include "gcc-common.h"

#include "plugin.h"

static const struct access_row {
	const char *name;
	unsigned int bits, words;
} rows[] = {
#define ACCESS(ID, NAME, OPCODE, BITS, WORDS) { #NAME, BITS, WORDS },
#include "abi/accesses.def"
#undef ACCESS
};

/* MIPS names them by direction, width and, for loads, by how they fill the register. */
static const struct access_row *row_of(bool store, enum rtx_code extend, machine_mode mode)
{
	unsigned int bits = GET_MODE_BITSIZE(mode).to_constant();
	bool is_unsigned = extend == ZERO_EXTEND || (extend == UNKNOWN && bits < 32);

	for (const access_row &row : rows)
		if (row.bits == bits && store == (row.name[0] == 's') &&
		    (store || bits == 64 || is_unsigned == (row.name[strlen(row.name) - 1] == 'u')))
			return &row;
	return NULL;
}

static bool is_register(const_rtx x)
{
	return REG_P(x) && REGNO(x) < FIRST_PSEUDO_REGISTER && GP_REG_P(REGNO(x));
}

/* $2 or 16($2): gas makes one instruction of it. */
static bool is_plain_address(const_rtx address)
{
	if (GET_CODE(address) == PLUS)
		return is_register(XEXP(address, 0)) && CONST_INT_P(XEXP(address, 1)) &&
		       IN_RANGE(INTVAL(XEXP(address, 1)), -0x8000, 0x7fff);
	return is_register(address);
}

static rtx make_asm(machine_mode mode, const char *text, const char *output, rtx input, const char *constraint,
		    location_t location)
{
	rtx body = gen_rtx_ASM_OPERANDS(mode, text, output, 0, gen_rtvec(1, input),
					gen_rtvec(1, gen_rtx_ASM_INPUT(mode, constraint)),
					rtvec_alloc(0), location);

	MEM_VOLATILE_P(body) = 1;
	return body;
}

/* GCC counts the lines of an asm to know its length: one for each NOP. */
static const char *text_of(const struct access_row *row, bool store)
{
	char *lines = XALLOCAVEC(char, row->words), *text;
	const char *collected;

	memset(lines, '\n', row->words - 1);
	lines[row->words - 1] = '\0';
	text = xasprintf("afterburn_%s\t%s%s", row->name, store ? "%z1,%0" : "%0,%1", lines);
	collected = ggc_strdup(text);
	free(text);
	return collected;
}

bool access_treat(rtx_insn *insn, bool wanted)
{
	rtx set = single_set(insn), source, mem;
	enum rtx_code extend = UNKNOWN;
	const struct access_row *row;
	bool store;

	if (!set || PATTERN(insn) != set || RTX_FRAME_RELATED_P(insn))
		return false;
	store = MEM_P(SET_DEST(set));
	source = SET_SRC(set);
	if (!store && (GET_CODE(source) == ZERO_EXTEND || GET_CODE(source) == SIGN_EXTEND)) {
		extend = GET_CODE(source);
		source = XEXP(source, 0);
	}
	mem = store ? SET_DEST(set) : source;
	if (!MEM_P(mem) || !SCALAR_INT_MODE_P(GET_MODE(mem)) || !is_plain_address(XEXP(mem, 0)) ||
	    !(store ? is_register(source) || source == const0_rtx : is_register(SET_DEST(set))))
		return false;
	row = row_of(store, extend, GET_MODE(mem));
	if (!row || (!wanted && !marks_cover(insn, mem)))
		return row != NULL;
	SET_SRC(set) = make_asm(GET_MODE(SET_DEST(set)), text_of(row, store), store ? "=m" : "=r",
				source, store ? "rJ" : "m", INSN_LOCATION(insn));
	remove_reg_equal_equiv_notes(insn);
	INSN_CODE(insn) = -1;
	df_insn_rescan(insn);
	return true;
}
