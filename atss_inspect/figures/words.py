"""What figures say of the data and the conventions, in the words of the tables."""

from collections.abc import Sequence

from atss_inspect.dataset import Dataset
from atss_inspect.settings import Settings
from atss_inspect.summary import Selection
from atss_inspect.views import numbers
from atss_inspect.views.conventions import describe_resize, describe_rule
from atss_inspect.views.names import clip, printable


def data_line(dataset: Dataset, selection: Selection, num_objects: int) -> str:
    """Name the annotations and say how many objects are shown."""
    first = clip(printable(dataset.files[0]), 40)
    more = len(dataset.files) - 1
    name = f"{first} and {numbers.plural(more, 'more file')}" if more else first
    chosen = [*selection.classes, *(f"{size} objects" for size in selection.sizes)]
    only = clip(f", only {numbers.joined(chosen)}", 60) if chosen else ""
    objects = numbers.plural(num_objects, "object")
    images = numbers.plural(dataset.num_images, "image")
    return f"{printable(name)}: {objects} in {images}{printable(only)}"


def convention_line(settings: Sequence[Settings]) -> str:
    """Say what one preset means, or what several have in common."""
    resizes = list(dict.fromkeys(describe_resize(each.resize) for each in settings))
    if len(settings) == 1:
        return f"{printable(settings[0].name)}: {describe_rule(settings[0])}"
    if len(resizes) == 1:
        return f"Input pixels, {resizes[0]}"
    return "Input pixels, each preset after its own resize"
