"""``atss-inspect config``: which conventions there are, what one means, your own."""

import enum
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from atss_inspect.cli.help import SectionedCommand, examples, make_app
from atss_inspect.cli.options import (
    AnnOption,
    ForceOption,
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
from atss_inspect.views.settings import (
    aligned,
    presets_document,
    settings_document,
    settings_text,
)

if TYPE_CHECKING:
    from atss_inspect.settings import ResolvedSettings

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
        document = presets_document(descriptions)
        emit(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
        return
    emit(aligned([("preset", "what it is"), *descriptions.items()]))
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

    return encode_json(settings_document(resolved))


_SHOW: dict[str, Any] = {"table": settings_text, "toml": _show_toml, "json": _show_json}


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
    quiet = getattr(context.obj, "quiet", False)
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
