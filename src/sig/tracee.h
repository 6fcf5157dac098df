/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_SIG_TRACEE_H
#define HAWK_SIG_TRACEE_H
/* The parts of the reader of Tracee's detectors. Private to this room. */
#include "src/sig/reader.h"

/* The mapping, or the list, at KEY; NULL: it is not there, or told. */
struct hawk_yaml_node *hawk_sig_map(struct hawk_sig_reader *r, struct hawk_yaml_node *in, const char *key);
struct hawk_yaml_node *hawk_sig_list(struct hawk_sig_reader *r, struct hawk_yaml_node *in, const char *key);
/* Reads the key requirements of ROOT: the only step, a match for each event, with r->filters. */
void hawk_sig_read_requirements(struct hawk_sig_reader *r, struct hawk_yaml_node *root);

#endif
