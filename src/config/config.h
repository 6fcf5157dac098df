/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_CONFIG_CONFIG_H
#define HAWK_CONFIG_CONFIG_H
/*
 * The configuration: sechawk.conf, then conf.d/NAME.conf in order of name,
 * each in the syntax of libconfig. A file in the admin's directory overrides the
 * vendor's file of the same name; a link to /dev/null masks it. A later file
 * overrides single options of an earlier one. One bad setting refuses the
 * whole configuration, and all faults are reported together.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define HAWK_CONFIG_FILE_MAX (1024 * 1024) /* bytes of one file */
#define HAWK_CONFIG_FILES_MAX 256
#define HAWK_CONFIG_STRING_MAX 4096
#define HAWK_CONFIG_LIST_MAX 1024
#define HAWK_CONFIG_SINKS_MAX 64
#define HAWK_CONFIG_ERRORS_MAX 20

struct hawk_config_list {
	char **v; /* n strings, then NULL; never NULL in a loaded configuration */
	size_t n;
};

/* One element of "sinks". Strings are never NULL, but may be empty. */
struct hawk_config_sink {
#define OPT_BOOL(section, name, dfl, apply, doc) bool name;
#define OPT_INT(section, name, unit, min, max, dfl, apply, doc) uint64_t name;
#define OPT_STRING(section, name, form, dfl, apply, doc) char *name;
#define OPT_ENUM(section, name, choices, dfl, apply, doc) char *name;
#define OPT_LIST(section, name, form, dfl, apply, doc) struct hawk_config_list name;
#include "src/config/sink_options.def"
	char *where; /* "FILE:LINE" */
};

/* config->kernel.argv_max and so on: one structure per section. Strings are never NULL, but may be empty. */
struct hawk_config {
#define OPT_SECTION(section, doc) struct {
#define OPT_BOOL(section, name, dfl, apply, doc) bool name;
#define OPT_INT(section, name, unit, min, max, dfl, apply, doc) uint64_t name;
#define OPT_STRING(section, name, form, dfl, apply, doc) char *name;
#define OPT_ENUM(section, name, choices, dfl, apply, doc) char *name;
#define OPT_LIST(section, name, form, dfl, apply, doc) struct hawk_config_list name;
#define OPT_SECTION_END(section) } section;
#include "src/config/options.def"
	struct hawk_config_sink *sinks; /* n_sinks of them */
	size_t n_sinks;
	bool sinks_given; /* a file has a list of sinks, may be an empty one: the caller adds no default */
	char **where;     /* "FILE:LINE" by row of options.def; NULL: the default is in force */
	struct hawk_config_list files; /* that were read, in order */
};

/* What is wrong, one "FILE:LINE: section.option: …" per fault. */
struct hawk_config_errors {
	char *text[HAWK_CONFIG_ERRORS_MAX];
	size_t n;     /* texts */
	size_t total; /* faults; more than n when there were too many to keep */
};

/* Frees the texts; the structure can be used again. */
void hawk_config_errors_done(struct hawk_config_errors *errors);

/*
 * Reads the configuration: the one file PATH without drop-ins (which must
 * exist), or with NULL the files of the system's directories (no file at all
 * gives the defaults). Returns 0, -EINVAL with ERRORS (zeroed by the caller)
 * filled, or -ENOMEM. Names of events, expressions and formats are not
 * checked here: the caller does, with hawk_config_where for the message.
 */
int hawk_config_load(struct hawk_config **ret, const char *path, struct hawk_config_errors *errors);
/* The same from an ADMIN and a VENDOR directory (either may be missing), for tests and images. */
int hawk_config_load_dirs(struct hawk_config **ret, const char *admin, const char *vendor,
			  struct hawk_config_errors *errors);
/* The same from TEXT; NAME stands for the file in messages. Pure: touches no file. */
int hawk_config_parse(struct hawk_config **ret, const char *name, const char *text,
		      struct hawk_config_errors *errors);
struct hawk_config *hawk_config_free(struct hawk_config *config);

/* Where the option "section.name" was set ("FILE:LINE"), or "default". */
const char *hawk_config_where(const struct hawk_config *config, const char *option);

/*
 * What stands for the sinks where no file has a list of them, as text of such a file: the journal gets findings, what
 * policies match, ptrace, and programs that run from a memfd. It holds where journald runs.
 */
extern const char hawk_config_default_sinks[];

/* Writes CONFIG as a file that parses to the same, the documentation as comments. Returns 0 or -errno. */
int hawk_config_dump(const struct hawk_config *config, FILE *to);
/* Writes the shipped file: every option with its default, commented out. Returns 0 or -errno. */
int hawk_config_print_example(FILE *to);
/* Writes the table of options as man(7) source. Returns 0 or -errno. */
int hawk_config_print_man(FILE *to);

/*
 * Calls FN with the name of each option that differs between the two and is
 * in force only after a restart. Returns how many.
 */
size_t hawk_config_restart_options(const struct hawk_config *old, const struct hawk_config *new,
				   void (*fn)(void *ctx, const char *option), void *ctx);

#endif
