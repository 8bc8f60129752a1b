"""Every picture of ``atss-inspect plot``, from Python: matplotlib figures.

A notebook shows a figure as it is; ``figure.savefig("42.png")`` writes it. Neither
pyplot nor your matplotlib settings are used. ``theme``: ``light``, ``dark``, ``paper``.

Examples
--------
>>> from atss_inspect import load_coco, plot, preset
>>> dataset = load_coco("sample_data/instances.json")
>>> figure = plot.image(dataset, 42, preset("atss-mmdet"))
"""

from collections.abc import Iterable, Sequence
from typing import Any

from matplotlib.figure import Figure

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.errors import SettingsError
from atss_inspect.figures.against import AGAINST, with_image_sizes
from atss_inspect.figures.compare import compare_figure
from atss_inspect.figures.image import View, image_figure
from atss_inspect.figures.plots import PLOTS
from atss_inspect.figures.reach import reach_figure
from atss_inspect.figures.sweep import sweep_data_line, sweep_figure
from atss_inspect.figures.theme import THEMES, Theme
from atss_inspect.figures.tune import tune_figure
from atss_inspect.figures.words import data_line
from atss_inspect.presets import preset_names
from atss_inspect.readers.picture_folders import find_pictures
from atss_inspect.readers.pixels import read_picture
from atss_inspect.readers.saved_sweep import check_sweep
from atss_inspect.scene import build_scene
from atss_inspect.settings import Settings
from atss_inspect.settings.given import several
from atss_inspect.statistics.reach import measure_reach
from atss_inspect.statistics.run import frame_of
from atss_inspect.statistics.summary import Selection
from atss_inspect.statistics.tables import objects_table
from atss_inspect.statistics.tuning.outcome import Tuning
from atss_inspect.views.compare import CompareReport
from atss_inspect.views.stats import StatsReport
from atss_inspect.views.sweep import SweepReport
from atss_inspect.views.tune import TuneReport
from atss_inspect.writers.figures import encode_figure

__all__ = [
    "compare",
    "image",
    "levels",
    "positives",
    "reach",
    "size",
    "sweep",
    "threshold",
    "tune",
]
_WIDEST = 2000.0  # pixels of a picture that is read
_DPI = 96  # of what a notebook shows
Conventions = Settings | Sequence[Settings]


class _Shown(Figure):
    """A figure that notebooks show, also without pyplot, which others need for that."""

    def _repr_png_(self) -> bytes:
        return encode_figure(self, "png", dpi=_DPI)


def _shown(figure: Figure) -> Figure:
    figure.__class__ = _Shown
    return figure


def image(
    dataset: Dataset,
    image_id: object,
    settings: Conventions,
    *,
    images: str | None = None,
    zoom: object = None,
    theme: str = "light",
) -> Figure:
    """Draw one image: its objects, and their positives by level.

    Parameters
    ----------
    dataset : annotations, see `load_coco`
    image_id : as the file writes it
    settings : one convention, or several for a panel each
    images : folder of the pictures; None looks beside the annotations
    zoom : annotation id of an object to look at closely
    theme : colors

    Raises
    ------
    SettingsError
        Where there is no such image, or object in it.

    Examples
    --------
    >>> from atss_inspect import load_coco, plot, preset
    >>> dataset = load_coco("sample_data/instances.json")
    >>> figure = plot.image(dataset, 42, preset("atss-mmdet"))
    """
    row = _row_of(image_id, dataset.image_ids.tolist(), "image")
    one = dataset.slice_images(row, row + 1)
    scenes = [build_scene(one, each) for each in several(settings)]
    names = one.file_names.tolist()
    folder = images or one.picture_folder or find_pictures(one.files, names)
    height, width = scenes[0].original_size
    room = (_WIDEST * height / width, _WIDEST)
    picture = read_picture(folder, names[0], size=(height, width), room=room)
    found = None
    if zoom is not None:
        found = _row_of(zoom, one.annotation_ids.tolist(), "annotation of this image")
    view = View(zoom=found)
    figure = image_figure(scenes, picture=picture, view=view, theme=_theme(theme))
    return _shown(figure)


def positives(
    dataset: Dataset, settings: Conventions, *, theme: str = "light"
) -> Figure:
    """Draw how many positives objects get, by convention and size.

    Examples
    --------
    >>> from atss_inspect import load_coco, plot, preset
    >>> dataset = load_coco("sample_data/instances.json")
    >>> figure = plot.positives(dataset, [preset("atss-mmdet"), preset("fcos-mmdet")])
    """
    return _of_objects("positives", dataset, settings, theme)


def size(
    dataset: Dataset,
    settings: Conventions,
    *,
    against: str = "size",
    theme: str = "light",
) -> Figure:
    """Draw positives ``against`` ``size``, ``ratio`` or ``position`` of the objects.

    Examples
    --------
    >>> from atss_inspect import load_coco, plot, preset
    >>> dataset = load_coco("sample_data/instances.json")
    >>> figure = plot.size(dataset, preset("retinanet-mmdet"), against="ratio")
    """
    axis = _one_of("against", against, AGAINST)
    return _of_objects("size", dataset, settings, theme, against=axis)


def levels(dataset: Dataset, settings: Conventions, *, theme: str = "light") -> Figure:
    """Draw which pyramid levels the positives lie on, in all and by size.

    Examples
    --------
    >>> from atss_inspect import load_coco, plot, preset
    >>> dataset = load_coco("sample_data/instances.json")
    >>> figure = plot.levels(dataset, preset("atss-mmdet"))
    """
    return _of_objects("levels", dataset, settings, theme)


def threshold(
    dataset: Dataset, settings: Conventions, *, theme: str = "light"
) -> Figure:
    """Draw the thresholds of ATSS: mean and standard deviation of candidates' IoU.

    Examples
    --------
    >>> from atss_inspect import load_coco, plot, preset
    >>> dataset = load_coco("sample_data/instances.json")
    >>> figure = plot.threshold(dataset, preset("atss-mmdet"))
    """
    return _of_objects("threshold", dataset, settings, theme)


def reach(
    settings: Conventions, dataset: Dataset | None = None, *, theme: str = "light"
) -> Figure:
    """Draw which boxes get positives, by width and height; yours as dots.

    Examples
    --------
    >>> from atss_inspect import plot, preset
    >>> figure = plot.reach(preset("atss-mmdet"))
    """
    every = several(settings)
    reaches = [measure_reach(each) for each in every]
    if dataset is None:
        return _shown(reach_figure(reaches, theme=_theme(theme)))
    boxes = {}
    for each in every:
        corners = frame_of(dataset, slice(0, dataset.num_images), each).gt_boxes
        boxes[each.name] = (corners[:, 2:] - corners[:, :2]).astype(float)
    data = data_line(dataset, Selection(), max(map(len, boxes.values())))
    return _shown(reach_figure(reaches, boxes, data=data, theme=_theme(theme)))


def compare(comparison: CompareReport, *, theme: str = "light") -> Figure:
    """Draw how two conventions treat the same objects: what `compare` gave.

    Examples
    --------
    >>> from atss_inspect import compare, load_coco, plot, preset
    >>> dataset = load_coco("sample_data/instances.json")
    >>> both = compare(dataset, [preset("atss-mmdet"), preset("fcos-mmdet")])
    >>> figure = plot.compare(both)
    """
    stats = comparison.stats
    if len(stats.settings) != 2:
        found = ", ".join(stats.names)
        message = f"plot.compare: expected two conventions, got {found}"
        raise SettingsError(message)
    number = stats.summaries[0].num_objects
    data = data_line(stats.dataset, stats.selection, number)
    return _shown(compare_figure(comparison, data=data, theme=_theme(theme)))


def sweep(swept: SweepReport, *, theme: str = "light") -> Figure:
    """Draw other values of a setting: what `sweep` gave.

    Examples
    --------
    >>> from atss_inspect import load_coco, plot, preset, sweep
    >>> dataset = load_coco("sample_data/instances.json")
    >>> figure = plot.sweep(sweep(dataset, preset("atss-mmdet"), "k", [5, 9, 15]))
    """
    found = check_sweep(swept.document(), "sweep")
    data = sweep_data_line(found)
    return _shown(sweep_figure(found, data=data, theme=_theme(theme)))


def tune(tuning: Tuning, dataset: Dataset, *, theme: str = "light") -> Figure:
    """Draw what fewer poorly assigned objects cost: what `tune` gave, and of what.

    Examples
    --------
    >>> from atss_inspect import load_coco, plot, preset, tune
    >>> dataset = load_coco("sample_data/instances.json")
    >>> tuning = tune(dataset, preset("retinanet-mmdet"), free_only=True)
    >>> figure = plot.tune(tuning, dataset)
    """
    today = tuning.today
    stats = StatsReport(dataset, (today,), (tuning.before,))
    report = TuneReport(stats, tuning, today.name in preset_names(), typed=today.name)
    data = data_line(dataset, Selection(), tuning.before.num_objects)
    return _shown(tune_figure(report, data=data, theme=_theme(theme)))


def _of_objects(
    name: str, dataset: Dataset, settings: Conventions, theme: str, **more: Any
) -> Figure:
    """Draw one of the plots that take a table of all objects."""
    every, plot = several(settings), PLOTS[name]
    plot.require(every)
    table = objects_table(dataset, every)
    if more.get("against") == "position":
        table = with_image_sizes(table, dataset)
    shown = [int((table["preset"] == each.name).sum()) for each in every]
    data = data_line(dataset, Selection(), max(shown, default=0))
    return _shown(plot.figure(table, every, data=data, theme=_theme(theme), **more))


def _theme(name: str) -> Theme:
    """Colors by name."""
    return THEMES[_one_of("theme", name, THEMES)]


def _one_of(argument: str, name: str, allowed: Iterable[str]) -> str:
    """Refuse a name that is none of those."""
    if name in (names := list(allowed)):
        return name
    message = f"{argument}: expected one of {', '.join(names)}, got {name}"
    raise SettingsError(message)


def _row_of(wanted: object, known: Sequence[object], what: str) -> int:
    """Find the row of an id, which may be written as a number or as text."""
    for place, one in enumerate(known):
        if one == wanted or str(one) == str(wanted):
            return place
    message = f"{wanted}: no {what} has this id"
    raise SettingsError(message)
