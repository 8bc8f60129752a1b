"""Every test runs in an empty folder, with nothing of the caller's environment."""

import gc
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from tests.browser import Browser

PROJECT_ROOT = Path(__file__).resolve().parents[1]
REAL_DATA_VARIABLE = "ATSS_INSPECT_REAL_DATA"
# The processes that share the tests inherit an environment that is cleaned already.
WORKERS_VARIABLE = "PYTEST_WORKERS_REAL_DATA"

# What the tool, Typer, Rich or argument parsers look at to choose color and width.
APPEARANCE_VARIABLES = (
    *("CLICOLOR", "CLICOLOR_FORCE", "FORCE_COLOR", "GITHUB_ACTIONS", "LINES"),
    *("NO_COLOR", "PY_COLORS", "TERMINAL_WIDTH", "TTY_COMPATIBLE", "TTY_INTERACTIVE"),
)


def _real_data() -> Path | None:
    """Read where the real annotation files are, before any test changes folder."""
    value = os.environ.get(REAL_DATA_VARIABLE) or os.environ.get(WORKERS_VARIABLE)
    if not value:
        return None
    os.environ[WORKERS_VARIABLE] = str(Path(value).resolve())
    return Path(value).resolve()


def _clean_environment() -> None:
    """Forget the caller's settings; here, since Typer reads some when imported."""
    own = [name for name in os.environ if name.startswith("ATSS_INSPECT_")]
    for name in (*own, *APPEARANCE_VARIABLES):
        os.environ.pop(name, None)
    os.environ["COLUMNS"] = "80"
    os.environ["TERM"] = "xterm-256color"


def _hear_signals() -> None:
    """Let programs that tests start hear signals that this process ignores.

    A runner in the background ignores Ctrl-C, under nohup SIGHUP, and what it starts
    would do the same. A handler that does nothing is not passed on.
    """
    for name in ("SIGINT", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, lambda _number, _frame: None)


# What is about signals of POSIX and bounds on a process: Windows has neither.
POSIX_ONLY = ["test_hostile_bombs.py", "test_signals.py", "test_stopping.py"]
collect_ignore = POSIX_ONLY if os.name == "nt" else []

REAL_DATA = _real_data()
_clean_environment()
_hear_signals()
# What tests write need not outlast a power cut, and disks take their time.
os.fsync = lambda _descriptor: None

# No deadline: a shared machine is slow at times, and that is no failure. The same
# examples on every run: what is green today is green tomorrow. The weekly run looks at
# many others, by HYPOTHESIS_PROFILE=explore.
settings.register_profile("fixed", deadline=None, max_examples=25, derandomize=True)
settings.register_profile("explore", deadline=None, max_examples=200)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))


def pytest_collection_finish() -> None:
    """Spare garbage collections the thousands of tests and what they import.

    And have fewer of them: a tenth of the time of a figure was spent in them.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


@pytest.fixture(scope="session")
def _folders(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return [tmp_path_factory.mktemp("test")]


@pytest.fixture
def tmp_path(
    _folders: list[Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """An empty folder; the next test has another one if this test writes into it.

    Most tests write nothing, and pytest's own fixture makes a folder for each of them.
    """
    yield _folders[-1]
    if not _folders[-1].is_dir() or any(_folders[-1].iterdir()):
        _folders.append(tmp_path_factory.mktemp("test"))


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path) -> Iterator[None]:
    os.chdir(tmp_path)
    yield
    os.chdir(PROJECT_ROOT)


@pytest.fixture(scope="session")
def project_root() -> Path:
    """The clone: README.md, sample_data/ and the rest."""
    return PROJECT_ROOT


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder that holds `data/` and `goldens/`; skips where there is none."""
    if REAL_DATA is None:
        pytest.skip(f"{REAL_DATA_VARIABLE} is unset: it names the folder of real data")
    return REAL_DATA


@pytest.fixture(scope="module")
def _window() -> "Iterator[Browser]":
    from tests.browser import start_browser

    with start_browser() as browser:
        yield browser


@pytest.fixture
def browser(_window: "Browser") -> "Browser":
    """A browser in light colors, in a window of the usual size."""
    _window.prefer("light")
    _window.resize(1280, 860)
    return _window
