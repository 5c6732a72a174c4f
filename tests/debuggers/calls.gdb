# calls
# SPDX-License-Identifier: GPL-2.0-or-later
set pagination off
set width 0
set confirm off
set startup-with-shell off
set print thread-events off
set print inferior-events off
set debuginfod enabled off
# getppid()
catch syscall 5108
run
continue
set $v0 = -1
set $a3 = 1
continue
delete
continue
