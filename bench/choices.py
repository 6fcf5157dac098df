# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the settings cost: sizes of the ring, wake-up policies, output formats. Facts without limits."""
import statistics

from instance import Instance, lost
from measure import figure

RINGS = (("256K", 256 << 10), ("1M", 1 << 20), ("4M", 4 << 20), ("16M", 16 << 20), ("64M", 64 << 20))
# 1 wakes for every record; as much as the ring holds leaves it to the daemon's own timer.
WAKES = (("1", 1), ("64K", 64 << 10), ("1M", 1 << 20), ("16M", 16 << 20))
FORMATS = ("json", "tracee", "tetragon", "csv", "table", "wide", "template=%{time} %{process.pid} %{data.pathname}")


def flood(bench, name, options="", sink=""):
    """Opens as fast as one CPU can, with these settings: time per open, loss, CPU time of the daemon."""
    count, ns, cpu, gone, size = bench.size(300000, 20000), [], [], [], []
    for _ in range(bench.size(3, 1)):
        with Instance(bench, ["file_open"], sink='rotate_bytes = "256M"; rotate_keep = 1; ' + sink,
                      options=options) as daemon:
            before = daemon.cpu_seconds()
            report = bench.workload("opens", bench.target, count, 30)
            stats = daemon.settle()
            written = stats["sinks"][0]
            cpu.append((daemon.cpu_seconds() - before) * 1e6 / report["done"])
            gone.append(100 * lost(stats) / report["done"])
            size.append(written["bytes"] / max(1, written["events"]))
            ns.append(report["typical"])
    return figure(name, None, value=round(statistics.median(ns)), unit="ns/open",
                  daemon_us_per_open=round(statistics.median(cpu), 3),
                  lost_percent=round(statistics.median(gone), 2), line_bytes=round(statistics.median(size)))


def buffers(bench):
    """Sizes of the bulk ring."""
    for text, size in bench.size(RINGS, RINGS[2:4]):
        yield flood(bench, f"buffer_{text}", f"kernel = {{ bulk_ring_bytes = {size}; }};",
                    'queue_bytes = "64M";')


def wakeups(bench):
    """How full a ring is when the kernel wakes the daemon."""
    for text, size in bench.size(WAKES, WAKES[2:3]):
        yield flood(bench, f"wake_{text}", f"kernel = {{ wake_bytes = {size}; }};", 'queue_bytes = "64M";')


def formats(bench):
    """Output formats."""
    for name in bench.size(FORMATS, FORMATS[3:]):
        yield flood(bench, f"format_{name.split('=')[0]}", sink=f'format = "{name}"; queue_bytes = "64M";')


CHOICES = {"buffers": buffers, "wakeups": wakeups, "formats": formats}
