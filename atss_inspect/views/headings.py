"""What stands around every table: the data, each preset's meaning, what words mean."""

from collections.abc import Iterator

from atss_inspect.views import numbers
from atss_inspect.views.answer import Conventions, Data
from atss_inspect.views.conventions import convention_block, convention_lines
from atss_inspect.views.files import full_name
from atss_inspect.views.layout import fold
from atss_inspect.views.names import cell_width, printable
from atss_inspect.views.stats_report import StatsReport

MAX_FILES_NAMED = 3
SIZES_NOTE = (
    "Sizes go by area in original pixels (the file's area, else width x height): tiny "
    "below 16x16, small below 32x32, medium below 96x96, large from there."
)
RATIOS_NOTE = "Ratios are width : height in original pixels."
SHARED_NOTE = "Compared are the objects that every preset keeps."


def heading(
    report: StatsReport, *, before: StatsReport | None = None
) -> tuple[Data, Conventions]:
    """Name the data, beside earlier data if there are any, and each convention."""
    earlier = () if before is None else tuple(_data_lines(before))
    frame, lines = convention_lines(report.settings)
    rules = tuple(zip(report.names, lines, strict=True))
    conventions = Conventions(convention_block(report.settings), frame, rules)
    return Data(tuple(_data_lines(report)), earlier), conventions


def _data_lines(report: StatsReport) -> Iterator[str]:
    """Name the annotations, how many there are, and what was asked for."""
    dataset = report.dataset
    images = numbers.plural(dataset.num_images, "image")
    annotations = numbers.plural(dataset.num_annotations, "annotation")
    classes = numbers.plural(len(dataset.category_names), "class")
    facts = f"{images}, {annotations}, {classes}"
    shown = [full_name(name) for name in dataset.files[:MAX_FILES_NAMED]]
    unnamed = len(dataset.files) - len(shown)
    shown += [f"{unnamed} more files"] if unnamed else []
    files = numbers.joined(shown)
    line = f"{files}: {facts}"
    yield from [line] if cell_width(line) <= 80 else [f"{files}:", f"  {facts}"]
    only = "; ".join(selection_words(report))
    yield from fold(f"only {only}", rest="  ") if only else []


def selection_words(report: StatsReport, *, images: bool = True) -> Iterator[str]:
    """Name what the user asked for; nothing else was looked at."""
    if images and report.images:
        yield f"images {', '.join(map(printable, report.images))}"
    if report.limit is not None:
        yield f"the first {numbers.plural(report.limit, 'image')}"
    if report.selection.classes:
        yield f"objects of class {', '.join(map(printable, report.selection.classes))}"
    if report.selection.sizes:
        yield f"{numbers.joined(list(report.selection.sizes))} objects"
