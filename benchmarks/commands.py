"""Time and memory of commands as whole processes, for `benchmarks.run`."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from benchmarks.cluster import dask_cluster
from benchmarks.inputs import FOLDER
from benchmarks.rows import Row, compare, megabytes, seconds, times_faster
from benchmarks.timing import ONE_THREAD, PYTHON, TOOL, a_process, in_turn

# An object without a positive of val2017_int: its suggestions are tried as well.
EXPLAINED = "33147"
PRESETS = FOLDER.parent / "atss_inspect" / "presets"


def start_up_rows(rounds: int) -> Iterator[Row]:
    """Compare asking for help with importing NumPy."""
    medians = in_turn(
        {
            "numpy": a_process(PYTHON, "-c", "import numpy"),
            "--help": a_process(TOOL, "--help"),
            "stats --help": a_process(TOOL, "stats", "--help"),
        },
        rounds=rounds * 2,
    )
    yield compare(medians, "--help", "numpy", "`import numpy`", "≤ 2")
    yield compare(medians, "stats --help", "numpy", "`import numpy`", "≤ 3")


def process_rows(
    annotations: Path, words: str, rounds: int, goal: str, jobs_goal: str = ""
) -> Iterator[Row]:
    """Compare the whole of `stats`, three presets, with loading by pycocotools.

    With a goal for ``--jobs 2``, more processes are compared with one as well.
    """
    load = f"from pycocotools.coco import COCO; COCO({str(annotations)!r})"
    stats = (TOOL, "stats", "--ann", str(annotations))
    with dask_cluster(2) as address:
        medians = in_turn(
            {
                "stats": a_process(*stats, "--jobs", "1"),
                "pycocotools": a_process(PYTHON, "-c", load),
                "stats --jobs 2": a_process(*stats, "--jobs", "2"),
                "stats --dask": a_process(*stats, "--dask", address),
            },
            rounds=rounds,
        )
    beside = "`pycocotools.COCO`"
    limits = {"stats": goal, "stats --jobs 2": "–", "stats --dask": "–"}
    for name, limit in limits.items():
        case, *rest = compare(medians, name, "pycocotools", beside, limit)
        yield (f"{case}, {words}", *rest)
    shared = (("stats --jobs 2", jobs_goal), ("stats --dask", "–"))
    for name, limit in shared if jobs_goal else ():
        times = medians[name].seconds, "`stats`, one process", medians["stats"].seconds
        yield times_faster(f"`{name}`, {words}", *times, limit)
    for name in ("stats", "stats --jobs 2"):
        ours, theirs = medians[name].peak_bytes, medians["pycocotools"].peak_bytes
        case = f"`{name}`, {words}, peak memory"
        ratio = f"{ours / theirs:.2f}"
        yield (case, megabytes(ours), beside, megabytes(theirs), ratio, "–")


def all_presets_rows(annotations: Path, rounds: int) -> Iterator[Row]:
    """Compare `stats` of all presets at once with that of the three default ones."""
    stats = (TOOL, "stats", "--ann", str(annotations), "--jobs", "2")
    presets = sorted(path.stem for path in PRESETS.glob("*.toml"))
    case = f"stats --jobs 2, val2017, all {len(presets)} presets"
    options = (word for name in presets for word in ("--preset", name))
    medians = in_turn(
        {case: a_process(*stats, *options), "three": a_process(*stats)}, rounds=rounds
    )
    yield compare(medians, case, "three", "`stats --jobs 2`, three presets", "≤ 25 s")


def _drawn_rows(ann: tuple[str, str], rounds: int) -> Iterator[Row]:
    """Compare `stats` over the sizes and flips of detectron2 with that of one size."""
    stats = (TOOL, "stats", *ann, "--preset", "retinanet-detectron2", "--jobs", "1")
    one, drawn = "stats, one preset", "stats --as-trained, 12 variants"
    medians = in_turn(
        {one: a_process(*stats), drawn: a_process(*stats, "--as-trained")},
        rounds=rounds,
    )
    yield compare(medians, drawn, one, "`stats` of one size", "≤ 13")


def tune_rows(annotations: Path, rounds: int) -> Iterator[Row]:
    """Compare `tune`, free knobs and the whole of it, with `stats` of its preset."""
    asked = ("--ann", str(annotations), "--preset", "retinanet-mmdet")
    goals = {"tune --free-only --jobs 1": "≤ 15 s", "tune --jobs 2": "≤ 60 s"}
    cases = ("stats --jobs 1", *goals, "tune --jobs 1")
    medians = in_turn(
        {name: a_process(TOOL, *name.split(), *asked) for name in cases},
        rounds=rounds,
        warm_up=False,
    )
    beside, theirs = "`stats`, one process", medians[cases[0]].peak_bytes
    for name in cases[1:]:
        case, *rest = compare(medians, name, cases[0], beside, goals.get(name, "–"))
        yield (f"{case}, val2017", *rest)
        ours = medians[name].peak_bytes
        sizes = megabytes(ours), beside, megabytes(theirs)
        yield (f"{case}, val2017, peak memory", *sizes, f"{ours / theirs:.2f}", "≤ 2")


def answer_rows(annotations: Path, rounds: int) -> Iterator[Row]:
    """Compare the other questions with reading the file, and a sweep with its runs."""
    ann = ("--ann", str(annotations))
    load = f"import atss_inspect; atss_inspect.load_coco({str(annotations)!r})"
    one = ("explain", *ann, "--ann-id", EXPLAINED, "--preset", "atss-mmdet")
    medians = in_turn(
        {
            "load": a_process(PYTHON, "-c", load),
            "explain": a_process(TOOL, *one),
            "explain, three presets": a_process(TOOL, *one[:-2]),
            "compare": a_process(TOOL, "compare", *ann, "atss-mmdet", "fcos-mmdet"),
            "sweep": a_process(TOOL, "sweep", *ann, "k=3:19:2"),
        },
        rounds=rounds,
    )
    yield from _drawn_rows(ann, rounds)
    for name, goal in (
        ("explain", "≤ 2"),
        ("explain, three presets", "≤ 3"),
        ("compare", "–"),
        ("sweep", "–"),
    ):
        yield compare(medians, name, "load", "`load_coco`", goal)
    done = subprocess.run(
        [PYTHON, "-m", "benchmarks.k_sweep", str(annotations), str(rounds)],
        env={**os.environ, **ONE_THREAD},
        stdout=subprocess.PIPE,
        check=True,
    )
    found = json.loads(done.stdout)
    yield (
        "sweep of nine k, in process",
        seconds(found["sweep"]),
        "nine runs of `summarize`",
        seconds(found["runs"]),
        f"{found['sweep'] / found['runs']:.2f}",
        "≤ 0.40",
    )
