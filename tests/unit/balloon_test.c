// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The balloon: which pages go and come, and that no others do; a Host that is short of memory; statistics; reports of free memory
 * in either numbering of the queues.
 */
#include <errno.h>

#include "tests/unit/virtio_fixture.h"
#include "wedge/core/layout.h"
#include "wedge/device/balloon.h"

#define PAGE		BALLOON_PAGE
#define NUMBERS		FIXTURE_DATA
#define STATS		(FIXTURE_DATA + 0x1000)

enum { MUST_TELL = 1, WITH_STATS = 2, REPORTING = 32 };

static struct fixture f;
static struct complaint c;
static unsigned given, reserved, calls;	/* pages; and how many stretches they were */
static u64 last_offset;
static bool short_of_memory;

static int give_back(void *user, u64 offset, u64 size)
{
	assert_int_equal(offset % PAGE | size % PAGE, 0);
	assert_true(size && offset + size <= FIXTURE_RAM);
	memset(f.ram.base + offset, 0, size);
	given += size / PAGE;
	last_offset = offset;
	calls++;
	return 0;
}

static int reserve(void *user, u64 offset, u64 size)
{
	assert_true(size && offset + size <= FIXTURE_RAM);
	if (short_of_memory)
		return ENOMEM;
	reserved += size / PAGE;
	last_offset = offset;
	return 0;
}

static const struct balloon_memory memory = { give_back, reserve, NULL };

static void drive(u64 features, unsigned queues)
{
	fixture_negotiate(&f, features);
	for (unsigned i = 0; i < queues; i++)
		fixture_set_queue(&f, i, 8);
	fixture_start(&f);
}

static void begin(const char *spec)
{
	given = reserved = calls = 0;
	short_of_memory = false;
	fixture_open(&f, balloon__new(spec, FIXTURE_RAM, &memory, &c));
}

/* Asks for these pages to go (queue 0) or to come (queue 1). Was that done? */
static bool ask(unsigned queue, const u32 *pages, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		((u32 *)(f.ram.base + NUMBERS))[i] = htole32(pages[i]);
	fixture_add(&f, queue, (const struct fixture_part[]){ OUT(NUMBERS, 4 * count) }, 1);
	fixture_kick(&f);
	return fixture_used(&f, queue, NULL, NULL);
}

static u64 inflated(void)
{
	struct balloon_state state;

	balloon__state(f.device, &state);
	return state.inflated / PAGE;
}

static void pages_go_and_come(void **state)
{
	/* Some side by side, in any order, and one twice. */
	const u32 pages[] = { 0x83, 0x81, 0x80, 0x82, 0x90, 0x81 }, back[] = { 0x81, 0x82, 0x70 };

	begin("");
	assert_int_equal(f.slot.id, 5);
	drive(MUST_TELL, 2);
	memset(f.ram.base + 0x80 * PAGE, 1, 0x11 * PAGE);
	assert_true(ask(0, pages, 6));
	assert_int_equal(given, 5);
	assert_int_equal(calls, 2);
	assert_int_equal(inflated(), 5);
	assert_int_equal(f.ram.base[0x83 * PAGE], 0);
	assert_int_equal(f.ram.base[0x84 * PAGE], 1);
	assert_int_equal(f.ram.base[0x90 * PAGE], 0);
	assert_true(ask(0, pages, 6));		/* given twice: no harm */
	assert_int_equal(inflated(), 5);
	assert_true(ask(1, back, 3));
	assert_int_equal(reserved, 3);
	assert_int_equal(inflated(), 3);
	drive(MUST_TELL, 2);			/* a new driver has all of them */
	assert_int_equal(reserved, 6);
	assert_int_equal(inflated(), 0);
	fixture_close(&f);
}

static void a_host_that_is_short_of_memory(void **state)
{
	const u32 page = 0x80;
	struct pollfd fds[DEVICE_POLL_MOST];
	u64 ns = DEVICE_FOREVER;

	begin("");
	drive(MUST_TELL, 2);
	assert_true(ask(0, &page, 1));
	short_of_memory = true;
	assert_false(ask(1, &page, 1));
	f.device->ops->wants(f.device, fds, &ns);
	assert_in_range(ns, 1, 1000000000);
	fixture_kick(&f);
	assert_false(fixture_used(&f, 1, NULL, NULL));
	short_of_memory = false;
	fixture_kick(&f);
	assert_true(fixture_used(&f, 1, NULL, NULL));
	assert_int_equal(inflated(), 0);
	fixture_close(&f);
}

static void what_is_asked_for(void **state)
{
	struct balloon_state s;

	begin("512K");
	assert_int_equal(*(u32 *)f.slot.config, htole32(128));
	drive(MUST_TELL, 2);
	f.interrupts = 0;
	balloon__set_target(f.device, 0x10000 + 1);
	assert_int_equal(*(u32 *)f.slot.config, htole32(16));
	assert_int_equal(f.interrupts, 1);
	balloon__set_target(f.device, UINT64_MAX);
	assert_int_equal(*(u32 *)f.slot.config, htole32(256));
	virtio__write(&f.slot, 0x104, 4, 7);		/* what the guest says that it has given */
	balloon__state(f.device, &s);
	assert_int_equal(s.said, 7 * PAGE);
	assert_int_equal(s.target, FIXTURE_RAM);
	fixture_close(&f);
}

static void put_stat(unsigned n, u16 tag, u64 value)
{
	u8 *at = f.ram.base + STATS + 10 * n;

	tag = htole16(tag);
	value = htole64(value);
	memcpy(at, &tag, 2);
	memcpy(at + 2, &value, 8);
}

static void statistics(void **state)
{
	struct balloon_state s;

	begin("");
	drive(WITH_STATS, 3);
	put_stat(0, 4, 1000);
	put_stat(1, 6, 12345);
	put_stat(2, 999, 1);			/* of a specification to come */
	fixture_add(&f, 2, (const struct fixture_part[]){ OUT(STATS, 30) }, 1);
	fixture_kick(&f);
	assert_false(fixture_used(&f, 2, NULL, NULL));	/* kept until it is asked again */
	balloon__state(f.device, &s);
	assert_int_equal(s.stats_heard, 1);
	assert_int_equal(s.stats[4], 1000);
	assert_int_equal(s.stats[6], 12345);
	assert_true(s.stats[5] == UINT64_MAX);
	balloon__ask_stats(f.device);
	fixture_kick(&f);
	assert_true(fixture_used(&f, 2, NULL, NULL));
	put_stat(0, 4, 2000);
	fixture_add(&f, 2, (const struct fixture_part[]){ OUT(STATS, 30) }, 1);
	fixture_kick(&f);
	balloon__state(f.device, &s);
	assert_int_equal(s.stats_heard, 2);
	assert_int_equal(s.stats[4], 2000);
	fixture_close(&f);
}

static void report_to(unsigned queue)
{
	calls = given = 0;
	fixture_add(&f, queue, (const struct fixture_part[]){ IN(0x80 * PAGE, 4 * PAGE), IN(0xa0 * PAGE + 1, 2 * PAGE) }, 2);
	fixture_kick(&f);
	assert_true(fixture_used(&f, queue, NULL, NULL));
	assert_int_equal(calls, 2);
	assert_int_equal(given, 5);		/* of the second stretch the one that is whole */
	assert_int_equal(last_offset, 0xa1 * PAGE);
	assert_int_equal(inflated(), 0);
}

static void reports_of_free_memory(void **state)
{
	begin("");
	drive(REPORTING | WITH_STATS, 5);	/* as specified */
	report_to(4);
	drive(REPORTING | WITH_STATS, 4);	/* as Linux does */
	report_to(3);
	drive(REPORTING, 3);
	report_to(2);
	fixture_close(&f);
}

static void pages_that_are_none(void **state)
{
	const u32 bad[] = { FIXTURE_RAM / PAGE, UINT32_MAX, 0x80000000 };

	begin("");
	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
		drive(MUST_TELL, 2);
		assert_false(ask(0, &bad[i], 1));
		assert_true(fixture_is_broken(&f));
	}
	drive(MUST_TELL, 2);
	assert_false(ask(1, bad, 1));
	assert_true(fixture_is_broken(&f));
	drive(MUST_TELL, 2);
	fixture_add(&f, 0, (const struct fixture_part[]){ OUT(NUMBERS, 6) }, 1);
	fixture_kick(&f);
	assert_true(fixture_is_broken(&f));
	drive(MUST_TELL, 2);
	fixture_add(&f, 0, (const struct fixture_part[]){ OUT(NUMBERS, 0x10004) }, 1);
	fixture_kick(&f);
	assert_true(fixture_is_broken(&f));
	assert_int_equal(given, 0);
	fixture_close(&f);
}

/* The Wedge's own part of the address space is not the guest's to give. Its RAM is only looked at as far as its size goes. */
static void what_is_the_wedges(void **state)
{
	const u32 first = CODE_CACHE_PA / PAGE, last = (CODE_CACHE_PA + CODE_CACHE_SIZE) / PAGE - 1;

	fixture_open(&f, balloon__new("", 512ull << 20, &memory, &c));
	f.device->ram = (struct ram){ .base = f.ram.base, .size = 512ull << 20, .low = 256ull << 20 };
	given = 0;
	drive(MUST_TELL, 2);
	assert_false(ask(0, &first, 1));
	assert_true(fixture_is_broken(&f));
	drive(REPORTING, 3);
	fixture_add(&f, 2, (const struct fixture_part[]){ IN(CODE_CACHE_PA - PAGE, 2 * PAGE) }, 1);
	fixture_kick(&f);
	assert_true(fixture_is_broken(&f));
	drive(MUST_TELL, 2);
	assert_false(ask(0, &last, 1));
	assert_true(fixture_is_broken(&f));
	assert_int_equal(given, 0);
	fixture_close(&f);
}

static void what_the_user_says(void **state)
{
	assert_null(balloon__new("much", FIXTURE_RAM, &memory, &c));
	assert_string_equal(c.text, "--balloon: 'much' is not a size; 64M would be one");
	assert_null(balloon__new("1M", FIXTURE_RAM, &memory, &c));
	assert_string_equal(c.text, "--balloon: 1M is not less than the guest's memory of 1M");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_go_and_come),
		cmocka_unit_test(a_host_that_is_short_of_memory),
		cmocka_unit_test(what_is_asked_for),
		cmocka_unit_test(statistics),
		cmocka_unit_test(reports_of_free_memory),
		cmocka_unit_test(pages_that_are_none),
		cmocka_unit_test(what_is_the_wedges),
		cmocka_unit_test(what_the_user_says),
	};

	return cmocka_run_group_tests_name("balloon", tests, NULL, NULL);
}
