/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the benchmark program wrote on one or several systems, as figures by system and row.
 */
#ifndef BENCH_RESULTS_H
#define BENCH_RESULTS_H

#include <stdbool.h>
#include <stddef.h>

enum row {
	ROW_BOOT,
	ROW_START,
#define OPERATION(name, group, what) ROW_##name,
#include "bench/operations.def"
#undef OPERATION
#define PROGRAM(name, what, before, commands) ROW_##name,
#include "bench/programs.def"
#undef PROGRAM
	ROWS
};

enum group { STARTING, KERNEL, DISK, COMPUTING, PROGRAMS, GROUPS };

extern const struct row_name {
	const char *name;	/* in result lines and JSON */
	enum group group;
	const char *what;	/* for people */
} row_names[ROWS];

/* All in nanoseconds for one operation, which are instructions on an emulator that counts them. */
struct figure {
	unsigned runs;		/* 0: not measured */
	double value;		/* median of a run; the mean of these over the runs */
	double lowest, highest;	/* of all repetitions of all runs */
	double least, most;	/* medians of runs */
};

struct system {
	const char *name, *label;
	char kernel[64];
	struct figure figures[ROWS];
};

#define SYSTEMS_MAX 12

struct results {
	struct system systems[SYSTEMS_MAX];
	size_t count;		/* systems[0] is what the others are compared with */
};

/*
 * Adds one run: the file of a console, for the system NAME. Several runs of one system become one. Returns -1
 * after one line on stderr if the file cannot be read, has a result line that is none, or not the last one.
 */
int results__add(struct results *r, const char *name, const char *label, const char *file);

/* How many times the first system's figure this one is; 0 if either was not measured. */
double results__ratio(const struct results *r, size_t system, enum row row);

/* By what part of it a median of one run is above that of another, at most. */
double figure__difference(const struct figure *f);
/* By what part of it the highest repetition is above the lowest. */
double figure__spread(const struct figure *f);

/* A figure of three digits or more with commas between thousands; smaller ones with a digit behind the point. */
const char *with_commas(double value, char text[40]);

/* Writes what a person looks at: rows by system, on a logarithmic axis, as SVG. NOTE is a line below. */
int plot(const struct results *r, const char *note, const char *file);

#endif
