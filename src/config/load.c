/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Finds and reads the files. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "src/base/cleanup.h"
#include "src/config/config.h"
#include "src/config/option.h"
#include "src/config/parse.h"

void hawk_config_fault(struct hawk_config_errors *errors, const char *file, unsigned int line,
		       const char *fmt, ...)
{
	char message[1024], *text;
	va_list ap;
	int n;

	errors->total++;
	if (errors->n == HAWK_CONFIG_ERRORS_MAX)
		return;
	va_start(ap, fmt);
	vsnprintf(message, sizeof(message), fmt, ap);
	va_end(ap);
	n = line ? asprintf(&text, "%s:%u: %s", file, line, message)
		 : asprintf(&text, "%s: %s", file, message);
	if (n < 0)
		return;
	for (char *p = text; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = '?';
	errors->text[errors->n++] = text;
}

void hawk_config_errors_done(struct hawk_config_errors *errors)
{
	for (size_t i = 0; i < errors->n; i++)
		free(errors->text[i]);
	*errors = (struct hawk_config_errors){ .n = 0 };
}

/*
 * The contents of FD, ended by a NUL. Returns 0, -ENOMEM, -EFBIG, -EILSEQ (a NUL
 * byte in it) or the error of read(2).
 */
static int read_text(int fd, char **ret)
{
	_cleanup_free_ char *text = malloc(HAWK_CONFIG_FILE_MAX + 1);
	size_t len = 0;

	if (!text)
		return -ENOMEM;
	for (;;) {
		ssize_t n = read(fd, text + len, HAWK_CONFIG_FILE_MAX + 1 - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		len += (size_t)n;
		if (len > HAWK_CONFIG_FILE_MAX)
			return -EFBIG;
	}
	if (memchr(text, '\0', len))
		return -EILSEQ;
	text[len] = '\0';
	*ret = TAKE_PTR(text);
	return 0;
}

/*
 * Applies the file PATH. Returns 0, 1 when it does not exist, or -ENOMEM; a
 * file that cannot be read is a fault.
 */
static int load_file(struct hawk_config *config, const char *path, struct hawk_config_errors *errors)
{
	/* O_NONBLOCK: opening a FIFO must not hang. */
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	_cleanup_free_ char *text = NULL;
	struct stat st;
	int r;

	if (fd < 0 && errno == ENOENT)
		return 1;
	if (fd < 0 || fstat(fd, &st) < 0) {
		hawk_config_fault(errors, path, 0, "cannot be read: %s", strerror(errno));
		return 0;
	}
	if (S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3))
		return 0; /* /dev/null: masked */
	if (!S_ISREG(st.st_mode)) {
		hawk_config_fault(errors, path, 0, "is not a regular file");
		return 0;
	}
	r = read_text(fd, &text);
	if (r == -ENOMEM)
		return r;
	if (r == -EFBIG)
		hawk_config_fault(errors, path, 0, "is larger than %d bytes", HAWK_CONFIG_FILE_MAX);
	else if (r == -EILSEQ)
		hawk_config_fault(errors, path, 0, "has a NUL byte: not a text file");
	else if (r < 0)
		hawk_config_fault(errors, path, 0, "cannot be read: %s", strerror(-r));
	else
		return hawk_config_apply(config, path, text, errors);
	return 0;
}

/* Applies NAME from the first of the two directories that has it. */
static int load_name(struct hawk_config *config, const char *const dirs[2], const char *name,
		     struct hawk_config_errors *errors)
{
	int r = 1;

	for (int i = 0; r == 1 && i < 2; i++) {
		_cleanup_free_ char *path = NULL;

		if (asprintf(&path, "%s/%s", dirs[i], name) < 0) {
			path = NULL;
			return -ENOMEM;
		}
		r = load_file(config, path, errors);
	}
	return r < 0 ? r : 0;
}

static int is_dropin(const struct dirent *d)
{
	size_t len = strlen(d->d_name);

	return d->d_name[0] != '.' && len > 5 && strcmp(d->d_name + len - 5, ".conf") == 0;
}

/* strcmp, not the locale's order: the same everywhere. */
static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Adds the names ("conf.d/x.conf") of the drop-ins in DIR. */
static int list_dropins(const char *dir, struct hawk_config_list *names, struct hawk_config_errors *errors)
{
	_cleanup_free_ char *path = NULL;
	struct dirent *d;
	int r = 0;
	DIR *open_dir;

	if (asprintf(&path, "%s/conf.d", dir) < 0) {
		path = NULL;
		return -ENOMEM;
	}
	open_dir = opendir(path);
	if (!open_dir) {
		if (errno != ENOENT)
			hawk_config_fault(errors, path, 0, "cannot be read: %s", strerror(errno));
		return 0;
	}
	while (r == 0 && (d = readdir(open_dir))) {
		char name[sizeof(d->d_name) + 8];

		if (!is_dropin(d))
			continue;
		if (names->n == HAWK_CONFIG_FILES_MAX) {
			hawk_config_fault(errors, path, 0, "more than %d files", HAWK_CONFIG_FILES_MAX);
			break;
		}
		snprintf(name, sizeof(name), "conf.d/%s", d->d_name);
		r = hawk_config_list_add(names, name);
	}
	closedir(open_dir);
	return r;
}

static int load_dropins(struct hawk_config *config, const char *const dirs[2],
			struct hawk_config_errors *errors)
{
	struct hawk_config_list names = { .v = NULL };
	int r = list_dropins(dirs[0], &names, errors) ?: list_dropins(dirs[1], &names, errors);

	if (names.n)
		qsort(names.v, names.n, sizeof(*names.v), by_name);
	for (size_t i = 0; r == 0 && i < names.n; i++)
		if (i == 0 || strcmp(names.v[i], names.v[i - 1]) != 0)
			r = load_name(config, dirs, names.v[i], errors);
	hawk_config_list_done(&names);
	return r;
}

/* Hands over CONFIG when all went well. */
static int finish(struct hawk_config **ret, struct hawk_config *config,
		  const struct hawk_config_errors *errors, int r)
{
	if (r == 0 && errors->total)
		r = -EINVAL;
	if (r < 0)
		hawk_config_free(config);
	else
		*ret = config;
	return r;
}

int hawk_config_load_dirs(struct hawk_config **ret, const char *admin, const char *vendor,
			  struct hawk_config_errors *errors)
{
	const char *const dirs[2] = { admin, vendor };
	struct hawk_config *config;
	int r = hawk_config_new(&config);

	if (r < 0)
		return r;
	r = load_name(config, dirs, "sechawk.conf", errors) ?: load_dropins(config, dirs, errors);
	return finish(ret, config, errors, r);
}

int hawk_config_load(struct hawk_config **ret, const char *path, struct hawk_config_errors *errors)
{
	struct hawk_config *config;
	int r;

	if (!path)
		return hawk_config_load_dirs(ret, HAWK_SYSCONFDIR, HAWK_VENDORDIR, errors);
	r = hawk_config_new(&config);
	if (r < 0)
		return r;
	r = load_file(config, path, errors);
	if (r == 1) {
		hawk_config_fault(errors, path, 0, "does not exist");
		r = 0;
	}
	return finish(ret, config, errors, r);
}

int hawk_config_parse(struct hawk_config **ret, const char *name, const char *text,
		      struct hawk_config_errors *errors)
{
	struct hawk_config *config;
	int r = hawk_config_new(&config);

	return r < 0 ? r : finish(ret, config, errors, hawk_config_apply(config, name, text, errors));
}
