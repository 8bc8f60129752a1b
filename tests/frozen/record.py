"""The file of hashes: a line a call, the hash first."""

from collections.abc import Mapping
from pathlib import Path

FILE = Path(__file__).with_name("answers.txt")


def frozen_hashes() -> dict[str, str]:
    """Read the hash of each call. A call that is new has any word in its place."""
    lines = FILE.read_text("utf-8").splitlines()
    pairs = (line.split(maxsplit=1) for line in lines)
    return {call: hashed for hashed, call in pairs}


def write_hashes(hashes: Mapping[str, str]) -> None:
    lines = [f"{hashed}  {call}\n" for call, hashed in hashes.items()]
    FILE.write_text("".join(lines), encoding="utf-8", newline="\n")
