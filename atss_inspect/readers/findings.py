"""Every oddity the reader knows: its name, its sentence, and who had it.

The order of ``REASONS`` is the order in which findings are reported.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from atss_inspect.annotations.dataset import Finding
from atss_inspect.arrays import BoolArray, IdArray, IntArray
from atss_inspect.readers.box_formats import BOX_FORMATS, OTHERS

MAX_EXAMPLES = 3
_CHOICE = re.compile(r"{(.*?)\|(.*?)}")

# A code per annotation says why it is left out; 0 means it is used. The position
# in this tuple is the code. Reasons are tried in this order: the first one counts.
LOSSES = (
    *("", "annotation_malformed", "bbox_malformed", "bbox_not_finite"),
    *("bbox_out_of_range", "image_id_missing", "unknown_image"),
    *("image_size_unknown", "image_size_impossible"),
)
LOSS_CODE = {reason: code for code, reason in enumerate(LOSSES)}
# Of annotations that are no objects with a bbox of four numbers.
NO_BOX_CODES = (LOSS_CODE["annotation_malformed"], LOSS_CODE["bbox_malformed"])
# Of data in folders: images that go with their objects, or lines that do.
FOLDER_LOSSES = (
    *("picture_missing", "picture_unopened", "picture_unreadable"),
    *("picture_too_small", "label_unopened", "label_too_long"),
    *("label_malformed", "label_mixed", "label_out_of_range", "label_negative"),
    *("label_not_finite", "label_class_unknown", "label_repeated"),
)
# What else is left out.
_OTHER_LOSSES = (
    *("image_malformed", "conflicting_image_id", "category_malformed"),
    *(*FOLDER_LOSSES, "label_without_picture", "voc_missing"),
    *("voc_unopened", "voc_malformed"),
)

# Sentences, as templates: ``{n}``, at the beginning where it stands nowhere, becomes
# the count, ``{singular|plural}`` the fitting word.
REASONS = {
    "image_malformed": "image{|s} {is|are} not an object with an id; left out",
    "image_size_unknown": "image{|s} {has|have} no positive width and height; left out "
    "with {its|their} objects",
    "image_size_impossible": "image{|s} {has|have} a width or height below 1 or beyond "
    "2147483647 px; left out with {its|their} objects",
    "conflicting_image_id": "image{|s} {has|have} the id of a later, different image; "
    "left out, and the later image gets the objects of both",
    "duplicate_image_id": "image{|s} {repeats|repeat} the id, size and file name of "
    "another; taken as one image",
    "annotation_malformed": "annotation{|s} {is|are} not an object; left out",
    "bbox_malformed": "annotation{|s} {has|have} no bbox of four numbers; left out",
    "bbox_not_finite": "annotation{|s} {has|have} NaN or Infinity in the bbox; left "
    "out",
    "bbox_out_of_range": "annotation{|s} {has|have} a bbox number beyond 2147483647 "
    "px; left out",
    "image_id_missing": "annotation{|s} {has|have} no image_id that is a number or a "
    "text; left out",
    "unknown_image": "annotation{|s} {belongs|belong} to an image id that is not in "
    "images; left out",
    "category_malformed": "entr{y|ies} of categories {is|are} not an object with an "
    "id; left out",
    "duplicate_category_name": "categor{y|ies} {has|have} the name of an earlier one; "
    "what is asked of a name means all of them",
    "duplicate_category_id": "categor{y|ies} {repeats|repeat} an earlier id; the last "
    "name is used",
    "categories_missing": "the file lists no categories; {n} categor{y|ies} made from "
    "the annotations, named by id",
    "unknown_category": "categor{y|ies} used by annotations {is|are} not in "
    "categories; named by id, the preset's data rules decide about {it|them}",
    "category_ids_shifted": "category id{|s} of annotations look{s|} shifted against "
    "the ids of categories; used as written",
    "category_id_missing": "annotation{|s} {has|have} no category_id; kept, in a "
    "category '(none)'",
    "id_type_mismatch": "annotation{|s} {writes|write} an image or category id as "
    "another type (12 or '12'); matched by text",
    "image_id_leading_zeros": "annotation{|s} {writes|write} the number of {its|their} "
    "image in another way (007 or '7.0' for 7); matched by number",
    "image_id_file_name": "annotation{|s} {names|name} {its|their} image by its file "
    "name; matched",
    "image_id_frame_step": "annotation{|s} {has|have} an image id times a step between "
    "frames; matched after division",
    "annotation_id_missing": "annotation{|s} {has|have} no id; kept",
    "duplicate_annotation_id": "annotation{|s} {repeats|repeat} an earlier annotation "
    "id; all kept",
    "text_not_unicode": "name{|s} {holds|hold} text that is not valid Unicode; read "
    "with \ufffd",
    "file_name_missing": "image{|s} {has|have} no file_name; kept",
    "image_size_as_text": "image{|s} {gives|give} width or height as text; read as "
    "numbers",
    "number_not_finite": "value{|s} {is|are} NaN, infinite or too large a number where "
    "an id, a size, a name or iscrowd belongs; taken as missing",
    "image_size_float": "image{|s} {gives|give} width or height as a float, not an "
    "integer; used as written",
    "number_as_text": "annotation{|s} {writes|write} numbers as text or booleans; read "
    "as numbers",
    "iscrowd_boolean": "annotation{|s} {has|have} a boolean or text as iscrowd; read "
    "as 0 or 1",
    "iscrowd_invalid": "annotation{|s} {has|have} an iscrowd that is no number; read "
    "as 0",
    "area_missing": "annotation{|s} {has|have} no area; width times height is used",
    "area_invalid": "annotation{|s} {has|have} an area that is infinite or no number; "
    "width times height is used",
    "area_zero": "annotation{|s} {has|have} area 0 for a box with an extent; some "
    "presets leave {it|them} out, sizes go by width times height",
    "area_negative": "annotation{|s} {has|have} a negative area; some presets leave "
    "{it|them} out, sizes go by width times height",
    "area_constant": "annotation{|s} all have the same area though their boxes "
    "differ; width times height is used",
    "area_fraction": "annotation{|s} {has|have} an area that is a fraction or a "
    "percentage of the image; width times height is used",
    "area_of_image": "annotation{|s} {has|have} the area of the whole image; width "
    "times height is used",
    "area_above_box": "annotation{|s} {has|have} an area above 1.1 times width times "
    "height: {its|their} area or box is wrong; width times height is used",
    "bbox_without_extent": "box{|es} {has|have} no extent (width or height 0 or less); "
    "the preset's data rules decide about {it|them}",
    "bbox_outside_image": "box{|es} {lies|lie} wholly outside the image; the "
    "preset's data rules decide about {it|them}",
    "bbox_beyond_image": "box{|es} {reaches|reach} more than 2 px beyond the image; "
    "kept as written",
    "bbox_repeated": "box{|es} {repeats|repeat} an earlier one of the same image and "
    "class exactly; YOLO presets keep one of them, others all, though mostly an anchor "
    "goes to one alone",
    **{
        f"boxes_look_{name}": "box{|es} look{s|} like "
        f"{words}, where {BOX_FORMATS['xywh']} in pixels are expected; used as written"
        for name, words in (
            ("fractions", "fractions of the image"),
            ("percent", "percentages of the image"),
            ("different", "corners or centers"),
            *((each.replace("-", "_"), BOX_FORMATS[each]) for each in OTHERS),
        )
    },
    "boxes_of_another_kind": "box{|es}, all of the data, look like another format than "
    "such files have; used as written",
    "boxes_mixed": "box{|es} of the file look{s|} like another format than the others; "
    "used as written",
    "image_size_exchanged": "image{|s} would contain {its|their} boxes with width and "
    "height exchanged (a turned photograph, or boxes written y, x, height, width); "
    "used as written",
    "image_size_one_for_all": "image{|s} {does|do} not contain {its|their} boxes: the "
    "one size of all images may be wrong; used as written",
    "image_size_doubtful": "image{|s} {does|do} not contain most of {its|their} boxes: "
    "the recorded width and height, or the boxes, are wrong; used as written",
    "image_size_contradicted": "picture{|s} {has|have} another size than the file "
    "says, most of those looked at; sizes are used as written",
    "image_size_of_picture": "image{|s} of a sample {has|have} another size in the "
    "file than {its|their} picture{|s}; used as written",
    "picture_not_found": "image{|s} of the data, all of them, {has|have} no picture in "
    "the folder named",
    "image_tiny": "image{|s} {is|are} less than 32 px wide or high; used as written, "
    "some presets leave {it|them} out",
    "image_huge": "image{|s} {is|are} more than 100000 px wide or high; used as "
    "written",
    "picture_missing": "picture{|s} {is|are} listed but {does|do} not exist; left "
    "out with {its|their} objects",
    "picture_unopened": "picture{|s} cannot be opened, for want of rights or by a "
    "fault of the system; left out with {its|their} objects",
    "picture_unreadable": "picture{|s} {is|are} damaged or of no known format; left "
    "out with {its|their} objects",
    "picture_too_small": "picture{|s} {is|are} less than 10 px wide or high; left out "
    "with {its|their} objects, as Ultralytics does",
    "label_unopened": "label file{|s} cannot be opened, for want of rights or by a "
    "fault of the system; left out with {its|their} image{|s}",
    "label_too_long": "label file{|s} {is|are} longer than 16 MB; left out with "
    "{its|their} image{|s}",
    "label_malformed": "label file{|s} {is|are} not lines of class, center x, center "
    "y, width and height; left out with {its|their} image{|s}, as Ultralytics does",
    "label_mixed": "label file{|s} {mixes|mix} lines of boxes and of polygons; left "
    "out with {its|their} image{|s}, as Ultralytics does",
    "label_out_of_range": "label file{|s} {has|have} numbers above 1.01, where "
    "fractions of the image are expected; left out with {its|their} image{|s}, as "
    "Ultralytics does",
    "label_not_finite": "label file{|s} {has|have} NaN, infinite or too large numbers; "
    "left out with {its|their} image{|s}, as Ultralytics does",
    "label_negative": "label file{|s} {has|have} negative numbers; left out with "
    "{its|their} image{|s}, as Ultralytics does",
    "label_class_unknown": "label file{|s} {has|have} a class that names does not "
    "list; left out with {its|their} image{|s}, as Ultralytics does",
    "label_repeated": "label line{|s} {repeats|repeat} another of {its|their} file; "
    "left out, as Ultralytics does",
    "label_without_picture": "label file{|s} {has|have} no picture; not read",
    "picture_again": "image{|s} {is|are} listed again; {it counts|they count} again, "
    "as Ultralytics trains on {it|them} again",
    "data_elsewhere": "data.yaml{|s} {means|mean} other data in the working directory, "
    "where Ultralytics looks first; read from {its|their} own folder",
    "label_missing": "image{|s} {has|have} no label file; kept, without objects",
    "label_polygon": "label line{|s} {is a polygon|are polygons}; the box around "
    "{it|each} is used",
    "label_keypoints": "label line{|s} {has|have} keypoints; not looked at",
    "voc_missing": "VOC file{|s} {is|are} listed but {does|do} not exist; left out",
    "voc_unopened": "VOC file{|s} cannot be opened, for want of rights or by a fault "
    "of the system; left out",
    "voc_malformed": "file{|s} {is not a valid Pascal VOC file|are not valid Pascal "
    "VOC files}; left out",
    "voc_from_zero": "box{|es} {begins|begin} at 0, where VOC counts pixels from 1; 1 "
    "is subtracted all the same, so {it lies|they lie} one pixel off",
}

# What is wrong with a file or its images as a whole, so that numbers may mean nothing
# and other findings may be its effects; told first.
SIZES_CONTRADICTED = "image_size_contradicted"
DOUBTS = (
    *(reason for reason in REASONS if reason.startswith("boxes_")),
    *(SIZES_CONTRADICTED, "image_size_of_picture", "image_size_exchanged"),
    *("image_size_one_for_all", "image_size_doubtful"),
)

# What to do where the sentence alone does not tell.
HINTS = {
    "voc_from_zero": "--box-format xyxy reads corners that are counted from 0",
    "image_size_exchanged": "compare with the pictures, by --images FOLDER",
    "image_size_one_for_all": "compare with the pictures, by --images FOLDER",
    "bbox_repeated": "remove the copies",
    "area_constant": "write the area of each object",
}


def place_of_doubt(found: Finding) -> int:
    """Where a doubt stands among `DOUBTS`; behind them for anything else."""
    is_doubt = found.reason in DOUBTS
    return DOUBTS.index(found.reason) if is_doubt else len(DOUBTS)


def finding(
    reason: str, count: int, examples: tuple[str, ...] = (), hint: str = ""
) -> Finding:
    """Put a count into the sentence of its reason."""
    text = REASONS[reason] if "{n}" in REASONS[reason] else "{n} " + REASONS[reason]
    text = _CHOICE.sub(
        r"\1" if count == 1 else r"\2", text.replace("{n}", f"{count:,}")
    )
    is_loss = reason in (*LOSSES, *_OTHER_LOSSES)
    hint = hint or HINTS.get(reason, "")
    return Finding(reason, count, text, examples[:MAX_EXAMPLES], is_loss, hint)


def merge_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Add up findings of the same reason, in the order of ``REASONS``."""
    tally = Tally()
    for each in findings:
        tally.add(each.reason, each.count, each.examples, each.hint)
    return tally.findings()


def item_label(list_name: str, place: int, item_id: object) -> str:
    """Where an item is: ``annotations[17] (id 4231)``."""
    return f"{list_name}[{place}]" + ("" if item_id is None else f" (id {item_id})")


@dataclass
class Tally:
    """Counts of oddities met so far, each with its first few examples."""

    counts: dict[str, int] = field(default_factory=dict)
    examples: dict[str, list[str]] = field(default_factory=dict)
    hints: dict[str, str] = field(default_factory=dict)
    # the keys of the first annotation without an image id
    keyless: list[str] = field(default_factory=list)
    # the first annotation without a usable bbox, to name what the file is instead
    malformed: list[object] = field(default_factory=list)

    def add(
        self, reason: str, count: int, examples: Iterable[str] = (), hint: str = ""
    ) -> None:
        """Count items that have an oddity; a count of 0 leaves no trace."""
        if count == 0:
            return
        if hint:
            self.hints[reason] = hint
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

        ``which`` and ``ids`` are of the same rows; ``order`` is the place in the file
        of each row, if rows are not in file order.
        """
        rows = np.flatnonzero(which)
        places = rows if order is None else order[rows]
        first = np.argsort(places, kind="stable")[:MAX_EXAMPLES]
        labels = item_labels("annotations", places[first], ids[rows[first]])
        self.add(reason, len(rows), labels)

    def findings(self) -> tuple[Finding, ...]:
        """Tell everything counted, in the order of ``REASONS``."""
        return tuple(
            finding(
                reason,
                self.counts[reason],
                tuple(self.examples[reason]),
                self.hints.get(reason, ""),
            )
            for reason in REASONS
            if reason in self.counts
        )


def image_labels(places: IntArray, ids: IdArray) -> list[str]:
    """Where the first few of these images are."""
    return item_labels("images", places[:MAX_EXAMPLES], ids[places[:MAX_EXAMPLES]])


def item_labels(list_name: str, places: IntArray, ids: IdArray) -> list[str]:
    """Where the first few of these items are, which have these ids."""
    places, ids = places[:MAX_EXAMPLES], ids[:MAX_EXAMPLES]
    pairs = zip(places.tolist(), ids.tolist(), strict=True)
    return [item_label(list_name, *pair) for pair in pairs]
