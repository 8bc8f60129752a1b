"""Processor time and size of reports, for `benchmarks.run`.

Beside each: `stats` of the same file, the answer that the report opens with.
"""

import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.inputs import DATA, FOLDER, generate
from benchmarks.rows import Row, seconds
from benchmarks.timing import TOOL, a_process, in_turn

MOST_BYTES = 8_000_000
PICTURE = b'"picture":"data:image/'
NUM_PICTURES = 40  # as many as a page of 8 MB is promised to hold


class Case(NamedTuple):
    """A report to be made: what it is of, and the options beside --ann."""

    name: str
    annotations: Path
    options: Sequence[str] = ()
    goal: str = "–"


def cases() -> Iterator[Case]:
    """List the reports that can be made here."""
    sample = FOLDER.parent / "sample_data"
    images = ("--images", str(sample / "images"))
    yield Case("sample_data", sample / "instances.json", images, "≤ 3 s")
    crowded = DATA / "one-image.json"
    if not crowded.exists():
        generate(crowded, 1, 2430, "--boxes-only")
    yield Case("one image of 2,430 boxes", crowded, goal="≤ 6 s")
    folder = os.environ.get("ATSS_INSPECT_REAL_DATA")
    if not folder:
        return
    data = Path(folder).resolve() / "data"
    coco = data / "coco-val2017"
    subset = coco / "instances_val2017_subset.json"
    yield Case("val2017 subset", subset, _pictured(coco / "images"))
    visdrone = data / "visdrone-train-50"
    yield Case("VisDrone", visdrone / "visdrone2019-det-train-first50image.json")
    yield Case("val2017", coco / "instances_val2017_int.json", goal="≤ 6 s")


def _pictured(folder: Path) -> tuple[str, ...]:
    """Ask for images that have a picture: most of the subset have none."""
    names = sorted(path.name for path in folder.iterdir())[:NUM_PICTURES]
    return "--images", str(folder), *(f"--image={name}" for name in names)


def report_rows(rounds: int) -> Iterator[Row]:
    """Measure every report."""
    for case in cases():
        yield from _rows(case, rounds)


def _rows(case: Case, rounds: int) -> Iterator[Row]:
    """Measure one report: its processor time, then its size."""
    ann = ("--ann", str(case.annotations))
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder, "report.html")
        command = (TOOL, "report", *ann, *case.options, "-o", str(page), "--force")
        medians = in_turn(
            {"report": a_process(*command), "stats": a_process(TOOL, "stats", *ann)},
            rounds=rounds,
        )
        content = page.read_bytes()
    num_pictures = content.count(PICTURE)
    ours, beside = medians["report"].cpu_seconds, medians["stats"].cpu_seconds
    ratio = f"{ours / beside:.2f}"
    pictures = f", {num_pictures} pictures" if num_pictures else ""
    name = f"`report`, {case.name}{pictures}"
    yield (
        f"{name}, processor time",
        seconds(ours),
        "`stats`",
        seconds(beside),
        ratio,
        case.goal,
    )
    size = len(content)
    share = f"{size / MOST_BYTES:.2f}"
    limit = f"{MOST_BYTES / 1e6:.0f} MB"
    yield f"{name}, size", f"{size / 1e6:.1f} MB", "limit", limit, share, "≤ 1"
