// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reading a kernel's ELF file: see image.h.
 *
 * libelf decodes; every offset, size and address it returns is checked here against the file before it is
 * used, since libelf itself promises nothing about files that lie.
 */
#include <gelf.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "wedge/load/image.h"

static bool in_file(const struct image *image, uint64_t offset, uint64_t size)
{
	return offset <= image->file_size && size <= image->file_size - offset;
}

const uint8_t *image__bytes(const struct image *image, uint64_t va, uint64_t size)
{
	for (unsigned i = 0; i < image->segment_count; i++) {
		const struct image_segment *s = &image->segments[i];
		uint64_t inside = va - s->va;

		if (va >= s->va && inside <= s->file_size && size <= s->file_size - inside)
			return s->bytes + inside;
	}
	return NULL;
}

/* What can be said from the first 20 bytes, in words that name the cure. */
static int check_identity(struct image *image, struct complaint *c)
{
	const uint8_t *e = image->file;

	if (image->file_size < sizeof(Elf64_Ehdr) || memcmp(e, ELFMAG, SELFMAG))
		return complain(c, "%s: not an ELF file: give the kernel as vmlinux, as it is or compressed with gzip", image->name);
	if (e[EI_CLASS] != ELFCLASS64)
		return complain(c, "%s: not a 64-bit ELF file: the guest is a MIPS64 kernel", image->name);
	if (e[EI_DATA] != ELFDATA2LSB && e[EI_DATA] != ELFDATA2MSB)
		return complain(c, "%s: byte order %u is neither little-endian (%u) nor big-endian (%u)", image->name,
				e[EI_DATA], ELFDATA2LSB, ELFDATA2MSB);
	image->little_endian = e[EI_DATA] == ELFDATA2LSB;
	return 0;
}

static int check_header(const struct image *image, const GElf_Ehdr *ehdr, struct complaint *c)
{
	if (ehdr->e_machine != EM_MIPS)
		return complain(c, "%s: for machine %u, not for MIPS (%u)", image->name, ehdr->e_machine, EM_MIPS);
	if (ehdr->e_type != ET_EXEC)
		return complain(c, "%s: ELF type %u, not an executable (%u): give the linked vmlinux", image->name,
				ehdr->e_type, ET_EXEC);
	if (!ehdr->e_phnum || ehdr->e_phentsize != sizeof(Elf64_Phdr) ||
	    !in_file(image, ehdr->e_phoff, (uint64_t)ehdr->e_phnum * sizeof(Elf64_Phdr)))
		return complain(c, "%s: no program headers, or truncated: nothing to load", image->name);
	/* libelf shows a file without its section headers as one that never had any. */
	if (ehdr->e_shoff && !in_file(image, ehdr->e_shoff, (uint64_t)ehdr->e_shnum * sizeof(Elf64_Shdr)))
		return complain(c, "%s: truncated: section headers at byte %" PRIu64 " of %zu", image->name,
				(uint64_t)ehdr->e_shoff, image->file_size);
	return 0;
}

static int add_segment(struct image *image, const GElf_Phdr *p, struct complaint *c)
{
	struct image_segment *s = &image->segments[image->segment_count];
	uint64_t pa = p->p_vaddr - IMAGE_CKSEG0;

	if (image->segment_count == IMAGE_SEGMENTS_MAX)
		return complain(c, "%s: more than %d segments to load", image->name, IMAGE_SEGMENTS_MAX);
	if (!in_file(image, p->p_offset, p->p_filesz))
		return complain(c, "%s: truncated: the segment at %#" PRIx64 " ends at byte %" PRIu64 " of %zu",
				image->name, p->p_vaddr, p->p_offset + p->p_filesz, image->file_size);
	if (p->p_filesz > p->p_memsz)
		return complain(c, "%s: the segment at %#" PRIx64 " is larger in the file than in memory",
				image->name, p->p_vaddr);
	if (p->p_vaddr < IMAGE_CKSEG0 || pa >= IMAGE_CKSEG0_SIZE || p->p_memsz > IMAGE_CKSEG0_SIZE - pa)
		return complain(c, "%s: the segment at %#" PRIx64 " lies outside CKSEG0, where a kernel is linked",
				image->name, p->p_vaddr);
	*s = (struct image_segment){
		.va = p->p_vaddr, .pa = pa,
		.file_size = p->p_filesz, .mem_size = p->p_memsz,
		.bytes = image->file + p->p_offset,
	};
	image->segment_count++;
	return 0;
}

static int by_va(const void *a, const void *b)
{
	uint64_t x = ((const struct image_segment *)a)->va, y = ((const struct image_segment *)b)->va;

	return (x > y) - (x < y);
}

static int read_segments(struct image *image, Elf *elf, const GElf_Ehdr *ehdr, struct complaint *c)
{
	const struct image_segment *s = image->segments;
	bool entry_inside = false;
	GElf_Phdr phdr;

	for (unsigned i = 0; i < ehdr->e_phnum; i++) {
		if (!gelf_getphdr(elf, i, &phdr))
			return complain(c, "%s: program header %u: %s", image->name, i, elf_errmsg(-1));
		if (phdr.p_type == PT_LOAD && phdr.p_memsz && add_segment(image, &phdr, c))
			return -1;
	}
	if (!image->segment_count)
		return complain(c, "%s: no segment to load", image->name);
	qsort(image->segments, image->segment_count, sizeof(*s), by_va);
	for (unsigned i = 0; i < image->segment_count; i++) {
		if (i && s[i].va < s[i - 1].va + s[i - 1].mem_size)
			return complain(c, "%s: the segments at %#" PRIx64 " and %#" PRIx64 " overlap", image->name,
					s[i - 1].va, s[i].va);
		entry_inside |= ehdr->e_entry >= s[i].va && ehdr->e_entry - s[i].va < s[i].file_size;
	}
	if (!entry_inside || ehdr->e_entry % 4)
		return complain(c, "%s: the entry %#" PRIx64 " lies in no segment", image->name,
				(uint64_t)ehdr->e_entry);
	image->entry = ehdr->e_entry;
	image->start = s[0].pa;
	image->end = s[image->segment_count - 1].pa + s[image->segment_count - 1].mem_size;
	return 0;
}

static int compare_addresses(const void *a, const void *b)
{
	const struct image_symbol *x = a, *y = b;

	if (x->address != y->address)
		return x->address < y->address ? -1 : 1;
	if ((x->type == STT_FUNC) != (y->type == STT_FUNC))
		return x->type == STT_FUNC ? -1 : 1;
	return strcmp(x->name, y->name);
}

void image__sort_symbols(struct image *image)
{
	if (image->symbol_count && !image->symbols_sorted)
		qsort(image->symbols, image->symbol_count, sizeof(*image->symbols), compare_addresses);
	image->symbols_sorted = true;
}

/* Keep what names a place in the kernel, and none of the compiler's labels. */
static bool keep_symbol(const struct image *image, const GElf_Sym *sym, const char *name)
{
	uint64_t pa = sym->st_value - IMAGE_CKSEG0;

	return name && *name && *name != '.' && *name != '$' && sym->st_shndx != SHN_UNDEF &&
	       GELF_ST_TYPE(sym->st_info) <= STT_FUNC && sym->st_value >= IMAGE_CKSEG0 &&
	       pa >= image->start && pa <= image->end;
}

static int read_symbols(struct image *image, Elf *elf, Elf_Scn *scn, const GElf_Shdr *shdr, struct complaint *c)
{
	Elf_Data *data = shdr->sh_entsize == sizeof(Elf64_Sym) ? elf_getdata(scn, NULL) : NULL;
	size_t count = data ? data->d_size / sizeof(Elf64_Sym) : 0, kept = 0;
	GElf_Sym sym;

	if (!data)
		return complain(c, "%s: a symbol table that cannot be read", image->name);
	image->symbols = calloc(count + 1, sizeof(*image->symbols));
	if (!image->symbols)
		return complain(c, "%s: no memory for %zu symbols", image->name, count);
	for (size_t i = 0; i < count && i <= INT32_MAX && gelf_getsym(data, i, &sym); i++) {
		const char *name = elf_strptr(elf, shdr->sh_link, sym.st_name);

		if (keep_symbol(image, &sym, name))
			image->symbols[kept++] = (struct image_symbol){
				.address = sym.st_value, .name = name, .type = GELF_ST_TYPE(sym.st_info),
			};
	}
	image->symbol_count = kept;
	return 0;
}

static struct image_section *wanted_section(struct image *image, const char *name)
{
	if (!strcmp(name, ".text"))
		return &image->text;
	if (!strcmp(name, ".afterburn"))
		return &image->afterburn;
	if (!strcmp(name, ".data.reloc"))
		return &image->relocations;
	if (!strcmp(name, "__ex_table"))
		return &image->extable;
	return NULL;
}

static int add_rela(struct image *image, Elf *elf, const GElf_Shdr *shdr, struct complaint *c)
{
	Elf_Scn *target = elf_getscn(elf, shdr->sh_info);
	GElf_Shdr of;

	if (!target || !gelf_getshdr(target, &of) || !(of.sh_flags & SHF_ALLOC))
		return 0;
	if (shdr->sh_entsize != sizeof(Elf64_Rela) || image->rela_count == IMAGE_RELAS_MAX)
		return complain(c, "%s: relocations that cannot be read", image->name);
	image->relas[image->rela_count++] = (struct image_section){
		.size = shdr->sh_size, .bytes = image->file + shdr->sh_offset,
	};
	return 0;
}

static int add_code(struct image *image, const GElf_Shdr *shdr, struct complaint *c)
{
	if (image->code_count == IMAGE_CODE_MAX)
		return complain(c, "%s: more than %d sections of code", image->name, IMAGE_CODE_MAX);
	image->code[image->code_count++] = (struct image_section){
		.va = shdr->sh_addr, .size = shdr->sh_size, .bytes = image->file + shdr->sh_offset,
	};
	return 0;
}

/* Sections are a convenience: a file without any is still a kernel, but what it has must be sound. */
static int read_sections(struct image *image, Elf *elf, struct complaint *c)
{
	struct image_section *wanted;
	Elf_Scn *scn = NULL;
	GElf_Shdr shdr;
	size_t names;

	if (elf_getshdrstrndx(elf, &names))
		return complain(c, "%s: section headers: %s", image->name, elf_errmsg(-1));
	while ((scn = elf_nextscn(elf, scn))) {
		const char *name;

		if (!gelf_getshdr(scn, &shdr))
			return complain(c, "%s: section header %zu: %s", image->name, elf_ndxscn(scn),
					elf_errmsg(-1));
		if (shdr.sh_type == SHT_NULL || shdr.sh_type == SHT_NOBITS)
			continue;
		if (!in_file(image, shdr.sh_offset, shdr.sh_size))
			return complain(c, "%s: truncated: section %zu ends at byte %" PRIu64 " of %zu", image->name,
					elf_ndxscn(scn), shdr.sh_offset + shdr.sh_size, image->file_size);
		if (shdr.sh_type == SHT_RELA && add_rela(image, elf, &shdr, c))
			return -1;
		if (shdr.sh_type == SHT_PROGBITS && shdr.sh_flags & SHF_ALLOC && shdr.sh_flags & SHF_EXECINSTR &&
		    add_code(image, &shdr, c))
			return -1;
		if (shdr.sh_type == SHT_SYMTAB && !image->symbols)
			image->symbol_table = (struct image_section){
				.size = shdr.sh_size, .bytes = image->file + shdr.sh_offset,
			};
		if (shdr.sh_type == SHT_SYMTAB && !image->symbols && read_symbols(image, elf, scn, &shdr, c))
			return -1;
		name = elf_strptr(elf, names, shdr.sh_name);
		wanted = name ? wanted_section(image, name) : NULL;
		if (wanted && !wanted->bytes)
			*wanted = (struct image_section){
				.va = shdr.sh_flags & SHF_ALLOC ? shdr.sh_addr : 0,
				.size = shdr.sh_size, .bytes = image->file + shdr.sh_offset,
			};
	}
	return 0;
}

/* The symbols know these tables even where the linker script merged or renamed their sections. */
static void prefer_symbols(const struct image *image, struct image_section *section, const char *from,
			   const char *to)
{
	uint64_t start, end;
	const uint8_t *bytes;

	if (!image__symbol(image, from, &start) || !image__symbol(image, to, &end) || end <= start)
		return;
	bytes = image__bytes(image, start, end - start);
	if (bytes)
		*section = (struct image_section){ .va = start, .size = end - start, .bytes = bytes };
}

static int read_elf(struct image *image, struct complaint *c)
{
	Elf *elf;
	GElf_Ehdr ehdr;
	int result = -1;

	if (check_identity(image, c))
		return -1;
	elf_version(EV_CURRENT);
	elf = elf_memory((char *)image->file, image->file_size);
	if (!elf || !gelf_getehdr(elf, &ehdr))
		complain(c, "%s: %s", image->name, elf_errmsg(-1));
	else if (!check_header(image, &ehdr, c) && !read_segments(image, elf, &ehdr, c) &&
		 !read_sections(image, elf, c))
		result = 0;
	elf_end(elf);
	if (result)
		return result;
	prefer_symbols(image, &image->relocations, "_relocation_start", "_relocation_end");
	prefer_symbols(image, &image->extable, "__start___ex_table", "__stop___ex_table");
	return 0;
}

int image__take(struct image *image, const char *name, uint8_t *file, size_t size, struct complaint *c)
{
	*image = (struct image){ .name = name, .file = file, .file_size = size };
	if (!read_elf(image, c))
		return 0;
	image__close(image);
	return -1;
}

int image__open_memory(struct image *image, const char *name, const void *bytes, size_t size,
		       struct complaint *c)
{
	uint8_t *file = malloc(size + 1);

	if (!file)
		return complain(c, "%s: no memory for %zu bytes", name, size);
	memcpy(file, bytes, size);
	return image__take(image, name, file, size, c);
}

/* The names as they lie in the file, all of them together. */
static bool keep_names(struct image *image)
{
	const char *first = NULL, *last = NULL;
	char *names;

	for (size_t i = 0; i < image->symbol_count; i++) {
		const char *name = image->symbols[i].name;

		first = !first || name < first ? name : first;
		last = !last || name > last ? name : last;
	}
	image->file_size = first ? last + strlen(last) + 1 - first : 0;
	names = malloc(image->file_size + 1);
	if (!names)
		return false;
	if (first)
		memcpy(names, first, image->file_size);
	for (size_t i = 0; i < image->symbol_count; i++)
		image->symbols[i].name = names + (image->symbols[i].name - first);
	free(image->file);
	image->file = (uint8_t *)names;
	return true;
}

void image__settle(struct image *image)
{
	if (!keep_names(image))
		return;			/* then it takes what it takes */
	for (unsigned i = 0; i < image->segment_count; i++)
		image->segments[i].bytes = NULL;
	for (unsigned i = 0; i < image->code_count; i++)
		image->code[i].bytes = NULL;
	image->text.bytes = image->afterburn.bytes = image->relocations.bytes = NULL;
	image->extable.bytes = image->symbol_table.bytes = NULL;
	image->rela_count = 0;
}

void image__close(struct image *image)
{
	free(image->symbols);
	free(image->file);
	*image = (struct image){ .segment_count = 0 };
}

int image__load(const struct image *image, uint8_t *ram, uint64_t ram_size, struct complaint *c)
{
	if (image->end > ram_size)
		return complain(c, "%s: ends at physical address %#" PRIx64 ", beyond the %" PRIu64 " MB of low memory",
				image->name, image->end, ram_size >> 20);
	for (unsigned i = 0; i < image->segment_count; i++) {
		const struct image_segment *s = &image->segments[i];

		memcpy(ram + s->pa, s->bytes, s->file_size);
		memset(ram + s->pa + s->file_size, 0, s->mem_size - s->file_size);
	}
	return 0;
}

bool image__symbol(const struct image *image, const char *name, uint64_t *address)
{
	for (size_t i = 0; i < image->symbol_count; i++) {
		const struct image_symbol *s = &image->symbols[i];

		if (*s->name == *name && !strcmp(s->name, name)) {
			*address = s->address;
			return true;
		}
	}
	return false;
}

const char *image__symbolize(const struct image *image, uint64_t address, uint64_t *offset)
{
	const struct image_symbol *s = image->symbols;
	size_t low = 0, high = image->symbol_count;

	if (address < IMAGE_CKSEG0 + image->start || address >= IMAGE_CKSEG0 + image->end)
		return NULL;
	while (low < high) {
		size_t middle = (low + high) / 2;

		if (s[middle].address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low)
		return NULL;
	for (low--; low && s[low - 1].address == s[low].address; low--)
		;	/* of several at one address the first is the function */
	*offset = address - s[low].address;
	return s[low].name;
}
