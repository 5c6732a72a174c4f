// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The device tree, parsed again: what Linux's Octeon code and drivers look for, and what must not be there.
 */
#include <libfdt.h>

#include "board/boot.h"
#include "lib/complain.h"
#include "tests/unit/cmocka_all.h"

static uint8_t blob[8192];

static int build(unsigned cores, size_t size, struct complaint *c)
{
	struct board_config config = { .cores = cores, .ram_size = 64 << 20, .clock_hz = 500000000 };

	return board__device_tree(&config, NULL, blob, size, c);
}

static int setup(void **state)
{
	struct complaint c;

	return build(3, sizeof(blob), &c) > 0 ? 0 : -1;
}

static int node(const char *path)
{
	int offset = fdt_path_offset(blob, path);

	if (offset < 0)
		fail_msg("no node %s", path);
	return offset;
}

static uint32_t cell(const char *path, const char *property, unsigned n)
{
	int length;
	const fdt32_t *value = fdt_getprop(blob, node(path), property, &length);

	if (!value || length < 4 * (int)(n + 1))
		fail_msg("%s has no %s", path, property);
	return fdt32_to_cpu(value[n]);
}

static void it_is_packed_and_sound(void **state)
{
	assert_int_equal(fdt_check_header(blob), 0);
	assert_int_equal(fdt_check_full(blob, fdt_totalsize(blob)), 0);
	assert_int_equal(fdt_totalsize(blob), fdt_off_dt_strings(blob) + fdt_size_dt_strings(blob));
	assert_int_equal(fdt_node_check_compatible(blob, 0, "cavium,octeon-3860"), 0);
}

static void the_interrupt_controller(void **state)
{
	const char *path = "/soc@0/interrupt-controller@1070000000000";

	assert_int_equal(fdt_node_check_compatible(blob, node(path), "cavium,octeon-3860-ciu"), 0);
	assert_int_equal(cell(path, "#interrupt-cells", 0), 2);
	assert_int_equal(cell(path, "phandle", 0), cell("/", "interrupt-parent", 0));
	assert_int_equal(cell(path, "reg", 0), 0x10700);
	assert_non_null(fdt_getprop(blob, node(path), "interrupt-controller", NULL));
	assert_int_equal(fdt_node_check_compatible(blob, node("/soc@0"), "simple-bus"), 0);
	assert_non_null(fdt_getprop(blob, node("/soc@0"), "ranges", NULL));
}

static void the_uarts(void **state)
{
	static const char *const paths[] = { "/soc@0/serial@1180000000800", "/soc@0/serial@1180000000c00" };

	for (unsigned n = 0; n < 2; n++) {
		assert_int_equal(fdt_node_check_compatible(blob, node(paths[n]), "cavium,octeon-3860-uart"), 0);
		assert_int_equal(cell(paths[n], "reg", 0), 0x11800);
		assert_int_equal(cell(paths[n], "reg", 1), 0x800 + 0x400 * n);
		assert_int_equal(cell(paths[n], "reg-shift", 0), 3);
		assert_int_equal(cell(paths[n], "interrupts", 0), 0);
		assert_int_equal(cell(paths[n], "interrupts", 1), 34 + n);
		assert_int_equal(cell(paths[n], "clock-frequency", 0), 500000000);
		assert_int_equal(cell(paths[n], "current-speed", 0), 115200);
	}
	assert_string_equal(fdt_get_alias(blob, "serial0"), paths[0]);
	assert_string_equal(fdt_get_alias(blob, "uart1"), paths[1]);
}

static void the_cores(void **state)
{
	assert_int_equal(cell("/cpus/cpu@2", "reg", 0), 2);
	assert_true(fdt_path_offset(blob, "/cpus/cpu@3") < 0);
}

static void the_virtio_slots(void **state)
{
	struct board_config config = {
		.cores = 1, .ram_size = 64 << 20, .clock_hz = 500000000, .virtio_slots = BOARD_VIRTIO_MAX,
	};
	const char *path = "/soc@0/virtio@11b0000002000";
	struct complaint c;

	assert_true(fdt_node_offset_by_compatible(blob, -1, "virtio,mmio") < 0);
	assert_true(board__device_tree(&config, NULL, blob, sizeof(blob), &c) > 0);
	assert_int_equal(fdt_node_check_compatible(blob, node(path), "virtio,mmio"), 0);
	assert_int_equal(cell(path, "reg", 0), 0x11b00);
	assert_int_equal(cell(path, "reg", 1), 0x2000);
	assert_int_equal(cell(path, "reg", 3), 0x1000);
	assert_int_equal(cell(path, "interrupts", 0), 0);
	assert_int_equal(cell(path, "interrupts", 1), 38);
	assert_int_equal(cell("/soc@0/virtio@11b0000007000", "interrupts", 1), 39);
}

static void the_flash(void **state)
{
	struct board_config config = { .cores = 1, .ram_size = 64 << 20, .clock_hz = 500000000, .flash_size = 0x100000 };
	const char *bus = "/soc@0/bootbus@1180000000000", *chip = "/soc@0/bootbus@1180000000000/nor@0,0";
	struct complaint c;

	assert_true(fdt_node_offset_by_compatible(blob, -1, "cfi-flash") < 0);
	assert_true(board__device_tree(&config, NULL, blob, sizeof(blob), &c) > 0);
	assert_int_equal(fdt_node_check_compatible(blob, node(bus), "cavium,octeon-3860-bootbus"), 0);
	assert_int_equal(cell(bus, "ranges", 3), 0x1fb00000);
	assert_int_equal(cell(bus, "ranges", 4), 0x100000);
	assert_int_equal(fdt_node_check_compatible(blob, node(chip), "cfi-flash"), 0);
	assert_int_equal(cell(chip, "reg", 0), 0);
	assert_int_equal(cell(chip, "reg", 2), 0x100000);
}

static void a_seed_of_random_numbers(void **state)
{
	struct board_config config = { .cores = 1, .ram_size = 64 << 20, .clock_hz = 500000000 };
	uint8_t seed[BOARD_RNG_SEED];
	struct complaint c;
	int size;

	for (unsigned i = 0; i < sizeof(seed); i++)
		seed[i] = i + 1;
	assert_true(board__device_tree(&config, seed, blob, sizeof(blob), &c) > 0);
	assert_memory_equal(fdt_getprop(blob, node("/chosen"), "rng-seed", &size), seed, sizeof(seed));
	assert_int_equal(size, sizeof(seed));
}

static void what_must_not_be_there(void **state)
{
	assert_true(fdt_node_offset_by_compatible(blob, -1, "cavium,octeon-3860-pip") < 0);
	assert_true(fdt_path_offset(blob, "/memory") < 0);
	assert_null(fdt_getprop(blob, node("/chosen"), "bootargs", NULL));
	assert_null(fdt_getprop(blob, node("/chosen"), "rng-seed", NULL));
}

static void it_says_when_it_does_not_fit(void **state)
{
	struct complaint c;
	int full = build(12, sizeof(blob), &c);

	assert_true(full > 0 && full < (int)sizeof(blob));
	for (int size = 0; size < full; size += 13) {
		assert_int_equal(build(12, size, &c), -1);
		assert_contains(c.text, "the device tree does not fit into");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(it_is_packed_and_sound, setup),
		cmocka_unit_test_setup(the_interrupt_controller, setup),
		cmocka_unit_test_setup(the_uarts, setup),
		cmocka_unit_test_setup(the_cores, setup),
		cmocka_unit_test_setup(the_virtio_slots, setup),
		cmocka_unit_test_setup(the_flash, setup),
		cmocka_unit_test_setup(a_seed_of_random_numbers, setup),
		cmocka_unit_test_setup(what_must_not_be_there, setup),
		cmocka_unit_test(it_says_when_it_does_not_fit),
	};

	return cmocka_run_group_tests_name("fdt", tests, NULL, NULL);
}
