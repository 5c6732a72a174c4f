# steps
# SPDX-License-Identifier: GPL-2.0-or-later
set pagination off
set width 0
set confirm off
set startup-with-shell off
set print thread-events off
set print inferior-events off
set debuginfod enabled off
# By single steps: gdb finds no registers for it.
break steps
run
watch real
continue
continue
print real
delete
continue
