/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A Board with callbacks that write down what they are told, and a clock that the test sets.
 */
#ifndef TESTS_UNIT_BOARD_FIXTURE_H
#define TESTS_UNIT_BOARD_FIXTURE_H

#include "board/board.h"
#include "tests/unit/cmocka_all.h"

struct fixture {
	struct board *board;
	uint64_t cycles, seconds;
	bool line[BOARD_CORES_MAX][4];	/* [core][2 or 3] */
	unsigned irq_calls, moved, room, resets, power_offs, nmis, unknowns, bites;
	uint64_t unknown_pa;
	uint32_t held, released;
	char sent[256];			/* from both UARTs, in order */
	unsigned sent_count, sent_by;
};

static inline void fixture_irq(void *user, unsigned core, unsigned line, bool level)
{
	struct fixture *f = user;

	assert_true(core < BOARD_CORES_MAX && (line == 2 || line == 3));
	assert_int_not_equal(f->line[core][line], level);	/* only changes are told */
	f->line[core][line] = level;
	f->irq_calls++;
}

static inline uint64_t fixture_cycles(void *user)
{
	return ((struct fixture *)user)->cycles;
}

static inline void fixture_moved(void *user)
{
	((struct fixture *)user)->moved++;
}

static inline void fixture_transmit(void *user, unsigned uart, uint8_t byte)
{
	struct fixture *f = user;

	f->sent_by = uart;
	if (f->sent_count < sizeof(f->sent) - 1)
		f->sent[f->sent_count++] = byte;
}

static inline void fixture_room(void *user, unsigned uart)
{
	((struct fixture *)user)->room++;
}

static inline uint64_t fixture_seconds(void *user)
{
	return ((struct fixture *)user)->seconds;
}

static inline void fixture_reset(void *user)
{
	((struct fixture *)user)->resets++;
}

static inline void fixture_watchdog(void *user, unsigned core)
{
	((struct fixture *)user)->bites |= 1u << core;
}

static inline void fixture_power_off(void *user)
{
	((struct fixture *)user)->power_offs++;
}

static inline void fixture_nmi(void *user, unsigned core)
{
	((struct fixture *)user)->nmis |= 1u << core;
}

static inline void fixture_hold(void *user, unsigned core)
{
	((struct fixture *)user)->held |= 1u << core;
}

static inline void fixture_release(void *user, unsigned core)
{
	((struct fixture *)user)->released |= 1u << core;
}

static inline void fixture_unknown(void *user, uint64_t pa, unsigned size, bool write, uint64_t value)
{
	struct fixture *f = user;

	f->unknowns++;
	f->unknown_pa = pa;
}

static inline void fixture_open_with(struct fixture *f, const struct board_config *config)
{
	static const struct board_callbacks callbacks = {
		.irq = fixture_irq, .cycles = fixture_cycles, .event_moved = fixture_moved,
		.uart_transmit = fixture_transmit, .uart_room = fixture_room, .reset = fixture_reset,
		.power_off = fixture_power_off, .seconds = fixture_seconds, .nmi = fixture_nmi, .hold = fixture_hold, .release = fixture_release, .watchdog = fixture_watchdog,
		.unknown = fixture_unknown,
	};

	*f = (struct fixture){ .cycles = 1000 };
	f->board = board__new(config, &callbacks, f);
	assert_non_null(f->board);
}

static inline void fixture_open(struct fixture *f, unsigned cores, bool little_endian)
{
	struct board_config config = {
		.cores = cores, .ram_size = 256 << 20, .clock_hz = 500000000, .little_endian = little_endian,
		.random_seed = 1,
	};

	fixture_open_with(f, &config);
}

static inline int fixture_setup(void **state)
{
	struct fixture *f = malloc(sizeof(*f));

	fixture_open(f, 4, true);
	*state = f;
	return 0;
}

static inline int fixture_teardown(void **state)
{
	struct fixture *f = *state;

	board__free(f->board);
	free(f);
	return 0;
}

static inline uint64_t get(struct fixture *f, uint64_t pa)
{
	return board__read(f->board, pa, 8);
}

static inline void set(struct fixture *f, uint64_t pa, uint64_t value)
{
	board__write(f->board, pa, 8, value);
}

/* Registers, as Linux spells them without CVMX_. */
#define CIU_INTX_SUM0(x)	(0x0001070000000000ull + (x) * 8)
#define CIU_INT_SUM1		0x0001070000000108ull
#define CIU_INTX_EN0(x)		(0x0001070000000200ull + (x) * 16)
#define CIU_INTX_EN1(x)		(0x0001070000000208ull + (x) * 16)
#define CIU_TIMX(n)		(0x0001070000000480ull + (n) * 8)
#define CIU_WDOGX(core)		(0x0001070000000500ull + (core) * 8)
#define CIU_PP_POKEX(core)	(0x0001070000000580ull + (core) * 8)
#define CIU_MBOX_SETX(core)	(0x0001070000000600ull + (core) * 8)
#define CIU_MBOX_CLRX(core)	(0x0001070000000680ull + (core) * 8)
#define CIU_PP_RST		0x0001070000000700ull
#define CIU_NMI			0x0001070000000718ull
#define CIU_FUSE		0x0001070000000728ull
#define CIU_SOFT_BIST		0x0001070000000738ull
#define CIU_SOFT_RST		0x0001070000000740ull
#define GPIO_BIT_CFGX(n)	(0x0001070000000800ull + (n) * 8)
#define GPIO_TX_SET		0x0001070000000888ull
#define GPIO_TX_CLR		0x0001070000000890ull
#define CIU_INTX_EN0_W1C(x)	(0x0001070000002200ull + (x) * 16)
#define CIU_INTX_EN1_W1C(x)	(0x0001070000002208ull + (x) * 16)
#define CIU_INTX_EN0_W1S(x)	(0x0001070000006200ull + (x) * 16)
#define CIU_INTX_EN1_W1S(x)	(0x0001070000006208ull + (x) * 16)
#define MIO_BOOT_REG_CFGX(n)	(0x0001180000000000ull + (n) * 8)
#define MIO_BOOT_LOC_CFGX(n)	(0x0001180000000080ull + (n) * 8)
#define MIO_BOOT_LOC_ADR	0x0001180000000090ull
#define MIO_BOOT_LOC_DAT	0x0001180000000098ull
#define MIO_BOOT_BIST_STAT	0x00011800000000f8ull
#define MIO_UARTX(n, offset)	(0x0001180000000800ull + (n) * 0x400 + (offset))
#define MIO_TWSX_SW_TWSI(n)	(0x0001180000001000ull + (n) * 0x200)
#define MIO_FUS_DAT2		0x0001180000001410ull
#define MIO_FUS_RCMD		0x0001180000001500ull
#define LED_UDD_CNTX(n)		(0x0001180000001a20ull + (n) * 8)
#define GMXX_INF_MODE(n)	(0x00011800080007f8ull + (n) * 0x8000000ull)
#define RNM_CTL_STATUS		0x0001180040000000ull
#define L2D_FUS3		0x00011800800007b8ull
#define IOB_FAU_TIMEOUT		0x00011800f0000000ull
#define RNG_DATA		0x0001400000000000ull
#define IPD_CLK_COUNT		0x00014f0000000338ull
#define POW_NW_TIM		0x0001670000000210ull

#endif
