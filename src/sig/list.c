/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lists that expressions name. */
#include <ctype.h>
#include <strings.h>

#include "src/sig/reader.h"

void hawk_sig_list_done(struct hawk_sig_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->values[i]);
	free(l->values);
	free(l->name);
	free(l->path);
	*l = (struct hawk_sig_list){ .name = NULL };
}

static void read_values(struct hawk_yaml_reader *yaml, struct hawk_yaml_node *root, struct hawk_sig_list *ret,
			int *error)
{
	const struct hawk_yaml_node *values = hawk_yaml_get(root, "values");

	if (!values || values->kind != HAWK_YAML_LIST) {
		hawk_yaml_refuse(yaml, values ? values : root, 0, "expected values: with a list of texts");
		return;
	}
	for (const struct hawk_yaml_node *one = values->first; one; one = one->next) {
		if (one->kind != HAWK_YAML_SCALAR || hawk_yaml_is_null(one))
			hawk_yaml_refuse(yaml, one, 0, "expected a text, not %s", hawk_yaml_kind_name(one));
		else if (strlen(one->text) > HAWK_SIG_LIST_VALUE_MAX)
			hawk_yaml_refuse(yaml, one, 0, "a value of more than %d bytes", HAWK_SIG_LIST_VALUE_MAX);
		else if (hawk_yaml_push(&ret->values, &ret->n, one->text) < 0)
			*error = -ENOMEM;
	}
}

void hawk_sig_read_list(struct hawk_yaml_reader *yaml, struct hawk_yaml_node *root, struct hawk_sig_list *ret,
			int *error)
{
	static const char *const keys[] = { "kind", "type", "name", "description", "values", NULL };
	const struct hawk_yaml_node *name = hawk_yaml_text(yaml, root, "name");

	hawk_yaml_only_keys(yaml, root, keys, "a list");
	if (!name || !hawk_sig_is_list_name(name->text)) {
		hawk_yaml_refuse(yaml, name ? name : root, 0,
				   "expected name: with capital letters, digits and _, such as SHELLS");
	} else {
		ret->name = strdup(name->text);
		if (!ret->name)
			*error = -ENOMEM;
	}
	read_values(yaml, root, ret, error);
}

static void refuse_line(struct hawk_diags *diags, unsigned int line, const char *message)
{
	struct hawk_diag diag = { .line = line, .column = line ? 1 : 0 };

	snprintf(diag.message, sizeof(diag.message), "%s", message);
	hawk_diags_add(diags, &diag);
}

/* White space at its ends is not of the value, nor is what follows a # at the beginning or behind white space. */
static void trim(const char **at, size_t *len)
{
	for (size_t i = 0; i < *len; i++)
		if ((*at)[i] == '#' && (!i || isspace((unsigned char)(*at)[i - 1]))) {
			*len = i;
			break;
		}
	while (*len && isspace((unsigned char)**at)) {
		++*at;
		--*len;
	}
	while (*len && isspace((unsigned char)(*at)[*len - 1]))
		--*len;
}

static int add_line(struct hawk_sig_list *l, const char *at, size_t len)
{
	char value[HAWK_SIG_LIST_VALUE_MAX + 1];

	memcpy(value, at, len);
	value[len] = '\0';
	return hawk_yaml_push(&l->values, &l->n, value);
}

static void read_lines(const struct hawk_sig_source *source, struct hawk_sig_list *ret, struct hawk_diags *diags,
		       int *error)
{
	const char *p = source->text, *end = p + source->len;

	for (unsigned int line = 1; p < end && *error == 0; line++) {
		const char *nl = memchr(p, '\n', (size_t)(end - p)), *at = p;
		size_t len = (size_t)((nl ? nl : end) - p);

		p += len + 1;
		trim(&at, &len);
		if (len > HAWK_SIG_LIST_VALUE_MAX)
			refuse_line(diags, line, "a value of more than 4096 bytes");
		else if (memchr(at, '\0', len))
			refuse_line(diags, line, "there is a NUL in this line");
		else if (len)
			*error = add_line(ret, at, len);
	}
}

void hawk_sig_read_list_file(const struct hawk_sig_source *source, struct hawk_sig_list *ret,
			     struct hawk_diags *diags, int *error)
{
	const char *slash = strrchr(source->path, '/'), *base = slash ? slash + 1 : source->path;

	ret->name = strndup(base, strlen(base) - strlen(".list"));
	if (!ret->name) {
		*error = -ENOMEM;
		return;
	}
	if (!hawk_sig_is_list_name(ret->name))
		refuse_line(diags, 0, "the name of the file is that of the list: "
				      "expected capital letters, digits and _ before .list, such as SHELLS.list");
	if (source->len > HAWK_SIG_TEXT_MAX)
		refuse_line(diags, 0, "longer than 1048576 bytes");
	else
		read_lines(source, ret, diags, error);
}
