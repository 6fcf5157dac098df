/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Completion scripts for shells. Both work alike: the words typed so far, with
 * options and their values taken out, select a row; the row says what may
 * follow and which options there are.
 */
#include <errno.h>
#include <string.h>
#include <syslog.h>

#include "ctl/ctl.h"
#include "src/base/cleanup.h"
#include "src/base/log.h"
#include "src/event/event.h"
#include "src/event/field.h"
#include "src/format/format.h"

static void put_word(struct hawk_buf *out, const char *word, size_t len)
{
	hawk_buf_put(out, word, len);
	hawk_buf_putc(out, ' ');
}

/* Appends the words of a comma-separated list that are not in OUT yet, which holds nothing else. */
static void put_list(struct hawk_buf *out, const char *list)
{
	while (*list) {
		size_t len = strcspn(list, ",");
		bool known = false;

		for (size_t at = 0; at + len < out->len && !known; at++)
			known = !memcmp(out->data + at, list, len) && out->data[at + len] == ' ' &&
				(at == 0 || out->data[at - 1] == ' ');
		if (len && !known)
			put_word(out, list, len);
		list += len + (list[len] == ',');
	}
}

static void put_events(struct hawk_buf *out, bool sets)
{
	size_t n;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);

	for (size_t i = 0; i < n; i++) {
		if (descs[i]->internal)
			continue;
		if (sets) {
			put_list(out, descs[i]->sets);
		} else {
			put_word(out, descs[i]->name, strlen(descs[i]->name));
			put_list(out, descs[i]->aliases);
		}
	}
}

/* Beginnings of conditions: fields of every event. */
static void put_conditions(struct hawk_buf *out)
{
	hawk_buf_lit(out, "event= set= tree= pid= comm= exe= uid= ");
	for (size_t i = 0; i < hawk_process_fields(); i++)
		hawk_buf_printf(out, "%s= ", hawk_process_field(i)->name);
}

/* The words that may follow PREFIX (of LEN bytes, "" or "event "), each once. */
static void put_next_words(struct hawk_buf *out, const char *prefix, size_t len)
{
	_cleanup_(hawk_buf_done) struct hawk_buf words = HAWK_BUF_INIT;

	for (int i = 0; i < HAWK_VERB_MAX; i++) {
		_cleanup_free_ char *word = NULL;

		if (strncmp(hawk_verb(i)->words, prefix, len))
			continue;
		word = strndup(hawk_verb(i)->words + len, strcspn(hawk_verb(i)->words + len, " "));
		if (word)
			put_list(&words, word);
	}
	if (hawk_buf_str(&words))
		hawk_buf_puts(out, words.data);
}

static void put_formats(struct hawk_buf *out)
{
	const char *name, *argument, *doc;

	for (size_t i = 0; (name = hawk_format_name(i, &argument, &doc)); i++)
		hawk_buf_printf(out, "%s%s ", name, *argument ? "=" : "");
}

/* The words that a METAVAR of verbs.def stands for; nothing for free text. */
static void put_metavar(struct hawk_buf *out, const char *metavar)
{
	if (!strcmp(metavar, "EVENT"))
		put_events(out, false);
	else if (!strcmp(metavar, "SET"))
		put_events(out, true);
	else if (!strcmp(metavar, "EXPR"))
		put_conditions(out);
	else if (!strcmp(metavar, "FORMAT"))
		put_formats(out);
	else if (!strcmp(metavar, "SHELL"))
		hawk_buf_lit(out, "bash zsh ");
	else if (!strcmp(metavar, "VIEW"))
		hawk_buf_lit(out, "process host ");
	else if (!strcmp(metavar, "LEVEL"))
		for (int level = LOG_ERR; level <= LOG_DEBUG; level++)
			hawk_buf_printf(out, "%s ", hawk_log_level_name(level));
	else if (!strcmp(metavar, "COMMAND"))
		put_next_words(out, "", 0);
}

/* These are completed by functions of the script: "@file", "@pid", "@policy" and "@signature" in the place of words. */
static void put_what(struct hawk_buf *out, const char *metavar)
{
	_cleanup_(hawk_buf_done) struct hawk_buf words = HAWK_BUF_INIT;

	if (!strcmp(metavar, "FILE"))
		hawk_buf_lit(&words, "@file");
	else if (!strcmp(metavar, "PID"))
		hawk_buf_lit(&words, "@pid");
	else if (!strcmp(metavar, "POLICY"))
		hawk_buf_lit(&words, "@policy");
	else if (!strcmp(metavar, "SIGNATURE"))
		hawk_buf_lit(&words, "@signature");
	else
		put_metavar(&words, metavar);
	hawk_buf_put(out, words.data, words.len);
	if (words.error && !out->error)
		out->error = words.error;
}

static void put_names(struct hawk_buf *out, char letter, const char *option)
{
	if (letter)
		hawk_buf_printf(out, "-%c ", letter);
	hawk_buf_printf(out, "--%s ", option);
}

/* The row of a verb: what may follow, and its options. */
static void put_verb(struct hawk_buf *out, const struct hawk_verb_desc *verb)
{
	hawk_buf_printf(out, "\t'%s '*)\n\t\targs='", verb->words);
	for (size_t i = 0; i < verb->n_args; i++)
		if (verb->args[i].where == HAWK_ARG_POSITIONAL) {
			put_what(out, verb->args[i].metavar);
			break;
		}
	hawk_buf_lit(out, "'\n\t\topts='");
	for (size_t i = 0; i < verb->n_args; i++)
		if (verb->args[i].where == HAWK_ARG_OPTION)
			put_names(out, verb->args[i].letter, verb->args[i].option);
	hawk_buf_lit(out, "'\n\t\t;;\n");
}

/* A row for the first word of a command of two: what comes second. */
static void put_group(struct hawk_buf *out, const char *words)
{
	size_t len = strcspn(words, " ") + 1;

	hawk_buf_printf(out, "\t'%.*s'*)\n\t\targs='", (int)len, words);
	put_next_words(out, words, len);
	hawk_buf_lit(out, "'\n\t\t;;\n");
}

static void put_rows(struct hawk_buf *out)
{
	const char *last = "";

	hawk_buf_lit(out, "\tcase \"${words_seen[*]} \" in\n");
	for (int i = 0; i < HAWK_VERB_MAX; i++)
		put_verb(out, hawk_verb(i));
	for (int i = 0; i < HAWK_VERB_MAX; i++) {
		const char *words = hawk_verb(i)->words;
		size_t len = strcspn(words, " ");

		if (words[len] && strncmp(words, last, len + 1))
			put_group(out, words);
		last = words;
	}
	hawk_buf_lit(out, "\t*)\n\t\targs='");
	put_next_words(out, "", 0);
	hawk_buf_lit(out, "'\n\t\t;;\n\tesac\n");
}

struct option {
	char letter; /* 0: none */
	const char *name, *metavar;
};

/* Prints what one option needs; VERB is NULL for the global ones. */
typedef void put_fn(struct hawk_buf *out, const struct hawk_verb_desc *verb, const struct option *o);

/* Calls FN for every option that takes a value, the global ones last. */
static void each_value_option(struct hawk_buf *out, put_fn *fn)
{
	size_t n;
	const struct hawk_global_option *globals = hawk_global_options(&n);

	for (int v = 0; v < HAWK_VERB_MAX; v++)
		for (size_t i = 0; i < hawk_verb(v)->n_args; i++) {
			const struct hawk_verb_arg *arg = &hawk_verb(v)->args[i];
			struct option o = { arg->letter, arg->option, arg->metavar };

			if (arg->where == HAWK_ARG_OPTION && *arg->metavar)
				fn(out, hawk_verb(v), &o);
		}
	for (size_t i = 0; i < n; i++) {
		struct option o = { globals[i].letter, globals[i].option, globals[i].metavar };

		if (*o.metavar)
			fn(out, NULL, &o);
	}
}

static void put_value_row(struct hawk_buf *out, const struct hawk_verb_desc *verb, const struct option *o)
{
	_cleanup_(hawk_buf_done) struct hawk_buf start = HAWK_BUF_INIT;

	if (verb)
		hawk_buf_printf(&start, "'%s '*", verb->words);
	else
		hawk_buf_lit(&start, "*");
	if (!hawk_buf_str(&start))
		return;
	hawk_buf_putc(out, '\t');
	if (o->letter)
		hawk_buf_printf(out, "%s-%c|", start.data, o->letter);
	hawk_buf_printf(out, "%s--%s) value='", start.data, o->name);
	put_what(out, o->metavar);
	hawk_buf_lit(out, "' ;;\n");
}

static void put_taking(struct hawk_buf *out, const struct hawk_verb_desc *verb, const struct option *o)
{
	if (o->letter)
		hawk_buf_printf(out, "-%c|", o->letter);
	hawk_buf_printf(out, "--%s|", o->name);
}

/*
 * The part that both shells understand. From words_seen and prev to args (what
 * may follow), opts (options) and value (what the option before takes; "none":
 * there is none).
 */
static void put_body(struct hawk_buf *out)
{
	size_t n;
	const struct hawk_global_option *globals = hawk_global_options(&n);

	put_rows(out);
	hawk_buf_lit(out, "\topts+='");
	for (size_t i = 0; i < n; i++)
		put_names(out, globals[i].letter, globals[i].option);
	hawk_buf_lit(out, "'\n\tcase \"${words_seen[*]} $prev\" in\n");
	each_value_option(out, put_value_row);
	hawk_buf_lit(out, "\tesac\n");
}

/* Names of policies and signatures need no quotes: letters, digits, '.', '-' and '_'. */
#define NAMES_OF(kind) \
	"$(sechawkctl " kind " list -o json 2>/dev/null | grep -o '\"name\": *\"[^\"]*\"' | cut -d '\"' -f 4)"

/* Between them: put_taking, put_body. */
static const char bash_begin[] =
	"# bash completion for sechawkctl, made from its table of commands\n"
	"_sechawkctl()\n"
	"{\n"
	"\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
	"\tlocal args= opts= value=none i\n"
	"\tlocal -a words_seen=()\n"
	"\t# bash makes words of their own of \"=\"\n"
	"\tif [[ $cur == = ]]; then\n"
	"\t\tcur=\n"
	"\telif [[ $prev == = ]]; then\n"
	"\t\tprev=${COMP_WORDS[COMP_CWORD-2]}\n"
	"\tfi\n"
	"\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	"\t\tcase ${COMP_WORDS[i]} in\n"
	"\t\t";
static const char bash_words[] =
	"=) ((i++)) ;;\n"
	"\t\t-*) ;;\n"
	"\t\t*) words_seen+=(\"${COMP_WORDS[i]}\") ;;\n"
	"\t\tesac\n"
	"\tdone\n";
static const char bash_end[] =
	"\tif [[ $value == none ]]; then\n"
	"\t\tvalue=$args\n"
	"\t\t[[ $cur == -* ]] && value=$opts\n"
	"\tfi\n"
	"\t[[ $value == @pid ]] && value=$(cd /proc && echo [0-9]*)\n"
	"\t[[ $value == @policy ]] && value=" NAMES_OF("policy") "\n"
	"\t[[ $value == @signature ]] && value=" NAMES_OF("signature") "\n"
	"\tif [[ $value == @file ]]; then\n"
	"\t\tcompopt -o filenames\n"
	"\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
	"\telse\n"
	"\t\tmapfile -t COMPREPLY < <(compgen -W \"$value\" -- \"$cur\")\n"
	"\tfi\n"
	"\tif [[ ${COMPREPLY[0]-} == *= ]]; then\n"
	"\t\tcompopt -o nospace\n"
	"\tfi\n"
	"}\n"
	"complete -F _sechawkctl sechawkctl\n";

static const char zsh_begin[] =
	"#compdef sechawkctl\n"
	"# zsh completion for sechawkctl, made from its table of commands\n"
	"_sechawkctl()\n"
	"{\n"
	"\tlocal cur=${words[CURRENT]} prev=${words[CURRENT-1]} args= opts= value=none i\n"
	"\tlocal -a words_seen list\n"
	"\tfor ((i = 2; i < CURRENT; i++)); do\n"
	"\t\tcase ${words[i]} in\n"
	"\t\t(";
static const char zsh_words[] =
	"=) ((i++)) ;;\n"
	"\t\t(-*) ;;\n"
	"\t\t(*) words_seen+=(\"${words[i]}\") ;;\n"
	"\t\tesac\n"
	"\tdone\n";
static const char zsh_end[] =
	"\tif [[ $value == none ]]; then\n"
	"\t\tvalue=$args\n"
	"\t\t[[ $cur == -* ]] && value=$opts\n"
	"\tfi\n"
	"\tcase $value in\n"
	"\t(@file) _files ;;\n"
	"\t(@pid)\n"
	"\t\tlist=(/proc/[0-9]*(N:t))\n"
	"\t\tcompadd -a list\n"
	"\t\t;;\n"
	"\t(@policy)\n"
	"\t\tlist=(${(f)\"" NAMES_OF("policy") "\"})\n"
	"\t\tcompadd -a list\n"
	"\t\t;;\n"
	"\t(@signature)\n"
	"\t\tlist=(${(f)\"" NAMES_OF("signature") "\"})\n"
	"\t\tcompadd -a list\n"
	"\t\t;;\n"
	"\t(*)\n"
	"\t\tlist=(${=value})\n"
	"\t\tcompadd -S '' -- ${(M)list:#*=}\n"
	"\t\tcompadd -- ${list:#*=}\n"
	"\t\t;;\n"
	"\tesac\n"
	"}\n"
	"_sechawkctl \"$@\"\n";

static void put_script(struct hawk_buf *out, const char *begin, const char *words, const char *end)
{
	hawk_buf_puts(out, begin);
	each_value_option(out, put_taking);
	hawk_buf_puts(out, words);
	put_body(out);
	hawk_buf_puts(out, end);
}

int hawk_completion(struct hawk_buf *out, const char *shell)
{
	if (!strcmp(shell, "bash"))
		put_script(out, bash_begin, bash_words, bash_end);
	else if (!strcmp(shell, "zsh"))
		put_script(out, zsh_begin, zsh_words, zsh_end);
	else
		return -EINVAL;
	return out->error;
}
