"""The files of a converted folder, opened as what they ought to be, or refused."""

import stat
from pathlib import Path
from typing import NoReturn

from atss_inspect.errors import DataError, reason

CONVERT_ANEW = "write it anew with `atss-inspect convert`"
# A million classes take 50 MB.
MOST_TEXT_BYTES = 1 << 28


def refuse(path: Path, problem: str) -> NoReturn:
    """Name the file and what is wrong with it."""
    message = f"{path}: {problem}"
    raise DataError(message, hint=CONVERT_ANEW)


def file_size(path: Path) -> int:
    """Take the size of a file in bytes; of a link, that of the file it leads to.

    Nobody has named what lies in the folder, so pipes, which may have no writer, and
    devices, which may have no end, are not opened.
    """
    try:
        status = path.stat()
    except FileNotFoundError:
        refuse(path, "no such file")
    except OSError as error:
        refuse(path, f"cannot be read: {reason(error)}")
    if not stat.S_ISREG(status.st_mode):
        refuse(path, "is no ordinary file")
    return status.st_size


def read_text(path: Path) -> bytes:
    """Read a file of text, unless it is larger than any such text."""
    if file_size(path) > MOST_TEXT_BYTES:
        refuse(path, f"is larger than {MOST_TEXT_BYTES >> 20} MB")
    try:
        return path.read_bytes()
    except OSError as error:
        refuse(path, f"cannot be read: {reason(error)}")
