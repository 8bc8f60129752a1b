"""An answer of this tool, saved as JSON, back in."""

from typing import Any

import msgspec

from atss_inspect.errors import DataError
from atss_inspect.readers.diagnose import why_no_json
from atss_inspect.readers.source import open_source, show_name


def read_document(name: str) -> dict[str, Any]:
    """Read a JSON object from a file; ``-`` is stdin, gzip is unpacked.

    Raises
    ------
    DataError
        Where there is no such file, or it holds no JSON object.
    """
    data = open_source(name)
    try:
        document = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        message = f"{show_name(name)}: {why_no_json(data, error)}"
        raise DataError(message) from error
    if not isinstance(document, dict):
        message = f"{show_name(name)}: expected a JSON object"
        raise DataError(message)
    return document
