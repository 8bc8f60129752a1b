"""How far the assigners are from one pass over their candidates.

The pass does nothing but compute, once for every candidate, what decides about it, from
arrays that are there already: for ATSS and the IoU rule the very calls of `boxes.iou`
that the assigner makes, recorded and played again; for FCOS the four side distances of
every point that its rule finds, their minimum and maximum.

Usage: python -m benchmarks.one_pass ANNOTATIONS ROUNDS; prints JSON for `run`.
"""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from atss_inspect.assigners.atss import assign as atss
from atss_inspect.assigners.boxes import iou
from atss_inspect.assigners.fcos import assign as fcos
from atss_inspect.assigners.iou_threshold import windows
from benchmarks.package_adapter import load_work
from benchmarks.timing import a_call, in_turn

Call = tuple[Any, ...]
# Which function sees the candidates of a preset, and where its rule looks it up.
SEEN_BY = {
    "atss-mmdet": (atss, "iou"),
    "retinanet-mmdet": (windows, "iou"),
    "fcos-mmdet": (fcos, "points_between"),
}


@contextmanager
def recorded(module: Any, name: str) -> Iterator[list[tuple[Call, Any]]]:
    """Keep the arguments and answers of a function while the block runs."""
    calls: list[tuple[Call, Any]] = []
    function = getattr(module, name)

    def record(*arguments: Any) -> Any:
        answer = function(*arguments)
        calls.append((arguments, answer))
        return answer

    setattr(module, name, record)
    try:
        yield calls
    finally:
        setattr(module, name, function)


def overlaps_again(calls: list[tuple[Call, Any]]) -> Callable[[], object]:
    """Compute the IoU of all candidates, and nothing else."""

    def again() -> None:
        for (gt, anchors, rule), _ in calls:
            iou(gt, anchors, rule)

    return again


def distances_again(calls: list[tuple[Call, Any]]) -> Callable[[], object]:
    """Compute the side distances of as many points, and nothing else."""
    random = np.random.default_rng(0)
    columns = [
        random.random((6, len(pair)), dtype=np.float32) for _, (pair, _) in calls
    ]

    def again() -> None:
        for x, y, x1, y1, x2, y2 in columns:
            left, top, right, bottom = x - x1, y - y1, x2 - x, y2 - y
            np.minimum(np.minimum(left, top), np.minimum(right, bottom))
            np.maximum(np.maximum(left, top), np.maximum(right, bottom))

    return again


def measure(annotations: Path, preset_name: str, rounds: int) -> dict[str, object]:
    """Measure one assigner beside one pass over its candidates; seconds."""
    work = load_work(annotations, preset_name)
    module, name = SEEN_BY[preset_name]
    with recorded(module, name) as calls:
        work.assign_all()
    is_fcos = name == "points_between"
    again = distances_again(calls) if is_fcos else overlaps_again(calls)
    found = [answer[0] if is_fcos else answer for _, answer in calls]
    medians = in_turn(
        {"package": a_call(work.assign_all), "pass": a_call(again)}, rounds=rounds
    )
    return {
        "preset": preset_name,
        "num_candidates": sum(each.size for each in found),
        "package": medians["package"].seconds,
        "pass": medians["pass"].seconds,
    }


def main(annotations: str, rounds: str) -> None:
    """Measure all three assigners."""
    path = Path(annotations)
    json.dump([measure(path, name, int(rounds)) for name in SEEN_BY], sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
