"""``atss-inspect demo``: the answers on drawn scenes, for who has no file at hand."""

import json
import sys
from dataclasses import replace
from pathlib import Path

import typer

from atss_inspect.cli.options import FORCE, output_option
from atss_inspect.cli.output import emit
from atss_inspect.errors import OutputError
from atss_inspect.presets import DEFAULT_PRESETS
from atss_inspect.writers.files import STDOUT, naming, resolve, write_bytes

EXAMPLES = (
    "atss-inspect demo",
    "atss-inspect demo -o sample && cd sample && atss-inspect stats --by size",
    "atss-inspect demo -o - | atss-inspect stats --ann -",
)
NAME = "sample annotations"
PROJECT_FILE = """\
# Read by atss-inspect in this folder and below.
ann = "instances.json"
images = "images"
"""

FOLDER = output_option(
    "--output -o FOLDER",
    "Write annotations, pictures and an atss-inspect.toml into a folder to play with; "
    "- writes the annotations to stdout.",
)


def demo(
    context: typer.Context, output: str | None = FOLDER, force: bool = FORCE
) -> None:
    """Show `stats` on 64 drawn scenes that come with this tool.

    Writes nothing, unless a folder is named.
    """
    from atss_inspect.readers.sample import sample_annotations

    if output is None:
        _show_stats(sample_annotations())
    elif output == STDOUT:
        emit(sample_annotations())
    else:
        _write(Path(output), force=force, quiet=context.obj.quiet)


def _show_stats(annotations: bytes) -> None:
    """Print what the default presets do to the sample annotations."""
    from atss_inspect.readers import load_coco
    from atss_inspect.settings import preset
    from atss_inspect.statistics.run import summarize
    from atss_inspect.views.answer import render
    from atss_inspect.views.stats import StatsReport

    # No Workflow: the sample is no file, and what the user has set must not change it.
    dataset = replace(load_coco(json.loads(annotations)), files=(NAME,))
    settings = tuple(map(preset, DEFAULT_PRESETS))
    summaries, again = summarize(dataset, settings), "atss-inspect demo -o sample"
    emit(render(StatsReport(dataset, settings, summaries, following=again), "table"))


def _write(folder: Path, *, force: bool, quiet: bool) -> None:
    """Write the sample set and a project file that points at it."""
    from atss_inspect.readers.sample import sample_files

    resolve(folder)
    if folder.exists() and not folder.is_dir():
        raise OutputError(folder, "is a file; expected a folder, new or empty")
    if folder.is_dir() and any(folder.iterdir()) and not force:
        message = f"{folder}: is not empty"
        hint = "--force replaces the files of the demo there, and no others"
        raise OutputError(message, hint=hint)
    with naming(folder):
        (folder / "images").mkdir(parents=True, exist_ok=True)
    files = sample_files()
    for name, content in files.items():
        write_bytes(folder / name, content, force=True)
    write_bytes(folder / "atss-inspect.toml", PROJECT_FILE.encode(), force=True)
    if not quiet:
        sys.stderr.write(
            f"wrote {folder / 'instances.json'}, {len(files) - 1} pictures and an "
            "atss-inspect.toml\n"
            f"next: cd {folder} && atss-inspect stats\n"
        )
