"""``atss-inspect config import``: a framework's config as settings of ours."""

import enum
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from atss_inspect.cli import options
from atss_inspect.cli.output import emit
from atss_inspect.errors import SettingsError
from atss_inspect.writers.files import STDOUT, check_target

if TYPE_CHECKING:
    from atss_inspect.importing.imported import Imported

# Which part of a model with both.
PartName = enum.StrEnum("PartName", "RPN HEAD")
FILE = typer.Argument(
    ...,
    metavar="FILE",
    help="A config that a framework trains with: .py, .yaml, .yml, .json or .ini.",
    show_default=False,
)
PART = options.convention_option(
    "--part rpn|head", "Which part of a model; without it, what has anchors."
)
WITH = options.convention_option(
    "--with KEY=VALUE", "A change to the config, as the trainer takes it; repeatable."
)
BASE = options.convention_option(
    "--base PKG=FOLDER",
    "Where a package is whose configs this one inherits; repeatable.",
)
STRICT = options.convention_option(
    "--strict", "Refuse what is imitated in part or not read.", default=False
)


def import_file(  # noqa: PLR0913 - one argument per option
    context: typer.Context,
    file: str = FILE,
    part: PartName | None = PART,
    changes: list[str] | None = WITH,
    base: list[str] | None = BASE,
    strict: bool = STRICT,
    as_json: bool = options.JSON,
    output: str | None = options.OUTPUT_FILE,
    force: bool = options.FORCE,
) -> None:
    """Write the config that you train with as a file for --config.

    It is read, never run: only what is written down is known. What is imitated in part,
    not read or left to the framework is told; what cannot be imitated is refused by its
    name, and nothing is written.
    """
    from atss_inspect.settings.configs import config_toml, import_config
    from atss_inspect.views import config_import as views

    if output not in (None, STDOUT):
        check_target(output, force=force)
    quiet = bool(getattr(context.obj, "quiet", False))
    try:
        imported = import_config(
            file, part=part, bases=_bases(base or ()), overrides=changes or ()
        )
        _require_fit(imported, Path(file))
        if strict:
            _require_exact(imported)
    except SettingsError as error:
        if as_json:
            emit(_as_text(views.refusal_document(error, file)))
        raise
    for line in views.remark_lines(imported) if not quiet else ():
        sys.stderr.write(f"{line}\n")
    document = views.import_document(imported)
    content = _as_text(document) if as_json else config_toml(imported)
    emit(content, output, force=force, quiet=quiet)


def _as_text(document: dict[str, object]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _bases(texts: list[str] | tuple[()]) -> dict[str, Path]:
    """Read ``PKG=FOLDER``; refuse a folder that is none."""
    bases: dict[str, Path] = {}
    for text in texts:
        name, equals, folder = text.partition("=")
        if not (name and equals and folder):
            message = f'--base: expected PKG=FOLDER, got "{text}"'
            raise SettingsError(message, hint="for example --base mmdet=~/mmdetection")
        bases[name] = Path(folder)
        if not bases[name].is_dir():
            message = f"--base {name}={folder}: no such folder"
            raise SettingsError(message)
    return bases


def _require_fit(imported: "Imported", file: Path) -> None:
    """Refuse settings that do not go together; hints name the config's own keys."""
    from atss_inspect.settings import imported_settings

    try:
        imported_settings(imported, file)
    except SettingsError as error:
        hint = error.hint or ""
        for one in imported.found:
            hint = hint.replace(f"--set {one.path}=", f"--with {one.key}=")
        if "--set " in hint:
            hint += ", where --config names the file; here, --with KEY=VALUE"
        error.hint = hint or None
        raise


def _require_exact(imported: "Imported") -> None:
    """Refuse the first thing that is imitated in part or not read."""
    from atss_inspect.importing.parts import Refused

    for one in imported.remarks:
        if one.kind != "default" and one.place:
            reason = f"{one.kind.replace('_', ' ')}: {one.text}"
            raise Refused(one.place, one.key, reason, hint="--strict refuses this")
