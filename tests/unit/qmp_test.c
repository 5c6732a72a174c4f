/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * wedge/control/split.c and qmp.c: messages in a stream, and what they are answered.
 */
#include <stdlib.h>

#include "tests/unit/cmocka_all.h"
#include "wedge/control/qmp.h"
#include "wedge/control/split.h"

/* What is found in `stream`, given in pieces of `piece` bytes: a word for each. */
static void expect(const char *stream, unsigned piece, const char *words)
{
	static struct split s;
	static const char *const word[] = { "", "message ", "none ", "deep ", "long " };
	char got[256] = "";
	const size_t size = strlen(stream);
	unsigned used;

	s = (struct split){ 0 };
	for (size_t at = 0, n; at < size; at += used) {
		n = size - at < piece ? size - at : piece;
		strcat(got, word[split__feed(&s, stream + at, n, &used)]);
	}
	assert_string_equal(got, words);
}

static void in_all_pieces(const char *stream, const char *words)
{
	for (unsigned piece = 1; piece <= strlen(stream); piece++)
		expect(stream, piece, words);
}

static void messages(void **state)
{
	in_all_pieces("{}", "message ");
	in_all_pieces("{\"a\":[{}, \"}\\\"{\"]}{ }\r\n {\"b\":1}\n", "message message message ");
	in_all_pieces("{\"a\":\"\\\\\"}{}", "message message ");
	in_all_pieces("{\"a\":", "");
}

static void what_is_no_object(void **state)
{
	in_all_pieces("hello {}\n{}", "none message ");
	in_all_pieces("[1]\n123\n{}", "none none message ");
	in_all_pieces("}\n{}", "none message ");
	in_all_pieces("{\"a\n{}", "none message ");
	in_all_pieces("{\"a\\\n{}", "none message ");
	in_all_pieces("{\001}\n{}", "none message ");
}

static void bounds(void **state)
{
	char *text = test_malloc(3 * SPLIT_LENGTH);

	memset(text, '[', SPLIT_DEPTH);
	memset(text + SPLIT_DEPTH, ']', SPLIT_DEPTH);
	text[0] = '{';
	strcpy(text + 2 * SPLIT_DEPTH - 1, "}");
	expect(text, 7, "message ");
	memset(text, '[', 3 * SPLIT_LENGTH);
	text[0] = '{';
	strcpy(text + SPLIT_DEPTH + 1, "\n{}");
	expect(text, 7, "deep message ");
	memset(text, ' ', 3 * SPLIT_LENGTH);
	text[0] = '{';
	strcpy(text + SPLIT_LENGTH - 1, "}");
	expect(text, 1000, "message ");
	memset(text, ' ', 3 * SPLIT_LENGTH);
	text[0] = '{';
	strcpy(text + SPLIT_LENGTH, "}");
	expect(text, 1000, "long ");
	memset(text, 'x', SPLIT_LENGTH + 3);
	text[SPLIT_LENGTH + 3] = 0;
	expect(text, 1000, "none long long ");
	test_free(text);
}

/* --- QMP --- */

static int add(void *user, const cJSON *arguments, struct qmp_answer *a)
{
	const cJSON *n = cJSON_GetObjectItemCaseSensitive(arguments, "n"), *text = cJSON_GetObjectItemCaseSensitive(arguments, "text");

	if (text)
		return complain(&a->error, "not '%s'", text->valuestring);
	a->value = cJSON_CreateNumber(n->valuedouble + 1);
	return 0;
}

static const struct qmp_command commands[] = {
	{ "add", add, { { "n", QMP_NUMBER }, { "text", QMP_STRING | QMP_OPTIONAL } } },
	{ NULL, NULL, { { NULL, 0 } } },
};

static bool negotiated;

static void answered(const char *message, const char *expected)
{
	const struct qmp qmp = { commands, NULL, "1.2.3", &negotiated };
	char *answer = qmp__answer(&qmp, message, strlen(message));

	assert_non_null(answer);
	assert_string_equal(answer + strlen(answer) - 2, "\r\n");
	answer[strlen(answer) - 2] = 0;
	assert_string_equal(answer, expected);
	free(answer);
}

static void refused(const char *message, const char *class, const char *description)
{
	char expected[512];

	snprintf(expected, sizeof(expected), "{\"error\":{\"class\":\"%s\",\"desc\":\"%s\"}}", class, description);
	answered(message, expected);
}

static void negotiation(void **state)
{
	negotiated = false;
	refused("{\"execute\":\"add\"}", "CommandNotFound", "Expecting capabilities negotiation with 'qmp_capabilities', not 'add'");
	refused("{\"execute\":\"qmp_capabilities\",\"arguments\":{\"enable\":[\"oob\"]}}", "GenericError",
		"Capability is not available: 'enable' has to be empty");
	answered("{\"execute\":\"qmp_capabilities\"}", "{\"return\":{}}");
	refused("{\"execute\":\"qmp_capabilities\"}", "CommandNotFound",
		"Capabilities negotiation is already complete, command 'qmp_capabilities' is ignored");
}

static void answers(void **state)
{
	negotiated = true;
	answered("{\"execute\":\"add\",\"arguments\":{\"n\":41},\"id\":{\"x\":[null]}}", "{\"return\":42,\"id\":{\"x\":[null]}}");
	answered("{\"execute\":\"query-version\"}",
		 "{\"return\":{\"qemu\":{\"major\":1,\"minor\":2,\"micro\":3},\"package\":\"Afterburn for MIPS64 1.2.3\"}}");
	answered("{\"execute\":\"query-commands\",\"id\":\"a\"}", "{\"return\":[{\"name\":\"qmp_capabilities\"},{\"name\":\"query-version\"},"
		 "{\"name\":\"query-commands\"},{\"name\":\"add\"}],\"id\":\"a\"}");
	answered("{\"execute\":\"sub\",\"id\":1}", "{\"error\":{\"class\":\"CommandNotFound\",\"desc\":\"The command sub has not been found\"},\"id\":1}");
}

static void wrong_messages(void **state)
{
	negotiated = true;
	refused("{\"execute\":1}", "GenericError", "QMP input lacks member 'execute', a string");
	refused("{\"run\":1}", "GenericError", "QMP input member 'run' is unexpected");
	refused("{,}", "GenericError", "JSON parse error");
	refused("{\"execute\":\"add\"}", "GenericError", "Parameter 'n' is missing");
	refused("{\"execute\":\"add\",\"arguments\":[]}", "GenericError", "QMP input member 'arguments' must be an object");
	refused("{\"execute\":\"add\",\"arguments\":{\"n\":1,\"m\":2}}", "GenericError", "Parameter 'm' is unexpected");
	refused("{\"execute\":\"add\",\"arguments\":{\"n\":-1}}", "GenericError", "Invalid parameter type for 'n', expected: integer");
	refused("{\"execute\":\"add\",\"arguments\":{\"n\":1.5}}", "GenericError", "Invalid parameter type for 'n', expected: integer");
	refused("{\"execute\":\"add\",\"arguments\":{\"n\":1e300}}", "GenericError", "Invalid parameter type for 'n', expected: integer");
	refused("{\"execute\":\"add\",\"arguments\":{\"n\":1,\"text\":\"%s\"}}", "GenericError", "not '%s'");
}

static void events(void **state)
{
	char *line = qmp__event("STOP", NULL), *greeting = qmp__greeting("0.1");

	assert_non_null(strstr(line, "\"event\":\"STOP\"}\r\n"));
	assert_ptr_equal(strstr(line, "{\"timestamp\":{\"seconds\":"), line);
	assert_string_equal(greeting, "{\"QMP\":{\"version\":{\"qemu\":{\"major\":0,\"minor\":1,\"micro\":0},"
			    "\"package\":\"Afterburn for MIPS64 0.1\"},\"capabilities\":[]}}\r\n");
	free(line);
	free(greeting);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages), cmocka_unit_test(what_is_no_object), cmocka_unit_test(bounds), cmocka_unit_test(negotiation),
		cmocka_unit_test(answers), cmocka_unit_test(wrong_messages), cmocka_unit_test(events),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
