/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* tcp: loopback connections, IPv4 and IPv6, taken with accept and accept4; one that is refused, and one not waited for. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>

#include "tests/kernel/triggers/trigger.h"

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static socklen_t loopback(union address *a, int family)
{
	memset(a, 0, sizeof(*a));
	a->any.sa_family = (sa_family_t)family;
	if (family == AF_INET) {
		a->v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		return sizeof(a->v4);
	}
	a->v6.sin6_addr = in6addr_loopback;
	return sizeof(a->v6);
}

static int port(int fd)
{
	union address a;
	socklen_t len = sizeof(a);

	must(getsockname(fd, &a.any, &len), "getsockname");
	return ntohs(a.any.sa_family == AF_INET ? a.v4.sin_port : a.v6.sin6_port);
}

static void pair(int family, const char *accept_call)
{
	union address a, from;
	socklen_t len = loopback(&a, family), from_len = sizeof(from);
	int server = (int)must(socket(family, SOCK_STREAM, 0), "socket");
	int client = (int)must(socket(family, SOCK_STREAM, 0), "socket");
	int taken;
	const char *ip = family == AF_INET ? "127.0.0.1" : "::1";

	must(bind(server, &a.any, len), "bind");
	must(listen(server, 5), "listen");
	must(getsockname(server, &a.any, &len), "getsockname");
	must(connect(client, &a.any, len), "connect");
	if (strcmp(accept_call, "accept4") == 0)
		taken = accept4(server, &from.any, &from_len, SOCK_CLOEXEC);
	else
		taken = (int)syscall(SYS_accept, server, &from.any, &from_len);
	must(taken, "accept");
	report("{\"family\":\"%s\",\"accept\":\"%s\",\"ip\":\"%s\",\"server_port\":%d,\"client_port\":%d,"
	       "\"accepted_fd\":%d}",
	       family == AF_INET ? "AF_INET" : "AF_INET6", accept_call, ip, port(server), port(client),
	       taken);
	close(taken);
	close(client);
	/* The server stays: nobody gets its address and port again, so they say which connection is meant. */
}

/*
 * A connection that does not come about at once, since nobody listens or since
 * the caller does not wait. What has its port is bound and stays: nobody else gets it.
 */
static void unfinished(bool listening)
{
	union address a;
	socklen_t len = loopback(&a, AF_INET);
	int server = (int)must(socket(AF_INET, SOCK_STREAM, 0), "socket");
	int client = (int)must(socket(AF_INET, SOCK_STREAM | (listening ? SOCK_NONBLOCK : 0), 0), "socket");

	must(bind(server, &a.any, len), "bind");
	if (listening)
		must(listen(server, 5), "listen");
	must(getsockname(server, &a.any, &len), "getsockname");
	if (connect(client, &a.any, len) == 0) {
		errno = EISCONN;
		fail("connect should not succeed at once");
	}
	report("{\"unfinished_port\":%d,\"errno\":\"%s\"}", port(server),
	       errno == ECONNREFUSED ? "ECONNREFUSED" : errno == EINPROGRESS ? "EINPROGRESS" : "another");
}

int main(void)
{
	int probe = socket(AF_INET6, SOCK_STREAM, 0);

	pair(AF_INET, "accept");
	pair(AF_INET, "accept4");
	if (probe >= 0) {
		pair(AF_INET6, "accept");
		pair(AF_INET6, "accept4");
	}
	unfinished(false);
	unfinished(true);
	return 0;
}
