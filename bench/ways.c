// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a request costs that may have to wait for a disk, in each of the ways in which a device could hand it to the Host: the thread that has it makes the
 * system call itself; the Wedge's own pool of threads (wedge/device/pool.c); io_uring, without a thread of the kernel's that polls. From the first of so
 * many requests at once until all are done, again and again; for a Host under -icount, where a nanosecond is an instruction.
 *
 *	ways FILE read|direct|sync [ROUNDS]
 *
 * `read`: 4 KB, as the page cache has it or has not; `direct`: past it; `sync`: fdatasync(). The table has a line for 1, 4, 16 and 32 at once.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "wedge/device/pool.h"

#define MOST	32
#define PIECE	4096u
#define THREADS	4

static int file;
static bool syncs;
static u64 pieces;
static u32 place = 1;

static struct request {
	struct job job;
	u8 *buffer;
	u64 offset;
} requests[MOST];

static void need(bool works, const char *what)
{
	if (works)
		return;
	fprintf(stderr, "ways: %s: %s\n", what, strerror(errno));
	exit(1);
}

static u64 now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

/* Anywhere, the same places in each way. */
static u64 next_offset(void)
{
	place = place * 1664525u + 1013904223u;
	return (place >> 8) % pieces * PIECE;
}

static void carry_out(struct request *r)
{
	if (syncs)
		need(!fdatasync(file), "fdatasync");
	else
		need(pread(file, r->buffer, PIECE, r->offset) == PIECE, "reading");
}

/* --- By itself --- */

static void by_itself(unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		carry_out(&requests[i]);
}

/* --- By the pool --- */

static struct pool pool;

static void run_job(struct job *job)
{
	carry_out((struct request *)job);
}

static void by_pool(unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		pool__submit(&pool, &requests[i].job);
	pool__drain(&pool);
}

/* --- By io_uring --- */

static struct ring {
	int fd;
	u32 *sq_tail, *sq_mask, *sq_array, *cq_head, *cq_tail, *cq_mask;
	struct io_uring_sqe *sqes;
	struct io_uring_cqe *cqes;
} ring;

static u8 *map_ring(u64 size, u64 offset)
{
	u8 *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring.fd, offset);

	need(at != MAP_FAILED, "mapping the ring");
	return at;
}

static bool open_ring(void)
{
	struct io_uring_params p = { .flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_COOP_TASKRUN };
	u8 *sq, *cq;

	ring.fd = syscall(__NR_io_uring_setup, MOST, &p);
	if (ring.fd < 0)
		return false;
	sq = map_ring(p.sq_off.array + p.sq_entries * sizeof(u32), IORING_OFF_SQ_RING);
	cq = map_ring(p.cq_off.cqes + p.cq_entries * sizeof(struct io_uring_cqe), IORING_OFF_CQ_RING);
	ring.sqes = (struct io_uring_sqe *)map_ring(p.sq_entries * sizeof(*ring.sqes), IORING_OFF_SQES);
	ring.sq_tail = (u32 *)(sq + p.sq_off.tail);
	ring.sq_mask = (u32 *)(sq + p.sq_off.ring_mask);
	ring.sq_array = (u32 *)(sq + p.sq_off.array);
	ring.cq_head = (u32 *)(cq + p.cq_off.head);
	ring.cq_tail = (u32 *)(cq + p.cq_off.tail);
	ring.cq_mask = (u32 *)(cq + p.cq_off.ring_mask);
	ring.cqes = (struct io_uring_cqe *)(cq + p.cq_off.cqes);
	return true;
}

static void by_ring(unsigned n)
{
	u32 tail = *ring.sq_tail, head = *ring.cq_head;
	unsigned done = 0;

	for (unsigned i = 0; i < n; i++, tail++) {
		const u32 slot = tail & *ring.sq_mask;

		ring.sqes[slot] = (struct io_uring_sqe){
			.opcode = syncs ? IORING_OP_FSYNC : IORING_OP_READ, .fd = file, .off = syncs ? 0 : requests[i].offset,
			.addr = syncs ? 0 : (u64)requests[i].buffer, .len = syncs ? 0 : PIECE, .fsync_flags = syncs ? IORING_FSYNC_DATASYNC : 0,
		};
		ring.sq_array[slot] = slot;
	}
	__atomic_store_n(ring.sq_tail, tail, __ATOMIC_RELEASE);
	need(syscall(__NR_io_uring_enter, ring.fd, n, n, IORING_ENTER_GETEVENTS, NULL, 0) == (long)n, "io_uring_enter");
	for (; head != __atomic_load_n(ring.cq_tail, __ATOMIC_ACQUIRE); head++, done++)
		need(ring.cqes[head & *ring.cq_mask].res == (syncs ? 0 : (int)PIECE), "a request of the ring");
	__atomic_store_n(ring.cq_head, head, __ATOMIC_RELEASE);
	need(done == n, "all requests of the ring");
}

/* --- Measuring --- */

/* The second of two: the first makes threads. */
static double measure(void (*way)(unsigned n), unsigned n, unsigned rounds)
{
	u64 took = 0;

	for (unsigned turn = 0; turn < 2; turn++) {
		u64 begin = now();

		place = 1;
		for (unsigned i = 0; i < rounds; i++) {
			for (unsigned k = 0; k < n; k++)
				requests[k].offset = next_offset();
			way(n);
		}
		took = now() - begin;
	}
	return (double)took / rounds / n;
}

static void open_file(const char *name, const char *how)
{
	const bool direct = !strcmp(how, "direct");
	off_t size;

	syncs = !strcmp(how, "sync");
	need(syncs || direct || !strcmp(how, "read"), "how: read, direct or sync");
	file = open(name, (syncs ? O_RDWR : O_RDONLY) | (direct ? O_DIRECT : 0));
	need(file >= 0, name);
	size = lseek(file, 0, SEEK_END);
	pieces = size / PIECE;
	need(pieces > 0, "a file of a few pages at least");
}

int main(int argc, char **argv)
{
	static const unsigned depths[] = { 1, 4, 16, MOST };
	unsigned rounds = argc > 3 ? atoi(argv[3]) : 200;
	bool has_ring;

	if (argc < 3 || !rounds) {
		fprintf(stderr, "ways: takes FILE read|direct|sync [ROUNDS]\n");
		return 2;
	}
	open_file(argv[1], argv[2]);
	for (unsigned i = 0; i < MOST; i++) {
		requests[i].job.run = run_job;
		requests[i].buffer = aligned_alloc(PIECE, PIECE);
		need(requests[i].buffer, "memory");
		memset(requests[i].buffer, 1, PIECE);
	}
	pool__open(&pool, THREADS);
	has_ring = open_ring();
	for (unsigned i = 0; i < sizeof(depths) / sizeof(*depths); i++) {
		printf("| %s, %u at once | %.0f | %.0f |", argv[2], depths[i], measure(by_itself, depths[i], rounds), measure(by_pool, depths[i], rounds));
		if (has_ring)
			printf(" %.0f |\n", measure(by_ring, depths[i], rounds));
		else
			printf(" no io_uring here |\n");
	}
	pool__close(&pool);
	return 0;
}
