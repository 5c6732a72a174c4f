/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Numbers in memory, at any address and in this machine's byte order. Of a memcpy() of four bytes GCC for MIPS
 * makes four loads and four stores on the stack; of these one lwl and one lwr.
 */
#ifndef LIB_UNALIGNED_H
#define LIB_UNALIGNED_H

#include <stdint.h>

#define UNALIGNED(BITS) \
struct unaligned_##BITS { uint##BITS##_t value; } __attribute__((packed, may_alias)); \
static inline uint##BITS##_t unaligned__get##BITS(const void *p) \
{ \
	return ((const struct unaligned_##BITS *)p)->value; \
} \
static inline void unaligned__put##BITS(void *p, uint##BITS##_t value) \
{ \
	((struct unaligned_##BITS *)p)->value = value; \
}
UNALIGNED(16)
UNALIGNED(32)
UNALIGNED(64)
#undef UNALIGNED

#endif
