/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/cleanup.h"
#include "src/base/log.h"
#include "src/config/config.h"
#include "src/daemon/checkconf.h"
#include "src/daemon/checkpolicy.h"
#include "src/daemon/checksignature.h"
#include "src/daemon/daemon.h"
#include "src/daemon/testsignature.h"

enum action { RUN, CHECK_CONFIG, DUMP_CONFIG, CHECK_POLICY, CHECK_SIGNATURE, TEST_SIGNATURE, REPLAY, VERSION, HELP };

static const struct {
	const char *name, *metavar;
	int has_arg;
	char letter;
	const char *help;
} options[] = {
	{ "foreground", NULL, no_argument, 'F', "stay attached to the terminal (it never forks; messages go to it plainly)" },
	{ "config", "FILE", required_argument, 'c', "use this configuration file and no other" },
	{ "socket", "PATH", required_argument, 's', "serve this socket: a private instance beside others" },
	{ "btf", "FILE", required_argument, 'b', "types of this kernel, where the kernel does not show them" },
	{ "check-config", NULL, no_argument, 'C', "check the configuration and exit" },
	{ "dump-config", NULL, no_argument, 'D', "print the configuration in force and exit" },
	{ "check-policy", NULL, no_argument, 'p', "check the policies in the files that follow and exit" },
	{ "test-signature", NULL, no_argument, 't', "run the tests in the signature files or directories that follow and exit" },
	{ "check-signature", NULL, no_argument, 'k', "check the signatures in the files and directories that follow and exit" },
	{ "replay", "FILE", required_argument, 'r', "play a recording to standard output and exit" },
	{ "output", "FORMAT", required_argument, 'o', "format of --replay: json, tracee, tetragon, csv, table, …; of --check-…: text, ir or json; of --test-signature: text or json" },
	{ "where", "EXPR", required_argument, 'w', "of --replay: only the events for which this is true" },
	{ "policies", "PATHS", required_argument, 'P', "of --replay: judge by these policies, files or directories with commas between" },
	{ "signatures", "PATHS", required_argument, 'S', "of --replay: the same with signatures" },
	{ "version", NULL, no_argument, 'V', "print the version and exit" },
	{ "help", NULL, no_argument, 'h', "print this and exit" },
};

static int help(void)
{
	printf("sechawkd - host security daemon\n\nUsage: sechawkd [OPTION…]\n\n");
	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		char left[40];

		snprintf(left, sizeof(left), "--%s%s%s", options[i].name, options[i].metavar ? " " : "",
			 options[i].metavar ? options[i].metavar : "");
		printf("  -%c  %-20s %s\n", options[i].letter, left, options[i].help);
	}
	printf("\nsechawkd(8), sechawk.conf(5), sechawkctl(1)\n");
	return EXIT_SUCCESS;
}

static void say_fault(void *ctx, const char *fault)
{
	(void)ctx;
	fprintf(stderr, "%s\n", fault);
}

static int config_action(enum action action, const char *path)
{
	struct hawk_config_errors errors = { .n = 0 };
	struct hawk_config *config = NULL;
	int r = hawk_config_load(&config, path, &errors);

	for (size_t i = 0; i < errors.n; i++)
		fprintf(stderr, "%s\n", errors.text[i]);
	if (errors.total > errors.n)
		fprintf(stderr, "and %zu more\n", errors.total - errors.n);
	if (r < 0 && !errors.n)
		fprintf(stderr, "sechawkd: %s\n", strerror(-r));
	if (r == 0 && hawk_checkconf(config, say_fault, NULL) > 0)
		r = -EINVAL;
	if (r == 0 && action == DUMP_CONFIG)
		r = hawk_config_dump(config, stdout);
	else if (r == 0)
		printf("the configuration is good\n");
	hawk_config_errors_done(&errors);
	hawk_config_free(config);
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* The table in the forms that getopt_long() takes; both have room for it and are zeroed. */
static void describe(struct option *longs, char *shorts)
{
	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		longs[i] = (struct option){ options[i].name, options[i].has_arg, NULL, options[i].letter };
		*shorts++ = options[i].letter;
		if (options[i].has_arg)
			*shorts++ = ':';
	}
}

int main(int argc, char **argv)
{
	struct option longs[ARRAY_SIZE(options) + 1] = { { 0 } };
	char shorts[2 * ARRAY_SIZE(options) + 1] = "";
	struct hawk_daemon_options run = { .config = NULL };
	struct hawk_replay_options replay = { .filter = "" };
	const char *format = NULL;
	enum action action = RUN;
	int c;

	describe(longs, shorts);
	while ((c = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		switch (c) {
		case 'F': run.foreground = true; break;
		case 'c': run.config = optarg; break;
		case 's': run.socket = optarg; break;
		case 'b': run.btf = optarg; break;
		case 'C': action = CHECK_CONFIG; break;
		case 'D': action = DUMP_CONFIG; break;
		case 'p': action = CHECK_POLICY; break;
		case 'k': action = CHECK_SIGNATURE; break;
		case 't': action = TEST_SIGNATURE; break;
		case 'r': action = REPLAY; replay.path = optarg; break;
		case 'o': format = optarg; break;
		case 'w': replay.filter = optarg; break;
		case 'P': replay.policies = optarg; break;
		case 'S': replay.signatures = optarg; break;
		case 'V': action = VERSION; break;
		case 'h': action = HELP; break;
		default: return 2;
		}
	}
	if (action == CHECK_POLICY)
		return hawk_checkpolicy_run(argv + optind, (size_t)(argc - optind), format ? format : "text");
	if (action == CHECK_SIGNATURE)
		return hawk_checksignature_run(argv + optind, (size_t)(argc - optind), format ? format : "text");
	if (action == TEST_SIGNATURE)
		return hawk_testsignature_run(argv + optind, (size_t)(argc - optind), format ? format : "text");
	if (optind < argc) {
		fprintf(stderr, "sechawkd: unexpected argument \"%s\"; see sechawkd --help\n", argv[optind]);
		return 2;
	}
	switch (action) {
	case CHECK_CONFIG:
	case DUMP_CONFIG:
		return config_action(action, run.config);
	case REPLAY:
		replay.format = format ? format : "json";
		return hawk_replay_run(&replay);
	case VERSION:
		printf("sechawkd %s\n", HAWK_VERSION);
		return EXIT_SUCCESS;
	case HELP:
		return help();
	default:
		return hawk_daemon_run(&run);
	}
}
