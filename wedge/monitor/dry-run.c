// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * --dry-run: the machine that the options make, and its device tree as source, which dtc takes. Disks and networks are not opened.
 */
#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wedge/monitor/vm.h"

#define TREE_SIZE	0x10000

/* --- The tree --- */

static bool is_text(const char *value, int size)
{
	if (size < 2 || value[size - 1] || !value[0])
		return false;
	for (int i = 0; i < size; i++)
		if (value[i] ? value[i] < ' ' || value[i] > '~' || strchr("\"\\", value[i]) : i && !value[i - 1])
			return false;
	return true;
}

static void print_texts(const char *value, int size)
{
	for (int i = 0; i < size; i += strlen(value + i) + 1)
		printf("%s\"%s\"", i ? ", " : "", value + i);
}

static void print_value(const char *value, int size)
{
	if (is_text(value, size)) {
		print_texts(value, size);
	} else if (size % 4) {
		putchar('[');
		for (int i = 0; i < size; i++)
			printf("%s%02x", i ? " " : "", (unsigned char)value[i]);
		putchar(']');
	} else {
		putchar('<');
		for (int i = 0; i < size; i += 4)
			printf("%s%#x", i ? " " : "", fdt32_ld((const fdt32_t *)(value + i)));
		putchar('>');
	}
}

static void print_properties(const void *tree, int node, int depth)
{
	int property, size;

	fdt_for_each_property_offset(property, tree, node) {
		const char *name, *value = fdt_getprop_by_offset(tree, property, &name, &size);

		if (!value)
			continue;
		printf("%*s%s", depth * 4, "", name);
		if (size) {
			printf(" = ");
			print_value(value, size);
		}
		printf(";\n");
	}
}

static void print_node(const void *tree, int node, int depth)
{
	const char *name = fdt_get_name(tree, node, NULL);
	int child;

	printf("%*s%s {\n", depth * 4, "", depth ? name : "/");
	print_properties(tree, node, depth + 1);
	fdt_for_each_subnode(child, tree, node)
		print_node(tree, child, depth + 1);
	printf("%*s};\n", depth * 4, "");
}

/* --- The machine: as comments of the source --- */

static void print_option(const char *name, const char *value)
{
	printf("// %s = ", name);
	for (; value && *value; value++)
		putchar(*value == '\n' ? ' ' : *value);
	putchar('\n');
}

static void print_machine(const struct vm *vm)
{
	const struct options *o = &vm->options;

	if (o->name)
		print_option("name", o->name);
	if (o->kernel) {
		print_option("kernel", o->kernel);
		if (o->initrd)
			print_option("initrd", o->initrd);
		print_option("append", o->append);
	}
	printf("// memory = %lluM\n// cpus = %llu\n", (unsigned long long)o->memory >> 20, (unsigned long long)o->cpus);
	print_option("console", o->uart[0]);
	print_option("uart1", o->uart[1]);
	if (o->flash)
		print_option("flash", o->flash);
	printf("// virtio = %llu\n", (unsigned long long)o->virtio);
	for (unsigned i = 0; i < o->devices; i++) {
		printf("// slot %u: ", i);
		printf("%s%s%s\n", options__device_name(o->device[i].kind), *o->device[i].spec ? " = " : "", o->device[i].spec);
	}
	printf("// %s-endian, entry at %#llx\n", vm->image.little_endian ? "little" : "big", (unsigned long long)vm->vcpu[0]->pc);
}

int dry_run__print(const struct vm *vm, struct complaint *c)
{
	void *tree = malloc(TREE_SIZE);

	if (!tree || board__device_tree(&vm->board_config, NULL, tree, TREE_SIZE, c) < 0) {
		free(tree);
		return -1;
	}
	print_machine(vm);
	printf("/dts-v1/;\n\n");
	print_node(tree, 0, 0);
	free(tree);
	return 0;
}
