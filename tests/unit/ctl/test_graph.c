/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The story of a finding as text, for Graphviz and as SVG, whatever stands in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "ctl/fmt.h"
#include "ctl/graph.h"
#include "src/base/cleanup.h"

static const char story[] =
	"{'finding':{'id':'a-7','time':'2026-01-02T03:04:05.678Z','severity':'high','signature':'shadow_read',"
	"'signature_id':'T-1','message':'cat <read> \\\"it\\\" \\u001b[2J & more','count':2,'pid':101,'unit':'a.service'},"
	"'story':{'version':'1.0','title':'A title','description':'First line\\nsecond','what_to_do':'Ask.',"
	"'output':['path=/etc/shadow'],'root_pid':60,"
	"'process':{'pid':101,'uid':1000,'euid':0,'argv':['cat','<b>\\u001b]0;x\\u0007'],'start_time':'x'},"
	"'ancestors':[{'pid':60,'uid':0,'exe':'/bin/sh','unit':'a.service'},{'pid':1,'uid':0,'comm':'init'}],"
	"'evidence':[{'before_us':1500000,'pid':101,'step':'first','event':'file_open','data':{'pathname':'/etc/shadow\\\"\\n',"
	"'flags':['O_RDWR','O_CLOEXEC'],'inode':5}},{'before_us':0,'pid':101,'event':'file_open','data_text':'{cut'}],"
	"'path':[{'before_us':9000000,'id':'a-1','pid':60,'severity':'low','signature':'quiet','message':'before'}],"
	"'context':[{'before_us':2000,'pid':102,'comm':'ls','event':'file_open','data':{}}],"
	"'coverage':{'from_us':4000000,'limit':'room','left_out':3,'events':['file_open','ptrace']}}}";

static json_t *parse(const char *text)
{
	_cleanup_free_ char *json = strdup(text);
	json_t *reply;

	assert_non_null(json);
	for (char *p = json; (p = strchr(p, '\'')); p++)
		*p = '"';
	reply = json_loads(json, 0, NULL);
	assert_non_null(reply);
	return reply;
}

/* What WRITE makes of the reply TEXT; freed by the caller. */
static char *made(void (*write)(FILE *to, const json_t *reply), const char *text)
{
	json_t *reply = parse(text);
	char *out = NULL;
	size_t size;
	FILE *f = open_memstream(&out, &size);

	assert_non_null(f);
	write(f, reply);
	fclose(f);
	json_decref(reply);
	assert_null(memchr(out, 0x1b, size));
	assert_null(memchr(out, 0x07, size));
	return out;
}

static void as_text(FILE *to, const json_t *reply)
{
	const struct hawk_command command = { .verb = hawk_verb(HAWK_VERB_FINDING_SHOW) };

	hawk_fmt(to, &command, reply);
}

static void has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no \"%s\" in:\n%s", part, text);
}

static void text(void **state)
{
	_cleanup_free_ char *out = made(as_text, story);

	(void)state;
	has(out, "shadow_read  high  a-7\n");
	has(out, "  init  pid 1 uid 0\n  └─ /bin/sh  pid 60 uid 0 a.service (the story begins here)\n     └─ cat <b>");
	has(out, "pid 101 uid 1000 euid 0\n");
	has(out, "     -1.500s  pid 101  [first] file_open  pathname=/etc/shadow\"\\x0a flags=O_RDWR,O_CLOEXEC inode=5\n");
	has(out, "     -0.000s  pid 101  file_open  {cut\n");
	has(out, "     -9.000s  pid 60  quiet  before\n");
	has(out, "     -0.002s  ls(102)  file_open");
	has(out, "Seen: 4.000 s back, what came before had to make room; 3 older ones left out.");
	has(out, "\nWhat this means\n  First line\n  second\n");
}

static void dot(void **state)
{
	_cleanup_free_ char *out = made(hawk_graph_dot, story);
	bool quoted = false;

	(void)state;
	has(out, "digraph finding {");
	has(out, "p0 -> p1;");
	has(out, "p2 -> finding");
	has(out, "cat <read> \\\"it\\\" \\\\x1b[2J & more");
	has(out, "e1 -> finding");
	/* strings end where they should: there is no brace but the last one outside of them */
	for (const char *p = out + strlen("digraph finding {"); *p; p++) {
		if (quoted && *p == '\\' && p[1]) {
			p++;
			continue;
		}
		quoted ^= *p == '"';
		if (!quoted && *p == '}')
			assert_string_equal(p, "}\n");
	}
	assert_false(quoted);
}

static void svg(void **state)
{
	_cleanup_free_ char *out = made(hawk_graph_svg, story);

	(void)state;
	has(out, "<svg xmlns=\"http://www.w3.org/2000/svg\"");
	has(out, "cat &lt;read&gt; &quot;it&quot; \\x1b[2J &amp; more");
	has(out, "&lt;b&gt;");
	assert_null(strstr(out, "<read>"));
	assert_null(strstr(out, "<b>"));
	assert_string_equal(out + strlen(out) - 7, "</svg>\n");
}

/* A daemon of another version, or somebody else: nothing of it may be there, or be what it should. */
static void strange(void **state)
{
	static const char *const replies[] = {
		"{}", "{'finding':[],'story':7}", "{'finding':{},'story':{'process':[],'ancestors':{},'evidence':[1,'a'],"
		"'context':[{'data':[]}],'path':[null],'coverage':[],'output':[1]}}",
		"{'story':{'process':{},'ancestors':[1,[],{'argv':7}]}}",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(replies); i++) {
		free(made(as_text, replies[i]));
		free(made(hawk_graph_dot, replies[i]));
		free(made(hawk_graph_svg, replies[i]));
	}
}

/* However much there is, the picture has an end. */
static void bounds(void **state)
{
	json_t *reply = parse(story), *part = json_object_get(reply, "story"), *list = json_object_get(part, "context");
	_cleanup_free_ char *json = NULL, *out = NULL;

	(void)state;
	for (int i = 0; i < 5000; i++) {
		json_array_append_new(list, json_pack("{s:i, s:i, s:s}", "before_us", i, "pid", i, "event", "file_open"));
		json_array_append(json_object_get(part, "ancestors"), json_object_get(part, "process"));
	}
	json = json_dumps(reply, 0);
	json_decref(reply);
	out = made(hawk_graph_svg, json);
	assert_true(strlen(out) < 64 * 1024);
	free(out);
	out = made(hawk_graph_dot, json);
	assert_true(strlen(out) < 64 * 1024);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text), cmocka_unit_test(dot), cmocka_unit_test(svg), cmocka_unit_test(strange),
		cmocka_unit_test(bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
