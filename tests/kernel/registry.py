# SPDX-License-Identifier: LGPL-2.1-or-later
"""Where the event cases of tests/kernel/events register themselves."""
import collections
import os

EventCase = collections.namedtuple("EventCase", "family names doc function triggers")
EVENT_CASES = []
BIN = "tests/kernel/bin"  # directory of the triggers; set before cases are imported


def event_case(*names, triggers=True):
    """Registers a case that shows the events NAMES; its docstring, or its name, says what is done.

    Without TRIGGERS it shows that they are rightly absent, and they count as attached."""
    def register(function):
        family = os.path.splitext(os.path.basename(function.__code__.co_filename))[0]
        doc = (function.__doc__ or function.__name__.replace("_", " ")).split("\n", maxsplit=1)[0].rstrip(".")
        EVENT_CASES.append(EventCase(family, names, doc, function, triggers))
        return function
    return register
