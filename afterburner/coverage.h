/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Does the code of a file agree with its .afterburn records? The questions of afterburn-check and their answers.
 *
 * Every executable section is disassembled and each word asked what the records should have said of it. What does not
 * fit is a finding: its class says what the Wedge would make of it.
 */
#ifndef AFTERBURNER_COVERAGE_H
#define AFTERBURNER_COVERAGE_H

#include "afterburner/code.h"
#include "afterburner/listing.h"

/* CLASS, name, what it means to the Wedge. Doubts come last: what they say may be the code's own fault. */
#define COVERAGE_CLASSES(X) \
	X(UNCOVERED, "uncovered", "a sensitive instruction without a record: it traps, or runs with the Host's meaning") \
	X(RECORD, "record", "a record that does not match the code: the Wedge refuses the kernel") \
	X(SLOT, "delay-slot", "a site in a delay slot: it traps") \
	X(UNPADDED, "unpadded", "a site without its NOPs: it traps") \
	X(K, "k-use", "k0 or k1 named outside k-regions: the Host destroys them") \
	X(K_ENTRY, "k-entry", "a way by an indirect jump into a k-region, behind its guard: the rest of it runs natively") \
	X(UNSEEN, "unseen", "code that no object pass has seen: what it needs is not recorded") \
	X(FP, "fp", "an FP instruction outside FP regions: it works on the Host's registers") \
	X(COP0, "cop0", "a privileged instruction that is in no row of the table: it traps") \
	X(COP2, "cop2", "an instruction of coprocessor 2: it traps where the Host is no Octeon") \
	X(OCTEON, "octeon", "an instruction that only an Octeon has: it traps elsewhere") \
	X(LINK, "ll-sc", "a site or region between LL and SC: the link breaks at each try") \
	X(BLANK, "blank", "room for code made at run time: interpreted where EXL is set") \
	X(EMBEDDED, "embedded", "sensitive code in an ELF file among the data, such as the vDSO: user code") \
	X(DEAD, "dead", "a register recorded as dead that the code behind the site reads")

enum coverage_class {
#define X(ID, NAME, MEANING) COVERAGE_##ID,
	COVERAGE_CLASSES(X)
#undef X
	COVERAGE_COUNT
};

struct coverage_name {
	const char *name, *meaning;
};
extern const struct coverage_name coverage__names[COVERAGE_COUNT];

struct finding {
	enum coverage_class class;
	unsigned int section;	/* 0: the record lies in no code */
	uint64_t offset;	/* in the section; without one, an address */
	uint32_t word;
	char *text;		/* what is wrong, for a person */
	const char *known;	/* the reason why it may be so, or NULL; set by known__explain() */
};

struct coverage {
	struct listing *list;
	bool user;		/* a program, no kernel: other instructions are sensitive, and the rest may be anything */
	struct code *code;	/* one per section */
	uint8_t **cover;	/* what covers each word: bits of coverage.c */
	struct finding *finding;
	size_t findings;
	size_t sensitive, sites;	/* instructions; records */
	/* What the Wedge must know to be there, though all of it is in order. */
	size_t silent, fpu, unaligned, links;
};

/* Asks everything. Nothing can fail; coverage__free() gives all back but the listing. */
void coverage__check(struct coverage *coverage, struct listing *list, bool user);
void coverage__free(struct coverage *coverage);

/* The address of a finding, as symbols have it, in the sense of listing__where(). */
uint64_t coverage__address(const struct coverage *coverage, const struct finding *f);

/* The function or object that a finding lies in, or the section where there is none. */
const char *coverage__place(const struct coverage *coverage, const struct finding *f);

/* Adds a finding; `format` may be followed by arguments. */
void coverage__report(struct coverage *coverage, enum coverage_class class, unsigned int section, uint64_t offset,
		      uint32_t word, const char *format, ...) __attribute__((format(printf, 6, 7)));

/* coverage-data.c: what is code though no section says so. */
void coverage__find_blanks(struct coverage *coverage, unsigned int section);
void coverage__find_embedded(struct coverage *coverage, unsigned int section);

/* coverage-dead.c: the registers of `dead` that the code from word `from` on reads before it writes them. */
uint32_t coverage__read_behind(const struct code *code, size_t from, uint32_t dead);

#endif
