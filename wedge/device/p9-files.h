/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The files of a shared folder, on the Host: found, opened and made, and nothing but those below the folder.
 *
 * Each step is one name looked up in a folder that is held open, and no link is followed. So whoever puts symbolic links or moves folders
 * there meanwhile, on the Host or in a guest, can make a lookup fail and no more. What was found is held by an O_PATH descriptor, which
 * opens nothing: devices, pipes and sockets are never opened at all, and a file by this very descriptor, through /proc/self/fd, not
 * by its name once more.
 *
 * Whose files they are: everything is done as the user who runs the Wedge, and what is made belongs to that user. Nobody's file is given
 * to another user, and no file a set-user-ID bit: a program with one, run by somebody on the Host, would do there what the guest has
 * written into it. All that holds for root as well.
 *
 * Functions return 0 or an errno of the Host's if nothing else is said.
 */
#ifndef WEDGE_DEVICE_P9_FILES_H
#define WEDGE_DEVICE_P9_FILES_H

#include <limits.h>
#include <sys/stat.h>

#include "lib/complain.h"
#include "wedge/device/p9-messages.h"

struct p9_root {
	int fd;			/* O_PATH */
	u64 device, inode;
};

int p9_files__open_root(struct p9_root *root, const char *path, struct complaint *c);
void p9_files__close_root(struct p9_root *root);

/* What a guest may call a file: no "", ".", ".." and nothing with a '/'. 0, ENOENT, EINVAL or ENAMETOOLONG. */
int p9_files__check_name(const char *name);

/* From a folder to what is called so in it, or with ".." to the one above, which for the root is the root. A new descriptor into *to. */
int p9_files__step(const struct p9_root *root, int folder, const char *name, int *to, struct stat *st);
/* Where it is now, from the root on, "." for the root; into path[PATH_MAX]. ESTALE if it is not below the root any more. */
int p9_files__path(const struct p9_root *root, int fd, char *path);
/* What such a path leads to, step by step. */
int p9_files__at(const struct p9_root *root, const char *path, int *to, struct stat *st);
/* The folder that it is in, and what it is called there: name[NAME_MAX + 1]. Of the root there is none: EBUSY. */
int p9_files__parent(const struct p9_root *root, int fd, int *folder, char *name);

/* The same regular file or folder, opened with these flags; else ENXIO, or ELOOP for a link. */
int p9_files__open(int fd, int flags, int *to);
/* A new regular file, or if not `exclusive` one that is there; opened. */
int p9_files__create(const struct p9_root *root, int folder, const char *name, int flags, bool exclusive, u32 mode, int *to, struct stat *st);
/* A folder, regular file, pipe or socket, by the bits of S_IFMT in `mode`. EPERM for devices. */
int p9_files__make(const struct p9_root *root, int folder, const char *name, u32 mode, struct stat *st);

int p9_files__link(int fd, int folder, const char *name);
int p9_files__chmod(int fd, u32 mode);
/* `writable`: it is open for writing; then that is what counts, as with ftruncate(). */
int p9_files__truncate(int fd, bool writable, u64 size);
int p9_files__set_times(int fd, const struct timespec times[2]);

struct p9_qid p9_files__qid(const struct p9_root *root, const struct stat *st);

/* Tells a file from a later one with the same inode number; 0 where the Host's file system cannot. */
u64 p9_files__generation(int fd);

/* The name of a descriptor. */
struct p9_link {
	char path[32];
};
struct p9_link p9_files__by_descriptor(int fd);

#endif
