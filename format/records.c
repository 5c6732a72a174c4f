/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Reading and writing the records of an .afterburn section: see records.h.
 *
 * Fields are taken byte by byte at the offsets that the compiler gives struct afterburn_record, so that
 * neither the byte order nor the alignment of the input matters.
 */
#include <stdlib.h>
#include <string.h>

#include "format/records.h"

static uint64_t load(const uint8_t *p, unsigned int bytes, bool big_endian)
{
	uint64_t value = 0;

	for (unsigned int i = 0; i < bytes; i++)
		value |= (uint64_t)p[i] << 8 * (big_endian ? bytes - 1 - i : i);
	return value;
}

static void store(uint8_t *p, uint64_t value, unsigned int bytes, bool big_endian)
{
	for (unsigned int i = 0; i < bytes; i++)
		p[i] = value >> 8 * (big_endian ? bytes - 1 - i : i);
}

/* One list of the fields of each form, for both directions. */
#define HEADER_FIELDS(F) F(version) F(kind) F(size) F(flags) F(address)
#define SITE_FIELDS(F) \
	F(site.word) F(site.dead) F(site.insn) F(site.words) F(site.rt) F(site.rd) F(site.sel) \
	F(site.base) F(site.op) F(site.offset) F(site.width) F(site.reserved)
#define REGION_FIELDS(F) \
	F(region.end) F(region.word) F(region.reserved[0]) F(region.reserved[1]) F(region.reserved[2])

#define AT(field) offsetof(struct afterburn_record, field)
#define BYTES(field) sizeof(((struct afterburn_record *)0)->field)

static void read_one(const uint8_t *p, bool big_endian, struct afterburn_record *r)
{
#define READ(field) r->field = load(p + AT(field), BYTES(field), big_endian);
	HEADER_FIELDS(READ)
	if (record__is_site(r)) {
		SITE_FIELDS(READ)
	} else {
		REGION_FIELDS(READ)
	}
#undef READ
}

void records__write(uint8_t *p, const struct afterburn_record *r, bool big_endian)
{
	memset(p, 0, RECORD_SIZE);
#define WRITE(field) store(p + AT(field), r->field, BYTES(field), big_endian);
	HEADER_FIELDS(WRITE)
	if (record__is_site(r)) {
		SITE_FIELDS(WRITE)
	} else {
		REGION_FIELDS(WRITE)
	}
#undef WRITE
}

static bool kind_known(unsigned int kind)
{
	return kind >= AFTERBURN_KIND_SITE && kind <= AFTERBURN_KIND_CODE;
}

/* What the header of record n promises must fit what is left of the section. */
static int check_header(const struct afterburn_record *r, size_t n, size_t at, size_t left, struct complaint *c)
{
	if (r->version != AFTERBURN_VERSION)
		return complain(c, "record %zu at offset %#zx: version %u, this program reads version %u",
				n, at, r->version, AFTERBURN_VERSION);
	if (!r->kind)
		return complain(c, "record %zu at offset %#zx: kind 0, kinds start at 1", n, at);
	if (r->size < AT(address))
		return complain(c, "record %zu at offset %#zx: size %u, the header alone takes %zu",
				n, at, r->size, AT(address));
	if (r->size % RECORD_ALIGN)
		return complain(c, "record %zu at offset %#zx: size %u is not a multiple of %u",
				n, at, r->size, RECORD_ALIGN);
	if (r->size > left)
		return complain(c, "record %zu at offset %#zx: size %u, but only %zu bytes are left of the section",
				n, at, r->size, left);
	if (kind_known(r->kind) && r->size < RECORD_SIZE)
		return complain(c, "record %zu at offset %#zx: size %u, a %s record takes %zu",
				n, at, r->size, records__kind_name(r->kind), RECORD_SIZE);
	return 0;
}

static int check_content(const struct afterburn_record *r, size_t n, size_t at, struct complaint *c)
{
	if (r->address % 4)
		return complain(c, "record %zu at offset %#zx: address %#llx is not that of an instruction",
				n, at, (unsigned long long)r->address);
	if (record__is_site(r)) {
		if (!r->site.words)
			return complain(c, "record %zu at offset %#zx: a site of 0 words", n, at);
		if (r->site.rt > 31 || r->site.rd > 31 || r->site.base > 31)
			return complain(c, "record %zu at offset %#zx: register above 31", n, at);
	} else if (r->region.end % 4) {
		return complain(c, "record %zu at offset %#zx: end %#llx is not a multiple of 4",
				n, at, (unsigned long long)r->region.end);
	}
	return 0;
}

int records__read(const uint8_t *data, size_t size, bool big_endian, struct records *out, struct complaint *c)
{
	size_t n = 0;

	memset(out, 0, sizeof(*out));
	/* The smallest record has RECORD_ALIGN bytes, known kinds RECORD_SIZE: never more than this many. */
	out->record = calloc(size / RECORD_SIZE + 1, sizeof(*out->record));
	if (!out->record)
		return complain(c, "no memory for the records of a section of %zu bytes", size);

	for (size_t at = 0; at < size; n++) {
		struct afterburn_record r;
		size_t left = size - at;

		memset(&r, 0, sizeof(r));
		if (left < AT(address)) {
			complain(c, "record %zu at offset %#zx: only %zu bytes are left, a header takes %zu",
				 n, at, left, AT(address));
			goto bad;
		}
		r.version = data[at + AT(version)];
		r.kind = data[at + AT(kind)];
		r.size = load(data + at + AT(size), BYTES(size), big_endian);
		if (check_header(&r, n, at, left, c))
			goto bad;
		if (kind_known(r.kind)) {
			read_one(data + at, big_endian, &r);
			if (check_content(&r, n, at, c))
				goto bad;
			out->record[out->count++] = r;
		} else {
			out->skipped++;
		}
		at += r.size;
	}
	return 0;
bad:
	records__free(out);
	return -1;
}

void records__free(struct records *r)
{
	free(r->record);
	memset(r, 0, sizeof(*r));
}

static int by_address(const void *left, const void *right)
{
	const struct afterburn_record *a = left, *b = right;

	if (a->address != b->address)
		return a->address < b->address ? -1 : 1;
	return (int)a->kind - (int)b->kind;
}

void records__sort(struct records *r)
{
	if (r->count)
		qsort(r->record, r->count, sizeof(*r->record), by_address);
}

const char *records__kind_name(unsigned int kind)
{
	static const char *const names[] = {
		[AFTERBURN_KIND_SITE] = "site",
		[AFTERBURN_KIND_KREGION] = "kregion",
		[AFTERBURN_KIND_FPU] = "fpu",
		[AFTERBURN_KIND_ACCESS] = "access",
		[AFTERBURN_KIND_CODE] = "code",
	};

	return kind < sizeof(names) / sizeof(names[0]) && names[kind] ? names[kind] : "unknown";
}
