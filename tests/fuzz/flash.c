/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzzing the flash and the boot bus: any access at any place, and commands as drivers begin them. Nothing but the contents is touched
 * (sanitizers say so), and those change only where flash_written says, programming by ones that become zeroes; at the end a driver
 * finds the chip.
 *
 * Input: the first byte chooses order, protection and size. Then steps of four bytes: bits 0-1 the size of an access, 2 whether it
 * writes, 3-5 what kind: 0 anywhere in the chip, 1 a register of the bus, 2 AA at 555, 3 55 at 2AA, 4 a command at 555, 5 in the
 * second sector, 6 local memory, 7 a reset.
 */
#include <stdlib.h>
#include <string.h>

#include "board/board.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MOST	(4 * BOARD_FLASH_SECTOR)
#define MIO	0x0001180000000000ull

static struct board_config config;
static uint8_t bytes[MOST], before[MOST];
static bool erases;

static void check(bool condition)
{
	if (!condition)
		abort();
}

/* In there `before` follows; a whole sector becomes ones, or ones become zeroes. */
static void written(void *user, uint32_t offset, uint32_t size)
{
	check(!config.flash_readonly && size && offset < config.flash_size && size <= config.flash_size - offset);
	erases = size >= BOARD_FLASH_SECTOR;
	for (uint32_t i = offset; i < offset + size; i++)
		check(erases ? bytes[i] == 0xff : !(bytes[i] & ~before[i]));
	memcpy(before + offset, bytes + offset, size);
}

static uint64_t address(unsigned kind, unsigned number, uint64_t base)
{
	switch (kind) {
	case 0: return base + number * 4 % config.flash_size + number % 8;
	case 1: return MIO + number % 0x100;
	case 2: case 4: return base + ((2 * 0x555) ^ (config.little_endian ? 6 : 0));
	case 3: return base + ((2 * 0x2aa) ^ (config.little_endian ? 6 : 0));
	case 5: return base + (BOARD_FLASH_SECTOR + number % 64) % config.flash_size;
	default: return 0x1fc00000 + number % 0x200;
	}
}

static void step(struct board *board, const uint8_t *p)
{
	static const uint8_t commands[] = { 0xa0, 0x80, 0x90, 0x20, 0x25, 0x30, 0x10, 0xf0 };
	unsigned kind = p[0] >> 3 & 7, size = kind >= 2 && kind <= 4 ? 2 : 1u << (p[0] & 3);
	uint64_t pa = address(kind, p[1] | p[2] << 8, board__flash_address(config.flash_size));
	uint64_t value = kind == 2 ? 0xaa : kind == 3 ? 0x55 : kind == 4 ? commands[p[3] & 7] : p[3] * 0x0101010101010101ull;

	if (kind == 7 && p[0] & 4)
		board__reset(board);
	if (p[0] & 4 || (kind >= 2 && kind <= 4))
		board__write(board, pa, size, value);
	else
		board__read(board, pa, size);
	if (p[0] & 4)
		check(!memcmp(bytes, before, config.flash_size));
}

static void greet(struct board *board)
{
	const uint64_t flip = config.little_endian ? 6 : 0, base = board__flash_address(config.flash_size);

	board__reset(board);
	board__write(board, base + ((2 * 0x55) ^ flip), 2, 0x98);
	check(board__read(board, base + ((2 * 0x10) ^ flip), 2) == 'Q');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct board_callbacks callbacks = { .flash_written = written };
	struct board *board;

	if (!size)
		return 0;
	config = (struct board_config){
		.cores = 1, .ram_size = 64 << 20, .clock_hz = 500000000, .little_endian = *data & 1, .flash_readonly = (*data & 14) == 14,
		.flash_size = BOARD_FLASH_SECTOR << (*data >> 4) % 3, .flash = bytes,
	};
	board = board__new(&config, &callbacks, NULL);
	check(board);
	memset(bytes, *data & 2 ? 0xff : 0x5a, sizeof(bytes));
	memcpy(before, bytes, sizeof(bytes));
	for (size_t at = 1; at + 4 <= size; at += 4)
		step(board, data + at);
	greet(board);
	board__free(board);
	return 0;
}
