"""Time of the assigners, in a process that does nothing else, for `benchmarks.run`."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from benchmarks.rows import Row, seconds
from benchmarks.timing import ONE_THREAD, PYTHON


def assignment_rows(annotations: Path, rounds: int) -> Iterator[Row]:
    """Compare the assignment of all boxes with dense matrices, image by image."""
    done = subprocess.run(
        [PYTHON, "-m", "benchmarks.assignment", str(annotations), str(rounds)],
        env={**os.environ, **ONE_THREAD},
        stdout=subprocess.PIPE,
        check=True,
    )
    goals = {"atss-mmdet": 200, "retinanet-mmdet": 150, "fcos-mmdet": 200}
    for row in json.loads(done.stdout):
        name = f"`{row['preset']}`, {row['num_boxes']:,} boxes"
        for yardstick, words in (("dense", "dense"), ("tuned", "dense, tuned")):
            times = row[yardstick] / row["package"]
            goal = f"≥ {goals[row['preset']]}" if yardstick == "dense" else "–"
            yield (
                f"assignment, {name}",
                seconds(row["package"]),
                words,
                seconds(row[yardstick]),
                f"{times:.0f} × faster",
                goal,
            )


def one_pass_rows(annotations: Path, rounds: int) -> Iterator[Row]:
    """Compare the assigners with one pass over their candidates."""
    done = subprocess.run(
        [PYTHON, "-m", "benchmarks.one_pass", str(annotations), str(rounds)],
        env={**os.environ, **ONE_THREAD},
        stdout=subprocess.PIPE,
        check=True,
    )
    for row in json.loads(done.stdout):
        yield (
            f"assignment, `{row['preset']}`",
            seconds(row["package"]),
            f"one pass over {row['num_candidates']:,} candidates",
            seconds(row["pass"]),
            f"{row['package'] / row['pass']:.1f}",
            "–",
        )
