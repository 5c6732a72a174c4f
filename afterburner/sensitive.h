/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The rows of abi/sensitive.def and abi/accesses.def as data, and the operands of an instruction word that is one
 * of them.
 */
#ifndef AFTERBURNER_SENSITIVE_H
#define AFTERBURNER_SENSITIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/afterburn.h"

enum sensitive_form { FORM_NONE, FORM_RT, FORM_RT_RD_SEL, FORM_OP_BASE_OFFSET, FORM_BASE_OFFSET,
		      FORM_RT_BASE_OFFSET };	/* loads and stores */

struct sensitive {
	uint16_t id;
	uint8_t form;		/* enum sensitive_form */
	uint8_t words;
	uint8_t bits;		/* width of a load or store; 0: a sensitive instruction */
	bool user;		/* of the list for user programs */
	bool silent;		/* no privileged instruction: in user mode it runs, with the Host's meaning */
	const char *name;
	uint32_t match, mask;
};

/* Row i of the table, in its order; NULL behind the last. And of the lists for user programs, of loads and stores. */
const struct sensitive *sensitive__row(size_t i);
const struct sensitive *sensitive__user_row(size_t i);
const struct sensitive *sensitive__access_row(size_t i);

/* The row that this word is an instance of, or NULL: in a kernel, in a user program. */
const struct sensitive *sensitive__match(uint32_t word);
const struct sensitive *sensitive__match_user(uint32_t word);
/* A load or store that can be a site where a record says so. */
const struct sensitive *sensitive__match_access(uint32_t word);

/* The row of a record's `insn`, or NULL if this program's table has no such row. */
const struct sensitive *sensitive__by_id(unsigned int id);

/* Fills insn, word, operands and width of a site record from the instruction word. */
void sensitive__decode(const struct sensitive *row, uint32_t word, struct afterburn_record *record);

/* Writes the instruction of a site with its operands, "mfc0 t0, $12, 0", into text; returns text. */
char *sensitive__print(const struct afterburn_record *record, char *text, size_t size);

/* n64 names: zero, at, v0, v1, a0-a7, t0-t3, s0-s7, t8, t9, k0, k1, gp, sp, s8, ra. */
extern const char *const gpr_names[32];

#endif
