# SPDX-License-Identifier: LGPL-2.1-or-later
# Each fuzzer is also an ordinary program that replays its corpus and 10,000 mutations of it (main.c).
FUZZERS = tests/fuzz/fuzz_decode tests/fuzz/fuzz_format tests/fuzz/fuzz_recording tests/fuzz/fuzz_varlink
FUZZERS += tests/fuzz/fuzz_config tests/fuzz/fuzz_ir
# What other programs and processes say: /proc, and a daemon to sechawkctl.
TEXT_FUZZERS = tests/fuzz/fuzz_ctl tests/fuzz/fuzz_procfs
FUZZERS += $(TEXT_FUZZERS)
EXTRA_DIST += tests/fuzz/corpus/procfs
tests_fuzz_fuzz_ctl_SOURCES = tests/fuzz/fuzz_ctl.c tests/fuzz/main.c
tests_fuzz_fuzz_ctl_LDADD = ctl/libctl.a $(DAEMON_LIBS)
tests_fuzz_fuzz_procfs_SOURCES = tests/fuzz/fuzz_procfs.c tests/fuzz/main.c
tests_fuzz_fuzz_procfs_LDADD = $(DAEMON_LIBS)
# The parsers of packets, each alone and all together.
NET_FUZZERS = tests/fuzz/fuzz_derive tests/fuzz/fuzz_dns tests/fuzz/fuzz_http tests/fuzz/fuzz_ip tests/fuzz/fuzz_tls
FUZZERS += $(NET_FUZZERS)
EXTRA_DIST += $(NET_FUZZERS:tests/fuzz/fuzz_%=tests/fuzz/corpus/%)
tests_fuzz_fuzz_derive_SOURCES = tests/fuzz/fuzz_derive.c tests/fuzz/main.c
tests_fuzz_fuzz_derive_LDADD = $(DAEMON_LIBS)
tests_fuzz_fuzz_dns_SOURCES = tests/fuzz/fuzz_dns.c tests/fuzz/main.c
tests_fuzz_fuzz_dns_LDADD = $(DAEMON_LIBS)
tests_fuzz_fuzz_http_SOURCES = tests/fuzz/fuzz_http.c tests/fuzz/main.c
tests_fuzz_fuzz_http_LDADD = $(DAEMON_LIBS)
tests_fuzz_fuzz_ip_SOURCES = tests/fuzz/fuzz_ip.c tests/fuzz/main.c
tests_fuzz_fuzz_ip_LDADD = $(DAEMON_LIBS)
tests_fuzz_fuzz_tls_SOURCES = tests/fuzz/fuzz_tls.c tests/fuzz/main.c
tests_fuzz_fuzz_tls_LDADD = $(DAEMON_LIBS)
# What is read of the kernel: its symbols, its list of hooks, its memory.
KERNEL_FUZZERS = tests/fuzz/fuzz_ftrace tests/fuzz/fuzz_integrity tests/fuzz/fuzz_ksyms
FUZZERS += $(KERNEL_FUZZERS)
EXTRA_DIST += $(KERNEL_FUZZERS:tests/fuzz/fuzz_%=tests/fuzz/corpus/%)
tests_fuzz_fuzz_ftrace_SOURCES = tests/fuzz/fuzz_ftrace.c tests/fuzz/main.c
tests_fuzz_fuzz_ftrace_LDADD = $(DAEMON_LIBS)
tests_fuzz_fuzz_integrity_SOURCES = tests/fuzz/fuzz_integrity.c tests/fuzz/main.c
tests_fuzz_fuzz_integrity_LDADD = $(DAEMON_LIBS)
tests_fuzz_fuzz_ksyms_SOURCES = tests/fuzz/fuzz_ksyms.c tests/fuzz/main.c
tests_fuzz_fuzz_ksyms_LDADD = $(DAEMON_LIBS)
# The tests inside of signatures.
FUZZERS += tests/fuzz/fuzz_sigtest
EXTRA_DIST += tests/fuzz/corpus/sigtest
tests_fuzz_fuzz_sigtest_SOURCES = tests/fuzz/fuzz_sigtest.c tests/fuzz/main.c
tests_fuzz_fuzz_sigtest_LDADD = $(DAEMON_LIBS)
FUZZERS += tests/fuzz/fuzz_policy
EXTRA_DIST += tests/fuzz/corpus/policy
tests_fuzz_fuzz_policy_SOURCES = tests/fuzz/fuzz_policy.c tests/fuzz/main.c
tests_fuzz_fuzz_policy_LDADD = $(DAEMON_LIBS)
FUZZERS += tests/fuzz/fuzz_cel
EXTRA_DIST += tests/fuzz/corpus/cel
tests_fuzz_fuzz_cel_SOURCES = tests/fuzz/fuzz_cel.c tests/fuzz/main.c
tests_fuzz_fuzz_cel_LDADD = $(DAEMON_LIBS)
FUZZERS += tests/fuzz/fuzz_sig
EXTRA_DIST += tests/fuzz/corpus/sig
tests_fuzz_fuzz_sig_SOURCES = tests/fuzz/fuzz_sig.c tests/fuzz/main.c
tests_fuzz_fuzz_sig_LDADD = $(DAEMON_LIBS)
FUZZERS += tests/fuzz/fuzz_cgen
EXTRA_DIST += tests/fuzz/corpus/cgen
tests_fuzz_fuzz_cgen_SOURCES = tests/fuzz/fuzz_cgen.c tests/fuzz/main.c
tests_fuzz_fuzz_cgen_LDADD = $(DAEMON_LIBS)
FUZZERS += tests/fuzz/fuzz_finding
tests_fuzz_fuzz_finding_SOURCES = tests/fuzz/fuzz_finding.c tests/fuzz/main.c \
	tests/unit/format/json_check.c tests/unit/format/json_check.h
tests_fuzz_fuzz_finding_LDADD = $(DAEMON_LIBS)
FUZZERS += tests/fuzz/fuzz_elf
EXTRA_DIST += tests/fuzz/corpus/elf
tests_fuzz_fuzz_elf_SOURCES = tests/fuzz/fuzz_elf.c tests/fuzz/main.c
tests_fuzz_fuzz_elf_LDADD = $(DAEMON_LIBS)
FUZZERS += tests/fuzz/fuzz_package
EXTRA_DIST += tests/fuzz/corpus/package
tests_fuzz_fuzz_package_SOURCES = tests/fuzz/fuzz_package.c tests/fuzz/main.c
tests_fuzz_fuzz_package_LDADD = $(DAEMON_LIBS)
check_PROGRAMS += $(FUZZERS) tests/fuzz/make_decode tests/fuzz/make_recording tests/fuzz/make_varlink tests/fuzz/make_ctl
TESTS += $(FUZZERS)

tests_fuzz_fuzz_decode_SOURCES = tests/fuzz/fuzz_decode.c tests/fuzz/main.c
tests_fuzz_fuzz_decode_LDADD = $(DAEMON_LIBS)
tests_fuzz_fuzz_format_SOURCES = tests/fuzz/fuzz_format.c tests/fuzz/main.c \
	tests/unit/format/json_check.c tests/unit/format/json_check.h
tests_fuzz_fuzz_format_LDADD = $(DAEMON_LIBS)
EXTRA_DIST += tests/fuzz/corpus/format
tests_fuzz_fuzz_config_SOURCES = tests/fuzz/fuzz_config.c tests/fuzz/main.c
tests_fuzz_fuzz_config_LDADD = $(DAEMON_LIBS)
tests_fuzz_fuzz_ir_SOURCES = tests/fuzz/fuzz_ir.c tests/fuzz/main.c
tests_fuzz_fuzz_ir_LDADD = $(DAEMON_LIBS)
EXTRA_DIST += tests/fuzz/corpus/config tests/fuzz/corpus/ir
tests_fuzz_make_decode_SOURCES = tests/fuzz/make_decode.c
tests_fuzz_make_decode_LDADD = $(TEST_LIB) $(DAEMON_LIBS)
tests_fuzz_fuzz_recording_SOURCES = tests/fuzz/fuzz_recording.c tests/fuzz/main.c
tests_fuzz_fuzz_recording_LDADD = $(DAEMON_LIBS)
tests_fuzz_make_recording_SOURCES = tests/fuzz/make_recording.c
tests_fuzz_make_recording_LDADD = $(TEST_LIB) $(DAEMON_LIBS)
tests_fuzz_fuzz_varlink_SOURCES = tests/fuzz/fuzz_varlink.c tests/fuzz/main.c tests/unit/control/fake.c \
	tests/unit/control/fake.h
tests_fuzz_fuzz_varlink_LDADD = $(DAEMON_LIBS)
tests_fuzz_make_varlink_SOURCES = tests/fuzz/make_varlink.c
tests_fuzz_make_varlink_LDADD = $(DAEMON_LIBS)
tests_fuzz_make_ctl_SOURCES = tests/fuzz/make_ctl.c
tests_fuzz_make_ctl_LDADD = $(DAEMON_LIBS)

# The corpus follows the event tables, so it is made and not kept.
check_DATA += tests/fuzz/corpus/decode/stamp tests/fuzz/corpus/finding/stamp tests/fuzz/corpus/recording/stamp tests/fuzz/corpus/varlink/stamp
check_DATA += tests/fuzz/corpus/ctl/stamp
# The same records.
tests/fuzz/corpus/finding/stamp: tests/fuzz/make_decode$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) tests/fuzz/corpus && tests/fuzz/make_decode$(EXEEXT) tests/fuzz/corpus/finding && \
		: >tests/fuzz/corpus/finding/stamp
tests/fuzz/corpus/decode/stamp: tests/fuzz/make_decode$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) tests/fuzz/corpus && tests/fuzz/make_decode$(EXEEXT) tests/fuzz/corpus/decode && \
		: >tests/fuzz/corpus/decode/stamp
tests/fuzz/corpus/recording/stamp: tests/fuzz/make_recording$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) tests/fuzz/corpus && \
		tests/fuzz/make_recording$(EXEEXT) tests/fuzz/corpus/recording && \
		: >tests/fuzz/corpus/recording/stamp
tests/fuzz/corpus/varlink/stamp: tests/fuzz/make_varlink$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) tests/fuzz/corpus && \
		tests/fuzz/make_varlink$(EXEEXT) tests/fuzz/corpus/varlink && \
		: >tests/fuzz/corpus/varlink/stamp
tests/fuzz/corpus/ctl/stamp: tests/fuzz/make_ctl$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) tests/fuzz/corpus && tests/fuzz/make_ctl$(EXEEXT) tests/fuzz/corpus/ctl && \
		: >tests/fuzz/corpus/ctl/stamp
CLEANFILES += tests/fuzz/corpus/ctl/*
CLEANFILES += tests/fuzz/corpus/decode/* tests/fuzz/corpus/finding/* tests/fuzz/corpus/recording/* tests/fuzz/corpus/varlink/* $(FUZZERS:tests/fuzz/%=%.last)
