/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The GCC plugin: tells the gas macros which registers are dead behind each sensitive inline asm.
 *
 * A burnt site often needs a scratch register. The compiler knows which registers hold nothing behind an
 * asm, and forgets it when it prints assembler. A late RTL pass asks the data-flow framework and wraps each
 * asm template that contains a sensitive mnemonic:
 *
 *	.equ .Lafterburn_dead, <mask>
 *	<template>
 *	.equ .Lafterburn_dead, 0
 *
 * The gas macros write the mask into the record. A register is handed out only if the mask is right for
 * every instruction of the template: it is dead behind the asm, is not an operand or a clobber of it, and
 * is not named in its text. What is promised to the Wedge is told to GCC as well, as a clobber of the
 * asm: otherwise the filler of delay slots, which runs later, could carry a value across it, and callers could
 * keep values in registers that the function does not seem to touch (-fipa-ra).
 *
 * $1 ($at) is the assembler's own, and GCC keeps nothing in it: it is dead behind every asm that does not
 * name it. Callee-saved registers, $0, k0, k1, gp, sp and ra are never handed out.
 *
 * GCC loads afterburn_plugin.so (load.cc), which loads this if it was built for this very GCC.
 *
 * To debug it: compile one file with -S and read the .equ lines; -fdump-rtl-afterburn writes the RTL after
 * the pass, with the clobbers; for a debugger, `afterburn-gcc -v -c file.c` prints the cc1 line, then
 * `gdb --args <that line>`, `break afterburn_execute` (say yes to a pending breakpoint), and
 * `call debug_rtx(insn)` there.
 */
#include "gcc-common.h"

#include "plugin.h"

/* Only compilers of C have these. */
extern cpp_reader *parse_in __attribute__((weak));
class mkdeps *cpp_get_deps(cpp_reader *) __attribute__((weak));
void deps_add_dep(class mkdeps *, const char *) __attribute__((weak));

static struct plugin_info afterburn_info = {
	"1",
	"records dead registers behind sensitive inline asm and pads marked loads and stores; used by afterburn-gcc;\n"
	"arguments: user, sensitive=FILE with what is marked, profile=FILE with places that trapped\n",
};

enum { GPR_COUNT = 32, GPR_AT = 1 };

/*
 * v0, v1, t0-t3, t8, t9: bits 2, 3, 12-15, 24 and 25. A call may destroy a0-a7 as well, but GCC (-fipa-ra)
 * lets a caller keep values in what its callee leaves alone, mostly there; a Linux kernel had some 20 functions
 * that came out differently for it. Nine registers with $at are more than a site ever needs.
 */
static const unsigned int scratch_registers = 0x0300f00c;

struct row {
	const char *name;
	unsigned int words;
};

static const struct row kernel_rows[] = {
#define SENSITIVE(ID, NAME, MATCH, MASK, FORM, WORDS) { #NAME, WORDS },
#include "abi/sensitive.def"
#undef SENSITIVE
	{ NULL, 0 }
};

static const struct row user_rows[] = {
#define SENSITIVE(...)
#define SENSITIVE_USER(ID, NAME, MATCH, MASK, FORM, WORDS) { #NAME, WORDS },
#include "abi/sensitive.def"
#undef SENSITIVE
#undef SENSITIVE_USER
	{ NULL, 0 }
};

/* What is sensitive here: the plugin's argument `user` makes it the list for programs. */
static const struct row *sensitive = kernel_rows;

static bool is_word(char c)
{
	return ISALNUM(c) || c == '_' || c == '.' || c == '$';
}

/* How many words of padding the macros will add to this template; 0 means nothing in it is sensitive. */
static unsigned int padding_of(const char *text)
{
	unsigned int padding = 0;

	for (const char *p = text; *p; ) {
		const char *start = p;

		while (is_word(*p))
			p++;
		for (const struct row *row = sensitive; p > start && row->name; row++)
			if (strlen(row->name) == (size_t)(p - start) && !strncasecmp(row->name, start, p - start))
				padding += row->words - 1;
		if (p == start)
			p++;
	}
	return padding;
}

/* $8, $t0 or $a4 in the text: the number of the register, or -1 if this is not the name of a GPR. */
static int register_named(const char *p)
{
	/* n64 names and o32 names alike: t0 is $8 in one and $12 in the other, so both are taken. */
	static const struct { const char *name; int first, last; } ranges[] = {
		{ "v", 2, 3 }, { "a", 4, 11 }, { "s", 16, 23 }, { "k", 26, 27 },
	};

	if (ISDIGIT(*p))
		return atoi(p);
	if (!strncasecmp(p, "at", 2) && !is_word(p[2]))
		return GPR_AT;
	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++)
		if (TOLOWER(*p) == ranges[i].name[0] && ISDIGIT(p[1]) &&
		    ranges[i].first + p[1] - '0' <= ranges[i].last)
			return ranges[i].first + p[1] - '0';
	return -1;
}

/* Registers the text names by itself, as a mask. */
static unsigned int named_in(const char *text)
{
	unsigned int named = 0;

	for (const char *p = strchr(text, '$'); p; p = strchr(p + 1, '$')) {
		int n = register_named(p + 1);

		if (n >= 0 && n < GPR_COUNT)
			named |= 1u << n;
		else if (TOLOWER(p[1]) == 't')	/* $t0-$t9: which one depends on the ABI's names */
			named |= 0x0300ff00;	/* $8-$15, $24, $25 */
	}
	return named;
}

static void exclude_reg(const_rtx x, unsigned int *mask)
{
	if (x && REG_P(x) && REGNO(x) < GPR_COUNT)
		for (unsigned int r = REGNO(x); r < END_REGNO(x) && r < GPR_COUNT; r++)
			*mask &= ~(1u << r);
}

/* Every register that the asm has as operand, address or clobber. */
static void exclude_operands(const_rtx body, unsigned int *mask)
{
	subrtx_iterator::array_type array;

	FOR_EACH_SUBRTX(iter, array, body, ALL)
		exclude_reg(*iter, mask);
}

/* The asm of an instruction: ASM_OPERANDS or ASM_INPUT, or NULL. */
static rtx asm_of(rtx body)
{
	if (GET_CODE(body) == PARALLEL && GET_CODE(XVECEXP(body, 0, 0)) == ASM_INPUT)
		return XVECEXP(body, 0, 0);
	if (GET_CODE(body) == ASM_INPUT)
		return body;
	return extract_asm_operands(body);
}

/* An asm with several outputs is a PARALLEL of SETs, each with its own copy of the operands and text. */
static void set_template(rtx body, const char *text)
{
	if (GET_CODE(body) == PARALLEL) {
		for (int i = 0; i < XVECLEN(body, 0); i++)
			set_template(XVECEXP(body, 0, i), text);
	} else if (GET_CODE(body) == SET) {
		set_template(SET_SRC(body), text);
	} else if (GET_CODE(body) == ASM_OPERANDS || GET_CODE(body) == ASM_INPUT) {
		XSTR(body, 0) = text;
	}
}

/*
 * GCC counts lines to learn how long an asm can be, and chooses branches by that: each NOP of the padding
 * needs a line. Two lines come with the assignments.
 */
static const char *wrap(const char *text, unsigned int dead, unsigned int padding)
{
	char *lines = XALLOCAVEC(char, padding + 1), *wrapped;
	const char *collected;

	memset(lines, '\n', padding);
	lines[padding] = '\0';
	wrapped = xasprintf(".equ .Lafterburn_dead, %#x\n\t%s\n\t.equ .Lafterburn_dead, 0%s", dead, text, lines);
	collected = ggc_strdup(wrapped);
	free(wrapped);
	return collected;
}

static void add_clobbers(rtx_insn *insn, unsigned int dead)
{
	rtx old = PATTERN(insn), body;
	int had = GET_CODE(old) == PARALLEL ? XVECLEN(old, 0) : 1, n = had;

	body = gen_rtx_PARALLEL(VOIDmode, rtvec_alloc(had + popcount_hwi(dead)));
	for (int i = 0; i < had; i++)
		XVECEXP(body, 0, i) = GET_CODE(old) == PARALLEL ? XVECEXP(old, 0, i) : old;
	for (unsigned int r = 0; r < GPR_COUNT; r++)
		if (dead & 1u << r)
			XVECEXP(body, 0, n++) = gen_rtx_CLOBBER(VOIDmode, gen_rtx_REG(word_mode, r));
	PATTERN(insn) = body;
	INSN_CODE(insn) = -1;
	df_insn_rescan(insn);
}

static void treat(rtx_insn *insn, bitmap live)
{
	rtx assembly = asm_of(PATTERN(insn));
	const char *text = assembly ? XSTR(assembly, 0) : NULL;
	unsigned int dead = scratch_registers, padding = text ? padding_of(text) : 0;

	if (!padding)
		return;
	for (unsigned int r = 0; r < GPR_COUNT; r++)
		if (fixed_regs[r] || global_regs[r] || bitmap_bit_p(live, r))
			dead &= ~(1u << r);
	dead |= 1u << GPR_AT;
	exclude_operands(PATTERN(insn), &dead);
	dead &= ~named_in(text);
	set_template(PATTERN(insn), wrap(text, dead, padding));
	add_clobbers(insn, dead & ~(1u << GPR_AT));
}

static unsigned int afterburn_execute(void)
{
	basic_block bb;
	rtx_insn *insn;
	bitmap_head live;

	df_analyze();
	bitmap_initialize(&live, &bitmap_default_obstack);
	FOR_EACH_BB_FN(bb, cfun) {
		bool slot_trapped = false;

		bitmap_copy(&live, df_get_live_out(bb));
		df_simulate_initialize_backwards(bb, &live);
		FOR_BB_INSNS_REVERSE(bb, insn) {
			if (!INSN_P(insn))
				continue;
			/* The uses and definitions of the asm itself, before it gets clobbers. */
			if (NONDEBUG_INSN_P(insn)) {
				treat(insn, &live);
				/* What fills a delay slot is the last access before the branch. */
				if (access_treat(insn, slot_trapped))
					slot_trapped = false;
				if (JUMP_P(insn) || CALL_P(insn))
					slot_trapped = marks_cover_slot(insn);
			}
			df_simulate_one_insn_backwards(bb, insn, &live);
		}
	}
	bitmap_clear(&live);
	return 0;
}

static const pass_data afterburn_pass_data = {
	RTL_PASS, "afterburn", OPTGROUP_NONE, TV_NONE, 0, 0, 0, 0, 0,
};

class afterburn_pass : public rtl_opt_pass {
public:
	afterburn_pass() : rtl_opt_pass(afterburn_pass_data, g) {}
	unsigned int execute(function *) final override { return afterburn_execute(); }
};

static auto_vec<const char *> inputs;	/* files that the object depends on */

/* For -MD: make, and caches of compilers, learn that other marks make another object. */
static void name_inputs(void)
{
	if (!&parse_in || !parse_in || !cpp_get_deps || !deps_add_dep || !cpp_get_deps(parse_in))
		return;
	for (const char *path : inputs)
		deps_add_dep(cpp_get_deps(parse_in), path);
}

/* What the macros take for an assembler source unless they are told otherwise. */
static void afterburn_start_unit(void *, void *)
{
	if (asm_out_file)
		fputs("\t.equ .Lafterburn_flags, 0\n", asm_out_file);
	name_inputs();
}

static void afterburn_attributes(void *, void *)
{
	marks_register_attributes();
}

static bool read_arguments(const struct plugin_name_args *args)
{
	for (int i = 0; i < args->argc; i++) {
		const struct plugin_argument *argument = &args->argv[i];

		if (!strcmp(argument->key, "user")) {
			sensitive = user_rows;
		} else if (!strcmp(argument->key, "sensitive") && argument->value) {
			marks_read(argument->value);
			inputs.safe_push(argument->value);
		} else if (!strcmp(argument->key, "profile") && argument->value) {
			marks_read_places(argument->value);
			inputs.safe_push(argument->value);
		} else {
			error("afterburn-plugin knows no argument %qs; %<user%> is one", argument->key);
			return false;
		}
	}
	return true;
}

extern "C" int afterburn_init(struct plugin_name_args *args)
{
	struct register_pass_info info;

	if (!read_arguments(args))
		return 1;
	/* -save-temps preprocesses apart, where no unit starts; of assembler nothing is marked. */
	if (flag_preprocess_only && &parse_in && parse_in && cpp_get_options(parse_in)->lang != CLK_ASM)
		name_inputs();
	/*
	 * The last place with a control-flow graph. Behind it come only "mach", which lays out the code, and the
	 * filler of delay slots, which respects the clobbers.
	 */
	info.pass = new afterburn_pass();
	info.reference_pass_name = "*free_cfg";
	info.ref_pass_instance_number = 1;
	info.pos_op = PASS_POS_INSERT_BEFORE;
	register_callback(args->base_name, PLUGIN_INFO, NULL, &afterburn_info);
	register_callback(args->base_name, PLUGIN_PASS_MANAGER_SETUP, NULL, &info);
	register_callback(args->base_name, PLUGIN_START_UNIT, afterburn_start_unit, NULL);
	register_callback(args->base_name, PLUGIN_ATTRIBUTES, afterburn_attributes, NULL);
	return 0;
}
