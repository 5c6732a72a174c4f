// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The plot: a line for each row, a dot for each system, at its ratio to the first system on a logarithmic axis.
 * SVG by hand: the picture is text, lines and dots.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bench/results.h"

#define LEFT 290	/* of the axis; row names are to the left of it */
#define RIGHT 950
#define WIDTH 980
#define LINE 24
#define LEGEND 22

static const char *const colours[SYSTEMS_MAX] = {
	"#444444", "#999999", "#c0392b", "#e59866", "#1f618d", "#7fb3d5",
	"#7d3c98", "#117a65", "#b7950b", "#5d6d7e", "#d35400", "#2e4053",
};

struct axis {
	int from, to;		/* powers of ten */
};

static struct axis axis_for(const struct results *r)
{
	double lowest = 1, highest = 1;

	for (size_t i = 1; i < r->count; i++)
		for (enum row row = 0; row < ROWS; row++) {
			double ratio = results__ratio(r, i, row);

			lowest = ratio && ratio < lowest ? ratio : lowest;
			highest = ratio > highest ? ratio : highest;
		}
	return (struct axis){ floor(log10(lowest)), fmax(ceil(log10(highest)), 1) };
}

static double x_of(struct axis a, double ratio)
{
	return LEFT + (RIGHT - LEFT) * (log10(ratio) - a.from) / (a.to - a.from);
}

static void text(FILE *out, double x, double y, const char *more, const char *s)
{
	fprintf(out, "<text x=\"%.1f\" y=\"%.1f\" %s>", x, y, more);
	for (; *s; s++) {
		if (*s == '<' || *s == '&')
			fputs(*s == '<' ? "&lt;" : "&amp;", out);
		else
			fputc(*s, out);
	}
	fputs("</text>\n", out);
}

static double draw_legend(FILE *out, const struct results *r)
{
	double y = 52;

	for (size_t i = 0; i < r->count; i++, y += LEGEND) {
		char label[256];

		snprintf(label, sizeof(label), i ? "%s" : "%s: 1", r->systems[i].label);
		if (i)
			fprintf(out, "<circle cx=\"%d\" cy=\"%.1f\" r=\"6\" fill=\"%s\"/>\n", LEFT + 6, y - 4, colours[i]);
		else
			fprintf(out, "<path d=\"M%d %.1fv14\" stroke=\"%s\" stroke-width=\"2\"/>\n", LEFT + 6, y - 11, colours[i]);
		text(out, LEFT + 22, y, "", label);
	}
	return y;
}

static void draw_axis(FILE *out, struct axis a, double top, double bottom)
{
	for (int power = a.from; power <= a.to; power++) {
		double x = x_of(a, pow(10, power));
		char label[32];

		for (int k = 2; power < a.to && k < 10; k++) {
			double between = x_of(a, k * pow(10, power));

			fprintf(out, "<path d=\"M%.1f %.1fV%.1f\" stroke=\"#f2f2f2\"/>\n", between, top, bottom);
		}
		fprintf(out, "<path d=\"M%.1f %.1fV%.1f\" stroke=\"%s\"/>\n", x, top, bottom, power ? "#cccccc" : "#444444");
		snprintf(label, sizeof(label), "%g", pow(10, power));
		text(out, x, top - 6, "text-anchor=\"middle\"", label);
		text(out, x, bottom + 16, "text-anchor=\"middle\"", label);
	}
}

/* A row without anything to compare has no line. */
static bool has_dots(const struct results *r, enum row row)
{
	for (size_t i = 1; i < r->count; i++)
		if (results__ratio(r, i, row))
			return true;
	return false;
}

static void draw_row(FILE *out, const struct results *r, struct axis a, enum row row, double y)
{
	text(out, LEFT - 12, y + 4, "text-anchor=\"end\"", row_names[row].what);
	fprintf(out, "<path d=\"M%d %.1fH%d\" stroke=\"#dddddd\"/>\n", LEFT, y, RIGHT);
	for (size_t i = 1; i < r->count; i++) {
		double ratio = results__ratio(r, i, row);

		if (!ratio)
			continue;
		fprintf(out, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"6\" fill=\"%s\" fill-opacity=\"0.85\"><title>",
			x_of(a, ratio), y, colours[i]);
		fprintf(out, "%.3g</title></circle>\n", ratio);
	}
}

static double height_of(const struct results *r)
{
	double height = 52 + r->count * LEGEND + 100;

	for (enum row row = 0; row < ROWS; row++)
		height += (has_dots(r, row) ? LINE : 0) + (row && row_names[row].group != row_names[row - 1].group ? 10 : 0);
	return height;
}

static void draw(FILE *out, const struct results *r, const char *note)
{
	struct axis a = axis_for(r);
	double height = height_of(r), top, y;
	char title[256];

	fprintf(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %.0f\" "
		"font-family=\"sans-serif\" font-size=\"13\">\n<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n",
		WIDTH, height);
	snprintf(title, sizeof(title), "Instructions, as a multiple of those on %s", r->systems[0].label);
	text(out, LEFT, 26, "font-size=\"16\" font-weight=\"bold\"", title);
	top = draw_legend(out, r) + 20;
	draw_axis(out, a, top, height - 62);
	y = top + LINE / 2.0 + 4;
	for (enum row row = 0; row < ROWS; row++) {
		if (row && row_names[row].group != row_names[row - 1].group)
			y += 10;
		if (!has_dots(r, row))
			continue;
		draw_row(out, r, a, row, y);
		y += LINE;
	}
	text(out, 12, height - 14, "font-size=\"11\" fill=\"#666666\"", note);
	fprintf(out, "</svg>\n");
}

int plot(const struct results *r, const char *note, const char *file)
{
	FILE *out = fopen(file, "w");

	if (out)
		draw(out, r, note);
	if (!out || fclose(out)) {
		fprintf(stderr, "report: %s: %s\n", file, strerror(errno));
		return -1;
	}
	return 0;
}
