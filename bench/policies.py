# SPDX-License-Identifier: LGPL-2.1-or-later
"""What policies cost that do not match: dropped in the kernel, and the same filters in user space."""
import json
import os

from figures import LIFE
from instance import Instance, lost
from measure import figure, pairs, ratio_of

COUNTS = (1, 10, 100, 256)
# Drop by what the task is: nothing of the open is collected.
SCOPES = (("uid", "uid=4711"), ("comm", "comm=nobody"), ("container", "container"))


def write(directory, i, scope, filters):
    """A policy about opened files."""
    with open(os.path.join(directory, f"p{i}.json"), "w", encoding="utf-8") as out:
        json.dump({"type": "policy", "name": f"p{i}", "description": "", "scope": [scope],
                   "rules": [{"event": "file_open", "filters": filters}]}, out)


def prefix(i):
    return f"/srv/data-{i * 7919 % 1000}/part-{i}/*"


def opens(bench, name, limit, start):
    """One figure: open and close, without a daemon and with the one that START() makes."""
    args = (bench.target, *bench.size((400000, 40), (20000, 10)))
    seen, losses = [], []

    def traced():
        with start() as daemon:
            before = counts(daemon)
            report = bench.workload("opens", *args)
            stats = daemon.ctl("stats")
            after = counts(daemon)
            losses.append(lost(stats))
            seen.append({k: after[k] - before[k] for k in after})
        return report

    both = pairs(bench.size(11, 2), lambda: bench.workload("opens", *args), traced)
    last = seen[-1]
    return figure(name, limit, **ratio_of(both), lost=sum(losses), left_out=last["filtered"], sent=last["sent"])


def counts(daemon):
    """Kernel counters of the event."""
    for event in daemon.ctl("stats")["events"]:
        if event["event"] == "file_open":
            return {k: event[k] for k in ("filtered", "sent")}
    return {"filtered": 0, "sent": 0}


def with_policies(bench, n, scope, filters):
    directory = os.path.join(bench.top, f"policies-{n}-{scope.split('=')[0]}")
    if not os.path.isdir(directory):
        os.mkdir(directory)
        for i in range(n):
            write(directory, i, scope, filters(i))
    return Instance(bench, LIFE, options=f'policies = {{ directories = [ "{directory}" ]; }};')


def policies(bench):
    """An open+close loop under policies that do not match: by the path, by what the task is, and in user space."""
    for n in COUNTS:
        yield opens(bench, f"policies_path_{n}", 1.6 if n == 100 else None, lambda n=n: with_policies(
            bench, n, "global", lambda i: [f"data.pathname={prefix(i)}"]))
    for word, scope in SCOPES:
        yield opens(bench, f"policies_{word}_100", 1.2, lambda scope=scope: with_policies(
            bench, 100, scope, lambda i: [f"data.pathname={prefix(i)}"]))
    filters = ", ".join(f'"event=file_open data.pathname={prefix(i)}"' for i in range(100))
    yield opens(bench, "policies_user_space_100", None, lambda: Instance(
        bench, ["file_open"], sink=f"rotate_bytes = 0; filter = [ {filters} ];"))


POLICIES = {"policies": policies}
