"""Rows of the table in benchmarks/README.md."""

import os
import platform
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks.timing import Measurement

# What was measured, its figure, what stands beside it, its figure, ratio, goal.
Row = tuple[str, ...]


def compare(
    medians: dict[str, Measurement], name: str, other: str, words: str, goal: str
) -> Row:
    """Make a row of the time of one case and of what stands beside it."""
    ours, theirs = medians[name].seconds, medians[other].seconds
    ratio = f"{ours / theirs:.2f}"
    return f"`{name}`", seconds(ours), words, seconds(theirs), ratio, goal


def times_faster(case: str, ours: float, words: str, theirs: float, goal: str) -> Row:
    """Make a row of how many times faster one way is than another."""
    ratio = f"{theirs / ours:.2f} × faster"
    return case, seconds(ours), words, seconds(theirs), ratio, goal


def seconds(value: float) -> str:
    """Write a time with three digits."""
    return f"{value:#.3g} s".replace(". s", " s")


def megabytes(value: int) -> str:
    """Write a size in memory."""
    return f"{value / 1e6:.0f} MB"


def machine() -> str:
    """On what all this was measured, and when."""
    model = platform.processor() or platform.machine()
    if Path("/proc/cpuinfo").exists():
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        names = [line for line in lines if line.startswith("model name")]
        model = names[0].partition(": ")[2] if names else model
    libraries = ", ".join(
        f"{name} {version(name)}" for name in ("numpy", "pycocotools")
    )
    return (
        f"{datetime.now().astimezone().date()}; {model}, {os.cpu_count()} cores; "
        f"{platform.system()}; Python {platform.python_version()}, {libraries}"
    )
