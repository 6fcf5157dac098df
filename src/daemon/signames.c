/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/daemon/signames.h"

#include <string.h>
#include <sys/stat.h>

const struct hawk_sig *hawk_signames_find(const struct hawk_sig_files *files, const char *name)
{
	for (size_t i = 0; i < files->n_signatures; i++) {
		const struct hawk_sig *sig = files->signatures[i];

		if (strcmp(sig->name, name) == 0 || strcmp(sig->id, name) == 0)
			return sig;
	}
	return NULL;
}

bool hawk_signames_has_tag(const struct hawk_sig_files *files, size_t i, const char *tag)
{
	const struct hawk_sig *sig = files->signatures[i];

	for (size_t k = 0; k < sig->n_tags; k++)
		if (strcmp(sig->tags[k], tag) == 0)
			return true;
	return false;
}

static enum hawk_policy_signature find(void *ctx, const char *name)
{
	const struct hawk_sig *sig = hawk_signames_find(ctx, name);

	if (!sig)
		return HAWK_POLICY_NO_SIGNATURE;
	return sig->enabled && !sig->n_pending ? HAWK_POLICY_SIGNATURE_ON : HAWK_POLICY_SIGNATURE_OFF;
}

static bool has_tag(void *ctx, size_t i, const char *tag)
{
	return hawk_signames_has_tag(ctx, i, tag);
}

static const char *name_of(void *ctx, size_t i)
{
	const struct hawk_sig_files *files = ctx;

	return i < files->n_signatures ? files->signatures[i]->name : NULL;
}

struct hawk_policy_signatures hawk_signames_of(const struct hawk_sig_files *files)
{
	return (struct hawk_policy_signatures){ find, name_of, has_tag, (void *)(uintptr_t)files };
}

/* What cannot be read is not there: who checks a policy does not ask for the state of signatures. */
static struct hawk_sig_files *installed(void *ctx)
{
	static char shipped[] = "/usr/share/sechawk/signatures", own[] = "/etc/sechawk/signatures.d";
	struct hawk_signames *n = ctx;
	char *dirs[2];
	size_t n_dirs = 0;
	struct stat st;

	if (!n->read) {
		if (stat(shipped, &st) == 0)
			dirs[n_dirs++] = shipped;
		if (stat(own, &st) == 0)
			dirs[n_dirs++] = own;
		n->read = true;
		if (hawk_sigargs_read(&n->args, dirs, n_dirs) < 0)
			hawk_sigargs_done(&n->args);
	}
	return &n->args.held;
}

static enum hawk_policy_signature find_installed(void *ctx, const char *name)
{
	return find(installed(ctx), name);
}

static bool installed_has_tag(void *ctx, size_t i, const char *tag)
{
	return has_tag(installed(ctx), i, tag);
}

static const char *installed_name(void *ctx, size_t i)
{
	return name_of(installed(ctx), i);
}

struct hawk_policy_signatures hawk_signames_installed(struct hawk_signames *n)
{
	return (struct hawk_policy_signatures){ find_installed, installed_name, installed_has_tag, n };
}

void hawk_signames_done(struct hawk_signames *n)
{
	hawk_sigargs_done(&n->args);
}
