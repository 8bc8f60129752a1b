"""``atss-inspect plot tune``: what fewer poorly assigned objects cost."""

import typer

from atss_inspect.cli.drawing import PlainVariantOptions
from atss_inspect.cli.plot.picture import PictureOptions
from atss_inspect.cli.request import CountOptions, OneRequestOptions
from atss_inspect.cli.tune import PickOptions, TuneOptions, run_tune
from atss_inspect.cli.workers import WorkOptions
from atss_inspect.cli.workflow import begin

EXAMPLES = (
    "atss-inspect plot tune --ann instances_val.json -p retinanet-mmdet",
    "atss-inspect plot tune --ann val.json -p fcos-mmdet -o tune.svg",
)


def tune(  # noqa: PLR0913 - a group of options each
    context: typer.Context,
    *,
    asked: OneRequestOptions,
    drawn: PlainVariantOptions,
    wanted: TuneOptions,
    selected: CountOptions,
    picture: PictureOptions,
    work: WorkOptions,
) -> None:
    """What fewer poorly assigned objects cost, by size.

    The rows of `atss-inspect tune`: multiply-adds to the right, the share of poorly
    assigned objects upward.
    """
    path = picture.choose_path("tune")
    flow = begin(context, asked, selected, work).drawing(drawn)
    report, stopped = run_tune(flow, wanted, PickOptions())
    from atss_inspect.figures.tune import tune_figure, tune_plot_text
    from atss_inspect.figures.words import data_line

    number = report.tuning.before.num_objects
    data = data_line(report.stats.dataset, report.stats.selection, number)
    figure = tune_figure(report, data=data, theme=picture.colors)
    text = tune_plot_text(report)
    heading = flow.heading(data)
    picture.emit(figure, text, path, data=heading, notices=flow.notices)
    if stopped is not None:
        raise stopped
