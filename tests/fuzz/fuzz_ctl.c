/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What sechawkctl makes of a daemon's replies, which anybody may send who has a
 * socket of that name. The first byte chooses the verb; nothing that could
 * steer a terminal may come out.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ctl/base64.h"
#include "ctl/client.h"
#include "ctl/fmt.h"
#include "ctl/graph.h"
#include "ctl/text.h"
#include "src/base/cleanup.h"

/* What a socket pair takes without a reader. */
#define INPUT_MAX ((size_t)128 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct shown {
	char *text;
	size_t len;
	FILE *to;
};

/* Length of a colour at AT, which the daemon may send: ESC [ digits m. 0: it is none. */
static size_t colour(const char *at)
{
	size_t n = 2 + (at[1] == '[' ? strspn(at + 2, "0123456789;") : 0);

	return at[0] == '\033' && at[1] == '[' && at[n] == 'm' ? n + 1 : 0;
}

static void check_shown(const struct shown *s, bool colours)
{
	for (size_t i = 0; i < s->len; i++) {
		unsigned char c = s->text[i];
		size_t n = colours ? colour(s->text + i) : 0;

		/* The 8-bit ones are two bytes in UTF-8. */
		if (!n && ((c < ' ' && c != '\n' && c != '\t') || c == 0x7f ||
			   (c == 0xc2 && (unsigned char)s->text[i + 1] >= 0x80 &&
			    (unsigned char)s->text[i + 1] < 0xa0)))
			abort();
		i += n ? n - 1 : 0;
	}
}

static void use_reply(struct shown *s, const struct hawk_verb_desc *verb, const struct hawk_reply *reply)
{
	const struct hawk_command command = { .verb = verb };
	const json_t *chunk = json_object_get(reply->parameters, "chunk");

	if (reply->error) {
		hawk_client_explain(verb, reply);
		return;
	}
	if (json_is_string(chunk)) {
		_cleanup_(hawk_buf_done) struct hawk_buf bytes = HAWK_BUF_INIT;

		hawk_base64_decode(&bytes, json_string_value(chunk), json_string_length(chunk));
	}
	if (!reply->parameters)
		return;
	hawk_fmt(s->to, &command, reply->parameters);
	if (verb->id == HAWK_VERB_FINDING_SHOW) {
		hawk_graph_dot(s->to, reply->parameters);
		hawk_graph_svg(s->to, reply->parameters);
	}
	hawk_text_write_json(s->to, reply->parameters, true);
}

static void read_replies(struct hawk_client *client, const struct hawk_verb_desc *verb, struct shown *s)
{
	for (;;) {
		_cleanup_(hawk_reply_done) struct hawk_reply reply = { .json = NULL };

		switch (hawk_client_next(client, &reply, 0, NULL)) {
		case HAWK_NEXT_LINE:
			hawk_text_write_line(s->to, client->line.data, client->line.len, true);
			break;
		case HAWK_NEXT_REPLY:
			use_reply(s, verb, &reply);
			break;
		default:
			return;
		}
	}
}

/*
 * Explanations go to standard error, of which 10,000 mutations make too much; sanitizers
 * write to the descriptor.
 */
static void silence(void)
{
	static FILE *nowhere;

	if (!nowhere) {
		nowhere = fopen("/dev/null", "we");
		stderr = nowhere ? nowhere : stderr;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(hawk_client_done) struct hawk_client client = HAWK_CLIENT_INIT;
	struct shown s = { .text = NULL };
	const struct hawk_verb_desc *verb;
	int pair[2];

	silence();
	if (size < 1 || size > INPUT_MAX || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return 0;
	verb = hawk_verb(data[0] % HAWK_VERB_MAX);
	client.fd = pair[0];
	client.path = "fuzzer";
	client.lines = verb->kind == HAWK_KIND_STREAM;
	hawk_frames_init(&client.frames, HAWK_FRAME_MAX_REPLY);
	if (send(pair[1], data + 1, size - 1, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 && size > 1)
		abort();
	close(pair[1]);
	s.to = open_memstream(&s.text, &s.len);
	if (!s.to)
		abort();
	read_replies(&client, verb, &s);
	fclose(s.to);
	check_shown(&s, client.lines);
	free(s.text);
	return 0;
}
