"""What grows when it is read is refused, or answered, within 2 GB and two minutes."""

import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tests.hostile import bombs, converted, folders
from tests.hostile.case import Answer, Case
from tests.test_hostile import assert_answered, assert_refused, lay

ROOT = Path(__file__).resolve().parents[1]
MOST_BYTES = 2 << 30
MOST_S = 120  # a few seconds; a busy machine takes longer, a hang for ever


def run_within_bounds(words: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    """Run the program with no more memory and time than is allowed."""
    return subprocess.run(
        [sys.executable, "-m", "atss_inspect", *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=MOST_S,
        # Each thread of NumPy's libraries asks for address space it does not use.
        env={"OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)},
        preexec_fn=lambda: resource.setrlimit(
            resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES)
        ),
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    "case", [*bombs.CASES, *converted.BOMBS, *folders.BOMBS], ids=lambda case: case.name
)
def test_what_grows_when_it_is_read_stays_within_bounds(case: Case) -> None:
    lay(case)
    if isinstance(case.expected, Answer):
        done = run_within_bounds((*case.words, "--json"))
        assert done.returncode == 0, done.stderr[-1000:]
        assert_answered(case.expected, done.stdout)
        return
    done = run_within_bounds(case.words)
    assert_refused(case.expected, done.returncode, done.stdout, done.stderr)
