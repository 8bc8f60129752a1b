"""What a case is: files, a command, and what is expected of it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

ANN = "a.json"
EXPECTED = "expected COCO detection data: an object with images and annotations"
STATS = ("stats", "--ann", ANN, "--preset", "atss-mmdet")
Make = Callable[[Path], None]


@dataclass(frozen=True)
class Answer:
    """An answer, with exit code 0."""

    objects: int  # annotations that are used, or left out by the data rules
    warnings: Mapping[str, int] = field(default_factory=dict)  # in their order
    losses: int = 0  # annotations that cannot be used


@dataclass(frozen=True)
class Refusal:
    """One line, perhaps with a hint; in both three dots stand for any words."""

    message: str
    exit_code: int = 3  # 2 for settings, 3 for data
    hint: str = ""  # "" for none, three dots for any or none


Expected = Answer | Refusal


@dataclass(frozen=True)
class Case:
    """One hostile or sloppy input."""

    name: str  # what is odd about it
    expected: Expected  # what must come of it
    files: Mapping[str, bytes] = field(default_factory=dict)  # where the command runs
    words: tuple[str, ...] = STATS  # the command
    environment: Mapping[str, str] = field(default_factory=dict)  # variables set
    make: Make | None = None  # makes what is no ordinary file
    needs: str = ""  # a module without which the case cannot be made

    def lay(self, folder: Path) -> None:
        for name, content in self.files.items():
            (folder / name).write_bytes(content)
        if self.make is not None:
            self.make(folder)


def fits(pattern: str, text: str) -> bool:
    """Compare a text with a pattern in which three dots stand for any words."""
    return (
        re.fullmatch(".*".join(map(re.escape, pattern.split("..."))), text) is not None
    )


def refused(name: str, content: bytes, message: str, hint: str = "") -> Case:
    return Case(name, Refusal(f"{ANN}: {message}", hint=hint), {ANN: content})


def answered(
    name: str,
    content: bytes,
    objects: int = 2,
    warnings: Mapping[str, int] | None = None,
    losses: int = 0,
) -> Case:
    return Case(name, Answer(objects, warnings or {}, losses), {ANN: content})
