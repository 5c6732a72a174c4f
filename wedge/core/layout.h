/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Where everything is in the Wedge's address space.
 *
 *	0x0000_6000		vCPU page, reached from $zero: CP0, and behind it scratch words and jumps (cp0.h); nothing below nor behind them,
 *				so that a NULL pointer of the guest with an offset of less than 24 KB is what it is on metal (16 KB
 *				on a Host with pages of 16 KB, whose page from 0x4000 on all of it lies in)
 *	0x0001_0000		guest user space has a part here, where 32-bit programs are linked to (o32 to 0x40_0000, n32 to 0x1000_0000);
 *				it begins at a multiple of the largest page, and ends at 0x3f00_0000, for the sake of strings there
 *	0x4000_0000		CKSEG0 window: the first 192 MB of RAM
 *	0x4c00_0000		window of modules
 *	0x4f00_0000		code cache; its last MB, of a kernel that is all blocks, says where jumps by a register have led to
 *	0x6000_0000		the rest of guest user space begins (as the guest's kernel sees it)
 *	0xdf_0000_0000		and ends; the 4 GB behind it are nobody's
 *	0xe0_0000_0000		physmap window: stands for XKPHYS
 *	0xe8_0000_0000		XKSEG window: vmalloc
 *	0xf0_0000_0000		room for the Wedge itself, at a place of its choice (wedge/host/place.h);
 *				above are the Host's mappings and stack
 *	0xf8_0000_0000		the virtual CPU but for the page at 0x6000: struct vcpu
 *
 * All of it fits into the 40 bits that a MIPS64 Linux Host gives to a process; one that gives more has more room above. `wedge --layout`
 * prints it, for the Host that it runs on. The CKSEG0 window has to be
 * aligned to 512 MB, because the kernel takes the low 29 bits of an address for its physical address.
 *
 * Guest programs get what is left, 890 of the 1024 GB. The physmap window has room for 16 GB of RAM, which the Board spreads
 * up to 0x4_2000_0000, and is aligned to its size, because Linux or-s physical addresses to its base. It lies below the
 * XKSEG window: __virt_addr_valid() takes what is between the two bases for RAM. The XKSEG window is twice as large as RAM
 * can be.
 *
 * Behind the guest's user space nothing is mapped, nor behind its low part: access_ok() lets a buffer reach up to GUEST_USER_LIMIT, because the
 * kernel checks the length that a program gives, as in read(0, buffer, INT_MAX), but touches what is there, in order. On
 * hardware that limit is far away.
 *
 * Modules and code cache are in the 256 MB region of the kernel, so that every `j` in kernel and modules reaches
 * the code cache. What they hide of the CKSEG0 window is still seen in the physmap window, which is where Linux
 * looks for all but its own image.
 */
#ifndef WEDGE_CORE_LAYOUT_H
#define WEDGE_CORE_LAYOUT_H

#define WINDOW_CKSEG0		0x40000000ull
#define WINDOW_CKSEG0_SIZE	(WINDOW_MODULES - WINDOW_CKSEG0)	/* of it, what shows RAM */
#define WINDOW_MODULES		0x4c000000ull	/* stands for CKSSEG */
#define WINDOW_MODULES_END	(WINDOW_CKSEG0 + CODE_CACHE_PA)
#define WINDOW_PHYSMAP		0xe000000000ull
#define WINDOW_PHYSMAP_SIZE	0x800000000ull
#define WINDOW_MAP		0xe800000000ull
#define WINDOW_MAP_END		0xf000000000ull
#define WINDOW_VMALLOC_END	(WINDOW_MAP_END - 0x10000)
#define WINDOW_HIGH		0x1000000000ull	/* likewise: the end of XKSEG, where Linux has what each CPU has of its own */
#define WINDOW_HIGH_SIZE	0xf80000000ull	/* 62 GB: behind it EntryHi has CKSSEG */
#define WINDOW_HIGH_OF		0xc00000f000000000ull
#define WINDOW_CKSSEG		0x80000000ull	/* of a kernel that was not moved: where CKSSEG is seen, as far from it as the window of CKSEG0 from that */
#define GUEST_LOW_BASE		0x10000ull
#define GUEST_LOW_END		0x3f000000ull
#define GUEST_LOW_LIMIT		WINDOW_CKSEG0
#define GUEST_USER_BASE		0x60000000ull
#define GUEST_TASK_SIZE		0xdf00000000ull
#define GUEST_USER_LIMIT	WINDOW_PHYSMAP

/* struct vcpu. A multiple of 4 GB: call_entry (host/mips64/entry.S) makes it in two instructions. */
#define VCPU_STATE		0xf800000000ull

/* The page of each process for user code in which that process's own program lies: nothing of the guest can be there. */
#define STUB_PAGE		0xf800000000ull

/* Top of the 256 MB region of the CKSEG0 window, so that every `j` of the kernel reaches it. */
#define CODE_CACHE_PA		0x0f000000ull
#define CODE_CACHE_SIZE		0x01000000ull
#define BLOCK_JUMPS		(WINDOW_CKSEG0 + CODE_CACHE_PA + 0x00f00000ull)	/* of 1 MB; a multiple of 64 KB, so that a lui finds it */

/* The same for struct windows. */
#define LAYOUT_WINDOWS { \
	.ckseg0 = WINDOW_CKSEG0, .ckseg0_size = WINDOW_CKSEG0_SIZE, .physmap = WINDOW_PHYSMAP, .physmap_size = WINDOW_PHYSMAP_SIZE, \
	.map = WINDOW_MAP, .map_end = WINDOW_MAP_END, \
	.modules = WINDOW_MODULES, .modules_end = WINDOW_MODULES_END, \
	.low = GUEST_LOW_BASE, .low_end = GUEST_LOW_END, .user = GUEST_USER_BASE, .user_end = GUEST_TASK_SIZE, \
}

/* Of a guest that was not moved, whose kernel is interpreted or runs as blocks: each segment stands for itself, and programs have all 40 bits. */
#define CANONICAL_WINDOWS { \
	.ckseg0 = 0xffffffff80000000ull, .ckseg0_size = 0x20000000ull, .physmap = 0x8000000000000000ull, \
	.physmap_size = 0x1000000000000ull, .user = 0x1000, .user_end = 0x10000000000ull, \
}

#endif
