"""``atss-inspect plot compare``: two conventions on the same objects."""

import typer

from atss_inspect.cli.compare import PresetArguments, compare_presets, read_stats
from atss_inspect.cli.help import examples
from atss_inspect.cli.options import (
    AnnOption,
    ClassOption,
    DaskOption,
    ForceOption,
    ImageOption,
    JobsOption,
    LimitOption,
    PadToOption,
    SetOption,
    SizeOption,
)
from atss_inspect.cli.plot.data import require_different_names
from atss_inspect.cli.plot.options import (
    DpiOption,
    PictureOption,
    ShowOption,
    ThemeName,
    ThemeOption,
)
from atss_inspect.cli.plot.picture import choose_target, emit_picture
from atss_inspect.cli.request import (
    Request,
    require_ann,
    resolve_request,
    with_padding,
)
from atss_inspect.cli.selection import Filters
from atss_inspect.cli.workers import require_workers
from atss_inspect.errors import SettingsError
from atss_inspect.presets import DEFAULT_PRESETS
from atss_inspect.views.names import printable

EPILOG = examples(
    "atss-inspect plot compare --ann val.json atss-mmdet retinanet-mmdet",
    "atss-inspect plot compare --ann val.json atss-mmdet mine.toml --size tiny",
    "atss-inspect plot compare fcos-mmdet fcos-official -o flips.pdf",
)


def compare(  # noqa: PLR0913 - one argument per option
    context: typer.Context,
    presets: PresetArguments = None,
    ann: AnnOption = None,
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
    dask: DaskOption = None,
) -> None:
    """Two conventions on the same objects: who feeds whom.

    Without presets: ATSS and RetinaNet of mmdetection. Only objects that both keep are
    drawn.
    """
    quiet: bool = context.obj.quiet
    target = choose_target(
        "compare", output, theme=theme, dpi=dpi, force=force, show=show
    )
    request = resolve_request(
        ann=ann,
        preset=presets or DEFAULT_PRESETS[:2],
        overrides=with_padding(overrides, pad_to),
    )
    _require_two(request)
    filters = Filters.of_options(
        images=images, limit=limit, classes=classes, sizes=sizes
    )
    require_workers(jobs=jobs, dask=dask)
    stats = read_stats(request, require_ann(request), filters, quiet=quiet)
    report = compare_presets(
        stats, tuple(presets or ()), jobs=jobs, dask=dask, quiet=quiet
    )
    from atss_inspect.figures.compare import compare_figure, compare_plot_text
    from atss_inspect.figures.words import data_line

    num_objects = report.stats.summaries[0].num_objects
    data = data_line(stats.dataset, stats.selection, num_objects)
    figure = compare_figure(report, data=data, theme=target.theme)
    text = compare_plot_text(report)
    emit_picture(figure, text, target, data=data, quiet=quiet)


def _require_two(request: Request) -> None:
    """Refuse any other number of conventions than two, and two of one name."""
    names = [printable(one.settings.name) for one in request.resolved]
    if len(names) != 2:
        message = f"plot compare: expected exactly two presets, got {', '.join(names)}"
        hint = "`atss-inspect compare` tells more of them apart, in tables"
        raise SettingsError(message, hint=hint)
    require_different_names(request)
