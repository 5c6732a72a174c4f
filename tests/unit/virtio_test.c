// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Registers of virtio-mmio as a driver sees them, and split queues with all that a guest can write into them; the same by the legacy interface, in
 * both byte orders.
 */
#include "tests/unit/virtio_fixture.h"

#define PA(n)	(FIXTURE_DATA + (n) * 0x1000)

/* A device that answers each chain with how much it has to read, and what is in it turned round. */
static unsigned served, started, stopped;

static void echo_work(struct device *d)
{
	static struct chain chain;
	u8 bytes[64];

	pthread_mutex_lock(&d->lock);
	while (device__take(d, 0, &chain)) {
		size_t n = chain__read(&chain, 0, bytes, sizeof(bytes));

		for (size_t i = 0; i < n / 2; i++) {
			u8 b = bytes[i];

			bytes[i] = bytes[n - 1 - i];
			bytes[n - 1 - i] = b;
		}
		device__give(d, 0, &chain, chain__write(&chain, 0, bytes, n));
		served++;
	}
	device__tell(d, 0);
	pthread_mutex_unlock(&d->lock);
}

static void echo_start(struct device *d) { started++; }
static void echo_stop(struct device *d) { stopped++; }

static const u8 echo_fields[] = { 1, 2, 4, 0 };
static const struct device_ops echo_ops = {
	.id = 42, .queues = 2, .queue_size = 64, .features = 1 << 5, .config_writable = 0xf0, .config_fields = echo_fields,
	.start = echo_start, .work = echo_work, .stop = echo_stop,
};

static struct fixture f;

static void make_echo(enum virtio_interface interface)
{
	struct device *d = calloc(1, sizeof(*d));

	d->ops = &echo_ops;
	d->interface = interface;
	strcpy(d->name, "echo");
	d->config[0] = 0x11;
	d->config[7] = 0x88;
	fixture_open(&f, d);
	served = started = stopped = 0;
}

static void open_echo_by(enum virtio_interface interface, u64 features)
{
	make_echo(interface);
	fixture_negotiate(&f, features);
	fixture_set_queue(&f, 0, 8);
	fixture_start(&f);
}

static void open_echo(u64 features)
{
	open_echo_by(VIRTIO_MODERN, features);
}

static void registers(void **state)
{
	open_echo(0);
	assert_int_equal(fixture_register(&f, 0x000), 0x74726976);
	assert_int_equal(fixture_register(&f, 0x004), 2);
	assert_int_equal(fixture_register(&f, 0x008), 42);
	fixture_set_register(&f, 0x014, 0);
	assert_int_equal(fixture_register(&f, 0x010), 1 << 5 | 3 << 28);
	fixture_set_register(&f, 0x014, 1);
	assert_int_equal(fixture_register(&f, 0x010), 1);
	fixture_set_register(&f, 0x014, 2);
	assert_int_equal(fixture_register(&f, 0x010), 0);
	assert_int_equal(fixture_register(&f, 0x034), 64);
	fixture_set_register(&f, 0x030, 2);		/* there are two queues */
	assert_int_equal(fixture_register(&f, 0x034), 0);
	fixture_set_register(&f, 0x030, 0xffffffff);
	assert_int_equal(fixture_register(&f, 0x044), 0);
	fixture_set_register(&f, 0x044, 1);
	assert_int_equal(virtio__read(&f.slot, 0x100, 8), 0x8800000000000011ull);
	assert_int_equal(virtio__read(&f.slot, 0x107, 1), 0x88);
	assert_int_equal(virtio__read(&f.slot, 0x100 + VIRTIO_CONFIG_SIZE - 4, 4), 0);
	assert_int_equal(virtio__read(&f.slot, 0x100 + VIRTIO_CONFIG_SIZE - 2, 4), 0);
	assert_int_equal(virtio__read(&f.slot, 0xffc, 4), 0);
	virtio__write(&f.slot, 0xffc, 8, ~0ull);
	/* What a driver may write of the configuration, and the rest of it. */
	virtio__write(&f.slot, 0x100, 8, 0x7766554433221100ull);
	assert_int_equal(virtio__read(&f.slot, 0x100, 8), 0x7766554400000011ull);
	assert_int_equal(virtio__read(&f.slot, 0x000, 1), 0);
	assert_true(virtio__write(&f.slot, 0x050, 4, 0).ring);
	fixture_close(&f);
}

static void features(void **state)
{
	open_echo(1 << 5);
	assert_int_equal(started, 1);
	assert_int_equal(f.device->accepted, VIRTIO_VERSION_1 | 1 << 5);
	/* What was not offered, and the virtio of old, are refused. */
	for (unsigned i = 0; i < 2; i++) {
		fixture_set_register(&f, 0x070, 0);
		fixture_kick(&f);
		fixture_set_register(&f, 0x070, 3);
		fixture_set_register(&f, 0x024, 0);
		fixture_set_register(&f, 0x020, i ? 0 : 1 << 6);
		fixture_set_register(&f, 0x024, 1);
		fixture_set_register(&f, 0x020, i ? 0 : 1);
		fixture_set_register(&f, 0x070, 3 | VIRTIO_FEATURES_OK);
		assert_false(fixture_register(&f, 0x070) & VIRTIO_FEATURES_OK);
	}
	assert_int_equal(stopped, 1);		/* it had been started once */
	fixture_close(&f);
}

static void ask(unsigned n, u32 size)
{
	const struct fixture_part part[] = { OUT(PA(n), 2), OUT(PA(n) + 2, size - 2), IN(PA(n) + 0x800, 3), IN(PA(n) + 0x803, 60) };

	for (unsigned i = 0; i < size; i++)
		f.ram.base[PA(n) + i] = n * 16 + i;
	fixture_add(&f, 0, part, 4);
}

static void check_answer(unsigned n, u32 size)
{
	u32 written;

	assert_true(fixture_used(&f, 0, NULL, &written));
	assert_int_equal(written, size);
	for (unsigned i = 0; i < size; i++)
		assert_int_equal(f.ram.base[PA(n) + 0x800 + i], n * 16 + size - 1 - i);
}

/* More often than an index of 16 bits counts. */
static void serve_chains(enum virtio_interface interface)
{
	open_echo_by(interface, 0);
	for (unsigned turn = 0; turn < 40000; turn++) {
		ask(1, 10);
		ask(2, 7);
		fixture_kick(&f);
		check_answer(1, 10);
		check_answer(2, 7);
		assert_false(fixture_used(&f, 0, NULL, NULL));
	}
	assert_int_equal(f.interrupts, 40000);
	assert_int_equal(fixture_register(&f, 0x060), VIRTIO_CAUSE_QUEUE);
	assert_true(virtio__write(&f.slot, 0x064, 4, VIRTIO_CAUSE_QUEUE).cause);
	assert_int_equal(fixture_register(&f, 0x060), 0);
	fixture_close(&f);
}

static void chains(void **state) { serve_chains(VIRTIO_MODERN); }
static void legacy_chains(void **state) { serve_chains(VIRTIO_LEGACY); }
static void legacy_chains_in_the_other_order(void **state) { serve_chains(VIRTIO_LEGACY_BIG_ENDIAN); }

static u16 *available(void) { return (u16 *)(f.ram.base + FIXTURE_AVAILABLE); }
static u16 *used(void) { return (u16 *)(f.ram.base + FIXTURE_USED); }

static void interrupts_that_are_not_wanted(void **state)
{
	open_echo(0);
	available()[0] = htole16(1);
	ask(1, 10);
	fixture_kick(&f);
	assert_int_equal(f.interrupts, 0);
	assert_int_equal(le16toh(used()[0]), 0);	/* and it wants to be told */
	fixture_close(&f);

	open_echo(VIRTIO_EVENT_INDEX);
	available()[2 + 8] = htole16(1);		/* after the second */
	ask(1, 10);
	fixture_kick(&f);
	assert_int_equal(f.interrupts, 0);
	assert_int_equal(le16toh(used()[2 + 4 * 8]), 1);
	ask(1, 10);
	fixture_kick(&f);
	assert_int_equal(f.interrupts, 1);
	assert_int_equal(le16toh(used()[2 + 4 * 8]), 2);
	fixture_close(&f);
}

static void put_descriptor(u64 at, u64 pa, u32 size, u16 flags, u16 next)
{
	u8 *d = f.ram.base + at;

	*(u64 *)d = htole64(pa);
	*(u32 *)(d + 8) = htole32(size);
	*(u16 *)(d + 12) = htole16(flags);
	*(u16 *)(d + 14) = htole16(next);
}

static void offer(u16 head)
{
	available()[2 + f.queue[0].available++ % 8] = htole16(head);
	available()[1] = htole16(f.queue[0].available);
}

enum { NEXT = 1, WRITE = 2, INDIRECT = 4 };

static void tables(void **state)
{
	open_echo(VIRTIO_INDIRECT);
	put_descriptor(PA(3), PA(1), 10, NEXT, 2);
	put_descriptor(PA(3) + 32, PA(1) + 0x800, 64, WRITE, 7);
	put_descriptor(0, PA(3), 48, INDIRECT, 0);
	for (unsigned i = 0; i < 10; i++)
		f.ram.base[PA(1) + i] = 16 + i;
	offer(0);
	fixture_kick(&f);
	check_answer(1, 10);
	assert_false(fixture_is_broken(&f));
	fixture_close(&f);
}

/* Each of them stops the device, with a line, and a reset brings it back. */
static void nonsense(void **state)
{
	open_echo(VIRTIO_INDIRECT);
	for (unsigned i = 0; i < 13; i++) {
		switch (i) {
		case 0: offer(8); break;				/* no such descriptor */
		case 1: put_descriptor(0, PA(1), 8, NEXT, 8); offer(0); break;
		case 2: put_descriptor(0, PA(1), 8, NEXT, 0); offer(0); break;	/* a loop */
		case 3: put_descriptor(0, FIXTURE_RAM - 4, 8, 0, 0); offer(0); break;
		case 4: put_descriptor(0, 1ull << 40, 8, WRITE, 0); offer(0); break;
		case 5: put_descriptor(0, PA(1), 0xffffffff, 0, 0); offer(0); break;
		case 6: put_descriptor(0, ~0ull, 0xffffffff, 0, 0); offer(0); break;
		case 7: available()[1] = htole16(100); break;		/* more than it has */
		case 8: available()[1] = htole16(0xffff); break;	/* backwards */
		case 9: /* written, then read */
			put_descriptor(0, PA(1), 8, NEXT | WRITE, 1);
			put_descriptor(16, PA(1), 8, 0, 0);
			offer(0);
			break;
		case 10: /* a table in a table */
			put_descriptor(PA(3), PA(3), 16, INDIRECT, 0);
			put_descriptor(0, PA(3), 16, INDIRECT, 0);
			offer(0);
			break;
		case 11: put_descriptor(0, PA(3), 15, INDIRECT, 0); offer(0); break;
		case 12: put_descriptor(0, PA(3), 0x100000, INDIRECT, 0); offer(0); break;
		}
		fixture_kick(&f);
		assert_true(fixture_is_broken(&f));
		assert_true(fixture_register(&f, 0x060) & VIRTIO_CAUSE_CONFIG);
		served = 0;
		ask(1, 10);
		fixture_kick(&f);
		assert_int_equal(served, 0);
		fixture_negotiate(&f, VIRTIO_INDIRECT);
		assert_false(fixture_is_broken(&f));
		fixture_set_queue(&f, 0, 8);
		fixture_start(&f);
		ask(1, 10);
		fixture_kick(&f);
		check_answer(1, 10);
	}
	fixture_close(&f);
}

/* Queues where there is no RAM, of no size, at odd addresses. */
static void queues_that_cannot_be(void **state)
{
	static const struct { unsigned reg; u32 value; } wrong[] = {
		{ 0x038, 0 }, { 0x038, 3 }, { 0x038, 512 }, { 0x038, 0xffffffff }, { 0x080, 8 }, { 0x084, 1 }, { 0x080, FIXTURE_RAM - 64 },
		{ 0x090, 1 }, { 0x094, 0xffffffff }, { 0x0a0, 2 }, { 0x0a0, FIXTURE_RAM - 4 }, { 0x0a4, 0x80000000 },
	};

	open_echo(0);
	for (unsigned i = 0; i < ARRAY_SIZE(wrong); i++) {
		fixture_negotiate(&f, 0);
		fixture_set_queue(&f, 0, 8);
		fixture_set_register(&f, wrong[i].reg, wrong[i].value);
		fixture_start(&f);
		assert_true(fixture_is_broken(&f));
	}
	/* Once started nothing moves it. */
	fixture_negotiate(&f, 0);
	fixture_set_queue(&f, 0, 8);
	fixture_start(&f);
	fixture_set_register(&f, 0x030, 0);
	fixture_set_register(&f, 0x080, 0x12345678);
	ask(1, 10);
	fixture_kick(&f);
	check_answer(1, 10);
	fixture_close(&f);
}

static void a_reset_waits_for_the_device(void **state)
{
	struct virtio_effect effect;

	open_echo(0);
	effect = virtio__write(&f.slot, 0x070, 4, 0);
	assert_true(effect.reset && effect.ring);
	assert_int_not_equal(f.slot.resets, f.slot.resets_done);
	assert_int_equal(fixture_register(&f, 0x070), 0);
	fixture_kick(&f);
	assert_int_equal(f.slot.resets, f.slot.resets_done);
	assert_int_equal(stopped, 1);
	/* A driver that takes back what it said has started it all the same. */
	fixture_negotiate(&f, 0);
	fixture_set_queue(&f, 0, 8);
	fixture_start(&f);
	fixture_set_register(&f, 0x070, 1);
	assert_true(virtio__write(&f.slot, 0x070, 4, 0).reset);
	fixture_kick(&f);
	/* One that was not started has nothing in flight. */
	assert_false(virtio__write(&f.slot, 0x070, 4, 0).reset);
	fixture_close(&f);
}

/* The device finds something wrong while the driver resets it: that is not the next driver's. */
static void a_device_that_stops_while_it_is_reset(void **state)
{
	open_echo(0);
	virtio__write(&f.slot, 0x070, 4, 0);
	device__break(f.device, "for this test");
	fixture_kick(&f);
	assert_int_equal(f.slot.resets, f.slot.resets_done);
	assert_int_equal(fixture_register(&f, 0x070), 0);
	assert_int_equal(fixture_register(&f, 0x060), 0);
	fixture_negotiate(&f, 0);
	fixture_set_queue(&f, 0, 8);
	fixture_start(&f);
	assert_false(fixture_is_broken(&f));
	ask(1, 10);
	fixture_kick(&f);
	check_answer(1, 10);
	fixture_close(&f);
}

static void a_configuration_that_changes(void **state)
{
	const u8 bytes[] = { 1, 2, 3, 4 };
	u32 before;

	open_echo(0);
	before = fixture_register(&f, 0x0fc);
	pthread_mutex_lock(&f.device->lock);
	device__configure(f.device, 4, bytes, 4);
	pthread_mutex_unlock(&f.device->lock);
	assert_int_not_equal(fixture_register(&f, 0x0fc), before);
	assert_int_equal(fixture_register(&f, 0x104), 0x04030201);
	assert_int_equal(fixture_register(&f, 0x060), VIRTIO_CAUSE_CONFIG);
	assert_true(virtio__write(&f.slot, 0x104, 1, 9).ring);	/* the device looks what it is */
	assert_int_equal(fixture_register(&f, 0x104), 0x04030209);
	fixture_close(&f);
}

/* --- The legacy interface --- */

static void legacy_registers(void **state)
{
	make_echo(VIRTIO_LEGACY);
	fixture_set_register(&f, 0x028, FIXTURE_PAGE);
	fixture_set_register(&f, 0x070, 0);		/* after which Linux does not say it again */
	assert_int_equal(fixture_register(&f, 0x004), 1);
	assert_int_equal(fixture_register(&f, 0x010), 1 << 5 | 1 << 27 | 3 << 28);
	fixture_set_register(&f, 0x014, 1);
	assert_int_equal(fixture_register(&f, 0x010), 0);
	fixture_set_register(&f, 0x020, ~0u);		/* what was not offered is not there, and nobody says so */
	fixture_set_register(&f, 0x024, 1);
	fixture_set_register(&f, 0x020, ~0u);
	fixture_set_register(&f, 0x070, 3 | VIRTIO_FEATURES_OK);
	assert_int_equal(fixture_register(&f, 0x070), 3);
	fixture_set_queue(&f, 0, 8);
	assert_int_equal(fixture_register(&f, 0x040), FIXTURE_QUEUE_SPACE / FIXTURE_PAGE);
	assert_int_equal(fixture_register(&f, 0x044), 0);
	fixture_set_register(&f, 0x080, 0x1000);	/* a register of version 2 */
	fixture_set_register(&f, 0x070, 3 | VIRTIO_DRIVER_OK);
	fixture_kick(&f);
	assert_int_equal(started, 1);
	assert_int_equal(f.device->accepted, 1 << 5 | 1 << 27 | 3 << 28);
	assert_int_equal(f.device->queue[0].descriptors - f.ram.base, FIXTURE_QUEUE_SPACE);
	fixture_set_register(&f, 0x040, 0);		/* too late */
	assert_int_equal(fixture_register(&f, 0x040), FIXTURE_QUEUE_SPACE / FIXTURE_PAGE);
	assert_int_equal(fixture_register(&f, 0x0fc), 0);
	fixture_set_register(&f, 0x070, 0);
	assert_int_equal(fixture_register(&f, 0x040), 0);
	fixture_kick(&f);
	fixture_close(&f);
	/* Modern ones have nothing of it. */
	open_echo(0);
	fixture_set_register(&f, 0x040, 5);
	assert_int_equal(fixture_register(&f, 0x040), 0);
	fixture_close(&f);
}

static void legacy_configuration(void **state)
{
	const u8 bytes[] = { 0x12, 0x34 };

	for (unsigned big = 0; big < 2; big++) {
		make_echo(big ? VIRTIO_LEGACY_BIG_ENDIAN : VIRTIO_LEGACY);
		assert_int_equal(virtio__read(&f.slot, 0x100, 1), 0x11);
		/* The second field begins at 1; behind the last they are bytes. */
		assert_int_equal(virtio__read(&f.slot, 0x107, 1), 0x88);
		pthread_mutex_lock(&f.device->lock);
		device__configure(f.device, 1, bytes, 2);
		pthread_mutex_unlock(&f.device->lock);
		assert_int_equal(virtio__read(&f.slot, 0x101, 2), big ? 0x1234 : 0x3412);
		fixture_close(&f);
	}
}

/* As drivers of old do. But of a queue that is nowhere there is nothing to be heard. */
static void legacy_use_before_it_is_said(void **state)
{
	make_echo(VIRTIO_LEGACY);
	fixture_negotiate(&f, 0);
	fixture_set_register(&f, 0x050, 0);
	fixture_set_register(&f, 0x050, 16);
	fixture_set_register(&f, 0x050, ~0u);
	fixture_kick(&f);
	assert_int_equal(started, 0);
	fixture_set_queue(&f, 0, 8);
	ask(1, 10);
	fixture_kick(&f);
	assert_int_equal(started, 0);
	fixture_set_register(&f, 0x050, 0);
	fixture_kick(&f);
	check_answer(1, 10);
	assert_int_equal(f.interrupts, 1);
	assert_int_equal(fixture_register(&f, 0x070), 3);
	fixture_start(&f);
	assert_int_equal(started, 1);
	ask(1, 10);
	fixture_kick(&f);
	check_answer(1, 10);
	assert_true(virtio__write(&f.slot, 0x070, 4, 0).reset);
	fixture_kick(&f);
	assert_int_equal(stopped, 1);
	fixture_close(&f);
	/* A modern device waits for its driver. */
	make_echo(VIRTIO_MODERN);
	fixture_negotiate(&f, 0);
	fixture_set_queue(&f, 0, 8);
	fixture_set_register(&f, 0x050, 0);
	fixture_kick(&f);
	assert_int_equal(started, 0);
	fixture_close(&f);
}

static void legacy_queues_that_cannot_be(void **state)
{
	static const struct { u32 page_size, size, align, page; } wrong[] = {
		{ 0x1000, 3, 0x1000, 2 }, { 0x1000, 512, 0x1000, 2 }, { 0x1000, 0xffffffff, 0x1000, 2 }, { 0x1000, 8, 0, 2 }, { 0x1000, 8, 3, 2 },
		{ 0x1000, 8, 1, 2 }, { 0x1000, 8, 0x80000000, 2 }, { 0x1000, 8, 0x1000, FIXTURE_RAM >> 12 }, { 0x1000, 8, 0x1000, (FIXTURE_RAM >> 12) - 1 },
		{ 0x1000, 8, 0x1000, 0xffffffff }, { 0xffffffff, 8, 0x1000, 0xffffffff }, { 1, 8, 0x1000, 0x2001 },
	};

	make_echo(VIRTIO_LEGACY);
	for (unsigned i = 0; i < ARRAY_SIZE(wrong); i++) {
		fixture_negotiate(&f, 0);
		fixture_set_register(&f, 0x028, wrong[i].page_size);
		fixture_set_register(&f, 0x038, wrong[i].size);
		fixture_set_register(&f, 0x03c, wrong[i].align);
		fixture_set_register(&f, 0x040, wrong[i].page);
		fixture_start(&f);
		if (!fixture_is_broken(&f))
			fail_msg("%u: such a queue is taken", i);
	}
	fixture_negotiate(&f, 0);
	fixture_set_queue(&f, 0, 64);
	fixture_start(&f);
	ask(1, 10);
	fixture_kick(&f);
	check_answer(1, 10);
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(registers), cmocka_unit_test(features), cmocka_unit_test(chains),
		cmocka_unit_test(interrupts_that_are_not_wanted), cmocka_unit_test(tables), cmocka_unit_test(nonsense),
		cmocka_unit_test(queues_that_cannot_be), cmocka_unit_test(a_reset_waits_for_the_device), cmocka_unit_test(a_device_that_stops_while_it_is_reset),
		cmocka_unit_test(a_configuration_that_changes), cmocka_unit_test(legacy_registers), cmocka_unit_test(legacy_configuration),
		cmocka_unit_test(legacy_chains), cmocka_unit_test(legacy_chains_in_the_other_order),
		cmocka_unit_test(legacy_use_before_it_is_said), cmocka_unit_test(legacy_queues_that_cannot_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
