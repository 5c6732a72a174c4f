/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The blocks of a machine: see blocks.h.
 */
#include "wedge/translate/blocks.h"

#include <stddef.h>
#include <string.h>

#include "abi/mips_insn.h"
#include "lib/unaligned.h"
#include "wedge/burn/pieces.h"
#include "wedge/burn/sequence.h"

#define PROBES		16
#define TRAMPOLINE_CALL	1		/* word of a trampoline that calls the Wedge: burn.h */

void blocks__make(struct blocks *b, struct machine *machine, u32 *code, u64 place, u64 call, bool closely)
{
	*b = (struct blocks){
		.machine = machine, .code = code, .place = place, .call = call,
		.met = closely ? 1 : BLOCKS_MET, .calls_for_cause = closely,
	};
}

/* --- One at a time --- */

static bool begin(struct blocks *b)
{
	return !__atomic_exchange_n(&b->busy, 1, __ATOMIC_ACQUIRE);
}

static void end(struct blocks *b)
{
	__atomic_store_n(&b->busy, 0, __ATOMIC_RELEASE);
}

/* --- The guest's code --- */

/* Only what lies in the window of CKSEG0: no translation is needed for it, and none can change. */
static const u8 *code_at(const struct machine *m, u64 pc, u64 size)
{
	u64 pa = pc - m->windows.ckseg0;

	return !(pc & 3) && pa < m->windows.ckseg0_size && pa < m->ram.low && size <= m->ram.low - pa ? m->ram.base + pa : NULL;
}

static bool fetch(void *user, u64 pc, u32 *insn, u32 *length)
{
	const struct machine *m = user;
	const u8 *at = code_at(m, pc, 4);
	const struct original *original;

	if (!at)
		return false;
	*insn = unaligned__get32(at);
	*length = 4;
	original = machine__original(m, pc, *insn);
	if (original) {
		*insn = original->word;
		*length = 4 * original->words;
	}
	return true;
}

static bool native(void *user, u64 pc)
{
	struct code *code = machine__code(user, pc);

	return code && !code__closed(code, pc, true);
}

static u64 last_of(const struct blocks *b, const struct block *block)
{
	return block->start + 4 * (b->insn[block->insn + block->insns - 1].offset + 2u);
}

static u32 sum(const struct machine *m, u64 start, u64 end)
{
	u32 h = 0;

	for (u64 pc = start; pc < end; pc += 4) {
		const u8 *at = code_at(m, pc, 4);

		h = (h << 5 | h >> 27) ^ (at ? unaligned__get32(at) : 0) * 0x9e3779b1u;
	}
	return h;
}

/* --- Places --- */

/* That of pc, made if there is none; NULL: too many have been met. */
static struct block_place *place_of(struct blocks *b, u64 pc)
{
	u64 hash = pc / 4 * 0x9e3779b97f4a7c15ull >> 32;

	for (unsigned i = 0; i < PROBES; i++) {
		struct block_place *p = &b->places[(hash + i) & (BLOCKS_PLACES - 1)];
		u64 found = __atomic_load_n(&p->pc, __ATOMIC_RELAXED);

		if (found == pc)
			return p;
		if (!found && __atomic_compare_exchange_n(&p->pc, &found, pc, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
			return p;
		if (found == pc)
			return p;
	}
	return NULL;
}

static u64 address_of(const struct blocks *b, const struct block *block)
{
	return b->place + 4ull * block->word;
}

/* --- Making one --- */

static bool has_room(struct blocks *b, const struct block_code *c)
{
	if (b->count < BLOCKS_MOST && c->length <= BLOCKS_CODE / 4 - b->words && c->exits <= BLOCKS_EXITS - b->exits &&
	    c->insns <= BLOCKS_INSNS - b->insns)
		return true;
	b->full = true;
	return false;
}

static void put(struct blocks *b, const struct block_code *c)
{
	struct block *block = &b->block[b->count];

	*block = (struct block){
		.start = c->start, .word = b->words, .length = c->length, .exit = b->exits, .exits = c->exits,
		.insn = b->insns, .insns = c->insns, .stand_in = { c->stand_in[0], c->stand_in[1], c->stand_in[2] },
	};
	memcpy(b->code + b->words, c->word, 4 * c->length);
	memcpy(b->origin + b->words, c->origin, c->length * sizeof(*c->origin));
	memcpy(b->exit + b->exits, c->exit, c->exits * sizeof(*c->exit));
	memcpy(b->insn + b->insns, c->insn, c->insns * sizeof(*c->insn));
	b->words += c->length;
	b->exits += c->exits;
	b->insns += c->insns;
	for (unsigned i = 0; i < c->insns; i++)
		block->generated |= machine__generated(b->machine, c->start + 4 * c->insn[i].offset);
	block->sum = sum(b->machine, block->start, last_of(b, block));
	__builtin___clear_cache((char *)(b->code + block->word), (char *)(b->code + b->words));
	__atomic_store_n(&b->count, b->count + 1, __ATOMIC_RELEASE);
}

static void make(struct blocks *b, struct block_place *p)
{
	const struct block_source source = { fetch, native, b->machine, b->machine->big_endian, b->calls_for_cause };
	struct block_code *c = &b->made;
	u32 block = BLOCKS_NEVER;

	if (translate(c, &source, p->pc, b->place + 4ull * b->words, b->call)) {
		if (!has_room(b, c))
			return;
		put(b, c);
		block = b->count;
	}
	__atomic_store_n(&p->block, block, __ATOMIC_RELEASE);
}

u64 blocks__meet(struct blocks *b, u64 pc)
{
	struct block_place *p = b && code_at(b->machine, pc, 4) ? place_of(b, pc) : NULL;
	u32 n;

	if (!p)
		return 0;
	n = __atomic_load_n(&p->block, __ATOMIC_ACQUIRE);
	if (!n && ++p->met >= b->met && !b->full && begin(b)) {
		if (!p->block)
			make(b, p);
		end(b);
		n = p->block;
	}
	return n && n != BLOCKS_NEVER ? address_of(b, &b->block[n - 1]) : 0;
}

/* --- Links --- */

static void put_word(struct blocks *b, u32 *at, u32 word)
{
	__atomic_store_n(at, word, __ATOMIC_RELEASE);
	__builtin___clear_cache((char *)at, (char *)(at + 1));
}

/* The word of a burnt site's trampoline that calls; NULL: it has none. */
static u32 *trampoline_of(struct blocks *b, const struct burn_site *site)
{
	const struct machine *m = b->machine;
	const struct code *code = site ? machine__code(m, site->address) : NULL;

	if (!code || site->how != BURN_CALL)
		return NULL;
	return b->code + (s64)(m->slots + (u64)(code->first + site->slot) * SLOT_SIZE - b->place) / 4 + TRAMPOLINE_CALL;
}

/*
 * Was it burnt to a call only for the sake of the region that it is in, or in front of? Or does it read Cause while an exception is taken, when
 * nobody waits for a bit of it?
 */
static bool may_be_left_to_blocks(const struct blocks *b, const struct vcpu *v, const struct burn_site *site)
{
	struct code *code = machine__code(b->machine, site->address);

	return mips_insn__opcode(site->word) == MIPS_OP_COP0 && code &&
	       (vcpu__exl(v) || code__in_region(code, site->address) || code__in_region(code, site->address + 4 * site->words));
}

u64 blocks__meet_site(struct blocks *b, const struct vcpu *v, const struct burn_site *site)
{
	u64 address = b && may_be_left_to_blocks(b, v, site) ? blocks__meet(b, site->address) : 0;
	u32 *call = address ? trampoline_of(b, site) : NULL;

	/* The word before it has saved ra, which does no harm. */
	if (call && begin(b)) {
		put_word(b, call, sequence__jump(address, false));
		b->linked++;
		end(b);
	}
	return address;
}

static const struct block *block_at(const struct blocks *b, u64 address, unsigned *word)
{
	const u64 at = (address - b->place) / 4;
	u32 low = 0, high = __atomic_load_n(&b->count, __ATOMIC_ACQUIRE);

	if (address < b->place || at >= BLOCKS_CODE / 4)
		return NULL;
	while (low < high) {
		u32 mid = (low + high) / 2;

		if (b->block[mid].word <= at)
			low = mid + 1;
		else
			high = mid;
	}
	if (!low || at - b->block[low - 1].word >= b->block[low - 1].length)
		return NULL;
	*word = at - b->block[low - 1].word;
	return &b->block[low - 1];
}

static void settle(const struct blocks *b, const struct block *block, unsigned word, struct vcpu *v)
{
	const struct block_view view = {
		.start = block->start, .stand_in = block->stand_in, .origin = b->origin + block->word,
		.exit = b->exit + block->exit, .insn = b->insn + block->insn,
	};

	block__settle(&view, word, v);
}

bool blocks__settle(const struct blocks *b, struct vcpu *v, u64 address)
{
	unsigned word;
	const struct block *block = b ? block_at(b, address, &word) : NULL;

	if (block)
		settle(b, block, word, v);
	return block;
}

bool blocks__called(struct blocks *b, struct vcpu *v, u64 address, u64 *to)
{
	unsigned word;
	const struct block *block = b ? block_at(b, address - 4, &word) : NULL;
	const struct block_exit *exit;

	if (!block)
		return false;
	settle(b, block, word, v);
	b->calls++;
	*to = blocks__meet(b, v->pc);
	exit = &b->exit[block->exit + b->origin[block->word + word].index];
	if (*to && exit->reg)
		v->page->jump[VCPU_JUMP(v->pc)] = (struct vcpu_jump){ v->pc, *to };
	if (*to && exit->jump && !block->gone && begin(b)) {
		put_word(b, b->code + block->word + exit->jump, sequence__jump(*to, false));
		b->linked++;
		end(b);
	}
	return true;
}

/* --- Forgetting --- */

/* Every jump that leads to it calls the Wedge again. */
static void unlink_block(struct blocks *b, const struct block *block)
{
	const struct machine *m = b->machine;
	const u32 jump = sequence__jump(address_of(b, block), false);
	u32 *call = trampoline_of(b, burn__site_at(m, block->start));

	for (unsigned i = 0; i < m->cpus; i++)
		for (unsigned n = 0; n < VCPU_JUMPS; n++)
			if (m->vcpu[i]->page->jump[n].place == address_of(b, block))
				m->vcpu[i]->page->jump[n].pc = 0;
	if (call && *call == jump)
		put_word(b, call, sequence__jump(b->call, true));
	for (u32 i = 0; i < b->count; i++) {
		const struct block *other = &b->block[i];

		for (u32 n = 0; n < other->exits; n++) {
			u32 at = other->word + b->exit[other->exit + n].jump;

			if (at != other->word && b->code[at] == jump)
				put_word(b, b->code + at, sequence__jump(b->place + 4ull * (at + 2), false));
		}
	}
}

static void forget(struct blocks *b, struct block *block)
{
	struct block_place *p = place_of(b, block->start);

	block->gone = true;
	b->forgotten++;
	if (p && p->block == (u32)(block - b->block) + 1) {
		__atomic_store_n(&p->block, 0, __ATOMIC_RELEASE);
		p->met = 0;
	}
	unlink_block(b, block);
}

void blocks__check(struct blocks *b)
{
	bool changed = false;

	if (!b)
		return;
	while (!begin(b))
		;	/* nobody waits for anything with it */
	for (u32 i = 0; i < b->count; i++) {
		struct block *block = &b->block[i];

		if (!block->generated || block->gone || sum(b->machine, block->start, last_of(b, block)) == block->sum)
			continue;
		forget(b, block);
		changed = true;
	}
	/* What could not be translated there may be something else by now. */
	for (u32 i = 0; changed && i < BLOCKS_PLACES; i++)
		if (b->places[i].block == BLOCKS_NEVER && machine__generated(b->machine, b->places[i].pc))
			b->places[i].block = b->places[i].met = 0;
	end(b);
}
