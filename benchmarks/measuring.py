"""Percentiles and tables of a benchmark. Pure, but for `machine` and `load`."""

import os
import platform
from collections.abc import Iterable, Sequence
from pathlib import Path


def percentile(values: Iterable[float], share: float) -> float:
    """The value below which `share` (0..1) of the values lie, by linear interpolation. Raises ValueError for no values."""
    ordered = sorted(values)
    if not ordered:
        raise ValueError("no values")
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def spread(values: Sequence[float]) -> str:
    """Median and 95th percentile: "12.1 / 30.4"."""
    return f"{percentile(values, 0.5):.1f} / {percentile(values, 0.95):.1f}"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table, its columns padded so that it also reads well as text."""
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    lines = [[cell.ljust(width) for cell, width in zip(row, widths, strict=True)] for row in [head, *rows]]
    lines.insert(1, ["-" * width for width in widths])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def replace_section(document: str, name: str, body: str) -> str:
    """Put the body between the marks of that section; a document without them gets the section at its end."""
    begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    section = f"{begin}\n{body.strip()}\n{end}"
    if begin in document and end in document:
        head, _, rest = document.partition(begin)
        return head + section + rest.partition(end)[2]
    return document.rstrip() + f"\n\n{section}\n"


def load() -> str:
    """How busy other programs kept the machine, in words: figures of a busy one are worse than they should be."""
    waiting = os.getloadavg()[0]
    return f"load {waiting:.1f} before it began" + (" (busy: measure again)" if waiting > 0.5 * (os.cpu_count() or 1) else "")


def machine() -> str:
    """Cores, processor and Python version of this machine, in words."""
    processor = platform.processor() or platform.machine()
    try:
        for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
            if line.startswith("model name"):
                processor = line.partition(":")[2].strip()
                break
    except OSError:
        pass
    return f"{os.cpu_count()} cores, {processor}, {platform.system()}, Python {platform.python_version()}"
