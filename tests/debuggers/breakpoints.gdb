# threads
# SPDX-License-Identifier: GPL-2.0-or-later
set pagination off
set width 0
set confirm off
set startup-with-shell off
set print thread-events off
set print inferior-events off
set debuginfod enabled off
# Some that are hit often, one with a condition, some that are never.
break called if a == 2
commands
silent
print a
print b
continue
end
break signals
break waits
tbreak steps
run
info breakpoints
