/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Short names for the fixed-width integers, as kernel code has them.
 */
#ifndef LIB_TYPES_H
#define LIB_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef int64_t s64;
typedef unsigned __int128 u128;
typedef __int128 s128;

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define __must_check	__attribute__((warn_unused_result))

/* The value of the low 32 bits as a MIPS64 register holds a word: sign-extended. */
static inline u64 word(u64 value)
{
	return (u64)(s64)(s32)(u32)value;
}

#endif
