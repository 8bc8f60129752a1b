"""Every plot in one place: its command, its help, and how it is read in a report.

A plot is an entry here and a module of this folder with the same name. A plot of all
objects has there ``NAME_figure``, ``NAME_text`` and ``NAME_verdict``, which take the
table of objects and the conventions; its command, its figure in the report and its
section in docs/pictures.md follow from the entry. Other plots have a command of their
own. Nothing here loads NumPy or matplotlib before a plot is drawn.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from atss_inspect.errors import SettingsError
from atss_inspect.presets import DEFAULT_PRESET, DEFAULT_PRESETS
from atss_inspect.views import numbers

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from atss_inspect.settings import Settings

IMAGES, DATA, CONVENTIONS = "One image", "All objects", "Conventions"


@dataclass(frozen=True)
class Plot:
    """One kind of picture."""

    name: str  # of the command, and of the module here
    panel: str  # of the help page that lists it
    title: str = ""  # of the figure in the report; `{}` is the name of a convention
    reading: str = ""  # how to read the figure, in the report
    reading_of_gates: str = ""  # likewise, where it shows gates alone
    help: str = ""  # empty where the command has a module of its own
    examples: tuple[str, ...] = ()  # calls for the help page
    default: tuple[str, ...] = DEFAULT_PRESETS  # presets to take where nobody names one
    refuses: str = ""  # function of the module that refuses what it cannot show, or ""
    # why it shows nothing of gates, which have no positives; empty where it shows them
    not_of_gates: str = ""
    is_for_all: bool = False  # the report has one figure of all, without being told
    is_placed: bool = False  # the table needs the sizes of the objects' images
    by: str = ""  # breakdown of `stats` that goes on from here, if there is one

    def can_show(self, settings: "Settings") -> bool:
        """Whether it shows a convention: of gates it may not."""
        return not self.not_of_gates or settings.rule.gate is None

    def require(self, settings: "Sequence[Settings]") -> None:
        """Raise `SettingsError` for what it cannot show, before anything is read."""
        for one in settings:
            if not self.can_show(one):
                message = f"plot {self.name}: {one.name} is a gate: {self.not_of_gates}"
                named = numbers.joined([e.name for e in _ALL if e.can_show(one)])
                raise SettingsError(message, hint=f"of gates there are plot {named}")
        if self.refuses:
            self._call(self.refuses, settings)

    def figure(
        self, table: "pd.DataFrame", settings: "Sequence[Settings]", **options: Any
    ) -> "Figure":
        """Draw a table of objects, see `objects_table`.

        ``settings``: the conventions it was made with, in the order they are drawn in;
        their names differ. The functions of the modules take a single one too.
        ``options``: ``data``, a line that names the data; ``theme``, the colors; and
        those of the module's function.
        """
        figure: Figure = self._call(f"{self.name}_figure", table, settings, **options)
        return figure

    def text(
        self, table: "pd.DataFrame", settings: "Sequence[Settings]", **options: Any
    ) -> str:
        """Write the numbers that the figure shows most, and the verdict."""
        return str(self._call(f"{self.name}_text", table, settings, **options))

    def verdict(self, table: "pd.DataFrame", settings: "Sequence[Settings]") -> str:
        """Write in a sentence what the figure shows."""
        return str(self._call(f"{self.name}_verdict", table, settings))

    def words(self, settings: "Sequence[Settings]", *names: str) -> tuple[str, str]:
        """Title of the figure in the report, with names, and how it is read."""
        from atss_inspect.figures.words import in_words

        title, reading = in_words(self.title, settings, *names), self.reading
        if self.reading_of_gates and all(one.rule.gate for one in settings):
            reading = self.reading_of_gates
        return title[0].upper() + title[1:], in_words(reading, settings)

    def _call(self, what: str, *given: Any, **options: Any) -> Any:
        """Call a function of the module that draws it."""
        module = import_module(f"{__package__}.{self.name}")
        return getattr(module, what)(*given, **options)


_SIDE_BY_SIDE = (
    "Without a preset: ATSS, RetinaNet and FCOS of mmdetection side by side."
)
# In the order of the help page and of the report.
_ALL = (
    Plot("image", IMAGES),
    Plot(
        "positives",
        DATA,
        title="{amount}",
        reading="Each bar is the share of objects that get so many; the bar at 0, set "
        "apart, is those {lack}, which teach the box head nothing. Hollow: only "
        "low-quality matches. A dashed line marks 0.2 k L, what the ATSS paper "
        "expects.",
        reading_of_gates="Each bar is the share of objects of which at most so many "
        "candidates are picked; the bar at 0, set apart, is those {lack} of their own.",
        help=f"How many positives objects get, by preset and size.\n\n{_SIDE_BY_SIDE}",
        examples=(
            "atss-inspect plot positives --ann instances_val.json",
            "atss-inspect plot positives -p atss-mmdet -p atss-official "
            "-o positives.svg",
            "atss-inspect plot positives --class person --theme paper -o person.pdf",
        ),
        is_for_all=True,
        by="size",
    ),
    Plot(
        "size",
        DATA,
        title="{amount} by size of the object",
        reading="Above, the line is the median of objects of that size, the band the "
        "middle half of them; dotted and hollow, the low-quality matches that it "
        "leaves out. Below, the share that is {poor}. A flat line treats large and "
        "small objects alike.",
        reading_of_gates="Above, the line is the median number of candidates picked "
        "at most for objects of that size, the band the middle half of them. Below, "
        "the share {lack}. A flat line treats large and small objects alike.",
        help="Positives against size, ratio or position of objects.\n\n"
        f"{_SIDE_BY_SIDE}",
        examples=(
            "atss-inspect plot size --ann instances_val.json",
            "atss-inspect plot size --against ratio -o ratio.svg",
            "atss-inspect plot size --against position --class person -o person.pdf",
        ),
        is_for_all=True,
    ),
    Plot(
        "levels",
        DATA,
        title="Which pyramid level learns what",
        reading="Bars: the share of all positives on each level. Map: each row is a "
        "size of object and adds up to 100%. A level with next to nothing is idle: it "
        "costs time and learns little.",
        help=f"Which levels positives lie on; names idle levels.\n\n{_SIDE_BY_SIDE}",
        examples=(
            "atss-inspect plot levels --ann instances_val.json",
            "atss-inspect plot levels -p atss-mmdet --set anchors.scale=4 "
            "-o levels.svg",
        ),
        not_of_gates="its candidates lie on every level, as the cells do; "
        "`stats --by level` counts them",
        is_for_all=True,
        by="level",
    ),
    Plot(
        "threshold",
        DATA,
        title="Thresholds of {}, object by object",
        reading="Above, how the thresholds of objects are distributed, mean plus "
        "standard deviation of their candidates' IoUs, by the level that serves them; "
        "the upright line is the median. Below, std / mean of their candidates.",
        help="ATSS thresholds: mean and std of candidates' IoU.\n\n"
        "ATSS presets only; without one, atss-mmdet.",
        examples=(
            "atss-inspect plot threshold --ann instances_val.json",
            "atss-inspect plot threshold --set k=15 --size small -o threshold.svg",
        ),
        default=(DEFAULT_PRESET,),
        refuses="require_thresholds",
        not_of_gates="it has no thresholds",
    ),
    Plot(
        "where",
        DATA,
        title="Where in the image objects are poorly assigned",
        reading="Each cell is a part of the image, of all images at once: the % of the "
        "objects there that are {poor}.",
        help="Map of where in the image objects are poorly assigned.\n\n"
        f"{_SIDE_BY_SIDE}",
        examples=(
            "atss-inspect plot where --ann instances_val.json",
            "atss-inspect plot where -p retinanet-mmdet --size small -o where.svg",
        ),
        is_placed=True,
    ),
    Plot(
        "iou",
        DATA,
        title="How well the best anchor fits each object",
        reading="Each bar is the share of objects whose best positive anchor has that "
        "IoU; hollow ones lie below the rule's bar. Hatched: {lack}.",
        help=f"How well the best positive anchor fits each object.\n\n{_SIDE_BY_SIDE}",
        examples=(
            "atss-inspect plot iou --ann instances_val.json",
            "atss-inspect plot iou -p atss-mmdet -p retinanet-mmdet -o iou.svg",
        ),
        not_of_gates="it has no positives to measure",
    ),
    Plot(
        "compare",
        DATA,
        title="{} against {}",
        reading="Above, the share of objects of a size {lack} (filled) or with only "
        "low-quality matches (hollow). Below, objects by what they get under both: "
        "along the lower and the left edge lie those {lack} under one of them.",
        reading_of_gates="Above, the share of objects of a size {lack}. Below, objects "
        "by how many are picked at most under both: along the lower and the left edge "
        "lie those {lack} under one of them.",
    ),
    Plot(
        "sweep",
        CONVENTIONS,
        title="Other values for {}",
        reading="Above, the share of objects {poor} at each value, of all and by size; "
        "below, {amount}, mean. Gray bars: where the share may lie by chance.",
    ),
    Plot(
        "tune",
        CONVENTIONS,
        title="What fewer objects {poor} cost under {}",
        reading="Each letter is a row of `tune`, as costly as it lies to the right; a "
        "cross is today. The lower, the fewer objects are {poor}, of all and by size. "
        "Nothing was trained.",
    ),
    Plot(
        "reach",
        CONVENTIONS,
        title="Which boxes each preset can see",
        reading="Every point is a box of that width and height, in input pixels; the "
        "darker, the more positives it gets on average over all positions. Shaded: "
        "{lack} at most positions; hatched: with only low-quality matches. Dots are "
        "boxes of this data.",
        reading_of_gates="Every point is a box of that width and height, in input "
        "pixels; the darker, the more candidates are picked at most for it, on average "
        "over all positions. Shaded: {lack} at most positions. Dots are boxes of this "
        "data.",
    ),
)
PLOTS = {plot.name: plot for plot in _ALL}
