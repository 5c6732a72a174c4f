/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A module as the guest's kernel hands it to the Wedge: all that the call leads to lies in BLOCK_SIZE bytes of RAM
 * from BLOCK on. Its text is two pages, which lie there in the wrong order, and a page of init text.
 */
#ifndef TESTS_UNIT_MODULE_FIXTURE_H
#define TESTS_UNIT_MODULE_FIXTURE_H

#include "abi/call.h"
#include "tests/unit/vcpu_fixture.h"
#include "wedge/burn/module.h"
#include "wedge/burn/pieces.h"

#define BLOCK		0x10000u		/* the call, its lists, the records: a page */
#define LISTS		(BLOCK + 0x400)
#define RECORDS		(BLOCK + 0x800)
#define TEXT_PA(n)	(BLOCK + 0x3000 - (n) * 0x1000u)	/* page n of the text; 2 is the init part's */
#define BLOCK_SIZE	0x4000u

#define TEXT		(WINDOW_MODULES + 0x20000)
#define TEXT_SIZE	0x1f00u
#define INIT		(WINDOW_MODULES + 0x80000)
#define INIT_SIZE	0x100u
#define ENTRY_SIZE	0x1000u
#define SLOT_AT(n)	(WINDOW_CKSEG0 + CODE_CACHE_PA + ENTRY_SIZE + (n) * SLOT_SIZE)

struct guest {
	struct fixture f;
	struct modules modules;
	struct afterburn_call call;
	struct afterburn_record record[16];
	size_t records;
};

static inline void guest_open(struct guest *g, bool big_endian)
{
	memset(g, 0, sizeof(*g));
	fixture_open(&g->f, big_endian);
	g->f.machine.slots = SLOT_AT(0);
	g->modules = (struct modules){
		.machine = &g->f.machine, .code_cache = calloc(1, CODE_CACHE_SIZE), .entry_size = ENTRY_SIZE,
	};
	assert_non_null(g->modules.code_cache);
	g->call = (struct afterburn_call){
		.magic = AFTERBURN_CALL_MAGIC, .size = sizeof(g->call), .operation = AFTERBURN_CALL_LOAD, .name = "mod",
		.page_size = 0x1000, .text = { { TEXT, TEXT_SIZE, LISTS }, { INIT, INIT_SIZE, LISTS + 16 } },
	};
}

/* Where a word of the module is in RAM. */
static inline u64 guest_pa(u64 va)
{
	return va >= INIT ? TEXT_PA(2) + (va - INIT) : TEXT_PA((va - TEXT) / 0x1000) + va % 0x1000;
}

static inline void guest_word(struct guest *g, u64 va, u32 word)
{
	fixture_put(&g->f, guest_pa(va), 4, word);
}

static inline u32 guest_found(const struct guest *g, u64 va)
{
	return fixture_get(&g->f, guest_pa(va), 4);
}

static inline struct afterburn_record *guest_site(struct guest *g, u64 va, u32 word, unsigned words)
{
	struct afterburn_record *r = &g->record[g->records++];
	unsigned insn = 0;

#define SENSITIVE(ID, NAME, MATCH, MASK, FORM, WORDS) if ((word & (MASK)) == (MATCH)) insn = ID;
#include "abi/sensitive.def"
#undef SENSITIVE
	guest_word(g, va, word);
	*r = (struct afterburn_record){
		.version = AFTERBURN_VERSION, .kind = AFTERBURN_KIND_SITE, .size = RECORD_SIZE,
		.flags = AFTERBURN_FLAG_COMPLETE, .address = va, .site = { .word = word, .insn = insn, .words = words },
	};
	return r;
}

static inline void guest_region(struct guest *g, u64 start, u64 end)
{
	g->record[g->records++] = (struct afterburn_record){
		.version = AFTERBURN_VERSION, .kind = AFTERBURN_KIND_KREGION, .size = RECORD_SIZE,
		.address = start, .region = { .end = end },
	};
}

/* Puts everything into RAM. The records begin four bytes before a page's end and go on in the next page of their list. */
static inline void guest_put(struct guest *g)
{
	static const u32 list[] = { TEXT_PA(0), TEXT_PA(1), TEXT_PA(2), BLOCK };
	const u64 *words = (const u64 *)&g->call;
	u8 bytes[16 * RECORD_SIZE];

	for (unsigned i = 0; i < COUNT(list); i++)
		fixture_put(&g->f, LISTS + 8 * i, 8, list[i]);
	for (size_t i = 0; i < g->records; i++)
		records__write(bytes + i * RECORD_SIZE, &g->record[i], g->f.machine.big_endian);
	memcpy(g->f.ram + RECORDS, bytes, g->records * RECORD_SIZE);
	if (g->records && !g->call.records.size)
		g->call.records = (struct afterburn_area){ RECORDS, g->records * RECORD_SIZE, LISTS + 24 };
	for (size_t i = 0; i < sizeof(g->call) / 8; i++)
		fixture_put(&g->f, BLOCK + 8 * i, 8, words[i]);
	memcpy(g->f.ram + BLOCK + offsetof(struct afterburn_call, name), g->call.name, sizeof(g->call.name));
}

/* The guest's call; the answer, and in g->call.reason what it says. */
static inline u64 guest_call(struct guest *g)
{
	guest_put(g);
	modules__call(&g->modules, BLOCK);
	memcpy(g->call.reason, g->f.ram + BLOCK + offsetof(struct afterburn_call, reason), sizeof(g->call.reason));
	return fixture_get(&g->f, BLOCK + offsetof(struct afterburn_call, refused), 8);
}

static inline void guest_free(struct guest *g, u64 start)
{
	struct afterburn_call call = g->call;

	g->call.operation = AFTERBURN_CALL_FREE;
	g->call.text[0].start = start;
	guest_call(g);
	g->call = call;
}

static inline void guest_close(struct guest *g)
{
	while (g->f.machine.code)
		guest_free(g, g->f.machine.code->start);
	free(g->modules.code_cache);
	fixture_close(&g->f);
}

#endif
