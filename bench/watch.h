/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Commands that are watched: how long a program of the Host takes to bring a guest to its first program; what a command costs.
 */
#ifndef BENCH_WATCH_H
#define BENCH_WATCH_H

/* The first line that the guest's first program writes begins with this. */
#define BENCH_MARK "bench: boot "

/*
 * Runs a command, passes its output on, and writes "bench: start NANOSECONDS" behind the mark: the time from
 * before the command was started. Returns the command's exit status, or 128 and its signal.
 */
int watch(char **command);

/* Runs a command between the marks of an operation (bench.h). Returns as watch() does. */
int between(char **command);

/* Runs a command, then writes "bench: used MICROSECONDS", which it and its children have had of a processor. Returns as watch() does. */
int used(char **command);

#endif
