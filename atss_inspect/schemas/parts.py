"""Types that documents of all commands are made of."""

import types
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal, NotRequired, TypedDict

from atss_inspect.fields import SHARE, at_least, between
from atss_inspect.statistics.summary import SIZE_BINS

Count = Annotated[int, at_least(0)]
Amount = Annotated[float, at_least(0)]  # a mean, or a count of an average pass
Share = Annotated[float, SHARE]
Change = Annotated[float, between(-1, 1)]  # of a share
Id = int | float | str | None
Grade = Literal["fine", "look", "serious"] | None
Size = Literal[*SIZE_BINS]  # type: ignore[valid-type]
Group = Literal["all", *SIZE_BINS]  # type: ignore[valid-type]
Sides = tuple[float, float]  # y, x or x, y
Box = tuple[float, float, float, float]
# mypy knows only types whose keys are written out.
_typed: Any = TypedDict


def record(name: str, keys: Mapping[str, Any], about: str = "") -> Any:
    """Make the type of a record of keys that are declared elsewhere."""
    made = _typed(name, dict(keys))
    made.__doc__ = about or None
    return made


def maybe(keys: Iterable[str], kind: Any) -> dict[str, Any]:
    """Keys that are there under some conventions only."""
    return dict.fromkeys(keys, NotRequired[kind])


def rows(name: str, keys: Mapping[str, Any]) -> Any:
    """Make the type of a list of such records."""
    return types.GenericAlias(list, (record(name, keys),))


class Tool(TypedDict):
    """Who wrote the document."""

    name: Literal["atss-inspect"]
    version: str


class Counts(TypedDict):
    """How much a file has."""

    num_images: Count
    num_annotations: Count
    num_categories: Count


class ReadFile(Counts):
    """An annotation file, as named to `explain`."""

    path: str


class Input(ReadFile):
    """An annotation file, as read."""

    num_bytes: Count | None


class Data(Counts):
    """What was looked at, all files together."""

    image_blocks: list[Count]


class Selected(TypedDict):
    """What was asked for; empty or null for everything."""

    images: list[str]
    limit: Count | None
    classes: list[str]
    sizes: list[Size]
    causes: NotRequired[list[str]]


class Warned(TypedDict):
    """An oddity of the settings or of the files."""

    reason: str
    count: Count
    message: str
    examples: list[Any]
    is_loss: bool
    hint: str


class Settings(TypedDict):
    """Every resolved setting, by table; the schema of the settings stands here."""


class Interval(TypedDict):
    """Ends of a 95 % interval; null where there is none."""

    interval_low: Change | None
    interval_high: Change | None


class Price(TypedDict):
    """Cost of the average image, as multiples of today's."""

    pixels: Amount | None
    cells: Amount | None
    anchors: Amount | None
    multiply_adds: Amount | None


class Fragment(TypedDict):
    """What is to be pasted into the config of a framework."""

    framework: str
    text: str


class Head(TypedDict):
    """What documents on annotations have in common."""

    schema_version: Literal[1]
    tool: Tool
    inputs: list[Input]
    data: Data
    settings: list[Settings]
    warnings: list[Warned]
