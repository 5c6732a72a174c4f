// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The NOR flash on the boot bus: one chip with AMD's commands and a table by which a driver finds them out (CFI).
 *
 * It is a Spansion S29GL064N by its answers (S29GL-N data sheet, "Command Definitions" and "Common Flash Interface"), with sectors of
 * 64 KB and 16 data lines. A smaller one, of any power of two down to one sector, differs in the table only. Programming makes ones into
 * zeroes, erasing makes a sector ones. Both are done when the command is: who polls for the end finds it at once, in each place alike.
 * So the table says that nothing can be suspended, and gives the shortest times that a driver takes for given.
 *
 * The mode says what the next write means; whatever it does not name goes back to the array, as on the chip:
 *
 *	mode		write				becomes
 *	ARRAY		AA at 555			UNLOCK
 *			98 at 55			QUERY
 *			A0, 90 (only in bypass)		PROGRAM, LEAVE_BYPASS
 *	UNLOCK		55 at 2AA			COMMAND
 *	COMMAND		A0, 80, 90, 20 at 555		PROGRAM, ERASE, AUTOSELECT, ARRAY in bypass
 *			25				COUNT
 *	PROGRAM		any				ARRAY, programmed
 *	ERASE		AA at 555			ERASE_UNLOCK
 *	ERASE_UNLOCK	55 at 2AA			ERASE_WHAT
 *	ERASE_WHAT	30; 10 at 555			MORE, a sector erased; ARRAY, all erased
 *	MORE		30				MORE, another sector erased; else as ARRAY
 *	COUNT		words - 1, in the sector	LOAD
 *	LOAD		words of one page		CONFIRM, after the last
 *	CONFIRM		29, in the sector		ARRAY, programmed
 *	COUNT to CONFIRM, anything else			ABORTED, which is read as status
 *	any		F0				ARRAY
 *
 * Little-endian cores. A kernel flips the addresses of narrow accesses to the boot bus itself, but not those of memcpy(), by which Linux
 * reads flash: on the chip it finds the bytes of each word of 64 bits reversed. It sends commands, and asks for the status, by
 * accesses as wide as the chip is, and memcpy() has none of 16 bits. So those are flipped back here, and all others see bytes
 * in the order of memory: what was written is what is read, and what is in the contents does not depend on the byte order.
 */
#include <string.h>

#include "board/internal.h"

#define SECTOR		BOARD_FLASH_SECTOR
#define SECTOR_BITS	16
#define PAGE_WORDS	16		/* of the write buffer */
#define PAGE_BYTES	(2 * PAGE_WORDS)
#define UNLOCK_1	0x555
#define UNLOCK_2	0x2aa
#define QUERY_AT	0x55
#define STATUS_ABORTED	0x02		/* DQ1 */
#define STATUS_TOGGLE	0x40		/* DQ6 */

/* As numbered by the words that a driver reads: 10h-50h. What depends on the size is put in below. */
#define QUERY_FIRST	0x10
#define QUERY_SIZE	0x27
#define QUERY_SECTORS	0x2d
static const uint8_t query[] = {
	[0x10 - QUERY_FIRST] = 'Q', 'R', 'Y', 0x02, 0x00, 0x40, 0x00,	/* AMD's commands; their table is at 40h */
	[0x1b - QUERY_FIRST] = 0x27, 0x36, 0, 0,			/* 2.7 to 3.6 V */
	1, 1, 0, 0, 1, 1, 0, 0,			/* 2^n us for a word and a buffer, ms for a sector; at most 2^n times that */
	[0x28 - QUERY_FIRST] = 0x01, 0x00, 0x05, 0x00,			/* 16 data lines; 2^5 bytes of buffer */
	[0x2c - QUERY_FIRST] = 1, [0x30 - QUERY_FIRST] = SECTOR >> 16,	/* one kind of sectors */
	[0x40 - QUERY_FIRST] = 'P', 'R', 'I', '1', '3', 0x08,
	[0x47 - QUERY_FIRST] = 1, [0x49 - QUERY_FIRST] = 8,
	[0x4c - QUERY_FIRST] = 1, 0xb5, 0xc5, 0x04, 0,
};

void flash__reset(struct board *board)
{
	memset(&board->flash, 0, sizeof(board->flash));
}

static uint16_t query_word(const struct board *board, unsigned n)
{
	unsigned sectors = board->config.flash_size / SECTOR - 1;

	if (n == QUERY_SIZE)
		return __builtin_ctz(board->config.flash_size);
	if (n == QUERY_SECTORS)
		return sectors & 0xff;
	return n - QUERY_FIRST < sizeof(query) ? query[n - QUERY_FIRST] : 0;
}

static uint16_t autoselect_word(const struct board *board, unsigned n)
{
	switch (n) {
	case 0x00: return 0x0001;
	case 0x01: return 0x227e;
	case 0x02: return board->config.flash_readonly;
	case 0x0e: return 0x220c;
	case 0x0f: return board->config.flash_size == BOARD_FLASH_MAX ? 0x2201 : 0x2200;	/* what Linux mends of 2201 would be wrong */
	default: return 0;
	}
}

/* A word of the contents, in the order in which the cores see two bytes. */
static uint16_t array_word(const struct board *board, uint32_t offset)
{
	const uint8_t *p = board->config.flash + offset;

	return board->config.little_endian ? p[0] | p[1] << 8 : p[0] << 8 | p[1];
}

static uint16_t read_word(struct board *board, uint32_t offset)
{
	struct flash *f = &board->flash;

	switch (f->mode) {
	case FLASH_QUERY: return query_word(board, offset >> 1 & 0xff);
	case FLASH_AUTOSELECT: return autoselect_word(board, offset >> 1 & 0xff);
	case FLASH_ABORTED: return STATUS_ABORTED | (f->toggle ^= STATUS_TOGGLE);
	default: return array_word(board, offset);
	}
}

/* Accesses as wide as the chip, which a little-endian kernel has flipped. */
static bool is_word(uint32_t offset, unsigned size)
{
	return size == 2 && !(offset & 1);
}

static uint32_t word_offset(const struct board *board, uint32_t offset)
{
	return board->config.little_endian ? offset ^ 6 : offset;
}

uint64_t flash__read(struct board *board, uint32_t offset, unsigned size)
{
	const bool little = board->config.little_endian;
	uint64_t value = 0;

	if (board->flash.mode == FLASH_MORE)
		board->flash.mode = FLASH_ARRAY;
	if (is_word(offset, size))
		return read_word(board, word_offset(board, offset));
	for (unsigned i = 0; i < size; i++) {
		uint32_t at = (offset + i) & (board->config.flash_size - 1);
		uint64_t byte = read_word(board, at & ~1u) >> (little == !(at & 1) ? 0 : 8) & 0xff;

		value |= byte << 8 * (little ? i : size - 1 - i);
	}
	return value;
}

/* --- What changes the contents --- */

static void written(struct board *board, uint32_t offset, uint32_t size)
{
	if (board->callbacks.flash_written)
		board->callbacks.flash_written(board->user, offset, size);
}

static void program_word(struct board *board, uint32_t offset, uint16_t data)
{
	uint8_t *p = board->config.flash + offset;
	bool little = board->config.little_endian;

	p[0] &= little ? data : data >> 8;
	p[1] &= little ? data >> 8 : data;
}

static void program(struct board *board, uint32_t offset, uint16_t data)
{
	if (board->config.flash_readonly)
		return;
	program_word(board, offset, data);
	written(board, offset, 2);
}

static void program_buffer(struct board *board)
{
	const struct flash *f = &board->flash;

	if (board->config.flash_readonly)
		return;
	for (unsigned i = 0; i < PAGE_WORDS; i++)
		if (f->loaded >> i & 1)
			program_word(board, f->page + 2 * i, f->buffer[i]);
	written(board, f->page, PAGE_BYTES);
}

static void erase(struct board *board, uint32_t offset, uint32_t size)
{
	if (board->config.flash_readonly)
		return;
	memset(board->config.flash + offset, 0xff, size);
	written(board, offset, size);
}

/* --- Commands --- */

static bool at(uint32_t offset, unsigned word)
{
	return (offset >> 1 & 0x7ff) == word;
}

static uint8_t in_array(struct board *board, uint32_t offset, uint8_t command)
{
	struct flash *f = &board->flash;

	if (f->bypass)
		return command == 0xa0 ? FLASH_PROGRAM : command == 0x90 ? FLASH_LEAVE_BYPASS : FLASH_ARRAY;
	if (command == 0x98 && (offset >> 1 & 0xff) == QUERY_AT)
		return FLASH_QUERY;
	return command == 0xaa && at(offset, UNLOCK_1) ? FLASH_UNLOCK : FLASH_ARRAY;
}

static uint8_t in_command(struct board *board, uint32_t offset, uint8_t command)
{
	if (command == 0x25) {
		board->flash.sector = offset >> SECTOR_BITS;
		return FLASH_COUNT;
	}
	if (!at(offset, UNLOCK_1))
		return FLASH_ARRAY;
	switch (command) {
	case 0xa0: return FLASH_PROGRAM;
	case 0x80: return FLASH_ERASE;
	case 0x90: return FLASH_AUTOSELECT;
	case 0x20: board->flash.bypass = true; return FLASH_ARRAY;
	default: return FLASH_ARRAY;
	}
}

static uint8_t in_erase(struct board *board, uint32_t offset, uint8_t command)
{
	if (command == 0x30) {
		erase(board, offset & ~(SECTOR - 1), SECTOR);
		return FLASH_MORE;
	}
	if (command == 0x10 && at(offset, UNLOCK_1))
		erase(board, 0, board->config.flash_size);
	return FLASH_ARRAY;
}

/* The first word says which page it is. One that is given twice has the later value. */
static uint8_t in_load(struct board *board, uint32_t offset, uint16_t data)
{
	struct flash *f = &board->flash;

	if (!f->loaded)
		f->page = offset & ~(PAGE_BYTES - 1);
	if (offset >> SECTOR_BITS != f->sector || offset - f->page >= PAGE_BYTES)
		return FLASH_ABORTED;
	f->buffer[(offset - f->page) / 2] = data;
	f->loaded |= 1u << (offset - f->page) / 2;
	return --f->left ? FLASH_LOAD : FLASH_CONFIRM;
}

static uint8_t in_buffer(struct board *board, uint32_t offset, uint16_t data)
{
	struct flash *f = &board->flash;

	if (f->mode == FLASH_LOAD)
		return in_load(board, offset, data);
	if (offset >> SECTOR_BITS != f->sector)
		return FLASH_ABORTED;
	if (f->mode == FLASH_COUNT && data < PAGE_WORDS) {
		f->left = data + 1;
		f->loaded = 0;
		return FLASH_LOAD;
	}
	if (f->mode != FLASH_CONFIRM || (uint8_t)data != 0x29)
		return FLASH_ABORTED;
	program_buffer(board);
	return FLASH_ARRAY;
}

static uint8_t write_word(struct board *board, uint32_t offset, uint16_t data)
{
	struct flash *f = &board->flash;
	uint8_t command = data;

	switch (f->mode) {
	case FLASH_PROGRAM: program(board, offset, data); return FLASH_ARRAY;
	case FLASH_LOAD: return in_buffer(board, offset, data);
	}
	if (command == 0xf0)
		return FLASH_ARRAY;
	switch (f->mode) {
	case FLASH_UNLOCK: return command == 0x55 && at(offset, UNLOCK_2) ? FLASH_COMMAND : FLASH_ARRAY;
	case FLASH_COMMAND: return in_command(board, offset, command);
	case FLASH_ERASE: return command == 0xaa && at(offset, UNLOCK_1) ? FLASH_ERASE_UNLOCK : FLASH_ARRAY;
	case FLASH_ERASE_UNLOCK: return command == 0x55 && at(offset, UNLOCK_2) ? FLASH_ERASE_WHAT : FLASH_ARRAY;
	case FLASH_ERASE_WHAT: return in_erase(board, offset, command);
	case FLASH_MORE: return command == 0x30 ? in_erase(board, offset, command) : in_array(board, offset, command);
	case FLASH_COUNT: case FLASH_CONFIRM: return in_buffer(board, offset, data);
	case FLASH_LEAVE_BYPASS: f->bypass = command != 0; return FLASH_ARRAY;
	case FLASH_AUTOSELECT: case FLASH_QUERY: case FLASH_ABORTED: return f->mode;
	default: return in_array(board, offset, command);
	}
}

/* A wide one is several words for the chip. A byte is none: nothing drives the other lines. */
void flash__write(struct board *board, uint32_t offset, unsigned size, uint64_t value)
{
	struct flash *f = &board->flash;

	if (is_word(offset, size)) {
		f->mode = write_word(board, word_offset(board, offset), value);
		return;
	}
	for (unsigned i = 0; i < size / 2 && !(offset & 1); i++) {
		unsigned shift = 16 * (board->config.little_endian ? i : size / 2 - 1 - i);

		f->mode = write_word(board, (offset + 2 * i) & (board->config.flash_size - 1), value >> shift);
	}
}
