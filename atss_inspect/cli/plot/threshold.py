"""``atss-inspect plot threshold``: ATSS's threshold, object by object."""

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

EPILOG = examples(
    "atss-inspect plot threshold --ann instances_val.json",
    "atss-inspect plot threshold --set k=15 --size small -o threshold.svg",
)


def threshold(  # noqa: PLR0913 - one argument per option
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
    """ATSS thresholds: mean and std of candidates' IoU.

    ATSS presets only; without one, atss-mmdet.
    """
    quiet: bool = context.obj.quiet
    target = choose_target(
        "threshold", output, theme=theme, dpi=dpi, force=force, show=show
    )
    request = resolve_request(
        ann=ann,
        preset=preset,
        config=config,
        overrides=with_padding(overrides, pad_to),
    )
    filters = Filters.of_options(
        images=images, limit=limit, classes=classes, sizes=sizes
    )
    data = read_plot_data(request, filters, quiet=quiet)
    from atss_inspect.figures.threshold import (
        require_atss,
        threshold_figure,
        threshold_text,
    )

    require_atss(data.settings)
    table = data.objects(jobs=jobs, quiet=quiet)
    figure = threshold_figure(
        table, data.settings, data=data.line(table), theme=target.theme
    )
    emit_figure(figure, target, quiet=quiet)
    emit_text((data.line(table), "", threshold_text(table, data.settings)), target)
