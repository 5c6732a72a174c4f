/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Reading a log of states: see log.h. Nothing in the file is believed before it has been checked.
 */
#include "format/log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PLACES_MAX	0x100000

const char *log__value_name(unsigned value)
{
	static const char *const names[LOG_VALUES] = {
		"pc", "at", "v0", "v1", "a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "t0", "t1", "t2", "t3",
		"s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "t8", "t9", "k0", "k1", "gp", "sp", "s8", "ra",
		"hi", "lo",
#define CP0_STATE(NAME, TITLE) #TITLE,
#include "format/state.def"
#undef CP0_STATE
		"mpl0", "mpl1", "mpl2", "p0", "p1", "p2",
	};

	return value < LOG_VALUES ? names[value] : "?";
}

static int cut_short(const struct log *log, const char *where, struct complaint *c)
{
	return complain(c, "%s: the log ends in %s, after %" PRIu64 " entries: the run that wrote it was cut short", log->path,
			where, log->last.number);
}

static int broken(const struct log *log, const char *what, struct complaint *c)
{
	return complain(c, "%s: %s in entry %" PRIu64 ": this is no log of states, or a damaged one", log->path, what,
			log->last.number + 1);
}

static bool get_number(struct log *log, uint64_t *n)
{
	unsigned shift = 0;
	int byte;

	*n = 0;
	do {
		byte = getc_unlocked(log->file);
		if (byte == EOF || shift > 63)
			return false;
		*n |= (uint64_t)(byte & 0x7f) << shift;
		shift += 7;
	} while (byte & 0x80);
	return true;
}

static bool get_numbers(struct log *log, uint64_t *first, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (!get_number(log, &first[i]))
			return false;
	return true;
}

static int read_places(struct log *log, uint64_t count, struct complaint *c)
{
	uint64_t n[2], last = 0;

	if (count > PLACES_MAX)
		return complain(c, "%s: a head with %" PRIu64 " places: damaged", log->path, count);
	log->places = calloc(count + 1, sizeof(*log->places));
	if (!log->places)
		return complain(c, "%s: no memory for %" PRIu64 " places", log->path, count);
	for (uint64_t i = 0; i < count; i++) {
		if (!get_numbers(log, n, 2))
			return cut_short(log, "its head", c);
		if (n[0] < last || n[1] <= n[0])
			return complain(c, "%s: places of its head are not sorted: damaged", log->path);
		log->places[i] = (struct log_place){ n[0], n[1] };
		last = n[1];
	}
	log->place_count = count;
	return 0;
}

static int read_head(struct log *log, struct complaint *c)
{
	uint64_t n[4];
	char magic[8];

	if (fread(magic, 1, 8, log->file) != 8 || memcmp(magic, LOG_MAGIC, 8))
		return complain(c, "%s: no log of states: it does not begin with %s", log->path, LOG_MAGIC);
	if (!get_numbers(log, n, 4))
		return cut_short(log, "its head", c);
	if (n[0] != LOG_VERSION || n[1] != LOG_VALUES)
		return complain(c, "%s: version %" PRIu64 " with %" PRIu64 " values; this program reads version %d with %d",
				log->path, n[0], n[1], LOG_VERSION, LOG_VALUES);
	if (n[3] > LOG_NAME_MAX)
		return complain(c, "%s: a machine's name of %" PRIu64 " characters: damaged", log->path, n[3]);
	log->flags = n[2];
	if (fread(log->machine, 1, n[3], log->file) != n[3] || !get_number(log, &n[0]))
		return cut_short(log, "its head", c);
	if (n[0] > LOG_WINDOWS_MAX)
		return complain(c, "%s: a head with %" PRIu64 " windows: damaged", log->path, n[0]);
	for (log->window_count = 0; log->window_count < n[0]; log->window_count++) {
		if (!get_numbers(log, &n[1], 3))
			return cut_short(log, "its head", c);
		log->windows[log->window_count] = (struct log_window){ n[1], n[2], n[3] };
	}
	if (!get_number(log, &n[0]))
		return cut_short(log, "its head", c);
	return read_places(log, n[0], c);
}

int log__open(struct log *log, const char *path, struct complaint *c)
{
	*log = (struct log){ .path = path, .file = fopen(path, "rbe") };
	if (!log->file)
		return complain(c, "%s: %s", path, strerror(errno));
	if (!read_head(log, c))
		return 0;
	log__free(log);
	return -1;
}

void log__free(struct log *log)
{
	if (log->file)
		fclose(log->file);
	free(log->places);
	log->file = NULL;
	log->places = NULL;
}

static int read_end(struct log *log, struct complaint *c)
{
	uint64_t entries;

	if (!get_number(log, &entries))
		return cut_short(log, "its end", c);
	if (entries != log->last.number)
		return complain(c, "%s: says it has %" PRIu64 " entries, but has %" PRIu64 ": damaged", log->path, entries,
				log->last.number);
	if (getc_unlocked(log->file) != EOF)
		return complain(c, "%s: goes on behind its end: damaged", log->path);
	return 0;
}

int log__get(struct log *log, struct log_entry *entry, struct complaint *c)
{
	struct log_entry *e = &log->last;
	int tag = getc_unlocked(log->file), index, last = -1;
	uint8_t insn[4];
	uint64_t n;

	if (tag == EOF)
		return cut_short(log, "no end", c);
	if (!tag)
		return read_end(log, c);
	if (tag > 1 + LOG_VALUES)
		return broken(log, "too many changes", c);
	if (fread(insn, 1, 4, log->file) != 4)
		return cut_short(log, "an entry", c);
	e->insn = insn[0] | insn[1] << 8 | insn[2] << 16 | (uint32_t)insn[3] << 24;
	e->value[LOG_PC] += 4;
	while (--tag) {
		index = getc_unlocked(log->file);
		if (index == EOF || !get_number(log, &n))
			return cut_short(log, "an entry", c);
		if (index <= last || index >= LOG_VALUES)
			return broken(log, "a value that does not exist", c);
		e->value[index] += n >> 1 ^ -(n & 1);
		last = index;
	}
	e->number++;
	*entry = *e;
	return 1;
}

uint64_t log__canonical(const struct log *log, uint64_t value)
{
	for (size_t i = 0; i < log->window_count; i++)
		if (value - log->windows[i].start < log->windows[i].size)
			return value - log->windows[i].start + log->windows[i].canonical;
	return value;
}

bool log__sees(const struct log *log, uint64_t pc)
{
	size_t low = 0, high = log->place_count;

	if (log->flags & LOG_EVERYWHERE)
		return true;
	while (low < high) {
		size_t mid = (low + high) / 2;

		if (pc < log->places[mid].start)
			high = mid;
		else if (pc >= log->places[mid].end)
			low = mid + 1;
		else
			return true;
	}
	return false;
}
