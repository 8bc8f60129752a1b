"""Write a file whole or leave it as it was.

A file is written beside its target under a name of its own and renamed when it is
complete, so that whatever happens the target is the old file or the new one.
"""

import contextlib
import errno
import os
import platform
import re
import shutil
import stat
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from atss_inspect.errors import OutputError, reason

STDOUT = "-"
SUFFIXES = {
    ".csv": "csv",
    ".html": "html",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".md": "md",
    ".npz": "npz",
    ".parquet": "parquet",
    ".pdf": "pdf",
    ".png": "png",
    ".svg": "svg",
    ".txt": "table",
}

# A failing disk speaks through the stream we opened; other errors raised while a file
# is being written, such as a failing read, are somebody else's to explain.
_DISK_ERRORS = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS}
)
_DESCRIPTOR_PATHS = re.compile(r"/dev/std(out|err)|/dev/fd/\d+|/proc/self/fd/\d+")
_TEMPORARY_NAME = re.compile(
    r"\..*\.atss-inspect-(?P<host>\w*)-(?P<pid>\d+)-[0-9a-f]{8}\.tmp", re.DOTALL
)


def format_for(
    target: str | Path, allowed: Sequence[str], *, default: str | None = None
) -> str:
    """Choose the format of an output by the suffix of its name.

    Raises `OutputError` where the suffix is unknown or not among the allowed ones.

    Parameters
    ----------
    target : path, or ``-`` for stdout
    allowed : names of formats (``csv``, ``npz``, ...) that make sense for this output
    default : the format of a target that has no suffix, such as stdout or a device;
        None where the user has to say it
    """
    suffix = "" if str(target) == STDOUT else Path(target).suffix.lower()
    if not suffix and default is not None:
        return default
    if SUFFIXES.get(suffix) in allowed:
        return SUFFIXES[suffix]
    *others, last = (known for known, name in SUFFIXES.items() if name in allowed)
    found = f"unknown suffix {suffix}" if suffix else "no suffix to tell the format by"
    known = f"{', '.join(others)} or {last}" if others else last
    message = f"{target}: {found}; expected {known}"
    has_choice = default is not None and len(allowed) > 1
    hint = "name the format with --format" if has_choice else None
    if suffix == ".gz":
        hint = "nothing is compressed here; `-o -` and gzip in a pipe do it"
    raise OutputError(message, hint=hint)


def check_target(target: str | Path, *, force: bool) -> None:
    """Refuse a target that cannot be written, before any work is done for it.

    That is one that exists (unless ``force`` is given), is a folder, or whose folder is
    missing or cannot be written to. Raises `OutputError`.
    """
    if str(target) == STDOUT or _is_written_through(target):
        return
    path = resolve(target)
    if path.is_dir():
        raise OutputError(target, "is a folder; expected the name of a file")
    check_new(target, path, force=force)
    check_parent(target, path, hint="create the folder first")


def check_new(target: str | Path, path: Path, *, force: bool) -> None:
    """Refuse to replace what was not asked to be."""
    if path.exists() and not force:
        raise OutputError(target, "exists already", hint="replace it with --force")


def check_parent(target: str | Path, path: Path, *, hint: str) -> None:
    """Refuse a target whose folder is missing or cannot be written to."""
    if not path.parent.is_dir():
        raise OutputError(target, f"there is no folder {path.parent}", hint=hint)
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise OutputError(target, f"no permission to write in {path.parent}")


@contextlib.contextmanager
def open_output(target: str | Path, *, force: bool = False) -> Iterator[BinaryIO]:
    """Open a binary stream whose content becomes the target if the block ends well.

    If the block raises anything, Ctrl-C included, the target is left as it was and
    nothing stays beside it. Raises `OutputError` as `check_target`, or where the disk
    fails or is full.

    Parameters
    ----------
    target : a path; ``-`` is stdout. Devices and pipes are written straight through.
        Of a link, the file it points to is replaced, not the link.
    force : replace a file that exists; its permissions are kept
    """
    check_target(target, force=force)
    if str(target) == STDOUT:
        opened = _stdout()
    elif _is_written_through(target):
        opened = _device(target)
    else:
        opened = _replacement(target, force=force)
    try:
        with opened as stream:
            yield stream
    except OSError as error:
        if error.errno not in _DISK_ERRORS:
            raise
        name = "stdout" if str(target) == STDOUT else target
        raise OutputError(name, f"cannot be written: {reason(error)}") from error


def write_bytes(target: str | Path, content: bytes, *, force: bool = False) -> None:
    """Write a whole output at once; see `open_output`."""
    with open_output(target, force=force) as stream:
        stream.write(content)


def holds(target: str | Path, content: bytes) -> bool:
    """Whether a file is there already with exactly this content."""
    path = Path(target)
    try:
        return path.stat().st_size == len(content) and path.read_bytes() == content
    except OSError:
        return False


def resolve(target: str | Path) -> Path:
    """Follow links to the file that is meant, which need not exist."""
    # Path.resolve raises on a circle of links; the error below says it better.
    # A name that is too long, a folder that is closed to us or has been deleted.
    with naming(target):
        path = Path(os.path.realpath(target))
        is_link = path.is_symlink()
    if is_link:
        raise OutputError(target, "is a circle of links")
    return path


@contextlib.contextmanager
def naming(target: str | Path) -> Iterator[None]:
    """Name the target in an error where the system lets something not be done."""
    try:
        yield
    except OSError as error:
        raise OutputError(target, f"cannot be written: {reason(error)}") from error


def _is_written_through(target: str | Path) -> bool:
    """Whether a target is a device or a pipe, which cannot be replaced."""
    if _DESCRIPTOR_PATHS.fullmatch(str(target)):
        return True
    try:
        mode = Path(target).stat().st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


@contextlib.contextmanager
def _stdout() -> Iterator[BinaryIO]:
    """Lend the binary side of stdout, in order with text printed before."""
    sys.stdout.flush()
    yield sys.stdout.buffer
    sys.stdout.buffer.flush()


@contextlib.contextmanager
def _device(target: str | Path) -> Iterator[BinaryIO]:
    """Open a device or pipe; appending, for stdout may be a file with content."""
    with naming(target):
        descriptor = os.open(target, os.O_WRONLY | os.O_APPEND)
    with os.fdopen(descriptor, "wb") as stream:
        yield stream


@contextlib.contextmanager
def _replacement(target: str | Path, *, force: bool) -> Iterator[BinaryIO]:
    """Write beside a file, and take its place only when complete and on disk."""
    path, temporary = beside(target)
    try:
        with naming(target):
            # With the permissions of an ordinary new file.
            stream = temporary.open("xb")
        with stream:
            if path.exists():
                temporary.chmod(stat.S_IMODE(path.stat().st_mode))
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        # Somebody may have put a file there while this one was being written.
        check_target(target, force=force)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make a rename last; where folders cannot be synced, it is as good as it gets."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _host() -> str:
    """Name this machine in letters and digits: a folder may be shared by several."""
    return re.sub(r"\W", "", platform.node())[:20]


def beside(target: str | Path) -> tuple[Path, Path]:
    """Find the path that is meant, and one beside it to write to first.

    What runs on this machine that were killed have left there is removed.
    """
    path = resolve(target)
    with contextlib.suppress(OSError):
        for entry in os.scandir(path.parent):
            found = _TEMPORARY_NAME.fullmatch(entry.name)
            if found and found["host"] == _host() and not _is_alive(int(found["pid"])):
                if entry.is_dir(follow_symlinks=False):
                    shutil.rmtree(entry.path, ignore_errors=True)
                else:
                    Path(entry.path).unlink(missing_ok=True)
    owner = f"{_host()}-{os.getpid()}-{os.urandom(4).hex()}"
    # The name is only for the eye: cut, since long ones would exceed what is allowed.
    return path, path.with_name(f".{path.name[:40]}.atss-inspect-{owner}.tmp")


def _is_alive(pid: int) -> bool:
    """Whether a process of this number runs; if in doubt, yes."""
    if os.name != "posix":
        return True  # there, os.kill would end the process
    try:
        os.kill(pid, 0)
    except (OSError, OverflowError) as error:
        return not isinstance(error, ProcessLookupError)
    return True
