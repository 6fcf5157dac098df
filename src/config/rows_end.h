/* SPDX-License-Identifier: BSD-2-Clause */
/* Ends options.def and sink_options.def. No include guard. */
#undef OPT_SECTION
#undef OPT_BOOL
#undef OPT_INT
#undef OPT_STRING
#undef OPT_ENUM
#undef OPT_LIST
#undef OPT_SECTION_END
