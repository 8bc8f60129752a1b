"""Write a folder of files whole or leave it as it was.

A folder is filled beside its target and takes its place when it is complete.
"""

import contextlib
import ctypes
import errno
import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path

from atss_inspect.errors import OutputError
from atss_inspect.writers import files

_WORKING_FOLDER = -100  # AT_FDCWD
_EXCHANGE = 2  # RENAME_EXCHANGE


def check_folder(target: str | Path, *, force: bool, own: re.Pattern[str]) -> None:
    """Refuse a folder that cannot be written, before any work is done for it.

    The pattern ``own`` fits the names of the files that may be replaced. A folder that
    holds anything else is somebody's, and is never replaced. Raises `OutputError` where
    it exists (and ``force`` is not given), holds other files, is a file or has the
    suffix of one, or its folder is missing or cannot be written to.
    """
    if str(target) == files.STDOUT:
        message = "stdout cannot take a folder; expected a name"
        raise OutputError(message)
    path = files.resolve(target)
    if path.suffix.lower() in files.SUFFIXES:
        message = f"{target}: has the suffix of a file; expected the name of a folder"
        raise OutputError(message, hint=f"such as {path.stem}")
    if path.exists() and not path.is_dir():
        raise OutputError(target, "is a file; expected the name of a folder")
    files.check_new(target, path, force=force)
    for entry in sorted(path.iterdir()) if path.exists() else ():
        if not own.fullmatch(entry.name) or entry.is_dir():
            message = f"{target}: holds {entry.name}, which is another's; not replaced"
            raise OutputError(message, hint="name another folder")
    files.check_parent(target, path, hint="create that folder first")


@contextlib.contextmanager
def open_folder(
    target: str | Path, *, force: bool = False, own: re.Pattern[str]
) -> Iterator[Path]:
    """Make a folder to write files in, which becomes the target if the block ends well.

    If the block raises anything, Ctrl-C included, the target is left as it was and
    nothing stays beside it. Arguments and errors are those of `check_folder`, and
    `OutputError` where the folder cannot be made.
    """
    check_folder(target, force=force, own=own)
    path, temporary = files.beside(target)
    try:
        with files.naming(target):
            temporary.mkdir()
        with _named(temporary, target):
            yield temporary
        files.sync_folder(temporary)
        # Somebody may have put something there while this was being written.
        check_folder(target, force=force, own=own)
        if path.exists():
            _exchange(temporary, path)
        else:
            temporary.rename(path)
    finally:
        # What is left of it: half a folder, or the one that was replaced.
        _remove(temporary)
    files.sync_folder(path.parent)


def write_into_folder(
    target: str | Path,
    contents: Mapping[str, bytes],
    *,
    force: bool = False,
    undisturbed: Callable[[], AbstractContextManager[None]] = contextlib.nullcontext,
) -> None:
    """Write files by their names (``images/1.jpg``) into a folder, new or empty.

    All or none: where anything is raised, Ctrl-C included, nothing is left of them.
    With ``force``, a folder that holds something may be named too: each of the files
    is replaced once all are written, and others stay; ``undisturbed`` lets signals wait
    meanwhile. Raises `OutputError` where the
    target is a file, or holds something, or cannot be written.
    """
    path = files.resolve(target)
    if path.exists() and not path.is_dir():
        raise OutputError(target, "is a file; expected a folder, new or empty")
    with files.naming(target):
        made = [each for each in path.parents if not each.exists()]
        if not all(each.is_dir() for each in path.parents if each not in made):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
    is_new = not path.exists()
    try:
        with files.naming(target):
            path.parent.mkdir(parents=True, exist_ok=True)
        # In a folder that exists: what is beside it may be another disk.
        _, temporary = files.beside(path if is_new else path / path.name)
        if not is_new and any(path.iterdir()) and not force:
            message = f"{target}: is not empty"
            hint = "--force replaces the files of the same names there, and no others"
            raise OutputError(message, hint=hint)
        try:
            _write_all(target, temporary, contents)
            with files.naming(target), undisturbed():
                _move(temporary, path, contents)
        finally:
            _remove(temporary)
        files.sync_folder(path.parent)
    except BaseException:
        for folder in made:
            with contextlib.suppress(OSError):
                folder.rmdir()
        raise


def _remove(temporary: Path) -> None:
    """Remove a folder if it is there, to its end where a signal comes meanwhile."""
    try:
        shutil.rmtree(temporary, ignore_errors=True)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise


def _write_all(
    target: str | Path, temporary: Path, contents: Mapping[str, bytes]
) -> None:
    """Write all files into a temporary folder."""
    with files.naming(target):
        temporary.mkdir()
    with _named(temporary, target):
        for name, content in contents.items():
            with files.naming(temporary / name):
                (temporary / name).parent.mkdir(parents=True, exist_ok=True)
            files.write_bytes(temporary / name, content)
    files.sync_folder(temporary)


def _move(temporary: Path, path: Path, names: Iterable[str]) -> None:
    """Make a folder the one that is meant, or move its files where there is one."""
    if not path.is_dir():
        temporary.rename(path)
        return
    for name in names:
        (path / name).parent.mkdir(exist_ok=True)
        (temporary / name).replace(path / name)


@contextlib.contextmanager
def _named(temporary: Path, target: str | Path) -> Iterator[None]:
    """Name in an error where a file was to be, not where it was written first."""
    try:
        yield
    except OutputError as error:
        message = str(error).replace(str(temporary), str(target))
        raise OutputError(message, hint=error.hint) from error


def _exchange(new: Path, old: Path) -> None:
    """Let two folders change places: at once where the system can, else in two steps.

    Between the two steps there is no folder of the old's name; if the second fails,
    the first is taken back.
    """
    with contextlib.suppress(OSError, AttributeError):
        rename = ctypes.CDLL(None, use_errno=True).renameat2
        names = os.fsencode(new), os.fsencode(old)
        if rename(_WORKING_FOLDER, names[0], _WORKING_FOLDER, names[1], _EXCHANGE) == 0:
            return
    # Not a name that a later run would take for a leftover and remove.
    aside = old.with_name(f".{old.name[:40]}.replaced-{os.urandom(4).hex()}")
    old.rename(aside)
    try:
        new.rename(old)
    except BaseException:
        aside.rename(old)
        raise
    aside.rename(new)
