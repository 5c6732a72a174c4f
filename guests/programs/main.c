// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * All guest test programs in one static executable, chosen by the name it is called by, as busybox does:
 * a dozen executables with a C library each would make the initramfs, which the guest must unpack at every
 * boot, four times as large.
 */
#include "guests/programs/check.h"

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
} programs[] = {
#define PROGRAM(name) { #name, program_##name },
#if _MIPS_SIM == _ABIO32
#define LONG(name)
#else
#define LONG PROGRAM
#endif
#if _MIPS_SIM == _ABI64
#define WIDE PROGRAM
#else
#define WIDE(name)
#endif
#define TOOL(name)
#include "guests/programs/programs.def"
#undef PROGRAM
#undef LONG
#undef WIDE
#undef TOOL
};

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
} tools[] = {
#if _MIPS_SIM == _ABI64
#define PROGRAM(name)
#define LONG(name)
#define WIDE(name)
#define TOOL(name) { #name, tool_##name },
#include "guests/programs/programs.def"
#undef PROGRAM
#undef LONG
#undef WIDE
#undef TOOL
#endif
	{ NULL, NULL }
};

int main(int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/');
	const char *name = slash ? slash + 1 : argv[0];
	size_t i;

	for (i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
		int status;

		if (strcmp(programs[i].name, name))
			continue;
		status = programs[i].run(argc, argv);
		if (!status)
			printf("%s: ok\n", name);
		return status;
	}
	for (i = 0; tools[i].name; i++)
		if (!strcmp(tools[i].name, name))
			return tools[i].run(argc, argv);
	fprintf(stderr, "%s: no such program; call it by a name of programs.def\n", name);
	return 2;
}
