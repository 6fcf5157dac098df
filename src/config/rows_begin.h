/* SPDX-License-Identifier: BSD-2-Clause */
/* Begins options.def and sink_options.def: rows that the includer did not define vanish. No include guard. */
#ifndef OPT_SECTION
#define OPT_SECTION(section, doc)
#endif
#ifndef OPT_BOOL
#define OPT_BOOL(section, name, dfl, apply, doc)
#endif
#ifndef OPT_INT
#define OPT_INT(section, name, unit, min, max, dfl, apply, doc)
#endif
#ifndef OPT_STRING
#define OPT_STRING(section, name, form, dfl, apply, doc)
#endif
#ifndef OPT_ENUM
#define OPT_ENUM(section, name, choices, dfl, apply, doc)
#endif
#ifndef OPT_LIST
#define OPT_LIST(section, name, form, dfl, apply, doc)
#endif
#ifndef OPT_SECTION_END
#define OPT_SECTION_END(section)
#endif
