"""``atss-inspect config``: which conventions there are, what one means, your own."""

import enum
import json
import textwrap
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from atss_inspect.cli.help import SectionedCommand, examples, make_app
from atss_inspect.cli.options import (
    AnnOption,
    ForceOption,
    GlobalOptions,
    ImagesOption,
    JsonOption,
    OutputOption,
    complete_preset,
    convention_option,
    format_option,
    with_option_groups,
)
from atss_inspect.cli.output import AnswerOptions, emit, pick_format
from atss_inspect.cli.request import RequestOptions
from atss_inspect.cli.workflow import begin
from atss_inspect.errors import SettingsError
from atss_inspect.presets import (
    DEFAULT_PRESET,
    preset_descriptions,
    read_preset,
    read_preset_text,
)

if TYPE_CHECKING:
    from atss_inspect.settings import ResolvedSettings, Settings

WIDTH = 80
SCHEMA_VERSION = 1

app = make_app(
    name="config", help="Conventions: which there are, what one means, write your own."
)


class ListFormat(enum.StrEnum):
    """How ``config list`` prints."""

    TABLE = "table"
    JSON = "json"


class ShowFormat(enum.StrEnum):
    """How ``config show`` prints."""

    TABLE = "table"
    TOML = "toml"
    JSON = "json"


# --- list --------------------------------------------------------------------------


@app.command(
    "list",
    cls=SectionedCommand,
    epilog=examples("atss-inspect config list", "atss-inspect config list --json"),
)
def list_presets(
    list_format: Annotated[
        ListFormat | None,
        typer.Option("--format", "-f", metavar="table|json", help="How to print."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """List the presets: the conventions that come with this tool."""
    descriptions = preset_descriptions()
    if pick_format(list_format, as_json=as_json) == "json":
        rows = [{"preset": n, "description": d} for n, d in descriptions.items()]
        document = {"schema_version": SCHEMA_VERSION, "presets": rows}
        emit(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
        return
    emit(_aligned([("preset", "what it is"), *descriptions.items()]))
    emit(
        "\n(no record): follows the framework's source, but is not compared with "
        "answers\nrecorded from it.\n\n"
        f"next: atss-inspect config show --preset {DEFAULT_PRESET}\n"
    )


# --- show --------------------------------------------------------------------------


class ConventionOptions(RequestOptions):
    """The options that name conventions; no data are read."""

    ann: None = None
    pad_to: None = None


class ShowOptions(AnswerOptions):
    """How ``config show`` prints, and where."""

    output_format: ShowFormat | None = format_option(*ShowFormat)

    formats = (ShowFormat.TABLE, ShowFormat.JSON)  # the suffix .toml is our own


@app.command(
    "show",
    cls=SectionedCommand,
    epilog=examples(
        "atss-inspect config show --preset retinanet-torchvision",
        "atss-inspect config show --config mine.toml --set k=15",
        "atss-inspect config show --format toml > mine.toml",
    ),
)
@with_option_groups
def show_settings(
    context: typer.Context, *, asked: ConventionOptions, answer: ShowOptions
) -> None:
    """Show every setting, its origin, and the anchors in pixels."""
    flow = begin(context, asked)
    content = _SHOW[_choose_format(answer)](flow.request.resolved)
    answer.emit(content, quiet=flow.quiet)


def _choose_format(answer: ShowOptions) -> str:
    """Choose a format; a file of TOML is one of settings."""
    is_toml_file = answer.output is not None and answer.output.lower().endswith(".toml")
    if is_toml_file and answer.output_format is None and not answer.as_json:
        return ShowFormat.TOML
    return answer.choose_format()


def _global_options(context: typer.Context) -> GlobalOptions:
    """Take what stands before the command."""
    found = context.obj
    return found if isinstance(found, GlobalOptions) else GlobalOptions()


def _show_toml(resolved: "Sequence[ResolvedSettings]") -> str:
    """Write settings as a file for --config, origins as comments."""
    if len(resolved) != 1:
        names = ", ".join(one.settings.name for one in resolved)
        message = f"--format toml: expected one preset or file, got {names}"
        raise SettingsError(message)
    return resolved[0].settings.to_toml(resolved[0].origins)


def _show_json(resolved: "Sequence[ResolvedSettings]") -> bytes:
    """Write settings, origins and levels as one document."""
    from atss_inspect.writers import encode_json

    results = [
        {
            "preset": one.settings.name,
            "settings": one.settings.to_dict(),
            "origins": dict(one.origins),
            "levels": level_rows(one.settings),
        }
        for one in resolved
    ]
    return encode_json({"schema_version": SCHEMA_VERSION, "results": results})


def _show_table(resolved: "Sequence[ResolvedSettings]") -> str:
    """Write settings for people, one block after the other."""
    return "\n".join(_show_block(one.settings, one.origins) for one in resolved)


_SHOW: dict[str, Any] = {"table": _show_table, "toml": _show_toml, "json": _show_json}


def _show_block(settings: "Settings", origins: Any) -> str:
    """Write one convention: what it is, every setting, every level."""
    from atss_inspect.settings.parameters import format_value

    about = [": ".join(filter(None, [settings.name, settings.description]))]
    about += [f"source: {settings.source}"] if settings.source else []
    rows = [("setting", "value", "from")]
    for path, value in settings.values().items():
        rows.append((path, format_value(value), origins[path]))
    folded = [_folded(line, WIDTH, indent="  ") for line in about]
    return "\n".join([*folded, "", _aligned(rows), _level_table(settings)])


def level_rows(settings: "Settings") -> list[dict[str, Any]]:
    """Describe each pyramid level in input pixels.

    Returns
    -------
    One dict per level: ``level`` from 0, ``level_name``, ``stride``, ``center`` [x, y]
    of the anchors in the first cell, ``anchors`` [width, height] in the framework's
    order, and the ``scale_range`` [low, high] (None but for FCOS). Where
    pixels are inclusive, a width counts both ends.
    """
    rule, pyramid = settings.rule, settings.pyramid
    inclusive = 1 if settings.anchors.style == "official" else 0
    corners = pyramid.cell_anchors.astype(float)
    sides = corners[:, :, 2:] - corners[:, :, :2] + inclusive
    ranges: Sequence[list[float] | None] = [None] * pyramid.num_levels
    if rule.words.level_ranges:
        ranges = rule.words.level_ranges(settings.assigner, pyramid)
    return [
        {
            "level": level,
            "level_name": pyramid.level_names[level],
            "stride": stride,
            "center": [stride * settings.anchors.offset] * 2,
            "anchors": sides[level].round(4).tolist() if rule.uses_anchors else [],
            "scale_range": ranges[level],
        }
        for level, stride in enumerate(settings.anchors.strides)
    ]


def _level_table(settings: "Settings") -> str:
    """Write the levels: anchors as width x height, scale ranges, or points."""
    words = settings.rule.words
    has_ranges, heading = bool(words.level_ranges), "anchors, width x height"
    if not settings.rule.uses_anchors:
        heading = "largest side distance" if has_ranges else "points per cell"
    rows = [("level", "stride", "first center", heading)]
    for row in level_rows(settings):
        last = ", ".join(f"{_number(w)}x{_number(h)}" for w, h in row["anchors"])
        if row["scale_range"]:
            low, high = map(_number, row["scale_range"])
            last = f"{low} to {high}"
        last = last or "1"
        center = ", ".join(map(_number, row["center"]))
        rows.append((row["level_name"], str(row["stride"]), center, last))
    return "levels, in input pixels\n" + _aligned(rows)


def _number(value: float) -> str:
    """Write a number of pixels with at most one decimal place."""
    return f"{value:.1f}".removesuffix(".0")


# --- init --------------------------------------------------------------------------


@app.command(
    "init",
    cls=SectionedCommand,
    epilog=examples(
        "atss-inspect config init --ann instances_train.json",
        "atss-inspect config init --settings --preset retinanet-mmdet -o mine.toml",
    ),
)
def init_file(  # noqa: PLR0913 - one argument per option
    context: typer.Context,
    preset: Annotated[
        str,
        convention_option(
            "--preset -p NAME",
            "The convention to start from.",
            autocompletion=complete_preset,
        ),
    ] = DEFAULT_PRESET,
    is_settings: Annotated[
        bool,
        convention_option(
            "--settings",
            "A convention for --config that extends the preset, instead of a project "
            "file.",
        ),
    ] = False,
    ann: AnnOption = None,
    images: ImagesOption = None,
    output: OutputOption = None,
    force: ForceOption = False,
) -> None:
    """Write atss-inspect.toml, the project file that saves typing.

    It is found from its folder and every folder below: annotations, images, presets
    and settings that hold where no option or environment variable says otherwise.
    """
    if is_settings:
        content, target = settings_file(preset), f"my-{preset}.toml"
    else:
        content, target = project_file(preset, ann or (), images), "atss-inspect.toml"
    quiet = _global_options(context).quiet
    emit(content, output or target, force=force, quiet=quiet)


def project_file(preset: str, ann: Sequence[str], images: str | None) -> str:
    """Write a project file with comments; what is not known is commented out."""
    read_preset(preset)
    files = ", ".join(map(_quoted, ann))
    return "\n".join(
        [
            "# Read by atss-inspect in this folder and below. Options and variables",
            "# ATSS_INSPECT_* win over it; relative paths start at this file.",
            f"ann = [{files}]" if ann else '# ann = "annotations/instances_train.json"',
            f"images = {_quoted(images)}" if images else '# images = "train"',
            f"preset = [{_quoted(preset)}]",
            "",
            "[set] # settings of every preset that has them: atss-inspect config show",
            '# "assigner.k" = 9',
            '# "resize.short_side" = 800',
            "",
        ]
    )


def settings_file(preset: str) -> str:
    """Write a file that extends a preset, with the preset's values commented out."""
    lines = [
        f'description = "my {preset}"',
        f'extends = "{preset}"',
        "",
        "# Take the # away from what you change; the rest stays as in the preset.",
    ]
    for line in read_preset_text(preset).splitlines():
        if line.startswith(("description", "source")):
            continue
        is_kept = not line or line.startswith(("[", "#"))
        lines.append(line if is_kept else f"# {line}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """Write a TOML string; of JSON's escapes TOML knows all that occur in paths."""
    return json.dumps(text, ensure_ascii=False)


def _aligned(rows: Iterable[Sequence[str]]) -> str:
    """Align columns two spaces apart; the last one is folded at 80 columns."""
    rows = list(rows)
    columns = list(zip(*rows, strict=True))[:-1]
    widths = [max(map(len, column)) for column in columns]
    indent = sum(widths) + 2 * len(widths)
    lines = []
    for *cells, last in rows:
        head = "".join(
            f"{cell:<{width}}  " for cell, width in zip(cells, widths, strict=True)
        )
        first, *more = _folded(last, max(WIDTH - indent, 20)).split("\n")
        lines.append((head + first).rstrip())
        lines += [" " * indent + line for line in more]
    return "\n".join(lines) + "\n"


def _folded(text: str, width: int, *, indent: str = "") -> str:
    """Fold between words; long words (paths) are better left whole than broken."""
    return textwrap.fill(
        text,
        width,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
