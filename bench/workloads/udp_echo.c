/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * udp_echo COUNT SLICES: sends a datagram to a child over the loopback and
 * takes its echo, in a loop. The client is connected, as resolvers are; the
 * server is not.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "bench/workloads/workload.h"

static void serve(int fd)
{
	struct sockaddr_in peer;
	char data[512];

	for (;;) {
		socklen_t len = sizeof(peer);
		ssize_t n = recvfrom(fd, data, sizeof(data), 0, (struct sockaddr *)&peer, &len);

		if (n < 0 || sendto(fd, data, (size_t)n, 0, (struct sockaddr *)&peer, len) != n)
			fail("echo");
	}
}

static void once(void *arg)
{
	char data[64] = "echo";
	int fd = *(int *)arg;

	if (send(fd, data, sizeof(data), 0) != sizeof(data) || recv(fd, data, sizeof(data), 0) != sizeof(data))
		fail("client");
}

int main(int argc, char **argv)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int server = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), client = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof(address);
	pid_t child;

	if (argc != 3)
		return 2;
	if (bind(server, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    getsockname(server, (struct sockaddr *)&address, &len) < 0 ||
	    connect(client, (struct sockaddr *)&address, len) < 0)
		fail("sockets");
	child = fork();
	if (child < 0)
		fail("fork");
	if (child == 0)
		serve(server);
	run_slices(number(argv[1]), number(argv[2]), once, &client);
	fflush(stdout);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	return EXIT_SUCCESS;
}
