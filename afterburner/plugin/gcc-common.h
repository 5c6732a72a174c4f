/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * GCC's own headers, in the one order in which they can be included, and what differs between versions.
 * Written for GCC 12; the habit is Linux's scripts/gcc-plugins/gcc-common.h.
 */
#ifndef AFTERBURN_GCC_COMMON_H
#define AFTERBURN_GCC_COMMON_H

#include "gcc-plugin.h"
#include "config.h"
#include "system.h"
#include "coretypes.h"
#include "backend.h"
#include "tm.h"
#include "tree.h"
#include "rtl.h"
#include "memmodel.h"
#include "tm_p.h"
#include "df.h"
#include "regs.h"
#include "rtl-iter.h"
#include "emit-rtl.h"
#include "insn-config.h"
#include "recog.h"
#include "output.h"
#include "context.h"
#include "tree-pass.h"
#include "diagnostic-core.h"
#include "stringpool.h"
#include "attribs.h"
#include "cpplib.h"

#endif
