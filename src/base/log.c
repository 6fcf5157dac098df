/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/base/log.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "src/base/cleanup.h"

static _Atomic int level_max = LOG_INFO;
static bool journal;

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

void hawk_log_set_journal(bool on)
{
	journal = on;
}

static void put(int level, const char *fmt, va_list ap)
{
	/* Who reads our messages may stand still, like a stopped journald: then they are lost, not the pipeline. */
	struct pollfd out = { .fd = STDERR_FILENO, .events = POLLOUT };
	int keep = errno, n;
	char line[2048];

	n = journal ? snprintf(line, sizeof(line), "<%d>", level) : snprintf(line, sizeof(line), "sechawkd: ");
	errno = keep; /* for %m */
	vsnprintf(line + n, sizeof(line) - (size_t)n - 1, fmt, ap);
	for (char *p = line; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = '?';
	n = (int)strlen(line);
	line[n++] = '\n';
	if (poll(&out, 1, 0) == 1 && write(STDERR_FILENO, line, (size_t)n) < 0) {
		/* nowhere left to say it */
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
