"""What a config was found to say: settings, each with its place, and remarks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from atss_inspect.importing.values import Place

# ``inexact``: imitated in part (random crops, first epochs only); ``not_read``: a key
# in a part that decides assignments and that nobody here knows; ``default``: the config
# leaves it to the framework, whose value is used.
RemarkKind = Literal["inexact", "not_read", "default"]


@dataclass(frozen=True)
class Found:
    """One setting of ours that the config says."""

    path: str  # dotted, of ours, e.g. ``anchors.scale``
    value: Any
    key: str  # dotted, of the config, e.g. ``model.bbox_head.anchor_generator.scales``
    place: Place  # of the key, or of the part that leaves it out
    # where the config leaves it out: what the framework takes, in its words
    default: str = ""


@dataclass(frozen=True)
class Remark:
    """One thing that a person must know beside the settings."""

    kind: RemarkKind
    key: str
    place: Place | None  # None where the config does not say it
    text: str

    @property
    def sentence(self) -> str:
        """File, line, key, kind and text, without the folders of the file."""
        place = self.place
        if place and place.line:
            place = replace(place, file=Path(place.file).name)
        where = f"{place if place.line else place.file}: " if place else ""
        return f"{where}{self.key}: {self.kind.replace('_', ' ')}: {self.text}"


def repeated_keys(keys: Sequence[tuple[Any, Place]]) -> Iterator[Remark]:
    """Remark on keys of one dict that are written again: parsers take the last."""
    last = dict(keys)
    for key, place in keys:
        if place is not last[key]:
            text = f"is written again on line {last[key].line}, which is taken"
            yield Remark("not_read", f"{key}", place, text)


@dataclass(frozen=True)
class Imported:
    """A config in terms of ours."""

    framework: str  # e.g. ``mmdetection 3``
    # all that were read, the named one first; the reader knows them, no mapping does
    files: tuple[str, ...]
    extends: str  # name of the preset it starts from
    found: tuple[Found, ...]
    remarks: tuple[Remark, ...]
