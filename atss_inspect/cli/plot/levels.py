"""``atss-inspect plot levels``: which levels the positives lie on."""

import typer

from atss_inspect.cli.help import examples
from atss_inspect.cli.options import (
    AnnOption,
    ClassOption,
    ConfigOption,
    ForceOption,
    ImageOption,
    JobsOption,
    LimitOption,
    PadToOption,
    PresetOption,
    SetOption,
    SizeOption,
)
from atss_inspect.cli.plot.data import emit_text, read_plot_data
from atss_inspect.cli.plot.options import (
    DpiOption,
    PictureOption,
    ShowOption,
    ThemeName,
    ThemeOption,
)
from atss_inspect.cli.plot.picture import choose_target, emit_figure
from atss_inspect.cli.request import resolve_request, with_padding
from atss_inspect.cli.selection import Filters
from atss_inspect.presets import DEFAULT_PRESETS

EPILOG = examples(
    "atss-inspect plot levels --ann instances_val.json",
    "atss-inspect plot levels -p atss-mmdet --set anchors.scale=4 -o levels.svg",
)


def levels(  # noqa: PLR0913 - one argument per option
    context: typer.Context,
    ann: AnnOption = None,
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
    jobs: JobsOption = 1,
) -> None:
    """Which levels positives lie on; names idle levels.

    Without a preset: ATSS, RetinaNet and FCOS of mmdetection side by side.
    """
    quiet: bool = context.obj.quiet
    target = choose_target(
        "levels", output, theme=theme, dpi=dpi, force=force, show=show
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
    data = read_plot_data(request, filters, quiet=quiet)
    table = data.objects(jobs=jobs, quiet=quiet)
    from atss_inspect.figures.levels import levels_figure, levels_text

    figure = levels_figure(
        table, data.settings, data=data.line(table), theme=target.theme
    )
    emit_figure(figure, target, quiet=quiet)
    emit_text((data.line(table), "", levels_text(table, data.settings)), target)
