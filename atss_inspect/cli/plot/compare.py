"""``atss-inspect plot compare``: two conventions on the same objects."""

import typer

from atss_inspect.cli.compare import NamedRequestOptions, compare_presets, read_stats
from atss_inspect.cli.help import examples
from atss_inspect.cli.option_groups import with_option_groups
from atss_inspect.cli.plot.data import require_different_names
from atss_inspect.cli.plot.picture import PictureOptions, choose_target, emit_picture
from atss_inspect.cli.request import Request, require_ann, resolve_request
from atss_inspect.cli.selection import FilterOptions
from atss_inspect.cli.workers import WorkOptions, require_workers
from atss_inspect.errors import SettingsError
from atss_inspect.presets import DEFAULT_PRESETS
from atss_inspect.views.names import printable

EPILOG = examples(
    "atss-inspect plot compare --ann val.json atss-mmdet retinanet-mmdet",
    "atss-inspect plot compare --ann val.json atss-mmdet mine.toml --size tiny",
    "atss-inspect plot compare fcos-mmdet fcos-official -o flips.pdf",
)


@with_option_groups
def compare(
    context: typer.Context,
    *,
    asked: NamedRequestOptions,
    selected: FilterOptions,
    picture: PictureOptions,
    work: WorkOptions,
) -> None:
    """Two conventions on the same objects: who feeds whom.

    Without presets: ATSS and RetinaNet of mmdetection. Only objects that both keep are
    drawn.
    """
    quiet: bool = context.obj.quiet
    target = choose_target("compare", picture)
    request = resolve_request(
        ann=asked.ann,
        preset=asked.presets,
        overrides=asked.changes,
        default=DEFAULT_PRESETS[:2],
    )
    _require_two(request)
    require_workers(work)
    files = require_ann(request)
    stats = read_stats(request, files, selected.filters(), quiet=quiet)
    report = compare_presets(stats, tuple(asked.presets or ()), work, quiet=quiet)
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
        hint = "name two, as in `plot compare atss-mmdet retinanet-mmdet`"
        if len(names) > 2:
            hint = "`atss-inspect compare` tells more of them apart, in tables"
        raise SettingsError(message, hint=hint)
    require_different_names(request)
