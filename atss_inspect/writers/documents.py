"""What programs read: JSON documents, and numbers with the fewest digits.

A number is printed with the fewest digits that give the same number back.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from atss_inspect.arrays import Float32Array, Float64Array
from atss_inspect.writers.files import open_output

# A list of numbers and the like; what is a text has quotes, and no line's end.
_NUMBERS = re.compile(rb"(?<=\[)\n[-+.\w,\n ]+\n *(?=\])")
_POWERS_OF_TEN = np.array([float(10**power) for power in range(19)])


def shortest_float32(values: Float32Array) -> Float64Array:
    """Find float64 numbers that print as the shortest digits of float32 ones.

    0.1 in float32 is 0.100000001490116 exactly; who prints that through float64 sees
    digits that mean nothing. Any 6 digits survive float32, and 9 always suffice. Values
    have any shape, NaN and infinity included; read as float32, what comes back equals
    them bit by bit but for the sign or payload of a NaN.
    """
    flat = values.ravel()
    exact = flat.astype(np.float64)
    shortest = exact.copy()
    with np.errstate(divide="ignore", invalid="ignore"):  # log of 0, NaN and negatives
        exponent = np.floor(np.log10(np.abs(exact)))
    # Powers of ten up to 22 are exact in float64, so that one multiplication, one
    # rounding and one division give the float64 nearest to the decimal number.
    is_usual = (exponent >= -9) & (exponent <= 5)
    open_rows = np.flatnonzero(is_usual)
    for digits in range(6, 10):
        power = _POWERS_OF_TEN[digits - 1 - exponent[open_rows].astype(np.int64)]
        decimal = np.rint(exact[open_rows] * power) / power
        is_found = decimal.astype(np.float32) == flat[open_rows]
        shortest[open_rows[is_found]] = decimal[is_found]
        open_rows = open_rows[~is_found]
    for row in np.flatnonzero(~is_usual & np.isfinite(exact) & (exact != 0)):
        shortest[row] = float(str(flat[row]))
    return shortest.reshape(values.shape)


def python_values(array: npt.NDArray[Any]) -> Any:
    """List an array as Python objects, float32 with its shortest digits."""
    if array.dtype == np.float32:
        return shortest_float32(array).tolist()
    return array.tolist()


def encode_json(document: object) -> bytes:
    """Encode a document as indented JSON, keys in the order given, numbers in a line.

    NumPy scalars and arrays, paths, dataclasses and named tuples are taken as what
    they hold; NaN and infinity become ``null``; float32 gets its shortest digits.
    """
    encoded = msgspec.json.encode(document, enc_hook=_plain)
    text = memoryview(msgspec.json.format(encoded, indent=2))
    del encoded  # it may be large, and so may each copy of the text
    parts: list[Any] = []
    end = 0
    for found in _NUMBERS.finditer(text):
        parts += [text[end : found.start()], b" ".join(found[0].split())]
        end = found.end()
    return b"".join([*parts, text[end:], b"\n"])


def encode_json_lines(documents: Iterable[object]) -> bytes:
    """Encode documents as JSON Lines, one a line; values as in `encode_json`."""
    encoder = msgspec.json.Encoder(enc_hook=_plain)
    return encoder.encode_lines(list(documents))


def _plain(value: object) -> object:
    """Turn what JSON does not know into what it does."""
    if isinstance(value, np.ndarray):
        return python_values(value)
    if isinstance(value, np.generic):
        return python_values(np.asarray(value))
    if isinstance(value, Path):
        return str(value)
    message = f"cannot encode {type(value).__name__} as JSON"
    raise NotImplementedError(message)


def write_members(
    target: str | Path,
    members: Iterable[tuple[str, bytes | Iterable[bytes]]],
    *,
    force: bool = False,
) -> None:
    """Write a JSON object member by member, lists entry by entry, an entry a line.

    Members are JSON text as it is, or a list's entries as such. Raises `OutputError` as
    `files.open_output`.
    """
    with open_output(target, force=force) as stream:
        before = b"{"
        for name, value in members:
            stream.write(b"%b%b:" % (before, msgspec.json.encode(name)))
            before = b",\n"
            if isinstance(value, bytes):
                stream.write(value)
                continue
            opening = b"[\n"
            for entry in value:
                stream.write(opening + entry)
                opening = b",\n"
            stream.write(b"\n]" if opening == b",\n" else b"[]")
        stream.write(b"{}\n" if before == b"{" else b"}\n")
