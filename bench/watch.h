/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * How long a program of the Host takes to bring a guest to its first program.
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

#endif
