/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fields of ELF structures in the byte order of their file, for the two halves of elf64.
 */
#ifndef AFTERBURNER_ELF64_FIELDS_H
#define AFTERBURNER_ELF64_FIELDS_H

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* r_info of MIPS64: r_sym (4 bytes), r_ssym, r_type3, r_type2, r_type (one byte each), in either byte order. */
enum { MIPS_R_SYM = 8, MIPS_R_TYPE = 15 };

static inline uint64_t field__get(const uint8_t *p, unsigned int bytes, bool big_endian)
{
	uint64_t value = 0;

	for (unsigned int i = 0; i < bytes; i++)
		value |= (uint64_t)p[i] << 8 * (big_endian ? bytes - 1 - i : i);
	return value;
}

static inline void field__put(uint8_t *p, uint64_t value, unsigned int bytes, bool big_endian)
{
	for (unsigned int i = 0; i < bytes; i++)
		p[i] = value >> 8 * (big_endian ? bytes - 1 - i : i);
}

#define FIELD_SIZE(type, field)	sizeof(((type *)0)->field)
#define GET(e, p, type, field) \
	field__get((p) + offsetof(type, field), FIELD_SIZE(type, field), (e)->big_endian)
#define PUT(e, p, type, field, value) \
	field__put((p) + offsetof(type, field), (value), FIELD_SIZE(type, field), (e)->big_endian)

#endif
