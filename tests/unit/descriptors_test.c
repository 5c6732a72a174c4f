// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whatever of standard input, output and error is closed, no file that is opened later takes its place.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/descriptors.h"
#include "tests/unit/cmocka_all.h"

/* In a process of its own, of whose three those in `closed` (a bit each) are closed. Its status: 0 if all is well. */
static int child(unsigned closed)
{
	char byte = 0;

	for (int fd = 0; fd < 3; fd++)
		if (closed >> fd & 1)
			close(fd);
	descriptors__hold();
	if (open("/dev/zero", O_RDWR) < 3)
		return 1;
	if (closed & 1 && (read(0, &byte, 1) != -1 || errno != EBADF))
		return 2;
	for (int fd = 1; fd < 3; fd++)
		if (closed >> fd & 1 && (write(fd, &byte, 1) != -1 || errno != EBADF))
			return 3;
	return 0;
}

static void closed_ones_are_held(void **state)
{
	for (unsigned closed = 0; closed < 8; closed++) {
		pid_t pid = fork();
		int status;

		if (!pid)
			_exit(child(closed));
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(status, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(closed_ones_are_held),
	};

	return cmocka_run_group_tests_name("descriptors", tests, NULL, NULL);
}
