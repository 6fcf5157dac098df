/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Policies as Tracee has them: filters on the data of an event. */
#include "src/policy/tracee_data.h"

#include <ctype.h>
#include <errno.h>

#include "src/event/names.h"
#include "src/event/part.h"
#include "src/event/tracee.h"

/* The name behind "data." or "args."; NULL: it is about something else. */
static const char *data_name(const struct hawk_filter *f, size_t *ret_len)
{
	if (f->bare) {
		*ret_len = f->key_len;
		return f->key;
	}
	if (f->key_len < 6 || (strncmp(f->key, "data.", 5) != 0 && strncmp(f->key, "args.", 5) != 0))
		return NULL;
	*ret_len = f->key_len - 5;
	return f->key + 5;
}

static bool is_retval(const struct hawk_filter *f)
{
	return f->key_len == 6 && strncmp(f->key, "retval", 6) == 0;
}

bool hawk_tracee_is_data(const struct hawk_filter *f)
{
	size_t len;

	return data_name(f, &len) || is_retval(f);
}

static int retval_of(const struct hawk_event_desc *desc)
{
	for (int i = 0; i < desc->n_fields; i++)
		if (desc->fields[i].type == HAWK_T_RETVAL)
			return i;
	return -1;
}

/* The type of the argument of LEN bytes at NAME in the row of an event, without a NUL; NULL: not there. */
static const char *argument_type(const struct hawk_event_desc *desc, const char *name, size_t len,
				 size_t *ret_len)
{
	const struct hawk_tracee_event *row = hawk_tracee_event(desc);

	for (const char *word = row ? row->args : ""; *word;
	     word += strcspn(word, " "), word += *word == ' ') {
		if (strcspn(word, ":") != len || strncmp(word, name, len) != 0)
			continue;
		*ret_len = strcspn(word + len + 1, " ");
		return word + len + 1;
	}
	return NULL;
}

/* A member of a structure of Tracee that is a field here: the argument has LEN bytes at NAME, the member
 * follows. */
static int member_field(const struct hawk_event_desc *desc, const char *name, size_t len, const char *member,
			size_t member_len)
{
	size_t n, type_len = 0;
	const struct hawk_tracee_part *parts = hawk_tracee_parts(&n);
	const char *type = argument_type(desc, name, len, &type_len);

	for (size_t i = 0; type && i < n; i++) {
		const size_t one = strcspn(parts[i].member, ":=");

		if (strncmp(parts[i].type, type, type_len) != 0 || parts[i].type[type_len] ||
		    one != member_len || strncmp(parts[i].member, member, member_len) != 0 ||
		    parts[i].member[one] == '=')
			continue;
		return hawk_tracee_part_field(desc, &parts[i], name, len);
	}
	return -1;
}

static void place_at(struct hawk_tracee_place *place, const struct hawk_event_desc *desc, int field)
{
	struct hawk_part part;

	snprintf(place->field, sizeof(place->field), "data.%s", desc->fields[field].name);
	place->type = desc->fields[field].type;
	if (hawk_part_find(place->type, "", &part) == 0)
		place->type = (enum hawk_type)part.type;
}

/* "addr.sun_path", "metadata.src_ip": something inside of an argument. */
static void place_inside(struct hawk_tracee_place *place, const struct hawk_event_desc *desc,
			 const char *name, size_t len)
{
	for (const char *dot = memchr(name, '.', len); dot;
	     dot = memchr(dot + 1, '.', len - (size_t)(dot + 1 - name))) {
		const size_t head = (size_t)(dot - name), rest = len - head - 1;
		int field = hawk_tracee_field(desc, name, head);
		struct hawk_part part;
		char member[64];

		snprintf(member, sizeof(member), "%.*s", (int)rest, dot + 1);
		if (field >= 0 && *member && hawk_part_find(desc->fields[field].type, member, &part) == 0) {
			snprintf(place->field, sizeof(place->field), "data.%s.%s", desc->fields[field].name,
				 part.name);
			place->type = (enum hawk_type)part.type;
			return;
		}
		field = member_field(desc, name, head, dot + 1, rest);
		if (field >= 0) {
			place_at(place, desc, field);
			return;
		}
	}
}

struct hawk_tracee_place hawk_tracee_place(const struct hawk_event_desc *desc, const struct hawk_filter *f)
{
	struct hawk_tracee_place place = { .field = "" };
	size_t len = 0;
	const char *name = data_name(f, &len);
	int field;

	if (!name || (len == 11 && strncmp(name, "returnValue", 11) == 0))
		field = retval_of(desc);
	else
		field = hawk_tracee_field(desc, name, len);
	if (field < 0 && name)
		place_inside(&place, desc, name, len);
	if (field >= 0 && desc->fields[field].type != HAWK_T_TASK)
		place_at(&place, desc, field);
	return place;
}

bool hawk_tracee_promises(const struct hawk_event_desc *desc, const struct hawk_filter *f)
{
	size_t len = 0, type_len;
	const char *name = data_name(f, &len), *dot = name ? memchr(name, '.', len) : NULL;

	if (!name)
		return false;
	return argument_type(desc, name, len, &type_len) ||
	       (dot && hawk_tracee_field(desc, name, (size_t)(dot - name)) < 0 &&
		argument_type(desc, name, (size_t)(dot - name), &type_len));
}

int hawk_tracee_lack(const struct hawk_event_desc *desc, const struct hawk_filter *f, char ***pending, size_t *n_pending)
{
	_cleanup_free_ char *text = NULL;

	if (asprintf(&text, "%s: %.*s is not told yet", desc->name, (int)f->key_len, f->key) < 0) {
		text = NULL;
		return -ENOMEM;
	}
	return hawk_yaml_push(pending, n_pending, text);
}

int hawk_tracee_refuse_field(struct hawk_policy_reader *r, const struct hawk_event_desc *desc,
			     const struct hawk_filter *f)
{
	const size_t offset = (size_t)(f->key - f->node->text);
	char word[HAWK_NEAREST_MAX + 1] = "";
	struct hawk_nearest near = hawk_nearest_start(word);
	size_t len = 0;
	const char *name = data_name(f, &len);

	if (!name)
		return hawk_yaml_refuse(&r->yaml, f->node, offset, "%s has no result", desc->name);
	snprintf(word, sizeof(word), "%.*s", (int)len, name);
	for (uint16_t i = 0; i < desc->n_fields; i++)
		if (desc->fields[i].type != HAWK_T_TASK)
			hawk_nearest_offer(&near, desc->fields[i].name);
	return hawk_yaml_refuse(&r->yaml, f->node, offset,
				  "%s has no data.%s%s%s; sechawkctl event show %s tells what it has",
				  desc->name, word, near.best ? "; did you mean data." : "",
				  near.best ? near.best : "", desc->name);
}

static bool is_text(enum hawk_type type)
{
	const enum hawk_vclass class = hawk_type_desc(type)->vclass;

	return class == HAWK_V_BYTES || class == HAWK_V_STRV;
}

/* Where something begins, and how long it is. */
struct span {
	const char *at;
	size_t len;
};

static struct span without_stars(struct span s)
{
	while (s.len && *s.at == '*') {
		s.at++;
		s.len--;
	}
	while (s.len && s.at[s.len - 1] == '*')
		s.len--;
	return s;
}

static bool all_of(struct span s, const char *characters)
{
	for (size_t i = 0; i < s.len; i++)
		if (!s.at[i] || !strchr(characters, s.at[i]))
			return false;
	return s.len > 0;
}

/*
 * Flags: a number is all of them, names are some of them. With stars around it
 * a name is one of several in Tracee's text of them.
 */
static int add_bits(struct hawk_policy_reader *r, struct hawk_group *g, const struct hawk_filter *f,
		    struct span value)
{
	const struct span name = without_stars(value);

	if (name.len == value.len && isdigit((unsigned char)*value.at))
		return hawk_group_term(g, f, value.at, "%s==%.*s", g->fields[0],
				       (int)value.len, value.at);
	for (size_t i = 0; i < name.len; i++)
		if (!isalnum((unsigned char)name.at[i]) && !strchr("_|", name.at[i]))
			return hawk_yaml_refuse(
				&r->yaml, f->node, (size_t)(value.at - f->node->text),
				"\"%.*s\": expected a number, or names of flags with | between them",
				(int)(value.len < 64 ? value.len : 64), value.at);
	return hawk_group_term(g, f, value.at, "%s=%.*s", g->fields[0], (int)name.len, name.at);
}

/* "10.0.*": the addresses whose text begins so are a network when whole bytes are given. */
static int add_ip(struct hawk_policy_reader *r, struct hawk_group *g, const struct hawk_filter *f,
		  struct span value)
{
	static const char *const rest[] = { "", ".0.0.0/8", ".0.0/16", ".0/24" };
	const struct span text = without_stars(value);
	size_t dots = 0;

	if (text.len == value.len)
		return hawk_group_value(g, f, value.at, value.len, false);
	for (size_t i = 0; i < text.len; i++)
		dots += text.at[i] == '.';
	if (text.at != value.at || !all_of(text, "0123456789.") || text.at[text.len - 1] != '.' || dots < 1 ||
	    dots > 3)
		return hawk_yaml_refuse(&r->yaml, f->node, (size_t)(value.at - f->node->text),
					  "\"%.*s\": expected an address, a network (10.0.0.0/8) or whole "
					  "bytes before a * (10.*)",
					  (int)(value.len < 64 ? value.len : 64), value.at);
	return hawk_group_term(g, f, value.at, "%s=%.*s%s", g->fields[0], (int)(text.len - 1), text.at,
			       rest[dots]);
}

/* "sa_family:AF_INET sin_addr:10.0.0.1", as Tracee prints a socket address: each member is compared. */
static int add_members(struct hawk_group *g, const struct hawk_filter *f, struct span text)
{
	_cleanup_(hawk_buf_done) struct hawk_buf out = HAWK_BUF_INIT;

	for (size_t i = 0; i < text.len;) {
		const char *word = text.at + i;
		size_t len = 0;
		const char *colon;

		while (i + len < text.len && word[len] != ' ')
			len++;
		i += len + 1;
		colon = memchr(word, ':', len);
		if (!colon)
			continue;
		hawk_buf_printf(&out, "%s%s.%.*s=", out.len ? " AND " : "(", g->fields[0],
				(int)(colon - word), word);
		hawk_policy_quote(&out, colon + 1, len - (size_t)(colon + 1 - word), false);
	}
	hawk_buf_putc(&out, ')');
	if (!hawk_buf_str(&out))
		return -ENOMEM;
	return hawk_group_term(g, f, text.at, "%s", out.data);
}

static int add_address(struct hawk_policy_reader *r, struct hawk_group *g, const struct hawk_filter *f,
		       struct span value)
{
	struct span text = without_stars(value);

	if (text.len > 4 && strncmp(text.at, "map[", 4) == 0) {
		text.at += 4;
		text.len -= 4;
	}
	if (text.len && text.at[text.len - 1] == ']')
		text.len--;
	if (text.len > 2 &&
	    (strncmp(text.at, "sa", 2) == 0 || strncmp(text.at, "si", 2) == 0 ||
	     strncmp(text.at, "su", 2) == 0) &&
	    memchr(text.at, ':', text.len))
		return add_members(g, f, text);
	if (text.len > 3 && strncmp(text.at, "AF_", 3) == 0)
		return hawk_group_term(g, f, value.at, "%s.sa_family=%.*s", g->fields[0], (int)text.len,
				       text.at);
	if (all_of(text, "0123456789.") && memchr(text.at, '.', text.len) && text.at[text.len - 1] == '.')
		return add_ip(r, g, f, value);
	if (all_of(text, "0123456789abcdefABCDEF.:/") &&
	    (memchr(text.at, ':', text.len) || isdigit((unsigned char)*text.at)))
		return hawk_group_value(g, f, text.at, text.len, false);
	return hawk_group_value(g, f, value.at, value.len, true);
}

/* Tracee has modes in decimal, people have them in octal with a 0 before. */
static int add_mode(struct hawk_group *g, const struct hawk_filter *f, struct span value)
{
	char *end;
	unsigned long mode;

	errno = 0;
	mode = strtoul(value.at, &end, 10);
	if (*value.at < '1' || *value.at > '9' || errno || end != value.at + value.len)
		return hawk_group_value(g, f, value.at, value.len, false);
	return hawk_group_term(g, f, value.at, "%s=0%lo", g->fields[0], mode);
}

/* The list of libraries that are allowed: the beginning of a path, or of the name of a library. */
static bool is_allowed_library(const struct hawk_event_desc *desc, const struct hawk_group *g,
			       const struct hawk_filter *f)
{
	return desc->id == HAWK_EV_SYMBOLS_LOADED && f->op == HAWK_OP_NE &&
	       strcmp(g->fields[0], "data.library_path") == 0;
}

static int add_library(struct hawk_group *g, const struct hawk_filter *f, struct span value)
{
	_cleanup_(hawk_buf_done) struct hawk_buf text = HAWK_BUF_INIT;
	const struct span name = without_stars(value);

	if (*name.at != '/')
		hawk_buf_lit(&text, "*/");
	hawk_policy_quote(&text, name.at, name.len, false);
	hawk_buf_putc(&text, '*');
	return hawk_buf_str(&text) ? hawk_group_term(g, f, value.at, "%s=%s", g->fields[0], text.data)
				   : -ENOMEM;
}

static int add_value(struct hawk_policy_reader *r, struct hawk_group *g, const struct hawk_event_desc *desc,
		     enum hawk_type type, const struct hawk_filter *f, struct span value)
{
	struct span name = without_stars(value);
	int e = hawk_tracee_check_value(r, f, value.at, value.len);

	if (e < 0)
		return e;
	if (type == HAWK_T_OPEN_HOW || hawk_type_is_bits(type))
		return add_bits(r, g, f, value);
	if (type == HAWK_T_SOCKADDR || type == HAWK_T_SOCKADDR_OUT)
		return add_address(r, g, f, value);
	if (type == HAWK_T_IP)
		return add_ip(r, g, f, value);
	if (type == HAWK_T_MODE)
		return add_mode(g, f, value);
	if (is_allowed_library(desc, g, f))
		return add_library(g, f, value);
	if (is_text(type))
		return hawk_group_value(g, f, value.at, value.len, true);
	/* Tracee's texts of numbers with names: a star stands for nothing when what is left is a name. */
	if (name.len && isalpha((unsigned char)*name.at))
		value = name;
	return hawk_group_value(g, f, value.at, value.len, true);
}

bool hawk_tracee_has_parameters(const struct hawk_event_desc *desc)
{
	return desc->id == HAWK_EV_SUSPICIOUS_SYSCALL_SOURCE || desc->id == HAWK_EV_STACK_PIVOT ||
	       desc->id == HAWK_EV_SYMBOLS_LOADED;
}

/* The calls and the symbols that the daemon has to look at for the rule. */
static int note_parameter(struct hawk_policy *p, const struct hawk_event_desc *desc, const struct hawk_group *g,
			  const struct hawk_filter *f, struct span value)
{
	const bool symbols = desc->id == HAWK_EV_SYMBOLS_LOADED;
	char text[128];

	if (f->op != HAWK_OP_EQ || !hawk_tracee_has_parameters(desc) || value.len >= sizeof(text) ||
	    strcmp(g->fields[0], symbols ? "data.symbols" : "data.syscall") != 0)
		return 0;
	memcpy(text, value.at, value.len);
	text[value.len] = '\0';
	return symbols ? hawk_yaml_push(&p->watched_symbols, &p->n_watched_symbols, text) :
			 hawk_yaml_push(&p->checked_syscalls, &p->n_checked_syscalls, text);
}

static int add_filter(struct hawk_policy_reader *r, struct hawk_group *g, const struct hawk_event_desc *desc,
		      enum hawk_type type, const struct hawk_filter *f)
{
	const char *p = f->values;
	struct span value;
	int e = 0;

	if (f->op == HAWK_OP_NONE)
		return hawk_yaml_refuse(&r->yaml, f->node, strlen(f->node->text), "expected = or != and a value");
	if (f->op >= HAWK_OP_LT)
		return hawk_group_bound(r, g, f);
	while (e == 0 && (value.at = hawk_tracee_next_value(&p, &value.len))) {
		e = add_value(r, g, desc, type, f, value);
		if (e == 0)
			e = note_parameter(r->policy, desc, g, f, value);
	}
	return e;
}

/* All filters on the field that filter I is the first one on. */
static int print_field(struct hawk_policy_reader *r, const struct hawk_tracee_data *data,
		       const struct hawk_event_desc *desc, size_t i, struct hawk_buf *out)
{
	_cleanup_(hawk_group_done) struct hawk_group g = { .items = NULL };
	const struct hawk_tracee_place place = hawk_tracee_place(desc, &data->v[i]);
	int bad = 0, e;

	g.fields[0] = place.field;
	g.octal = place.type == HAWK_T_MODE;
	for (size_t k = 0; k < data->n; k++) {
		const struct hawk_tracee_place other = hawk_tracee_place(desc, &data->v[k]);

		if (strcmp(place.field, other.field) != 0)
			continue;
		if (k < i)
			return 0; /* it was with that one */
		e = add_filter(r, &g, desc, place.type, &data->v[k]);
		if (e == -ENOMEM)
			return e;
		if (e < 0)
			bad = e;
	}
	if (bad < 0)
		return bad;
	e = hawk_group_print(&g, out);
	return e < 0 ? e : hawk_group_check(r, &g);
}

int hawk_tracee_data_print(struct hawk_policy_reader *r, const struct hawk_tracee_data *data,
			   const struct hawk_event_desc *desc, struct hawk_buf *out)
{
	int bad = 0;

	for (size_t i = 0; i < data->n; i++) {
		int e = print_field(r, data, desc, i, out);

		if (e == -ENOMEM)
			return e;
		if (e < 0)
			bad = e;
	}
	return bad;
}

/* Whether one of the values is the system call NUMBER. */
static bool names_call(const struct hawk_filter *f, uint64_t number)
{
	const char *p = f->values, *value;
	char text[64];
	uint64_t one;
	size_t len;

	while ((value = hawk_tracee_next_value(&p, &len))) {
		snprintf(text, sizeof(text), "%.*s", (int)len, value);
		if (hawk_value_parse_number(HAWK_T_SYSCALL_NR, text, &one) == 0 && one == number)
			return true;
	}
	return false;
}

enum hawk_tracee_verdict hawk_tracee_syscall(const struct hawk_tracee_data *data,
					     const struct hawk_event_desc *desc)
{
	bool equal = false, differ = false, has_differ = false;
	uint64_t number;

	if (!data->n_syscall)
		return HAWK_TRACEE_MAYBE;
	if (!desc->syscall || hawk_value_parse_number(HAWK_T_SYSCALL_NR, desc->name, &number) < 0)
		return HAWK_TRACEE_NOT_KNOWN;
	for (size_t i = 0; i < data->n_syscall; i++) {
		const bool hit = names_call(&data->syscall[i], number);

		has_differ |= data->syscall[i].op == HAWK_OP_NE;
		*(data->syscall[i].op == HAWK_OP_EQ ? &equal : &differ) |= hit;
	}
	return equal || (has_differ && !differ) ? HAWK_TRACEE_MAYBE : HAWK_TRACEE_NEVER;
}
