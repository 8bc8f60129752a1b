"""The figures of a report: drawn as `plot` draws them, with how to read each."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from markupsafe import Markup

from atss_inspect.arrays import Float64Array
from atss_inspect.figures.plots import PLOTS, Plot
from atss_inspect.report.answers import OnStep, Report, Workers, has_k
from atss_inspect.report.inline_svg import inline_svg
from atss_inspect.views.names import printable

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

_DPI = 150  # of pictures inside, such as the ground of a map


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
    plans = list(_plans(report))
    drawn: Iterator[Drawing]
    if workers.executor is None:
        drawn = map(_drawn, plans)
    else:
        futures = [workers.executor.submit(_drawn, plan) for plan in plans]
        drawn = (future.result() for future in futures)
    return {each.name: each for each in _counted(drawn, workers.on_step)}


def num_drawings(report: Report) -> int:
    """Count the figures that `draw_figures` draws."""
    return sum(1 for _ in _plans(report))


def _counted(drawings: Iterator[Drawing], on_step: OnStep | None) -> Iterator[Drawing]:
    """Report each drawing as a step."""
    for each in drawings:
        if on_step:
            on_step(1)
        yield each


def _drawn(plan: _Plan) -> Drawing:
    """Draw one figure and make it fit for the page."""
    from atss_inspect.writers import encode_figure

    figure, words = plan.draw()
    svg = encode_figure(figure, "svg", dpi=_DPI, salt=plan.name)
    label = f"{plan.title}. {words}".strip()
    picture = inline_svg(svg, plan.name, title=plan.title, words=label)
    return Drawing(plan.name, plan.title, plan.reading, picture)


# --- what there is to draw ---------------------------------------------------------


def _plans(report: Report) -> Iterator[_Plan]:
    """List the figures that the data and the conventions allow."""
    if report.stats.has_objects:
        yield from _plans_of_objects(report)
    reaches, boxes = report.reaches, _boxes_of(report)
    yield _plan("reach", partial(_reach, reaches, boxes, _data(report)))


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


def _plans_of_objects(report: Report) -> Iterator[_Plan]:
    """List the figures that show objects."""
    table, settings, data = report.table, report.stats.settings, _data(report)
    for plot in PLOTS.values():
        if plot.is_for_all:
            yield _plan(plot.name, partial(_objects, plot, table, settings, data))
    compared = report.comparison
    if compared is not None:
        yield _plan("compare", partial(_compare, compared, data), *compared.stats.names)
    yield from _plans_of_atss(report)


def _plans_of_atss(report: Report) -> Iterator[_Plan]:
    """List the figures that only conventions with a k have."""
    data = _data(report)
    conventions = [each for each in report.stats.settings if has_k(each)]
    for place, (settings, swept) in enumerate(
        zip(conventions, report.sweeps, strict=True)
    ):
        name = settings.name
        own = report.table[report.table["preset"] == name]
        draw = partial(_objects, PLOTS["threshold"], own, (settings,), data)
        yield _plan("threshold", draw, name, number=place)
        yield _plan("sweep", partial(_sweep, swept, data), name, number=place)


def _data(report: Report) -> str:
    """Name the data under a heading."""
    from atss_inspect.figures.words import data_line

    most = max(each.num_objects for each in report.stats.summaries)
    return data_line(report.stats.dataset, report.stats.selection, most)


def _boxes_of(report: Report) -> dict[str, Float64Array]:
    """Take width and height of the objects, in input pixels; (G, 2) by preset."""
    found = {}
    for name in report.stats.names:
        own = report.table[report.table["preset"] == name]
        corners = own[["input_x1", "input_y1", "input_x2", "input_y2"]].to_numpy(float)
        found[name] = corners[:, 2:] - corners[:, :2]
    return found


# --- drawing -----------------------------------------------------------------------


def _objects(
    plot: Plot, table: "pd.DataFrame", settings: Sequence[Any], data: str
) -> "tuple[Figure, str]":
    figure = plot.figure(table, settings, data=data)
    return figure, plot.verdict(table, settings)


def _reach(
    reaches: Sequence[Any], boxes: dict[str, Float64Array], data: str
) -> "tuple[Figure, str]":
    from atss_inspect.figures.reach import reach_figure, reach_verdict

    return reach_figure(reaches, boxes, data=data), reach_verdict(reaches)


def _compare(report: Any, data: str) -> "tuple[Figure, str]":
    from atss_inspect.figures.compare import compare_figure
    from atss_inspect.views.compare import verdict

    return compare_figure(report, data=data), " ".join(verdict(report))


def _sweep(report: Any, data: str) -> "tuple[Figure, str]":
    from atss_inspect.figures.sweep import sweep_figure
    from atss_inspect.readers.saved_sweep import check_sweep
    from atss_inspect.views.sweep import sweep_document
    from atss_inspect.views.sweep_verdict import sweep_verdict

    saved = check_sweep(sweep_document(report), "sweep")
    return sweep_figure(saved, data=data), sweep_verdict(report)
