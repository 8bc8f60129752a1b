"""Measure everything that benchmarks/README.md claims, and print its table.

This process starts the ones it measures and loads nothing itself, see
`timing.a_process`. Run it with ``make bench``, or a part with
``make bench ARGS="start-up"``.
"""

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks import assigners, commands, configs, pictures, report, scale
from benchmarks.inputs import train2017_file, val2017_file
from benchmarks.rows import Row, machine

PARTS = (
    *("assignment", "start-up", "val2017", "presets", "train2017", "answers"),
    *("one-pass", "pictures", "report", "loading", "masks", "jobs", "objects365"),
    *("import", "tune"),
)


def rows_of(part: str, rounds: int) -> Iterator[Row]:
    """Measure one part of the table; without the data it takes, it has no rows."""
    few = max(rounds // 2, 1)
    measure = {
        "assignment": lambda: of_val2017(
            lambda path: assigners.assignment_rows(path, rounds)
        ),
        "start-up": lambda: commands.start_up_rows(rounds),
        "val2017": lambda: of_val2017(
            lambda path: commands.process_rows(
                path, "val2017, boxes only", rounds, "≤ 4"
            )
        ),
        "presets": lambda: of_val2017(
            lambda path: commands.all_presets_rows(path, few)
        ),
        "train2017": lambda: commands.process_rows(
            train2017_file(), "train2017's size", few, "≤ 1", jobs_goal="≥ 1.3"
        ),
        "answers": lambda: of_val2017(lambda path: commands.answer_rows(path, rounds)),
        "one-pass": lambda: of_val2017(
            lambda path: assigners.one_pass_rows(path, rounds)
        ),
        "pictures": lambda: of_val2017(lambda path: pictures.picture_rows(path, few)),
        "report": lambda: report.report_rows(few),
        "loading": lambda: scale.loading_rows(few),
        "masks": lambda: scale.masks_rows(),
        "jobs": lambda: scale.jobs_rows(few),
        "objects365": lambda: scale.objects365_rows(few),
        "import": lambda: configs.config_rows(rounds),
        "tune": lambda: of_val2017(lambda path: commands.tune_rows(path, few)),
    }
    yield from measure[part]()


def of_val2017(measure: Callable[[Path], Iterator[Row]]) -> Iterator[Row]:
    """Measure something on val2017's boxes, if they are here."""
    annotations = val2017_file()
    if annotations is not None:
        yield from measure(annotations)


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
