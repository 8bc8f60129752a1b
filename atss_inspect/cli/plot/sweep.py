"""``atss-inspect plot sweep``: what other values of a setting would do."""

import re

import typer

from atss_inspect.cli.options import OptionGroup, input_option
from atss_inspect.cli.plot.picture import PictureOptions
from atss_inspect.cli.request import CountOptions, OneRequestOptions
from atss_inspect.cli.streams import Notices
from atss_inspect.cli.sweep import run_sweep
from atss_inspect.cli.workers import WorkOptions
from atss_inspect.cli.workflow import begin
from atss_inspect.errors import SettingsError

EXAMPLES = (
    "atss-inspect plot sweep --ann val.json k=3:19:2",
    "atss-inspect plot sweep --ann val.json levels=P2-P6,P3-P7 scale=4,8",
    "atss-inspect plot sweep --from sweep.json -o sweep.svg",
)


class SourceOptions(OptionGroup):
    """Where the numbers come from: a sweep to be done, or one that is."""

    swept: list[str] | None = typer.Argument(
        None,
        metavar="NAME=VALUES",
        help="A setting and its values, as for `atss-inspect sweep`; one or two.",
    )
    saved: str | None = input_option(
        "--from FILE", "Draw what `atss-inspect sweep --json` has saved; - is stdin."
    )


def sweep(
    context: typer.Context,
    *,
    source: SourceOptions,
    asked: OneRequestOptions,
    selected: CountOptions,
    picture: PictureOptions,
    work: WorkOptions,
) -> None:
    """Other values of one setting, or of two as a map.

    Shows the share of poorly assigned objects and the mean of positives, the value to
    change to, if any, and the one that holds now.
    """
    from atss_inspect.readers.saved_sweep import check_sweep, read_sweep

    path = picture.choose_path("sweep")
    _require_one_source(source)
    deciding: tuple[str, ...] = ()
    notices = Notices(quiet=context.obj.quiet)
    if source.saved is not None:
        _require_done(asked, selected)
        result = read_sweep(source.saved)
        _require_few(len(result.sweep.axes))
    else:
        swept = source.swept or ()
        _require_few(len(swept))
        try:
            flow = begin(context, asked, selected, work)
            deciding, notices = flow.deciding, flow.notices
            report = run_sweep(flow, swept)
        except SettingsError as error:
            message = re.sub("^sweep:", "plot sweep:", str(error))
            raise SettingsError(message, hint=error.hint) from error
        # As if saved: the picture is the one that the answer would give.
        result = check_sweep(report.document(), "sweep")
    from atss_inspect.figures import sweep as figures
    from atss_inspect.views.headings import decision_lines

    data = figures.sweep_data_line(result)
    figure = figures.sweep_figure(result, data=data, theme=picture.colors)
    text = figures.sweep_plot_text(result)
    lines = "\n".join([data, *decision_lines(deciding)])
    picture.emit(figure, text, path, data=lines, notices=notices)


def _require_one_source(source: SourceOptions) -> None:
    """Refuse nothing to draw, and two things at once."""
    swept = source.swept
    if bool(swept) == (source.saved is not None):
        found = f"both {' '.join(swept)} and --from" if swept else "neither"
        message = f"plot sweep: expected NAME=VALUES or --from FILE, got {found}"
        hint = "for example plot sweep k=3:19:2"
        raise SettingsError(message, hint=hint)


def _require_done(asked: OneRequestOptions, selected: CountOptions) -> None:
    """Refuse options that a sweep which is saved can follow no more."""
    given: dict[str, object] = {"ann": asked.ann, "preset": asked.preset}
    given |= {"config": asked.config, "set": asked.overrides, "image": selected.image}
    given |= {"size": selected.sizes, "limit": selected.limit}
    given |= {"class": selected.classes, "pad-to": asked.pad_to}
    given["need"] = selected.need != CountOptions.need
    typed = [f"--{name}" for name, value in given.items() if value]
    if typed:
        message = f"plot sweep: --from {' '.join(typed)}: the sweep is done already"
        hint = "leave out one or the other; a new sweep is NAME=VALUES"
        raise SettingsError(message, hint=hint)


def _require_few(number: int) -> None:
    """Refuse more settings than a picture has axes."""
    if number > 2:
        message = f"plot sweep: expected one or two settings, got {number}"
        hint = "`atss-inspect sweep` makes tables of more"
        raise SettingsError(message, hint=hint)
