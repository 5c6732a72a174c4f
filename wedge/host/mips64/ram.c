/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The guest's RAM: one memfd, allocated at the start.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "wedge/host/mips64/host.h"
#include "wedge/host/mips64/settle.h"

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ	22
#endif
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE		25
#endif

static int make_memfd(const char *name, u64 size, struct complaint *c)
{
	int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0)
		return complain(c, "memfd_create for %s: %s", name, strerror(errno));
	if (ftruncate(fd, size)) {
		close(fd);
		return complain(c, "%llu bytes for %s: %s", (unsigned long long)size, name, strerror(errno));
	}
	/* A guest's kernel that has the descriptor must not take away what the monitor reads and writes. */
	if (fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)) {
		close(fd);
		return complain(c, "sealing the size of %s: %s", name, strerror(errno));
	}
	return fd;
}

/* Two mappings of one page at addresses of different cache colour: refused by a Host with D-cache aliases. */
static int check_aliases(int fd, struct complaint *c)
{
	u8 *area = mmap(NULL, 16 * HOST_PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (area == MAP_FAILED)
		return complain(c, "reserving memory: %s", strerror(errno));
	for (unsigned i = 0; i < 16; i++)
		if (mmap(area + i * HOST_PAGE, HOST_PAGE, PROT_READ, MAP_SHARED | MAP_FIXED, fd, 0) == MAP_FAILED)
			return complain(c, "this host cannot map a page at two addresses (%s): its D-cache has aliases; "
					"a CPU without them is needed (Octeon, 5KEf)", strerror(errno));
	munmap(area, 16 * HOST_PAGE);
	return 0;
}

/* In bytes; 0: not known. */
static u64 available_memory(void)
{
	char line[128];
	unsigned long long available = 0;
	FILE *f = fopen("/proc/meminfo", "r");

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "MemAvailable: %llu", &available) == 1)
			break;
	if (f)
		fclose(f);
	return available * 1024;
}

static int refuse_memory(u64 ram_size, u64 available, struct complaint *c)
{
	return complain(c, "the guest's %llu MB of RAM are more than the %llu MB this host has left; try --memory=%lluM",
			(unsigned long long)ram_size >> 20, (unsigned long long)available >> 20,
			(unsigned long long)available >> 21);
}

static int check_memory(u64 ram_size, struct complaint *c)
{
	u64 available = available_memory();

	return available && available < ram_size ? refuse_memory(ram_size, available, c) : 0;
}

bool ram__collapse(u8 *at, u64 size)
{
	return !madvise(at, HOST_PAGE, MADV_POPULATE_READ) && !madvise(at, size, MADV_COLLAPSE);
}

static int allocate(struct host *h, u64 offset, u64 size)
{
	int failed;

	do
		failed = fallocate(h->ram_fd, 0, offset, size);
	while (failed && errno == EINTR);
	return failed;
}

/* The Host's kernel makes a large page of small ones, of which there must be one. False: it has none, or never does. */
static bool allocate_large(struct host *h, u64 offset)
{
	return offset + LARGE_PAGE <= h->ram_size && !allocate(h, offset, HOST_PAGE) && ram__collapse(h->ram + offset, LARGE_PAGE);
}

/*
 * All of the guest's RAM is allocated now: a page that is not there when it is touched would end in SIGBUS an hour later,
 * or in somebody else's death, for what is left is promised to every other VM as well. In pieces, asking in between, so
 * that two that start at once do not bring out the OOM killer.
 *
 * In large pages where the Host has them: half the cost, and no page of it faults later; and the guest's kernel, which has no use for a TLB on hardware,
 * needs few entries of the Host's.
 */
#define RESERVE_PIECE	(32ull << 20)
#define SPARE		(16ull << 20)
#define REFUSALS	4	/* then memory is in too small pieces, and to look for more only costs */

static int reserve_ram(struct host *h, struct complaint *c)
{
	const u64 size = h->ram_size;
	unsigned refused = 0;

	for (u64 done = 0; done < size; done += RESERVE_PIECE) {
		u64 piece = size - done < RESERVE_PIECE ? size - done : RESERVE_PIECE, available = available_memory();

		if (available && available < size - done)
			return refuse_memory(size, available + done, c);
		for (u64 at = done; at < done + piece && refused < REFUSALS; at += LARGE_PAGE)
			refused += !allocate_large(h, at);
		if (allocate(h, done, piece))
			return complain(c, "the guest's %llu MB of RAM: %s", (unsigned long long)size >> 20, strerror(errno));
	}
	return 0;
}

/* At a multiple of a large page's size, as the windows are: else there would be none in this mapping. */
static u8 *map_ram_somewhere(int fd, u64 size)
{
	u8 *room = mmap(NULL, size + LARGE_PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0), *at;

	if (room == MAP_FAILED)
		return MAP_FAILED;
	at = (u8 *)(((u64)room + LARGE_PAGE - 1) & ~(LARGE_PAGE - 1));
	if (at > room)
		munmap(room, at - room);
	if (room + LARGE_PAGE > at)
		munmap(at + size, room + LARGE_PAGE - at);
	return mmap(at, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0);
}

int ram__open(struct host *h, struct complaint *c)
{
	if (check_memory(h->ram_size, c))
		return -1;
	h->ram_fd = make_memfd("guest-ram", h->ram_size, c);
	if (h->ram_fd < 0 || check_aliases(h->ram_fd, c))
		return -1;
	h->ram = map_ram_somewhere(h->ram_fd, h->ram_size);
	if (h->ram == MAP_FAILED)
		return complain(c, "mapping guest RAM of %llu MB: %s", (unsigned long long)h->ram_size >> 20, strerror(errno));
	return settle__check_mapping(h->ram, "guest RAM", c) || reserve_ram(h, c) ? -1 : 0;
}

/* All mappings of the file see it. */
int host__give_back_ram(struct host *h, u64 offset, u64 size)
{
	return fallocate(h->ram_fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, size) ? errno : 0;
}

int host__reserve_ram(struct host *h, u64 offset, u64 size)
{
	struct sysinfo now;
	u64 available;

	/* A short look first: the long one costs more than the pages, which come one by one. */
	if (sysinfo(&now) || (u64)now.freeram * now.mem_unit < size + SPARE) {
		available = available_memory();
		if (available && available < size)
			return ENOMEM;
	}
	return fallocate(h->ram_fd, 0, offset, size) ? errno : 0;
}
