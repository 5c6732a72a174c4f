# steps
# SPDX-License-Identifier: GPL-2.0-or-later
set pagination off
set width 0
set confirm off
set startup-with-shell off
set print thread-events off
set print inferior-events off
set debuginfod enabled off
# Registers of all kinds, changed, and a jump.
break steps
run
set variable n = 7
print $a0
set $f20 = 2.5
print $f20
set $a0 = 3
up
down
print called(40, 2)
print sum
set variable real = -4.0
return (int) 99
next
continue
