"""What a picture of many objects is made of: the annotations and the conventions."""

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from atss_inspect.cli.request import Request, require_ann
from atss_inspect.cli.selection import Filters, apply_filters
from atss_inspect.cli.warnings import show_warnings
from atss_inspect.errors import SettingsError
from atss_inspect.views.names import printable

if TYPE_CHECKING:
    from atss_inspect.annotations.dataset import Dataset
    from atss_inspect.settings import Settings
    from atss_inspect.statistics.summary import Selection


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


def require_different_names(request: Request) -> None:
    """Refuse conventions that have the same name."""
    names = Counter(one.settings.name for one in request.resolved)
    name, number = names.most_common(1)[0]
    if number > 1:
        message = f"plot: expected different presets, got {printable(name)} twice"
        hint = "a convention of your own is named after its file: rename the file"
        raise SettingsError(message, hint=hint)
