/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A made-up kernel with a log: of 4 records and 128 bytes of text, in RAM of 64 KB.
 */
#ifndef TESTS_UNIT_KERNEL_LOG_FIXTURE_H
#define TESTS_UNIT_KERNEL_LOG_FIXTURE_H

#include <stdlib.h>
#include <string.h>

#include "wedge/core/layout.h"
#include "wedge/load/kernel-log.h"

#define LOG_RAM		0x10000u
#define LOG_COUNT_BITS	2u
#define LOG_COUNT	(1u << LOG_COUNT_BITS)
#define LOG_TEXT_BITS	7u
#define LOG_TEXT	(1u << LOG_TEXT_BITS)
/* Where things lie. */
#define LOG_POINTER	0x10u
#define LOG_RING	0x20u
#define LOG_DESCS	0x80u
#define LOG_INFOS	0x100u
#define LOG_TEXTS	0x280u
#define LOG_END		0x300u
/* As Linux begins: its ids and positions overflow soon. */
#define LOG_ID		(((1ull << 62) - 1) & -(u64)(LOG_COUNT + 1))
#define LOG_POSITION	(-(u64)LOG_TEXT)

struct log_kernel {
	u8 ram[LOG_RAM];
	struct image image;
	struct image_symbol symbol;
	struct ram described;
	struct windows windows;
	u64 head, position, seq;	/* of the record to come */
};

static inline void log_put(struct log_kernel *k, unsigned at, u64 value, unsigned bits)
{
	for (unsigned i = 0; i < bits / 8; i++)
		k->ram[at + (k->image.little_endian ? i : bits / 8 - 1 - i)] = value >> 8 * i;
}

static inline void log_make(struct log_kernel *k, bool little_endian)
{
	*k = (struct log_kernel){
		.symbol = { .address = IMAGE_CKSEG0 + LOG_POINTER, .name = "prb" },
		.image = { .name = "vmlinux", .little_endian = little_endian, .symbol_count = 1, .symbols = &k->symbol },
		.described = { .base = k->ram, .size = LOG_RAM }, .windows = LAYOUT_WINDOWS,
		.head = LOG_ID, .position = LOG_POSITION,
	};
	log_put(k, LOG_POINTER, WINDOW_CKSEG0 + LOG_RING, 64);
	log_put(k, LOG_RING, LOG_COUNT_BITS, 32);
	log_put(k, LOG_RING + 8, WINDOW_CKSEG0 + LOG_DESCS, 64);
	log_put(k, LOG_RING + 16, WINDOW_PHYSMAP + LOG_INFOS, 64);
	log_put(k, LOG_RING + 24, LOG_ID, 64);
	log_put(k, LOG_RING + 32, LOG_ID, 64);
	log_put(k, LOG_RING + 48, LOG_TEXT_BITS, 32);
	log_put(k, LOG_RING + 56, 0x9800000000000000ull + LOG_TEXTS, 64);
	log_put(k, LOG_DESCS + 24 * (LOG_ID % LOG_COUNT), LOG_ID | 3ull << 62, 64);
}

/* Linux's: state 1 is committed, 2 finalized. Text never reaches the end: it is at the beginning then. */
static inline void log_add(struct log_kernel *k, unsigned state, const char *text)
{
	const unsigned length = strlen(text), size = (8 + length + 7) & ~7u;
	unsigned n, at;
	u64 begin = k->position, next = begin + size;

	k->head = (k->head + 1) & ((1ull << 62) - 1);
	n = k->head % LOG_COUNT;
	at = begin % LOG_TEXT;
	if (begin >> LOG_TEXT_BITS != next >> LOG_TEXT_BITS) {
		at = 0;
		next = (next & -(u64)LOG_TEXT) + size;
	}
	k->position = next;
	log_put(k, LOG_TEXTS + at, k->head, 64);
	memcpy(k->ram + LOG_TEXTS + at + 8, text, length);
	log_put(k, LOG_DESCS + 24 * n, k->head | (u64)state << 62, 64);
	log_put(k, LOG_DESCS + 24 * n + 8, begin, 64);
	log_put(k, LOG_DESCS + 24 * n + 16, next, 64);
	log_put(k, LOG_INFOS + 88 * n, k->seq, 64);
	log_put(k, LOG_INFOS + 88 * n + 8, 1000 * k->seq, 64);
	log_put(k, LOG_INFOS + 88 * n + 16, length, 16);
	k->ram[LOG_INFOS + 88 * n + 18] = 3;
	k->ram[LOG_INFOS + 88 * n + 19] = k->image.little_endian ? 6 << 5 | 2 : 2 << 3 | 6;
	k->seq++;
	log_put(k, LOG_RING + 24, k->head, 64);
	if (k->seq > LOG_COUNT - 1)
		log_put(k, LOG_RING + 32, (k->head - LOG_COUNT + 1) & ((1ull << 62) - 1), 64);
}

#endif
