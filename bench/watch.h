/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Commands that are watched: how long a program of the Host takes to bring a guest to its first program; what a command costs.
 */
#ifndef BENCH_WATCH_H
#define BENCH_WATCH_H

/* The first line that the guest's first program writes begins with this. */
#define BENCH_MARK "bench: boot "

/*
 * Reads this machine's clocks and writes a short line, CLOCKS times, a hundredth of a second apart; then "bench: clock REALTIME MONOTONIC", in seconds, for each of them.
 */
int clocks(void);
#define CLOCKS		20
#define CLOCK_LINE	"@\n"

/*
 * Runs a command, passes its output on, and writes "bench: start NANOSECONDS" behind the mark: the time from
 * before the command was started; and before each short line of clocks() "bench: came REALTIME MONOTONIC", this machine's when it was there. Returns the
 * command's exit status, or 128 and its signal.
 */
int watch(char **command);

/* Runs a command between the marks of an operation (bench.h). Returns as watch() does. */
int between(char **command);

/* Runs a command, then writes "bench: used MICROSECONDS", which it and its children have had of a processor. Returns as watch() does. */
int used(char **command);

/*
 * Runs a command, then writes "bench: times NAME REAL USER SYSTEM" in microseconds: by the clock, and what it and its children have had of a processor, in user
 * code and in the kernel. Returns as watch() does.
 */
int times(const char *name, char **command);

#endif
