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
    """An answer, with exit code 0.

    Attributes
    ----------
    objects : number of annotations that are used, or left out by the data rules
    warnings : reason -> count, in the order they are told
    losses : number of annotations that cannot be used
    """

    objects: int
    warnings: Mapping[str, int] = field(default_factory=dict)
    losses: int = 0


@dataclass(frozen=True)
class Refusal:
    """One line, perhaps with a hint.

    Attributes
    ----------
    message : three dots stand for any words
    exit_code : 2 for settings, 3 for data
    hint : the same; "" for none, three dots for any or none
    """

    message: str
    exit_code: int = 3
    hint: str = ""


Expected = Answer | Refusal


@dataclass(frozen=True)
class Case:
    """One hostile or sloppy input.

    Attributes
    ----------
    name : what is odd about it
    expected : what must come of it
    files : name -> content, in the folder the command runs in
    words : the command
    environment : variables that are set
    make : makes what is no ordinary file
    needs : a module without which the case cannot be made; "" for none
    """

    name: str
    expected: Expected
    files: Mapping[str, bytes] = field(default_factory=dict)
    words: tuple[str, ...] = STATS
    environment: Mapping[str, str] = field(default_factory=dict)
    make: Make | None = None
    needs: str = ""

    def lay(self, folder: Path) -> None:
        """Write the files into a folder."""
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
    """Make a case of annotations that are refused."""
    return Case(name, Refusal(f"{ANN}: {message}", hint=hint), {ANN: content})


def answered(
    name: str,
    content: bytes,
    objects: int = 2,
    warnings: Mapping[str, int] | None = None,
    losses: int = 0,
) -> Case:
    """Make a case of annotations that have an answer."""
    return Case(name, Answer(objects, warnings or {}, losses), {ANN: content})
