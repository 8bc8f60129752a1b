"""Options of ``plot image``."""

import enum
from typing import Annotated

import typer

from atss_inspect.cli.option_groups import OptionGroup
from atss_inspect.cli.options import SELECTION
from atss_inspect.cli.plot.options import DpiOption
from atss_inspect.cli.plot.picture import PictureOptions

SHOWN = "What is drawn"


class Criterion(enum.StrEnum):
    """What makes an image the worst."""

    UNASSIGNED = "unassigned"
    SHARE = "share"
    LOST = "lost"
    FEWEST = "fewest"


class LabelChoice(enum.StrEnum):
    """Which objects are named in the picture."""

    AUTO = "auto"
    ALL = "all"
    NONE = "none"


class PanelsBy(enum.StrEnum):
    """What the panels are."""

    LEVEL = "level"


WantedArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="IMAGE",
        help="The image, by id or file name; for --gallery also several, or patterns.",
        show_default=False,
    ),
]
WorstOption = Annotated[
    Criterion | None,
    typer.Option(
        "--worst",
        metavar="unassigned|share|lost|fewest",
        help="Instead of naming an image: the one with most objects without a "
        "positive, the largest share of them, most that lost every anchor to "
        "others, or fewest positives per object.",
        rich_help_panel=SELECTION,
    ),
]
GalleryOption = Annotated[
    int | None,
    typer.Option(
        "--gallery",
        min=1,
        max=100,
        metavar="N",
        help="A contact sheet of N images: the worst, those named, or the first.",
        rich_help_panel=SELECTION,
    ),
]
LevelsOption = Annotated[
    str | None,
    typer.Option(
        "--levels",
        metavar="P3,P4,...",
        help="Only positives of these pyramid levels.",
        rich_help_panel=SHOWN,
    ),
]
PanelsOption = Annotated[
    PanelsBy | None,
    typer.Option(
        "--by",
        metavar="level",
        help="A panel for each pyramid level.",
        rich_help_panel=SHOWN,
    ),
]
KOption = Annotated[
    str | None,
    typer.Option(
        "--k",
        metavar="3,9,15",
        help="A panel for each k of ATSS.",
        rich_help_panel=SHOWN,
    ),
]
AnchorsOption = Annotated[
    bool,
    typer.Option("--anchors", help="The boxes of positives.", rich_help_panel=SHOWN),
]
ContestedOption = Annotated[
    bool,
    typer.Option(
        "--contested",
        help="Ring positives that another object could have had.",
        rich_help_panel=SHOWN,
    ),
]
CandidatesOption = Annotated[
    str | None,
    typer.Option(
        "--candidates",
        metavar="ANN_ID",
        help="What the rule looked at for one object, and why it was rejected; "
        "close up.",
        rich_help_panel=SHOWN,
    ),
]
ZoomOption = Annotated[
    str | None,
    typer.Option(
        "--zoom",
        metavar="ANN_ID|none",
        help="One object and its surroundings; none is the whole image.",
        rich_help_panel=SHOWN,
    ),
]
LabelsOption = Annotated[
    LabelChoice,
    typer.Option(
        "--labels",
        metavar="auto|all|none",
        help="Name starved objects (and the others, if few), as many as there is "
        "room for, or none.",
        rich_help_panel=SHOWN,
    ),
]
MaskOption = Annotated[
    bool,
    typer.Option(
        "--mask",
        help="Shade masks, and print the share of positives on the object itself.",
        rich_help_panel=SHOWN,
    ),
]


class SearchOptions(OptionGroup):
    """The options that say which images are meant, besides their names."""

    worst: WorstOption = None
    gallery: GalleryOption = None


class ShownOptions(OptionGroup):
    """The options that say what is drawn of an image."""

    levels: LevelsOption = None
    by: PanelsOption = None
    k: KOption = None
    anchors: AnchorsOption = False
    contested: ContestedOption = False
    candidates: CandidatesOption = None
    zoom: ZoomOption = None
    labels: LabelsOption = LabelChoice.AUTO
    mask: MaskOption = False


class ImagePictureOptions(PictureOptions):
    """The same for one image, whose PNG is coarser unless told."""

    dpi: DpiOption = 200
