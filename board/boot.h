/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What Cavium's U-Boot leaves in memory for a kernel: boot descriptor, bootinfo, list of free memory,
 * arguments, device tree and initrd.
 *
 * All of it lies in the first megabyte, which the kernel never takes for RAM, except for the initrd,
 * which lies above the kernel. Call board__boot() after the kernel has been loaded.
 */
#ifndef BOARD_BOOT_H
#define BOARD_BOOT_H

#include "board/board.h"

struct complaint;

#define BOARD_RNG_SEED	32	/* bytes: Linux counts eight bits for each, and has enough with 256 */

struct board_boot {
	uint8_t *ram;			/* buffer of config.ram_size bytes: see board__ram_banks() */
	uint64_t kernel_start;		/* physical addresses: first byte, first byte behind .bss */
	uint64_t kernel_end;
	const void *initrd;		/* NULL: none */
	uint64_t initrd_size;
	const char *command_line;	/* words separated by blanks; rd_start and rd_size are added */
	uint64_t reserved_start;	/* physical range below 256 MB that is no RAM for the guest; */
	uint64_t reserved_size;		/* 0: none */
	uint64_t ckseg0;		/* guest virtual address of physical 0: where CKSEG0 is seen */
	const uint8_t *rng_seed;	/* BOARD_RNG_SEED bytes that nobody knows, for the kernel's random numbers; NULL: it gets none */
	const void *device_tree;	/* instead of board__device_tree(); NULL: that one */
	uint64_t device_tree_size;
};

/*
 * What the registers of the cores hold at the kernel's entry; a2 is 1 on core 0, 0 on all others. Every other
 * register is 0, or what it is after reset.
 */
struct board_entry {
	uint64_t a0, a1, a3;
	uint64_t status, cvmmemctl;	/* CP0 as the boot loader leaves it; EBase is that of reset */
	uint64_t initrd_start;		/* physical; 0: none */
};

/* Returns 0, or -1 with a complaint (too little memory, command line too long, ...). */
int board__boot(const struct board_config *config, const struct board_boot *boot, struct board_entry *entry,
		struct complaint *c);

/*
 * How core `core` begins when it was held in reset and then gets an NMI. The boot loader, where it has waited for that, goes to
 * the function that is in the core's boot vector, with a stack of its own; every other register is that of reset.
 */
struct board_start {
	uint64_t pc, sp;
	uint64_t status, cvmmemctl;
};
struct board_start board__start(const struct board_config *config, const uint8_t *ram, uint64_t ckseg0, unsigned core);

/* The packed device tree of the board, at most `size` bytes; `rng_seed` as above. Returns its length or -1 with a complaint. */
int board__device_tree(const struct board_config *config, const uint8_t *rng_seed, void *buffer, size_t size, struct complaint *c);

#endif
