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

/* Makes `n` processes that end at once, one after the other. */
void make_processes(unsigned long n);

/* The program's own file, which some operations stat and exec. */
extern const char *bench_file;
/* With this as its only argument the program ends at once. */
#define BENCH_EXIT "--exit"

#endif
