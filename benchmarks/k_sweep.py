"""Time a sweep of k against separate runs, in one process, without reading."""

import json
import sys
from pathlib import Path

from atss_inspect import load_coco, preset, summarize
from benchmarks.timing import a_call, in_turn

KS = range(3, 20, 2)


def main(annotations: Path, rounds: int) -> None:
    """Print the medians of both as JSON."""
    dataset = load_coco(annotations)
    settings = [preset("atss-mmdet", k=k) for k in KS]
    medians = in_turn(
        {
            "sweep": a_call(lambda: summarize(dataset, settings)),
            "runs": a_call(lambda: [summarize(dataset, each) for each in settings]),
        },
        rounds=rounds,
    )
    seconds = {name: median.seconds for name, median in medians.items()}
    sys.stdout.write(json.dumps(seconds))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
