// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Buffers of no bytes, whose pointer is nobody's business: poll(NULL, 0, t) is a sleep, and a vector may have empty
 * entries. And the other ends of what the kernel compares: buffers that wrap, lengths nobody means, the last byte that
 * a program can have.
 */
#include <fcntl.h>
#include <limits.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "guests/programs/check.h"

#define FAULTS(call) CHECK((call) == -1 && errno == EFAULT)

#define HIGHEST_BIT	(~(~0UL >> 1))
#if _MIPS_SZPTR == 64
#define USER_END	(1UL << 40)
#else
#define USER_END	0x7fff8000UL
#endif

static int ends[2], sockets[2];
static long page;

static void no_bytes(void)
{
	char x = 'x', y = 0;
	struct iovec vector[] = { { NULL, 0 }, { &x, 1 } }, into[] = { { NULL, 0 }, { &y, 1 } };
	struct msghdr message = { .msg_iov = vector, .msg_iovlen = 1 };
	struct timespec soon = { .tv_nsec = 1000000 };
	unsigned char core[1];
	int self = open(SELF, O_RDONLY);

	CHECK(self >= 0);
	CHECK(!poll(NULL, 0, 0) && !poll(NULL, 0, 2) && !ppoll(NULL, 0, &soon, NULL));
	CHECK(!write(ends[1], NULL, 0) && !read(self, NULL, 0) && !pread(self, NULL, 0, 0));
	CHECK(writev(ends[1], vector, 2) == 1 && readv(ends[0], into, 2) == 1 && y == 'x');
	CHECK(!send(sockets[0], NULL, 0, 0) && !recv(sockets[1], NULL, 0, MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT));
	CHECK(!sendmsg(sockets[0], &message, 0));
	CHECK(!recvmsg(sockets[1], &message, 0) && !recv(sockets[1], NULL, 0, 0));
	CHECK(!mincore(NULL, 0, core) && !getrandom(NULL, 0, GRND_INSECURE));
	CHECK(getgroups(0, NULL) >= 0 && !process_vm_readv(getpid(), vector, 1, into, 1, 0));
	CHECK(!munmap(mmap(NULL, page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), page));
	CHECK(!close(self));
}

/* As ip(8) asks how large an answer is. */
static void size_of_an_answer(void)
{
	struct { struct nlmsghdr header; struct rtgenmsg body; } request = {
		{ sizeof(request), RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP, 1, 0 }, { AF_UNSPEC },
	};
	struct iovec none = { NULL, 0 };
	struct sockaddr_nl from = { .nl_family = AF_NETLINK };
	struct msghdr message = { .msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &none, .msg_iovlen = 1 };
	int netlink = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);

	CHECK(netlink >= 0 && send(netlink, &request, sizeof(request), 0) == sizeof(request));
	CHECK(recvmsg(netlink, &message, MSG_PEEK | MSG_TRUNC) > 0);
	CHECK(!close(netlink));
}

/* No bytes either, but from where no program can have any. */
static void far_away(void)
{
	FAULTS(write(ends[1], (void *)-1, 0));
	FAULTS(write(ends[1], (void *)-1, 1));
	FAULTS(write(ends[1], (void *)-8, 16));
	FAULTS(read(ends[0], (void *)-8, SSIZE_MAX));
	FAULTS(write(ends[1], (void *)HIGHEST_BIT, 0));
	CHECK(!write(ends[1], (void *)USER_END, 0));
}

/* Lengths that say no more than `whatever there is`. The stack is close to the end of what a program can have. */
static void whatever_there_is(void)
{
	volatile size_t all = INT_MAX;	/* or the compiler says what it thinks of it */
	char byte = 0;

	CHECK(write(ends[1], "a", 1) == 1 && read(ends[0], &byte, all) == 1 && byte == 'a');
	CHECK(send(sockets[0], "b", 1, 0) == 1 && recv(sockets[1], &byte, all, 0) == 1 && byte == 'b');
}

/* The last page, whatever has it: user space ends at a multiple of 1 GB, that of a 32-bit program at TASK_SIZE32. */
static void last_byte(void)
{
	char *end = NULL, byte = 1;
	void *last;

	for (unsigned long at = USER_END; at && !end; at -= 1UL << 30) {
		last = mmap((void *)(at - page), page, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
		if (last != MAP_FAILED || errno == EEXIST)
			end = (char *)at;
	}
	CHECK(end > &byte);		/* the stack is below */
	CHECK(write(ends[1], end - 1, 1) == 1 && read(ends[0], &byte, 1) == 1);
	CHECK(!write(ends[1], end, 0));
	FAULTS(write(ends[1], end - 1, 2));
	FAULTS(write(ends[1], end, 1));
	FAULTS(open(end, O_RDONLY));
	CHECK(mmap(end - page, 2 * page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED);
	if (last == MAP_FAILED)
		return;			/* it is the vDSO's */
	CHECK(!byte);
	strcpy(end - sizeof("/dev/null"), "/dev/null");
	CHECK(!close(open(end - sizeof("/dev/null"), O_RDONLY)));
	memset(end - 4, 'x', 4);
	FAULTS(open(end - 4, O_RDONLY));
	CHECK(!munmap(last, page));
}

int program_nothing(int argc, char **argv)
{
	page = sysconf(_SC_PAGESIZE);
	CHECK(!pipe(ends) && !socketpair(AF_UNIX, SOCK_DGRAM, 0, sockets));
	no_bytes();
	size_of_an_answer();
	far_away();
	whatever_there_is();
	last_byte();
	return 0;
}
