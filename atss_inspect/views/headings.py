"""What stands above every table: the data looked at, and what each preset means."""

from collections.abc import Sequence

from atss_inspect.views import numbers
from atss_inspect.views.conventions import convention_block, convention_lines
from atss_inspect.views.files import full_name
from atss_inspect.views.layout import fold, markdown_text
from atss_inspect.views.names import cell_width, printable
from atss_inspect.views.stats_report import StatsReport

MAX_FILES_NAMED = 3


def heading_blocks(report: StatsReport) -> tuple[str, str]:
    """Say what was looked at, and what each preset means."""
    return (
        as_lines([*_data_lines(report), *_selection_lines(report)]),
        convention_block(report.settings),
    )


def heading_markdown(report: StatsReport) -> tuple[str, str]:
    """Write the same in Markdown."""
    frame, lines = convention_lines(report.settings)
    conventions = [
        f"- **{markdown_text(name)}**: {markdown_text(line)}"
        for name, line in zip(report.names, lines, strict=True)
    ]
    data = [*_data_lines(report), *_selection_lines(report)]
    return (
        "  \n".join(map(markdown_text, data)) + "\n",
        as_lines([markdown_text(frame), "", *conventions]),
    )


def as_lines(lines: Sequence[str]) -> str:
    """End every line."""
    return "".join(f"{line}\n" for line in lines)


def _data_lines(report: StatsReport) -> list[str]:
    """Name the annotations, and say how many there are."""
    dataset = report.dataset
    facts = ", ".join(
        [
            numbers.plural(dataset.num_images, "image"),
            numbers.plural(dataset.num_annotations, "annotation"),
            numbers.plural(len(dataset.category_names), "class"),
        ]
    )
    shown = [full_name(name) for name in dataset.files[:MAX_FILES_NAMED]]
    unnamed = len(dataset.files) - len(shown)
    shown += [f"{unnamed} more files"] if unnamed else []
    files = numbers.joined(shown)
    line = f"{files}: {facts}"
    return [line] if cell_width(line) <= 80 else [f"{files}:", f"  {facts}"]


def _selection_lines(report: StatsReport) -> list[str]:
    """Say what was not looked at because the user did not ask for it."""
    parts = []
    if report.images:
        parts.append(f"images {', '.join(map(printable, report.images))}")
    if report.limit is not None:
        parts.append(f"the first {numbers.plural(report.limit, 'image')}")
    if report.selection.classes:
        classes = ", ".join(map(printable, report.selection.classes))
        parts.append(f"objects of class {classes}")
    if report.selection.sizes:
        parts.append(f"{numbers.joined(list(report.selection.sizes))} objects")
    return fold(f"only {'; '.join(parts)}", rest="  ") if parts else []
