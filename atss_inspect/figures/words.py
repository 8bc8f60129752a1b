"""What figures say of the data and the conventions, in the words of the tables."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.figures.sheet import (
    INNER,
    TOPIC,
    Heading,
    first_fitting,
    fitted,
)
from atss_inspect.settings import Settings
from atss_inspect.statistics.summary import Selection
from atss_inspect.views import numbers
from atss_inspect.views.conventions import (
    convention_block,
    describe_resize,
    describe_rule,
)
from atss_inspect.views.headings import brief_names
from atss_inspect.views.names import clip, fold, printable
from atss_inspect.views.renderers.terminal import table_text
from atss_inspect.views.table import Section, Table


class Spot(NamedTuple):
    """Points of a figure, and what they say more when someone points at them."""

    # parts of the figure's width from its left, and of its height from its top
    places: tuple[tuple[float, float], ...]
    lines: tuple[str, ...]  # a title first


def data_line(dataset: Dataset, selection: Selection, *num_objects: int) -> str:
    """Name the annotations and count the objects shown, see `amount_line`."""
    chosen = [*selection.classes, *(f"{size} objects" for size in selection.sizes)]
    only = clip(f", only {printable(numbers.joined(chosen))}", 60) if chosen else ""
    return f"{amount_line(dataset.files, num_objects, dataset.num_images)}{only}"


def amount_line(
    files: Sequence[str], num_objects: Sequence[int], num_images: int
) -> str:
    """Name annotations, if by anything, and count the objects shown.

    ``num_objects``: at each value that is shown; where these differ, the fewest too.
    """
    least, most = min(num_objects), max(num_objects)
    objects = numbers.plural(most, "object")
    if least < most:
        objects = f"{numbers.count(least)} to {objects}"
    amount = f"{objects} in {numbers.plural(num_images, 'image')}"
    return f"{brief_names(files, room=40)}: {amount}" if files else amount


def plot_heading(
    findings: Iterable[str],
    topic: str,
    note: str,
    settings: Sequence[Settings],
    data: str,
    *,
    max_lines: int = 1,
) -> Heading:
    """Put together what a figure says in words above and below its axes.

    ``findings``: sentences of which the first that fits into so many lines is the
    title.
    """
    title = first_fitting(findings, INNER, max_lines)
    conventions = f"{convention_line(settings)}." if settings else ""
    line = "; ".join(filter(None, (topic, data)))
    lines = [fitted(line, INNER, TOPIC, is_middle_cut=True)]
    return Heading(title, lines, " ".join(filter(None, (note, conventions))))


def preset_table(settings: Sequence[Settings], *sections: Section) -> Table:
    """Make a table with a column for each convention."""
    return Table(tuple(one.name for one in settings), sections)


def plot_text(
    conventions: Sequence[Settings] | str,
    *shown: Table | str,
    notes: Sequence[str] = (),
    verdict: str,
) -> str:
    """Put together what is printed beside a figure.

    Parameters
    ----------
    conventions : those that are shown, or a line about them, ended
    shown : tables and other blocks of lines, each ended
    notes : what their words and units mean, a paragraph each
    verdict : one or several sentences
    """
    if not isinstance(conventions, str):
        conventions = convention_block(conventions)
    blocks = [
        conventions,
        *(each if isinstance(each, str) else table_text(each) for each in shown),
        "".join(f"{line}\n" for note in notes for line in fold(note)),
        "".join(f"{line}\n" for line in fold(verdict, first="verdict: ", rest="  ")),
    ]
    return "\n".join(filter(None, blocks))


def convention_line(settings: Sequence[Settings]) -> str:
    """Write what one preset means, or what several have in common."""
    resizes = list(dict.fromkeys(describe_resize(each.resize) for each in settings))
    if len(settings) == 1:
        return f"{printable(settings[0].name)}: {describe_rule(settings[0])}"
    if len(resizes) == 1:
        return f"Input pixels, {resizes[0]}"
    return "Input pixels, each preset after its own resize"


def bound_note(settings: Sequence[Settings]) -> str:
    """Explain what is shown of gates, where there are any."""
    if not any(one.rule.gate for one in settings):
        return ""
    return " Of gates: how many of its own candidates an object can get at most."


def amount_words(settings: Sequence[Settings]) -> str:
    """Name the numbers that are drawn of objects: positives, or bounds of gates."""
    kinds = dict.fromkeys(one.rule.amount for one in settings)
    if len(kinds) > 1:
        return "positives per object, or at most"
    return next(iter(kinds))


def without_words(settings: Sequence[Settings]) -> str:
    """Name what objects may lack: without a positive, without a candidate, or both."""
    kinds = sorted({one.rule.given for one in settings}, reverse=True)
    return f"without a {' or '.join(kinds)}"


def in_words(text: str, settings: Sequence[Settings], *names: str) -> str:
    """Fill in what rules give objects, and what these may lack, and names for ``{}``.

    ``{amount}``, ``{lack}`` and ``{poor}``, what is counted as poorly assigned: of
    gates alone, which say nothing more, the objects that lack a candidate.
    """
    lack = without_words(settings)
    is_of_gates = all(one.rule.gate for one in settings)
    poor = lack if is_of_gates else "poorly assigned"
    words = {"amount": amount_words(settings), "lack": lack, "poor": poor}
    return text.format(*names, **words)


def as_conventions(settings: Settings | Sequence[Settings]) -> tuple[Settings, ...]:
    """Take one convention or several side by side."""
    return (settings,) if isinstance(settings, Settings) else tuple(settings)


def short_name(name: str, width: int = 32) -> str:
    """Write the name of a preset inside a sentence."""
    return clip(printable(name), width)


def extremes(values: Mapping[str, float | None]) -> tuple[list[str], list[str]]:
    """Presets with the largest and with the smallest value; none without a value."""
    known = {name: value for name, value in values.items() if value is not None}
    most, least = (
        [short_name(name) for name, value in known.items() if value == end]
        for end in (max(known.values(), default=0), min(known.values(), default=0))
    )
    return most, least
