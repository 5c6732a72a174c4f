/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * See exchange.h.
 */
#define _GNU_SOURCE
#include "wedge/monitor/exchange.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "lib/bell.h"
#include "lib/clock.h"

#define REST_NS		1000000000ull	/* then another look, whoever forgot to wake us */
#define LOOK_NS		1000000ull	/* for room in a full ring */
#define PATIENCE	1000		/* such looks */

void exchange__make_mutex(pthread_mutex_t *mutex)
{
	pthread_mutexattr_t attributes;

	if (pthread_mutexattr_init(&attributes) || pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED) ||
	    pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST) || pthread_mutex_init(mutex, &attributes))
		die("this host has no locks that processes share");
	pthread_mutexattr_destroy(&attributes);
}

/* If a process has died with it, the machine is about to end; until then it matters more that nobody hangs. */
void exchange__lock(pthread_mutex_t *mutex)
{
	if (pthread_mutex_lock(mutex) == EOWNERDEAD)
		pthread_mutex_consistent(mutex);
}

int exchange__open(struct exchange *e, struct complaint *c)
{
	exchange__make_mutex(&e->speaks);
	e->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return e->event < 0 ? complain(c, "eventfd: %s", strerror(errno)) : 0;
}

unsigned ring__fill(const struct ring *ring)
{
	u32 n = __atomic_load_n(&ring->tail, __ATOMIC_ACQUIRE) - __atomic_load_n(&ring->head, __ATOMIC_ACQUIRE);

	return n < RING_SIZE ? n : RING_SIZE;
}

unsigned ring__put(struct ring *ring, const u8 *bytes, unsigned n)
{
	u32 tail = __atomic_load_n(&ring->tail, __ATOMIC_RELAXED);
	unsigned room = RING_SIZE - ring__fill(ring);

	if (n > room)
		n = room;
	for (unsigned i = 0; i < n; i++)
		ring->bytes[(tail + i) & (RING_SIZE - 1)] = bytes[i];
	__atomic_store_n(&ring->tail, tail + n, __ATOMIC_RELEASE);
	return n;
}

unsigned ring__take(struct ring *ring, u8 *bytes, unsigned n)
{
	u32 head = __atomic_load_n(&ring->head, __ATOMIC_RELAXED);
	unsigned fill = ring__fill(ring);

	if (n > fill)
		n = fill;
	for (unsigned i = 0; i < n; i++)
		bytes[i] = ring->bytes[(head + i) & (RING_SIZE - 1)];
	__atomic_store_n(&ring->head, head + n, __ATOMIC_RELEASE);
	return n;
}

void exchange__ring(struct exchange *e, unsigned core)
{
	__atomic_add_fetch(&e->bell[core], 1, __ATOMIC_SEQ_CST);
	syscall(SYS_futex, &e->bell[core], FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

void exchange__ask(struct exchange *e, u32 what)
{
	__atomic_or_fetch(&e->asked, what, __ATOMIC_SEQ_CST);
	exchange__ring(e, 0);
}

void exchange__notify(struct exchange *e)
{
	bell__ring(e->event);
}

u32 exchange__asked(struct exchange *e)
{
	if (!__atomic_load_n(&e->asked, __ATOMIC_RELAXED))
		return 0;
	return __atomic_exchange_n(&e->asked, 0, __ATOMIC_SEQ_CST);
}

u32 exchange__bell(const struct exchange *e, unsigned core)
{
	return __atomic_load_n(&e->bell[core], __ATOMIC_SEQ_CST);
}

static void wait_for_change(u32 *word, u32 seen, u64 ns)
{
	struct timespec t = { ns / 1000000000, ns % 1000000000 };

	syscall(SYS_futex, word, FUTEX_WAIT, seen, &t, NULL, 0);
}

void exchange__wait(struct exchange *e, unsigned core, u32 seen, u64 ns)
{
	wait_for_change(&e->bell[core], seen, ns);
}

void exchange__halt(struct exchange *e, bool halted)
{
	__atomic_store_n(&e->halted, halted, __ATOMIC_SEQ_CST);
	if (!halted)
		syscall(SYS_futex, &e->halted, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

bool exchange__rests(const struct exchange *e, unsigned cores)
{
	for (unsigned i = 0; i < cores; i++)
		if (!__atomic_load_n(&e->resting[i], __ATOMIC_SEQ_CST))
			return false;
	return true;
}

/* The word for the sake of which these cores are to rest, which is not 0; NULL: they may go on. */
static u32 *keeper(struct exchange *e, unsigned first, unsigned cores)
{
	unsigned kept = 0;

	if (__atomic_load_n(&e->halted, __ATOMIC_SEQ_CST))
		return &e->halted;
	for (unsigned i = first; i < first + cores; i++) {
		if (__atomic_load_n(&e->debugged[i].stopped, __ATOMIC_SEQ_CST))
			return &e->debugged[i].stopped;
		kept += !!__atomic_load_n(&e->debugged[i].kept, __ATOMIC_SEQ_CST);
	}
	return kept == cores ? &e->debugged[first].kept : NULL;
}

bool exchange__has_to_rest(struct exchange *e, unsigned first, unsigned cores)
{
	return keeper(e, first, cores);
}

/* The last look comes behind the word that it rests no more. */
bool exchange__rest(struct exchange *e, unsigned first, unsigned cores)
{
	bool rested = false;
	u32 *word, value;

	for (;;) {
		while ((word = keeper(e, first, cores))) {
			rested = true;
			__atomic_store_n(&e->resting[first], 1, __ATOMIC_SEQ_CST);
			value = __atomic_load_n(word, __ATOMIC_SEQ_CST);
			if (value)
				wait_for_change(word, value, REST_NS);
		}
		__atomic_store_n(&e->resting[first], 0, __ATOMIC_SEQ_CST);
		if (!keeper(e, first, cores))
			return rested;
	}
}

void exchange__stopped(struct exchange *e, unsigned core, u32 why)
{
	__atomic_store_n(&e->debugged[core].stopped, why, __ATOMIC_SEQ_CST);
	exchange__notify(e);
}

static void set_and_wake(u32 *word, u32 value)
{
	__atomic_store_n(word, value, __ATOMIC_SEQ_CST);
	syscall(SYS_futex, word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

void exchange__debug(struct exchange *e, unsigned core, bool kept, bool step, u64 passes)
{
	struct debugged *d = &e->debugged[core];

	__atomic_store_n(&d->step, step, __ATOMIC_SEQ_CST);
	__atomic_store_n(&d->passes, passes, __ATOMIC_SEQ_CST);
	set_and_wake(&d->kept, kept);
	set_and_wake(&d->stopped, STOPPED_NOT);
}

bool exchange__wake(struct exchange *e, unsigned core)
{
	if (!__atomic_load_n(&e->asleep[core], __ATOMIC_SEQ_CST))
		return false;
	exchange__ring(e, core);
	return true;
}

void exchange__sleep(struct exchange *e, unsigned core, bool (*has_news)(void *user), void *user, u64 ns)
{
	u32 bell = exchange__bell(e, core);
	const u64 begin_ns = clock__now_ns();
	u64 slept_ns;

	__atomic_store_n(&e->asleep_ns[core], begin_ns, __ATOMIC_RELAXED);
	__atomic_store_n(&e->asleep[core], 1, __ATOMIC_SEQ_CST);
	if (!has_news(user))
		exchange__wait(e, core, bell, ns);
	__atomic_store_n(&e->asleep[core], 0, __ATOMIC_SEQ_CST);
	/* Awake later than it was to be, it has waited for a processor. Of one that was woken nobody knows. */
	slept_ns = clock__now_ns() - begin_ns;
	__atomic_store_n(&e->slept_ns[core], e->slept_ns[core] + (slept_ns < ns ? slept_ns : ns), __ATOMIC_RELAXED);
	__atomic_store_n(&e->asleep_ns[core], 0, __ATOMIC_SEQ_CST);
}

/* Looked at in the middle of that, one sleep may be counted twice or not at all: until the next look. */
u64 exchange__slept_ns(const struct exchange *e, unsigned core, u64 now_ns)
{
	const u64 begin_ns = __atomic_load_n(&e->asleep_ns[core], __ATOMIC_SEQ_CST), slept_ns = __atomic_load_n(&e->slept_ns[core], __ATOMIC_RELAXED);

	return begin_ns && begin_ns < now_ns ? slept_ns + now_ns - begin_ns : slept_ns;
}

static ssize_t put_message(void *cookie, const char *text, size_t size)
{
	struct exchange *e = cookie;
	size_t done = 0;

	exchange__lock(&e->speaks);
	for (unsigned looks = 0; done < size && looks < PATIENCE; looks++) {
		struct timespec t = { 0, LOOK_NS };
		unsigned n = ring__put(&e->messages, (const u8 *)text + done, size - done);

		exchange__notify(e);
		if (n)
			looks = 0;
		done += n;
		if (done < size)
			nanosleep(&t, NULL);
	}
	pthread_mutex_unlock(&e->speaks);
	return size;	/* what is lost is lost: stdio would try for ever */
}

void exchange__take_stderr(struct exchange *e)
{
	FILE *messages = fopencookie(e, "w", (cookie_io_functions_t){ .write = put_message });

	if (!messages)
		die_errno("making a stream for messages");
	setvbuf(messages, NULL, _IOLBF, BUFSIZ);
	stderr = messages;
}
