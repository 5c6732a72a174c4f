/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the files of the benchmark program share. The program measures on whatever Linux it runs: on metal and
 * under the Wedge as the first program, in the Host as an ordinary one.
 */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <stdint.h>

/* Nanoseconds of CLOCK_MONOTONIC. Where QEMU runs with -icount shift=0 they are instructions of its machine. */
uint64_t now(void);

/* Ends the process with one line if what is measured does not work: a figure for a failed call is none. */
void need(int works, const char *what);

/*
 * Does the operation `n` times and returns the nanoseconds this took, the clock and the loop around it
 * included: the caller measures those with measure_nothing() and subtracts them. What has to be prepared is
 * prepared outside of that time.
 */
#define OPERATION(name, group, what) uint64_t measure_##name(unsigned long n);
#include "bench/operations.def"
#undef OPERATION
uint64_t measure_nothing(unsigned long n);

/* A row of bench/programs.def. */
struct program {
	const char *name, *before, *commands;
};
/* /proc and /tmp, for a first program, which has nothing but its initramfs. Of no effect where there are no such folders. */
void mount_for_programs(void);
/* Goes to a folder of the program in /tmp and does there what comes before. */
void prepare_program(const struct program *p);
/* Runs it once; returns the nanoseconds this took. */
uint64_t measure_program(const struct program *p);

/* Makes `n` processes that end at once, one after the other. */
void make_processes(unsigned long n);

/*
 * Between these words lies what is measured, for metal/count.c: the repetitions of an operation; all from the start
 * of the program to watch, where there is one, to the first line of the guest's first program. They do nothing
 * (sltiu $0, $0, n), and compilers never write them.
 */
#define MARK_OPERATION		0x2c00ab01
#define MARK_OPERATION_END	0x2c00ab02
#define MARK_START		0x2c00ab03
#define MARK_START_END		0x2c00ab04
#define MARK(word)		asm volatile(".word %0" : : "i"(word) : "memory")

/* The program's own file, which some operations stat and exec. */
extern const char *bench_file;
/* With this as its only argument the program ends at once. */
#define BENCH_EXIT "--exit"

#endif
