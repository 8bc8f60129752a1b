"""``atss-inspect plot reach``: which boxes a convention can see."""

from typing import TYPE_CHECKING, Annotated

import typer

from atss_inspect.cli.help import examples
from atss_inspect.cli.options import (
    INPUT,
    AnnOption,
    ClassOption,
    ConfigOption,
    ForceOption,
    ImageOption,
    LimitOption,
    PadToOption,
    PresetOption,
    SetOption,
    SizeOption,
)
from atss_inspect.cli.plot.data import read_plot_data, require_different_names
from atss_inspect.cli.plot.options import (
    DpiOption,
    PictureOption,
    ShowOption,
    ThemeName,
    ThemeOption,
)
from atss_inspect.cli.plot.picture import choose_target, emit_picture
from atss_inspect.cli.request import resolve_request, with_padding
from atss_inspect.cli.selection import Filters
from atss_inspect.presets import DEFAULT_PRESETS

if TYPE_CHECKING:
    from atss_inspect.arrays import Float64Array
    from atss_inspect.cli.plot.data import PlotData
    from atss_inspect.settings import Settings

EPILOG = examples(
    "atss-inspect plot reach",
    "atss-inspect plot reach -p atss-mmdet -p rpn-mmdet --ann instances_val.json",
    "atss-inspect plot reach --set strides=4,8,16,32,64 --no-data -o fine.svg",
)
NoDataOption = Annotated[
    bool,
    typer.Option("--no-data", help="Leave your boxes out.", rich_help_panel=INPUT),
]


def reach(  # noqa: PLR0913 - one argument per option
    context: typer.Context,
    ann: AnnOption = None,
    no_data: NoDataOption = False,
    preset: PresetOption = None,
    config: ConfigOption = None,
    overrides: SetOption = None,
    pad_to: PadToOption = None,
    classes: ClassOption = None,
    images: ImageOption = None,
    sizes: SizeOption = None,
    limit: LimitOption = None,
    output: PictureOption = None,
    theme: ThemeOption = ThemeName.LIGHT,
    dpi: DpiOption = 300,
    show: ShowOption = False,
    force: ForceOption = False,
) -> None:
    """Which boxes get positives, by width and height.

    Without a preset: ATSS, RetinaNet and FCOS of mmdetection side by side. Needs no
    annotations; if there are any, their boxes are drawn as dots, and those beyond
    the reach of a convention counted.
    """
    quiet: bool = context.obj.quiet
    target = choose_target(
        "reach", output, theme=theme, dpi=dpi, force=force, show=show
    )
    request = resolve_request(
        ann=ann,
        preset=preset,
        config=config,
        overrides=with_padding(overrides, pad_to),
        default=DEFAULT_PRESETS,
    )
    filters = Filters.of_options(
        images=images, limit=limit, classes=classes, sizes=sizes
    )
    require_different_names(request)
    boxes, data = None, ""
    if request.ann and not no_data:
        shown = read_plot_data(request, filters, quiet=quiet)
        boxes = {each.name: _boxes_of(shown, each) for each in shown.settings}
        data = _data_line(shown, boxes)
    from atss_inspect.figures.reach import reach_figure, reach_text
    from atss_inspect.reach import measure_reach

    reaches = [measure_reach(one.settings) for one in request.resolved]
    figure = reach_figure(reaches, boxes, data=data, theme=target.theme)
    text = reach_text(reaches, boxes)
    emit_picture(figure, text, target, data=data, quiet=quiet)


def _boxes_of(shown: "PlotData", settings: "Settings") -> "Float64Array":
    """Take the widths and heights of the objects shown, in input pixels; (G, 2)."""
    from atss_inspect.frame import build_frame

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
