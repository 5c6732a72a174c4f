# children
# SPDX-License-Identifier: GPL-2.0-or-later
set pagination off
set width 0
set confirm off
set startup-with-shell off
set print thread-events off
set print inferior-events off
set debuginfod enabled off
set follow-fork-mode child
set detach-on-fork on
break called
run
print a
set variable a = 11
backtrace
delete
continue
