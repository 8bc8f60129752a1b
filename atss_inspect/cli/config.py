"""``atss-inspect config``: which conventions there are, what one means, your own."""

import enum
import json
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import typer

from atss_inspect import presets
from atss_inspect.cli import options
from atss_inspect.cli.help import OPTIONS, SectionedCommand, examples, make_app
from atss_inspect.cli.output import AnswerOptions, PlainFormat, emit
from atss_inspect.cli.request import RequestOptions
from atss_inspect.cli.workflow import begin
from atss_inspect.errors import SettingsError
from atss_inspect.presets import DEFAULT_PRESET
from atss_inspect.views import settings as views

if TYPE_CHECKING:
    from atss_inspect.settings import ResolvedSettings

app = make_app(
    name="config", help="Conventions: which there are, what one means, write your own."
)
command = partial(app.command, cls=SectionedCommand)
LIST_FORMAT = options.option(OPTIONS, "--format -f table|json", "How to print.")
FIRST_PRESET = options.convention_option(
    "--preset -p NAME",
    "The convention to start from.",
    default=DEFAULT_PRESET,
    autocompletion=options.complete_preset,
)
IS_SETTINGS = options.convention_option(
    "--settings",
    "A convention for --config that extends the preset, instead of a project file.",
    default=False,
)


@command(
    "list",
    epilog=examples("atss-inspect config list", "atss-inspect config list --json"),
)
def list_presets(
    list_format: PlainFormat | None = LIST_FORMAT, as_json: bool = options.JSON
) -> None:
    """List the presets: the conventions that come with this tool."""
    descriptions = presets.preset_descriptions()
    if as_json or list_format is PlainFormat.JSON:
        document = views.presets_document(descriptions)
        emit(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
        return
    emit(views.aligned([("preset", "what it is"), *descriptions.items()]))
    emit(
        "\n(no record): follows the framework's source, but is not compared with "
        "answers\nrecorded from it.\n\n"
        f"next: atss-inspect config show --preset {DEFAULT_PRESET}\n"
    )


# How ``config show`` prints.
ShowFormat = enum.StrEnum("ShowFormat", "TABLE TOML JSON")


class ConventionOptions(RequestOptions):
    """The options that name conventions; no data are read."""

    ann: None = None
    pad_to: None = None


class ShowOptions(AnswerOptions):
    """How ``config show`` prints, and where."""

    output_format: ShowFormat | None = options.format_option(*ShowFormat)

    formats = (ShowFormat.TABLE, ShowFormat.JSON)  # the suffix .toml is our own

    def choose_format(self) -> str:
        """Choose a format; a file of TOML is one of settings."""
        is_toml_file = (self.output or "").lower().endswith(".toml")
        if is_toml_file and self.output_format is None and not self.as_json:
            return ShowFormat.TOML
        return super().choose_format()


@command(
    "show",
    epilog=examples(
        "atss-inspect config show --preset retinanet-torchvision",
        "atss-inspect config show --config mine.toml --set k=15",
        "atss-inspect config show --format toml > mine.toml",
    ),
)
@options.with_option_groups
def show_settings(
    context: typer.Context, *, asked: ConventionOptions, answer: ShowOptions
) -> None:
    """Show every setting, its origin, and the anchors in pixels."""
    from atss_inspect.views.answer import Arranged

    flow = begin(context, asked, answer=answer)
    resolved = flow.resolved
    if answer.choose_format() == ShowFormat.TOML:
        answer.emit(_toml(resolved), quiet=flow.quiet)
        return
    document = views.settings_document(resolved)
    flow.show(Arranged(views.settings_text(resolved), document))


def _toml(resolved: "Sequence[ResolvedSettings]") -> str:
    """Write settings as a file for --config, origins as comments."""
    if len(resolved) != 1:
        names = ", ".join(one.settings.name for one in resolved)
        message = f"--format toml: expected one preset or file, got {names}"
        raise SettingsError(message)
    return resolved[0].settings.to_toml(resolved[0].origins)


@command(
    "init",
    epilog=examples(
        "atss-inspect config init --ann instances_train.json",
        "atss-inspect config init --settings --preset retinanet-mmdet -o mine.toml",
    ),
)
def init_file(  # noqa: PLR0913 - one argument per option
    context: typer.Context,
    preset: str = FIRST_PRESET,
    is_settings: bool = IS_SETTINGS,
    ann: list[str] | None = options.ANN,
    images: str | None = options.IMAGES,
    output: str | None = options.OUTPUT_FILE,
    force: bool = options.FORCE,
) -> None:
    """Write atss-inspect.toml, the project file that saves typing.

    It is found from its folder and every folder below: annotations, images, presets
    and settings that hold where no option or environment variable says otherwise.
    """
    if is_settings:
        content, target = settings_file(preset), f"my-{preset}.toml"
    else:
        content, target = project_file(preset, ann or (), images), "atss-inspect.toml"
    emit(
        content,
        output or target,
        force=force,
        quiet=getattr(context.obj, "quiet", False),
    )


def project_file(preset: str, ann: Sequence[str], images: str | None) -> str:
    """Write a project file with comments; what is not known is commented out."""
    presets.read_preset(preset)
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
    for line in presets.read_preset_text(preset).splitlines():
        if line.startswith(("description", "source")):
            continue
        is_kept = not line or line.startswith(("[", "#"))
        lines.append(line if is_kept else f"# {line}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """Write a TOML string; of JSON's escapes TOML knows all that occur in paths."""
    return json.dumps(text, ensure_ascii=False)
