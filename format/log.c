/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Writing a log of states: see log.h. Part of the Wedge and of metal, hence plain C and nothing but stdio.
 */
#include "format/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUFFER	0x100000

struct log_writer {
	FILE *file;
	unsigned flags;
	uint64_t entries;
	uint64_t last[LOG_VALUES];
};

bool log__is_sensitive(uint32_t insn)
{
	static const struct {
		uint32_t match, mask;
	} rows[] = {
#define SENSITIVE(ID, NAME, MATCH, MASK, FORM, WORDS) { MATCH, MASK },
#include "abi/sensitive.def"
#undef SENSITIVE
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if ((insn & rows[i].mask) == rows[i].match)
			return true;
	return false;
}

static void put_number(struct log_writer *log, uint64_t n)
{
	for (; n > 0x7f; n >>= 7)
		putc_unlocked(0x80 | (n & 0x7f), log->file);
	putc_unlocked(n, log->file);
}

static void put_difference(struct log_writer *log, uint64_t difference)
{
	put_number(log, difference << 1 ^ -(difference >> 63));
}

static void put_head(struct log_writer *log, const struct log_head *head)
{
	size_t length = strlen(head->machine);

	fwrite(LOG_MAGIC, 8, 1, log->file);
	put_number(log, LOG_VERSION);
	put_number(log, LOG_VALUES);
	put_number(log, head->flags);
	put_number(log, length);
	fwrite(head->machine, length, 1, log->file);
	put_number(log, head->window_count);
	for (size_t i = 0; i < head->window_count; i++) {
		put_number(log, head->windows[i].start);
		put_number(log, head->windows[i].size);
		put_number(log, head->windows[i].canonical);
	}
	put_number(log, head->place_count);
	for (size_t i = 0; i < head->place_count; i++) {
		put_number(log, head->places[i].start);
		put_number(log, head->places[i].end);
	}
}

struct log_writer *log__create(const char *path, const struct log_head *head, struct complaint *c)
{
	struct log_writer *log = calloc(1, sizeof(*log));

	if (!log) {
		complain(c, "no memory for the log of states");
		return NULL;
	}
	log->flags = head->flags;
	log->file = fopen(path, "wbe");
	if (!log->file) {
		complain(c, "the log of states '%s': %s", path, strerror(errno));
		free(log);
		return NULL;
	}
	setvbuf(log->file, NULL, _IOFBF, BUFFER);
	put_head(log, head);
	return log;
}

FILE *log__file(struct log_writer *log)
{
	return log->file;
}

bool log__wants(const struct log_writer *log, uint32_t insn)
{
	return !(log->flags & LOG_SENSITIVE) || log__is_sensitive(insn);
}

void log__put(struct log_writer *log, uint32_t insn, const uint64_t values[LOG_VALUES])
{
	unsigned changed = 0;

	log->last[LOG_PC] += 4;
	for (unsigned i = 0; i < LOG_VALUES; i++)
		changed += values[i] != log->last[i];
	putc_unlocked(1 + changed, log->file);
	for (unsigned i = 0; i < 4; i++)
		putc_unlocked(insn >> 8 * i & 0xff, log->file);
	for (unsigned i = 0; i < LOG_VALUES; i++) {
		if (values[i] == log->last[i])
			continue;
		putc_unlocked(i, log->file);
		put_difference(log, values[i] - log->last[i]);
		log->last[i] = values[i];
	}
	log->entries++;
}

int log__close(struct log_writer *log, struct complaint *c)
{
	int failed;

	putc_unlocked(0, log->file);
	put_number(log, log->entries);
	failed = ferror(log->file);
	failed |= fclose(log->file);
	free(log);
	return failed ? complain(c, "writing the log of states: %s", strerror(errno)) : 0;
}
