// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * See split.h.
 *
 *	state		byte			next
 *	OUTSIDE		white space		OUTSIDE
 *			{			INSIDE
 *			another			SKIPPING, which is said
 *	INSIDE		{ [			INSIDE, deeper: too deep is SKIPPING, which is said
 *			} ]			INSIDE, or OUTSIDE with a message
 *			"			STRING
 *			control character	SKIPPING, which is said
 *	STRING		"			INSIDE
 *			\			ESCAPE
 *			control character	SKIPPING, which is said
 *	ESCAPE		any			STRING, or as there if it is a control character
 *	SKIPPING	end of line		OUTSIDE
 */
#include "wedge/control/split.h"

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_control(char c)
{
	return (unsigned char)c < ' ';
}

static enum split_found skip(struct split *s, char c, enum split_found why)
{
	s->state = c == '\n' ? SPLIT_OUTSIDE : SPLIT_SKIPPING;
	s->skipped = s->length = s->depth = 0;
	return why;
}

static enum split_found look_inside(struct split *s, char c)
{
	switch (c) {
	case '{': case '[':
		return ++s->depth > SPLIT_DEPTH ? skip(s, c, SPLIT_TOO_DEEP) : SPLIT_MORE;
	case '}': case ']':
		if (--s->depth)
			return SPLIT_MORE;
		s->state = SPLIT_OUTSIDE;
		return SPLIT_MESSAGE;
	case '"':
		s->state = SPLIT_STRING;
		return SPLIT_MORE;
	}
	return is_control(c) && !is_space(c) ? skip(s, c, SPLIT_NO_OBJECT) : SPLIT_MORE;
}

static enum split_found look(struct split *s, char c)
{
	switch (s->state) {
	case SPLIT_OUTSIDE:
		if (is_space(c))
			return SPLIT_MORE;
		if (c != '{')
			return skip(s, c, SPLIT_NO_OBJECT);
		s->state = SPLIT_INSIDE;
		s->length = s->depth = 0;
		break;
	case SPLIT_SKIPPING:
		if (c == '\n')
			s->state = SPLIT_OUTSIDE;
		return ++s->skipped > SPLIT_LENGTH ? SPLIT_TOO_LONG : SPLIT_MORE;
	default:
		break;
	}
	if (s->length == SPLIT_LENGTH)
		return SPLIT_TOO_LONG;
	s->bytes[s->length++] = c;
	if (s->state == SPLIT_INSIDE)
		return look_inside(s, c);
	if (is_control(c))
		return skip(s, c, SPLIT_NO_OBJECT);
	if (s->state == SPLIT_ESCAPE)
		s->state = SPLIT_STRING;
	else if (c == '\\')
		s->state = SPLIT_ESCAPE;
	else if (c == '"')
		s->state = SPLIT_INSIDE;
	return SPLIT_MORE;
}

enum split_found split__feed(struct split *s, const char *bytes, unsigned n, unsigned *used)
{
	for (unsigned i = 0; i < n; i++) {
		enum split_found found = look(s, bytes[i]);

		if (found != SPLIT_MORE) {
			*used = i + 1;
			return found;
		}
	}
	*used = n;
	return SPLIT_MORE;
}
