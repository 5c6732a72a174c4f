/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The inside of the Board: its state, and what a row of the register table is. Only board/ includes this.
 */
#ifndef BOARD_INTERNAL_H
#define BOARD_INTERNAL_H

#include "board/board.h"

#define BOARD_ROWS_MAX		160
#define BOARD_STORED_MAX	16	/* registers of one row that are plain storage */
#define BOARD_UNKNOWN_MAX	256	/* addresses told through callbacks.unknown, a power of two */
#define BOARD_TIMERS		4
#define UART_FIFO		64
#define BOARD_LOCAL_WORDS	32	/* of the boot bus */

/* Bits of CIU_INTX_SUM0. */
#define CIU_SUM0_GPIO		16	/* 16..31 */
#define CIU_SUM0_MBOX		32	/* 32: mailbox bits 15:0, 33: bits 31:16 */
#define CIU_SUM0_UART		34	/* 34, 35 */
#define CIU_SUM0_WDOG		51	/* summary of SUM1 & EN1 */
#define CIU_SUM0_TIMER		52	/* 52..55 */

struct board_register;

typedef uint64_t board_read(struct board *board, const struct board_register *r, unsigned index);
typedef void board_write(struct board *board, const struct board_register *r, unsigned index, uint64_t value);

/* One row: `count` registers of 64 bits, `stride` bytes apart. */
struct board_register {
	uint64_t address;
	unsigned count, stride;
	const char *name;
	uint64_t reset;		/* stored value after reset */
	uint64_t writable;	/* bits a write changes in the stored value, if there is no write handler */
	board_read *read;	/* NULL: the stored value */
	board_write *write;	/* NULL: store it */
	unsigned which;		/* of several equal devices */
	bool bytes;		/* narrow writes change only their bytes */
};

struct uart {
	uint8_t ier, lcr, mcr, scr, fcr, dll, dlh;
	uint8_t fifo[UART_FIFO];
	unsigned head, fill;
	bool overrun, thre, refused;
	bool held;		/* the transmitter looks full */
};

struct timer {
	uint64_t csr, deadline;
};

/* What the flash takes the next write for: see the table in flash.c. */
enum flash_mode {
	FLASH_ARRAY, FLASH_UNLOCK, FLASH_COMMAND, FLASH_PROGRAM, FLASH_ERASE, FLASH_ERASE_UNLOCK, FLASH_ERASE_WHAT, FLASH_MORE,
	FLASH_COUNT, FLASH_LOAD, FLASH_CONFIRM, FLASH_ABORTED, FLASH_LEAVE_BYPASS, FLASH_AUTOSELECT, FLASH_QUERY
};

struct flash {
	uint8_t mode;			/* enum flash_mode */
	bool bypass;			/* programs without unlocking */
	uint8_t left, toggle;		/* words still to be loaded; what an aborted buffer's status last had in DQ6 */
	uint32_t sector, page;		/* for which the buffer is: a number, an offset */
	uint32_t loaded;		/* bit n: word n of the page */
	uint16_t buffer[16];
};

struct board {
	struct board_config config;
	struct board_callbacks callbacks;
	void *user;

	uint64_t stored[BOARD_ROWS_MAX][BOARD_STORED_MAX];

	/* CIU */
	uint64_t sources;			/* level-sensitive bits of SUM0 */
	uint64_t timers_due;			/* bits 52..55 of SUM0 */
	uint32_t sum1;				/* watchdogs that have expired */
	uint32_t mbox[BOARD_CORES_MAX];
	uint32_t held;				/* in reset, by CIU_PP_RST */
	uint64_t en0[2 * BOARD_CORES_MAX], en1[2 * BOARD_CORES_MAX];
	bool line[2 * BOARD_CORES_MAX];		/* last level reported: core * 2 + (line - 2) */
	struct timer timer[BOARD_TIMERS];
	struct timer wdog[BOARD_CORES_MAX];

	struct uart uart[BOARD_UARTS];
	/* Two-wire buses, and the clock on the first: its registers, and by how much it differs from callbacks.seconds. */
	uint64_t twsi_int[2], twsi_ext[2];
	uint8_t rtc[16], rtc_pointer;
	int64_t rtc_offset;

	/* The boot bus: where its chips are seen, and the local memory. */
	uint64_t boot_reg_cfg[8], boot_loc_cfg[2], boot_loc_adr;
	uint64_t boot_local[BOARD_LOCAL_WORDS];
	struct flash flash;

	uint64_t random;
	uint64_t gpio_out;

	uint64_t unknown_count;
	uint64_t unknown[BOARD_UNKNOWN_MAX];	/* a hash set of addresses */
};

uint64_t board__cycles(struct board *board);

/* board.c: the stored value behind a row, for handlers that keep it there. */
uint64_t *board__stored(struct board *board, const struct board_register *r, unsigned index);

/* ciu.c */
void ciu__reset(struct board *board);
void ciu__update(struct board *board);
void ciu__set_source(struct board *board, unsigned bit, bool level);
board_read ciu_sum0__read, ciu_sum1__read, ciu_en0__read, ciu_en1__read, ciu_mbox__read, ciu_pp_rst__read, ciu_fuse__read;
board_write ciu_sum0__write, ciu_en0__write, ciu_en1__write, ciu_en0_w1c__write, ciu_en1_w1c__write;
board_write ciu_en0_w1s__write, ciu_en1_w1s__write, ciu_mbox_set__write, ciu_mbox_clr__write;
board_write ciu_nmi__write, ciu_pp_rst__write, ciu_soft_rst__write;

/* bootbus.c: what is at `pa`, and where in it. */
enum bootbus_place { BOOTBUS_NOTHING, BOOTBUS_LOCAL, BOOTBUS_FLASH };
enum bootbus_place bootbus__at(const struct board *board, uint64_t pa, uint32_t *offset);
/* The boot bus answers without bit 48, too; here it has it. Other addresses as they are. */
uint64_t bootbus__address(uint64_t pa);
void bootbus__reset(struct board *board);
board_read boot_reg_cfg__read, boot_loc_cfg__read, boot_loc_adr__read, boot_loc_dat__read;
board_write boot_reg_cfg__write, boot_loc_cfg__write, boot_loc_adr__write, boot_loc_dat__write;

/* flash.c: `offset` is in the chip. */
void flash__reset(struct board *board);
uint64_t flash__read(struct board *board, uint32_t offset, unsigned size);
void flash__write(struct board *board, uint32_t offset, unsigned size, uint64_t value);

/* timer.c */
void timer__reset(struct board *board);
board_read ciu_tim__read, ciu_wdog__read;
board_write ciu_tim__write, ciu_wdog__write, ciu_pp_poke__write;

/* uart.c */
void uart__reset(struct board *board);
board_read uart_rbr__read, uart_ier__read, uart_iir__read, uart_lcr__read, uart_mcr__read, uart_lsr__read;
board_read uart_msr__read, uart_scr__read, uart_dll__read, uart_dlh__read, uart_usr__read, uart_rfl__read;
board_write uart_thr__write, uart_ier__write, uart_fcr__write, uart_lcr__write, uart_mcr__write;
board_write uart_scr__write, uart_dll__write, uart_dlh__write, uart_thr_only__write;

/* twsi.c */
void twsi__reset(struct board *board);
board_read twsi_int__read, twsi_ext__read;
board_write twsi__write, twsi_int__write, twsi_ext__write;

/* misc.c */
void misc__reset(struct board *board);
board_read ipd_clk_count__read, rng__read, gpio_rx__read;
board_write fus_rcmd__write, display__write, gpio_cfg__write, gpio_set__write, gpio_clr__write;

#endif
