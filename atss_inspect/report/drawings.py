"""The figures of a report: drawn as `plot` draws them, with how to read each.

As parts of a page they have no styles of their own, and ids that clash with no other:
matplotlib writes looks into ``style`` attributes, which the page's policy refuses, and
gives the same ids to the parts of every figure.
"""

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple
from xml.etree import ElementTree as ET

from markupsafe import Markup

from atss_inspect.arrays import Float64Array
from atss_inspect.figures.plots import PLOTS, Plot
from atss_inspect.report.answers import Report, Workers, has_k
from atss_inspect.views.names import printable

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_DPI = 150  # of pictures inside, such as the ground of a map
_DROPPED = ("metadata", "style")
_LONG_NUMBER = re.compile(r"-?\d+\.\d{3,}")


class Drawing(NamedTuple):
    """A figure on the page.

    Attributes
    ----------
    name : short and plain, begins its ids
    title : what it is
    reading : how to read it
    svg : ready for the page
    """

    name: str
    title: str
    reading: str
    svg: Markup


class _Plan(NamedTuple):
    """A figure to be drawn, here or in another process.

    ``draw`` gives the figure and a sentence for those who cannot see it.
    """

    name: str
    title: str
    reading: str
    draw: "Callable[[], tuple[Figure, str]]"


def draw_figures(
    report: Report,
    workers: Workers = Workers(),  # noqa: B008 - it is immutable
) -> dict[str, Drawing]:
    """Draw everything.

    Returns
    -------
    Drawings by name: ``positives``, ``size``, ``levels``, ``reach``; ``compare`` of two
    conventions; ``threshold-N`` and ``sweep-N`` of the N-th one with a k. Without
    objects only ``reach``.
    """
    return {each.name: each for each in workers.steps(_drawn, list(_plans(report)))}


def num_drawings(report: Report) -> int:
    """Count the figures that `draw_figures` draws."""
    return len(list(_plans(report)))


def _drawn(plan: _Plan) -> Drawing:
    """Draw one figure and make it fit for the page."""
    from atss_inspect.writers import encode_figure

    name, title, reading, draw = plan
    figure, words = draw()
    svg = encode_figure(figure, "svg", dpi=_DPI, salt=name)
    picture = inline_svg(svg, name, title=title, words=f"{title}. {words}".strip())
    return Drawing(name, title, reading, picture)


def _plans(report: Report) -> Iterator[_Plan]:
    """List the figures that the data and the conventions allow."""
    from atss_inspect.figures.words import data_line

    stats = report.stats
    most = max(each.num_objects for each in stats.summaries)
    data = data_line(stats.dataset, stats.selection, most)
    if stats.has_objects:
        yield from _plans_of_objects(report, data)
    boxes = {name: _boxes_of(report, name) for name in stats.names}
    yield _plan("reach", partial(_reach, report.reaches, boxes, data))


def _plan(
    name: str,
    draw: "Callable[[], tuple[Figure, str]]",
    *named: str,
    number: int | None = None,
) -> _Plan:
    """Plan a plot of the table of plots, the ``number``-th if there are several.

    ``named`` are the conventions that its title names.
    """
    plot = PLOTS[name]
    title = plot.title.format(*map(printable, named))
    name += "" if number is None else f"-{number}"
    return _Plan(name, title, plot.reading, draw)


def _plans_of_objects(report: Report, data: str) -> Iterator[_Plan]:
    """List the figures that show objects, two of each convention with a k."""
    table, settings = report.table, report.stats.settings
    for plot in PLOTS.values():
        if plot.is_for_all:
            yield _plan(plot.name, partial(_objects, plot, table, settings, data))
    compared = report.comparison
    if compared is not None:
        yield _plan("compare", partial(_compare, compared, data), *compared.stats.names)
    conventions = filter(has_k, settings)
    for place, pair in enumerate(zip(conventions, report.sweeps, strict=True)):
        (one, swept), plot = pair, PLOTS["threshold"]
        own = table[table["preset"] == one.name]
        draw = partial(_objects, plot, own, (one,), data)
        yield _plan("threshold", draw, one.name, number=place)
        yield _plan("sweep", partial(_sweep, swept, data), one.name, number=place)


def _boxes_of(report: Report, name: str) -> Float64Array:
    """Width and height of a preset's objects, in input pixels; (G, 2)."""
    own = report.table[report.table["preset"] == name]
    corners = own[["input_x1", "input_y1", "input_x2", "input_y2"]].to_numpy(float)
    sides: Float64Array = corners[:, 2:] - corners[:, :2]
    return sides


def _objects(plot: Plot, table: Any, settings: Any, data: str) -> "tuple[Figure, str]":
    figure = plot.figure(table, settings, data=data)
    return figure, plot.verdict(table, settings)


def _reach(reaches: Any, boxes: Any, data: str) -> "tuple[Figure, str]":
    from atss_inspect.figures.reach import reach_figure, reach_verdict

    return reach_figure(reaches, boxes, data=data), reach_verdict(reaches)


def _compare(report: Any, data: str) -> "tuple[Figure, str]":
    from atss_inspect.figures.compare import compare_figure
    from atss_inspect.views.compare import verdict

    return compare_figure(report, data=data), " ".join(verdict(report))


def _sweep(report: Any, data: str) -> "tuple[Figure, str]":
    from atss_inspect.figures.sweep import sweep_figure
    from atss_inspect.readers.saved_sweep import check_sweep
    from atss_inspect.views.sweep import sweep_verdict

    saved = check_sweep(report.document(), "sweep")
    return sweep_figure(saved, data=data), sweep_verdict(report)


def inline_svg(svg: bytes, name: str, *, title: str, words: str) -> Markup:
    """Make an SVG document of matplotlib fit for the middle of a page.

    Parameters
    ----------
    svg : a whole file, as `writers.encode_figure` gives it
    name : begins every id, and differs from figure to figure
    title : for those who point at it
    words : what it shows, for those who cannot see it

    Returns
    -------
    ``<svg>`` without prolog, metadata, comments and style sheets; looks are attributes,
    ids that nothing refers to are gone, numbers have two decimal places at most.
    """
    root = ET.fromstring(svg)
    _drop(root)
    for element in root.iter():
        _made_plain(element)
    _rename_ids(root, name)
    view_box = root.get("viewBox", "")
    root.attrib.clear()
    # What matplotlib's style sheet said of all elements.
    looks = {"stroke-linejoin": "round", "stroke-linecap": "butt"}
    root.attrib |= {"viewBox": view_box, "role": "img", "aria-label": words, **looks}
    heading = ET.Element("title")
    heading.text = title
    root.insert(0, heading)
    text = ET.tostring(root, encoding="unicode")
    return Markup(text)  # built from elements: all text is escaped


def _drop(element: ET.Element) -> None:
    """Take out what is not drawn, and the white space between elements."""
    for child in list(element):
        if _without_namespace(child.tag) in _DROPPED:
            element.remove(child)
            continue
        child.tail = None
        _drop(child)
    if _without_namespace(element.tag) != "text":
        element.text = None


def _made_plain(element: ET.Element) -> None:
    """Name it as HTML does; ``style="fill: red"`` becomes ``fill="red"``.

    Coordinates are rounded: a hundredth of a point is never seen.
    """
    element.tag = _without_namespace(element.tag)
    element.attrib = {_without_namespace(k): v for k, v in element.attrib.items()}
    for rule in element.attrib.pop("style", "").split(";"):
        key, colon, value = rule.partition(":")
        if colon:
            element.set(key.strip(), value.strip())
    for key in ("d", "x", "y", "width", "height"):
        text = element.get(key)
        if text:
            element.set(key, _LONG_NUMBER.sub(_rounded, text))


def _without_namespace(name: str) -> str:
    """Name of an element or attribute as HTML has it."""
    return name.rpartition("}")[2]


def _rounded(found: re.Match[str]) -> str:
    """Write a number with two decimal places at most."""
    return f"{float(found[0]):.2f}".rstrip("0").rstrip(".")


def _rename_ids(root: ET.Element, name: str) -> None:
    """Renumber each id that something refers to; the others go."""
    used: dict[str, str] = {}
    for element in root.iter():
        for key, old in list(_links(element)):
            new = used.setdefault(old, f"{name}-{len(used)}")
            element.set(key, element.attrib[key].replace(f"#{old}", f"#{new}"))
    for element in root.iter():
        new = used.get(element.attrib.pop("id", ""), "")
        if new:
            element.set("id", new)


def _links(element: ET.Element) -> Iterator[tuple[str, str]]:
    """Find the attributes that refer to an id: ``#id`` or ``url(#id)``."""
    for key, value in element.attrib.items():
        pattern = r"#(.+)" if key == "href" else r"url\(#(.+)\)"
        found = re.fullmatch(pattern, value)
        if found:
            yield key, found[1]
