/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * How the Wedge gets to its place.
 *
 * It is linked as a program that may lie anywhere. Linux would load it among the mappings of the Host's, near the top. But the place shall
 * be ours to choose: random, or as told. So before there is a C library, the program
 *
 *	relocates itself where it is		start__relocate(), which may not use an address before it has
 *	looks how far addresses go,
 *	chooses a place (wedge/host/place.h),
 *	maps its file there, and copies its data	start__move()
 *	goes there, and unmaps where it was	start__arrive()
 *
 * All processes of a virtual machine come by fork() from this one, so their Wedge is at the same place.
 *
 * glibc for MIPS has no static PIE of its own: crt1.o begins a program at fixed addresses. So it is told that this is one, by program
 * headers with the addresses that the segments now have. The only relocation that the linker leaves is "add where the image lies"
 * (tests/boot/place looks at the file), since nothing is imported.
 *
 * Errors of the Host leave the program where it is: main() says so if that is no place for it.
 */
#define _GNU_SOURCE
#include "wedge/host/mips64/start.h"

#include <asm/unistd.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/cachectl.h>
#include <sys/mman.h>
#include <sys/personality.h>

#include "lib/unaligned.h"
#include "wedge/host/host.h"

#define TRIES		16		/* at random places, until one is free */

struct start the_start;

/* The Host's answer, or a negative errno. */
static long call(long number, u64 a, u64 b, u64 c, u64 d, u64 e, u64 f)
{
	register long v0 __asm__("$2") = number;
	register u64 a0 __asm__("$4") = a, a1 __asm__("$5") = b, a2 __asm__("$6") = c, a3 __asm__("$7") = d, a4 __asm__("$8") = e,
		     a5 __asm__("$9") = f;

	__asm__ volatile("syscall" : "+r"(v0), "+r"(a3) : "r"(a0), "r"(a1), "r"(a2), "r"(a4), "r"(a5) :
			 "$1", "$3", "$10", "$11", "$12", "$13", "$14", "$15", "$24", "$25", "hi", "lo", "memory");
	return a3 ? -v0 : v0;
}

static long map(u64 at, u64 size, int prot, int flags, int fd, u64 offset)
{
	return call(__NR_mmap, at, size, prot, flags, fd, offset);
}

static u64 page_of(u64 address)
{
	return address & ~(HOST_PAGE - 1);
}

static u64 page_end(u64 address)
{
	return page_of(address + HOST_PAGE - 1);
}

/* --- Relocation --- */

/*
 * No address of our own before the end of this, so neither a call nor a table nor a string (wedge/rules.mk). In the global offset
 * table there are entries for what is local, all but the first two, and for symbols that are defined, or weak and not there.
 */
static inline __attribute__((always_inline)) void add(u64 image, u64 delta, const u64 *dynamic)
{
	u64 *got = NULL, local = 0, symbols = 0, first = 0, size = 0;
	const Elf64_Rel *rel = NULL;

	for (; *dynamic != DT_NULL; dynamic += 2) {
		if (*dynamic == DT_PLTGOT)
			got = (u64 *)(image + dynamic[1]);
		if (*dynamic == DT_MIPS_LOCAL_GOTNO)
			local = dynamic[1];
		if (*dynamic == DT_MIPS_SYMTABNO)
			symbols = dynamic[1];
		if (*dynamic == DT_MIPS_GOTSYM)
			first = dynamic[1];
		if (*dynamic == DT_REL)
			rel = (const Elf64_Rel *)(image + dynamic[1]);
		if (*dynamic == DT_RELSZ)
			size = dynamic[1];
	}
	for (u64 i = 2; i < local + symbols - first; i++)
		if (i < local || got[i])
			got[i] += delta;
	/* The first one is empty. */
	for (u64 i = 1; i < size / sizeof(*rel); i++)
		*(u64 *)(image + rel[i].r_offset) += delta;
}

void start__relocate(u64 image, const u64 *dynamic)
{
	add(image, image, dynamic);
}

/* --- What the Host's kernel has left on the stack --- */

static char **environment(u64 *stack)
{
	return (char **)stack + 1 + stack[0] + 1;
}

static u64 *auxiliary(u64 *stack, u64 type)
{
	char **e = environment(stack);
	u64 *a;

	while (*e)
		e++;
	for (a = (u64 *)(e + 1); a[0] != AT_NULL && a[0] != type; a += 2)
		;
	return a + 1;
}

/* 0: it says nothing that could be an address. */
static u64 wanted(u64 *stack)
{
	static const char name[] = START_AT "=";
	u64 at = 0;

	for (char **e = environment(stack); *e; e++) {
		if (strncmp(*e, name, sizeof(name) - 1))
			continue;
		for (const char *p = *e + sizeof(name) - 1; *p; p++)
			at = at << 4 | ((*p & 0xf) + (*p > '9' ? 9 : 0));
	}
	return at;
}

/* --- Where to --- */

/* By trying to map the page before it. */
static u64 addresses_end(void)
{
	for (unsigned bits = PLACE_BITS_MOST; 1ull << bits > PLACE_END_LEAST; bits--) {
		u64 last = (1ull << bits) - HOST_PAGE;
		long result = map(last, HOST_PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

		if (result >= 0)
			call(__NR_munmap, result, HOST_PAGE, 0, 0, 0, 0);
		if ((u64)result == last || result == -EEXIST)
			return 1ull << bits;
	}
	return PLACE_END_LEAST;
}

/* Whoever turned random addresses off wants runs that are equal. */
static bool is_random(void)
{
	char text = '1';
	long fd;

	if (call(__NR_personality, 0xffffffff, 0, 0, 0, 0, 0) & ADDR_NO_RANDOMIZE)
		return false;
	fd = call(__NR_open, (u64)"/proc/sys/kernel/randomize_va_space", O_RDONLY | O_CLOEXEC, 0, 0, 0, 0);
	if (fd >= 0) {
		call(__NR_read, fd, (u64)&text, 1, 0, 0, 0);
		call(__NR_close, fd, 0, 0, 0, 0, 0);
	}
	return text != '0';
}

/*
 * From the 16 bytes that the Host's kernel has drawn for us, even before it has much of its own. glibc makes its secrets of them: so they
 * are mixed, and a place tells nothing of those.
 */
static u64 draw(u64 *stack, unsigned which)
{
	const u8 *drawn = (const u8 *)*auxiliary(stack, AT_RANDOM);
	u64 number = (unaligned__get64(drawn) ^ unaligned__get64(drawn + 8)) + (which + 1) * 0x9e3779b97f4a7c15ull;

	number = (number ^ number >> 30) * 0xbf58476d1ce4e5b9ull;
	number = (number ^ number >> 27) * 0x94d049bb133111ebull;
	return number ^ number >> 31;
}

/* Reserves it; 0: nothing is free there. */
static u64 take(u64 at, u64 size)
{
	long result = map(at, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);

	if ((u64)result == at)
		return at;
	if (result >= 0)
		call(__NR_munmap, result, size, 0, 0, 0, 0);
	return 0;
}

static u64 choose(u64 *stack, u64 size, u64 end)
{
	u64 at = wanted(stack), found = 0;

	if (at)
		return place__fits(at, size, end) ? take(at, size) : 0;
	if (!is_random())
		return take(place__choose(0, size, end), size);
	for (unsigned i = 0; !found && i < TRIES; i++)
		found = take(place__choose(draw(stack, i), size, end), size);
	return found;
}

/* --- The way there --- */

static u64 image_size(const Elf64_Phdr *p, unsigned count)
{
	u64 size = 0;

	for (unsigned i = 0; i < count; i++)
		if (p[i].p_type == PT_LOAD)
			size = page_end(p[i].p_vaddr + p[i].p_memsz);
	return size;
}

/* From the file, so that all Wedges of a Host have one text; by copying it if that cannot be had, or is another. */
static bool bring_text(u64 from, u64 to, const Elf64_Phdr *p, int fd)
{
	u64 start = page_of(p->p_vaddr), size = page_end(p->p_vaddr + p->p_memsz) - start;
	long result = -1;

	if (fd >= 0)
		result = map(to + start, size, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED, fd, page_of(p->p_offset));
	if (result >= 0 && !memcmp((void *)(to + start), (void *)(from + start), HOST_PAGE))
		return true;
	if (map(to + start, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) < 0)
		return false;
	memcpy((void *)(to + start), (void *)(from + start), size);
	call(__NR_cacheflush, to + start, size, BCACHE, 0, 0, 0);
	return call(__NR_mprotect, to + start, size, PROT_READ | PROT_EXEC, 0, 0, 0) == 0;
}

static bool bring_data(u64 from, u64 to, const Elf64_Phdr *p)
{
	u64 start = page_of(p->p_vaddr), size = page_end(p->p_vaddr + p->p_memsz) - start;

	if (map(to + start, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) < 0)
		return false;
	memcpy((void *)(to + p->p_vaddr), (void *)(from + p->p_vaddr), p->p_filesz);
	return true;
}

static bool bring(u64 from, u64 to, const Elf64_Phdr *p, unsigned count)
{
	int fd = call(__NR_open, (u64)"/proc/self/exe", O_RDONLY | O_CLOEXEC, 0, 0, 0, 0);
	const Elf64_Phdr *dynamic = NULL;
	bool done = true;

	for (unsigned i = 0; done && i < count; i++) {
		if (p[i].p_type == PT_LOAD)
			done = p[i].p_flags & PF_W ? bring_data(from, to, &p[i]) : bring_text(from, to, &p[i], fd);
		if (p[i].p_type == PT_DYNAMIC)
			dynamic = &p[i];
	}
	if (fd >= 0)
		call(__NR_close, fd, 0, 0, 0, 0, 0);
	if (done)
		add(to, to - from, (const u64 *)(to + dynamic->p_vaddr));
	return done;
}

u64 start__move(u64 image, u64 *stack)
{
	const Elf64_Phdr *p = (const Elf64_Phdr *)*auxiliary(stack, AT_PHDR);
	unsigned count = *auxiliary(stack, AT_PHNUM);
	u64 size, to;

	host__page_bits = __builtin_ctzll(*auxiliary(stack, AT_PAGESZ));	/* in data, which we take with us */
	size = image_size(p, count);
	to = choose(stack, size, addresses_end());
	if (!to || bring(image, to, p, count))
		return to ? to : image;
	call(__NR_munmap, to, size, 0, 0, 0, 0);
	return image;
}

/*
 * What is between segments stays reserved, or is the Host's. The C library finds the headers by their place in the file, so that is where
 * they have to change.
 */
void start__arrive(u64 image, u64 *stack, u64 from)
{
	u64 *headers = auxiliary(stack, AT_PHDR), count = *auxiliary(stack, AT_PHNUM);
	Elf64_Phdr *p = (Elf64_Phdr *)(*headers += image - from);

	*auxiliary(stack, AT_ENTRY) += image - from;
	the_start = (struct start){ image, image_size(p, count), addresses_end() };
	call(__NR_mprotect, image, HOST_PAGE, PROT_READ | PROT_WRITE, 0, 0, 0);
	for (unsigned i = 0; i < count; i++) {
		u64 start = page_of(p[i].p_vaddr);

		if (p[i].p_type == PT_LOAD && image != from)
			call(__NR_munmap, from + start, page_end(p[i].p_vaddr + p[i].p_memsz) - start, 0, 0, 0, 0);
		p[i].p_vaddr += image;
	}
	call(__NR_mprotect, image, HOST_PAGE, PROT_READ | PROT_EXEC, 0, 0, 0);
}
