"""``atss-inspect plot reach``: which boxes a convention can see."""

from typing import TYPE_CHECKING

import typer

from atss_inspect.cli.options import input_option
from atss_inspect.cli.plot.picture import PictureOptions
from atss_inspect.cli.request import FilterOptions, RequestOptions
from atss_inspect.cli.workflow import begin
from atss_inspect.errors import SettingsError
from atss_inspect.presets import DEFAULT_PRESETS

if TYPE_CHECKING:
    from atss_inspect.arrays import Float64Array
    from atss_inspect.settings import Settings
    from atss_inspect.views.stats import StatsReport

EXAMPLES = (
    "atss-inspect plot reach",
    "atss-inspect plot reach -p atss-mmdet -p rpn-mmdet --ann instances_val.json",
    "atss-inspect plot reach --set strides=4,8,16,32,64 --no-data -o fine.svg",
)
NO_DATA = input_option("--no-data", "Leave your boxes out.", default=False)


def reach(
    context: typer.Context,
    *,
    asked: RequestOptions,
    no_data: bool = NO_DATA,
    selected: FilterOptions,
    picture: PictureOptions,
) -> None:
    """Which boxes get positives, or candidates of a gate, by width and height.

    Without a preset: ATSS, RetinaNet and FCOS of mmdetection side by side. Needs no
    annotations; if there are any, their boxes are drawn as dots, and those beyond
    the reach of a convention counted.
    """
    path = picture.choose_path("reach")
    flow = begin(context, asked, selected, default=DEFAULT_PRESETS)
    from atss_inspect.figures.reach import reach_figure, reach_text
    from atss_inspect.figures.words import data_line
    from atss_inspect.statistics.reach import measure_reach

    boxes, data = None, ""
    if no_data or not flow.ann:
        _require_no_filters(selected)
    else:
        stats = flow.read()
        boxes = {each.name: _boxes_of(stats, each) for each in stats.settings}
        num_objects = max(map(len, boxes.values()))
        data = data_line(stats.dataset, stats.selection, num_objects)
    reaches = []
    with flow.progress("measuring", len(flow.settings)) as on_step:
        for each in flow.settings:
            reaches.append(measure_reach(each))
            if on_step is not None:
                on_step(1)
    figure = reach_figure(reaches, boxes, data=data, theme=picture.colors)
    text = reach_text(reaches, boxes)
    picture.emit(figure, text, path, data=flow.heading(data), notices=flow.notices)


def _require_no_filters(selected: FilterOptions) -> None:
    """Refuse to choose among boxes where there are none."""
    typed = selected.words()
    found = [f"--{name}" for name in ("class", "image", "size", "limit") if typed[name]]
    if found:
        message = f"plot reach: {' '.join(found)}: there are no boxes to choose from"
        hint = "name annotations with --ann, without --no-data, or leave it out"
        raise SettingsError(message, hint=hint)


def _boxes_of(stats: "StatsReport", settings: "Settings") -> "Float64Array":
    """Take the widths and heights of the objects shown, in input pixels; (G, 2)."""
    from atss_inspect.annotations.frame import build_frame

    every = slice(0, stats.dataset.num_images)
    frame = build_frame(stats.dataset, every, settings.data, settings.resize)
    chosen = stats.selection.mask(stats.dataset, frame.object_rows)
    boxes = frame.gt_boxes[chosen].astype(float)
    sides: Float64Array = boxes[:, 2:] - boxes[:, :2]
    return sides
