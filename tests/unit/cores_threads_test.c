/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Cores that call each other, each a thread: by mailboxes of the Board, interrupt lines of the vCPUs and the bells of the exchange, as
 * processes do it under the Wedge. A call that is lost is waited for until the test is ended. With ThreadSanitizer, which finds what
 * is touched without the lock.
 *
 * From the environment: AFTERBURN_CALLS, for each core (20000).
 */
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/unit/board_fixture.h"
#include "wedge/core/vcpu.h"
#include "wedge/monitor/exchange.h"

#define CORES		4u
#define MAILBOX		(1ull << 32)
#define ASLEEP_NS	3600000000000ull
#define PATIENCE	120		/* seconds for all of it, before the test is ended */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;	/* vm__lock() */
static struct board *board;
static struct exchange *exchange;
static struct machine machine = { .cpus = CORES };
static struct vcpu vcpu[CORES];
static struct vcpu_page page[CORES];
static u32 called[CORES][CORES];		/* [by][to]: it waits for the answer */
static u64 answered[CORES];
static u32 finished;
static unsigned long calls;

static _Thread_local unsigned me;

static void irq(void *user, unsigned core, unsigned line, bool level)
{
	vcpu__set_line(&vcpu[core], line, level);
	if (core == me)
		return;
	__atomic_store_n(&vcpu[core].kick, 1, __ATOMIC_SEQ_CST);
	exchange__wake(exchange, core);		/* awake, it looks without being told here */
}

static u64 cycles(void *user) { return 1000; }
static u64 seconds(void *user) { return 0; }
static void nothing(void *user) { }

static void tell(u64 pa, u64 value)
{
	pthread_mutex_lock(&lock);
	board__write(board, pa, 8, value);
	pthread_mutex_unlock(&lock);
}

static bool has_news(void *user)
{
	return __atomic_load_n(&vcpu[me].kick, __ATOMIC_SEQ_CST);
}

/* What the guest's handler of the interrupt does, if it is pending. */
static void look(void)
{
	struct vcpu *v = &vcpu[me];

	if (!__atomic_exchange_n(&v->kick, 0, __ATOMIC_SEQ_CST))
		return;
	vcpu__take_lines(v);
	if (!(cp0_word(v, CP0_CAUSE) >> CAUSE_IP_SHIFT & 4))
		return;
	tell(CIU_MBOX_CLRX(me), ~0u);
	vcpu__take_lines(v);
	for (unsigned by = 0; by < CORES; by++)
		if (__atomic_exchange_n(&called[by][me], 0, __ATOMIC_SEQ_CST)) {
			answered[me]++;
			/* It may have gone to sleep over the answer. */
			__atomic_store_n(&vcpu[by].kick, 1, __ATOMIC_SEQ_CST);
			exchange__wake(exchange, by);
		}
}

/* Two in three wait in their sleep, the others look all the time. */
static void await(const u32 *word, u32 until, bool sleeps)
{
	while (__atomic_load_n(word, __ATOMIC_SEQ_CST) != until) {
		look();
		if (__atomic_load_n(word, __ATOMIC_SEQ_CST) == until)
			break;
		if (sleeps)
			exchange__sleep(exchange, me, has_news, NULL, ASLEEP_NS);
		else
			sched_yield();
	}
}

static void *core(void *number)
{
	me = (uintptr_t)number;
	for (unsigned long i = 0; i < calls; i++) {
		unsigned to = (me + 1 + i % (CORES - 1)) % CORES;

		__atomic_store_n(&called[me][to], 1, __ATOMIC_SEQ_CST);
		tell(CIU_MBOX_SETX(to), 1u << me);
		await(&called[me][to], 0, i % 3);
	}
	if (__atomic_add_fetch(&finished, 1, __ATOMIC_SEQ_CST) == CORES)
		for (unsigned n = 0; n < CORES; n++) {
			__atomic_store_n(&vcpu[n].kick, 1, __ATOMIC_SEQ_CST);
			exchange__wake(exchange, n);
		}
	await(&finished, CORES, true);
	return NULL;
}

static void no_call_is_lost(void **state)
{
	static const struct board_callbacks callbacks = { .irq = irq, .cycles = cycles, .seconds = seconds, .event_moved = nothing };
	const struct board_config config = { .cores = CORES, .ram_size = 256 << 20, .clock_hz = 500000000, .little_endian = true };
	const char *wanted = getenv("AFTERBURN_CALLS");
	pthread_t thread[CORES];
	u64 all = 0;

	calls = wanted ? strtoul(wanted, NULL, 10) : 20000;
	if (!wanted)
		alarm(PATIENCE);
	exchange = calloc(1, sizeof(*exchange));
	board = board__new(&config, &callbacks, NULL);
	assert_non_null(exchange);
	assert_non_null(board);
	me = CORES;
	for (unsigned i = 0; i < CORES; i++) {
		vcpu__reset(&vcpu[i], &machine, &page[i], i);
		tell(CIU_INTX_EN0(2 * i), MAILBOX);
	}
	for (uintptr_t i = 0; i < CORES; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, core, (void *)i), 0);
	for (unsigned i = 0; i < CORES; i++) {
		pthread_join(thread[i], NULL);
		all += answered[i];
	}
	assert_int_equal(all, CORES * calls);
	board__free(board);
	free(exchange);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(no_call_is_lost) };

	return cmocka_run_group_tests_name("cores_threads", tests, NULL, NULL);
}
