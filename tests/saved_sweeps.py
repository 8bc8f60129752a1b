"""Documents of sweeps, built in code: what `sweep --json` writes, cut down."""

import itertools
from typing import Any

SIZES = ("tiny", "small", "medium", "large")


def saved_sweep(
    axes: dict[str, list[Any]], *, paths: dict[str, str] | None = None
) -> dict[str, Any]:
    """Make a document of 40 objects, 10 of them tiny.

    Row n leaves n of the tiny ones without a positive.

    ``paths`` gives the dotted path of each name; k and scale have theirs.
    """
    known = {"k": "assigner.k", "scale": "anchors.scale", "levels": "anchors.strides"}
    known |= paths or {}
    rows = list(itertools.product(*axes.values()))
    settings = {
        "name": "atss-mmdet",
        "assigner": {"k": 9},
        "anchors": {"scale": 8.0, "strides": [8, 16, 32, 64, 128]},
    }
    return {
        "schema_version": 1,
        "inputs": [{"path": "folder/val.json", "num_bytes": 7}],
        "data": {"num_images": 3},
        "settings": [settings],
        "results": [
            {
                "values": dict(zip((known[name] for name in axes), row, strict=True)),
                **_group(40, number),
                "by_size": [
                    {"size": size, **_group(10, number * (size == "tiny"))}
                    for size in SIZES
                ],
            }
            for number, row in enumerate(rows)
        ],
        "sweep": {
            "axes": [
                {"name": name, "path": known[name], "values": values}
                for name, values in axes.items()
            ],
            "choice": {"row": 0},
            "verdict": "The first is best.",
        },
    }


def _group(num_objects: int, number: int) -> dict[str, Any]:
    """Objects of which some have no positive, at most all."""
    unassigned = min(number, 10)
    return {
        "num_objects": num_objects,
        "num_unassigned": unassigned,
        "mean_positives": 2.0 + number,
        "unassigned_share": unassigned / num_objects,
        "poorly_assigned_share": unassigned / num_objects,
    }
