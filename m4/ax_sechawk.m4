dnl SPDX-License-Identifier: LGPL-2.1-or-later
dnl --enable-sanitizers: build all programs with ASan and UBSan, errors are fatal.
AC_DEFUN([AX_SANITIZERS], [
AC_ARG_ENABLE([sanitizers], [AS_HELP_STRING([--enable-sanitizers], [build with ASan and UBSan (for tests)])])
SAN_CFLAGS=
AS_IF([test "x$enable_sanitizers" = xyes],
	[SAN_CFLAGS="-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer"])
AC_SUBST([SAN_CFLAGS])
])
dnl --enable-werror: for CI.
AC_DEFUN([AX_WARNINGS], [
AC_ARG_ENABLE([werror], [AS_HELP_STRING([--enable-werror], [treat warnings as errors (for CI)])])
WARN_CFLAGS="-Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wno-unused-parameter"
AS_IF([test "x$enable_werror" = xyes], [WARN_CFLAGS="$WARN_CFLAGS -Werror"])
AC_SUBST([WARN_CFLAGS])
])
