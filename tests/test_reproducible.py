"""The same input gives the same bytes, from any process, for any number of jobs."""

import os
import sys
from pathlib import Path

import pytest

from tests.random_coco import random_coco
from tests.repeatable import COMMANDS, Answer, ask
from tests.tiny_coco import write_coco

# Each differs from the first in everything that must not matter.
SURROUNDINGS = (
    ("1", {"PYTHONHASHSEED": "0", "TZ": "UTC"}),
    ("1", {"PYTHONHASHSEED": "1", "TZ": "UTC+11", "LANG": "tr_TR.UTF-8"}),
    ("2", {"PYTHONHASHSEED": "2", "COLUMNS": "80", "OPENBLAS_NUM_THREADS": "1"}),
)


def answer(command: str, jobs: str, variables: dict[str, str]) -> Answer:
    options = ["--ann", "a.json"]
    if not command.startswith("explain"):
        options += ["--jobs", jobs]
    environment = os.environ | variables
    here = Path.cwd()
    return ask(sys.executable, command, *options, folder=here, environment=environment)


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS)
def test_every_format_is_the_same_from_run_to_run_and_for_any_jobs(command):
    # Enough for several chunks, so that two jobs have something to share.
    write_coco(Path("a.json"), random_coco(3, num_images=700, max_boxes=14))
    first, *others = (answer(command, *around) for around in SURROUNDINGS)
    assert first.exit_code == 0, first.complaint
    assert len(first.stdout) > 200
    assert others == [first, first]
