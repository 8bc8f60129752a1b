"""Measure everything that benchmarks/README.md claims, and print its table.

This process starts the ones it measures and loads nothing itself, see
`timing.a_process`. Run it with ``make bench``, or a part with
``make bench ARGS="start-up"``.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks.cluster import dask_cluster
from benchmarks.timing import ONE_THREAD, Measurement, a_process, in_turn

FOLDER = Path(__file__).resolve().parent
TRAIN_FILE = FOLDER / "data" / "train2017-sized.json"
TOOL = str(Path(sys.executable).with_name("atss-inspect"))
PYTHON = sys.executable
PARTS = (
    *("assignment", "start-up", "val2017", "train2017", "answers"),
    *("one-pass", "pictures", "report", "loading", "masks", "jobs", "objects365"),
)

# A starved object of val2017_int: its suggestions are tried as well.
EXPLAINED = "33147"

Row = tuple[str, ...]


def val2017_file() -> Path | None:
    """Find val2017's boxes among the real data, if there are any here."""
    folder = os.environ.get("ATSS_INSPECT_REAL_DATA")
    if not folder:
        sys.stderr.write("ATSS_INSPECT_REAL_DATA is unset: left out what needs it\n")
        return None
    path = Path(folder) / "data" / "coco-val2017" / "instances_val2017_int.json"
    return path.resolve()


def train2017_file() -> Path:
    """Generate the file of train2017's size, once."""
    if not TRAIN_FILE.exists():
        sys.stderr.write(f"generating {TRAIN_FILE}\n")
        TRAIN_FILE.parent.mkdir(exist_ok=True)
        code = (
            "import sys, pathlib; from benchmarks import package_adapter as package; "
            "package.make_train2017_sized(pathlib.Path(sys.argv[1]))"
        )
        subprocess.run([PYTHON, "-c", code, str(TRAIN_FILE)], check=True)
    return TRAIN_FILE


def assignment_rows(rounds: int) -> Iterator[Row]:
    """Compare the assignment of all boxes with dense matrices, image by image."""
    annotations = val2017_file()
    if annotations is None:
        return
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
    annotations: Path, words: str, rounds: int, goal: str
) -> Iterator[Row]:
    """Compare the whole of `stats`, three presets, with loading by pycocotools."""
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
    for name in ("stats", "stats --jobs 2"):
        ours, theirs = medians[name].peak_bytes, medians["pycocotools"].peak_bytes
        case = f"`{name}`, {words}, peak memory"
        ratio = f"{ours / theirs:.2f}"
        yield (case, megabytes(ours), beside, megabytes(theirs), ratio, "–")


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


def compare(
    medians: dict[str, Measurement], name: str, other: str, words: str, goal: str
) -> Row:
    """Make a row of the time of one case and of what stands beside it."""
    ours, theirs = medians[name].seconds, medians[other].seconds
    ratio = f"{ours / theirs:.2f}"
    return f"`{name}`", seconds(ours), words, seconds(theirs), ratio, goal


def seconds(value: float) -> str:
    """Write a time with three digits."""
    return f"{value:#.3g} s".replace(". s", " s")


def megabytes(value: int) -> str:
    """Write a size in memory."""
    return f"{value / 1e6:.0f} MB"


def rows_of(part: str, rounds: int) -> Iterator[Row]:
    """Measure one part of the table; without the data it takes, it has no rows."""
    # They make rows with functions of this module.
    from benchmarks import pictures, report, scale

    few = max(rounds // 2, 1)
    measure = {
        "assignment": lambda: assignment_rows(rounds),
        "start-up": lambda: start_up_rows(rounds),
        "val2017": lambda: of_val2017(
            lambda path: process_rows(path, "val2017, boxes only", rounds, "≤ 4")
        ),
        "train2017": lambda: process_rows(
            train2017_file(), "train2017's size", few, "≤ 1"
        ),
        "answers": lambda: of_val2017(lambda path: answer_rows(path, rounds)),
        "one-pass": lambda: of_val2017(lambda path: one_pass_rows(path, rounds)),
        "pictures": lambda: of_val2017(lambda path: pictures.picture_rows(path, few)),
        "report": lambda: report.report_rows(few),
        "loading": lambda: scale.loading_rows(few),
        "masks": lambda: scale.masks_rows(),
        "jobs": lambda: scale.jobs_rows(few),
        "objects365": lambda: scale.objects365_rows(few),
    }
    yield from measure[part]()


def of_val2017(measure: Callable[[Path], Iterator[Row]]) -> Iterator[Row]:
    """Measure something on val2017's boxes, if they are here."""
    annotations = val2017_file()
    if annotations is not None:
        yield from measure(annotations)


def machine() -> str:
    """Say on what all this was measured, and when."""
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


def main() -> None:
    """Measure the parts asked for and print one Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    if unknown := set(arguments.parts) - set(PARTS):
        parser.error(f"unknown part {sorted(unknown)[0]}; one of {', '.join(PARTS)}")
    print(f"{machine()}; medians of {arguments.rounds} rounds\n")
    print("| case | atss-inspect | beside it | its figure | ratio | goal |")
    print("|---|---:|---|---:|---:|---|")
    for part in arguments.parts or PARTS:
        for row in rows_of(part, arguments.rounds):
            print(f"| {' | '.join(row)} |", flush=True)


if __name__ == "__main__":
    main()
