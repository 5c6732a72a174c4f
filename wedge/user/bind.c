/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which address space is which.
 *
 * A guest whose page tables are known is asked for their root: a space belongs to a root, and outlives the ASIDs that Linux gives it, one
 * at each flush. What is mapped is then compared with the tables, not thrown away. Of others a space is an ASID.
 */
#include "wedge/user/space.h"

struct space *bind__of(const struct user_mode *u, unsigned asid)
{
	struct space *s = u->of_asid[asid];

	return s && s->asid == asid ? s : NULL;
}

static struct space *with_root(struct user_mode *u, u64 root)
{
	for (unsigned i = 0; i < SPACES; i++)
		if (u->spaces[i].root == root)
			return &u->spaces[i];
	return NULL;
}

/* Linux empties the tables of a process that has ended: then its stub serves for the next, and no other has to be made. */
static bool has_ended(struct user_mode *u, const struct space *s)
{
	/* Direct, one of which nothing is mapped has perhaps just begun. */
	return (s->stub || (u->direct && s->pages.count)) && s->root && !s->fp_first.pending && !ahead__any_left(u, s);
}

/* That of a process that has ended, one that nobody has had yet, or the one whose user code has not run for longest. */
static struct space *free_one(struct user_mode *u)
{
	struct space *found = &u->spaces[0];

	for (unsigned i = 0; i < SPACES; i++)
		if (has_ended(u, &u->spaces[i]))
			return &u->spaces[i];
	for (unsigned i = 1; i < SPACES && found->last_used; i++)
		if (u->spaces[i].last_used < found->last_used)
			found = &u->spaces[i];
	return found;
}

/* What is mapped of another root has nothing to do with this one, so it is not even looked at. */
static struct space *take(struct user_mode *u, u64 root)
{
	struct space *s = free_one(u);

	s->root = 0;
	s->stale = true;
	if (u->fp_space == s)
		user__fpu_fetch(u);
	space__refresh(u, s);
	s->syncs = 0;
	s->root = root;
	return s;
}

struct space *bind__current(struct user_mode *u)
{
	const unsigned asid = user__asid(u);
	const u64 root = tables__root(&u->tables);
	struct space *s = bind__of(u, asid);

	if (s && s->root == root)
		return s;
	if (!root) {
		s = &u->spaces[asid];
	} else {
		s = with_root(u, root);
		if (!s)
			s = take(u, root);
		s->stale = true;
	}
	s->asid = asid;
	u->of_asid[asid] = s;
	return s;
}
