# threads
# SPDX-License-Identifier: GPL-2.0-or-later
set pagination off
set width 0
set confirm off
set startup-with-shell off
set print thread-events off
set print inferior-events off
set debuginfod enabled off
break worker
run
print (long)number
info threads
continue
print (long)number
stepi
nexti
backtrace
continue
finish
delete
continue
