"""What every command answers about sample_data/, kept as hashes.

`answers.txt` has a line for each call: a hash of all it prints and writes, and what is
typed. `make frozen` shows how today's answers differ from those of the commit that last
changed the file, and ``make frozen ARGS=--record`` takes today's as the right ones.

In the calls are `table` to `md`, errors, and files of text. Left out is what depends on
the versions of libraries: pictures, the report with its figures, Parquet (read back
instead), and what Typer writes itself, help and complaints about options.
"""

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
