// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The whole Board, in address order: one row for each register or array of registers.
 *
 * To see what the guest finds at an address, read the table; a row without handlers is plain storage that
 * keeps what is written under its mask. Addresses and names are those of the CN56XX hardware manual, as
 * they also stand in Linux's arch/mips/include/asm/octeon/. An access that no row has reads 0, is counted,
 * and is told to the owner once per address: a kernel that needs more than the table shows so at once.
 */
#include <stdlib.h>
#include <string.h>

#include "board/internal.h"

#define ALL	(~0ull)
#define CORES	BOARD_CORES_MAX
#define LINES	(2 * BOARD_CORES_MAX)

#define CIU(offset)	(0x0001070000000000ull + (offset))
#define MIO(offset)	(0x0001180000000000ull + (offset))
#define GMX(n, offset)	(0x0001180008000000ull + (n) * 0x8000000ull + (offset))
#define RNM(offset)	(0x0001180040000000ull + (offset))
#define L2C(offset)	(0x0001180080000000ull + (offset))
#define IOB(offset)	(0x00011800f0000000ull + (offset))

/* Plain storage; read only; with handlers. */
#define STORE(ADDRESS, COUNT, NAME, MASK) \
	{ .address = (ADDRESS), .count = (COUNT), .stride = 8, .name = NAME, .writable = (MASK) }
#define FIXED(ADDRESS, COUNT, NAME, VALUE) \
	{ .address = (ADDRESS), .count = (COUNT), .stride = 8, .name = NAME, .reset = (VALUE) }
#define LOGIC(ADDRESS, COUNT, STRIDE, NAME, READ, WRITE) \
	{ .address = (ADDRESS), .count = (COUNT), .stride = (STRIDE), .name = NAME, .writable = ALL, \
	  .read = (READ), .write = (WRITE) }

/* A DesignWare 16550: the eight registers of a 16550 at a stride of 8, then its own aliases. */
#define UART_REGISTER(N, OFFSET, NAME, READ, WRITE) \
	{ .address = MIO(0x800 + (N) * 0x400 + (OFFSET)), .count = 1, .stride = 8, .name = NAME, \
	  .read = (READ), .write = (WRITE), .which = (N) }
#define UART(N) \
	UART_REGISTER(N, 0x000, "MIO_UARTX_RBR", uart_rbr__read, uart_thr__write), \
	UART_REGISTER(N, 0x008, "MIO_UARTX_IER", uart_ier__read, uart_ier__write), \
	UART_REGISTER(N, 0x010, "MIO_UARTX_IIR", uart_iir__read, uart_fcr__write), \
	UART_REGISTER(N, 0x018, "MIO_UARTX_LCR", uart_lcr__read, uart_lcr__write), \
	UART_REGISTER(N, 0x020, "MIO_UARTX_MCR", uart_mcr__read, uart_mcr__write), \
	UART_REGISTER(N, 0x028, "MIO_UARTX_LSR", uart_lsr__read, NULL), \
	UART_REGISTER(N, 0x030, "MIO_UARTX_MSR", uart_msr__read, NULL), \
	UART_REGISTER(N, 0x038, "MIO_UARTX_SCR", uart_scr__read, uart_scr__write), \
	UART_REGISTER(N, 0x040, "MIO_UARTX_THR", NULL, uart_thr_only__write), \
	UART_REGISTER(N, 0x050, "MIO_UARTX_FCR", NULL, uart_fcr__write), \
	UART_REGISTER(N, 0x080, "MIO_UARTX_DLL", uart_dll__read, uart_dll__write), \
	UART_REGISTER(N, 0x088, "MIO_UARTX_DLH", uart_dlh__read, uart_dlh__write), \
	UART_REGISTER(N, 0x138, "MIO_UARTX_USR", uart_usr__read, NULL), \
	UART_REGISTER(N, 0x200, "MIO_UARTX_TFL", NULL, NULL), \
	UART_REGISTER(N, 0x208, "MIO_UARTX_RFL", uart_rfl__read, NULL)

static const struct board_register registers[] = {
	/* The boot bus. The display is where EBT3000 has it: "PowerOff" on it switches off the board. */
	{ .address = BOARD_DISPLAY, .count = 1, .stride = 8, .name = "LED_DISPLAY",
	  .writable = ALL, .write = display__write, .bytes = true },

	LOGIC(CIU(0x0000), LINES, 8, "CIU_INTX_SUM0", ciu_sum0__read, ciu_sum0__write),
	LOGIC(CIU(0x0108), 1, 8, "CIU_INT_SUM1", ciu_sum1__read, NULL),
	LOGIC(CIU(0x0200), LINES, 16, "CIU_INTX_EN0", ciu_en0__read, ciu_en0__write),
	LOGIC(CIU(0x0208), LINES, 16, "CIU_INTX_EN1", ciu_en1__read, ciu_en1__write),
	LOGIC(CIU(0x0480), BOARD_TIMERS, 8, "CIU_TIMX", ciu_tim__read, ciu_tim__write),
	LOGIC(CIU(0x0500), CORES, 8, "CIU_WDOGX", ciu_wdog__read, ciu_wdog__write),
	LOGIC(CIU(0x0580), CORES, 8, "CIU_PP_POKEX", NULL, ciu_pp_poke__write),
	LOGIC(CIU(0x0600), CORES, 8, "CIU_MBOX_SETX", ciu_mbox__read, ciu_mbox_set__write),
	LOGIC(CIU(0x0680), CORES, 8, "CIU_MBOX_CLRX", ciu_mbox__read, ciu_mbox_clr__write),
	LOGIC(CIU(0x0700), 1, 8, "CIU_PP_RST", ciu_pp_rst__read, ciu_pp_rst__write),
	STORE(CIU(0x0708), 1, "CIU_PP_DBG", 0),
	STORE(CIU(0x0710), 1, "CIU_GSTOP", 1),
	LOGIC(CIU(0x0718), 1, 8, "CIU_NMI", NULL, ciu_nmi__write),
	STORE(CIU(0x0720), 1, "CIU_DINT", 0),
	LOGIC(CIU(0x0728), 1, 8, "CIU_FUSE", ciu_fuse__read, NULL),
	FIXED(CIU(0x0730), 1, "CIU_BIST", 0),
	STORE(CIU(0x0738), 1, "CIU_SOFT_BIST", 1),
	LOGIC(CIU(0x0740), 1, 8, "CIU_SOFT_RST", NULL, ciu_soft_rst__write),
	STORE(CIU(0x0748), 1, "CIU_SOFT_PRST", 7),
	STORE(CIU(0x0750), 1, "CIU_PCI_INTA", 3),
	STORE(CIU(0x0758), 1, "CIU_SOFT_PRST1", 1),
	FIXED(CIU(0x07e0), 1, "CIU_PP_BIST_STAT", 0),
	{ .address = CIU(0x0800), .count = 16, .stride = 8, .name = "GPIO_BIT_CFGX",
	  .writable = 0xfff, .write = gpio_cfg__write },
	LOGIC(CIU(0x0880), 1, 8, "GPIO_RX_DAT", gpio_rx__read, NULL),
	LOGIC(CIU(0x0888), 1, 8, "GPIO_TX_SET", gpio_rx__read, gpio_set__write),
	LOGIC(CIU(0x0890), 1, 8, "GPIO_TX_CLR", gpio_rx__read, gpio_clr__write),
	STORE(CIU(0x0898), 1, "GPIO_INT_CLR", 0),
	LOGIC(CIU(0x2200), LINES, 16, "CIU_INTX_EN0_W1C", ciu_en0__read, ciu_en0_w1c__write),
	LOGIC(CIU(0x2208), LINES, 16, "CIU_INTX_EN1_W1C", ciu_en1__read, ciu_en1_w1c__write),
	LOGIC(CIU(0x6200), LINES, 16, "CIU_INTX_EN0_W1S", ciu_en0__read, ciu_en0_w1s__write),
	LOGIC(CIU(0x6208), LINES, 16, "CIU_INTX_EN1_W1S", ciu_en1__read, ciu_en1_w1s__write),

	/* Boot bus controller: only select 0 may have a chip, the flash; so Linux looks for no CompactFlash. */
	LOGIC(MIO(0x0000), 8, 8, "MIO_BOOT_REG_CFGX", boot_reg_cfg__read, boot_reg_cfg__write),
	STORE(MIO(0x0040), 8, "MIO_BOOT_REG_TIMX", ALL),
	LOGIC(MIO(0x0080), 2, 8, "MIO_BOOT_LOC_CFGX", boot_loc_cfg__read, boot_loc_cfg__write),
	LOGIC(MIO(0x0090), 1, 8, "MIO_BOOT_LOC_ADR", boot_loc_adr__read, boot_loc_adr__write),
	LOGIC(MIO(0x0098), 1, 8, "MIO_BOOT_LOC_DAT", boot_loc_dat__read, boot_loc_dat__write),
	STORE(MIO(0x00a0), 1, "MIO_BOOT_ERR", 0),
	STORE(MIO(0x00a8), 1, "MIO_BOOT_INT", 3),
	STORE(MIO(0x00b0), 1, "MIO_BOOT_THR", 0x3f3f),
	STORE(MIO(0x00b8), 1, "MIO_BOOT_COMP", 0x3ff),
	FIXED(MIO(0x00c0), 1, "MIO_BOOT_PIN_DEFS", 0),
	FIXED(MIO(0x00f8), 1, "MIO_BOOT_BIST_STAT", 0),
	UART(0),
	UART(1),
	{ .address = MIO(0x1000), .count = 2, .stride = 0x200, .name = "MIO_TWSX_SW_TWSI",
	  .writable = ALL, .write = twsi__write },
	LOGIC(MIO(0x1010), 2, 0x200, "MIO_TWSX_INT", twsi_int__read, twsi_int__write),
	LOGIC(MIO(0x1018), 2, 0x200, "MIO_TWSX_SW_TWSI_EXT", twsi_ext__read, twsi_ext__write),
	FIXED(MIO(0x1400), 4, "MIO_FUS_DATX", 0),
	{ .address = MIO(0x1500), .count = 1, .stride = 8, .name = "MIO_FUS_RCMD",
	  .writable = ALL, .write = fus_rcmd__write },
	STORE(MIO(0x1a00), 1, "LED_EN", 1),
	STORE(MIO(0x1a08), 1, "LED_CLK_PHASE", 0x7f),
	STORE(MIO(0x1a10), 1, "LED_PRT", 0xff),
	STORE(MIO(0x1a18), 1, "LED_DBG", 1),
	STORE(MIO(0x1a20), 2, "LED_UDD_CNTX", 0x3f),
	STORE(MIO(0x1a30), 1, "LED_PRT_FMT", 0xf),
	STORE(MIO(0x1a38), 2, "LED_UDD_DATX", 0xffffffff),
	STORE(MIO(0x1a48), 1, "LED_BLINK", 0xff),
	STORE(MIO(0x1a50), 1, "LED_POLARITY", 1),

	/* No Ethernet: both interfaces say that they are disabled. */
	FIXED(GMX(0, 0x7f8), 1, "GMXX_INF_MODE", 0),
	FIXED(GMX(1, 0x7f8), 1, "GMXX_INF_MODE", 0),

	STORE(RNM(0x00), 1, "RNM_CTL_STATUS", 0x1ff),
	FIXED(RNM(0x08), 1, "RNM_BIST_STATUS", 0),

	/* All of the L2 cache is there (L2D_FUS3), and a line that Linux locks is locked: L2T_ERR never says otherwise. */
	STORE(L2C(0x000), 1, "L2C_CFG", 0xfffff),
	STORE(L2C(0x008), 1, "L2T_ERR", 0x3),
	STORE(L2C(0x010), 1, "L2D_ERR", 0x3),
	STORE(L2C(0x030), 1, "L2C_DBG", 0x7fff),
	STORE(L2C(0x058), 1, "L2C_LCKBASE", 0x7fffffff),
	STORE(L2C(0x060), 1, "L2C_LCKOFF", 0x3ff),
	STORE(L2C(0x068), 5, "L2C_SPARX", 0xffffffff),
	STORE(L2C(0x090), 1, "L2C_PFCTL", 0xfffffffff),
	FIXED(L2C(0x098), 4, "L2C_PFCX", 0),
	FIXED(L2C(0x7b8), 1, "L2D_FUS3", 0),

	STORE(IOB(0x00), 1, "IOB_FAU_TIMEOUT", 0x1fff),

	LOGIC(0x0001400000000000ull, 1, 8, "RNG_DATA", rng__read, NULL),
	LOGIC(0x00014f0000000338ull, 1, 8, "IPD_CLK_COUNT", ipd_clk_count__read, NULL),
	STORE(0x0001670000000210ull, 1, "POW_NW_TIM", 0x3ff),
};

#define ROWS	(sizeof(registers) / sizeof(registers[0]))

_Static_assert(ROWS <= BOARD_ROWS_MAX, "enlarge BOARD_ROWS_MAX");

/*
 * The row of an address. Rows ascend, but arrays interleave (EN0 and EN1, three of a two-wire bus), so the last row that
 * begins at or below the address may be up to two too far.
 */
static const struct board_register *find(uint64_t pa, unsigned *index)
{
	uint64_t address = pa & ~7ull;
	size_t low = 0, high = ROWS;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (registers[middle].address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	for (size_t back = 0; back < 3 && low > back; back++) {
		const struct board_register *r = &registers[low - 1 - back];
		uint64_t distance = address - r->address;

		if (distance % r->stride == 0 && distance / r->stride < r->count) {
			*index = distance / r->stride;
			return r;
		}
	}
	return NULL;
}

uint64_t *board__stored(struct board *board, const struct board_register *r, unsigned index)
{
	return &board->stored[r - registers][index];
}

/* Where there might be memory, or a virtio device: a boot loader finds out so what there is. */
static bool is_empty_place(uint64_t pa)
{
	return !(bootbus__address(pa) & BOARD_IO_BIT) || pa - BOARD_VIRTIO_BASE < BOARD_VIRTIO_MAX * BOARD_VIRTIO_SIZE;
}

/* Tell of an address once. A table that is full tells no more; the count goes on. */
static void unknown(struct board *board, uint64_t pa, unsigned size, bool write, uint64_t value)
{
	size_t slot = (pa ^ pa >> 8 ^ pa >> 24) % BOARD_UNKNOWN_MAX;
	uint64_t key = pa | 1ull << 63;	/* so that 0 means free; no physical address is so long */

	if (is_empty_place(pa))
		return;
	board->unknown_count++;
	for (size_t probe = 0; probe < BOARD_UNKNOWN_MAX; probe++) {
		uint64_t *entry = &board->unknown[(slot + probe) % BOARD_UNKNOWN_MAX];

		if (*entry == key)
			return;
		if (*entry)
			continue;
		*entry = key;
		if (board->callbacks.unknown)
			board->callbacks.unknown(board->user, pa, size, write, value);
		return;
	}
}

/*
 * A narrow access moves some bytes of a 64-bit register. Address 0 is its most significant byte for cores
 * that run big-endian; little-endian cores find the bytes the other way round.
 */
static unsigned lane(const struct board *board, uint64_t pa, unsigned size)
{
	unsigned offset = pa & 7;

	return 8 * (board->config.little_endian ? offset : 8 - size - offset);
}

static uint64_t low_bytes(unsigned size)
{
	return size == 8 ? ALL : (1ull << 8 * size) - 1;
}

static uint64_t narrow(const struct board *board, uint64_t pa, unsigned size, uint64_t value)
{
	return value >> lane(board, pa, size) & low_bytes(size);
}

uint64_t board__read(struct board *board, uint64_t pa, unsigned size)
{
	unsigned index;
	uint32_t offset;
	enum bootbus_place place = bootbus__at(board, pa, &offset);
	const struct board_register *r;
	uint64_t value;

	if (place == BOOTBUS_FLASH)
		return flash__read(board, offset, size);
	if (place == BOOTBUS_LOCAL && !(pa & (size - 1)))
		return narrow(board, pa, size, board->boot_local[offset / 8]);
	r = find(bootbus__address(pa), &index);
	if (!r || (pa & (size - 1))) {
		unknown(board, pa, size, false, 0);
		return 0;
	}
	if (r->read)
		value = r->read(board, r, index);
	else
		value = index < BOARD_STORED_MAX ? *board__stored(board, r, index) : 0;
	return narrow(board, pa, size, value);
}

/* The local memory is written through its registers. */
void board__write(struct board *board, uint64_t pa, unsigned size, uint64_t value)
{
	unsigned index;
	uint32_t offset;
	enum bootbus_place place = bootbus__at(board, pa, &offset);
	const struct board_register *r;
	uint64_t *stored, mask;

	if (place == BOOTBUS_FLASH)
		flash__write(board, offset, size, value);
	if (place != BOOTBUS_NOTHING)
		return;
	r = find(bootbus__address(pa), &index);
	if (!r || (pa & (size - 1))) {
		unknown(board, pa, size, true, value);
		return;
	}
	mask = low_bytes(size) << lane(board, pa, size);
	value = (value & low_bytes(size)) << lane(board, pa, size);
	if (r->bytes)
		value |= *board__stored(board, r, index) & ~mask;
	if (r->write) {
		r->write(board, r, index, value);
	} else if (index < BOARD_STORED_MAX && !r->read) {
		stored = board__stored(board, r, index);
		*stored = (*stored & ~r->writable) | (value & r->writable);
	}
}

const char *board__register_name(uint64_t pa, unsigned *index)
{
	unsigned ignored;
	const struct board_register *r = find(bootbus__address(pa), index ? index : &ignored);

	if (r && r->which && index)
		*index = r->which;
	return r ? r->name : NULL;
}

uint64_t board__unknown_accesses(const struct board *board)
{
	return board->unknown_count;
}

uint64_t board__cycles(struct board *board)
{
	return board->callbacks.cycles ? board->callbacks.cycles(board->user) : 0;
}

void board__reset(struct board *board)
{
	memset(board->stored, 0, sizeof(board->stored));
	for (size_t row = 0; row < ROWS; row++)
		for (unsigned i = 0; i < registers[row].count && i < BOARD_STORED_MAX; i++)
			board->stored[row][i] = registers[row].reset;
	misc__reset(board);
	bootbus__reset(board);
	flash__reset(board);
	uart__reset(board);
	timer__reset(board);
	twsi__reset(board);
	ciu__reset(board);
}

size_t board__size(void)
{
	return sizeof(struct board);
}

void board__make(struct board *board, const struct board_config *config, const struct board_callbacks *callbacks, void *user)
{
	memset(board, 0, sizeof(*board));
	board->config = *config;
	board->callbacks = *callbacks;
	board->user = user;
	board__reset(board);
}

struct board *board__new(const struct board_config *config, const struct board_callbacks *callbacks, void *user)
{
	struct board *board = malloc(sizeof(*board));

	if (board)
		board__make(board, config, callbacks, user);
	return board;
}

void board__free(struct board *board)
{
	free(board);
}
