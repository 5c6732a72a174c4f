// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * See kernel-log.h; Linux's kernel/printk/printk_ringbuffer.h, since 5.18.
 *
 * Linux's static `prb` leads to a structure with three rings: descriptors, what is known of each record, and text. A record's
 * number in the first two is its id modulo their size. Its descriptor has the id with a state in the top two bits, and says where
 * its text is, in positions that only grow: modulo the text's size, and behind eight bytes for the id. Text that would reach the
 * end is at the beginning instead.
 *
 * VMCOREINFO would have the structures' offsets, but needs CONFIG_CRASH_CORE, which comes with kexec and /proc/kcore, and our
 * guest has neither. So they are here.
 */
#include <stdio.h>
#include <string.h>

#include "wedge/load/kernel-log.h"

enum {
	/* struct printk_ringbuffer */
	RING_COUNT_BITS = 0, RING_DESCS = 8, RING_INFOS = 16, RING_HEAD_ID = 24, RING_TAIL_ID = 32, RING_SIZE_BITS = 48, RING_DATA = 56,
	RING_BYTES = 88,
	/* struct prb_desc */
	DESC_STATE = 0, DESC_BEGIN = 8, DESC_NEXT = 16, DESC_BYTES = 24,
	/* struct printk_info */
	INFO_SEQ = 0, INFO_NS = 8, INFO_LENGTH = 16, INFO_FACILITY = 18, INFO_LEVEL = 19, INFO_BYTES = 88,
};

#define COUNT_BITS_MOST	18u		/* of 8 MB of text: log_buf_len= could ask for more */
#define TEXT_BITS_MOST	23u
#define STATE_SHIFT	62		/* of 0: reserved, 1: committed, 2: finalized, 3: reusable */
#define ID_MASK		((1ull << STATE_SHIFT) - 1)
#define NO_TEXT		3		/* begin and next of a record that has none; another odd one has lost it */
#define ID_BYTES	8		/* in front of text */

/* In RAM, all of it; NULL: it is not. */
static const u8 *at(const struct kernel_log *log, u64 va, u64 size)
{
	u64 pa;

	return windows__physical(log->windows, va, &pa) ? ram__at(log->ram, pa, size) : NULL;
}

static bool copy(const struct kernel_log *log, void *to, u64 va, u64 size)
{
	const u8 *from = at(log, va, size);

	if (from)
		memcpy(to, from, size);
	return from;
}

static u64 get(const struct kernel_log *log, const u8 *p, unsigned bits)
{
	u64 value = bits == 16 ? unaligned__get16(p) : bits == 32 ? unaligned__get32(p) : unaligned__get64(p);

	return log->swapped ? __builtin_bswap64(value) >> (64 - bits) : value;
}

static int look_at_ring(struct kernel_log *log, const u8 *ring, const char *name, struct complaint *c)
{
	const u64 count_bits = get(log, ring + RING_COUNT_BITS, 32), text_bits = get(log, ring + RING_SIZE_BITS, 32);
	const u64 tail = get(log, ring + RING_TAIL_ID, 64), head = get(log, ring + RING_HEAD_ID, 64);

	if (!count_bits || count_bits > COUNT_BITS_MOST || text_bits < 4 || text_bits > TEXT_BITS_MOST)
		return complain(c, "%s: its log in memory has 2^%u records and 2^%u bytes, which cannot be; "
				"the guest has overwritten it, or is not Linux 6.1", name, (unsigned)count_bits, (unsigned)text_bits);
	log->count_bits = count_bits;
	log->text_bits = text_bits;
	log->records = get(log, ring + RING_DESCS, 64);
	log->infos = get(log, ring + RING_INFOS, 64);
	log->text = get(log, ring + RING_DATA, 64);
	if (!at(log, log->records, (u64)DESC_BYTES << count_bits) || !at(log, log->infos, (u64)INFO_BYTES << count_bits) ||
	    !at(log, log->text, 1ull << text_bits))
		return complain(c, "%s: its log in memory leads to where there is no RAM; the guest has overwritten it", name);
	log->id = tail & ID_MASK;
	log->left = ((head - tail) & ID_MASK) >> count_bits ? 1u << count_bits : ((head - tail) & ID_MASK) + 1;
	return 0;
}

int kernel_log__open(struct kernel_log *log, const struct image *image, const struct ram *ram, const struct windows *windows,
		     struct complaint *c)
{
	u8 pointer[8], ring[RING_BYTES];
	u64 symbol;

	*log = (struct kernel_log){
		.ram = ram, .windows = windows, .swapped = image__swapped(image), .big_endian = !image->little_endian,
	};
	if (!image__symbol(image, "prb", &symbol))
		return complain(c, "%s has no symbol 'prb', by which its log would be found: "
				"strip no more than debug information (strip -g)", image->name);
	if (!copy(log, pointer, symbol, sizeof(pointer)) || !copy(log, ring, get(log, pointer, 64), sizeof(ring)))
		return complain(c, "%s: 'prb' leads to where there is no RAM; the guest has overwritten it", image->name);
	return look_at_ring(log, ring, image->name, c);
}

/* Printable, and ASCII. */
static void print(char *to, const u8 *text, unsigned length)
{
	for (unsigned i = 0; i < length; i++)
		if ((text[i] >= ' ' && text[i] < 0x7f) || text[i] == '\n' || text[i] == '\t')
			*to++ = text[i];
		else
			to += sprintf(to, "\\x%02x", text[i]);
	*to = 0;
}

/* Between two positions there are so many bytes at least, and how they lie is as Linux makes it. */
static bool read_text(const struct kernel_log *log, u64 begin, u64 next, unsigned length, struct kernel_log_record *r)
{
	const u64 size = 1ull << log->text_bits, mask = size - 1;
	u64 from = begin & mask, room;
	u8 text[KERNEL_LOG_LINE];

	if (begin == NO_TEXT && next == NO_TEXT) {
		r->text[0] = 0;
		return true;
	}
	if (begin % ID_BYTES || next % ID_BYTES)
		return false;
	if (begin >> log->text_bits == next >> log->text_bits && begin < next) {
		room = next - begin;
	} else if ((begin + size) >> log->text_bits == next >> log->text_bits) {
		from = 0;
		room = next & mask;
	} else {
		return false;
	}
	if (room < ID_BYTES || room - ID_BYTES < length)
		return false;
	if (length > sizeof(text))
		length = sizeof(text);
	if (!copy(log, text, log->text + from + ID_BYTES, length))
		return false;
	print(r->text, text, length);
	return true;
}

static u64 state_of(const struct kernel_log *log, u64 desc)
{
	u8 state[8] = { 0 };

	copy(log, state, desc + DESC_STATE, sizeof(state));
	return get(log, state, 64);
}

/* Is it there, and was it while we looked? A guest that runs takes old ones away. */
static bool read_record(const struct kernel_log *log, u64 id, struct kernel_log_record *r)
{
	const u64 n = id & ((1ull << log->count_bits) - 1), at_desc = log->records + n * DESC_BYTES;
	u8 desc[DESC_BYTES], info[INFO_BYTES];
	u64 state;

	if (!copy(log, desc, at_desc, sizeof(desc)))
		return false;
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	state = get(log, desc + DESC_STATE, 64);
	if ((state & ID_MASK) != id || state >> STATE_SHIFT < 1 || state >> STATE_SHIFT > 2)
		return false;
	if (!copy(log, info, log->infos + n * INFO_BYTES, sizeof(info)))
		return false;
	r->seq = get(log, info + INFO_SEQ, 64);
	r->ns = get(log, info + INFO_NS, 64);
	r->facility = info[INFO_FACILITY];
	/* Three bits behind five, counted from where the CPU's byte order begins. */
	r->level = log->big_endian ? info[INFO_LEVEL] & 7 : info[INFO_LEVEL] >> 5;
	if (!read_text(log, get(log, desc + DESC_BEGIN, 64), get(log, desc + DESC_NEXT, 64), get(log, info + INFO_LENGTH, 16), r))
		return false;
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	/* Between the two it may only have been finalized. */
	return (state_of(log, at_desc) & ID_MASK) == id && state_of(log, at_desc) >> STATE_SHIFT != 3;
}

bool kernel_log__next(struct kernel_log *log, u64 from, struct kernel_log_record *r)
{
	while (log->left) {
		const u64 id = log->id;

		log->id = (id + 1) & ID_MASK;
		log->left--;
		if (read_record(log, id, r) && r->seq >= from)
			return true;
	}
	return false;
}
