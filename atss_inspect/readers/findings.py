"""Every oddity the reader knows: its name, its sentence, and who had it.

The order of ``REASONS`` is the order in which findings are reported.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from atss_inspect.annotations.dataset import Finding
from atss_inspect.arrays import BoolArray, IdArray, IntArray

MAX_EXAMPLES = 3
_CHOICE = re.compile(r"{(.*?)\|(.*?)}")

# A code per annotation says why it is left out; 0 means it is used. The position
# in this tuple is the code. Reasons are tried in this order: the first one counts.
LOSSES = (
    "",
    "annotation_malformed",
    "bbox_malformed",
    "bbox_not_finite",
    "bbox_out_of_range",
    "unknown_image",
    "image_size_unknown",
    "image_size_impossible",
)
LOSS_CODE = {reason: code for code, reason in enumerate(LOSSES)}
# Of annotations that are no objects with a bbox of four numbers.
NO_BOX_CODES = (LOSS_CODE["annotation_malformed"], LOSS_CODE["bbox_malformed"])


class Reason(NamedTuple):
    """How one oddity is told.

    ``text`` is a template: ``{n}``, at its beginning where it stands nowhere, becomes
    the count with the noun in singular or plural, ``{singular|plural}`` the fitting
    word.
    """

    noun: str
    text: str
    is_loss: bool = False


def _loss(noun: str, text: str, more: str = "") -> Reason:
    """Tell of what is left out."""
    return Reason(noun, f"{text}; left out{more}", is_loss=True)


WITH_OBJECTS = " with {its|their} objects"
REASONS: dict[str, Reason] = {
    "image_malformed": _loss("image", "{is|are} not an object with an id"),
    "image_size_unknown": _loss(
        "image", "{has|have} no positive width and height", WITH_OBJECTS
    ),
    "image_size_impossible": _loss(
        "image",
        "{has|have} a width or height below 1 or beyond 2147483647 px",
        WITH_OBJECTS,
    ),
    "conflicting_image_id": _loss(
        "image",
        "{has|have} the id of a later, different image",
        ", and the later image gets the objects of both",
    ),
    "duplicate_image_id": Reason(
        "image",
        "{repeats|repeat} the id, size and file name of another; taken as one image",
    ),
    "annotation_malformed": _loss("annotation", "{is|are} not an object"),
    "bbox_malformed": _loss("annotation", "{has|have} no bbox of four numbers"),
    "bbox_not_finite": _loss("annotation", "{has|have} NaN or Infinity in the bbox"),
    "bbox_out_of_range": _loss(
        "annotation", "{has|have} a bbox number beyond 2147483647 px"
    ),
    "unknown_image": _loss(
        "annotation", "{belongs|belong} to an image id that is not in images"
    ),
    "category_malformed": _loss(
        "entr{y|ies} of categories", "{is|are} not an object with an id"
    ),
    "duplicate_category_id": Reason(
        "categor{y|ies}", "{repeats|repeat} an earlier id; the last name is used"
    ),
    "categories_missing": Reason(
        "categor{y|ies}",
        "the file lists no categories; {n} made from the annotations, named by id",
    ),
    "unknown_category": Reason(
        "categor{y|ies}",
        "{n} used by annotations {is|are} not in categories; added, named by id",
    ),
    "category_id_missing": Reason(
        "annotation", "{has|have} no category_id; kept, in a category '(none)'"
    ),
    "id_type_mismatch": Reason(
        "annotation",
        "{writes|write} an image or category id as another type (12 or '12'); matched "
        "by text",
    ),
    "annotation_id_missing": Reason("annotation", "{has|have} no id; kept"),
    "duplicate_annotation_id": Reason(
        "annotation", "{repeats|repeat} an earlier annotation id; all kept"
    ),
    "text_not_unicode": Reason(
        "name", "{holds|hold} text that is not valid Unicode; read with \ufffd"
    ),
    "file_name_missing": Reason("image", "{has|have} no file_name; kept"),
    "image_size_as_text": Reason(
        "image", "{gives|give} width or height as text; read as numbers"
    ),
    "image_size_float": Reason(
        "image",
        "{gives|give} width or height as a float, not an integer; used as written",
    ),
    "number_as_text": Reason(
        "annotation", "{writes|write} numbers as text or booleans; read as numbers"
    ),
    "iscrowd_boolean": Reason(
        "annotation", "{has|have} a boolean or text as iscrowd; read as 0 or 1"
    ),
    "iscrowd_invalid": Reason(
        "annotation", "{has|have} an iscrowd that is no number; read as 0"
    ),
    "area_missing": Reason(
        "annotation", "{has|have} no area; width times height is used"
    ),
    "area_invalid": Reason(
        "annotation",
        "{has|have} an area that is negative or no number; width times height is used",
    ),
    "bbox_without_extent": Reason(
        "box{|es}",
        "{has|have} no extent (width or height 0 or less); kept, the preset's data "
        "rules decide",
    ),
    "bbox_outside_image": Reason(
        "box{|es}",
        "{lies|lie} wholly outside the image; kept, the preset's data rules decide",
    ),
    "bbox_beyond_image": Reason(
        "box{|es}",
        "{reaches|reach} more than 2 px beyond the image; kept as written",
    ),
    "boxes_look_normalised": Reason(
        "box{|es}",
        "{n}, all of the file, lie within 0..1.5 and look normalised, where pixels "
        "are expected; used as written",
    ),
    "image_size_doubtful": Reason(
        "image",
        "{does|do} not contain most of {its|their} boxes: the recorded width and "
        "height are probably wrong; used as written",
    ),
    "image_tiny": Reason(
        "image",
        "{is|are} less than 32 px wide or high; used as written, some presets leave "
        "{it|them} out",
    ),
    "image_huge": Reason(
        "image", "{is|are} more than 100000 px wide or high; used as written"
    ),
}


def finding(reason: str, count: int, examples: tuple[str, ...] = ()) -> Finding:
    """Put a count into the sentence of its reason."""
    rule = REASONS[reason]
    noun = rule.noun if "{" in rule.noun else rule.noun + "{|s}"
    text = rule.text if "{n}" in rule.text else "{n} " + rule.text
    text = text.replace("{n}", f"{count:,} {noun}")
    text = _CHOICE.sub(r"\1" if count == 1 else r"\2", text)
    return Finding(reason, count, text, examples[:MAX_EXAMPLES], rule.is_loss)


def merge_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Add up findings of the same reason, in the order of ``REASONS``."""
    tally = Tally()
    for each in findings:
        tally.add(each.reason, each.count, each.examples)
    return tally.findings()


def item_label(list_name: str, place: int, item_id: object) -> str:
    """Where an item is: ``annotations[17] (id 4231)``."""
    if item_id is None:
        return f"{list_name}[{place}]"
    return f"{list_name}[{place}] (id {item_id})"


@dataclass
class Tally:
    """Counts of oddities met so far, each with its first few examples."""

    counts: dict[str, int] = field(default_factory=dict)
    examples: dict[str, list[str]] = field(default_factory=dict)

    def add(self, reason: str, count: int, examples: Iterable[str] = ()) -> None:
        """Count items that have an oddity; a count of 0 leaves no trace."""
        if count == 0:
            return
        self.counts[reason] = self.counts.get(reason, 0) + count
        known = self.examples.setdefault(reason, [])
        known.extend(list(examples)[: MAX_EXAMPLES - len(known)])

    def add_item(
        self, reason: str, list_name: str, place: int, item_id: object
    ) -> None:
        """Count one item of a list of the file."""
        # Called per item: the label is only worth building for the first few.
        if self.counts.get(reason, 0) < MAX_EXAMPLES:
            self.add(reason, 1, (item_label(list_name, place, item_id),))
        else:
            self.counts[reason] += 1

    def add_rows(
        self, reason: str, which: BoolArray, ids: IdArray, order: IntArray | None = None
    ) -> None:
        """Count annotations by a mask.

        Parameters
        ----------
        which, ids : mask and ids of the same rows
        order : place in the file of each row, if rows are not in file order
        """
        rows = np.flatnonzero(which)
        places = rows if order is None else order[rows]
        first = np.argsort(places, kind="stable")[:MAX_EXAMPLES]
        labels = [
            item_label("annotations", place, _plain(ids[row]))
            for row, place in zip(rows[first], places[first].tolist(), strict=True)
        ]
        self.add(reason, len(rows), labels)

    def findings(self) -> tuple[Finding, ...]:
        """Tell everything counted, in the order of ``REASONS``."""
        return tuple(
            finding(reason, self.counts[reason], tuple(self.examples[reason]))
            for reason in REASONS
            if reason in self.counts
        )


def image_labels(places: IntArray, ids: IdArray) -> list[str]:
    """Where the first few of these images are."""
    return [
        item_label("images", place, _plain(ids[place]))
        for place in places[:MAX_EXAMPLES].tolist()
    ]


def _plain(value: Any) -> Any:
    """Make a Python integer of a NumPy one, for messages."""
    return value.item() if isinstance(value, np.generic) else value
