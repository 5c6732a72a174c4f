// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The heap of a fixed room: blocks do not overlap, what is given back is had again, and a full one says so.
 */
#include "lib/heap.h"
#include "tests/unit/cmocka_all.h"

#define ROOM	0x10000

static char room[ROOM] __attribute__((aligned(HEAP_ALIGN)));

static void all_and_again(void **state)
{
	struct heap *heap = heap__make(room, ROOM);
	size_t most = heap__largest(heap);
	char *all = heap__alloc(heap, most);

	assert_true(most > ROOM - 100);
	assert_non_null(all);
	assert_null(heap__alloc(heap, 1));
	assert_null(heap__alloc(heap, (size_t)-1));
	heap__free(heap, all);
	heap__free(heap, NULL);
	assert_int_equal(heap__largest(heap), most);
	assert_null(heap__alloc(heap, most + HEAP_ALIGN));
}

/* Each block is full of its own number as long as it is there. */
static void at_random(void **state)
{
	struct heap *heap = heap__make(room, ROOM);
	size_t most = heap__largest(heap), size[64] = { 0 };
	unsigned char *block[64] = { 0 };
	unsigned long long seed = 1;

	for (unsigned round = 0; round < 20000; round++) {
		unsigned n = (seed = seed * 6364136223846793005ull + 1442695040888963407ull) >> 58;

		for (size_t i = 0; block[n] && i < size[n]; i++)
			assert_int_equal(block[n][i], n + 1);
		heap__free(heap, block[n]);
		size[n] = seed >> 20 & (round & 64 ? 0xfff : 0xff);
		block[n] = heap__alloc(heap, size[n]);
		assert_true(!block[n] || ((size_t)block[n] & (HEAP_ALIGN - 1)) == 0);
		for (size_t i = 0; block[n] && i < size[n]; i++) {
			assert_int_equal(block[n][i], 0);
			block[n][i] = n + 1;
		}
	}
	for (unsigned n = 0; n < 64; n++)
		heap__free(heap, block[n]);
	assert_int_equal(heap__largest(heap), most);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(all_and_again), cmocka_unit_test(at_random) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
