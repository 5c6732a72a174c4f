// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The boot bus: physical 0x10000000-0x1fffffff, with bit 48 or without.
 *
 * MIO_BOOT_REG_CFGX says where a chip select is seen. Here only select 0 has a chip, the flash (flash.c), placed as Cavium's
 * boot loader places it: it ends at 0x1fc00000, and its beginning is seen there once more.
 *
 * MIO_BOOT_LOC_CFGX shows 128 bytes each of a small local memory in front of whatever is on the bus: with it a kernel puts a
 * routine at 0x1fc00000, which is where a core goes that gets an NMI. Linux's watchdog driver does so.
 */
#include <string.h>

#include "board/internal.h"
#include "lib/complain.h"

#define BUS			0x10000000ull
#define BUS_SIZE		0x10000000ull
#define BUS_VECTOR		0x1fc00000ull	/* where cores begin: 0xbfc00000 of CKSEG1 */

#define REG_CFG_EN		(1ull << 31)
#define REG_CFG_WIDTH_16	(1ull << 28)
#define REG_CFG_BASE(cfg)	(((cfg) & 0xffff) << 16)
#define REG_CFG_SIZE(cfg)	((((cfg) >> 16 & 0xfff) + 1) << 16)
#define REG_CFG_BITS		0xfffffffffffull

#define LOC_CFG_EN		(1ull << 31)
#define LOC_CFG_BASE(cfg)	(((cfg) & 0x0ffffff8) << 4)
#define LOC_CFG_BITS		0x8ffffff8ull
#define LOC_SIZE		128		/* bytes of local memory for each of the two registers */

uint64_t bootbus__address(uint64_t pa)
{
	uint64_t address = pa & ~BOARD_IO_BIT;

	return address - BUS < BUS_SIZE ? address | BOARD_IO_BIT : pa;
}

static enum bootbus_place local_at(const struct board *board, uint64_t address, uint32_t *offset)
{
	for (unsigned i = 0; i < 2; i++) {
		uint64_t cfg = board->boot_loc_cfg[i], inside = address - LOC_CFG_BASE(cfg);

		if (cfg & LOC_CFG_EN && inside < LOC_SIZE) {
			*offset = i * LOC_SIZE + inside;
			return BOOTBUS_LOCAL;
		}
	}
	return BOOTBUS_NOTHING;
}

enum bootbus_place bootbus__at(const struct board *board, uint64_t pa, uint32_t *offset)
{
	uint64_t cfg = board->boot_reg_cfg[0], address = pa & ~BOARD_IO_BIT, inside = address - REG_CFG_BASE(cfg);

	if (address - BUS >= BUS_SIZE)
		return BOOTBUS_NOTHING;
	if (local_at(board, address, offset) == BOOTBUS_LOCAL)
		return BOOTBUS_LOCAL;
	if (!board->config.flash_size || !(cfg & REG_CFG_EN) || inside >= REG_CFG_SIZE(cfg))
		return BOOTBUS_NOTHING;
	*offset = inside & (board->config.flash_size - 1);
	return BOOTBUS_FLASH;
}

bool board__executes(const struct board *board, uint64_t pa)
{
	uint32_t offset;

	return bootbus__at(board, pa, &offset) != BOOTBUS_NOTHING;
}

bool board__takes_nmi(const struct board *board)
{
	uint32_t offset;

	return local_at(board, BUS_VECTOR, &offset) == BOOTBUS_LOCAL || board->config.firmware;
}

uint64_t board__flash_address(uint32_t flash_size)
{
	return BUS_VECTOR - flash_size;
}

/* `b` or `bal`, forwards and not out of the flash; `j` or `jal` to where it is seen, in the 256 MB of the reset vector. */
static bool is_beginning(uint32_t insn, uint32_t size)
{
	uint32_t target = (insn & 0x3ffffff) << 2;

	if (insn >> 16 == 0x1000 || insn >> 16 == 0x0411)
		return !(insn & 0x8000) && (insn & 0xffff) && 4 + 4 * (insn & 0xffff) < size;
	return insn >> 27 == 1 && BUS + target >= BUS_VECTOR - size && BUS + target < BUS_VECTOR + size;
}

int board__firmware_order(const uint8_t *flash, uint32_t size, struct complaint *c)
{
	uint32_t little = 0, big = 0;

	for (unsigned i = 0; i < 4; i++) {
		little |= (uint32_t)flash[i] << 8 * i;
		big = big << 8 | flash[i];
	}
	if (is_beginning(little, size))
		return 1;
	if (is_beginning(big, size))
		return 0;
	return complain(c, "no boot loader: one begins with a branch, this with %02x %02x %02x %02x", flash[0], flash[1], flash[2], flash[3]);
}

void bootbus__reset(struct board *board)
{
	uint64_t base = board__flash_address(board->config.flash_size);

	memset(board->boot_reg_cfg, 0, sizeof(board->boot_reg_cfg));
	memset(board->boot_loc_cfg, 0, sizeof(board->boot_loc_cfg));
	memset(board->boot_local, 0, sizeof(board->boot_local));
	board->boot_loc_adr = 0;
	if (board->config.flash_size)
		board->boot_reg_cfg[0] = REG_CFG_EN | REG_CFG_WIDTH_16 | (BUS + BUS_SIZE - base - 1) >> 16 << 16 | base >> 16;
}

uint64_t boot_reg_cfg__read(struct board *board, const struct board_register *r, unsigned index)
{
	return board->boot_reg_cfg[index];
}

void boot_reg_cfg__write(struct board *board, const struct board_register *r, unsigned index, uint64_t value)
{
	board->boot_reg_cfg[index] = value & REG_CFG_BITS;
}

uint64_t boot_loc_cfg__read(struct board *board, const struct board_register *r, unsigned index)
{
	return board->boot_loc_cfg[index];
}

void boot_loc_cfg__write(struct board *board, const struct board_register *r, unsigned index, uint64_t value)
{
	board->boot_loc_cfg[index] = value & LOC_CFG_BITS;
}

uint64_t boot_loc_adr__read(struct board *board, const struct board_register *r, unsigned index)
{
	return board->boot_loc_adr;
}

void boot_loc_adr__write(struct board *board, const struct board_register *r, unsigned index, uint64_t value)
{
	board->boot_loc_adr = value & 0xf8;
}

/* Either access goes on to the next word. */
static uint64_t *next_word(struct board *board)
{
	uint64_t *word = &board->boot_local[board->boot_loc_adr / 8 % BOARD_LOCAL_WORDS];

	board->boot_loc_adr = (board->boot_loc_adr + 8) & 0xf8;
	return word;
}

uint64_t boot_loc_dat__read(struct board *board, const struct board_register *r, unsigned index)
{
	return *next_word(board);
}

void boot_loc_dat__write(struct board *board, const struct board_register *r, unsigned index, uint64_t value)
{
	*next_word(board) = value;
}
