/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The profile that `wedge --profile` writes and afterburn-report reads: text, one thing on each line.
 *
 *	afterburn-profile 1
 *	kernel HASH
 *	COUNT REASON ADDRESS
 *
 * HASH, 16 hexadecimal digits, is that of the bytes of the kernel's section .text, which stay the same when symbols
 * or debug information are stripped. REASON is the Host's signal,
 * ADDRESS that of the instruction as linked, or of the branch in whose delay slot it is. Addresses may come
 * twice. '#' begins a comment.
 */
#ifndef ABI_PROFILE_H
#define ABI_PROFILE_H

#include <stddef.h>
#include <stdint.h>

#define PROFILE_HEAD	"afterburn-profile 1"

/* FNV-1a, 64 bits. */
static inline uint64_t profile__hash(const void *bytes, size_t size)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	const uint8_t *p = bytes;

	while (size--)
		hash = (hash ^ *p++) * UINT64_C(0x100000001b3);
	return hash;
}

#endif
