/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzzing what the guest's kernel hands over of a module: the call, its lists, the records and the text, all of
 * which the guest may lie about. A module that is refused is as it was; one that is not can be freed, and then nothing
 * of it is left.
 *
 * Input: a byte of flags (1: big endian, 2: --no-burn, 4: with by-passes), then RAM from BLOCK on (module_fixture.h).
 */
#include "tests/unit/module_fixture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool condition)
{
	if (!condition)
		abort();
}

static void call(struct guest *g, u64 operation, u64 start)
{
	fixture_put(&g->f, BLOCK, 8, AFTERBURN_CALL_MAGIC);
	fixture_put(&g->f, BLOCK + offsetof(struct afterburn_call, size), 8, sizeof(struct afterburn_call));
	fixture_put(&g->f, BLOCK + offsetof(struct afterburn_call, operation), 8, operation);
	fixture_put(&g->f, BLOCK + offsetof(struct afterburn_call, text[0].start), 8, start);
	modules__call(&g->modules, BLOCK);
}

static void clean_up(struct guest *g)
{
	for (unsigned i = 0; g->f.machine.code; i++) {
		check(i < 2);
		call(g, AFTERBURN_CALL_FREE, g->f.machine.code->start);
	}
	check(!g->modules.numbers);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct guest g;
	static u8 before[RAM_BYTES];
	const size_t answer = offsetof(struct afterburn_call, name);
	unsigned refused;

	if (size < 1 || size - 1 > BLOCK_SIZE)
		return 0;
	if (!g.f.ram)
		guest_open(&g, false);
	g.f.machine.big_endian = data[0] & 1;
	g.modules.mode = data[0] & 2 ? BURN_NONE : BURN_ALL;
	g.modules.bypass = data[0] & 4;
	memset(g.f.ram, 0, RAM_BYTES);
	memcpy(g.f.ram + BLOCK, data + 1, size - 1);
	memcpy(before, g.f.ram, RAM_BYTES);
	refused = g.modules.refused;
	modules__call(&g.modules, BLOCK);
	if (g.modules.refused != refused) {
		const char *reason = (const char *)g.f.ram + BLOCK + offsetof(struct afterburn_call, reason);

		check(!g.f.machine.code && reason[0] && !strchr(reason, '\n'));
		check(!memcmp(before, g.f.ram, BLOCK));
		check(!memcmp(before + BLOCK + answer, g.f.ram + BLOCK + answer, RAM_BYTES - BLOCK - answer));
	}
	clean_up(&g);
	return 0;
}
