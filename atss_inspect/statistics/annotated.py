"""What each convention does to each annotation, by its place in the file."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.settings import Settings
from atss_inspect.statistics.summary import Selection
from atss_inspect.statistics.tables import Columns, left_out_chunk, objects_chunk

LEFT_OUT = "left_out"
# Columns of `objects_table`, of assignments and of gates; what is made of them.
OF_ASSIGNMENT = ("num_positives", "cause", "best_iou", "poorly_assigned")
OF_GATE = ("num_candidates", "max_positives", "cause")
_TAKEN = ("cause", "best_iou", "num_positives", "num_candidates", "max_positives")
_NAMES = ("preset", "annotation_index")


def annotated_chunk(
    chunk: Dataset, *, settings: Sequence[Settings]
) -> tuple[Columns, Columns]:
    """List what each convention does to the objects of a chunk, and what it leaves out.

    Columns of `objects_chunk` and of `left_out_chunk`, as far as they are needed, and
    ``poorly_assigned``: no positive, or none that reaches the bar.
    """
    asked: Any = {"settings": settings, "selection": Selection()}
    objects, others = objects_chunk(chunk, **asked), left_out_chunk(chunk, **asked)
    is_low_only = objects["is_low_quality_only"].astype(np.bool_)  # None: there is none
    poor = {"poorly_assigned": (objects["num_positives"] == 0) | is_low_only}
    taken = {name: objects[name] for name in (*_NAMES, *_TAKEN)} | poor
    return taken, {name: others[name] for name in (*_NAMES, "reason")}


def annotated(
    dataset: Dataset,
    settings: Sequence[Settings],
    chunks: Iterable[tuple[Columns, Columns]],
) -> dict[str, Columns]:
    """Gather what conventions do to all annotations of one file.

    Parameters
    ----------
    dataset : of one file; what its reader has left out has its reason, too
    settings : the conventions
    chunks : of `annotated_chunk`, in any order

    Returns
    -------
    convention -> columns of length N, by place in the file: ``num_positives``,
    ``cause``, ``best_iou`` (float32, NaN without one) and ``poorly_assigned``; of a
    gate ``num_candidates``, ``max_positives`` and ``cause``. None where there is no
    value; ``left_out`` says why an annotation has none.
    """
    last = int(dataset.annotation_index.max(initial=-1))
    number = max(last + 1, dataset.num_annotations)
    tables = {each.name: _empty_table(dataset, number, each) for each in settings}
    for objects, others in chunks:
        for name, table in tables.items():
            rows = np.flatnonzero(objects["preset"] == name)
            places = objects["annotation_index"][rows]
            for key in table.keys() - {LEFT_OUT}:
                table[key][places] = objects[key][rows]
            rows = np.flatnonzero(others["preset"] == name)
            table[LEFT_OUT][others["annotation_index"][rows]] = others["reason"][rows]
    return tables


def _empty_table(dataset: Dataset, number: int, settings: Settings) -> Columns:
    """Make columns without values, with the reasons of the reader."""
    # Of objects, of which None is one; causes and small integers are shared.
    names = OF_ASSIGNMENT if settings.rule.gate is None else OF_GATE
    table: Columns = {name: np.full(number, None) for name in (*names, LEFT_OUT)}
    if "best_iou" in table:
        table["best_iou"] = np.full(number, np.nan, np.float32)
    if dataset.places is not None:
        for reason, places in dataset.places.left_out.items():
            table[LEFT_OUT][places] = reason
    return table
