# SPDX-License-Identifier: LGPL-2.1-or-later
# What is measured: small static programs, so that their own start costs little and opens no libraries.
# Flags of their own, since sanitizers cannot be linked statically.
BENCH_CFLAGS = $(WARN_CFLAGS) -O2
noinst_PROGRAMS += bench/workloads/getppid bench/workloads/opens bench/workloads/fork_exec \
	bench/workloads/child bench/workloads/processes bench/workloads/latency bench/workloads/udp_echo
bench_workloads_udp_echo_SOURCES = bench/workloads/udp_echo.c bench/workloads/workload.h
bench_workloads_udp_echo_CFLAGS = $(BENCH_CFLAGS)
bench_workloads_udp_echo_LDFLAGS = -static
bench_workloads_getppid_SOURCES = bench/workloads/getppid.c bench/workloads/workload.h
bench_workloads_getppid_CFLAGS = $(BENCH_CFLAGS)
bench_workloads_getppid_LDFLAGS = -static
bench_workloads_opens_SOURCES = bench/workloads/opens.c bench/workloads/workload.h
bench_workloads_opens_CFLAGS = $(BENCH_CFLAGS)
bench_workloads_opens_LDFLAGS = -static
bench_workloads_fork_exec_SOURCES = bench/workloads/fork_exec.c bench/workloads/workload.h
bench_workloads_fork_exec_CFLAGS = $(BENCH_CFLAGS)
bench_workloads_fork_exec_LDFLAGS = -static
bench_workloads_child_SOURCES = bench/workloads/child.c
bench_workloads_child_CFLAGS = $(BENCH_CFLAGS) -Wno-pedantic -Wno-empty-translation-unit
bench_workloads_child_LDFLAGS = -static -nostdlib -nostartfiles -Wl,--build-id=none
bench_workloads_processes_SOURCES = bench/workloads/processes.c bench/workloads/workload.h
bench_workloads_processes_CFLAGS = $(BENCH_CFLAGS)
bench_workloads_processes_LDFLAGS = -static
bench_workloads_latency_SOURCES = bench/workloads/latency.c bench/workloads/workload.h
bench_workloads_latency_CFLAGS = $(BENCH_CFLAGS)
bench_workloads_latency_LDFLAGS = -static
