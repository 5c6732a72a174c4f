/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a client sends to a VM's control socket: the stream in pieces, whose lengths are in the input, too. Whatever it is, each message has one
 * answer, which is a line of JSON with the message's id.
 */
#include <stdlib.h>
#include <string.h>

#include "wedge/control/qmp.h"
#include "wedge/control/split.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static int any(void *user, const cJSON *arguments, struct qmp_answer *a)
{
	const cJSON *text = cJSON_GetObjectItemCaseSensitive(arguments, "text");

	a->value = cJSON_Duplicate(arguments, true);
	return text ? complain(&a->error, "no: %s", text->valuestring) : 0;
}

static const struct qmp_command commands[] = {
	{ "any", any, { { "n", QMP_NUMBER }, { "text", QMP_STRING | QMP_OPTIONAL }, { "b", QMP_BOOL | QMP_OPTIONAL } } },
	{ NULL, NULL, { { NULL, 0 } } },
};

static void check_answer(const char *message, unsigned length, const char *answer)
{
	cJSON *asked = cJSON_ParseWithLength(message, length), *said = cJSON_Parse(answer);
	const cJSON *id = cJSON_GetObjectItemCaseSensitive(asked, "id"), *echo = cJSON_GetObjectItemCaseSensitive(said, "id");

	if (!said || !cJSON_HasObjectItem(said, "return") == !cJSON_HasObjectItem(said, "error") || !id != !echo ||
	    strchr(answer, '\n') != answer + strlen(answer) - 1)
		abort();
	cJSON_Delete(asked);
	cJSON_Delete(said);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static struct split s;
	bool negotiated = false;
	const struct qmp qmp = { commands, NULL, "0.1", &negotiated };
	unsigned piece = size ? data[0] % 64 + 1 : 1, used;

	memset(&s, 0, offsetof(struct split, bytes));
	for (size_t at = 1; at < size; at += used) {
		enum split_found found = split__feed(&s, (const char *)data + at, size - at < piece ? size - at : piece, &used);

		if (!used || s.length > SPLIT_LENGTH || s.depth > SPLIT_DEPTH)
			abort();
		if (found == SPLIT_MESSAGE) {
			char *copy = malloc(s.length), *answer;	/* so that one byte too many is seen */

			memcpy(copy, s.bytes, s.length);
			answer = qmp__answer(&qmp, copy, s.length);
			check_answer(copy, s.length, answer);
			free(answer);
			free(copy);
		}
	}
	return 0;
}
