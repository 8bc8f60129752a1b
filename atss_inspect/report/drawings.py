"""The figures of a report: drawn as `plot` draws them, with how to read each.

As parts of a page they have no styles of their own, and ids that clash with no other:
matplotlib writes looks into ``style`` attributes, which the page's policy refuses, and
gives the same ids to the parts of every figure.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple
from xml.etree import ElementTree as ET

from markupsafe import Markup

from atss_inspect.figures.plots import PLOTS
from atss_inspect.figures.words import Spot
from atss_inspect.report.answers import Report, Workers
from atss_inspect.report.spots import add_spots
from atss_inspect.views.names import printable

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_DPI = 150  # of pictures inside, such as the ground of a map
_DROPPED = ("metadata", "style")
_FONTS = "DejaVu Sans, Verdana, sans-serif"  # as wide as each other, or narrower
_POINT_AT = (
    " Point at a letter or a cross, or go there with Tab, for what it stands for."
)
_LONG_NUMBER = re.compile(r"-?\d+\.\d{3,}")


class Drawing(NamedTuple):
    """A figure on the page."""

    name: str  # short and plain, begins its ids
    title: str  # what it is
    reading: str  # how to read it
    svg: Markup  # ready for the page, without the words above and below the axes
    # these words, which the page writes itself
    finding: str = ""
    lines: str = ""
    note: str = ""


class _Plan(NamedTuple):
    """A figure to be drawn, here or in another process."""

    name: str
    title: str
    reading: str
    draw: "Callable[[], tuple[Figure, str, Sequence[Spot]]]"


def draw_figures(
    report: Report,
    workers: Workers = Workers(),  # noqa: B008 - it is immutable
) -> dict[str, Drawing]:
    """Draw everything.

    Returns drawings by name: ``positives``, ``size``, ``levels``, ``reach``;
    ``compare`` of two conventions; ``sweep-tried``; ``sweep-N`` of the N-th one with a
    k. Without objects only ``reach``.
    """
    return {each.name: each for each in workers.steps(_drawn, list(_plans(report)))}


def num_drawings(report: Report) -> int:
    """Count the figures that `draw_figures` draws."""
    return len(list(_plans(report)))


def _drawn(plan: _Plan) -> Drawing:
    from atss_inspect.figures.sheet import take_words
    from atss_inspect.writers.figures import encode_figure

    name, title, reading, draw = plan
    figure, words, spots = draw()
    said, band = take_words(figure)
    svg = encode_figure(figure, "svg", dpi=_DPI, salt=name, has_text=True)
    told = {"title": title, "words": f"{title}. {words}".strip()}
    picture = inline_svg(svg, name, **told, band=band, spots=spots)
    reading += _POINT_AT if spots else ""
    return Drawing(name, title, reading, picture, *said)


def _plans(report: Report) -> Iterator[_Plan]:
    """List the figures that the data and the conventions allow."""
    from atss_inspect.views.compare import verdict

    stats, table = report.stats, report.table

    def plan(
        name: str,
        given: Any,
        words: Any,
        *named: str,
        number: str = "",
        data: str = "",
    ) -> _Plan:
        plot = PLOTS[name]
        own = [one for one in stats.settings if not named or one.name in named]
        title, reading = plot.words(own, *map(printable, named))
        draw = partial(_draw, name, given, words, data)
        return _Plan(name + number, title, reading, draw)

    if stats.has_objects:
        for plot in PLOTS.values():
            shown = tuple(one for one in stats.settings if plot.can_show(one))
            if plot.is_for_all and shown:
                yield plan(plot.name, (table, shown), None)
        found = report.comparison
        if found is not None:
            words = " ".join(verdict(found))
            yield plan("compare", (found,), words, *found.stats.names)
        yield from _plans_of_swept(report, plan)
        yield from _plans_of_tuned(report, plan)
    yield plan("reach", (report.reaches, _boxes(report)), (report.reaches,))


def _plans_of_swept(report: Report, plan: Callable[..., _Plan]) -> Iterator[_Plan]:
    """List the figures of every sweep."""
    from atss_inspect.figures.words import data_line

    for end, swept in report.named_sweeps.items():
        one, number = swept.base, f"-{end}"
        saved = report.saved_sweeps[end]
        counts = [row.num_objects for row in saved.results]
        data = data_line(report.stats.dataset, report.stats.selection, *counts)
        words = saved.sweep.verdict, one.name
        yield plan("sweep", (saved,), *words, number=number, data=data)


def _plans_of_tuned(report: Report, plan: Callable[..., _Plan]) -> Iterator[_Plan]:
    """List the figures of what was tuned, if anything was."""
    for place, tuned in enumerate(report.tuned):
        words, name = " ".join(tuned.verdict), tuned.today.name
        yield plan("tune", (tuned,), words, name, number=f"-{place}")


def _boxes(report: Report) -> dict[str, Any]:
    """Width and height of each preset's objects, in input pixels; (G, 2)."""
    boxes, table = {}, report.table
    for name in report.stats.names:
        own = table[table["preset"] == name]
        corners = own[["input_x1", "input_y1", "input_x2", "input_y2"]].to_numpy(float)
        boxes[name] = corners[:, 2:] - corners[:, :2]
    return boxes


def _draw(
    name: str, given: tuple[Any, ...], words: Any, data: str
) -> "tuple[Figure, str, Sequence[Spot]]":
    """Draw a plot of the table of plots, and sum it up; with its spots, if any.

    ``words`` do so, or are what its module's verdict takes; None: the same as the
    figure.
    """
    module = import_module(f"atss_inspect.figures.{name}")
    figure = getattr(module, f"{name}_figure")(*given, data=data)
    if not isinstance(words, str):
        words = getattr(module, f"{name}_verdict")(*(words or given))
    spots = getattr(module, f"{name}_spots", None)
    return figure, words, spots(figure, *given) if spots else ()


def inline_svg(
    svg: bytes,
    name: str,
    *,
    title: str,
    words: str,
    band: tuple[float, float] = (0, 1),
    spots: Sequence[Spot] = (),
) -> Markup:
    """Make an SVG document of matplotlib fit for the middle of a page.

    Parameters
    ----------
    svg : a whole file, as `writers.encode_figure` gives it
    name : begins every id, and differs from figure to figure
    title : for those who point at it
    words : what it shows, for those who cannot see it
    band : of its height, the part that is kept: from and to, from the top
    spots : to point at; then there is no title

    Returns
    -------
    ``<svg>`` without prolog, metadata, comments and style sheets; looks are attributes,
    ids that nothing refers to are gone, numbers have two decimal places at most. Words
    that are text can be searched and copied; their fonts are named once for all.
    """
    root = ET.fromstring(svg)
    for element in root.iter():
        _make_plain(element)
    for element in list(root.iter()):
        _drop(element)
    _rename_ids(root, name)
    view_box = root.get("viewBox", "0 0 1 1")
    root.attrib.clear()
    # What matplotlib's style sheet said of all elements.
    looks = {"stroke-linejoin": "round", "stroke-linecap": "butt"}
    looks["font-family"] = _FONTS
    root.attrib |= {"viewBox": view_box, "role": "img", "aria-label": words, **looks}
    heading = ET.Element("title")
    heading.text = title
    root.insert(0, heading)
    if spots:
        add_spots(root, spots)
    _, _, width, height = map(float, view_box.split())
    top, low = (height * part for part in band)
    root.set("viewBox", f"0 {top:.4g} {width:g} {low - top:.4g}")
    text = ET.tostring(root, encoding="unicode")
    return Markup(text)  # built from elements: all text is escaped


def _make_plain(element: ET.Element) -> None:
    """Name it as HTML does; ``style="fill: red"`` becomes ``fill="red"``.

    Coordinates are rounded: a hundredth of a point is never seen.
    """
    element.tag = element.tag.rpartition("}")[2]
    element.attrib = {k.rpartition("}")[2]: v for k, v in element.attrib.items()}
    for rule in element.attrib.pop("style", "").split(";"):
        key, colon, value = rule.partition(":")
        if colon and key.strip() != "font-family":
            element.set(key.strip(), value.strip())
    if element.get("transform", "").startswith("rotate(-0 "):
        del element.attrib["transform"]
    for key in ("d", "x", "y", "width", "height"):
        if key in element.attrib:
            short = _LONG_NUMBER.sub(
                lambda found: f"{float(found[0]):.2f}".rstrip("0").rstrip("."),
                element.attrib[key],
            )
            element.set(key, short)


def _drop(element: ET.Element) -> None:
    """Take out what is not drawn, and the white space between elements."""
    for child in list(element):
        if child.tag in _DROPPED:
            element.remove(child)
        child.tail = None
    if element.tag != "text":
        element.text = None


def _rename_ids(root: ET.Element, name: str) -> None:
    """Renumber each id that something refers to; the others go."""
    used: dict[str, str] = {}
    for element in root.iter():
        for key, value in list(element.attrib.items()):
            # An attribute refers to an id as ``#id`` or ``url(#id)``.
            pattern = r"#(.+)" if key == "href" else r"url\(#(.+)\)"
            found = re.fullmatch(pattern, value)
            if found:
                new = used.setdefault(found[1], f"{name}-{len(used)}")
                element.set(key, value.replace(f"#{found[1]}", f"#{new}"))
    for element in root.iter():
        new = used.get(element.attrib.pop("id", ""), "")
        if new:
            element.set("id", new)
