# SPDX-License-Identifier: LGPL-2.1-or-later
# Figures of single functions, one JSON object each.
noinst_PROGRAMS += bench/micro/ir_bench bench/micro/json_bench
bench_micro_ir_bench_SOURCES = bench/micro/ir_bench.c bench/micro/measure.h tests/unit/format/sample.c \
	tests/unit/format/sample.h
bench_micro_ir_bench_LDADD = $(COMMON_LIBS)
bench_micro_json_bench_SOURCES = bench/micro/json_bench.c tests/unit/format/sample.c \
	tests/unit/format/sample.h
bench_micro_json_bench_LDADD = libsechawk.a
noinst_PROGRAMS += bench/micro/sig_bench
bench_micro_sig_bench_SOURCES = bench/micro/sig_bench.c tests/unit/format/sample.c tests/unit/format/sample.h
bench_micro_sig_bench_LDADD = $(COMMON_LIBS)

# Conditions in the kernel; root.
noinst_PROGRAMS += bench/micro/judge_bench bench/micro/empty_program
bench_micro_empty_program_SOURCES = bench/micro/empty_program.c
bench_micro_empty_program_LDADD = $(DAEMON_LIBS)
bench_micro_judge_bench_SOURCES = bench/micro/judge_bench.c bench/micro/interpreter.h tests/kernel/judge/kern.c \
	tests/kernel/judge/kern.h
bench_micro_judge_bench_LDADD = $(DAEMON_LIBS)
noinst_DATA += bench/micro/interpreter.bpf.o
EXTRA_DIST += bench/micro/interpreter.bpf.c
CLEANFILES += bench/micro/interpreter.bpf.o
bench/micro/interpreter.bpf.o: bench/micro/interpreter.bpf.c bench/micro/interpreter.h $(BPF_DEPS)
	@$(MKDIR_P) bench/micro
	$(V_BPF)$(CLANG) $(BPF_CFLAGS) -c $< -o $@
