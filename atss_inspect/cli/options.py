"""Options that mean the same on every command, and groups of them.

A group is one parameter of a command for many options.
"""

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from inspect import Parameter
from typing import Any, ClassVar, dataclass_transform

import typer
from typer.models import ParameterInfo

INPUT = "Input"
CONVENTION = "Convention"
SELECTION = "Which objects"
OUTPUT = "Output"


@dataclass(frozen=True)
class GlobalOptions:
    """What stands before the command (or anywhere); ``context.obj`` of Typer."""

    quiet: bool = False
    debug: bool = False


def option(panel: str, names: str, text: str, default: Any = None, **more: Any) -> Any:
    """Make an option of Typer, in a section of the help page.

    Parameters
    ----------
    panel : the section
    names : all of them, and what the value is, between spaces: ``--limit -l N``
    text : of the help page
    default : False for a flag
    more : as `typer.Option` takes it, such as ``min``
    """
    words = names.split(" ")
    declared = [word for word in words if word.startswith("-")]
    metavar = " ".join(words[len(declared) :]) or None
    return typer.Option(
        default, *declared, metavar=metavar, help=text, rich_help_panel=panel, **more
    )


input_option = partial(option, INPUT)
convention_option = partial(option, CONVENTION)
selection_option = partial(option, SELECTION)
output_option = partial(option, OUTPUT)


def format_option(*names: str) -> Any:
    """Make the option that chooses a format; the first is the default.

    It stands beside ``-o``, whose suffix decides where nobody does.
    """
    text = f"How to print; without it, the suffix of -o decides, else {names[0]}."
    return output_option(f"--format -f {'|'.join(names)}", text)


def complete_preset(incomplete: str) -> list[str]:
    """Complete the name of a preset from the file names, without reading them."""
    from atss_inspect.presets import ALIASES, preset_names

    names = (*preset_names(), *ALIASES)
    return [name for name in names if name.startswith(incomplete)]


ANN = input_option(
    "--ann FILE",
    "COCO JSON, also .gz, a YOLO data.yaml, a folder of YOLO or VOC labels, or what "
    "`convert` made; - is stdin. One FILE may stand without --ann, first among the "
    "arguments; several are one data set. [ATSS_INSPECT_ANN]",
)
SPLIT = input_option(
    "--split NAME",
    "Which split of YOLO or VOC data, such as val; several are one data set; without "
    "it, train where there is one.",
)
BOX_FORMAT = input_option(
    "--box-format NAME",
    "What the numbers of each bbox are, where they are not COCO's xywh: xyxy, cxcywh "
    "(center, width, height); with -fractions or -percent behind, of the image.",
)
KEY = input_option(
    "--key KEY",
    "Where in the JSON the data lie, if not at its top: train, or data.train below "
    "data.",
)
IMAGES = input_option(
    "--images FOLDER",
    "Where the pictures are; without it, they are looked for beside the annotations. "
    "[ATSS_INSPECT_IMAGES]",
)
WITH_PICTURE = selection_option(
    "--with-picture",
    "Only images whose picture exists; without it, these come first.",
    default=False,
)
JSON = output_option("--json", "Short for --format json.", default=False)
OUTPUT_FILE = output_option(
    "--output -o FILE", "Write there instead of to stdout; - is stdout."
)
FORCE = output_option("--force", "Replace a file that exists.", default=False)
JOBS = output_option(
    "--jobs -j N",
    "Processes to share the work; without it, as many as cores where the data are "
    "large. The answer is the same.",
    min=1,
)


@dataclass_transform(frozen_default=True, kw_only_default=True)
class OptionGroup:
    """Options that belong together; a subclass names them, with types and defaults.

    An attribute that is an option of Typer is one of the group, and then has the
    default of the option. A subclass that names an option anew changes it in its place,
    or takes it away. To type checkers this is a frozen dataclass; a real one has its
    methods compiled at every start, which takes half a millisecond each.
    """

    options: ClassVar[dict[str, Any]] = {}

    def __init_subclass__(cls) -> None:
        cls.options = dict(cls.options)
        for name, hint in inspect.get_annotations(cls).items():
            declared = vars(cls).get(name)
            if isinstance(declared, ParameterInfo):
                cls.options[name] = hint, declared
                setattr(cls, name, declared.default)
            else:  # keeps the place
                cls.options[name] = None

    def __init__(self, **options: Any) -> None:
        vars(self).update(options)


def with_option_groups(command: Callable[..., None]) -> Callable[..., None]:
    """Show Typer the options of a command's groups, and call it with the groups.

    A parameter that has a group as its type stands for the group's options, in their
    order. Raises `ValueError` for an option that two groups have, or a group and the
    command itself.
    """
    signature = inspect.signature(command)
    shown: list[Parameter] = []
    groups: dict[str, tuple[type[OptionGroup], list[str]]] = {}
    for name, parameter in signature.parameters.items():
        parameter = parameter.replace(kind=Parameter.KEYWORD_ONLY)
        options, group = [parameter], parameter.annotation
        if isinstance(group, type) and issubclass(group, OptionGroup):
            options = [
                parameter.replace(name=each, annotation=found[0], default=found[1])
                for each, found in group.options.items()
                if found is not None
            ]
            groups[name] = group, [each.name for each in options]
        shown += options

    @functools.wraps(command)
    def flat(**values: Any) -> None:
        made = {
            name: group(**{each: values.pop(each) for each in options})
            for name, (group, options) in groups.items()
        }
        command(**made, **values)

    # What Typer reads; mypy does not know that functions may have it.
    flat.__annotations__ = {each.name: each.annotation for each in shown}
    flat.__signature__ = signature.replace(parameters=shown)  # type: ignore[attr-defined]
    return flat
