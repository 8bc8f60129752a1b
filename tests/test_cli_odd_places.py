"""Places that are odd: a working folder that is gone, a home that cannot be written."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.random_coco import random_coco
from tests.tiny_coco import write_coco

ERROR = "atss-inspect: error: "


def start(words: str, folder: Path, **environment: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "atss_inspect", *words.split()],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )
    return done.returncode, done.stdout, done.stderr


# Goes into a folder that is then removed, and runs the program there.
GONE = """
import os, sys
os.chdir(sys.argv[1])
os.rmdir(sys.argv[1])
sys.path.insert(0, sys.argv[2])
os.execv(sys.executable, [sys.executable, "-m", "atss_inspect", *sys.argv[3:]])
"""


@pytest.mark.skipif(os.name != "posix", reason="folders in use can be removed")
@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        ("stats {}/a.json", 0, ""),
        ("config show", 0, ""),
        ("plot size --ann {0}/a.json -o {0}/a.svg", 0, ""),
        ("stats a.json", 3, "a.json: no such file"),
        ("stats --ann a.json --ann b.json", 3, "a.json: no such file"),
        ("stats {}/a.json -o b.json", 2, "b.json: cannot be written: no such file or"),
        ("demo -o b", 2, "b: cannot be written: no such file or directory"),
    ],
)
def test_a_working_folder_that_is_gone_matters_to_relative_paths_alone(
    words: str, code: int, message: str, tmp_path: Path, project_root: Path
) -> None:
    write_coco(tmp_path / "a.json", random_coco(3))
    gone = tmp_path / "gone"
    gone.mkdir()
    done = subprocess.run(
        [
            *(sys.executable, "-c", GONE, str(gone), str(project_root), "-q"),
            *words.format(tmp_path).split(),
        ],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(project_root)},
    )
    assert done.returncode == code, done.stderr
    assert done.stderr.startswith(ERROR + message if message else "")
    assert done.stderr.count("\n") <= 2
    assert bool(done.stderr) == bool(message)


def test_a_backend_of_matplotlib_that_is_none_does_not_matter(tmp_path: Path) -> None:
    write_coco(tmp_path / "a.json", random_coco(3))
    words = "-q plot size --ann a.json -o a.svg"
    code, _, error = start(words, tmp_path, MPLBACKEND="nonsense")
    assert (code, error) == (0, "")
    assert (tmp_path / "a.svg").stat().st_size


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
def test_completion_into_a_home_that_takes_no_file_is_one_line(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.touch()
    # The shell that starts the program is the one whose completions are installed.
    script = '"$0" -m atss_inspect --install-completion; exit $?'
    done = subprocess.run(
        ["bash", "-c", script, sys.executable],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "HOME": str(home)},
    )
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    first, hint = done.stderr.splitlines()
    assert first.startswith(f"{ERROR}--install-completion: {home}")
    assert ": cannot be written: " in first
    assert hint == "hint: put what --show-completion prints where your shell reads it"


@pytest.mark.skipif(os.name != "posix", reason="limits are POSIX's")
@pytest.mark.parametrize("limit", [12, 16])
def test_too_few_open_files_for_other_processes_is_one_line(
    limit: int, tmp_path: Path
) -> None:
    document = random_coco(3, num_images=3000, max_boxes=8)
    write_coco(tmp_path / "a.json", document)
    script = (
        "import resource, runpy, sys\n"
        f"resource.setrlimit(resource.RLIMIT_NOFILE, ({limit}, {limit}))\n"
        "sys.argv = ['atss-inspect', '-q', 'stats', 'a.json', '--jobs', '2']\n"
        "runpy.run_module('atss_inspect', run_name='__main__')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    message = "--jobs 2: no other processes can be started: too many open files"
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"{ERROR}{message}\nhint: --jobs 1 needs none\n"
