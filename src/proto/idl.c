/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>

#include "src/proto/proto.h"

/* The part of Varlink that every service has; see varlink.org, "The org.varlink.service Interface". */
static const char service_idl[] =
	"# What every Varlink service answers\n"
	"interface " HAWK_SERVICE_INTERFACE "\n"
	"\n"
	"# Who serves here and which interfaces there are\n"
	"method GetInfo() -> (\n"
	"\tvendor: string,\n"
	"\tproduct: string,\n"
	"\tversion: string,\n"
	"\turl: string,\n"
	"\tinterfaces: []string\n"
	")\n"
	"\n"
	"# The text of an interface\n"
	"method GetInterfaceDescription(interface: string) -> (description: string)\n"
	"\n"
	"# There is no such interface\n"
	"error InterfaceNotFound (interface: string)\n"
	"\n"
	"# There is no such method in the interface\n"
	"error MethodNotFound (method: string)\n"
	"\n"
	"# The method is described and not there\n"
	"error MethodNotImplemented (method: string)\n"
	"\n"
	"# A parameter is unknown, missing or of another type\n"
	"error InvalidParameter (parameter: string)\n"
	"\n"
	"# The caller may not do this\n"
	"error PermissionDenied ()\n"
	"\n"
	"# The method gives more than one reply and must be called so\n"
	"error ExpectedMore ()\n";

static void comment(struct hawk_buf *out, const char *indent, const char *text)
{
	hawk_buf_puts(out, indent);
	hawk_buf_lit(out, "# ");
	hawk_buf_puts(out, text);
	hawk_buf_putc(out, '\n');
}

static void members(struct hawk_buf *out, const struct hawk_member *m, size_t n)
{
	hawk_buf_putc(out, '(');
	for (size_t i = 0; i < n; i++) {
		hawk_buf_putc(out, '\n');
		comment(out, "\t", m[i].doc);
		hawk_buf_printf(out, "\t%s: %s%s", m[i].name, m[i].type, i + 1 < n ? "," : "\n");
	}
	hawk_buf_putc(out, ')');
}

static void method(struct hawk_buf *out, const struct hawk_verb_desc *verb)
{
	const char *separator = "";

	hawk_buf_putc(out, '\n');
	comment(out, "", verb->help);
	if (verb->kind == HAWK_KIND_STREAM)
		comment(out, "", "Replies until the caller disconnects; call it with \"more\"");
	else if (verb->kind == HAWK_KIND_MANY)
		comment(out, "", "Long lists come in several replies when it is called with \"more\"");
	hawk_buf_printf(out, "method %s(", verb->method);
	for (size_t i = 0; i < verb->n_args; i++) {
		const struct hawk_verb_arg *arg = &verb->args[i];

		if (arg->local)
			continue;
		hawk_buf_puts(out, separator);
		hawk_buf_putc(out, '\n');
		comment(out, "\t", arg->help);
		hawk_buf_printf(out, "\t%s: %s", arg->name, arg->type);
		separator = ",";
	}
	hawk_buf_puts(out, *separator ? "\n) -> " : ") -> ");
	members(out, verb->results, verb->n_results);
	hawk_buf_putc(out, '\n');
}

static void structs(struct hawk_buf *out, const char *keyword, const struct hawk_struct_desc *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		hawk_buf_putc(out, '\n');
		comment(out, "", s[i].doc);
		hawk_buf_printf(out, "%s %s ", keyword, s[i].name);
		members(out, s[i].members, s[i].n_members);
		hawk_buf_putc(out, '\n');
	}
}

static int write_control(struct hawk_buf *out)
{
	const struct hawk_struct_desc *s;
	size_t n;

	comment(out, "", "Control of the host security daemon sechawkd, see sechawkctl(1)");
	hawk_buf_lit(out, "interface " HAWK_INTERFACE "\n");
	s = hawk_structs(&n);
	structs(out, "type", s, n);
	for (int id = 0; id < HAWK_VERB_MAX; id++)
		if (hawk_verb(id)->kind != HAWK_KIND_LOCAL)
			method(out, hawk_verb(id));
	s = hawk_failures(&n);
	structs(out, "error", s, n);
	return out->error;
}

int hawk_idl_write(struct hawk_buf *out, const char *interface)
{
	if (!strcmp(interface, HAWK_INTERFACE))
		return write_control(out);
	if (!strcmp(interface, HAWK_SERVICE_INTERFACE)) {
		hawk_buf_puts(out, service_idl);
		return out->error;
	}
	return -ENOENT;
}
