#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The table of events and kernels in the manual, from what the event tests said.

    tests/kernel/table.py man/kernels.def LOG...

Takes the lines "# event NAME RELEASE STATE ALTERNATIVE" of tests/kernel/events.py in the logs. Of a kernel that all
event tests passed on ("# events RELEASE complete") the column is made anew, the others stay. Kernels that are not in
tests/vm/kernels are left out. Of several states of an event the best counts.
"""
import os
import re
import sys

KERNELS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vm", "kernels")
CELLS = {"triggered": "{}", "attached": "({})", "unavailable": "-"}
BEST = list(CELLS)
HEAD = """/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Events and kernels, written by the event tests (sudo scripts/test vm): do not edit. Anew by: sudo make kernels-update
 *
 * KERNELS("release", ...)          those of tests/vm/kernels
 * SHOWN("event", "alternative" of the planner on each of them, ...)
 *   "fexit"    triggered, and told as it was
 *   "(fexit)"  attached, not triggered
 *   "-"        nothing on this kernel can observe it
 *   "?"        not tried
 */
"""


def supported():
    with open(KERNELS, encoding="utf-8") as table:
        return [line.split()[0] for line in table if not line.startswith("#")]


def stored(path):
    """By kernel, by event the cell of the table in PATH."""
    kernels, cells = [], {}
    with open(path, encoding="utf-8") as table:
        for macro, rest in re.findall(r"^(KERNELS|SHOWN)\((.*)\)$", table.read(), re.MULTILINE):
            words = re.findall(r'"([^"]*)"', rest)
            if macro == "KERNELS":
                kernels = words
                cells = {kernel: {} for kernel in kernels}
            else:
                for kernel, cell in zip(kernels, words[1:]):
                    cells[kernel][words[0]] = cell
    return cells


def told(log, cells):
    """Replaces the columns of CELLS that LOG tells of; returns the kernels."""
    found, states = [], {}
    for line in log:
        words = line.split()
        if words[:2] == ["#", "event"] and len(words) >= 6 and words[4] in CELLS:
            event = states.setdefault(words[3], {})
            event[words[2]] = min(event.get(words[2], words[4:6]), words[4:6], key=lambda s: BEST.index(s[0]))
        elif words[:2] == ["#", "events"] and words[3:] == ["complete"] and words[2] in states:
            kernel = re.match(r"[0-9]+\.[0-9]+", words[2]).group()
            column = states.pop(words[2])
            if kernel in supported():
                cells[kernel] = {name: CELLS[word].format(alternative) for name, (word, alternative) in column.items()}
                found.append(kernel)
    return found


def main():
    path, logs = sys.argv[1], sys.argv[2:]
    cells = stored(path)
    found = []
    for log in logs:
        with open(log, encoding="utf-8", errors="replace") as lines:
            found += told(lines, cells)
    if not found:
        return
    kernels = supported()
    events = sorted({event for column in cells.values() for event in column})
    rows = [["KERNELS", *kernels]]
    rows += [["SHOWN", event, *(cells.get(k, {}).get(event, "?") for k in kernels)] for event in events]
    with open(path + ".tmp", "w", encoding="utf-8") as out:
        out.write(HEAD)
        for macro, *words in rows:
            out.write(f"{macro}({', '.join(chr(34) + word + chr(34) for word in words)})\n")
    os.rename(path + ".tmp", path)
    print(f"# {path}: {', '.join(found)} anew")


if __name__ == "__main__":
    main()
