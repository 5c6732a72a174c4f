/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The Board: a Cavium EBH5610-class board with a CN56XX pass 2.1, as a library.
 *
 * It knows nothing of processors, hosts or signals. Whoever owns the cores (the Wedge, or a machine of
 * QEMU) hands it each load and store to an I/O address, and is told through callbacks when an interrupt
 * line changes, a character leaves a UART, or the guest resets or switches off the board. There are no
 * globals and no locks: with several cores the caller serialises its calls.
 *
 * Values are plain 64-bit numbers in host order; the byte order of the guest matters only to accesses
 * narrower than a register and to the boot bus (struct board_config.little_endian).
 */
#ifndef BOARD_BOARD_H
#define BOARD_BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BOARD_CORES_MAX		12		/* cores of a CN56XX */
#define BOARD_PRID		0x000d0409	/* CN56XX pass 2.1: octeon-model.c of Linux */
#define BOARD_UARTS		2
#define BOARD_IO_BIT		(1ull << 48)	/* set in every physical address of a register */
#define BOARD_DISPLAY		0x000100001d020000ull	/* eight characters, on the boot bus */
#define BOARD_LOW_RAM		0x10000000ull	/* size of the first bank: what CKSEG0 reaches */
#define BOARD_RAM_MAX		0x400000000ull	/* what a CN56XX can have: 16 GB */
#define BOARD_NEVER		UINT64_MAX
#define BOARD_FLASH_SECTOR	0x10000u	/* what is erased at once, and the least that a flash can have */
#define BOARD_FLASH_MAX		0x800000u
#define BOARD_SECONDS_COUNTED	946684800ull	/* what the clock chip says where time is counted: 2000-01-01, for ever */

/*
 * The mailboxes, CIU_MBOX_SETX and CIU_MBOX_CLRX of each core: [START, END). All cores but 0 spin in the kernel's entry until
 * core 0 calls them, and before it does Linux clears its mailbox. Whoever emulates the cores can spare the spinning.
 */
#define BOARD_MAILBOXES		0x0001070000000600ull
#define BOARD_MAILBOXES_END	0x0001070000000700ull

/*
 * virtio-mmio slots, for whoever has such devices: slot n is at BASE + n * SIZE and drives bit SOURCE +
 * n % SOURCES of CIU_INTX_SUM0, one of PCI's INTA to INTD; the next bits are MSI, which Debian's kernel takes for
 * itself. They are in the memory window of PCIe port 0, where kernels of either byte order expect
 * little-endian registers.
 */
#define BOARD_VIRTIO_BASE	0x00011b0000000000ull
#define BOARD_VIRTIO_SIZE	0x1000
#define BOARD_VIRTIO_SOURCE	36
#define BOARD_VIRTIO_SOURCES	4
#define BOARD_VIRTIO_MAX	8

struct board_config {
	unsigned cores;			/* 1..BOARD_CORES_MAX */
	uint64_t ram_size;		/* bytes, a multiple of 1 MB; see board__ram_banks() */
	uint64_t clock_hz;		/* core clock, also that of the CIU and of IPD_CLK_COUNT */
	bool little_endian;		/* byte order the cores run in */
	uint64_t random_seed;		/* of the random number generator, where there is no callback for it: equal seeds, equal runs */
	unsigned virtio_slots;		/* in the device tree: 0..BOARD_VIRTIO_MAX */
	bool firmware;			/* no kernel is loaded: core 0 begins at the reset vector, in the flash; the others are held in reset */
	uint32_t flash_size;		/* bytes, a power of two: BOARD_FLASH_SECTOR..BOARD_FLASH_MAX; 0: no flash */
	bool flash_readonly;		/* what would change it does nothing */
	uint8_t *flash;			/* its contents, the caller's; erased are ones */
};

/* Any callback may be NULL; cycles and seconds then read as 0. `user` is what board__new() was given. */
struct board_callbacks {
	/* Interrupt line 2 or 3 (Cause.IP2, IP3) of a core changes to `level`. */
	void (*irq)(void *user, unsigned core, unsigned line, bool level);
	/* Cycles of the core clock since reset. */
	uint64_t (*cycles)(void *user);
	/* Seconds since 1970, UTC, as the board's clock chip begins: a guest may set it. */
	uint64_t (*seconds)(void *user);
	/* 64 bits that nobody knows beforehand, for the random number generator. NULL: they follow from config.random_seed. */
	uint64_t (*random)(void *user);
	/* A deadline moved: board__next_event() may give another answer now. */
	void (*event_moved)(void *user);
	void (*uart_transmit)(void *user, unsigned uart, uint8_t byte);
	/* The receive FIFO, once found full, has room again: offer the rest to board__uart_receive(). */
	void (*uart_room)(void *user, unsigned uart);
	/* These bytes of config.flash were programmed or erased. */
	void (*flash_written)(void *user, uint32_t offset, uint32_t size);
	void (*reset)(void *user);	/* CIU_SOFT_RST; a watchdog, if there is nothing below for it */
	void (*watchdog)(void *user, unsigned core);	/* that of this core has come to its last stage, a reset */
	void (*power_off)(void *user);
	/*
	 * A core is reset, and then waits, as it would in the boot loader, for an NMI. That makes it begin anew, as board__start()
	 * says (boot.h). A core that does not wait so takes an NMI as the architecture says, if board__takes_nmi(); where no kernel has
	 * put a routine for it there is the boot loader's, which we are: it ignores it.
	 */
	void (*hold)(void *user, unsigned core);
	void (*nmi)(void *user, unsigned core);
	/* With config.firmware only, where there is no boot loader of ours: a core that was held begins at the reset vector. */
	void (*release)(void *user, unsigned core);
	/* First access to an address that no register has. It reads 0 and ignores writes, as do RAM and virtio devices that are not there, which is not told. */
	void (*unknown)(void *user, uint64_t pa, unsigned size, bool write, uint64_t value);
};

struct board;
struct complaint;

/* Bytes that a board takes, for who has memory for it. It has no pointers but those in callbacks, `user` and config.flash. */
size_t board__size(void);
/* There, as board__new(). */
void board__make(struct board *board, const struct board_config *config, const struct board_callbacks *callbacks, void *user);
/*
 * A board in its reset state, or NULL when memory is short. The callbacks are copied; the configuration is
 * taken as it is, so check it first (board__check_config).
 */
struct board *board__new(const struct board_config *config, const struct board_callbacks *callbacks, void *user);
void board__free(struct board *board);
void board__reset(struct board *board);

/* 0, or -1 with a complaint that says which number is out of range. */
int board__check_config(const struct board_config *config, struct complaint *c);

/*
 * One load or store of 1, 2, 4 or 8 bytes at physical address `pa`, bit 48 included (the CIU begins at
 * 0x0001070000000000). Callbacks may be called before these return.
 */
uint64_t board__read(struct board *board, uint64_t pa, unsigned size);
void board__write(struct board *board, uint64_t pa, unsigned size, uint64_t value);

/* Is there memory on the boot bus, flash or local, at `pa`, from which a core can execute? */
bool board__executes(const struct board *board, uint64_t pa);
/* Is there a routine for NMIs: is the local memory seen where cores begin, or the firmware? */
bool board__takes_nmi(const struct board *board);
/* Where a flash of that size begins. */
uint64_t board__flash_address(uint32_t flash_size);
/*
 * What a core would begin with that finds these bytes of a flash at the reset vector: every boot loader begins with a branch, over
 * exception vectors or a header. 1 if it is a little-endian one, 0 if a big-endian one, -1 with a complaint if it is none.
 */
int board__firmware_order(const uint8_t *flash, uint32_t size, struct complaint *c);
/*
 * Is a kernel's file a Linux for another board? That would run into nothing, and be silent about it. `word` are those at its entry, as the cores see them, up to
 * BOARD_ENTRY_WORDS: one for Octeon sizes CVMSEG first of all.
 */
#define BOARD_ENTRY_WORDS	256
bool board__is_foreign_linux(const uint8_t *file, size_t size, const uint32_t *word, unsigned words);

/* Name of the register at `pa` ("CIU_INTX_SUM0"), or NULL; `index` (may be NULL) says which of several. */
const char *board__register_name(uint64_t pa, unsigned *index);

/* Accesses, so far, to addresses that no register has. */
uint64_t board__unknown_accesses(const struct board *board);

/*
 * Bytes for a UART's receiver: how many the FIFO took (0..n). The rest is the caller's to keep, and to offer
 * again after callbacks.uart_room. Who cannot keep anything asks first how much there is room for.
 */
unsigned board__uart_receive(struct board *board, unsigned uart, const uint8_t *bytes, unsigned n);
unsigned board__uart_space(const struct board *board, unsigned uart);
/* Shows the guest a transmitter that is full, until it is told that there is room. What is written all the same is transmitted. */
void board__uart_hold(struct board *board, unsigned uart, bool held);

/*
 * Timers and watchdogs. board__next_event: the value of cycles() at which board__tick() must be called,
 * BOARD_NEVER if nothing runs. A late tick is harmless, an early one does nothing.
 */
uint64_t board__next_event(const struct board *board);
void board__tick(struct board *board);

/* Does a watchdog run that will reset the board, if nobody stops it? */
bool board__will_reset(const struct board *board);

/* A device outside this library (virtio) drives bit `bit` (0..63) of CIU_INTX_SUM0, level sensitive. */
void board__set_source(struct board *board, unsigned bit, bool level);

/*
 * RAM is split as on the hardware: up to 256 MB at 0, the next 256 MB at 0x410000000 and the rest at
 * 0x20000000, because 0x10000000-0x1fffffff is the boot bus. `offset` is the bank's place in one
 * contiguous buffer of ram_size bytes.
 */
struct board_bank {
	uint64_t pa, size, offset;
};

/* Fills banks[] in the order of their offsets and returns how many there are (1..3). */
unsigned board__ram_banks(uint64_t ram_size, struct board_bank banks[3]);

/* Offset of [pa, pa + size) in that buffer, or UINT64_MAX unless all of it is RAM of one bank. */
uint64_t board__ram_offset(uint64_t ram_size, uint64_t pa, uint64_t size);

#endif
