# SPDX-License-Identifier: LGPL-2.1-or-later
UNIT_PACKAGE = tests/unit/package/test_digest tests/unit/package/test_dpkg tests/unit/package/test_packages
if HAVE_SQLITE
UNIT_PACKAGE += tests/unit/package/test_rpm
endif
check_PROGRAMS += $(UNIT_PACKAGE)
TESTS += $(UNIT_PACKAGE)
PACKAGE_ROOT = tests/unit/package/root.c tests/unit/package/root.h
tests_unit_package_test_digest_SOURCES = tests/unit/package/test_digest.c
tests_unit_package_test_digest_LDADD = $(UNIT_LIBS)
tests_unit_package_test_dpkg_SOURCES = tests/unit/package/test_dpkg.c $(PACKAGE_ROOT)
tests_unit_package_test_dpkg_LDADD = $(UNIT_LIBS)
tests_unit_package_test_packages_SOURCES = tests/unit/package/test_packages.c $(PACKAGE_ROOT)
tests_unit_package_test_packages_LDADD = $(UNIT_LIBS)
tests_unit_package_test_rpm_SOURCES = tests/unit/package/test_rpm.c $(PACKAGE_ROOT)
tests_unit_package_test_rpm_LDADD = $(UNIT_LIBS)
