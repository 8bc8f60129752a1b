"""A sweep in words: which row to take, and the numbers of the most important rows."""

from collections.abc import Sequence

import numpy as np

from atss_inspect.errors import SettingsError
from atss_inspect.figures.sweep_axes import own_row, swept_axes
from atss_inspect.figures.words import amount_line, line, plot_text, short_name
from atss_inspect.readers.saved_sweep import SavedSweep
from atss_inspect.settings import Settings, restore_settings
from atss_inspect.views import numbers
from atss_inspect.views.headings import MEAN_AND_NONE_NOTE
from atss_inspect.views.names import printable
from atss_inspect.views.table import Section, Table

NO_CONVENTION = "The saved sweep does not hold all settings of its convention."
_MOST_LINES = 12  # of the table in words


def base_name(saved: SavedSweep) -> str:
    """Name the convention that was changed."""
    return short_name(str(saved.settings[0].get("name", "as it is")))


def row_name(saved: SavedSweep, row: int) -> str:
    """Name a row: "k 9, scale 4"."""
    places = np.unravel_index(row, [len(axis.values) for axis in saved.sweep.axes])
    return ", ".join(
        f"{axis.title} {axis.labels[place]}"
        for axis, place in zip(swept_axes(saved), places, strict=True)
    )


def choice_words(saved: SavedSweep) -> str:
    """Name the row to take, beside the convention as it is."""
    if saved.choice is None:
        return "No object is left to assign."
    own = own_row(saved)
    words = f"Chosen: {row_name(saved, saved.choice)}, {_amount(saved, saved.choice)}"
    if own is None:
        return f"{words}."
    if own == saved.choice:
        return f"{words}; that is {base_name(saved)} as it is."
    return (
        f"{words}; {base_name(saved)} as it is, {row_name(saved, own)}: "
        f"{numbers.percent(saved.results[own].unassigned_share)}."
    )


def _amount(saved: SavedSweep, row: int) -> str:
    """Write the share of objects that a row leaves without a positive."""
    return f"{numbers.percent(saved.results[row].unassigned_share)} without a positive"


def sweep_plot_text(saved: SavedSweep) -> str:
    """Write the numbers that the figure shows most, and the verdict."""
    chosen = [saved.choice, own_row(saved)]
    rows: Sequence[int] = range(len(saved.results))
    if len(rows) > _MOST_LINES:
        rows = sorted({row for row in chosen if row is not None})
    lines = [
        line(
            row_name(saved, row),
            [
                numbers.percent(saved.results[row].unassigned_share),
                numbers.mean(saved.results[row].mean_positives),
            ],
        )
        for row in rows
    ]
    table = Table(("none", "mean"), (Section("", tuple(lines)),))
    return plot_text(
        _conventions(saved),
        *([table] if lines else []),
        notes=[MEAN_AND_NONE_NOTE] if lines else [],
        verdict=printable(saved.sweep.verdict),
    )


def _conventions(saved: SavedSweep) -> list[Settings] | str:
    """Read the convention that was changed, if the file holds all of it."""
    try:
        return [restore_settings(saved.settings[0])]
    except SettingsError:
        return f"{NO_CONVENTION}\n"


def sweep_data_line(saved: SavedSweep) -> str:
    """Name the annotations and count their objects."""
    num_objects = max(row.num_objects for row in saved.results)
    files = [each.path for each in saved.inputs]
    return amount_line(files, num_objects, saved.data.num_images)
