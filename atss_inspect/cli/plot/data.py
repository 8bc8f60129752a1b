"""What a picture of many objects is made of: the annotations and the conventions."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from atss_inspect.cli.request import Request, require_ann
from atss_inspect.cli.selection import Filters, apply_filters
from atss_inspect.cli.warnings import show_warnings
from atss_inspect.cli.workers import at_work

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


def read_plot_data(request: Request, filters: Filters, *, quiet: bool) -> PlotData:
    """Read annotations and take what was asked for; nothing is assigned yet."""
    from atss_inspect.readers import load_coco

    dataset = load_coco(*require_ann(request))
    show_warnings(dataset.findings, quiet=quiet)
    dataset, selection = apply_filters(dataset, filters)
    settings = tuple(one.settings for one in request.resolved)
    return PlotData(dataset, settings, selection)
