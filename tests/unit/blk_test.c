// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Disks: requests of each kind on a file, with what a guest gets wrong in them and what its user does, and who else has the file.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/unit/virtio_fixture.h"
#include "wedge/device/blk.h"
#include "wedge/device/ring.h"

#define HEAD	(FIXTURE_DATA)
#define STATUS	(FIXTURE_DATA + 0x100)
#define DATA	(FIXTURE_DATA + 0x1000)
#define SECTORS	64u

enum { IN_ = 0, OUT_ = 1, FLUSH = 4, GET_ID = 8, DISCARD = 11, WRITE_ZEROES = 13 };

static struct fixture f;
static struct complaint c;
static char path[] = "/tmp/blk-test.XXXXXX";
static char spec[128];

/* Instead of the library's: how often the device has asked for all to be on the disk. */
static unsigned syncs;

int fdatasync(int fd)
{
	__atomic_add_fetch(&syncs, 1, __ATOMIC_SEQ_CST);
	return syscall(SYS_fdatasync, fd);
}

static unsigned by_ring;		/* and of those by io_uring */

void __real_ring__sync(struct ring *r, struct ring_request *request, int fd);
void __wrap_ring__sync(struct ring *r, struct ring_request *request, int fd);
void __wrap_ring__sync(struct ring *r, struct ring_request *request, int fd)
{
	syncs++;
	by_ring++;
	__real_ring__sync(r, request, fd);
}

/* What may wait is tried as on a Host that has no io_uring, too; where there is none, twice so. */
static bool no_ring;

bool __real_ring__is_there(struct ring *r);
bool __wrap_ring__is_there(struct ring *r);
bool __wrap_ring__is_there(struct ring *r)
{
	return !no_ring && __real_ring__is_there(r);
}

static bool has_ring(void)
{
	struct ring r = { 0 };
	const bool has = ring__is_there(&r);

	ring__close(&r);
	return has;
}

static int make_file(void **state)
{
	int fd;

	strcpy(path, "/tmp/blk-test.XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, SECTORS * 512), 0);
	for (unsigned i = 0; i < SECTORS; i++)
		assert_int_equal(pwrite(fd, &i, 4, i * 512), 4);
	close(fd);
	return 0;
}

static int remove_file(void **state)
{
	no_ring = false;
	return unlink(path);
}

static struct device *new_disk(const char *options)
{
	snprintf(spec, sizeof(spec), "%s%s", path, options);
	return blk__new(spec, -1, &c);
}

static void open_disk_by(enum virtio_interface interface, const char *options)
{
	struct device *d = new_disk(options);

	d->interface = interface;
	fixture_open(&f, d);
	fixture_negotiate(&f, f.device->features & ~(VIRTIO_EVENT_INDEX | VIRTIO_INDIRECT));
	fixture_set_queue(&f, 0, 16);
	fixture_start(&f);
}

static void open_disk(const char *options)
{
	open_disk_by(VIRTIO_MODERN, options);
}

static void write_head(u32 type, u64 sector)
{
	*(u32 *)(f.ram.base + HEAD) = fixture_32(&f, type);
	*(u64 *)(f.ram.base + HEAD + 8) = fixture_64(&f, sector);
	f.ram.base[STATUS] = 0xee;
}

/* Until the pool has answered. */
static u32 await(void)
{
	u32 written;

	for (unsigned look = 0; look < 2000; look++) {
		fixture_kick(&f);
		if (fixture_used(&f, 0, NULL, &written))
			return written;
		usleep(1000);
	}
	fail_msg("no answer");
	return 0;
}

/* Its status; what was written besides it is in `written`. */
static u32 written;

static u8 request(u32 type, u64 sector, u32 size)
{
	const struct fixture_part part[] = { OUT(HEAD, 16), { DATA, size, type == IN_ || type == GET_ID }, IN(STATUS, 1) };

	write_head(type, sector);
	if (size) {
		fixture_add(&f, 0, part, 3);
	} else {
		const struct fixture_part bare[] = { OUT(HEAD, 16), IN(STATUS, 1) };

		fixture_add(&f, 0, bare, 2);
	}
	written = await() - 1;
	return f.ram.base[STATUS];
}

static u32 in_file(u64 offset)
{
	u32 value = 0;
	int fd = open(path, O_RDONLY);

	assert_int_equal(pread(fd, &value, 4, offset), 4);
	close(fd);
	return value;
}

static void reads_and_writes(void **state)
{
	open_disk("");
	assert_int_equal(virtio__read(&f.slot, 0x100, 8), SECTORS);
	assert_int_equal(request(IN_, 5, 1024), 0);
	assert_int_equal(written, 1024);
	assert_int_equal(*(u32 *)(f.ram.base + DATA), 5);
	assert_int_equal(*(u32 *)(f.ram.base + DATA + 512), 6);
	*(u32 *)(f.ram.base + DATA) = 0x1234;
	assert_int_equal(request(OUT_, 7, 512), 0);
	assert_int_equal(in_file(7 * 512), 0x1234);
	syncs = by_ring = 0;
	assert_int_equal(request(FLUSH, 0, 0), 0);
	assert_int_equal(syncs, 1);
	assert_int_equal(by_ring, has_ring());
	assert_int_equal(request(IN_, SECTORS - 1, 512), 0);
	fixture_close(&f);
}

/* A head in pieces, a status with the data in one buffer. */
static void any_layout(void **state)
{
	const struct fixture_part part[] = { OUT(HEAD, 3), OUT(HEAD + 3, 13), IN(DATA, 100), IN(DATA + 100, 413) };

	open_disk("");
	write_head(IN_, 9);
	fixture_add(&f, 0, part, 4);
	assert_int_equal(await(), 513);
	assert_int_equal(*(u32 *)(f.ram.base + DATA), 9);
	assert_int_equal(f.ram.base[DATA + 512], 0);
	fixture_close(&f);
}

static void beyond_the_end(void **state)
{
	static const struct { u64 sector; u32 size; } wrong[] = {
		{ SECTORS, 512 }, { SECTORS - 1, 1024 }, { 1ull << 55, 512 }, { ~0ull, 512 }, { (1ull << 63) + 1, 512 }, { 0, 100 }, { 0, 0x8200 },
	};

	open_disk("");
	for (unsigned i = 0; i < ARRAY_SIZE(wrong); i++) {
		assert_int_equal(request(IN_, wrong[i].sector, wrong[i].size), 1);
		assert_int_equal(request(OUT_, wrong[i].sector, wrong[i].size), 1);
	}
	assert_int_equal(request(77, 0, 512), 2);
	assert_int_equal(request(IN_, 1, 512), 0);
	fixture_close(&f);
}

static void no_request(void **state)
{
	const struct fixture_part unanswerable[] = { OUT(HEAD, 16), OUT(DATA, 512) }, headless[] = { IN(STATUS, 1) }, short_head[] = { OUT(HEAD, 15), IN(STATUS, 1) };
	const struct fixture_part *const parts[] = { unanswerable, headless, short_head };

	open_disk("");
	for (unsigned i = 0; i < ARRAY_SIZE(parts); i++) {
		fixture_add(&f, 0, parts[i], i == 1 ? 1 : 2);
		fixture_kick(&f);
		assert_true(fixture_is_broken(&f));
		fixture_negotiate(&f, 0);
		fixture_set_queue(&f, 0, 16);
		fixture_start(&f);
	}
	assert_int_equal(request(IN_, 1, 512), 0);
	fixture_close(&f);
}

static void put_range(unsigned n, u64 sector, u32 sectors, u32 flags)
{
	u8 *p = f.ram.base + DATA + 16 * n;

	*(u64 *)p = fixture_64(&f, sector);
	*(u32 *)(p + 8) = fixture_32(&f, sectors);
	*(u32 *)(p + 12) = fixture_32(&f, flags);
}

static u64 blocks(void)
{
	struct stat s;

	assert_int_equal(stat(path, &s), 0);
	return s.st_blocks;
}

static void discards(void **state)
{
	u64 before = blocks();

	open_disk("");
	put_range(0, 8, 8, 0);
	put_range(1, 24, 8, 0);
	assert_int_equal(request(DISCARD, 0, 32), 0);
	assert_int_equal(in_file(8 * 512), 0);
	assert_int_equal(in_file(7 * 512), 7);
	assert_int_equal(in_file(16 * 512), 16);
	assert_int_equal(in_file(31 * 512), 0);
	assert_true(blocks() < before || before == 0);
	put_range(0, 1, 1, 1);
	assert_int_equal(request(DISCARD, 0, 16), 2);		/* no flags */
	assert_int_equal(request(WRITE_ZEROES, 0, 16), 0);
	assert_int_equal(in_file(512), 0);
	put_range(0, 2, 1, 0);
	assert_int_equal(request(WRITE_ZEROES, 0, 16), 0);
	assert_int_equal(in_file(2 * 512), 0);
	put_range(0, SECTORS - 1, 2, 0);
	assert_int_equal(request(DISCARD, 0, 16), 1);
	put_range(0, 1ull << 55, 1, 0);
	assert_int_equal(request(WRITE_ZEROES, 0, 16), 1);
	put_range(0, ~0ull, 0xffffffff, 0);
	assert_int_equal(request(DISCARD, 0, 16), 1);
	assert_int_equal(request(DISCARD, 0, 15), 1);
	assert_int_equal(request(DISCARD, 0, 16 * 17), 1);
	fixture_close(&f);
}

/* A driver of the time before the specification, in both byte orders. */
static void legacy(void **state)
{
	for (enum virtio_interface i = VIRTIO_LEGACY; i <= VIRTIO_LEGACY_BIG_ENDIAN; i++) {
		open_disk_by(i, "");
		assert_int_equal(fixture_64(&f, virtio__read(&f.slot, 0x100, 8)), SECTORS);
		assert_int_equal(fixture_32(&f, virtio__read(&f.slot, 0x114, 4)), 512);		/* the size of a block */
		assert_int_equal(request(IN_, 5, 1024), 0);
		assert_int_equal(written, 1024);
		assert_int_equal(*(u32 *)(f.ram.base + DATA), 5);
		*(u32 *)(f.ram.base + DATA) = 0x1234 + i;
		assert_int_equal(request(OUT_, 7, 512), 0);
		assert_int_equal(in_file(7 * 512), 0x1234 + i);
		put_range(0, 8 + i, 1, 0);
		assert_int_equal(request(DISCARD, 0, 16), 0);
		assert_int_equal(in_file((8 + i) * 512), 0);
		assert_int_equal(in_file((10 + i) * 512), 10 + i);
		assert_int_equal(request(IN_, SECTORS, 512), 1);
		fixture_close(&f);
	}
}

/* Who does not know of flushes has on the disk what was answered. */
static void without_flushes(void **state)
{
	open_disk("");
	syncs = 0;
	assert_int_equal(request(OUT_, 7, 512), 0);
	assert_int_equal(syncs, 0);
	fixture_negotiate(&f, 0);
	fixture_set_queue(&f, 0, 16);
	fixture_start(&f);
	assert_int_equal(request(OUT_, 7, 512), 0);
	assert_int_equal(syncs, 1);
	put_range(0, 8, 1, 0);
	assert_int_equal(request(WRITE_ZEROES, 0, 16), 0);
	assert_int_equal(syncs, 2);
	assert_int_equal(request(IN_, 7, 512), 0);
	assert_int_equal(syncs, 2);
	fixture_close(&f);
}

static void serial_number(void **state)
{
	open_disk(",serial=twenty-characters-ok");
	assert_int_equal(request(GET_ID, 0, 20), 0);
	assert_memory_equal(f.ram.base + DATA, "twenty-characters-ok", 20);
	fixture_close(&f);
}

static void readonly(void **state)
{
	assert_int_equal(chmod(path, 0400), 0);
	open_disk(",readonly");
	assert_true(f.slot.offered & 1 << 5);
	assert_int_equal(request(IN_, 5, 512), 0);
	assert_int_equal(request(OUT_, 5, 512), 1);
	put_range(0, 0, 1, 0);
	assert_int_equal(request(DISCARD, 0, 16), 1);
	assert_int_equal(in_file(0), 0);
	fixture_close(&f);
}

/* Not every file system has it. */
static void open_direct(void)
{
	struct device *d = new_disk(",direct");

	if (!d && strstr(c.text, "has no direct I/O"))
		skip();
	fixture_open(&f, d);
	fixture_close(&f);
	open_disk(",direct");
}

static void direct(void **state)
{
	open_direct();
	assert_int_equal(request(IN_, 5, 512), 0);		/* not aligned to a page */
	assert_int_equal(*(u32 *)(f.ram.base + DATA), 5);
	assert_int_equal(request(IN_, 8, 4096), 0);
	assert_int_equal(*(u32 *)(f.ram.base + DATA), 8);
	*(u32 *)(f.ram.base + DATA) = 99;
	assert_int_equal(request(OUT_, 16, 4096), 0);
	assert_int_equal(in_file(16 * 512), 99);
	fixture_close(&f);
}

/* The file becomes shorter, and longer, under it. */
static void a_file_that_changes(void **state)
{
	open_disk("");
	assert_int_equal(truncate(path, 512), 0);
	assert_int_equal(request(IN_, 5, 512), 1);
	assert_int_equal(request(IN_, 0, 512), 0);
	assert_int_equal(truncate(path, 2 * SECTORS * 512 + 100), 0);
	usleep(1100000);
	fixture_kick(&f);
	assert_int_equal(virtio__read(&f.slot, 0x100, 8), 2 * SECTORS);
	assert_true(fixture_register(&f, 0x060) & VIRTIO_CAUSE_CONFIG);
	assert_int_equal(request(IN_, 2 * SECTORS - 1, 512), 0);
	fixture_close(&f);
}

/* Many at once, and a reset in the middle. */
static void in_flight(void **state)
{
	open_direct();
	for (unsigned turn = 0; turn < 50; turn++) {
		const struct fixture_part part[] = { OUT(HEAD, 16), IN(DATA, 4096), IN(STATUS, 1) };

		write_head(IN_, 8);
		for (unsigned i = 0; i < 5; i++)
			fixture_add(&f, 0, part, 3);
		fixture_kick(&f);
		fixture_negotiate(&f, 0);
		assert_int_equal(f.slot.resets, f.slot.resets_done);
		memset(f.ram.base + DATA, 0x55, 4096);
		fixture_set_queue(&f, 0, 16);
		fixture_start(&f);
		usleep(100);
		assert_int_equal(f.ram.base[DATA], 0x55);	/* nothing comes late */
	}
	assert_int_equal(request(IN_, 8, 4096), 0);
	fixture_close(&f);
}

static void a_rate(void **state)
{
	struct pollfd fds[DEVICE_POLL_MOST];
	u64 ns = DEVICE_FOREVER;

	open_disk(",iops=2");
	assert_int_equal(request(IN_, 1, 512), 0);
	write_head(IN_, 2);
	fixture_add(&f, 0, (const struct fixture_part[]){ OUT(HEAD, 16), IN(DATA, 512), IN(STATUS, 1) }, 3);
	fixture_kick(&f);
	assert_false(fixture_used(&f, 0, NULL, NULL));
	f.device->ops->wants(f.device, fds, &ns);
	assert_in_range(ns, 1000000, 500000000);
	await();
	fixture_close(&f);
}

/* That its user gives it and takes away: a byte a second. */
static void a_limit(void **state)
{
	open_disk("");
	blk__limit(f.device, 0, 1);
	assert_int_equal(request(IN_, 1, 512), 0);
	write_head(IN_, 2);
	fixture_add(&f, 0, (const struct fixture_part[]){ OUT(HEAD, 16), IN(DATA, 512), IN(STATUS, 1) }, 3);
	for (unsigned i = 0; i < 10; i++)
		fixture_kick(&f);
	assert_false(fixture_used(&f, 0, NULL, NULL));
	blk__limit(f.device, 0, 0);
	await();
	assert_int_equal(*(u32 *)(f.ram.base + DATA), 2);
	assert_int_equal(request(IN_, 1, 512), 0);
	fixture_close(&f);
}

static void refuse(const char *options, const char *why)
{
	assert_null(new_disk(options));
	if (!strstr(c.text, why))
		fail_msg("'%s' does not say '%s'", c.text, why);
	assert_null(strchr(c.text, '\n'));
}

static void what_the_user_gets_wrong(void **state)
{
	refuse(",size=5", "none of readonly, direct, serial=");
	refuse(",readonly=yes", "takes no value");
	refuse(",iops=fast", "iops=1000 would be one");
	refuse(",bps=-1", "64M");
	refuse(",bps=99999999999999999999", "not a number");
	refuse(",serial=", "needs a value");
	refuse(",serial=more-than-twenty-characters", "20 is the most");
	refuse(",", "none of");
	assert_int_equal(truncate(path, 1000), 0);
	refuse("", "no whole sectors");
	assert_int_equal(truncate(path, 0), 0);
	refuse("", "is empty");
	assert_null(blk__new("/nowhere/disk", -1, &c));
	assert_non_null(strstr(c.text, "No such file"));
	assert_null(blk__new("/tmp", -1, &c));
	assert_null(blk__new("/dev/null", -1, &c));
	assert_non_null(strstr(c.text, "neither a file nor a block device"));
	assert_null(blk__new("", -1, &c));
	assert_non_null(strstr(c.text, "no file given"));
}

static void locks(void **state)
{
	struct device *one = new_disk(""), *two;

	assert_non_null(one);
	refuse("", "is in use");
	refuse(",readonly", "is in use");
	blk__new("", -1, &c);
	fixture_open(&f, one);
	fixture_close(&f);
	one = new_disk(",readonly");
	two = new_disk(",readonly");
	assert_non_null(one);
	assert_non_null(two);
	refuse("", "is in use");
	fixture_open(&f, one);
	fixture_close(&f);
	fixture_open(&f, two);
	fixture_close(&f);
	fixture_open(&f, new_disk(""));
	fixture_close(&f);
}

/* A program that begins again has the lock all the time. */
static void inherited(void **state)
{
	struct device *one = new_disk("");
	int fd = dup(blk__descriptor(one));

	fixture_open(&f, one);
	fixture_close(&f);
	refuse("", "is in use");
	fixture_open(&f, blk__new(path, fd, &c));
	refuse("", "is in use");
	fixture_close(&f);
	fixture_open(&f, new_disk(""));
	fixture_close(&f);
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, make_file, remove_file)

static int make_file_only(void **state)
{
	no_ring = true;
	return make_file(state);
}

#define TWICE(name)	TEST(name), { #name "_without_io_uring", name, make_file_only, remove_file, NULL }

int main(void)
{
	const struct CMUnitTest tests[] = {
		TWICE(reads_and_writes), TWICE(any_layout), TWICE(beyond_the_end), TEST(no_request), TEST(discards), TWICE(legacy), TWICE(without_flushes),
		TEST(serial_number), TWICE(readonly), TWICE(direct), TWICE(a_file_that_changes), TWICE(in_flight), TEST(a_rate), TEST(a_limit),
		TEST(what_the_user_gets_wrong), TEST(locks), TEST(inherited),
	};

	return cmocka_run_group_tests_name("disks", tests, NULL, NULL);
}
