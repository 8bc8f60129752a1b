"""What scales: the columnar form, masks, --jobs, --dask, a set of 10,000,000 boxes.

As a program, measures one thing in a process of its own and prints its seconds:
``python -m benchmarks.scale load PATH`` or ``... summarize PATH JOBS``.
"""

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.cluster import dask_cluster
from benchmarks.inputs import (
    DATA,
    FOLDER,
    converted,
    generate,
    train2017_file,
    val2017_file,
)
from benchmarks.rows import Row, megabytes, times_faster
from benchmarks.timing import PYTHON, TOOL, Measurement, a_process, environment, in_turn

LARGE = DATA / "objects365-sized"
LARGE_IMAGES, LARGE_OBJECTS, LARGE_PARTS = 600_000, 10_000_000, 20
SIZE_WORDS = "10,000,000 boxes"
# Under three conventions, around what `workers.default_jobs` takes for enough.
FIRST_GAINS = (67_000, 134_000, 268_000)
MASKED = DATA / "million-boxes"
MASKED_IMAGES, MASKED_OBJECTS = 140_000, 1_000_000


def loading_rows(rounds: int) -> Iterator[Row]:
    """Compare loading the columnar form with loading the JSON it came from."""
    path = train2017_file()
    times = in_turn(
        {
            "columnar": a_part("load", converted(path)),
            "json": a_part("load", path),
        },
        rounds=rounds,
    )
    yield times_faster(
        "`load_coco`, converted, train2017's size",
        times["columnar"].seconds,
        "the JSON with polygons",
        times["json"].seconds,
        "≥ 10",
    )


def jobs_rows(rounds: int) -> Iterator[Row]:
    """Compare two processes with one on assignment and summary."""
    path = converted(train2017_file())
    times = in_turn(
        {
            "one": a_part("summarize", path, "1"),
            "two": a_part("summarize", path, "2"),
            "ready": a_part("summarize", path, "2", "ready"),
        },
        rounds=rounds,
    )
    for name, words, goal in (
        ("ready", "two processes that run already", "≥ 1.7"),
        ("two", "two processes, their start included", "–"),
    ):
        yield times_faster(
            f"assignment and summary, {words}, train2017's size",
            times[name].seconds,
            "one process",
            times["one"].seconds,
            goal,
        )
    yield from first_gain_rows(rounds)


def first_gain_rows(rounds: int) -> Iterator[Row]:
    """Compare two processes with one where the command begins to take more."""
    for num_objects in FIRST_GAINS:
        path = DATA / f"{num_objects}-boxes.json"
        if not path.exists():
            generate(path, num_objects * 5 // 37, num_objects, "--boxes-only")
        stats = (TOOL, "--quiet", "stats", "--ann", str(path), "--jobs")
        times = in_turn(
            {"one": a_process(*stats, "1"), "two": a_process(*stats, "2")},
            rounds=rounds,
        )
        case = f"`stats --jobs 2`, {num_objects:,} boxes"
        one = times["one"].seconds
        yield times_faster(case, times["two"].seconds, "one process", one, "–")


def objects365_rows(rounds: int) -> Iterator[Row]:
    """Measure a set of Objects365's size: time per box, workers, peak memory."""
    folder, parts = large_set()
    stats = (TOOL, "--quiet", "stats", "--ann")
    val2017 = val2017_file()
    if val2017:
        yield time_per_box_row(folder, val2017, rounds)
    with dask_cluster(2) as address:
        runs = in_turn(
            {
                "serial": a_process(*stats, str(folder), "--jobs", "1"),
                "jobs": a_process(*stats, str(folder), "--jobs", "2"),
                "dask": a_process(*stats, str(folder), "--dask", address),
            },
            rounds=rounds,
            warm_up=False,
        )
    serial = runs["serial"]
    beside = "`stats`, one process"
    for name, words in (("jobs", "--jobs 2"), ("dask", "--dask, 2 workers")):
        case = f"`stats {words}`, {SIZE_WORDS}, converted"
        yield times_faster(case, runs[name].seconds, beside, serial.seconds, "–")
    yield memory_row("converted", serial.peak_bytes, "≤ 4,000 MB")
    names = [word for part in parts for word in ("--ann", str(part))]
    many = a_process(*stats[:-1], *names, "--jobs", "1")()
    yield memory_row("20 JSON files", many.peak_bytes, "≤ 4,000 MB")
    yield from one_file_rows(stats)


def masks_rows() -> Iterator[Row]:
    """Compare the memory that masks take with the file they are in, which is mapped."""
    beyond = {}
    for name, options in (("polygons", ()), ("boxes-only", ("--boxes-only",))):
        path = MASKED.with_name(f"{MASKED.name}-{name}.json")
        if not path.exists():
            generate(path, MASKED_IMAGES, MASKED_OBJECTS, *options)
        run = a_process(TOOL, "--quiet", "stats", "--ann", str(path), "--jobs", "1")()
        beyond[name] = run.peak_bytes - path.stat().st_size
    yield (
        "`stats`, 1,000,000 boxes with polygons, peak memory beyond the file",
        megabytes(beyond["polygons"]),
        "the same boxes without",
        megabytes(beyond["boxes-only"]),
        f"{beyond['polygons'] / beyond['boxes-only']:.2f}",
        "≤ 1.1",
    )


def one_file_rows(stats: tuple[str, ...]) -> Iterator[Row]:
    """Measure the peak of reading one big JSON, beside the mapped file."""
    whole = LARGE.with_suffix(".json")
    if not whole.exists():
        generate_large(whole, parts=1)
    run = a_process(*stats, str(whole), "--jobs", "1")()
    size = whole.stat().st_size
    per_box = (run.peak_bytes - size) / LARGE_OBJECTS
    case = f"`stats`, {SIZE_WORDS}, one JSON file, peak memory"
    yield (
        case,
        megabytes(run.peak_bytes),
        "the file",
        megabytes(size),
        f"+ {per_box:.0f} bytes a box",
        "≤ 400",
    )


def time_per_box_row(folder: Path, val2017: Path, rounds: int) -> Row:
    """Compare assignment and summary per box with val2017's."""
    times = in_turn(
        {
            "large": a_part("summarize", folder, "1"),
            "val2017": a_part("summarize", val2017, "1"),
        },
        rounds=rounds,
        warm_up=False,
    )
    per_box = times["large"].seconds / LARGE_OBJECTS
    beside = times["val2017"].seconds / 36_781
    return (
        f"assignment and summary per box, {SIZE_WORDS}",
        f"{per_box * 1e6:.2f} µs",
        "val2017",
        f"{beside * 1e6:.2f} µs",
        f"{per_box / beside:.2f}",
        "≤ 1.20",
    )


def memory_row(words: str, peak: int, goal: str) -> Row:
    """Make a row of a peak that stands for itself."""
    case = f"`stats`, {SIZE_WORDS}, {words}, peak memory"
    return case, megabytes(peak), "–", "–", "–", goal


def large_set() -> tuple[Path, list[Path]]:
    """Generate the set of Objects365's size, once: its columnar form and its parts."""
    folder = LARGE.with_suffix(".atss")
    parts = [
        LARGE.with_name(f"{LARGE.name}-{number}-of-{LARGE_PARTS}.json")
        for number in range(1, LARGE_PARTS + 1)
    ]
    if not all(part.exists() for part in parts):
        generate_large(LARGE.with_suffix(".json"), parts=LARGE_PARTS)
        shutil.rmtree(folder, ignore_errors=True)
    if not folder.exists():
        words = [word for part in parts for word in ("--ann", str(part))]
        command = (TOOL, "-q", "convert", *words, "-o", str(folder))
        subprocess.run(command, check=True)
    return folder, parts


def generate_large(path: Path, *, parts: int) -> None:
    """Generate the set of Objects365's size, boxes only."""
    generate(path, LARGE_IMAGES, LARGE_OBJECTS, "--boxes-only", "--parts", str(parts))


def a_part(what: str, path: Path, *words: str) -> Callable[[], Measurement]:
    """Measure a part of a process: the seconds that this module prints as a program."""
    command = (PYTHON, "-m", "benchmarks.scale", what, str(path), *words)

    def run() -> Measurement:
        done = subprocess.run(
            command,
            env=environment(),
            cwd=FOLDER.parent,
            stdout=subprocess.PIPE,
            check=True,
        )
        return Measurement(float(done.stdout))

    return run


def load(path: str) -> float:
    """Time the first load in this process."""
    from atss_inspect.readers import load_coco

    begin = time.perf_counter()
    load_coco(path)
    return time.perf_counter() - begin


def summarize_by(path: str, jobs: str, state: str = "new") -> float:
    """Time assignment and summary with the three default presets."""
    from atss_inspect.cli.workers import WorkOptions
    from atss_inspect.presets import DEFAULT_PRESETS
    from atss_inspect.readers import load_coco
    from atss_inspect.settings import preset
    from atss_inspect.statistics.run import summarize

    dataset = load_coco(path)
    settings = tuple(preset(name) for name in DEFAULT_PRESETS)
    begin = time.perf_counter()
    work = WorkOptions(jobs=int(jobs))
    with work.start(dataset, num_passes=0, quiet=True) as executor:
        if state == "ready":  # each process has worked before: eight small chunks
            summarize(dataset.slice_images(0, 2000), settings, executor=executor)
            begin = time.perf_counter()
        summarize(dataset, settings, executor=executor)
        if state == "ready":
            return time.perf_counter() - begin
    return time.perf_counter() - begin


if __name__ == "__main__":
    _, asked, *arguments = sys.argv
    print(load(*arguments) if asked == "load" else summarize_by(*arguments))
