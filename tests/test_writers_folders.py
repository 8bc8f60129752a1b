"""A folder is the old one or the complete new one, and never somebody else's."""

import errno
import os
import re
from pathlib import Path

import pytest

from atss_inspect.errors import OutputError
from atss_inspect.writers import folders as folders_module
from atss_inspect.writers.folders import check_folder, open_folder

OWN = re.compile(r"part-\d+\.txt")


def content(folder: Path) -> dict[str, str]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_text() for path in paths}


def write(target: Path | str, text: str, *, force: bool = False) -> None:
    with open_folder(target, force=force, own=OWN) as folder:
        (folder / "part-0.txt").write_text(text)


def test_a_new_folder_is_there_when_complete_and_nothing_beside_it(tmp_path):
    with open_folder("new", own=OWN) as folder:
        (folder / "part-0.txt").write_text("a")
        assert not (tmp_path / "new").exists()
    assert content(tmp_path) == {"new/part-0.txt": "a"}


def test_a_folder_that_exists_needs_force(tmp_path):
    write("set", "old")
    with pytest.raises(OutputError, match="set: exists already") as caught:
        write("set", "new")
    assert caught.value.hint == "replace it with --force"
    assert content(tmp_path) == {"set/part-0.txt": "old"}


@pytest.mark.parametrize("name", ["rows.csv", "set.JSON", "rows.parquet"])
def test_a_folder_has_no_name_of_a_file(tmp_path, name):
    with pytest.raises(OutputError, match="has the suffix of a file") as caught:
        write(name, "new")
    assert caught.value.hint == f"such as {Path(name).stem}"
    assert content(tmp_path) == {}


@pytest.mark.parametrize("can_exchange", [True, False])
def test_a_replaced_folder_leaves_nothing(tmp_path, monkeypatch, can_exchange):
    if not can_exchange:  # as on other systems than Linux
        monkeypatch.setattr(folders_module.ctypes, "CDLL", lambda *_a, **_k: object())
    write("set", "old")
    (tmp_path / "set/part-1.txt").touch()
    write("set", "new", force=True)
    assert content(tmp_path) == {"set/part-0.txt": "new"}


def test_a_failed_exchange_puts_the_old_folder_back(tmp_path, monkeypatch):
    monkeypatch.setattr(folders_module.ctypes, "CDLL", lambda *_a, **_k: object())
    write("set", "old")
    rename, calls = Path.rename, []

    def fail_at_the_second(path: Path, target: Path) -> Path:
        calls.append(path)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", fail_at_the_second)
    with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
        write("set", "new", force=True)
    assert content(tmp_path) == {"set/part-0.txt": "old"}


@pytest.mark.parametrize("force", [True, False])
def test_an_interrupted_folder_leaves_the_old_one(tmp_path, force):
    if force:
        write("set", "old")

    def write_half() -> None:
        with open_folder("set", force=force, own=OWN) as folder:
            (folder / "part-0.txt").write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_half()
    assert content(tmp_path) == ({"set/part-0.txt": "old"} if force else {})


@pytest.mark.parametrize("other", ["notes.txt", "part-0.txt.bak", "part-0.txt/x"])
def test_a_folder_with_other_things_in_it_is_never_replaced(tmp_path, other):
    path = tmp_path / "mine" / other
    path.parent.mkdir(parents=True)
    path.write_text("precious")
    with pytest.raises(OutputError, match=r"mine: holds .*; not replaced"):
        check_folder(tmp_path / "mine", force=True, own=OWN)
    assert content(tmp_path) == {f"mine/{other}": "precious"}


@pytest.mark.parametrize(
    ("target", "problem"),
    [
        ("-", "stdout cannot take a folder"),
        ("file", "file: is a file; expected the name of a folder"),
        ("none/set", "none/set: there is no folder "),
    ],
)
def test_what_cannot_be_a_folder_is_refused_before_any_work(tmp_path, target, problem):
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match=problem):
        check_folder(target, force=True, own=OWN)


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere"
)
def test_a_folder_that_may_not_be_written_in_is_refused(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match="no permission"):
        check_folder("set", force=False, own=OWN)


def test_folders_of_killed_runs_are_removed(tmp_path):
    with open_folder("set", own=OWN) as folder:
        name = folder.name
    # No process has this number.
    stale = tmp_path / re.sub(r"-\d+-(?=[0-9a-f]{8}\.tmp)", "-999999999-", name)
    assert stale.name != name
    stale.mkdir()
    (stale / "part-0.txt").touch()
    write("other", "x")
    assert list(content(tmp_path)) == ["other/part-0.txt"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other", "set"]


def test_a_signal_while_the_old_folder_is_removed_leaves_nothing(tmp_path, monkeypatch):
    remove, calls = folders_module.shutil.rmtree, []

    def interrupted(path: Path, **options: bool) -> None:
        calls.append(path)
        if len(calls) == 1:
            raise KeyboardInterrupt
        remove(path, **options)

    target = tmp_path / "out"
    target.mkdir()
    monkeypatch.setattr(folders_module.shutil, "rmtree", interrupted)
    with (
        pytest.raises(KeyboardInterrupt),
        open_folder(target, force=True, own=re.compile("part")) as folder,
    ):
        (folder / "part").write_text("new", "utf-8")
    assert [each.name for each in tmp_path.iterdir()] == ["out"]
    assert (target / "part").read_text("utf-8") == "new"
