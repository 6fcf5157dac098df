# SPDX-License-Identifier: LGPL-2.1-or-later
# Figures of single functions, one JSON object each.
noinst_PROGRAMS += bench/micro/json_bench
bench_micro_json_bench_SOURCES = bench/micro/json_bench.c tests/unit/format/sample.c \
	tests/unit/format/sample.h
bench_micro_json_bench_LDADD = libsechawk.a
