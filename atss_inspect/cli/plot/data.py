"""What a picture of many objects is made of: the annotations and the conventions."""

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from atss_inspect.cli.output import STDOUT
from atss_inspect.cli.plot.picture import Target
from atss_inspect.cli.request import Request, require_ann
from atss_inspect.cli.selection import Filters, apply_filters
from atss_inspect.cli.warnings import show_warnings
from atss_inspect.cli.workers import at_work
from atss_inspect.errors import SettingsError
from atss_inspect.views.names import printable

if TYPE_CHECKING:
    import pandas as pd

    from atss_inspect.dataset import Dataset
    from atss_inspect.settings import Settings
    from atss_inspect.summary import Selection


@dataclass(frozen=True)
class PlotData:
    """What is to be drawn.

    Attributes
    ----------
    dataset : the images looked at
    settings : the conventions, in the order asked for
    selection : the objects shown
    """

    dataset: "Dataset"
    settings: "tuple[Settings, ...]"
    selection: "Selection"

    def objects(self, *, jobs: int, quiet: bool) -> "pd.DataFrame":
        """Assign, with a progress bar; a row per object and convention."""
        from atss_inspect.tables import objects_table

        with at_work(self.dataset, jobs=jobs, quiet=quiet) as (executor, on_chunk):
            return objects_table(
                self.dataset,
                self.settings,
                selection=self.selection,
                executor=executor,
                on_chunk=on_chunk,
            )

    def line(self, table: "pd.DataFrame") -> str:
        """Name the annotations; count the objects that any convention assigns."""
        from atss_inspect.figures.words import data_line

        num_objects = int(table["preset"].value_counts().max()) if len(table) else 0
        return data_line(self.dataset, self.selection, num_objects)


def read_plot_data(request: Request, filters: Filters, *, quiet: bool) -> PlotData:
    """Read annotations and take what was asked for; nothing is assigned yet.

    Raises
    ------
    SettingsError
        For two conventions of one name, which a picture could not tell apart.
    """
    from atss_inspect.readers import load_coco

    require_different_names(request)
    dataset = load_coco(*require_ann(request))
    show_warnings(dataset.findings, quiet=quiet)
    dataset, selection = apply_filters(dataset, filters)
    settings = tuple(one.settings for one in request.resolved)
    return PlotData(dataset, settings, selection)


def emit_text(lines: Sequence[str], target: Target) -> None:
    """Print the numbers of a picture, unless the picture itself goes to stdout."""
    if target.path != STDOUT:
        sys.stdout.write("\n".join(lines))


def require_different_names(request: Request) -> None:
    """Refuse conventions that have the same name."""
    names = Counter(one.settings.name for one in request.resolved)
    name, number = names.most_common(1)[0]
    if number > 1:
        message = f"plot: expected different presets, got {printable(name)} twice"
        hint = "a convention of your own is named after its file: rename the file"
        raise SettingsError(message, hint=hint)
