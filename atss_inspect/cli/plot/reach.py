"""``atss-inspect plot reach``: which boxes a convention can see."""

from typing import TYPE_CHECKING, Annotated

import typer

from atss_inspect.cli.help import examples
from atss_inspect.cli.option_groups import with_option_groups
from atss_inspect.cli.options import INPUT
from atss_inspect.cli.plot.data import read_plot_data, require_different_names
from atss_inspect.cli.plot.picture import PictureOptions, choose_target, emit_picture
from atss_inspect.cli.progress import progress_bar
from atss_inspect.cli.request import RequestOptions
from atss_inspect.cli.selection import FilterOptions
from atss_inspect.errors import SettingsError
from atss_inspect.presets import DEFAULT_PRESETS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atss_inspect.arrays import Float64Array
    from atss_inspect.cli.plot.data import PlotData
    from atss_inspect.settings import Settings
    from atss_inspect.statistics.reach import Reach

EPILOG = examples(
    "atss-inspect plot reach",
    "atss-inspect plot reach -p atss-mmdet -p rpn-mmdet --ann instances_val.json",
    "atss-inspect plot reach --set strides=4,8,16,32,64 --no-data -o fine.svg",
)
NoDataOption = Annotated[
    bool,
    typer.Option("--no-data", help="Leave your boxes out.", rich_help_panel=INPUT),
]


@with_option_groups
def reach(
    context: typer.Context,
    *,
    asked: RequestOptions,
    no_data: NoDataOption = False,
    selected: FilterOptions,
    picture: PictureOptions,
) -> None:
    """Which boxes get positives, by width and height.

    Without a preset: ATSS, RetinaNet and FCOS of mmdetection side by side. Needs no
    annotations; if there are any, their boxes are drawn as dots, and those beyond
    the reach of a convention counted.
    """
    quiet: bool = context.obj.quiet
    target = choose_target("reach", picture)
    request = asked.resolve(default=DEFAULT_PRESETS)
    require_different_names(request)
    boxes, data = None, ""
    if no_data or not request.ann:
        _require_no_filters(selected)
    else:
        shown = read_plot_data(request, selected.filters(), quiet=quiet)
        boxes = {each.name: _boxes_of(shown, each) for each in shown.settings}
        data = _data_line(shown, boxes)
    from atss_inspect.figures.reach import reach_figure, reach_text

    reaches = _measured([one.settings for one in request.resolved], quiet=quiet)
    figure = reach_figure(reaches, boxes, data=data, theme=target.theme)
    text = reach_text(reaches, boxes)
    emit_picture(figure, text, target, data=data, quiet=quiet)


def _require_no_filters(selected: FilterOptions) -> None:
    """Refuse to choose among boxes where there are none."""
    typed = {
        "--class": selected.classes,
        "--image": selected.images,
        "--size": selected.sizes,
        "--limit": selected.limit,
    }
    found = [name for name, value in typed.items() if value]
    if found:
        message = f"plot reach: {' '.join(found)}: there are no boxes to choose from"
        hint = "name annotations with --ann, without --no-data, or leave it out"
        raise SettingsError(message, hint=hint)


def _measured(settings: "Sequence[Settings]", *, quiet: bool) -> "list[Reach]":
    """Do the work, with a progress bar."""
    from atss_inspect.statistics.reach import measure_reach

    reaches = []
    with progress_bar("measuring", len(settings), quiet=quiet) as on_step:
        for each in settings:
            reaches.append(measure_reach(each))
            if on_step is not None:
                on_step(1)
    return reaches


def _boxes_of(shown: "PlotData", settings: "Settings") -> "Float64Array":
    """Take the widths and heights of the objects shown, in input pixels; (G, 2)."""
    from atss_inspect.annotations.frame import build_frame

    every = slice(0, shown.dataset.num_images)
    frame = build_frame(shown.dataset, every, settings.data, settings.resize)
    chosen = shown.selection.mask(shown.dataset, frame.object_rows)
    boxes = frame.gt_boxes[chosen].astype(float)
    sides: Float64Array = boxes[:, 2:] - boxes[:, :2]
    return sides


def _data_line(shown: "PlotData", boxes: "dict[str, Float64Array]") -> str:
    """Name the data."""
    from atss_inspect.figures.words import data_line

    return data_line(shown.dataset, shown.selection, max(map(len, boxes.values())))
