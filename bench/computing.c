// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Computation: nothing here calls the kernel. Each result is checked, so that nobody measures a wrong one.
 */
#include <complex.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/bench.h"

/* 250 turns of four instructions: what the clock says of these says whether it counts instructions. */
static __attribute__((noipa)) unsigned long count_to_500(void)
{
	unsigned long turns = 250, sum = 0;

	asm volatile(".set push\n\t.set noreorder\n"
		     "1:\tdaddiu %0, %0, -1\n\tdaddiu %1, %1, 1\n\tbnez %0, 1b\n\tdaddiu %1, %1, 1\n\t.set pop"
		     : "+r"(turns), "+r"(sum));
	return sum;
}

uint64_t measure_count(unsigned long n)
{
	uint64_t start;

	need(count_to_500() == 500, "counting");
	start = now();
	for (unsigned long i = 0; i < n; i++)
		count_to_500();
	return now() - start;
}

static unsigned char text[1024];
static uint32_t crc_table[256];

static void crc_prepare(void)
{
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t c = i;

		for (int k = 0; k < 8; k++)
			c = c & 1 ? 0xedb88320 ^ c >> 1 : c >> 1;
		crc_table[i] = c;
	}
	for (unsigned i = 0; i < sizeof(text); i++)
		text[i] = i * 7 + (i >> 8);
}

static __attribute__((noipa)) uint32_t crc32(const unsigned char *bytes, size_t size)
{
	uint32_t c = ~0u;

	while (size--)
		c = crc_table[(c ^ *bytes++) & 0xff] ^ c >> 8;
	return ~c;
}

uint64_t measure_crc(unsigned long n)
{
	uint64_t start;

	crc_prepare();
	need(crc32((const unsigned char *)"123456789", 9) == 0xcbf43926, "a CRC that is known");
	start = now();
	for (unsigned long i = 0; i < n; i++)
		crc32(text, sizeof(text));
	return now() - start;
}

/* IMA's ADPCM: 16-bit samples to 4 bits and back. Integers, tables, branches that depend on data. */
#define SAMPLES 1000
#define STEPS 89
static short samples[SAMPLES], decoded[SAMPLES];
static unsigned char codes[SAMPLES];
static int steps[STEPS];

struct adpcm {
	int value, index;
};

/* Decodes one code, which the coder does as well: it must know what the decoder will have. */
static inline int adpcm_decode(struct adpcm *s, unsigned code)
{
	static const signed char change[8] = { -1, -1, -1, -1, 2, 4, 6, 8 };
	int step = steps[s->index], difference = step >> 3;

	if (code & 4)
		difference += step;
	if (code & 2)
		difference += step >> 1;
	if (code & 1)
		difference += step >> 2;
	s->value += code & 8 ? -difference : difference;
	s->value = s->value > 32767 ? 32767 : s->value < -32768 ? -32768 : s->value;
	s->index += change[code & 7];
	s->index = s->index < 0 ? 0 : s->index >= STEPS ? STEPS - 1 : s->index;
	return s->value;
}

static inline unsigned adpcm_encode(struct adpcm *s, int sample)
{
	int step = steps[s->index], difference = sample - s->value;
	unsigned code = 0;

	if (difference < 0) {
		code = 8;
		difference = -difference;
	}
	for (unsigned bit = 4; bit; bit >>= 1, step >>= 1)
		if (difference >= step) {
			code |= bit;
			difference -= step;
		}
	adpcm_decode(s, code);
	return code;
}

static __attribute__((noipa)) void adpcm_both_ways(void)
{
	struct adpcm coder = { 0 }, decoder = { 0 };

	for (int i = 0; i < SAMPLES; i++)
		codes[i] = adpcm_encode(&coder, samples[i]);
	for (int i = 0; i < SAMPLES; i++)
		decoded[i] = adpcm_decode(&decoder, codes[i]);
}

static void adpcm_prepare(void)
{
	/* 7, and each 11/10 of the one before, as IMA's table is; a triangle with some noise to code. */
	for (int i = 0, step = 7; i < STEPS; i++, step += (step + 5) / 10)
		steps[i] = step;
	for (int i = 0; i < SAMPLES; i++)
		samples[i] = (i % 100 < 50 ? i % 50 : 50 - i % 50) * 300 + i * 7919 % 257;
}

uint64_t measure_adpcm(unsigned long n)
{
	uint64_t start;
	int worst = 0;

	adpcm_prepare();
	adpcm_both_ways();
	for (int i = SAMPLES / 10; i < SAMPLES; i++)
		worst = abs(samples[i] - decoded[i]) > worst ? abs(samples[i] - decoded[i]) : worst;
	need(worst < 6000, "samples that come back nearly as they were");
	start = now();
	for (unsigned long i = 0; i < n; i++)
		adpcm_both_ways();
	return now() - start;
}

#define COPY (64 * 1024)

uint64_t measure_memcpy(unsigned long n)
{
	char *from = malloc(COPY), *to = malloc(COPY);
	uint64_t start, end;

	need(from && to, "128 KB of memory");
	memset(from, 5, COPY);
	memset(to, 0, COPY);
	start = now();
	for (unsigned long i = 0; i < n; i++) {
		memcpy(to, from, COPY);
		asm volatile("" : : "r"(to) : "memory");
	}
	end = now();
	need(!memcmp(to, from, COPY), "a copy that is equal");
	free(from);
	free(to);
	return end - start;
}

#define POINTS 1024
static double complex signal[POINTS], spectrum[POINTS], roots[POINTS / 2];

/* Radix 2, decimation in time; the order is reversed on the way from one array to the other. */
static __attribute__((noipa)) void fft(void)
{
	for (unsigned i = 0, j = 0; i < POINTS; i++) {
		unsigned bit = POINTS >> 1;

		spectrum[j] = signal[i];
		for (; j & bit; bit >>= 1)
			j ^= bit;
		j ^= bit;
	}
	for (unsigned half = 1; half < POINTS; half *= 2)
		for (unsigned i = 0; i < POINTS; i += 2 * half)
			for (unsigned k = 0; k < half; k++) {
				double complex *even = &spectrum[i + k];
				double complex odd = even[half] * roots[k * (POINTS / 2 / half)];

				even[half] = *even - odd;
				*even += odd;
			}
}

uint64_t measure_fft(unsigned long n)
{
	const double pi = 3.14159265358979323846;
	uint64_t start, end;

	for (unsigned i = 0; i < POINTS / 2; i++)
		roots[i] = cexp(-2 * pi * I * i / POINTS);
	for (unsigned i = 0; i < POINTS; i++)
		signal[i] = 2 * cos(2 * pi * 5 * i / POINTS);
	fft();
	/* A cosine of five turns is two peaks. */
	need(fabs(creal(spectrum[5]) - POINTS) < 1e-6 && cabs(spectrum[6]) < 1e-6, "the spectrum of a cosine");
	start = now();
	for (unsigned long i = 0; i < n; i++)
		fft();
	end = now();
	return end - start;
}
