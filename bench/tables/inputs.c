// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the programs of bench/tables/programs.def are given, the same each time and everywhere, in a folder:
 *
 *	inputs FOLDER SECONDS WIDTH
 *
 * sound.wav, 16 bits at 8,000 Hz, SECONDS of it; sound.raw, its samples alone; picture.ppm, WIDTH times WIDTH points. All of it by
 * whole numbers: two tones that slide, whose loudness comes and goes; slopes with discs on them; a little noise over both.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define RATE	8000

static uint32_t state = 1;

/* 0 to 255. */
static int noise(void)
{
	state = state * 1103515245 + 12345;
	return state >> 16 & 0xff;
}

/* Nearly a sine: two parabolas a period of 65,536, -16,384 to 16,384. */
static int wave(uint32_t phase)
{
	int at = (phase & 0x7fff) - 0x4000, height = 0x4000 - at * at / 0x4000;

	return phase & 0x8000 ? -height : height;
}

static FILE *made(const char *folder, const char *name)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "wb");
	if (!f) {
		perror(path);
		exit(1);
	}
	return f;
}

static void done(FILE *f)
{
	if (ferror(f) || fclose(f)) {
		perror("inputs");
		exit(1);
	}
}

/* Little-endian, `bytes` of it. */
static void put(FILE *f, uint32_t value, int bytes)
{
	for (; bytes; bytes--, value >>= 8)
		fputc(value & 0xff, f);
}

static void put_head(FILE *f, uint32_t size)
{
	fputs("RIFF", f);
	put(f, 36 + size, 4);
	fputs("WAVEfmt ", f);
	put(f, 16, 4);
	put(f, 1, 2);			/* whole numbers */
	put(f, 1, 2);			/* one channel */
	put(f, RATE, 4);
	put(f, RATE * 2, 4);
	put(f, 2, 2);
	put(f, 16, 2);
	fputs("data", f);
	put(f, size, 4);
}

static void make_sound(const char *folder, uint32_t seconds)
{
	FILE *wav = made(folder, "sound.wav"), *raw = made(folder, "sound.raw");
	uint32_t low = 0, high = 0;

	put_head(wav, seconds * RATE * 2);
	for (uint32_t i = 0; i < seconds * RATE; i++) {
		int loud = 0x4000 + wave(i * 5), sample;

		low += 1600 + wave(i) / 32;
		high += 7000 + wave(3 * i) / 8;
		sample = (wave(low) / 2 + wave(high) / 3) * loud / 0x8000 + noise() - 128;
		put(wav, sample, 2);
		put(raw, sample, 2);
	}
	done(wav);
	done(raw);
}

static void make_picture(const char *folder, int width)
{
	FILE *f = made(folder, "picture.ppm");

	fprintf(f, "P6\n%d %d\n255\n", width, width);
	for (int y = 0; y < width; y++)
		for (int x = 0; x < width; x++) {
			int dx = x % 96 - 48, dy = y % 80 - 40, disc = dx * dx + dy * dy < 900 ? 70 : 0;

			fputc(x * 180 / width + disc + noise() / 64, f);
			fputc(y * 180 / width + disc / 2 + noise() / 64, f);
			fputc((x + y) * 90 / width + noise() / 32, f);
		}
	done(f);
}

int main(int argc, char **argv)
{
	int seconds = argc == 4 ? atoi(argv[2]) : 0, width = argc == 4 ? atoi(argv[3]) : 0;

	if (seconds < 1 || seconds > 3600 || width < 1 || width > 8192) {
		fprintf(stderr, "inputs: takes a folder, the seconds of a sound (1 to 3600), the width of a picture (1 to 8192)\n");
		return 2;
	}
	make_sound(argv[1], seconds);
	make_picture(argv[1], width);
	return 0;
}
