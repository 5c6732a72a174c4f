/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Is a register that a record calls dead read behind the site?
 *
 * Branches are followed for a while; calls, returns and the next function end a path. So this finds what a wrong mask
 * would show nearby, not all of it; the Wedge's --poison finds the rest, by running it. What it says are doubts: code
 * behind __builtin_unreachable() reads what was never set.
 */
#include "afterburner/coverage.h"

#define STEPS	300	/* instructions followed behind a site */
#define PATHS	64	/* branches remembered on the way */

/* Unaligned loads come in pairs, of which the first merges with what nobody will see. */
static void gprs(uint32_t word, uint32_t *reads, uint32_t *writes)
{
	mips_insn__gprs(word, reads, writes);
	if (mips_insn__is_unaligned_load(word))
		*reads = 1u << mips_insn__base(word);
}

uint32_t coverage__read_behind(const struct code *code, size_t from, uint32_t dead)
{
	struct { size_t at; uint32_t dead; } path[PATHS] = { { from, dead } };
	unsigned int paths = 1, steps = 0;
	uint32_t read = 0, reads, writes;

	while (paths) {
		size_t i = path[--paths].at;
		uint32_t live = path[paths].dead;

		/* What falls into the next function was said to be unreachable. */
		while (i < code->words && live && steps++ < STEPS && !(code->flags[i] & CODE_FUNCTION)) {
			enum mips_flow flow = mips_insn__flow(code->word[i]);

			gprs(code->word[i], &reads, &writes);
			read |= reads & live;
			live &= ~writes;
			if (flow == MIPS_FLOW_NEXT) {
				i++;
				continue;
			}
			if (flow == MIPS_FLOW_ERET || i + 1 >= code->words)
				break;
			gprs(code->word[i + 1], &reads, &writes);
			/* A likely branch may skip its slot: what the slot writes is still dead then. */
			read |= reads & live;
			if (!mips_insn__is_likely(code->word[i]))
				live &= ~writes;
			if (flow != MIPS_FLOW_BRANCH && flow != MIPS_FLOW_ALWAYS)
				break;
			if (code->target[i] != NO_TARGET && paths < PATHS) {
				path[paths].at = code->target[i];
				path[paths++].dead = live & ~writes;
			}
			if (flow == MIPS_FLOW_ALWAYS)
				break;
			i += 2;
		}
	}
	return read;
}
