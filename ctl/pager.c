/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ctl/term.h"
#include "src/base/cleanup.h"

static pid_t pager;

/* F: leave at once when it fits, R: let colour through, X: leave the text on the screen. */
static void __attribute__((noreturn)) pager_exec(const char *command)
{
	signal(SIGPIPE, SIG_DFL);
	setenv("LESS", "FRX", 0);
	/* Somebody who may only run this program with sudo gets no shell out of less. */
	setenv("LESSSECURE", "1", 1);
	if (!command)
		command = "command -v less >/dev/null 2>&1 && exec less; exec cat";
	execl("/bin/sh", "sh", "-c", command, NULL);
	_exit(127);
}

void hawk_pager_start(void)
{
	_cleanup_close_ int reader = -1, writer = -1;
	const char *command = getenv("SECHAWK_PAGER");
	int fds[2];

	if (!command)
		command = getenv("PAGER");
	if (pager || !hawk_term_width() || !isatty(STDOUT_FILENO))
		return;
	if (command && (!*command || !strcmp(command, "cat")))
		return;
	if (pipe2(fds, O_CLOEXEC) < 0)
		return;
	reader = fds[0];
	writer = fds[1];
	fflush(stdout);
	pager = fork();
	if (pager == 0) {
		if (dup2(reader, STDIN_FILENO) < 0)
			_exit(127);
		pager_exec(command);
	}
	if (pager < 0) {
		pager = 0;
		return;
	}
	/* The interrupt key is for the pager; it ends us by closing the pipe. */
	signal(SIGINT, SIG_IGN);
	if (dup2(writer, STDOUT_FILENO) < 0)
		hawk_pager_finish();
}

void hawk_pager_finish(void)
{
	if (!pager)
		return;
	fflush(stdout);
	close(STDOUT_FILENO);
	while (waitpid(pager, NULL, 0) < 0 && errno == EINTR)
		;
	pager = 0;
}
