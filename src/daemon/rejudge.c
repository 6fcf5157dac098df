/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/daemon/rejudge.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "src/base/cleanup.h"
#include "src/base/textfile.h"
#include "src/daemon/detecting.h"
#include "src/daemon/filedir.h"
#include "src/daemon/matching.h"
#include "src/daemon/policylist.h"
#include "src/daemon/sigfiles.h"
#include "src/daemon/signames.h"
#include "src/finding/finding.h"

struct hawk_rejudge {
	struct hawk_rejudge_options options;
	struct hawk_facts *facts;
	struct hawk_policylist policies;
	struct hawk_policy_set *policy_set;
	struct hawk_matching matching;
	struct hawk_sigfiles files;
	struct hawk_policy_signatures names; /* of them */
	struct hawk_sig_set *signatures;
	struct hawk_sig_engine *engine;
	struct hawk_findings *findings;
	struct hawk_detecting detecting;
};

/* --- reading --- */

static bool is_directory(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* Calls FN for each of the directories or files in LIST. */
static int each_path(const char *list, int (*fn)(struct hawk_rejudge *j, char *path, char **ret_why),
		     struct hawk_rejudge *j, char **ret_why)
{
	_cleanup_free_ char *copy = list ? strdup(list) : NULL;
	char *at = copy, *path;
	int r = list && !copy ? -ENOMEM : 0;

	while (r == 0 && (path = strsep(&at, ",")))
		if (*path)
			r = fn(j, path, ret_why);
	return r;
}

static int read_policy(struct hawk_rejudge *j, const char *path, char **ret_why)
{
	_cleanup_free_ char *text = NULL;
	struct hawk_policies_entry *e;
	size_t len;
	int r = hawk_textfile_read(path, HAWK_POLICY_TEXT_MAX, &text, &len);

	if (r < 0) {
		*ret_why = hawk_problems_unread(path, r);
		return -EINVAL;
	}
	r = hawk_policyentry_new(&e, path, text, len, &j->names, ret_why);
	if (r < 0)
		return r;
	*ret_why = hawk_policylist_refusal(&j->policies, e);
	if (*ret_why) {
		hawk_policyentry_put(e);
		return -EINVAL;
	}
	if (e->policy->follow)
		hawk_policylist_follow_bit((const struct hawk_policylist *const[]){ &j->policies }, 1, e);
	hawk_policylist_add(&j->policies, e);
	return 0;
}

static int add_policies(struct hawk_rejudge *j, char *path, char **ret_why)
{
	static const char *const endings[] = { ".yaml", ".yml", ".json", NULL };
	_cleanup_(hawk_filedir_done) struct hawk_filedir d = { .v = NULL };
	int r;

	if (!is_directory(path))
		return read_policy(j, path, ret_why);
	r = hawk_filedir_list(&d, &path, 1, endings);
	for (size_t i = 0; r == 0 && i < d.n; i++)
		if (!d.v[i].masked)
			r = read_policy(j, d.v[i].path, ret_why);
	return r;
}

static int make_policies(struct hawk_rejudge *j, char **ret_why)
{
	struct hawk_policy_member members[HAWK_POLICIES_MAX];
	int r = each_path(j->options.policies, add_policies, j, ret_why);

	for (size_t i = 0; r == 0 && i < j->policies.n; i++) {
		struct hawk_policies_entry *e = j->policies.v[i];

		members[i] = (struct hawk_policy_member){ e->policy, e->counts, e->follow_bit, e->learned };
	}
	if (r == 0)
		r = hawk_policy_set_new(&j->policy_set, members, j->policies.n);
	j->matching = (struct hawk_matching){ .proctab = j->options.proctab, .env = hawk_facts_env(j->options.proctab),
					      .tell = j->options.tell, .ctx = j->options.ctx };
	j->matching.sets[0].set = j->policy_set;
	return r;
}

static int add_signatures(struct hawk_rejudge *j, char *path, char **ret_why)
{
	const struct hawk_sigfiles none = { .v = NULL };
	struct hawk_problems problems = { .what = "signatures" };
	_cleanup_free_ char *text = NULL;
	struct hawk_sig_source source = { .path = path };
	int r;

	if (is_directory(path)) {
		r = hawk_sigfiles_list(&j->files, &path, 1, &none, &problems);
		r = r == 0 && problems.n ? -EINVAL : r;
		hawk_problems_done(&problems);
		return r;
	}
	r = hawk_textfile_read(path, HAWK_SIG_TEXT_MAX, &text, &source.len);
	if (r < 0) {
		*ret_why = hawk_problems_unread(path, r);
		return -EINVAL;
	}
	source.text = text;
	return hawk_sigfiles_add(&j->files, &source, false, true);
}

static int use_signatures(struct hawk_rejudge *j)
{
	_cleanup_free_ struct hawk_sig **enabled = calloc(j->files.held.n_signatures + 1, sizeof(struct hawk_sig *));
	size_t n = 0;
	int r;

	if (!enabled)
		return -ENOMEM;
	for (size_t i = 0; i < j->files.held.n_signatures; i++)
		if (j->files.held.signatures[i]->enabled)
			enabled[n++] = j->files.held.signatures[i];
	r = hawk_sig_set_new(&j->signatures, enabled, n);
	if (r == 0)
		hawk_detecting_switch(&j->detecting, j->signatures);
	return r;
}

static void on_found(void *ctx, const struct hawk_sig_found *found)
{
	struct hawk_rejudge *j = ctx;
	struct hawk_event told;

	hawk_findings_add(j->findings, found, j->detecting.model, &told);
	j->options.deliver(j->options.ctx, &told);
}

static int make_signatures(struct hawk_rejudge *j, char **ret_why)
{
	const struct hawk_findings_limits keep = { .bytes = 0 };
	const struct hawk_sig_limits limits = { .state_bytes = 0 };
	const struct hawk_sigfiles none = { .v = NULL };
	struct hawk_problems problems = { .what = "signatures" };
	int r = each_path(j->options.signatures, add_signatures, j, ret_why);

	if (r == 0)
		r = hawk_sigfiles_parse(&j->files, &none, &problems);
	if (r == 0 && problems.n) {
		*ret_why = TAKE_PTR(problems.v[0].text);
		r = -EINVAL;
	}
	hawk_problems_done(&problems);
	if (r == 0)
		r = hawk_findings_new(&j->findings, &keep);
	if (r == 0)
		r = hawk_sig_engine_new(&j->engine, &limits);
	j->detecting = (struct hawk_detecting){ .engine = j->engine, .model = hawk_facts_model(j->facts), .tell = on_found,
						.ctx = j };
	return r < 0 ? r : use_signatures(j);
}

int hawk_rejudge_new(struct hawk_rejudge **ret, const struct hawk_rejudge_options *options, char **ret_why)
{
	const struct hawk_facts_parts parts = { .proctab = options->proctab, .derive = options->derive };
	struct hawk_rejudge *j = calloc(1, sizeof(*j));
	int r;

	*ret_why = NULL;
	if (!j)
		return -ENOMEM;
	j->options = *options;
	r = hawk_facts_new(&j->facts, &parts);
	j->names = hawk_signames_of(&j->files.held);
	if (r == 0)
		r = make_signatures(j, ret_why);
	if (r == 0)
		r = make_policies(j, ret_why);
	if (r < 0)
		hawk_rejudge_free(j);
	else
		*ret = j;
	return r;
}

struct hawk_rejudge *hawk_rejudge_free(struct hawk_rejudge *j)
{
	if (!j)
		return NULL;
	if (j->engine)
		hawk_sig_engine_free(j->engine);
	hawk_sig_set_free(j->signatures);
	hawk_sigfiles_done(&j->files);
	hawk_findings_free(j->findings);
	hawk_policy_set_free(j->policy_set);
	hawk_policylist_done(&j->policies);
	hawk_facts_free(j->facts);
	free(j);
	return NULL;
}

/* --- judging --- */

void hawk_rejudge_record(struct hawk_rejudge *j, const void *record, size_t len)
{
	hawk_findings_record(j->findings, record, len);
}

void hawk_rejudge_advance(struct hawk_rejudge *j, uint64_t time)
{
	hawk_detecting_advance(&j->detecting, time);
}

void hawk_rejudge_end(struct hawk_rejudge *j, uint64_t time)
{
	hawk_matching_end(&j->matching, time);
}

void hawk_rejudge_follow(struct hawk_rejudge *j, struct hawk_event *event)
{
	/* what the kernel said was about other policies and signatures */
	event->rec_flags &= (uint8_t)~(HAWK_REC_JUDGED | HAWK_REC_UNKNOWN | HAWK_REC_INTEREST);
	hawk_matching_follow(&j->matching, event);
	hawk_facts_event(j->facts, event);
	hawk_rejudge_advance(j, event->time);
}

void hawk_rejudge_match(struct hawk_rejudge *j, struct hawk_event *event)
{
	hawk_matching_event(&j->matching, event);
}

void hawk_rejudge_detect(struct hawk_rejudge *j, const struct hawk_event *event)
{
	hawk_detecting_event(&j->detecting, event);
}
