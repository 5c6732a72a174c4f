/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Writes the gas macros that shadow the sensitive mnemonics, one for each row of abi/sensitive.def.
 *
 * The driver hands the output to gas as a first input file, so it reaches compiled units and assembler
 * sources alike. A macro first purges itself, so that the mnemonic in its own body is the instruction
 * again, and comes back at the end. What bites whoever changes this:
 *
 *  - A macro that defines a macro has its own arguments and \@ replaced in the inner body. The installers
 *    therefore take no arguments and leave \@ to the site macro.
 *  - Only .L names: kallsyms and the symbol table must not see us. Numeric labels would catch the 1b and
 *    1f of the source around the site.
 *  - The prelude uses .equ: .set closes the door to the .module lines that GCC writes at the top.
 *  - The mnemonic and its operands travel as two arguments: in one, gas drops the blank of `cache (1|8), ($4)`.
 *  - The instruction stands under .set noreorder, or gas would swap it with a branch behind it and leave
 *    the NOPs where they are. The caller's .set at, .set noat and architecture stay as they are.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "abi/afterburn.h"
#include "abi/mips_insn.h"

static const struct row {
	int kind, id;
	const char *name;
	int words;
	uint32_t match;
} rows[] = {
#define SENSITIVE(ID, NAME, MATCH, MASK, FORM, WORDS) { AFTERBURN_KIND_SITE, ID, #NAME, WORDS, MATCH },
#include "abi/sensitive.def"
#undef SENSITIVE
}, user_rows[] = {
#define SENSITIVE(...)
#define SENSITIVE_USER(ID, NAME, MATCH, MASK, FORM, WORDS) { AFTERBURN_KIND_SITE, ID, #NAME, WORDS, MATCH },
#include "abi/sensitive.def"
#undef SENSITIVE
#undef SENSITIVE_USER
}, access_rows[] = {
#define ACCESS(ID, NAME, OPCODE, BITS, WORDS) { AFTERBURN_KIND_ACCESS, ID, #NAME, WORDS, 0 },
#include "abi/accesses.def"
#undef ACCESS
};

static const struct one_word {
	int rd, sel, bits;
	bool reads, writes;
} one_words[] = {
#define ONE_WORD(RD, SEL, BITS, READS, WRITES) { RD, SEL, BITS, READS, WRITES },
#include "abi/one-word.def"
#undef ONE_WORD
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Offsets in struct afterburn_record are those of the ABI; the directives follow its order of fields. */
static void site_macro(void)
{
	printf("\t.macro .Lafterburn_site kind:req, id:req, words:req, name:req, operands:vararg\n"
	       "\t.set push\n"
	       "\t.set noreorder\n"
	       ".Lafterburn_at\\@:\n"
	       "\t\\name \\operands\n"
	       "\t.rept \\words - 1\n"
	       "\tnop\n"
	       "\t.endr\n"
	       "\t.set pop\n"
	       "\t.pushsection %s,\"\",%%progbits\n"
	       "\t.balign 8\n", AFTERBURN_SECTION);
	printf("\t.byte %d, \\kind\n"
	       "\t.2byte %zu\n"
	       "\t.4byte .Lafterburn_flags\n"
	       "\t.8byte .Lafterburn_at\\@\n",
	       AFTERBURN_VERSION, sizeof(struct afterburn_record));
	/* word, dead; insn, words, rt; rd .. offset and width: the object pass fills them; reserved. */
	printf("\t.4byte 0, .Lafterburn_dead\n"
	       "\t.2byte \\id\n"
	       "\t.byte \\words, 0\n"
	       "\t.8byte 0\n"
	       "\t.4byte 0\n"
	       "\t.popsection\n"
	       "\t.endm\n\n");
}

static bool is_move(const struct row *row)
{
	return row->match >> 26 == MIPS_OP_COP0 && !(row->match >> 21 & 0x1a);	/* mfc0, dmfc0, mtc0, dmtc0 */
}

/*
 * Sets .Lafterburn_words for a move from or to CP0 by its operands. They are compared as they are spelled: a register
 * by another name, or an expression, is none that we know, and gets the NOP.
 */
static void words_macro(const struct row *row)
{
	bool writes = row->match >> 21 & 4;
	int bits = row->match >> 21 & 1 ? 64 : 32;

	printf("\t.macro .Lafterburn_words_%s rt, rd, sel=0, more:vararg\n"
	       "\t.equ .Lafterburn_words, %d\n"
	       "\t.irp known", row->name, row->words);
	for (size_t i = 0; i < COUNT(one_words); i++)
		if (writes ? one_words[i].writes && bits >= one_words[i].bits : one_words[i].reads)
			printf(", $%d/%d", one_words[i].rd, one_words[i].sel);
	printf("\n"
	       "\t.ifc \\known,\\rd/\\sel\n"
	       "\t.equ .Lafterburn_words, 1\n"
	       "\t.endif\n"
	       "\t.endr\n"
	       "\t.irp known, $26, $27, $k0, $k1\n"
	       "\t.ifc \\known,\\rt\n"
	       "\t.equ .Lafterburn_words, 1\n"
	       "\t.endif\n"
	       "\t.endr\n"
	       "\t.endm\n\n");
}

static void shadow(const struct row *row)
{
	printf("\t.macro .Lafterburn_install_%s\n"
	       "\t.macro %s operands:vararg\n"
	       "\t.purgem %s\n", row->name, row->name, row->name);
	if (is_move(row))
		printf("\t.Lafterburn_words_%s \\operands\n"
		       "\t.Lafterburn_site %d, %d, .Lafterburn_words, %s, \\operands\n",
		       row->name, row->kind, row->id, row->name);
	else
		printf("\t.Lafterburn_site %d, %d, %d, %s, \\operands\n", row->kind, row->id, row->words, row->name);
	printf("\t.Lafterburn_install_%s\n"
	       "\t.endm\n"
	       "\t.endm\n"
	       "\t.Lafterburn_install_%s\n\n", row->name, row->name);
}

/* These have names of their own: most loads are none of our business. */
static void access_macro(const struct row *row)
{
	printf("\t.macro afterburn_%s operands:vararg\n"
	       "\t.Lafterburn_site %d, %d, %d, %s, \\operands\n"
	       "\t.endm\n\n",
	       row->name, row->kind, row->id, row->words, row->name);
}

/* generate-macros [--user]: for kernels, or for user programs. */
int main(int argc, char **argv)
{
	bool user = argc == 2 && !strcmp(argv[1], "--user");

	if (argc > 1 && !user) {
		fputs("usage: generate-macros [--user]\n", stderr);
		return 2;
	}
	printf("# SPDX-License-Identifier: GPL-2.0-or-later\n"
	       "# Made by gas-macros/generate.c from abi/sensitive.def and abi/accesses.def: do not edit.\n\n");
	/* The plugin sets both anew in compiled units; without it nothing is known about registers. */
	printf("\t.equ .Lafterburn_flags, %d\n"
	       "\t.equ .Lafterburn_dead, 0\n\n", AFTERBURN_FLAG_ASM);
	site_macro();
	for (size_t i = 0; !user && i < COUNT(rows); i++)
		if (is_move(&rows[i]))
			words_macro(&rows[i]);
	for (size_t i = 0; i < (user ? COUNT(user_rows) : COUNT(rows)); i++)
		shadow(user ? &user_rows[i] : &rows[i]);
	for (size_t i = 0; !user && i < COUNT(access_rows); i++)
		access_macro(&access_rows[i]);
	return fflush(stdout) ? 1 : 0;
}
