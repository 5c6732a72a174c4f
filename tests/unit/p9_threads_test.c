// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A shared folder with requests that take their time: what has to wait for the Host's disk keeps nothing else waiting, a flush comes behind what it
 * flushes, and whoever closes what is in use, agrees anew or resets the device waits for it. With ThreadSanitizer.
 *
 * The pool's threads are held up by jobs of our own. So it is known what is done and what is not.
 */
#define _GNU_SOURCE
#include <semaphore.h>
#include <stdarg.h>

#include "wedge/device/p9.c"

#include "tests/unit/p9_fixture.h"
#include "tests/unit/virtio_fixture.h"

#define MESSAGE(n)	(FIXTURE_DATA + (n) % 64 * 0x1000)
#define ANSWER(n)	(MESSAGE(n) + 0x800)
#define PATIENCE_MS	10000

static struct fixture f;
static struct p9 *p9;
static unsigned sent;
static struct job holds[THREADS];
static sem_t held, released;

static void hold(struct job *job)
{
	sem_post(&held);
	sem_wait(&released);
}

static void hold_all(void)
{
	for (unsigned i = 0; i < THREADS; i++) {
		holds[i].run = hold;
		pool__submit(&p9->pool, &holds[i]);
	}
	for (unsigned i = 0; i < THREADS; i++)
		sem_wait(&held);
}

static void release_all(void)
{
	for (unsigned i = 0; i < THREADS; i++)
		sem_post(&released);
}

/* Its tag is its number, which is returned. */
static u16 offer(unsigned type, const char *format, ...)
{
	u8 *at = f.ram.base + MESSAGE(sent);
	struct p9_writer w = { at, at + 0x800, false };
	va_list fields;
	size_t size;

	va_start(fields, format);
	size = fixture_write(&w, type, format, fields);
	va_end(fields);
	*(u16 *)(at + 5) = htole16(sent);
	fixture_add(&f, 0, (const struct fixture_part[]){ OUT(MESSAGE(sent), size), IN(ANSWER(sent), 0x800) }, 2);
	return sent++;
}

static bool nothing_comes(void)
{
	return le16toh(__atomic_load_n((u16 *)(f.ram.base + FIXTURE_USED + 2), __ATOMIC_ACQUIRE)) == f.queue[0].used;
}

/* The next answer is to that one; it may take a moment. */
static void expect(u16 tag, unsigned type)
{
	for (unsigned ms = 0; nothing_comes() && ms < PATIENCE_MS; ms++)
		usleep(1000);
	pthread_mutex_lock(&f.device->lock);
	assert_true(fixture_used(&f, 0, NULL, NULL));
	pthread_mutex_unlock(&f.device->lock);
	assert_int_equal(f.ram.base[ANSWER(tag) + 4], type + 1);
	assert_int_equal(le16toh(*(u16 *)(f.ram.base + ANSWER(tag) + 5)), tag);
}

/* The root is fid 0, a file fid 1, and open. */
static void begin(void)
{
	struct complaint c;
	char spec[100];
	int fd;

	fixture_make_folders();
	snprintf(spec, sizeof(spec), "%s/file", in);
	fd = open(spec, O_WRONLY | O_CREAT, 0644);
	assert_int_equal(write(fd, "what is in it", 13), 13);
	close(fd);
	snprintf(spec, sizeof(spec), "tag=%s", in);
	fixture_open(&f, p9__new(spec, NULL, 0, &c));
	p9 = p9_of(f.device);
	sem_init(&held, 0, 0);
	sem_init(&released, 0, 0);
	sent = 0;
	fixture_negotiate(&f, F_MOUNT_TAG);
	fixture_set_queue(&f, 0, 128);
	fixture_start(&f);
	offer(P9_TVERSION, "4s", 0x2000, "9P2000.L");
	offer(P9_TATTACH, "44ss4", 0, P9_NO_FID, "", "", 0);
	offer(P9_TWALK, "442s", 0, 1, 1, "file");
	offer(P9_TLOPEN, "44", 1, 2);
	fixture_kick(&f);
	expect(0, P9_TVERSION);
	expect(1, P9_TATTACH);
	expect(2, P9_TWALK);
	expect(3, P9_TLOPEN);
}

static void end(void)
{
	fixture_close(&f);
	fixture_remove_folders();
}

static void others_go_on(void **state)
{
	u16 sync, get, write;

	begin();
	hold_all();
	sync = offer(P9_TFSYNC, "44", 1, 0);
	get = offer(P9_TGETATTR, "48", 1, (u64)0);
	write = offer(P9_TWRITE, "4841", 1, (u64)0, 1, 'W');
	fixture_kick(&f);
	expect(get, P9_TGETATTR);
	expect(write, P9_TWRITE);
	assert_true(nothing_comes());
	release_all();
	expect(sync, P9_TFSYNC);
	end();
}

/* Also the flush of a flush, and those of another and of nothing at all. */
static void flushes(void **state)
{
	u16 first, second, flush, flush_that, of_nothing, flush_second;

	begin();
	hold_all();
	first = offer(P9_TFSYNC, "44", 1, 0);
	flush = offer(P9_TFLUSH, "2", first);
	flush_that = offer(P9_TFLUSH, "2", flush);
	of_nothing = offer(P9_TFLUSH, "2", 999);
	fixture_kick(&f);
	expect(of_nothing, P9_TFLUSH);
	assert_true(nothing_comes());
	release_all();
	expect(first, P9_TFSYNC);
	expect(flush, P9_TFLUSH);
	expect(flush_that, P9_TFLUSH);
	pool__drain(&p9->pool);
	hold_all();
	second = offer(P9_TFSYNC, "44", 1, 1);
	flush = offer(P9_TFLUSH, "2", first);		/* which has been answered long ago */
	flush_second = offer(P9_TFLUSH, "2", second);
	fixture_kick(&f);
	expect(flush, P9_TFLUSH);
	assert_true(nothing_comes());
	release_all();
	expect(second, P9_TFSYNC);
	expect(flush_second, P9_TFLUSH);
	end();
}

static void *release_later(void *unused)
{
	usleep(20000);
	assert_true(nothing_comes());
	release_all();
	return NULL;
}

/* Who closes what is in use, or begins anew. */
static void who_has_to_wait(void **state)
{
	static const unsigned types[] = { P9_TCLUNK, P9_TREMOVE, P9_TVERSION };
	pthread_t other;

	for (unsigned i = 0; i < 3; i++) {
		u16 sync, last;

		begin();
		hold_all();
		sync = offer(P9_TFSYNC, "44", 1, 0);
		last = i < 2 ? offer(types[i], "4", 1) : offer(types[i], "4s", 0x2000, "9P2000.L");
		assert_int_equal(pthread_create(&other, NULL, release_later, NULL), 0);
		fixture_kick(&f);
		pthread_join(other, NULL);
		expect(sync, P9_TFSYNC);
		expect(last, types[i]);
		end();
	}
}

static void a_reset(void **state)
{
	pthread_t other;

	begin();
	hold_all();
	offer(P9_TFSYNC, "44", 1, 0);
	fixture_kick(&f);
	assert_int_equal(pthread_create(&other, NULL, release_later, NULL), 0);
	fixture_set_register(&f, 0x070, 0);
	fixture_kick(&f);
	assert_int_equal(p9->share.fids, 0);
	assert_true(nothing_comes());
	pthread_join(other, NULL);
	end();
}

/* More than there are requests, of which the rest waits in the queue. */
static void many(void **state)
{
	begin();
	hold_all();
	for (unsigned i = 0; i < 16; i++)
		offer(P9_TFSYNC, "44", 1, 0);
	fixture_kick(&f);
	for (unsigned i = 0; i < 16; i++)
		offer(P9_TFSYNC, "44", 1, 0);
	fixture_kick(&f);
	assert_true(nothing_comes());
	offer(P9_TGETATTR, "48", 1, (u64)0);
	fixture_kick(&f);
	assert_true(nothing_comes());
	assert_true(p9->starved);
	release_all();
	pool__drain(&p9->pool);
	fixture_kick(&f);
	for (unsigned i = 0; i < 33; i++)
		assert_true(fixture_used(&f, 0, NULL, NULL));
	assert_true(nothing_comes());
	assert_false(p9->starved);
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(others_go_on),
		cmocka_unit_test(flushes),
		cmocka_unit_test(who_has_to_wait),
		cmocka_unit_test(a_reset),
		cmocka_unit_test(many),
	};

	return cmocka_run_group_tests_name("p9_threads", tests, NULL, NULL);
}
