/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/base/textfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/cleanup.h"

int hawk_textfile_read(const char *path, size_t max, char **ret, size_t *ret_len)
{
	/* a fifo or a device must not hold us up */
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	_cleanup_free_ char *text = NULL;
	struct stat st;
	size_t len = 0;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	if (st.st_size > (off_t)max)
		return -E2BIG;
	text = malloc(max + 2);
	if (!text)
		return -ENOMEM;
	for (ssize_t n; len <= max && (n = read(fd, text + len, max + 1 - len)) != 0; len += (size_t)n)
		if (n < 0)
			return -errno;
	if (len > max)
		return -E2BIG;
	text[len] = 0;
	*ret = TAKE_PTR(text);
	*ret_len = len;
	return 0;
}

const char *hawk_textfile_why(int error)
{
	if (error == -E2BIG)
		return "the file is too long";
	return error == -EINVAL ? "this is no regular file" : strerror(-error);
}
