"""Which boxes a convention can see, in words."""

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from atss_inspect.arrays import Float64Array
from atss_inspect.figures.words import plot_text, preset_table, short_name
from atss_inspect.statistics.reach import SEEN_FROM, Reach, Sight
from atss_inspect.statistics.tally import share
from atss_inspect.views import numbers
from atss_inspect.views.names import fold
from atss_inspect.views.table import AnyCell, Section, Table, row_of

LACKS = {
    ("positive",): "get no positive",
    ("candidate",): "are without a candidate",
    ("candidate", "positive"): "get no positive or are without a candidate",
}
SIGHT_NOTE = (
    "A box is seen if at least half of 64 positions on an image of the preset's own "
    "size give it a positive, with no other box there. px: input pixels."
)
Boxes = Mapping[str, Float64Array]


def _whole(part: float | None) -> str:
    """Write a share of few positions in whole per cents."""
    return numbers.UNDEFINED if part is None else f"{part:.0%}"


_OF_SQUARES: dict[str, Callable[[float | None], AnyCell]] = {
    "squares without a candidate, share of positions": _whole,
    "picked at most for a square, mean": numbers.mean,
}


def sight_words(reach: Reach, *, is_brief: bool = False) -> str:
    """Name the smallest squares and thin boxes that a convention sees."""
    verb = "gets" if reach.settings.rule.gate is None else "has"
    words = f"every box {verb} a {reach.settings.rule.given}"
    if not reach.sight.is_everywhere:
        words = f"sees {_smallest(reach.sight, is_brief=is_brief)}"
    if reach.unforced is None:
        return words
    bar = reach.settings.low_quality_bar
    of = reach.settings.bar_of or "IoU"
    bar_words = "" if is_brief or bar is None else f" ({of} from {bar:g})"
    fewer = f"without them{bar_words} {_smallest(reach.unforced, is_brief=is_brief)}"
    return f"with {forced_words(reach)} {words}; {fewer}"


def given_by(reaches: Sequence[Reach]) -> tuple[str, ...]:
    """What the conventions give boxes, each once."""
    return tuple(sorted({one.settings.rule.given for one in reaches}))


def forced_words(reach: Reach) -> str:
    """Name what boxes get where only the last resort of a rule gives them something."""
    has_low = reach.settings.low_quality_bar is not None
    return "low-quality matches" if has_low else "last resorts"


def _smallest(sight: Sight, *, is_brief: bool) -> str:
    """Name the smallest boxes seen: "squares from 6 px, 1:8 boxes from 14 px"."""
    parts = []
    for ratio, side in sight.smallest.items():
        shape = "squares" if ratio == 1 else f"1:{ratio} boxes"
        end = "" if is_brief or ratio == 1 else " on the short side"
        parts.append(f"no {shape}" if side is None else f"{shape} from {side} px{end}")
    return ", ".join(parts)


def boxes_words(reach: Reach, boxes: Float64Array) -> str:
    """Count the user's boxes beyond reach, and those with low-quality matches only."""
    whole = numbers.plural(len(boxes), "object")

    def part(number: int) -> str:
        share_of = numbers.percent(share(number, len(boxes)))
        return f"{numbers.count(number)} of {whole} ({share_of})"

    shares = reach.sight.share_at(boxes)
    lack = LACKS[given_by([reach])].replace("are ", "be ")
    beyond = f"{part(int(np.count_nonzero(shares > 1 - SEEN_FROM)))} beyond its reach; "
    beyond += f"by their shapes, about {numbers.count(round(float(shares.sum())))} "
    beyond += f"would {lack}"
    if reach.unforced is None:
        return beyond
    what = f"only {forced_words(reach)} at most positions"
    forced = f"{part(reach.num_forced(boxes))} with {what}"
    return forced if reach.sight.is_everywhere else f"{beyond}; {forced}"


def reach_verdict(reaches: Sequence[Reach]) -> str:
    """Name in a sentence who sees the smallest boxes."""
    if len(reaches) == 1:
        words = sight_words(reaches[0])
        return f"{name_of(reaches[0])}{'' if words[:4] == 'sees' else ':'} {words}."
    # Who sees the same stands in one part of the sentence.
    groups: dict[tuple[float, str], list[str]] = {}
    for each in reaches:
        sight = each.unforced or each.sight
        side = sight.smallest[1]
        what = "no squares" if side is None else f"squares from {side} px"
        if sight.is_everywhere:
            side, what = -1, "boxes of any size"
        elif each.unforced:
            what += f" (smaller ones get only {forced_words(each)})"
        groups.setdefault((side or np.inf, what), []).append(name_of(each))
    parts = [
        f"{numbers.joined(names)} {'sees' if len(names) == 1 else 'see'} {what}"
        for (_, what), names in sorted(groups.items())
    ]
    return f"{'; '.join(parts)}."


def name_of(reach: Reach) -> str:
    """Name a convention, which may come from a file."""
    return short_name(reach.settings.name, 40)


def reach_text(reaches: Sequence[Reach], boxes: Boxes | None) -> str:
    """Write what the figure says in words, and the verdict."""
    lines = []
    for each in reaches:
        lines += fold(f"{name_of(each)}: {sight_words(each)}", rest="  ")
        if boxes:
            lines += fold(boxes_words(each, boxes[each.settings.name]), first="  ")
    settings, shown = [each.settings for each in reaches], "\n".join([*lines, ""])
    verdict, notes, tables = reach_verdict(reaches), [SIGHT_NOTE], []
    if gates := [each for each in reaches if each.squares]:
        both = (
            "a candidate"
            if len(gates) == len(reaches)
            else "a positive, or a candidate"
        )
        notes[0] = notes[0].replace("a positive", both)
        tables = [_squares_table(gates)]
    return plot_text(settings, shown, *tables, notes=notes, verdict=verdict)


def _squares_table(reaches: Sequence[Reach]) -> Table:
    """Write what squares around the finest stride have under gates, side by side."""
    each = [one.squares.by_side() for one in reaches if one.squares]
    sides = sorted({side for one in each for side in one})
    # Sides are multiples of 1/64 px.
    labels = [f"{math.floor(side * 10) / 10:g} px" for side in sides]
    sections = []
    for place, (title, write) in enumerate(_OF_SQUARES.items()):
        rows = [
            row_of(
                label,
                [write(one[side][place] if side in one else None) for one in each],
            )
            for label, side in zip(labels, sides, strict=True)
        ]
        sections.append(Section(title, tuple(rows)))
    return preset_table([one.settings for one in reaches], *sections)
