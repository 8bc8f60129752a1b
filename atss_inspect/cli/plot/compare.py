"""``atss-inspect plot compare``: two conventions on the same objects."""

import typer

from atss_inspect.cli.compare import compare_presets
from atss_inspect.cli.named_file import hint_at_preset
from atss_inspect.cli.plot.picture import PictureOptions
from atss_inspect.cli.request import CountOptions, NamedRequestOptions
from atss_inspect.cli.workers import WorkOptions
from atss_inspect.cli.workflow import begin
from atss_inspect.errors import SettingsError
from atss_inspect.presets import DEFAULT_PRESETS
from atss_inspect.views.names import printable

EXAMPLES = (
    "atss-inspect plot compare --ann val.json atss-mmdet retinanet-mmdet",
    "atss-inspect plot compare --ann val.json atss-mmdet mine.toml --size tiny",
    "atss-inspect plot compare fcos-mmdet fcos-official -o flips.pdf",
)


def compare(
    context: typer.Context,
    *,
    asked: NamedRequestOptions,
    selected: CountOptions,
    picture: PictureOptions,
    work: WorkOptions,
) -> None:
    """Two conventions on the same objects, by their positives under each.

    Without presets: ATSS and RetinaNet of mmdetection. Only objects that both keep are
    drawn.
    """
    path = picture.choose_path("compare")
    flow = begin(context, asked, selected, work, default=DEFAULT_PRESETS[:2])
    names = [printable(name) for name in flow.names]
    if len(names) != 2:
        message = f"plot compare: expected exactly two presets, got {', '.join(names)}"
        hint = "name two, as in `plot compare atss-mmdet retinanet-mmdet`"
        if len(names) > 2:
            hint = "`atss-inspect compare` tells more of them apart, in tables"
        raise SettingsError(message, hint=hint_at_preset(asked.ann) or hint)
    report = compare_presets(flow, flow.read(), tuple(name for _, name in flow.options))
    from atss_inspect.figures.compare import compare_figure, compare_plot_text
    from atss_inspect.figures.words import data_line

    stats = report.stats
    data = data_line(stats.dataset, stats.selection, stats.summaries[0].num_objects)
    figure = compare_figure(report, data=data, theme=picture.colors)
    text = compare_plot_text(report)
    picture.emit(figure, text, path, data=flow.heading(data), notices=flow.notices)
