# signals
# SPDX-License-Identifier: GPL-2.0-or-later
set pagination off
set width 0
set confirm off
set startup-with-shell off
set print thread-events off
set print inferior-events off
set debuginfod enabled off
handle SIGUSR1 stop print pass
break on_signal
run
continue
print signal
backtrace 2
finish
delete
continue
