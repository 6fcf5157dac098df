/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/base/log.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "src/base/cleanup.h"

static _Atomic int level_max = LOG_INFO;
static const char *journal;
static _Atomic unsigned int unsaid; /* messages that nobody took */

static const struct {
	int level;
	const char *name;
} names[] = {
	{ LOG_DEBUG, "debug" },     { LOG_INFO, "info" }, { LOG_NOTICE, "notice" },
	{ LOG_WARNING, "warning" }, { LOG_ERR, "error" },
};

void hawk_log_set_level(int level)
{
	atomic_store(&level_max, level);
}

int hawk_log_level(void)
{
	return atomic_load(&level_max);
}

int hawk_log_level_parse(const char *text)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(text, names[i].name) == 0)
			return names[i].level;
	return -EINVAL;
}

const char *hawk_log_level_name(int level)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].level == level)
			return names[i].name;
	return "error";
}

void hawk_log_set_journal(const char *socket)
{
	journal = socket;
}

/*
 * A new stream to journald in place of the one that is closed. What it wants to
 * know first, a line each (systemd, src/journal/journald-stream.c): identifier,
 * unit (empty: by our cgroup), level, whether lines have a level of their own,
 * and whether to forward to syslog, kmsg and console.
 */
static bool connect_again(void)
{
	static const char head[] = "sechawkd\n\n6\n1\n0\n0\n0\n";
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0 || strlen(journal) >= sizeof(a.sun_path))
		return false;
	strcpy(a.sun_path, journal);
	return connect(fd, (const struct sockaddr *)&a, sizeof(a)) == 0 &&
	       write(fd, head, strlen(head)) == (ssize_t)strlen(head) && dup2(fd, STDERR_FILENO) >= 0;
}

/* Who reads our messages may stand still, like a stopped journald: then they are lost, not the pipeline. */
static bool write_line(const char *line, size_t len)
{
	struct pollfd out = { .fd = STDERR_FILENO, .events = POLLOUT };

	if (poll(&out, 1, 0) != 1)
		return false;
	if (out.revents & (POLLERR | POLLHUP) && (!journal || !connect_again()))
		return false;
	return write(STDERR_FILENO, line, len) == (ssize_t)len;
}

static void put(int level, const char *fmt, va_list ap)
{
	int keep = errno, n;
	unsigned int lost;
	char line[2048];

	n = journal ? snprintf(line, sizeof(line), "<%d>", level) :
		      snprintf(line, sizeof(line), "sechawkd: ");
	errno = keep; /* for %m */
	vsnprintf(line + n, sizeof(line) - (size_t)n - 1, fmt, ap);
	for (char *p = line; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = '?';
	n = (int)strlen(line);
	line[n++] = '\n';
	if (!write_line(line, (size_t)n)) {
		unsaid++;
	} else if ((lost = atomic_exchange(&unsaid, 0))) {
		n = snprintf(line, sizeof(line),
			     "%s%u messages before this one were lost: nobody took them\n",
			     journal ? "<4>" : "sechawkd: ", lost);
		if (!write_line(line, (size_t)n))
			unsaid += lost;
	}
	errno = keep;
}

void hawk_log(int level, const char *fmt, ...)
{
	va_list ap;

	if (level > hawk_log_level())
		return;
	va_start(ap, fmt);
	put(level, fmt, ap);
	va_end(ap);
}

void hawk_log_audit(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put(LOG_NOTICE, fmt, ap);
	va_end(ap);
}
