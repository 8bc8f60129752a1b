"""Write a folder of files whole or leave it as it was.

A folder is filled beside its target and takes its place when it is complete.
"""

import contextlib
import ctypes
import os
import re
import shutil
from collections.abc import Iterator
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
        try:
            yield temporary
        except OutputError as error:
            # Names where a file was to be, not where it was written first.
            message = str(error).replace(str(temporary), str(target))
            raise OutputError(message, hint=error.hint) from error
        files.sync_folder(temporary)
        # Somebody may have put something there while this was being written.
        check_folder(target, force=force, own=own)
        if path.exists():
            _exchange(temporary, path)
        else:
            temporary.rename(path)
    finally:
        # What is left of it: half a folder, or the one that was replaced.
        shutil.rmtree(temporary, ignore_errors=True)
    files.sync_folder(path.parent)


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
