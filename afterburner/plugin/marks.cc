/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which loads and stores are sensitive. Two text files say so; '#' begins a comment in both.
 *
 * The file of marks, which belongs to a kernel (afterburner/linux.sensitive):
 *
 *	function PATTERN	volatile accesses whose text stands in such a function, wherever it was inlined
 *	file PATTERN		volatile accesses whose text stands in such a file
 *	type NAME		accesses to or through an object of this struct, union or typedef
 *	attribute NAME		GCC shall know this attribute: on a function it marks as `function`, on a type or
 *				a variable as `type` does
 *
 * Patterns are those of the shell. The places of a profile (afterburn-report), one for each line:
 *
 *	TRAPS SHARE WHAT FUNCTION FILE:LINE	accesses of any kind that this line has in this function; with
 *						WHAT/slot that which was in the delay slot of a branch of this line
 *
 * GCC knows the function a text comes from by the scope of the instruction's location. Without -g it throws
 * away scopes in which nothing is left, and so the functions in the middle of a chain of inlined calls: name
 * the one in which the access itself stands.
 */
#include "gcc-common.h"

#include <fnmatch.h>

#include "plugin.h"

#define FILE_PARTS	3	/* of a path are compared: two trees of one source differ further up */

enum rule_kind { RULE_FUNCTION, RULE_FILE, RULE_TYPE, RULE_ATTRIBUTE, RULES };
static const char *const rule_names[RULES] = { "function", "file", "type", "attribute" };

static vec<char *> rules[RULES];

struct place {
	char *function, *file;
	int line;
	bool in_slot;
};
static vec<place> places;

static void ATTRIBUTE_NORETURN refuse(const char *path, unsigned int line, const char *what, const char *right)
{
	if (line)
		fprintf(stderr, "afterburn-plugin: %s:%u: %s; %s\n", path, line, what, right);
	else
		fprintf(stderr, "afterburn-plugin: %s: %s; %s\n", path, what, right);
	exit(FATAL_EXIT_CODE);
}

/* Calls take() for each line that holds something, with its words. */
static void read_lines(const char *path, const char *right,
		       void (*take)(const char *path, unsigned int line, vec<char *> &words))
{
	FILE *f = fopen(path, "r");
	unsigned int line = 0;
	char *text = NULL;
	size_t room = 0;

	if (!f)
		refuse(path, 0, xstrerror(errno), right);
	while (getline(&text, &room, f) > 0) {
		auto_vec<char *, 8> words;
		char *save, *comment = strchr(text, '#');

		line++;
		if (comment)
			*comment = '\0';
		for (char *w = strtok_r(text, " \t\r\n", &save); w; w = strtok_r(NULL, " \t\r\n", &save))
			words.safe_push(w);
		if (words.length())
			take(path, line, words);
	}
	free(text);
	fclose(f);
}

static void take_rule(const char *path, unsigned int line, vec<char *> &words)
{
	for (unsigned int kind = 0; kind < RULES; kind++)
		if (!strcmp(words[0], rule_names[kind]) && words.length() == 2) {
			rules[kind].safe_push(xstrdup(words[1]));
			return;
		}
	refuse(path, line, words.length() == 2 ? "this is no kind of mark" : "two words were expected",
	       "'function NAME', 'file NAME', 'type NAME' or 'attribute NAME' would be right");
}

void marks_read(const char *path)
{
	read_lines(path, "a file of marks would be right", take_rule);
}

/* Do the last parts of two paths agree, as many as both have? One may be absolute, the other relative. */
static bool same_file(const char *a, const char *b)
{
	const char *p = a + strlen(a), *q = b + strlen(b);

	for (unsigned int parts = 0; p > a && q > b; )
		if (*--p != *--q)
			return false;
		else if (*p == '/' && ++parts == FILE_PARTS)
			return true;
	return (p == a || p[-1] == '/') && (q == b || q[-1] == '/');
}

static bool places_seen;

static void take_place(const char *path, unsigned int line, vec<char *> &words)
{
	const char *right = "a line as afterburn-report writes it would be right";
	char *colon, *end;
	place p;

	if (!places_seen) {
		if (words.length() != 2 || strcmp(words[0], "afterburn-places") || strcmp(words[1], "1"))
			refuse(path, line, "'afterburn-places 1' was expected", "afterburn-report writes such files");
		places_seen = true;
		return;
	}
	if (words.length() != 5)
		refuse(path, line, "five words were expected", right);
	colon = strrchr(words[4], ':');
	p.line = colon ? strtol(colon + 1, &end, 10) : 0;
	if (p.line <= 0 || *end)
		refuse(path, line, "the last word is not FILE:LINE", right);
	*colon = '\0';
	end = strchr(words[2], '/');
	p.in_slot = end && !strcmp(end, "/slot");
	p.file = xstrdup(strncmp(words[4], "./", 2) ? words[4] : words[4] + 2);
	p.function = xstrdup(words[3]);
	places.safe_push(p);
}

void marks_read_places(const char *path)
{
	read_lines(path, "the output of afterburn-report would be right", take_place);
	if (!places_seen)
		refuse(path, 0, "it is empty", "the output of afterburn-report would be right");
}

void marks_register_attributes(void)
{
	for (char *name : rules[RULE_ATTRIBUTE]) {
		attribute_spec *spec = XCNEW(attribute_spec);

		spec->name = name;
		register_attribute(spec);
	}
}

static bool has_attribute(tree attributes)
{
	for (char *name : rules[RULE_ATTRIBUTE])
		if (lookup_attribute(name, attributes))
			return true;
	return false;
}

static bool matches(enum rule_kind kind, const char *name)
{
	for (char *pattern : rules[kind])
		if (!fnmatch(pattern, name, 0))
			return true;
	return false;
}

static bool function_marked(const_tree function)
{
	return matches(RULE_FUNCTION, IDENTIFIER_POINTER(DECL_NAME(function))) ||
	       has_attribute(DECL_ATTRIBUTES(function));
}

/* The function whose text a scope is: its own, or the one it was copied from when that was inlined. */
static const_tree function_of(const_tree scope)
{
	scope = BLOCK_ORIGIN(scope);
	while (scope && TREE_CODE(scope) == BLOCK)
		scope = BLOCK_SUPERCONTEXT(scope);
	return scope && TREE_CODE(scope) == FUNCTION_DECL ? scope : NULL_TREE;
}

static bool text_marked(location_t location)
{
	const char *file = LOCATION_FILE(location);

	if (file && matches(RULE_FILE, file))
		return true;
	for (const_tree scope = LOCATION_BLOCK(location); scope && TREE_CODE(scope) == BLOCK;
	     scope = BLOCK_SUPERCONTEXT(scope)) {
		const_tree function = function_of(scope);

		if (function && function_marked(function))
			return true;
	}
	return function_marked(current_function_decl);
}

static bool type_marked(const_tree type)
{
	const_tree name = TYPE_NAME(type);

	if (has_attribute(TYPE_ATTRIBUTES(type)))
		return true;
	if (name && TREE_CODE(name) == TYPE_DECL) {
		if (has_attribute(DECL_ATTRIBUTES(name)))
			return true;
		name = DECL_NAME(name);
	}
	return name && matches(RULE_TYPE, IDENTIFIER_POINTER(name));
}

/* The object that is accessed, and each that it is a part of. */
static bool object_marked(const_tree object)
{
	if (!object || (rules[RULE_TYPE].is_empty() && rules[RULE_ATTRIBUTE].is_empty()))
		return false;
	for (; object; object = handled_component_p(object) ? TREE_OPERAND(object, 0) : NULL_TREE) {
		if (TREE_TYPE(object) && type_marked(TREE_TYPE(object)))
			return true;
		if (DECL_P(object) && has_attribute(DECL_ATTRIBUTES(object)))
			return true;
	}
	return false;
}

/* GCC calls its copies of a function by other names: foo.constprop.0 is foo. */
static bool same_function(const char *place, const char *name)
{
	size_t length = strcspn(name, ".");

	return !strncmp(place, name, length) && (!place[length] || place[length] == '.');
}

static bool in_place(location_t location, bool in_slot)
{
	expanded_location at;

	if (places.is_empty() || !location)
		return false;
	at = expand_location(location);
	if (!at.file)
		return false;
	if (!strncmp(at.file, "./", 2))
		at.file += 2;
	for (const place &p : places)
		if (p.line == at.line && p.in_slot >= in_slot && same_file(p.file, at.file) &&
		    same_function(p.function, IDENTIFIER_POINTER(DECL_ASSEMBLER_NAME(current_function_decl))))
			return true;
	return false;
}

bool marks_cover(const rtx_insn *insn, const_rtx mem)
{
	return (MEM_VOLATILE_P(mem) && text_marked(INSN_LOCATION(insn))) || object_marked(MEM_EXPR(mem)) ||
	       in_place(INSN_LOCATION(insn), false);
}

bool marks_cover_slot(const rtx_insn *insn)
{
	return in_place(INSN_LOCATION(insn), true);
}
