/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A log of states: what the registers of a guest held before each instruction that was executed.
 *
 * Metal (a machine of QEMU) and the Wedge write it, `match` reads two of them. An entry holds only what has
 * changed since the one before, ten to twenty bytes as a rule, so that a boot of Linux can be logged. A branch
 * and its delay slot are one entry; an instruction that cannot be fetched has none.
 *
 * The file: LOG_MAGIC, a head, entries, an end. Numbers are LEB128, signed ones zigzag.
 *	head:	version, number of values, flags, the machine's name (length, bytes),
 *		windows (count; start, size, canonical), places (count; start, end)
 *	entry:	a byte of 1 + how many values changed; the instruction's word (4 bytes, lowest first); for each
 *		of them its index (a byte) and the difference. PC is expected to be that of before, plus 4.
 *	end:	a byte of 0; number of entries
 */
#ifndef FORMAT_LOG_H
#define FORMAT_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/complain.h"

#define LOG_MAGIC	"AFTSTATE"
#define LOG_VERSION	1

enum log_value {
	LOG_PC,				/* and general register n at n */
	LOG_HI = 32, LOG_LO,
#define CP0_STATE(NAME, TITLE) LOG_CP0_##NAME,
#include "format/state.def"
#undef CP0_STATE
	LOG_MPL0, LOG_MPL1, LOG_MPL2,	/* Octeon's multiplier */
	LOG_P0, LOG_P1, LOG_P2,
	LOG_VALUES
};

#define LOG_SENSITIVE	1	/* flag: entries are sensitive instructions only */
#define LOG_EVERYWHERE	2	/* flag: no (other) instruction escapes this log */

/* [start, start + size) in this guest stands for what others see from `canonical` on. */
struct log_window {
	uint64_t start, size, canonical;
};

/* Unless LOG_EVERYWHERE is set: where no instruction escapes the log. Sorted, disjoint. */
struct log_place {
	uint64_t start, end;
};

struct log_head {
	const char *machine;		/* at most LOG_NAME_MAX characters */
	unsigned flags;
	const struct log_window *windows;
	const struct log_place *places;
	size_t window_count, place_count;
};

#define LOG_NAME_MAX	63
#define LOG_WINDOWS_MAX	8

/* Is it a row of abi/sensitive.def? */
bool log__is_sensitive(uint32_t insn);

/* --- Writing (log.c) --- */

struct log_writer;

/* The head is written at once. NULL with a complaint if the file cannot be made. */
struct log_writer *log__create(const char *path, const struct log_head *head, struct complaint *c);

/* Does this log want an entry for the instruction? */
bool log__wants(const struct log_writer *log, uint32_t insn);
void log__put(struct log_writer *log, uint32_t insn, const uint64_t values[LOG_VALUES]);

/* What it is written to, for whoever closes descriptors. */
struct _IO_FILE *log__file(struct log_writer *log);

/* Writes the end. -1 with a complaint if any of it could not be written. */
int log__close(struct log_writer *log, struct complaint *c);

/* --- Reading (reader.c) --- */

struct log_entry {
	uint64_t number;		/* from 1 */
	uint32_t insn;
	uint64_t value[LOG_VALUES];
};

struct log {
	char machine[LOG_NAME_MAX + 1];
	unsigned flags;
	struct log_window windows[LOG_WINDOWS_MAX];
	struct log_place *places;
	size_t window_count, place_count;

	/* private */
	const char *path;
	void *file;
	struct log_entry last;
};

/* The path is kept, not copied. After -1 with a complaint there is nothing to close. */
int log__open(struct log *log, const char *path, struct complaint *c);
/* 1: an entry; 0: the end; -1: a complaint. */
int log__get(struct log *log, struct log_entry *entry, struct complaint *c);
void log__free(struct log *log);

/* What others see in place of a value: its own if it lies in no window. */
uint64_t log__canonical(const struct log *log, uint64_t value);
/* Would an instruction at `pc` (as this log has it), were it executed, be in this log? */
bool log__sees(const struct log *log, uint64_t pc);

const char *log__value_name(unsigned value);

#endif
