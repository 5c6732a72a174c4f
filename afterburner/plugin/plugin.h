/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the plugin's files share.
 *
 *	load.cc		what GCC loads: is this the GCC that the rest was built for?
 *	plugin.cc	dead registers behind sensitive inline asm; the pass; registration
 *	marks.cc	which loads and stores are sensitive: the file of marks, the places of a profile
 *	access.cc	turns such a load or store into a site
 */
#ifndef AFTERBURN_PLUGIN_H
#define AFTERBURN_PLUGIN_H

/*
 * Read a file that a user has written. On an error they print one line with file and line number and end
 * the compiler: a kernel that silently lacks its sites would be worse.
 */
void marks_read(const char *path);
void marks_read_places(const char *path);

/* Makes GCC accept the attributes that the file of marks names; for PLUGIN_ATTRIBUTES. */
void marks_register_attributes(void);

/* Is this access of this instruction, in the current function, marked? */
bool marks_cover(const rtx_insn *insn, const_rtx mem);

/* Does a profile say that the delay slot of this branch or call trapped? */
bool marks_cover_slot(const rtx_insn *insn);

/*
 * If the instruction is a load or store that is marked, or any if `wanted`, puts a padded one in its place. True if it
 * is a load or store that can be padded.
 */
bool access_treat(rtx_insn *insn, bool wanted);

#endif
