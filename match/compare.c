/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Comparing two logs of states: see compare.h.
 */
#include "match/compare.h"

#include "abi/mips_insn.h"
#include "match/computed.h"

#define CAUSE_BD	0x80000000ull
#define CAUSE_TI	0x40000000ull
#define CAUSE_IP7	0x00008000ull
#define CAUSE_CODE(cause) ((cause) >> 2 & 31)
#define STATUS_EXL	2
#define STATUS_UNMASKED	0x84000000u	/* XX, FR: without an FPU a mtc0 does not change them */
#define MFMC0_MATCH	0x41606000u	/* di, ei */
#define MFMC0_MASK	0xffe0ffdfu
#define CODE_ADEL	4
#define CODE_ADES	5
#define ENTRYHI_ASID	0xffull

/* The spinning code that an address lies in, or NULL. */
static const struct match_range *spin_of(const struct match *m, uint64_t address)
{
	for (size_t i = 0; i < m->spin_count; i++)
		if (address >= m->spins[i].start && address < m->spins[i].end)
			return &m->spins[i];
	return NULL;
}

static bool equal(const struct match *m, uint64_t first, uint64_t second)
{
	const struct match_range *spin;

	second = first == second ? second : log__canonical(m->second.log, second);
	if (first == second)
		return true;
	spin = spin_of(m, first);
	return spin && spin == spin_of(m, second);
}

/* The register in which a branch leaves its return address; 0: none. */
static unsigned link_register(uint32_t insn)
{
	switch (mips_insn__flow(insn)) {
	case MIPS_FLOW_LINK: case MIPS_FLOW_JAL: return MIPS_RA;
	case MIPS_FLOW_JALR: return mips_insn__rd(insn);
	default: return 0;
	}
}

/* A native branch whose slot has trapped to the Wedge is begun again there, with the link register written already. */
static bool begun_again(const struct match *m, unsigned value)
{
	return !(m->second.log->flags & LOG_EVERYWHERE) && value && value == link_register(m->second.now.insn) &&
	       log__canonical(m->second.log, m->second.now.value[value]) ==
	       log__canonical(m->first.log, m->first.now.value[LOG_PC]) + 8;
}

static bool page_differs(const struct match *m, unsigned value)
{
	uint64_t first = m->first.now.value[value], second = m->second.now.value[value];

	return value == LOG_CP0_ENTRYHI ? (first ^ second) & ~ENTRYHI_ASID : first != second;
}

static bool is_page_register(unsigned value)
{
	return value == LOG_CP0_CONTEXT || value == LOG_CP0_XCONTEXT || value == LOG_CP0_ENTRYHI;
}

/*
 * A burnt mtc0 stores all bits of Status, also those that do not stick in the register. Whoever keeps a copy of Status has
 * them as well.
 */
static bool is_unmasked(const struct match *m, unsigned value)
{
	uint64_t first = m->first.now.value[value], second = m->second.now.value[value];
	uint32_t more = m->second.now.value[LOG_CP0_STATUS] & ~m->first.now.value[LOG_CP0_STATUS] & STATUS_UNMASKED;

	return m->burnt && more && (value == LOG_CP0_STATUS || value < LOG_HI) && second == (uint64_t)(int32_t)second &&
	       (uint32_t)second == ((uint32_t)first | more) && first == (uint64_t)(int32_t)first;
}

/* A timer that is due is seen when the clock is looked at, where that stands still in between. */
static bool is_late_timer(const struct match *m, uint64_t first, uint64_t second)
{
	return m->late_timer && first & CAUSE_TI && (first ^ second) == (first & (CAUSE_TI | CAUSE_IP7));
}

/* Does the sensitive instruction at hand read the register? */
static bool is_operand(const struct match *m, unsigned value)
{
	uint32_t reads, writes;

	mips_insn__gprs(m->first.now.insn, &reads, &writes);
	return value < LOG_HI && log__is_sensitive(m->first.now.insn) && reads >> value & 1;
}

/* Equal if windows are taken into account. `exactly`: no difference is passed over without being understood. */
static bool computed_alike(const struct match *m, unsigned value, bool exactly)
{
	uint64_t first = m->first.now.value[value], second = m->second.now.value[value];
	const struct log *log = m->second.log;

	if (!m->computed || !log->window_count)
		return false;
	if (value == LOG_CP0_CONTEXT)
		return computed__is_table(log, first, second);
	if (value == LOG_PC || value > LOG_LO)
		return false;
	return computed__is_sum(log, first, second) || computed__is_table(log, first, second) ||
	       (!exactly && !is_operand(m, value));
}

bool match__differs(const struct match *m, unsigned value)
{
	const uint64_t *first = m->first.now.value, *second = m->second.now.value;

	if (m->ignored[value])
		return false;
	/* Whoever was interrupted while it spun was so anywhere, in a delay slot as well: Cause, or a copy of it. */
	if (m->slot_unsure && first[value] == first[LOG_CP0_CAUSE] && second[value] == second[LOG_CP0_CAUSE])
		return (first[value] ^ second[value]) & (CAUSE_BD - 1);
	if (m->page_unsure && is_page_register(value))
		return value == LOG_CP0_ENTRYHI && (first[value] ^ second[value]) & ENTRYHI_ASID;
	if (value == LOG_CP0_CAUSE && is_late_timer(m, first[value], second[value]))
		return false;
	if (value == MIPS_AT && m->at_unsure)
		return false;
	return !equal(m, first[value], second[value]) && !begun_again(m, value) && !is_unmasked(m, value) &&
	       !(m->burnt && value < LOG_HI && computed__is_code(first[value], second[value])) && !computed_alike(m, value, false);
}

/* How many registers of an entry that matches are passed over. */
static unsigned count_passed_over(const struct match *m)
{
	unsigned n = 0;

	for (unsigned i = 1; m->computed && i <= LOG_LO; i++)
		n += !computed_alike(m, i, true) && !m->ignored[i] && !equal(m, m->first.now.value[i], m->second.now.value[i]) &&
		     !begun_again(m, i) && !is_unmasked(m, i);
	return n;
}

/* What this entry says of things that may differ. */
static void update_doubts(struct match *m)
{
	const uint64_t *first = m->first.now.value, *second = m->second.now.value;
	uint64_t code = CAUSE_CODE(first[LOG_CP0_CAUSE]);
	bool error = first[LOG_CP0_STATUS] & STATUS_EXL && (code == CODE_ADEL || code == CODE_ADES);

	m->slot_unsure = spin_of(m, first[LOG_CP0_EPC]) ||
			 (m->slot_unsure && (first[LOG_CP0_CAUSE] ^ second[LOG_CP0_CAUSE]) & CAUSE_BD);
	m->page_unsure = error || (m->page_unsure && (page_differs(m, LOG_CP0_CONTEXT) ||
			 page_differs(m, LOG_CP0_XCONTEXT) || page_differs(m, LOG_CP0_ENTRYHI)));
}

static bool same_state(struct match *m)
{
	update_doubts(m);
	for (unsigned i = 0; i < LOG_VALUES; i++)
		if (match__differs(m, i))
			return false;
	return true;
}

static bool is_end(const struct match *m, const struct match_side *side)
{
	return m->until_interrupt && side->now.value[LOG_CP0_STATUS] & STATUS_EXL &&
	       !CAUSE_CODE(side->now.value[LOG_CP0_CAUSE]);
}

/* The first side's instruction that has just been passed: does it leave something in $at where it is burnt? */
static void update_scratch(struct match *m, uint32_t insn)
{
	uint32_t reads, writes;

	mips_insn__gprs(insn, &reads, &writes);
	if ((insn & MFMC0_MASK) == MFMC0_MATCH)
		m->at_unsure = m->burnt;
	else if (writes >> MIPS_AT & 1)
		m->at_unsure = false;
}

/* The next entry that is to be compared. 1, 0 at the end, -1 with a complaint. */
static int next(struct match *m, struct match_side *side, struct complaint *c)
{
	unsigned flags = m->first.log->flags | m->second.log->flags;
	uint64_t pc;
	int result;

	do {
		if (side == &m->first)
			update_scratch(m, side->now.insn);
		result = log__get(side->log, &side->now, c);
		if (result <= 0) {
			side->ended = !result;
			return result;
		}
		if (is_end(m, side))
			return 0;
		pc = log__canonical(side->log, side->now.value[LOG_PC]);
		side->path[side->passed % MATCH_PATH].pc = pc;
		side->path[side->passed++ % MATCH_PATH].insn = side->now.insn;
		if (m->saw)
			m->saw(m->user, side, pc);
	} while (spin_of(m, pc) || (flags & LOG_SENSITIVE && !log__is_sensitive(side->now.insn)));
	return 1;
}

static bool second_must_see(const struct match *m)
{
	return log__sees(m->second.log, log__canonical(m->first.log, m->first.now.value[LOG_PC]));
}

/*
 * Looks for the second's entry in the first. What stands at the same place, but with other registers, is
 * remembered: if nothing better follows, it is what a person wants to see.
 */
static int find(struct match *m, struct complaint *c)
{
	struct match_side near = { .log = NULL };
	int result;

	for (;;) {
		result = next(m, &m->first, c);
		if (result < 0)
			return -1;
		if (result && same_state(m))
			break;
		if (!result && is_end(m, &m->first))
			return 0;
		if (!result || second_must_see(m)) {
			if (near.log && (m->first.ended || match__differs(m, LOG_PC)))
				m->first = near;
			m->verdict = m->first.ended ? MATCH_SHORT : match__differs(m, LOG_PC) ? MATCH_WAY : MATCH_REGISTERS;
			return 0;
		}
		if (!match__differs(m, LOG_PC) && !near.log)
			near = m->first;
		m->unseen++;
	}
	m->matched++;
	m->passed_over += count_passed_over(m);
	return 0;
}

/* The second is through: nothing that it must have seen may follow in the first. */
static int finish(struct match *m, struct complaint *c)
{
	int result;

	while ((result = next(m, &m->first, c)) > 0) {
		if (second_must_see(m)) {
			m->verdict = MATCH_SHORT;
			return 0;
		}
		m->unseen++;
	}
	return result;
}

int match__run(struct match *m, struct complaint *c)
{
	struct log *second = m->second.log;
	int result = 1;

	if (!(m->first.log->flags & LOG_EVERYWHERE))
		return complain(c, "the first log (%s) has not seen everything: give that of metal or of --interpret first",
				m->first.log->machine);
	for (size_t i = 0; i < second->place_count; i++) {
		second->places[i].start = log__canonical(second, second->places[i].start);
		second->places[i].end = log__canonical(second, second->places[i].end);
	}
	m->verdict = MATCH_EQUAL;
	while (m->verdict == MATCH_EQUAL && !is_end(m, &m->first) && (result = next(m, &m->second, c)) > 0)
		if (find(m, c))
			return -1;
	if (result < 0)
		return -1;
	return m->verdict == MATCH_EQUAL && !is_end(m, &m->first) && !is_end(m, &m->second) ? finish(m, c) : 0;
}
