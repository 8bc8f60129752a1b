"""``atss-inspect plot sweep``: what other values of a setting would do."""

from collections.abc import Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING, Annotated

import typer

from atss_inspect.cli.help import examples
from atss_inspect.cli.options import (
    INPUT,
    AnnOption,
    ClassOption,
    DaskOption,
    ForceOption,
    ImageOption,
    JobsOption,
    LimitOption,
    OneConfigOption,
    OnePresetOption,
    PadToOption,
    SetOption,
    SizeOption,
)
from atss_inspect.cli.plot.options import (
    DpiOption,
    PictureOption,
    ShowOption,
    ThemeName,
    ThemeOption,
)
from atss_inspect.cli.plot.picture import choose_target, emit_picture
from atss_inspect.cli.request import with_padding
from atss_inspect.cli.selection import Filters
from atss_inspect.cli.sweep import run_sweep
from atss_inspect.errors import SettingsError
from atss_inspect.views.names import clip, printable

if TYPE_CHECKING:
    from atss_inspect.readers.saved_sweep import SavedSweep

EPILOG = examples(
    "atss-inspect plot sweep --ann val.json k=3:19:2",
    "atss-inspect plot sweep --ann val.json levels=P2-P6,P3-P7 scale=4,8",
    "atss-inspect plot sweep --from sweep.json -o sweep.svg",
)
AxesArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="NAME=VALUES",
        help="A setting and its values, as for `atss-inspect sweep`; one or two.",
    ),
]
FromOption = Annotated[
    str | None,
    typer.Option(
        "--from",
        metavar="FILE",
        help="Draw what `atss-inspect sweep --json` has saved; - is stdin.",
        rich_help_panel=INPUT,
    ),
]


def sweep(  # noqa: PLR0913 - one argument per option
    context: typer.Context,
    swept: AxesArgument = None,
    saved: FromOption = None,
    ann: AnnOption = None,
    preset: OnePresetOption = None,
    config: OneConfigOption = None,
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
    """Other values of one setting, or of two as a map.

    Shows the share of objects without a positive and the mean of positives, the value
    to take and the one that holds now.
    """
    quiet: bool = context.obj.quiet
    target = choose_target(
        "sweep", output, theme=theme, dpi=dpi, force=force, show=show
    )
    _require_one_source(swept, saved)
    if saved is not None:
        _require_done(
            ann=ann,
            preset=preset,
            config=config,
            set=overrides,
            image=images,
            size=sizes,
            limit=limit,
            **{"class": classes, "pad-to": pad_to},
        )
        result = _read(saved)
    else:
        filters = Filters.of_options(
            images=images, limit=limit, classes=classes, sizes=sizes
        )
        _require_few(len(swept or ()))
        result = _run(
            swept or (),
            filters,
            ann=ann,
            preset=preset,
            config=config,
            overrides=with_padding(overrides, pad_to),
            jobs=jobs,
            dask=dask,
            quiet=quiet,
        )
    from atss_inspect.figures.sweep import sweep_figure
    from atss_inspect.figures.sweep_words import sweep_plot_text

    data = _data_line(result)
    figure = sweep_figure(result, data=data, theme=target.theme)
    text = sweep_plot_text(result)
    emit_picture(figure, text, target, data=data, quiet=quiet)


def _require_one_source(swept: Sequence[str] | None, saved: str | None) -> None:
    """Refuse nothing to draw, and two things at once."""
    if bool(swept) == (saved is not None):
        found = f"both {' '.join(swept)} and --from" if swept else "neither"
        message = f"plot sweep: expected NAME=VALUES or --from FILE, got {found}"
        hint = "for example plot sweep k=3:19:2"
        raise SettingsError(message, hint=hint)


def _require_done(**options: object) -> None:
    """Refuse options that a sweep which is saved can follow no more."""
    typed = [f"--{name}" for name, value in options.items() if value]
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


def _read(name: str) -> "SavedSweep":
    """Read a saved sweep."""
    from atss_inspect.readers.saved_sweep import read_sweep

    result = read_sweep(name)
    _require_few(len(result.sweep.axes))
    return result


def _run(swept: Sequence[str], filters: Filters, **options: object) -> "SavedSweep":
    """Sweep now; the picture is the one that the saved answer would give."""
    from atss_inspect.readers.saved_sweep import check_sweep
    from atss_inspect.views.sweep_records import sweep_document

    report = run_sweep(swept, filters, **options)  # type: ignore[arg-type]
    return check_sweep(sweep_document(report), "sweep")


def _data_line(result: "SavedSweep") -> str:
    """Name the annotations, and say how many objects there are."""
    from atss_inspect.views import numbers

    names = [PurePath(each.path).name or "-" for each in result.inputs] or ["-"]
    first = clip(printable(names[0]), 40)
    if len(names) > 1:
        first += f" and {numbers.plural(len(names) - 1, 'more file')}"
    objects = numbers.plural(max(row.num_objects for row in result.results), "object")
    return f"{first}: {objects} in {numbers.plural(result.data.num_images, 'image')}"
