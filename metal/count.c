// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A plugin of QEMU: how many times each instruction was executed between two marks.
 *
 *	-plugin count.so,begin=WORD,end=WORD,out=FILE[,each=FILE]
 *
 * A mark is an instruction word (hexadecimal) that does nothing and that no other program has; bench/bench.h has
 * some. Without begin it counts from the start. Marks may come again: the counts add up. When the machine ends FILE
 * gets a line for each instruction: its virtual address, hexadecimal, its count, decimal, and the word that was there last, hexadecimal; and what lies
 * between marks is complete. Programs at the same address are one. With `each` what lies between the first two marks is also in FILE.1, between the
 * next two in FILE.2, and so on, as soon as the second has come. For machines with one core.
 *
 * An instruction that faults counts each time that it is tried, as -icount does.
 */
#include <endian.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qemu-plugin.h"

QEMU_PLUGIN_EXPORT int qemu_plugin_version = QEMU_PLUGIN_VERSION;

/* Generated code adds to `count`, so they never move. */
struct instruction {
	uint32_t word;
	uint64_t address, count, counted, before;	/* before: `count` at the last mark that began */
	struct instruction *next;			/* in its chain */
};

#define CHAINS (1 << 18)
static struct instruction *chains[CHAINS];

static struct {
	uint64_t begin, end;
	const char *out, *each;
} arguments;
static bool on;
static unsigned intervals;

static struct instruction *instruction_at(uint64_t address)
{
	struct instruction **chain = &chains[(address >> 2 ^ address >> 20) % CHAINS], *i;

	for (i = *chain; i; i = i->next)
		if (i->address == address)
			return i;
	i = calloc(1, sizeof(*i));
	if (!i)
		abort();
	i->address = address;
	i->next = *chain;
	return *chain = i;
}

static void turn(bool now)
{
	if (on == now)
		return;
	on = now;
	for (size_t n = 0; n < CHAINS; n++)
		for (struct instruction *i = chains[n]; i; i = i->next)
			if (on)
				i->before = i->count;
			else
				i->counted += i->count - i->before;
}

static void at_begin(unsigned core, void *unused)
{
	turn(true);
}

static uint64_t counted_now(const struct instruction *i)
{
	return i->count - i->before;
}

static uint64_t counted_at_all(const struct instruction *i)
{
	return i->counted;
}

static void write_counts(const char *name, uint64_t (*counted)(const struct instruction *i))
{
	FILE *out = fopen(name, "w");

	for (size_t n = 0; out && n < CHAINS; n++)
		for (const struct instruction *i = chains[n]; i; i = i->next)
			if (counted(i))
				fprintf(out, "%016" PRIx64 " %" PRIu64 " %08" PRIx32 "\n", i->address, counted(i), i->word);
	if (!out || fclose(out))
		fprintf(stderr, "count: cannot write %s\n", name);
}

static void at_end(unsigned core, void *unused)
{
	char name[4096];

	if (on && arguments.each) {
		snprintf(name, sizeof(name), "%s.%u", arguments.each, ++intervals);
		write_counts(name, counted_now);
	}
	turn(false);
}

static bool big_endian;		/* the machine, and so its instructions */

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	for (size_t n = 0; n < qemu_plugin_tb_n_insns(tb); n++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, n);
		struct instruction *i = instruction_at(qemu_plugin_insn_vaddr(insn));
		uint32_t word;

		qemu_plugin_register_vcpu_insn_exec_inline(insn, QEMU_PLUGIN_INLINE_ADD_U64, &i->count, 1);
		memcpy(&word, qemu_plugin_insn_data(insn), sizeof(word));
		word = big_endian ? be32toh(word) : le32toh(word);
		i->word = word;
		if (word == arguments.begin)
			qemu_plugin_register_vcpu_insn_exec_cb(insn, at_begin, QEMU_PLUGIN_CB_NO_REGS, NULL);
		else if (word == arguments.end)
			qemu_plugin_register_vcpu_insn_exec_cb(insn, at_end, QEMU_PLUGIN_CB_NO_REGS, NULL);
	}
}

static void ended(qemu_plugin_id_t id, void *unused)
{
	turn(false);
	write_counts(arguments.out, counted_at_all);
}

QEMU_PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
	for (int i = 0; i < argc; i++) {
		char *rest;

		if (!strncmp(argv[i], "begin=", 6) && (arguments.begin = strtoull(argv[i] + 6, &rest, 16)) && !*rest)
			continue;
		if (!strncmp(argv[i], "end=", 4) && (arguments.end = strtoull(argv[i] + 4, &rest, 16)) && !*rest)
			continue;
		if (!strncmp(argv[i], "out=", 4) && *(arguments.out = argv[i] + 4))
			continue;
		if (!strncmp(argv[i], "each=", 5) && *(arguments.each = argv[i] + 5))
			continue;
		fprintf(stderr, "count: takes begin=WORD, end=WORD, out=FILE and each=FILE, not '%s'\n", argv[i]);
		return -1;
	}
	if (!arguments.end || !arguments.out) {
		fprintf(stderr, "count: needs end=WORD and out=FILE\n");
		return -1;
	}
	on = !arguments.begin;
	big_endian = !strcmp(info->target_name, "mips64");
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	qemu_plugin_register_atexit_cb(id, ended, NULL);
	return 0;
}
