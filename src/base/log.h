/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_BASE_LOG_H
#define HAWK_BASE_LOG_H
/*
 * The daemon's own messages. They go to standard error with the "<N>" priority
 * prefix when systemd reads it (sd-daemon(3)), plain otherwise. Library code
 * logs at debug only; the one caller that decides logs the rest.
 */
#include <stdbool.h>
#include <syslog.h>

/* Highest priority number (syslog(3)) that is shown. Default LOG_INFO. */
void hawk_log_set_level(int level);
int hawk_log_level(void);
/* The level named by TEXT ("debug", "info", "notice", "warning", "error"), or -EINVAL. */
int hawk_log_level_parse(const char *text);
const char *hawk_log_level_name(int level);
#define HAWK_LOG_JOURNAL "/run/systemd/journal/stdout"
/*
 * Prefix lines with "<N>" for journald, and connect standard error anew to its
 * socket SOCKET (borrowed) when it has closed our stream, as it does when it is
 * stopped. NULL: neither. Before other threads start.
 */
void hawk_log_set_journal(const char *socket);
/* Control characters in the message are escaped. errno is kept. */
void hawk_log(int level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* An entry that no level hides (at LOG_NOTICE): who changed what. */
void hawk_log_audit(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#define hawk_debug(...) hawk_log(LOG_DEBUG, __VA_ARGS__)
#define hawk_info(...) hawk_log(LOG_INFO, __VA_ARGS__)
#define hawk_notice(...) hawk_log(LOG_NOTICE, __VA_ARGS__)
#define hawk_warning(...) hawk_log(LOG_WARNING, __VA_ARGS__)
#define hawk_error(...) hawk_log(LOG_ERR, __VA_ARGS__)
/* Logs and gives back R, so that a failure is reported and returned in one statement. */
#define hawk_err(r, ...) ({ int _r = (r); hawk_log(LOG_ERR, __VA_ARGS__); _r; })

#endif
