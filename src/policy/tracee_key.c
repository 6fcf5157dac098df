/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Policies as Tracee has them: what is asked of the process, tracee_keys.def. */
#include <ctype.h>
#include <errno.h>

#include "src/policy/tracee.h"

static const struct hawk_tracee_key scope_keys[] = {
#define SCOPE(keys, how, fields, operators, values, doc) \
	{ keys, HAWK_TRACEE_##how, fields, HAWK_TRACEE_##operators, values },
#include "src/policy/tracee_keys.def"
};

static const struct hawk_tracee_key context_keys[] = {
#define CONTEXT(keys, how, fields, operators, values, doc) \
	{ keys, HAWK_TRACEE_##how, fields, HAWK_TRACEE_##operators, values },
#include "src/policy/tracee_keys.def"
};

static bool in_list(const char *list, const char *name, size_t len)
{
	while (*list) {
		const size_t one = strcspn(list, ",");

		if (one == len && strncmp(list, name, len) == 0)
			return true;
		list += one + (list[one] == ',');
	}
	return false;
}

static const struct hawk_tracee_key *find(const struct hawk_tracee_key *keys, size_t n,
					  const struct hawk_filter *f)
{
	for (size_t i = 0; i < n; i++)
		if (in_list(keys[i].names, f->key, f->key_len))
			return &keys[i];
	return NULL;
}

const struct hawk_tracee_key *hawk_tracee_scope_key(const struct hawk_filter *f)
{
	return find(scope_keys, ARRAY_SIZE(scope_keys), f);
}

const struct hawk_tracee_key *hawk_tracee_context_key(const struct hawk_filter *f)
{
	return find(context_keys, ARRAY_SIZE(context_keys), f);
}

int hawk_tracee_refuse_key(struct hawk_policy_reader *r, const struct hawk_filter *f, bool scope)
{
	const struct hawk_tracee_key *keys = scope ? scope_keys : context_keys;
	const size_t n = scope ? ARRAY_SIZE(scope_keys) : ARRAY_SIZE(context_keys);
	char word[HAWK_NEAREST_MAX + 1] = "", best[HAWK_NEAREST_MAX + 1] = "", name[HAWK_NEAREST_MAX + 1];
	struct hawk_nearest near = hawk_nearest_start(word);

	snprintf(word, sizeof(word), "%.*s", (int)f->key_len, f->key);
	for (size_t i = 0; i < n; i++)
		for (const char *list = keys[i].names; *list;
		     list += strcspn(list, ","), list += *list == ',') {
			snprintf(name, sizeof(name), "%.*s", (int)strcspn(list, ","), list);
			hawk_nearest_offer(&near, name);
			if (near.best == name)
				near.best = memcpy(best, name, sizeof(best));
		}
	if (!scope && !near.best)
		return hawk_yaml_refuse(&r->yaml, f->node, (size_t)(f->key - f->node->text),
					  "\"%s\": expected data.FIELD, retval, or a field of the process",
					  word);
	return hawk_yaml_refuse(&r->yaml, f->node, (size_t)(f->key - f->node->text), "there is no %s \"%s\"%s%s",
				  scope ? "scope" : "field", word, near.best ? "; did you mean " : "",
				  near.best ? near.best : "");
}

const char *hawk_tracee_next_value(const char **p, size_t *ret_len)
{
	const char *value = *p;
	size_t len;

	if (!value)
		return NULL;
	len = strcspn(value, ",");
	*p = value[len] ? value + len + 1 : NULL;
	while (len && isspace((unsigned char)*value)) {
		value++;
		len--;
	}
	while (len && isspace((unsigned char)value[len - 1]))
		len--;
	*ret_len = len;
	return value;
}

int hawk_tracee_check_value(struct hawk_policy_reader *r, const struct hawk_filter *f, const char *value,
			    size_t len)
{
	const size_t offset = (size_t)(value - f->node->text);

	if (!len)
		return hawk_yaml_refuse(&r->yaml, f->node, offset, "expected a value");
	if (len <= 2 && strspn(value, "*") >= len)
		return hawk_yaml_refuse(&r->yaml, f->node, offset,
					  "expected more than wildcards: leave the filter out");
	return 0;
}

static bool is_number(const char *value, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!isdigit((unsigned char)value[i]) && (i || value[i] != '-' || len == 1))
			return false;
	return len > 0;
}

static int add_number(struct hawk_policy_reader *r, struct hawk_group *g, const struct hawk_filter *f,
		      const char *value, size_t len)
{
	if (!is_number(value, len))
		return hawk_yaml_refuse(&r->yaml, f->node, (size_t)(value - f->node->text),
					  "\"%.*s\": expected a decimal number", (int)(len < 64 ? len : 64),
					  value);
	return hawk_group_value(g, f, value, len, false);
}

static int add_pid(struct hawk_policy_reader *r, struct hawk_group *g, const struct hawk_filter *f,
		   const char *value, size_t len)
{
	if (len == 3 && strncmp(value, "new", 3) == 0)
		return hawk_group_term(g, f, value, "process.new=true");
	if (!is_number(value, len))
		return hawk_yaml_refuse(&r->yaml, f->node, (size_t)(value - f->node->text),
					  "\"%.*s\": expected a process id or new",
					  (int)(len < 64 ? len : 64), value);
	return hawk_group_value(g, f, value, len, false);
}

/* A name of at most HAWK_COMM_LEN - 1 bytes: the kernel has no more of it. */
static int add_text(struct hawk_policy_reader *r, struct hawk_group *g, const struct hawk_filter *f,
		    const char *value, size_t len)
{
	const bool wild = value[0] == '*' || value[len - 1] == '*';

	if (strcmp(g->fields[0], "process.comm") == 0 && !wild && len > HAWK_COMM_LEN - 1) {
		hawk_yaml_warn(&r->yaml, f->node, (size_t)(value - f->node->text),
				 "the kernel keeps %d bytes of a name: compared with \"%.*s\"",
				 HAWK_COMM_LEN - 1, HAWK_COMM_LEN - 1, value);
		len = HAWK_COMM_LEN - 1;
	}
	return hawk_group_value(g, f, value, len, true);
}

/* PATH, host:PATH or INODE:PATH. */
static int add_exe(struct hawk_policy_reader *r, struct hawk_group *g, const struct hawk_filter *f,
		   const char *value, size_t len)
{
	_cleanup_(hawk_buf_done) struct hawk_buf path = HAWK_BUF_INIT;
	const char *colon = memchr(value, ':', len);
	const size_t head = colon ? (size_t)(colon - value) : 0;

	if (!colon || *value == '/' || *value == '*')
		colon = NULL;
	else if (!is_number(value, head) && (head != 4 || strncmp(value, "host", 4) != 0))
		return hawk_yaml_refuse(&r->yaml, f->node, (size_t)(value - f->node->text),
					  "\"%.*s\": expected PATH, host:PATH or MOUNT NAMESPACE:PATH",
					  (int)(len < 64 ? len : 64), value);
	hawk_policy_quote(&path, colon ? colon + 1 : value, colon ? len - head - 1 : len, true);
	if (!hawk_buf_str(&path))
		return -ENOMEM;
	if (!colon && (*value == '/' || *value == '*'))
		return hawk_group_value(g, f, value, len, true);
	if (len == head + (colon != NULL) || (colon ? !strchr("/*", colon[1]) : true))
		return hawk_yaml_refuse(&r->yaml, f->node,
					  (size_t)(value - f->node->text) + head + (colon != NULL),
					  "expected a path that begins with /");
	if (*value == 'h')
		return hawk_group_term(g, f, value, "(%s=%s AND process.ns.mnt.is_host=true)", g->fields[0],
				       path.data);
	return hawk_group_term(g, f, value, "(%s=%s AND process.ns.mnt.inode=%.*s)", g->fields[0], path.data,
			       (int)head, value);
}

static bool is_id(const char *value, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!strchr("0123456789abcdef", value[i]))
			return false;
	return len > 0 && len <= 64;
}

static bool is_word(const char *value, size_t len, const char *word)
{
	return len == strlen(word) && strncmp(value, word, len) == 0;
}

/* Nothing, true or false: whether there is a container. Returns 1 for another value. */
static int add_presence(struct hawk_group *g, const struct hawk_filter *f, const char *value, size_t len, bool there)
{
	if (f->op != HAWK_OP_NONE && is_word(value, len, "false"))
		there = !there;
	else if (f->op != HAWK_OP_NONE && !is_word(value, len, "true"))
		return 1;
	return hawk_group_term(g, f, value, "%s%s=*", there ? "" : "NOT ", g->fields[0]);
}

/* Behind != there is still a container, but not that one. */
static int add_container(struct hawk_policy_reader *r, struct hawk_group *g, const struct hawk_filter *f,
			 const char *value, size_t len)
{
	int e = add_presence(g, f, value, len, true);

	if (e <= 0)
		return e;
	if (is_word(value, len, "new") || is_word(value, len, "started"))
		return hawk_group_pending(g, f, "the life cycle of containers is not known yet");
	if (!is_id(value, len))
		return hawk_yaml_refuse(
			&r->yaml, f->node, (size_t)(value - f->node->text),
			"\"%.*s\": expected new, started, or the beginning of an id (0-9, a-f)",
			(int)(len < 64 ? len : 64), value);
	if (f->op == HAWK_OP_EQ)
		return hawk_group_term(g, f, value, "%s^=%.*s", g->fields[0], (int)len, value);
	return hawk_group_term(g, f, value, "(NOT %s=* OR %s^=%.*s)", g->fields[0], g->fields[0], (int)len,
			       value);
}

static int add_not_container(struct hawk_policy_reader *r, struct hawk_group *g, const struct hawk_filter *f,
			     const char *value, size_t len)
{
	int e = add_presence(g, f, value, len, false);

	if (e <= 0)
		return e;
	return hawk_yaml_refuse(&r->yaml, f->node, (size_t)(value - f->node->text),
				  "expected nothing, true or false");
}

static int add_value(struct hawk_policy_reader *r, struct hawk_group *g, const struct hawk_tracee_key *key,
		     const struct hawk_filter *f, const char *value, size_t len)
{
	const bool bare = key->how == HAWK_TRACEE_CONTAINER || key->how == HAWK_TRACEE_NOT_CONTAINER;
	int e = bare && f->op == HAWK_OP_NONE ? 0 : hawk_tracee_check_value(r, f, value, len);

	if (e < 0)
		return e;
	switch (key->how) {
	case HAWK_TRACEE_NUMBER:
	case HAWK_TRACEE_TREE:
		return add_number(r, g, f, value, len);
	case HAWK_TRACEE_PID:
		return add_pid(r, g, f, value, len);
	case HAWK_TRACEE_TEXT:
		return add_text(r, g, f, value, len);
	case HAWK_TRACEE_EXE:
		return add_exe(r, g, f, value, len);
	case HAWK_TRACEE_CONTAINER:
		return add_container(r, g, f, value, len);
	case HAWK_TRACEE_NOT_CONTAINER:
		return add_not_container(r, g, f, value, len);
	case HAWK_TRACEE_MISSING:
		return hawk_group_pending(g, f, key->fields);
	case HAWK_TRACEE_GLOBAL:
	case HAWK_TRACEE_FOLLOW:
	case HAWK_TRACEE_SYSCALL:
		break;
	}
	return -EINVAL;
}

static int check_operator(struct hawk_policy_reader *r, const struct hawk_tracee_key *key,
			  const struct hawk_filter *f)
{
	static const char *const allowed[] = {
		[HAWK_TRACEE_NONE] = "no operator: it stands alone",
		[HAWK_TRACEE_EQUAL] = "= or !=",
		[HAWK_TRACEE_ORDER] = "one of = != < <= > >=",
		[HAWK_TRACEE_ANY] = "nothing, = or !=",
	};
	bool good = false;

	switch (key->operators) {
	case HAWK_TRACEE_NONE:
		good = f->op == HAWK_OP_NONE;
		break;
	case HAWK_TRACEE_EQUAL:
		good = f->op == HAWK_OP_EQ || f->op == HAWK_OP_NE;
		break;
	case HAWK_TRACEE_ORDER:
		good = f->op != HAWK_OP_NONE;
		break;
	case HAWK_TRACEE_ANY:
		good = f->op <= HAWK_OP_NE;
		break;
	}
	if (good)
		return 0;
	return hawk_yaml_refuse(&r->yaml, f->node, (size_t)(f->key - f->node->text) + f->key_len,
				  "behind %.*s expected %s%s%s", (int)f->key_len, f->key,
				  allowed[key->operators],
				  *key->values && f->op == HAWK_OP_NONE ? ", then " : "",
				  f->op == HAWK_OP_NONE ? key->values : "");
}

/* Words ask for something else than values of the same key do: both have to be true. */
static char word_of(const struct hawk_filter *f)
{
	if (f->op == HAWK_OP_NONE)
		return '-';
	return strcmp(f->values, "new") == 0 || strcmp(f->values, "started") == 0 ? *f->values : '\0';
}

/* Fields are words of one copy: "a,b" becomes a and b. */
static int open_group(struct hawk_tracee_groups *gs, const struct hawk_tracee_key *key, char word)
{
	char *copy = strdup(key->fields), *comma;

	if (!copy)
		return -ENOMEM;
	comma = strchr(copy, ',');
	gs->v[gs->n].key = key;
	gs->v[gs->n].word = word;
	gs->v[gs->n].fields = copy;
	gs->v[gs->n].group = (struct hawk_group){ .fields = { copy } };
	if (comma && key->how != HAWK_TRACEE_MISSING) {
		*comma = '\0';
		gs->v[gs->n].group.fields[1] = comma + 1;
	}
	gs->n++;
	return 0;
}

int hawk_tracee_groups_add(struct hawk_policy_reader *r, struct hawk_tracee_groups *gs,
			   const struct hawk_tracee_key *key, const struct hawk_filter *f)
{
	const char word = key->how == HAWK_TRACEE_NUMBER ? '\0' : word_of(f);
	const char *p = f->values, *value;
	size_t i = 0, len;
	int e = check_operator(r, key, f);

	if (e < 0)
		return e;
	while (i < gs->n && (gs->v[i].key != key || gs->v[i].word != word))
		i++;
	if (i == ARRAY_SIZE(gs->v))
		return hawk_yaml_refuse(&r->yaml, f->node, 0, "more than %zu different filters",
					  ARRAY_SIZE(gs->v));
	if (i == gs->n && open_group(gs, key, word) < 0)
		return -ENOMEM;
	if (f->op >= HAWK_OP_LT)
		return hawk_group_bound(r, &gs->v[i].group, f);
	while (e == 0 && (value = hawk_tracee_next_value(&p, &len)))
		e = add_value(r, &gs->v[i].group, key, f, value, len);
	return e;
}

int hawk_tracee_groups_print(struct hawk_policy_reader *r, const struct hawk_tracee_groups *gs,
			     struct hawk_buf *out, char ***pending, size_t *n_pending)
{
	int bad = 0;

	for (size_t i = 0; i < gs->n; i++) {
		const struct hawk_group *g = &gs->v[i].group;
		int e = hawk_group_print(g, out);

		/* Without a reason none of its values could be read, which was told. */
		if (e == -ENODATA)
			e = g->pending ? hawk_yaml_push(pending, n_pending, g->pending) : 0;
		else if (e == 0)
			e = hawk_group_check(r, g);
		if (e == -ENOMEM)
			return e;
		if (e < 0)
			bad = e;
	}
	return bad;
}

void hawk_tracee_groups_done(struct hawk_tracee_groups *gs)
{
	for (size_t i = 0; i < gs->n; i++) {
		free(gs->v[i].fields);
		hawk_group_done(&gs->v[i].group);
	}
	gs->n = 0;
}
