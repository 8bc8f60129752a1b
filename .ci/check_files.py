"""Refuse files above 500 kB, and text that does not end with exactly one newline."""

import sys
from pathlib import Path

MAX_BYTES = 500_000


def complaint(content: bytes) -> str | None:
    """Say what is wrong with a file's content, or None."""
    if len(content) > MAX_BYTES:
        return f"has {len(content)} bytes; at most {MAX_BYTES} are allowed"
    is_binary = b"\0" in content
    if content and not is_binary and not content.endswith(b"\n"):
        return "does not end with a newline"
    if not is_binary and content.endswith(b"\n\n"):
        return "ends with an empty line"
    return None


def main(names: list[str]) -> int:
    """Complain about each file named; the exit code says whether there was any."""
    complaints = [(name, complaint(Path(name).read_bytes())) for name in names]
    found = [f"{name}: {words}\n" for name, words in complaints if words]
    sys.stderr.writelines(found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
