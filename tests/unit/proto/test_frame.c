/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>
#include <cmocka.h>

#include "src/base/cleanup.h"
#include "src/proto/frame.h"

static const char stream[] = "{}\0\0{\"method\":\"x\"}\0{\"a\":[1,2,3]}";
static const char *const messages[] = { "{}", "", "{\"method\":\"x\"}", "{\"a\":[1,2,3]}" };

/* Every way to cut the stream into two or three pieces gives the same messages. */
static void chopped_at_every_byte(void **state)
{
	(void)state;
	for (size_t a = 0; a <= sizeof(stream); a++)
		for (size_t b = a; b <= sizeof(stream); b++) {
			const size_t cuts[] = { 0, a, b, sizeof(stream) };
			struct hawk_frames f;
			const char *text;
			size_t len, n = 0;

			hawk_frames_init(&f, 64);
			for (int piece = 0; piece < 3; piece++) {
				assert_int_equal(hawk_frames_feed(&f, stream + cuts[piece],
								  cuts[piece + 1] - cuts[piece]), 0);
				while (hawk_frames_next(&f, &text, &len)) {
					assert_true(n < ARRAY_SIZE(messages));
					assert_string_equal(text, messages[n]);
					assert_int_equal(len, strlen(messages[n]));
					n++;
				}
			}
			assert_int_equal(n, ARRAY_SIZE(messages));
			assert_false(hawk_frames_partial(&f));
			hawk_frames_done(&f);
		}
}

static void longest_fits_and_one_more_does_not(void **state)
{
	char data[102];
	struct hawk_frames f;
	const char *text;
	size_t len;

	(void)state;
	memset(data, 'x', sizeof(data));
	data[100] = 0;
	hawk_frames_init(&f, 100);
	assert_int_equal(hawk_frames_feed(&f, data, 101), 0);
	assert_int_equal(hawk_frames_next(&f, &text, &len), 1);
	assert_int_equal(len, 100);
	data[100] = 'x';
	assert_int_equal(hawk_frames_feed(&f, data, 100), 0);
	assert_int_equal(hawk_frames_next(&f, &text, &len), 0);
	assert_true(hawk_frames_partial(&f));
	assert_int_equal(hawk_frames_feed(&f, data, 1), -EMSGSIZE);
	/* For good: the end of the message is not to be found any more. */
	assert_int_equal(hawk_frames_feed(&f, "", 1), -EMSGSIZE);
	hawk_frames_done(&f);
}

/* Memory is bounded whatever is fed. */
static void no_end_no_memory(void **state)
{
	static char data[16 * 1024];
	struct hawk_frames f;
	int r = 0;

	(void)state;
	memset(data, 'x', sizeof(data));
	hawk_frames_init(&f, HAWK_FRAME_MAX_CALL);
	for (int i = 0; i < 1000 && r == 0; i++)
		r = hawk_frames_feed(&f, data, sizeof(data));
	assert_int_equal(r, -EMSGSIZE);
	assert_true(f.in.cap <= HAWK_FRAME_MAX_CALL + 2 * sizeof(data));
	hawk_frames_done(&f);
}

static void reads_from_a_descriptor(void **state)
{
	struct hawk_frames f;
	const char *text;
	size_t len;
	int fd[2];

	(void)state;
	assert_int_equal(pipe(fd), 0);
	hawk_frames_init(&f, 64);
	assert_int_equal(write(fd[1], stream, sizeof(stream)), sizeof(stream));
	assert_int_equal(hawk_frames_read(&f, fd[0]), sizeof(stream));
	for (size_t i = 0; i < ARRAY_SIZE(messages); i++) {
		assert_int_equal(hawk_frames_next(&f, &text, &len), 1);
		assert_string_equal(text, messages[i]);
	}
	close(fd[1]);
	assert_int_equal(hawk_frames_read(&f, fd[0]), 0);
	close(fd[0]);
	assert_int_equal(hawk_frames_read(&f, fd[0]), -EBADF);
	hawk_frames_done(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chopped_at_every_byte),
		cmocka_unit_test(longest_fits_and_one_more_does_not),
		cmocka_unit_test(no_end_no_memory),
		cmocka_unit_test(reads_from_a_descriptor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
