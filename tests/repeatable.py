"""Commands that must print the same bytes everywhere, in every format but Parquet.

Shared by the test that varies the process and by `tests.versions`, which varies what is
installed. A Parquet file names the version of pyarrow that wrote it.
"""

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from atss_inspect.presets import preset_names

# For annotations of which one has the id 42. All but `explain` take --jobs.
COMMANDS = (
    "stats -f table --by class",
    "stats -f json --by class",
    "stats -f jsonl --by size --by level",
    "stats -f csv --by ratio",
    "stats -f md",
    "stats -f json --as-trained -p retinanet-detectron2",
    "stats -f json --shifts 5",
    "worst -f table",
    "worst -f json",
    "worst -f json --as-trained -p retinanet-detectron2",
    "worst -f json --shifts 3 -p retinanet-detectron2",
    "compare atss-mmdet fcos-mmdet -f table",
    "compare atss-mmdet fcos-mmdet -f json",
    "sweep k=3:15:6 -f table",
    "sweep k=3:15:6 -f csv",
    "explain --ann-id 42 -f table",
    "explain --ann-id 42 -f json",
    "check --max-unassigned 100% --max-left-out 100% -f md",
    "check --max-unassigned 100% --max-left-out 100% -f json",
    "export objects -f csv " + " ".join(f"-p {name}" for name in preset_names()),
    "export objects -f npz",
    "export positives -f jsonl",
    "export positives -f npz",
    "export left-out -f csv",
    "export coco -p atss-mmdet -p yolo11",
    "export fixed",
)


class Answer(NamedTuple):
    """What a command printed, and how it ended."""

    stdout: bytes
    exit_code: int
    complaint: str  # the last line on stderr


def ask(
    python: str | Path,
    command: str,
    *options: str,
    folder: Path,
    environment: Mapping[str, str],
) -> Answer:
    """Run a command of the `atss_inspect` that an interpreter finds from a folder."""
    words = (str(python), "-m", "atss_inspect", *command.split(), *options, "-q")
    done = subprocess.run(
        words, cwd=folder, env=environment, capture_output=True, check=False
    )
    complaints = done.stderr.decode(errors="replace").strip().splitlines()
    return Answer(done.stdout, done.returncode, "".join(complaints[-1:]))
