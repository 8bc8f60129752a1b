"""Options that mean the same on every command, and what is made of them."""

import enum
from dataclasses import dataclass
from typing import Annotated

import typer

INPUT = "Input"
CONVENTION = "Convention"
SELECTION = "Which objects"
OUTPUT = "Output"


@dataclass(frozen=True)
class GlobalOptions:
    """What stands before the command (or anywhere); ``context.obj`` of Typer."""

    quiet: bool = False
    debug: bool = False


class OutputFormat(enum.StrEnum):
    """How rows are printed or written."""

    TABLE = "table"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"
    MD = "md"


class Size(enum.StrEnum):
    """Size bins by area in original pixels; COCO's small is tiny and small."""

    TINY = "tiny"
    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


class Breakdown(enum.StrEnum):
    """By what objects are told apart."""

    SIZE = "size"
    LEVEL = "level"
    CLASS = "class"
    RATIO = "ratio"


def complete_preset(incomplete: str) -> list[str]:
    """Complete the name of a preset from the file names, without reading them."""
    from atss_inspect.presets import preset_names

    return [name for name in preset_names() if name.startswith(incomplete)]


AnnOption = Annotated[
    list[str] | None,
    typer.Option(
        "--ann",
        metavar="FILE",
        help="COCO JSON, also .gz, or what `convert` made of it; - is stdin. Several "
        "are one data set. [ATSS_INSPECT_ANN]",
        rich_help_panel=INPUT,
    ),
]
ImagesOption = Annotated[
    str | None,
    typer.Option(
        "--images",
        metavar="FOLDER",
        help="Where the images are, if pictures are wanted. [ATSS_INSPECT_IMAGES]",
        rich_help_panel=INPUT,
    ),
]
PresetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--preset",
        "-p",
        metavar="NAME",
        help="A framework's convention; several side by side. `config list` shows "
        "all. [ATSS_INSPECT_PRESET]",
        autocompletion=complete_preset,
        rich_help_panel=CONVENTION,
    ),
]
ConfigOption = Annotated[
    list[str] | None,
    typer.Option(
        "--config",
        "-c",
        metavar="FILE",
        help="A TOML file with a convention of your own; several side by side.",
        rich_help_panel=CONVENTION,
    ),
]
# For commands that work with one convention, and refuse several by their names.
OnePresetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--preset",
        "-p",
        metavar="NAME",
        help="One framework's convention; `config list` shows all. "
        "[ATSS_INSPECT_PRESET]",
        autocompletion=complete_preset,
        rich_help_panel=CONVENTION,
    ),
]
OneConfigOption = Annotated[
    list[str] | None,
    typer.Option(
        "--config",
        "-c",
        metavar="FILE",
        help="A TOML file with a convention of your own, instead of --preset.",
        rich_help_panel=CONVENTION,
    ),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        "-s",
        metavar="NAME=VALUE",
        help="Change a setting of every preset that has it: k=15, "
        "anchors.scale=4. [ATSS_INSPECT_SET_NAME]",
        rich_help_panel=CONVENTION,
    ),
]
PadToOption = Annotated[
    tuple[int, int] | None,
    typer.Option(
        "--pad-to",
        metavar="H W",
        help="Pad every image to this height and width at least, as a batch with "
        "larger images would; short for --set pad_to=H,W.",
        rich_help_panel=CONVENTION,
    ),
]
ClassOption = Annotated[
    list[str] | None,
    typer.Option(
        "--class",
        metavar="NAME",
        help="Only objects of these classes.",
        rich_help_panel=SELECTION,
    ),
]
ImageOption = Annotated[
    list[str] | None,
    typer.Option(
        "--image",
        metavar="ID",
        help="Only these images, by id or file name.",
        rich_help_panel=SELECTION,
    ),
]
SizeOption = Annotated[
    list[Size] | None,
    typer.Option(
        "--size",
        metavar="tiny|small|medium|large",
        help="Only objects of these sizes (original pixels).",
        rich_help_panel=SELECTION,
    ),
]
LimitOption = Annotated[
    int | None,
    typer.Option(
        "--limit",
        min=1,
        metavar="N",
        help="Only the first N images.",
        rich_help_panel=SELECTION,
    ),
]
ByOption = Annotated[
    list[Breakdown] | None,
    typer.Option(
        "--by",
        metavar="size|level|class|ratio",
        help="Break the numbers down; repeatable.",
        rich_help_panel=OUTPUT,
    ),
]
FormatOption = Annotated[
    OutputFormat | None,
    typer.Option(
        "--format",
        "-f",
        metavar="table|json|jsonl|csv|md",
        help="How to print; without it, the suffix of -o decides, else table.",
        rich_help_panel=OUTPUT,
    ),
]
JsonOption = Annotated[
    bool,
    typer.Option("--json", help="Short for --format json.", rich_help_panel=OUTPUT),
]
OutputOption = Annotated[
    str | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help="Write there instead of to stdout; - is stdout.",
        rich_help_panel=OUTPUT,
    ),
]
ForceOption = Annotated[
    bool,
    typer.Option("--force", help="Replace a file that exists.", rich_help_panel=OUTPUT),
]
DaskOption = Annotated[
    str | None,
    typer.Option(
        "--dask",
        metavar="ADDRESS",
        help="Share the work on the Dask cluster of this scheduler, such as "
        "tcp://host:8786; the answer is the same.",
        rich_help_panel=OUTPUT,
    ),
]
JobsOption = Annotated[
    int,
    typer.Option(
        "--jobs",
        "-j",
        min=1,
        metavar="N",
        help="Processes to share the work; the answer is the same.",
        rich_help_panel=OUTPUT,
    ),
]
