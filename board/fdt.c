// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The Board's device tree, as octeon_3xxx.dts of Linux describes such a board, but only what is there.
 *
 * No `pip` node: octeon-ethernet would probe network ports that nobody answers for and never return. No
 * memory node: an Octeon kernel takes its memory from the bootmem list. No bootargs: they would replace
 * the arguments of the boot descriptor.
 */
#include <inttypes.h>
#include <libfdt.h>
#include <stdio.h>
#include <string.h>

#include "board/boot.h"
#include "board/internal.h"
#include "lib/complain.h"

#define CIU_PHANDLE	1

/* A tree under construction: after the first failure the rest does nothing, and the end reports it. */
struct tree {
	void *blob;
	int error;
};

static void try(struct tree *t, int result)
{
	if (!t->error && result < 0)
		t->error = result;
}

static void begin(struct tree *t, const char *name)
{
	if (!t->error)
		try(t, fdt_begin_node(t->blob, name));
}

static void end(struct tree *t)
{
	if (!t->error)
		try(t, fdt_end_node(t->blob));
}

static void bytes(struct tree *t, const char *name, const void *value, int size)
{
	if (!t->error)
		try(t, fdt_property(t->blob, name, value, size));
}

static void string(struct tree *t, const char *name, const char *value)
{
	bytes(t, name, value, strlen(value) + 1);
}

static void flag(struct tree *t, const char *name)
{
	bytes(t, name, NULL, 0);
}

static void cells(struct tree *t, const char *name, int count, const uint32_t *values)
{
	uint32_t swapped[8];

	for (int i = 0; i < count; i++)
		swapped[i] = cpu_to_fdt32(values[i]);
	bytes(t, name, swapped, 4 * count);
}

#define CELLS(t, name, ...) \
	cells(t, name, sizeof((uint32_t[]){ __VA_ARGS__ }) / 4, (uint32_t[]){ __VA_ARGS__ })

static void cpus(struct tree *t, const struct board_config *config)
{
	char name[16];

	begin(t, "cpus");
	CELLS(t, "#address-cells", 1);
	CELLS(t, "#size-cells", 0);
	for (unsigned core = 0; core < config->cores; core++) {
		snprintf(name, sizeof(name), "cpu@%x", core);
		begin(t, name);
		string(t, "device_type", "cpu");
		string(t, "compatible", "cavium,octeon-5650");
		CELLS(t, "reg", core);
		CELLS(t, "clock-frequency", (uint32_t)config->clock_hz);
		end(t);
	}
	end(t);
}

static void ciu(struct tree *t)
{
	begin(t, "interrupt-controller@1070000000000");
	string(t, "compatible", "cavium,octeon-3860-ciu");
	flag(t, "interrupt-controller");
	CELLS(t, "#address-cells", 0);
	CELLS(t, "#interrupt-cells", 2);	/* which SUM register, which bit */
	CELLS(t, "reg", 0x10700, 0, 0, 0x7000);
	CELLS(t, "phandle", CIU_PHANDLE);
	end(t);
}

static void uart(struct tree *t, const struct board_config *config, unsigned n)
{
	static const char compatible[] = "cavium,octeon-3860-uart\0ns16550";
	uint32_t offset = 0x800 + n * 0x400;
	char name[32];

	snprintf(name, sizeof(name), "serial@118000000%04" PRIx32, offset);
	begin(t, name);
	bytes(t, "compatible", compatible, sizeof(compatible));
	CELLS(t, "reg", 0x11800, offset, 0, 0x400);
	CELLS(t, "clock-frequency", (uint32_t)config->clock_hz);
	CELLS(t, "current-speed", 115200);
	CELLS(t, "reg-shift", 3);
	CELLS(t, "interrupts", 0, CIU_SUM0_UART + n);
	end(t);
}

static void virtio(struct tree *t, unsigned slot)
{
	uint64_t address = BOARD_VIRTIO_BASE + slot * BOARD_VIRTIO_SIZE;
	char name[32];

	snprintf(name, sizeof(name), "virtio@%" PRIx64, address);
	begin(t, name);
	string(t, "compatible", "virtio,mmio");
	CELLS(t, "reg", (uint32_t)(address >> 32), (uint32_t)address, 0, BOARD_VIRTIO_SIZE);
	CELLS(t, "interrupts", 0, BOARD_VIRTIO_SOURCE + slot % BOARD_VIRTIO_SOURCES);
	end(t);
}

/* The clock chip, on the first two-wire bus. */
static void clock_chip(struct tree *t)
{
	begin(t, "i2c@1180000001000");
	string(t, "compatible", "cavium,octeon-3860-twsi");
	CELLS(t, "#address-cells", 1);
	CELLS(t, "#size-cells", 0);
	CELLS(t, "reg", 0x11800, 0x00001000, 0, 0x200);
	CELLS(t, "interrupts", 0, 45);
	CELLS(t, "clock-frequency", 100000);
	begin(t, "rtc@68");
	string(t, "compatible", "dallas,ds1337");
	CELLS(t, "reg", 0x68);
	end(t);
	end(t);
}

/* Linux asks MIO_BOOT_REG_CFGX of the chip select in `reg` where the chip is and how wide. */
static void boot_bus(struct tree *t, const struct board_config *config)
{
	uint32_t address = board__flash_address(config->flash_size);

	begin(t, "bootbus@1180000000000");
	string(t, "compatible", "cavium,octeon-3860-bootbus");
	CELLS(t, "#address-cells", 2);		/* chip select, offset */
	CELLS(t, "#size-cells", 1);
	CELLS(t, "reg", 0x11800, 0, 0, 0x200);
	CELLS(t, "ranges", 0, 0, 0, address, config->flash_size);
	begin(t, "nor@0,0");
	string(t, "compatible", "cfi-flash");
	CELLS(t, "reg", 0, 0, config->flash_size);
	CELLS(t, "bank-width", 2);
	end(t);
	end(t);
}

static void soc(struct tree *t, const struct board_config *config)
{
	begin(t, "soc@0");
	string(t, "compatible", "simple-bus");
	CELLS(t, "#address-cells", 2);
	CELLS(t, "#size-cells", 2);
	flag(t, "ranges");
	ciu(t);
	for (unsigned n = 0; n < BOARD_UARTS; n++)
		uart(t, config, n);
	clock_chip(t);
	if (config->flash_size)
		boot_bus(t, config);
	for (unsigned slot = 0; slot < config->virtio_slots; slot++)
		virtio(t, slot);
	end(t);
}

static void aliases(struct tree *t)
{
	begin(t, "aliases");
	string(t, "uart0", "/soc@0/serial@1180000000800");
	string(t, "uart1", "/soc@0/serial@1180000000c00");
	string(t, "serial0", "/soc@0/serial@1180000000800");
	string(t, "serial1", "/soc@0/serial@1180000000c00");
	end(t);
}

int board__device_tree(const struct board_config *config, const uint8_t *rng_seed, void *buffer, size_t size, struct complaint *c)
{
	struct tree t = { .blob = buffer };

	try(&t, fdt_create(buffer, size));
	if (!t.error)
		try(&t, fdt_finish_reservemap(buffer));
	begin(&t, "");
	string(&t, "model", "EBH5610 (Afterburn)");
	string(&t, "compatible", "cavium,octeon-3860");
	CELLS(&t, "#address-cells", 2);
	CELLS(&t, "#size-cells", 2);
	CELLS(&t, "interrupt-parent", CIU_PHANDLE);
	cpus(&t, config);
	soc(&t, config);
	aliases(&t);
	begin(&t, "chosen");
	string(&t, "stdout-path", "serial0:115200n8");
	if (rng_seed && !t.error)
		try(&t, fdt_property(t.blob, "rng-seed", rng_seed, BOARD_RNG_SEED));
	end(&t);
	end(&t);
	if (!t.error)
		try(&t, fdt_finish(buffer));
	if (t.error)
		return complain(c, "the device tree does not fit into %zu bytes: %s", size, fdt_strerror(t.error));
	return fdt_totalsize(buffer);
}
