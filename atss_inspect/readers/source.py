"""Where the bytes of a file come from: a path, gzip, or stdin."""

import codecs
import contextlib
import errno
import os
import stat
import sys
import zlib
from pathlib import Path
from typing import IO, Any

import msgspec
import numpy as np

from atss_inspect.errors import DataError, reason
from atss_inspect.readers.diagnose import not_json
from atss_inspect.readers.json_faults import why_no_json

STDIN = "-"
GZIP_MAGIC = b"\x1f\x8b"
# Deflate packs at most 1032:1 and JSON about 5:1 to 30:1. Beyond both limits, or the
# memory of the machine, the file is a bomb rather than annotations. What is unpacked
# has to be held in memory, for the decoder wants it in one piece.
MAX_GZIP_RATIO = 200
MAX_GZIP_FREE_BYTES = 1 << 30
CHUNK_BYTES = 1 << 20
HEAD_BYTES = 1024
AGAIN = "copy or download the file again"
UNPACK = "unpack it yourself and give the .json file"
UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
MARKS = (codecs.BOM_UTF8, *UTF16_MARKS)

# Rights, a fault of the disk, and too much that is open already.
_SHUT = (errno.EACCES, errno.EPERM, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOMEM)

Buffer = bytes | memoryview


def open_source(name: str) -> Buffer:
    """Get the bytes of a file, unpacked.

    ``name`` is a path, or ``-`` for stdin. Raises `DataError` if there is no such file
    or it cannot be read or unpacked.
    """
    try:
        data = _read(name, sys.stdin.buffer) if name == STDIN else _read_file(name)
    except IsADirectoryError as error:
        raise _is_folder(name) from error
    except (OSError, ValueError) as error:  # ValueError: a path with a null byte
        raise not_read(name, error) from error
    return _unpack(name, data) if data[:2] == GZIP_MAGIC else data


def read_document(name: str) -> dict[str, Any]:
    """Read a JSON object from a file; ``-`` is stdin, gzip is unpacked.

    Raises `DataError` where there is no such file, or it holds no JSON object.
    """
    data = open_source(name)
    try:
        document = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DataError(show_name(name), why_no_json(data, error)) from error
    if not isinstance(document, dict):
        raise DataError(show_name(name), "expected a JSON object")
    return document


def show_name(name: str) -> str:
    """Name a source to people."""
    return "stdin" if name == STDIN else name


def num_bytes(name: str) -> int | None:
    """Take the size of a file; None for stdin, pipes and the like."""
    # No digest: SHA-256 of a file as large as COCO's train set takes two seconds.
    path = Path(name)
    return path.stat().st_size if name != STDIN and path.is_file() else None


def read_head(name: str) -> bytes:
    """Read the beginning of a regular file, unpacked; empty for anything else.

    Nothing is raised: what cannot be read or unpacked is empty too.
    """
    try:
        head = read_regular(name, CHUNK_BYTES, is_head=True)
        if head[:2] == GZIP_MAGIC:
            member = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
            head = member.decompress(head, CHUNK_BYTES)
    except (OSError, zlib.error):
        return b""
    return head


def open_regular(path: str, *, buffering: int = -1) -> IO[bytes]:
    """Open an ordinary file; links are followed.

    Raises `OSError`, without opening it for one that is no file: a pipe would wait for
    somebody to write into it.
    """
    try:
        require_regular(os.stat(path))
        # It may have become a pipe meanwhile.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except ValueError as error:  # a null byte
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL)) from error
    file = open(handle, "rb", buffering=buffering)  # noqa: SIM115 - the caller closes it
    try:
        require_regular(os.fstat(handle))
    except OSError:
        file.close()
        raise
    return file


def require_regular(status: os.stat_result) -> None:
    """Raise `OSError` for what is no ordinary file."""
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "is a pipe or a device; expected a file")


def is_shut(error: OSError) -> bool:
    """Whether a file is there and sound, and may not or cannot be opened now."""
    return error.errno in _SHUT


def read_regular(path: str, most: int, *, is_head: bool = False) -> bytes:
    """Read an ordinary file of at most ``most`` bytes, or only so many of its head.

    Reading ends with the part that has a null byte, which no text of ours holds: files
    of nothing but holes may be long. Raises `OSError`: `FileNotFoundError` where there
    is none, `PermissionError`, errno EFBIG where it is longer, others.
    """
    content = bytearray()
    with open_regular(path, buffering=0) as file:
        while part := file.read(min(CHUNK_BYTES, most + 1 - len(content))):
            content += part
            if b"\0" in part and not content.startswith(UTF16_MARKS):
                break
    if len(content) > most and not is_head:
        raise OSError(errno.EFBIG, f"is longer than {most >> 20} MB; refused")
    return bytes(content[:most])


def _read_file(name: str) -> Buffer:
    """Read a regular file in one piece; others (pipes, devices, empty) to their end.

    It is not mapped: a file that is cut meanwhile would end the process by SIGBUS.
    Reading ends at the first null character of what is text: no JSON holds any.
    """
    with Path(name).open("rb", buffering=0) as file:
        before = os.fstat(file.fileno())
        if not stat.S_ISREG(before.st_mode) or before.st_size == 0:
            return _read(name, file)
        # Memory is taken page by page, as far as it is written to.
        content, end = np.empty(before.st_size, np.uint8).data, 0
        while read := file.readinto(content[end : end + CHUNK_BYTES]):
            end += read
            null = _null(content)
            if null is not None and null in bytes(content[end - read : end]):
                return content[:end]
        after = os.fstat(file.fileno())
    if (end, after.st_size) != (before.st_size, before.st_size):
        problem = "the file changed while it was read"
        raise DataError(show_name(name), problem, hint="read it once it is complete")
    return content


def _null(content: memoryview) -> bytes | None:
    """Bytes that no text beginning like this one holds; None where it is packed."""
    head = bytes(content[:3])
    if head.startswith(GZIP_MAGIC):
        return None
    # Of four in a row in UTF-16, two are a character.
    return b"\0\0\0\0" if head.startswith(UTF16_MARKS) else b"\0"


def _read(name: str, stream: IO[bytes]) -> bytes:
    """Read a stream to its end; only the beginning of what is no text of ours.

    A device such as /dev/zero has no end. The beginning is enough to refuse it.
    """
    parts = [stream.read(CHUNK_BYTES)]
    head = parts[0][:HEAD_BYTES].lstrip()
    if head and not head.startswith((GZIP_MAGIC, *MARKS)) and not_json(name, head):
        return parts[0]
    total, most = len(parts[0]), most_bytes()
    while parts[-1]:
        parts.append(stream.read(CHUNK_BYTES))
        total += len(parts[-1])
        if total > most:
            problem = f"is longer than {most >> 20} MB; refused"
            hint = "save it as a file, which takes no memory until it is needed"
            raise DataError(show_name(name), problem, hint=hint)
    return b"".join(parts)


def most_bytes() -> int:
    """How much may be held of what is no file: a third of the machine's memory.

    The parts are joined, so that all of it is there twice for a moment.
    """
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 3
    except (AttributeError, OSError, ValueError):  # not on every system
        return 1 << 32


def _unpack(name: str, data: Buffer) -> bytes:
    """Unpack gzip, all its members, with a bound on what it may grow to."""
    limit = max(MAX_GZIP_FREE_BYTES, MAX_GZIP_RATIO * len(data))
    limit = min(limit, most_bytes())
    parts, total, rest = [], 0, memoryview(data)
    try:
        while len(rest) and rest[:2] == GZIP_MAGIC:
            member = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
            while not member.eof:
                part = member.decompress(rest[:CHUNK_BYTES], CHUNK_BYTES)
                # At the end of a member both hold what is left; count it once.
                left = member.unused_data if member.eof else member.unconsumed_tail
                rest = rest[min(len(rest), CHUNK_BYTES) - len(left) :]
                if not part and not len(rest) and not member.eof:
                    problem = "the gzip data ends too early"
                    raise DataError(show_name(name), problem, hint=AGAIN)
                parts.append(part)
                total += len(part)
                if total > limit:
                    ratio = f"over {total // len(data)} times its size"
                    found = f"unpacks to more than {total >> 20} MB, {ratio}; refused"
                    raise DataError(show_name(name), found, hint=UNPACK)
    except zlib.error as error:
        problem = f"damaged gzip data: {error}"
        raise DataError(show_name(name), problem, hint=AGAIN) from error
    return b"".join(parts)


def not_read(name: str, error: OSError | ValueError) -> DataError:
    """Make the error for a file that cannot be read, or is not of the kind."""
    if isinstance(error, FileNotFoundError):
        return missing_file(name)
    why = reason(error) if isinstance(error, OSError) else str(error)
    problem = why if why.startswith("is ") else f"cannot be read: {why}"
    return DataError(show_name(name), problem)


def missing_file(name: str) -> DataError:
    """Make the error for a file that does not exist, naming a similar one that does."""
    if name.startswith(("http://", "https://", "s3://", "gs://")):
        hint: str | None = "download the file first, or pipe it in with -"
        return DataError(name, "is a web address; expected a file", hint=hint)
    import difflib  # only needed here, and start-up time counts

    try:
        os.stat(name)  # for its error
    except FileNotFoundError:
        pass
    except (OSError, ValueError) as error:
        return not_read(name, error)
    folder, names = Path(name).parent, []
    with contextlib.suppress(OSError):
        names = sorted(path.name for path in folder.iterdir())
    close = difflib.get_close_matches(Path(name).name, names, n=1)
    hint = None if os.path.isdir(folder) else f"there is no folder {folder} either"
    hint = f"did you mean {folder / close[0]}" if close else hint
    return DataError(name, "no such file", hint=hint)


def _is_folder(name: str) -> DataError:
    """Make the error for a folder, naming the annotation files it holds."""
    patterns = ("*.json", "*.json.gz", "annotations/*.json")
    paths = (path for each in patterns for path in sorted(Path(name).glob(each)))
    found = next(filter(Path.is_file, paths), None)
    hint = f"did you mean {found}" if found else "it holds no .json file"
    known = "a JSON file, pictures with YOLO labels, VOC files, or what `convert` wrote"
    problem = f"is a folder; expected {known}"
    return DataError(name, problem, hint=hint)
