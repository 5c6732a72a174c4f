// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The button: what it says it is, what a driver hears when it is pressed, and when there is none.
 */
#include <linux/input.h>

#include "tests/unit/virtio_fixture.h"
#include "wedge/device/button.h"

#define CONFIG	0x100u

static struct fixture f;
static struct complaint c;

static void begin(void)
{
	fixture_open(&f, button__new("", &c));
	fixture_negotiate(&f, 0);
	fixture_set_queue(&f, 0, 64);
	fixture_set_queue(&f, 1, 64);
	fixture_start(&f);
}

static void give_buffers(unsigned count, u32 size)
{
	for (unsigned i = 0; i < count; i++) {
		const struct fixture_part part[] = { IN(FIXTURE_DATA + i * 16, size) };

		fixture_add(&f, 0, part, 1);
	}
	fixture_kick(&f);
}

static u64 event(unsigned n)
{
	u64 bytes;

	memcpy(&bytes, f.ram.base + FIXTURE_DATA + n * 16, 8);
	return le64toh(bytes);
}

static void press_and_let_go(void **state)
{
	const u64 key = (u64)KEY_POWER << 16 | EV_KEY;
	u32 written;

	begin();
	assert_int_equal(f.slot.id, 18);
	give_buffers(3, 8);
	assert_true(button__press(f.device));
	device__look(f.device);
	assert_int_equal(event(0), key | 1ull << 32);
	assert_int_equal(event(1), 0);
	assert_int_equal(event(2), key);
	for (unsigned i = 0; i < 3; i++)
		assert_true(fixture_used(&f, 0, NULL, &written) && written == 8);
	assert_int_equal(f.interrupts, 1);
	/* The last one waits for a buffer; another press meanwhile is the same one. */
	assert_true(button__press(f.device));
	device__look(f.device);
	assert_false(fixture_used(&f, 0, NULL, &written));
	give_buffers(4, 8);
	device__look(f.device);
	assert_true(fixture_used(&f, 0, NULL, &written) && written == 8);
	assert_false(fixture_used(&f, 0, NULL, &written));
	fixture_close(&f);
}

static void what_it_is(void **state)
{
	static const struct {
		u8 select, subselect, size, at, byte;
	} rows[] = {
		{ 1, 0, 16, 0, 'A' }, { 3, 0, 8, 0, BUS_VIRTUAL }, { 0x11, EV_KEY, KEY_POWER / 8 + 1, KEY_POWER / 8, 1 << KEY_POWER % 8 },
		{ 0x11, EV_REL, 0, 0, 0 }, { 0x10, 0, 0, 0, 0 }, { 0xff, 0xff, 0, 0, 0 }, { 0, 0, 0, 0, 0 },
	};

	begin();
	for (unsigned i = 0; i < COUNT(rows); i++) {
		virtio__write(&f.slot, CONFIG, 1, rows[i].select);
		virtio__write(&f.slot, CONFIG + 1, 1, rows[i].subselect);
		assert_int_equal(virtio__read(&f.slot, CONFIG + 2, 1), rows[i].size);
		assert_int_equal(virtio__read(&f.slot, CONFIG + 8 + rows[i].at, 1), rows[i].byte);
		virtio__write(&f.slot, CONFIG + 2, 1, 200);	/* that is not the driver's to say */
		assert_int_equal(virtio__read(&f.slot, CONFIG + 2, 1), rows[i].size);
	}
	fixture_close(&f);
}

static void nobody_listens(void **state)
{
	fixture_open(&f, button__new("", &c));
	assert_false(button__press(f.device));
	device__look(f.device);
	fixture_close(&f);
	begin();
	give_buffers(1, 4);
	button__press(f.device);
	device__look(f.device);		/* such a buffer stops it */
	assert_false(button__press(f.device));
	fixture_close(&f);
	assert_null(button__new("red", &c));
	assert_non_null(strstr(c.text, "takes nothing, not 'red'"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(press_and_let_go), cmocka_unit_test(what_it_is), cmocka_unit_test(nobody_listens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
