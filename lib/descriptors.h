/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Descriptors 0, 1 and 2 are standard input, output and error, also in a program that was started without them.
 *
 * What a program opens first would otherwise become one of them: the guest's RAM the Wedge's standard output, or an
 * object file the place where messages go.
 */
#ifndef LIB_DESCRIPTORS_H
#define LIB_DESCRIPTORS_H

/*
 * Call first in main(), in every program that opens a file to write to it. Those of the three that are closed become
 * /dev/null, opened the other way round: reading and writing them fails as if they were closed. Without /dev/null the
 * program ends with status 1.
 */
void descriptors__hold(void);

#endif
