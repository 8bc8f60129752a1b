"""Time the assignment of all boxes of a file against the dense yardsticks.

Usage: python -m benchmarks.assignment ANNOTATIONS ROUNDS; prints JSON for `run`.
"""

import json
import sys
from pathlib import Path

from benchmarks import dense, dense_tuned
from benchmarks.dense import DenseAssigner
from benchmarks.package_adapter import Work, load_work
from benchmarks.timing import a_call, in_turn

EVERY = 20  # the yardsticks are timed on every 20th image, and scaled


def assign_sample(work: Work, assign: DenseAssigner) -> None:
    """Assign every 20th image, one after the other."""
    for boxes, map_sizes in work.images[::EVERY]:
        assign(boxes, map_sizes)


def measure(annotations: Path, preset_name: str, rounds: int) -> dict[str, object]:
    """Measure one assigner; times in seconds for all images."""
    work = load_work(annotations, preset_name)
    scale = len(work.images) / len(work.images[::EVERY])
    simple, tuned = (module.ASSIGNERS[preset_name] for module in (dense, dense_tuned))
    medians = in_turn(
        {
            "package": a_call(work.assign_all),
            "dense": a_call(lambda: assign_sample(work, simple)),
            "tuned": a_call(lambda: assign_sample(work, tuned)),
        },
        rounds=rounds,
    )
    return {
        "preset": preset_name,
        "num_boxes": work.num_boxes,
        "package": medians["package"].seconds,
        "dense": medians["dense"].seconds * scale,
        "tuned": medians["tuned"].seconds * scale,
    }


def main(annotations: str, rounds: str) -> None:
    """Measure all three assigners."""
    path = Path(annotations)
    rows = [measure(path, preset, int(rounds)) for preset in dense.ASSIGNERS]
    json.dump(rows, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
