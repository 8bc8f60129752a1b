"""A target is the old file or the complete new one, never something in between."""

import errno
import json
import os
import signal
import stat
import subprocess
import sys
import textwrap
import threading
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from atss_inspect.errors import OutputError
from atss_inspect.writers import files
from atss_inspect.writers.documents import encode_json
from atss_inspect.writers.files import format_for, open_output, write_bytes
from tests.scripts import run_script

TABLE_FORMATS = ["csv", "jsonl", "parquet", "npz"]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("name", ["out.csv", "ü" * 125 + ".csv"])
def test_a_new_file_has_the_content_and_nothing_stays_beside_it(tmp_path, name):
    # Relative to the working folder; the longest name that a folder takes, too.
    write_bytes(name, b"a,b\n")
    assert (tmp_path / name).read_bytes() == b"a,b\n"
    assert names(tmp_path) == [name]


def test_an_existing_target_needs_force(tmp_path):
    target = tmp_path / "out.csv"
    target.write_text("old")
    with pytest.raises(OutputError, match=r"out\.csv: exists already") as caught:
        write_bytes(target, b"new")
    assert caught.value.hint == "replace it with --force"
    assert target.read_text() == "old"
    write_bytes(target, b"new", force=True)
    assert target.read_text() == "new"


def test_a_file_that_appears_meanwhile_is_not_replaced(tmp_path):
    target = tmp_path / "out.csv"

    def be_second() -> None:
        with open_output(target) as stream:
            stream.write(b"mine")
            target.write_text("theirs")

    with pytest.raises(OutputError, match="exists already"):
        be_second()
    assert target.read_text() == "theirs"
    assert names(tmp_path) == ["out.csv"]


@pytest.mark.parametrize(
    ("error", "told"),
    [
        *((error, error) for error in (ValueError, KeyboardInterrupt, SystemExit)),
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), OutputError),
    ],
)
def test_whatever_is_raised_the_old_file_stays(tmp_path, error, told):
    target = tmp_path / "out.csv"
    target.write_text("old")

    def fail_halfway() -> None:
        with open_output(target, force=True) as stream:
            stream.write(b"x" * 1_000_000)
            raise error

    with pytest.raises(told) as caught:
        fail_halfway()
    assert told is error or "out.csv: cannot be written" in str(caught.value)
    assert target.read_text() == "old"
    assert names(tmp_path) == ["out.csv"]


def test_a_new_file_respects_the_umask(tmp_path):
    old_mask = os.umask(0o027)
    try:
        write_bytes(tmp_path / "out.csv", b"")
    finally:
        os.umask(old_mask)
    assert stat.S_IMODE((tmp_path / "out.csv").stat().st_mode) == 0o640


def test_a_replaced_file_keeps_its_permissions(tmp_path):
    target = tmp_path / "out.csv"
    target.write_text("old")
    target.chmod(0o604)
    with open_output(target, force=True) as stream:
        stream.write(b"new")
        (temporary,) = (path for path in tmp_path.iterdir() if path != target)
        # Already while it is being written: its content may be nobody's business.
        assert stat.S_IMODE(temporary.stat().st_mode) == 0o604
    assert stat.S_IMODE(target.stat().st_mode) == 0o604


def test_the_target_of_a_link_is_replaced_and_the_link_stays(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    target = tmp_path / "elsewhere" / "real.csv"
    target.write_text("old")
    link = tmp_path / "link.csv"
    link.symlink_to(target)
    with pytest.raises(OutputError, match=r"link\.csv: exists already"):
        write_bytes(link, b"new")
    write_bytes(link, b"new", force=True)
    assert link.is_symlink()
    assert target.read_text() == "new"
    target.unlink()  # a link to nothing creates what it points to
    write_bytes(link, b"newest")
    assert link.is_symlink()
    assert target.read_text() == "newest"


def test_a_folder_without_permission_is_named(tmp_path, monkeypatch):
    # Not by chmod: the tests may run as root, who may write everywhere.
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(OutputError, match="no permission to write in"):
        files.check_target(tmp_path / "out.csv", force=False)


IS_LINUX = Path("/proc/self").exists() and Path("/dev/full").exists()
NO_SPACE = os.strerror(errno.ENOSPC).lower()


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("circle", "circle of links"),
        ("missing/out.csv", "there is no folder .*missing"),
        (".", "is a folder"),
        ("/proc/out.csv", r"/proc/out\.csv: cannot be written"),
        ("/dev/full", f"/dev/full: cannot be written: {NO_SPACE}"),
    ],
)
def test_what_takes_no_file_is_an_output_error(tmp_path, target, message):
    if target.startswith("/") and not IS_LINUX:
        pytest.skip("needs Linux")
    (tmp_path / "circle").symlink_to(tmp_path / "back")
    (tmp_path / "back").symlink_to(tmp_path / "circle")
    with pytest.raises(OutputError, match=message) as caught:
        write_bytes(target, b"x", force=True)
    expected = "create the folder first" if "missing" in target else None
    assert caught.value.hint == expected


def test_other_errors_of_the_system_are_left_to_their_owner(tmp_path):
    with pytest.raises(FileNotFoundError), open_output(tmp_path / "out.csv"):
        (tmp_path / "input.json").read_bytes()


def test_devices_and_pipes_are_written_straight_through(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    received: list[bytes] = []
    reader = threading.Thread(target=lambda: received.append(pipe.read_bytes()))
    reader.start()
    write_bytes(os.devnull, b"gone")
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)
    write_bytes(pipe, b"through")
    reader.join(timeout=10)
    assert received == [b"through"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert names(tmp_path) == ["pipe"]


WRITE_TO_STDOUT = """
    import sys
    from atss_inspect.writers.files import write_bytes
    for target in {targets}:
        print("before", flush=True)
        write_bytes(target, b"data\\n")
"""
STDOUT = ("-", "/dev/stdout", "/dev/fd/1")


@pytest.mark.parametrize("target", STDOUT)
def test_a_file_that_is_stdout_takes_bytes_after_the_text_before_them(tmp_path, target):
    script = textwrap.dedent(WRITE_TO_STDOUT.format(targets=[target]))
    with (tmp_path / "redirected").open("wb") as stdout:
        subprocess.run([sys.executable, "-c", script], stdout=stdout, check=True)
    assert (tmp_path / "redirected").read_bytes() == b"before\ndata\n"


def test_a_pipe_that_is_stdout_takes_bytes_after_the_text_before_them():
    done = run_script(WRITE_TO_STDOUT.format(targets=STDOUT))
    assert done.stdout == "before\ndata\n" * 3


def test_a_closed_pipe_stays_a_broken_pipe(monkeypatch):
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb", buffering=0) as pipe:
        stdout = SimpleNamespace(flush=lambda: None, buffer=pipe)
        monkeypatch.setattr(sys, "stdout", stdout)
        with pytest.raises(BrokenPipeError):
            write_bytes("-", b"x" * 100_000)


def test_a_killed_run_leaves_the_old_file_and_the_next_run_cleans_up(tmp_path):
    target = tmp_path / "out.csv"
    target.write_text("old")
    script = f"""
        import os, signal
        from atss_inspect.writers.files import open_output
        with open_output({str(target)!r}, force=True) as stream:
            stream.write(b"half of it")
            stream.flush()
            os.kill(os.getpid(), signal.SIGKILL)
    """
    assert run_script(script).returncode == -signal.SIGKILL
    assert target.read_text() == "old"
    left = [name for name in names(tmp_path) if name != "out.csv"]
    assert len(left) == 1
    assert left[0].startswith(".out.csv.atss-inspect-")
    write_bytes(tmp_path / "another.csv", b"")
    assert names(tmp_path) == ["another.csv", "out.csv"]


def test_files_that_only_look_similar_are_never_removed(tmp_path):
    similar = [".out.csv.atss-inspect-otherhost-1-0123abcd.tmp", "x.atss-inspect.tmp"]
    for name in similar:
        (tmp_path / name).touch()
    with open_output(tmp_path / "slow.csv") as stream:  # nor that of a run that goes on
        stream.write(b"slow")
        write_bytes(tmp_path / "out.csv", b"")
    assert names(tmp_path) == sorted([*similar, "out.csv", "slow.csv"])
    assert (tmp_path / "slow.csv").read_text() == "slow"


@pytest.mark.parametrize(
    ("name", "expected"),
    [("a.csv", "csv"), ("A.CSV", "csv"), ("a.b.ndjson", "jsonl"), ("a.npz", "npz")],
)
def test_the_suffix_decides_the_format(name, expected):
    assert format_for(name, TABLE_FORMATS) == expected


@pytest.mark.parametrize("name", ["out.txt", "out.html", "out.xlsx"])
def test_a_wrong_suffix_names_the_right_ones(name):
    with pytest.raises(OutputError) as caught:
        format_for(name, TABLE_FORMATS)
    expected = "expected .csv, .jsonl, .ndjson, .npz or .parquet"
    assert str(caught.value) == f"{name}: unknown suffix {name[3:]}; {expected}"


@pytest.mark.parametrize("name", ["-", "out", "/dev/stdout", "folder.csv/out"])
def test_without_a_suffix_the_default_holds(name):
    assert format_for(name, TABLE_FORMATS, default="csv") == "csv"
    with pytest.raises(OutputError, match="no suffix to tell the format by"):
        format_for(name, TABLE_FORMATS)


def test_json_keeps_the_order_of_keys_and_lists_of_numbers_in_a_line():
    text = '{\n  "b": [-1.5, 3e30, null],\n  "a": [\n    "[\\n 1]",\n    2\n  ]\n}\n'
    found = encode_json({"b": [-1.5, 3e30, None], "a": ["[\n 1]", 2]})
    assert found.decode() == text


def test_json_takes_numpy_and_paths_and_writes_nothing_that_is_not_json():
    document = {
        "scalar": np.float32(0.1),
        "integer": np.int64(7),
        "flag": np.bool_(True),
        "array": np.array([[0.1, np.nan]], dtype=np.float32),
        "missing": float("nan"),
        "endless": np.inf,
        "path": Path("a/b.json"),
    }
    found = json.loads(encode_json(document))
    assert list(found) == list(document)
    assert [*found.values()] == [0.1, 7, True, [[0.1, None]], None, None, "a/b.json"]
    with pytest.raises(NotImplementedError, match="cannot encode complex as JSON"):
        encode_json({"a": 1j})
