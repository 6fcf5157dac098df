/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_TESTS_CONTROL_CLIENT_H
#define HAWK_TESTS_CONTROL_CLIENT_H
/* Clients of the made-up daemon. What is not as expected fails the running test. */
#include "tests/unit/control/fake.h"

struct client {
	int fd;
	struct hawk_frames in;
	bool gone; /* the server has ended the connection */
};

extern struct fake fake;

/* Setup and teardown of a test. */
int start(void **state);
int stop(void **state);
/* Another server, for tests of the bounds. */
void restart(const struct hawk_control_options *options);

struct client connect_client(void);
void disconnect(struct client *c);
void send_bytes(struct client *c, const void *data, size_t len);
/*
 * Sends a call. METHOD without a dot is one of org.sechawk.Control; PARAMETERS
 * is JSON text, FLAGS further members such as ",\"more\":true".
 */
void call(struct client *c, const char *method, const char *parameters, const char *flags);
/* The next reply, or false when none comes. */
bool next(struct client *c, struct hawk_reply *reply);

void expect_error(struct client *c, const char *error);
void expect_invalid(struct client *c, const char *parameter);
/* The next reply is a success of METHOD as the table describes it. */
struct hawk_reply expect_reply(struct client *c, const char *method);
/* The same; it must be the last one. */
void expect_success(struct client *c, const char *method);
/* No reply comes and the connection stands. */
void expect_nothing(struct client *c);

#endif
