// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where the Board's RAM is, and which configurations it can have.
 */
#include <inttypes.h>

#include "board/board.h"
#include "lib/complain.h"

#define MEGABYTE	0x100000ull

unsigned board__ram_banks(uint64_t ram_size, struct board_bank banks[3])
{
	static const uint64_t base[3] = { 0, 0x410000000ull, 0x20000000ull };
	static const uint64_t most[3] = { BOARD_LOW_RAM, 0x10000000ull, UINT64_MAX };
	uint64_t offset = 0;
	unsigned n = 0;

	while (offset < ram_size && n < 3) {
		uint64_t size = ram_size - offset;

		if (size > most[n])
			size = most[n];
		banks[n] = (struct board_bank){ .pa = base[n], .size = size, .offset = offset };
		offset += size;
		n++;
	}
	return n;
}

uint64_t board__ram_offset(uint64_t ram_size, uint64_t pa, uint64_t size)
{
	struct board_bank banks[3];
	unsigned n = board__ram_banks(ram_size, banks);

	for (unsigned i = 0; i < n; i++) {
		uint64_t inside = pa - banks[i].pa;

		if (pa >= banks[i].pa && inside <= banks[i].size && size <= banks[i].size - inside)
			return banks[i].offset + inside;
	}
	return UINT64_MAX;
}

int board__check_config(const struct board_config *config, struct complaint *c)
{
	if (config->cores < 1 || config->cores > BOARD_CORES_MAX)
		return complain(c, "%u cores: a CN56XX has 1 to %d", config->cores, BOARD_CORES_MAX);
	if (config->ram_size % MEGABYTE)
		return complain(c, "%" PRIu64 " bytes of memory: give whole megabytes", config->ram_size);
	if (config->ram_size < 32 * MEGABYTE || config->ram_size > BOARD_RAM_MAX)
		return complain(c, "%" PRIu64 " MB of memory: the board takes 32 to %d MB",
				(uint64_t)(config->ram_size / MEGABYTE), (int)(BOARD_RAM_MAX / MEGABYTE));
	if (config->virtio_slots > BOARD_VIRTIO_MAX)
		return complain(c, "%u virtio slots: the board has 0 to %d", config->virtio_slots, BOARD_VIRTIO_MAX);
	if (config->flash_size & (config->flash_size - 1) || config->flash_size > BOARD_FLASH_MAX ||
	    (config->flash_size && config->flash_size < BOARD_FLASH_SECTOR))
		return complain(c, "%" PRIu32 " bytes of flash: there are such chips of 64K, 128K, 256K and so on to 8M", config->flash_size);
	if (config->firmware && !config->flash_size)
		return complain(c, "no flash: without a kernel the cores begin in it");
	if (config->clock_hz < 1000000 || config->clock_hz > UINT32_MAX)
		return complain(c, "a clock of %" PRIu64 " Hz: bootinfo holds 1000000 to %" PRIu32 " Hz",
				config->clock_hz, UINT32_MAX);
	return 0;
}
