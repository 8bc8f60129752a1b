"""``atss-inspect config``: which conventions there are, what one means, your own."""

import enum
import json
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import typer

from atss_inspect import presets
from atss_inspect.cli import config_import, help, options
from atss_inspect.cli.help import OPTIONS, LazyGroup, make_app
from atss_inspect.cli.output import AnswerOptions, PlainFormat, emit
from atss_inspect.cli.request import RequestOptions
from atss_inspect.cli.workflow import begin
from atss_inspect.errors import SettingsError
from atss_inspect.views import settings as views

EXAMPLES = {
    "list": ("atss-inspect config list", "atss-inspect config list --json"),
    "show": (
        "atss-inspect config show --preset retinanet-torchvision",
        "atss-inspect config show --config mine.toml --set k=15",
        "atss-inspect config show --format toml > mine.toml",
    ),
    "init": (
        "atss-inspect config init instances_train.json",
        "atss-inspect config init --settings --preset retinanet-mmdet -o mine.toml",
    ),
    "import": (
        "atss-inspect config import my_retinanet.py -o mine.toml",
        "atss-inspect config import work_dirs/run1/my_atss.py --json",
        "atss-inspect config import my_atss.py --strict --part rpn",
    ),
    "schema": (
        "atss-inspect config schema -o settings.schema.json",
        "atss-inspect config schema stats",
        "atss-inspect config schema sweep-line",
    ),
}
SCHEMA = typer.Argument(
    "settings",
    metavar="[NAME]",
    help="What it is of: settings, project, a document or a line.",
)
LIST_FORMAT = options.option(OPTIONS, "--format -f table|json", "How to print.")
FIRST_PRESET = options.convention_option(
    "--preset -p NAME",
    "The convention to start from.",
    default=presets.DEFAULT_PRESET,
    autocompletion=options.complete_preset,
)
IS_SETTINGS = options.convention_option(
    "--settings",
    "A convention for --config that extends the preset, instead of a project file.",
    default=False,
)


def list_presets(
    list_format: PlainFormat | None = LIST_FORMAT, as_json: bool = options.JSON
) -> None:
    """List the presets: the conventions that come with this tool."""
    descriptions = presets.preset_descriptions()
    if as_json or list_format is PlainFormat.JSON:
        rows = [{"preset": n, "description": text} for n, text in descriptions.items()]
        document = {"schema_version": views.SCHEMA_VERSION, "presets": rows}
        document["aliases"] = presets.ALIASES
        emit(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
        return
    emit(views.aligned([("preset", "what it is"), *descriptions.items()]))
    emit(
        f"\nOther names of {', '.join({*presets.ALIASES.values()})}: "
        f"{', '.join(presets.MODELS)};\nalso with the letter of a size: yolo11s.\n"
        "\n(no record): follows the framework's source, but is not compared with "
        "answers\nrecorded from it.\n\n"
        f"next: atss-inspect config show --preset {presets.DEFAULT_PRESET}\n"
    )


# How ``config show`` prints.
ShowFormat = enum.StrEnum("ShowFormat", "TABLE TOML JSON")


class ConventionOptions(RequestOptions):
    """The options that name conventions; no data are read."""

    ann: None = None
    split: None = None
    key: None = None
    box_format: None = None
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


def show_settings(
    context: typer.Context, *, asked: ConventionOptions, answer: ShowOptions
) -> None:
    """Show every setting, its origin, and the anchors in pixels."""
    from atss_inspect.settings.slips import find_slips
    from atss_inspect.views.answer import Arranged

    flow = begin(context, asked, answer=answer)
    flow.warn(find_slips(flow.settings))
    resolved = flow.resolved
    if answer.choose_format() == ShowFormat.TOML:
        if len(resolved) != 1:
            names = ", ".join(flow.names)
            message = f"--format toml: expected one preset or file, got {names}"
            raise SettingsError(message)
        # A file for --config, origins as comments.
        content = resolved[0].settings.to_toml(resolved[0].origins)
        emit(content, answer.output, force=answer.force, quiet=flow.quiet)
        return
    document = views.settings_document(resolved)
    flow.show(Arranged(views.settings_text(resolved), document))


def init_file(  # noqa: PLR0913 - one argument per option
    context: typer.Context,
    preset: str = FIRST_PRESET,
    is_settings: bool = IS_SETTINGS,
    ann: list[str] | None = options.ANN,
    split: list[str] | None = options.SPLIT,
    key: str | None = options.KEY,
    box_format: str | None = options.BOX_FORMAT,
    images: str | None = options.IMAGES,
    output: str | None = options.OUTPUT_FILE,
    force: bool = options.FORCE,
) -> None:
    """Write atss-inspect.toml, the project file that saves typing.

    It is found from its folder and every folder below: annotations, images, presets
    and settings that hold where no option or environment variable says otherwise.
    """
    if is_settings:
        content, target = _settings_file(preset), f"my-{preset}.toml"
    else:
        reading = {"split": split, "key": key, "box_format": box_format}
        content = _project_file(preset, ann or (), reading, images)
        target = "atss-inspect.toml"
    quiet = getattr(context.obj, "quiet", False)
    emit(content, output or target, force=force, quiet=quiet)


def _project_file(
    preset: str,
    ann: Sequence[str],
    reading: Mapping[str, str | list[str] | None],
    images: str | None,
) -> str:
    """Write a project file with comments; what is not known is commented out."""
    presets.read_preset(preset)
    # Of JSON's escapes TOML knows all that occur in paths.
    quoted = partial(json.dumps, ensure_ascii=False)
    is_yolo = Path("data.yaml").is_file()
    guess = '"data.yaml"' if is_yolo else '"annotations/instances_train.json"'
    lines = [f"ann = [{', '.join(map(quoted, ann))}]" if ann else f"# ann = {guess}"]
    lines += [f"{name} = {quoted(one)}" for name, one in reading.items() if one]
    if images:
        lines.append(f"images = {quoted(images)}")
    elif not is_yolo:
        lines.append('# images = "train"')
    text = "\n".join(lines)
    return f"""\
# Read by atss-inspect in this folder and below. Options and variables
# ATSS_INSPECT_* win over it; relative paths start at this file.
{text}
preset = [{quoted(preset)}]

[set] # settings of every preset that has them: atss-inspect config show
# "assigner.k" = 9
# "resize.short_side" = 800
"""


def _settings_file(preset: str) -> str:
    """Write a file that extends a preset, with the preset's values commented out."""
    text = presets.read_preset_text(preset).partition(f"\n[{presets.FRAMEWORK}]")[0]
    return f"""\
description = "my {preset}"
extends = "{preset}"

# Take the # away from what you change; the rest stays as in the preset.
""" + "".join(
        line if line.startswith(("[", "#", "\n")) else f"# {line}"
        for line in text.splitlines(keepends=True)
        if not line.startswith(("description", "source"))
    )


def print_schema(
    context: typer.Context,
    name: str = SCHEMA,
    output: str | None = options.OUTPUT_FILE,
    force: bool = options.FORCE,
) -> None:
    """Print a JSON Schema: of a TOML file, or of what --json prints.

    settings: of a file for --config, by which editors complete it. project: of
    atss-inspect.toml. stats, compare, compare-baseline, sweep, tune, explain, worst,
    check, config-list, config-show, config-import: of the document of that command;
    error: of what stands on stderr then. stats-line and so on: of a line of JSON Lines,
    also export-positives-line, export-objects-line and the like.
    """
    from atss_inspect.schemas import NAMES, schema

    if name not in NAMES:
        message = f"config schema {name}: unknown{presets.did_you_mean(name, NAMES)}"
        raise SettingsError(message, hint=f"there are {', '.join(NAMES)}")
    text = json.dumps(schema(name), indent=2, ensure_ascii=False) + "\n"
    quiet = getattr(context.obj, "quiet", False)
    emit(text, output, force=force, quiet=quiet)


COMMANDS = {
    "list": list_presets,
    "show": show_settings,
    "init": init_file,
    "import": config_import.import_file,
    "schema": print_schema,
}


class Conventions(LazyGroup):
    """The commands of this module."""

    rows = tuple((name, help.COMMANDS) for name in COMMANDS)

    def load(self, name: str) -> Any:
        """Make what a module with this command alone would have."""
        return SimpleNamespace(**{name: COMMANDS[name]}, EXAMPLES=EXAMPLES[name])


ABOUT = "Conventions: which there are, what one means, write your own."
app = make_app(Conventions, name="config", help=ABOUT)
