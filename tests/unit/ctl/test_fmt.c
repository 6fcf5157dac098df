/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "ctl/fmt.h"
#include "src/base/cleanup.h"

/* The text for people of a reply, given as JSON with ' for ". Freed by the caller. */
static char *formatted(enum hawk_verb_id id, const char *text)
{
	_cleanup_free_ char *json = strdup(text);
	struct hawk_command command = { .verb = hawk_verb(id) };
	char *out = NULL;
	size_t size;
	FILE *f = open_memstream(&out, &size);
	json_t *reply;

	assert_non_null(json);
	for (char *p = json; (p = strchr(p, '\'')); p++)
		*p = '"';
	reply = json_loads(json, 0, NULL);
	assert_non_null(f);
	assert_non_null(reply);
	hawk_fmt(f, &command, reply);
	fclose(f);
	json_decref(reply);
	return out;
}

static void shows(enum hawk_verb_id id, const char *reply, const char *expected)
{
	_cleanup_free_ char *text = formatted(id, reply);

	assert_string_equal(text, expected);
}

static void status(void **state)
{
	shows(HAWK_VERB_STATUS,
	      "{'version':'1.2','pid':42,'uptime_ms':61000,'kernel':'6.1','enabled':['a','b'],"
	      "'events':10,'lost':2,'signatures':60,'findings':4,'processes':3,'clients':1,'refused':0,'responsive':true,"
	      "'sinks':[{'name':'file','events':9,'lost':0,'problem':'No space left'}],"
	      "'degraded':['no BTF']}",
	      "● sechawkd 1.2: running, degraded since 1 min 1 s, pid 42\n"
	      "  Kernel       6.1\n"
	      "  Events       10\n"
	      "  Lost         2\n"
	      "  Signatures   60\n"
	      "  Findings     4\n"
	      "  Processes    3\n"
	      "  Clients      1\n"
	      "  Enabled      a b\n"
	      "  Sinks        file: 9 events, No space left\n"
	      "  Degraded     no BTF\n");
}

static void tree(void **state)
{
	shows(HAWK_VERB_PROCESS_TREE,
	      "{'nodes':[{'depth':0,'process':{'pid':1,'ppid':0,'uid':4000000001,'comm':'init'}},"
	      "{'depth':1,'process':{'pid':2,'ppid':1,'uid':4000000001,'exe':'/bin/a'}},"
	      "{'depth':2,'process':{'pid':3,'ppid':2,'uid':4000000001,'argv':['b','x\\u001b\\uefff']}},"
	      "{'depth':1,'process':{'pid':4,'ppid':1,'uid':4000000001,'comm':'c','unit':'c.service',"
	      "'start_time':'2026-01-02T03:04:05.678Z','exit_time':'x'}}]}",
	      "PID  PPID  USER        STARTED              UNIT       COMMAND\n"
	      "  1     0  4000000001  -                    -          [init]\n"
	      "  2     1  4000000001  -                    -          ├─/bin/a\n"
	      "  3     2  4000000001  -                    -          │ └─b x\\x1b\\xff\n"
	      "  4     1  4000000001  2026-01-02T03:04:05  c.service  └─[c] (exited)\n");
}

static void event(void **state)
{
	shows(HAWK_VERB_EVENT_SHOW,
	      "{'event':{'name':'file_open','doc':'a file was opened','enabled':true,'collected':true,"
	      "'aliases':[],'sets':['fs']},'fields':[{'name':'inode','type':'u64','doc':'number'}],"
	      "'needs':['process.context'],'counts':{'seen':5,'filtered':1,'sent':4,'lost':0},"
	      "'alternatives':[{'name':'fexit','programs':['p'],'before':false,'sees':'all',"
	      "'misses':'','chosen':false,'problem':'no BTF'},{'name':'raw_tp','programs':['q','r'],"
	      "'before':false,'sees':'some','misses':'others','chosen':true}]}",
	      "file_open: a file was opened\n"
	      "  State        enabled\n"
	      "  Sets         fs\n"
	      "  Needs        process.context\n"
	      "  Counts       5 seen, 1 filtered, 4 sent, 0 lost\n"
	      "\nFields\n"
	      "  FIELD       TYPE  MEANING\n"
	      "  data.inode  u64   number\n"
	      "\nProbes, best first\n"
	      "  ○ fexit, after the fact: p\n"
	      "      sees all\n"
	      "      cannot be used: no BTF\n"
	      "  ● raw_tp, after the fact: q, r\n"
	      "      sees some\n"
	      "      misses others\n");
}

static void switches(void **state)
{
	shows(HAWK_VERB_EVENT_ENABLE, "{'changed':['a','b']}", "Enabled: a, b\n");
	shows(HAWK_VERB_EVENT_ENABLE, "{'changed':[]}", "Nothing to do: enabled already.\n");
	shows(HAWK_VERB_EVENT_DISABLE, "{'changed':['a']}", "Disabled: a\n");
	shows(HAWK_VERB_LOG_LEVEL, "{'level':'debug'}", "debug\n");
	shows(HAWK_VERB_METRICS, "{'text':'# HELP a\\na 1\\n'}", "# HELP a\na 1\n");
}

static void process(void **state)
{
	shows(HAWK_VERB_PROCESS_SHOW,
	      "{'process':{'pid':7,'exe':'/bin/x','argv':['x'],'ns':{'mnt':{'is_host':true}}},"
	      "'ancestors':[{'pid':1,'uid':4000000001,'comm':'init'}],'children':[8,9]}",
	      "x\n"
	      "  pid                          7\n"
	      "  exe                          /bin/x\n"
	      "  argv                         [\"x\"]\n"
	      "  ns.mnt.is_host               true\n"
	      "\nAncestors\n"
	      "PID  PPID  USER        STARTED  UNIT  COMMAND\n"
	      "  1     0  4000000001  -        -     [init]\n"
	      "\nChildren\n"
	      "  8 9\n");
}

static void probes(void **state)
{
	shows(HAWK_VERB_PROBE_LIST,
	      "{'events':[{'event':'file_open','wanted':true,'chosen':'raw_tp','alternatives':["
	      "{'name':'fexit','chosen':false,'problem':'no BTF'},{'name':'raw_tp','chosen':true}]},"
	      "{'event':'x','wanted':true,'alternatives':[]}],"
	      "'programs':[{'name':'sys_exit_rtp','kind':'raw_tp','target':'sys_exit','id':12}],"
	      "'kinds':[{'name':'raw_tp','usable':true},{'name':'lsm','usable':false,'problem':'off'}]}",
	      "EVENT      PROBE       NOT USED\n"
	      "file_open  raw_tp      fexit: no BTF\n"
	      "x          impossible  -\n"
	      "\nPROGRAM       KIND    ID  TARGET\n"
	      "sys_exit_rtp  raw_tp  12  sys_exit\n"
	      "\nKIND    USABLE  WHY NOT\n"
	      "raw_tp  yes     -\n"
	      "lsm     no      off\n");
}

/* A reply with nothing in it, or with members of other types, is shown without harm. */
static void strange_replies(void **state)
{
	static const char *const replies[] = {
		"{}",
		"{'event':1,'events':[1,null,{}],'processes':[[]],'process':[],'ancestors':[3],"
		"'children':['x'],"
		"'nodes':[{'depth':100000},{'depth':-1},{'depth':3}],'sinks':[{}],'kinds':[0],"
		"'programs':[{}],"
		"'pipeline':[],'memory':{'kernel':'x'},'changed':[{}],'text':{},'degraded':[1],'fields':[[]],"
		"'alternatives':[5],'counts':[],'enabled':[[]]}",
	};

	for (int id = 0; id < HAWK_VERB_MAX; id++)
		for (size_t i = 0; i < ARRAY_SIZE(replies); i++)
			free(formatted(id, replies[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(status),   cmocka_unit_test(tree),    cmocka_unit_test(event),
		cmocka_unit_test(switches), cmocka_unit_test(process), cmocka_unit_test(probes),
		cmocka_unit_test(strange_replies),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	hawk_term_set(false, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
