"""Every field of COCO with every wrong type and every absurd number in it."""

from collections.abc import Iterator

from tests.hostile.case import Case, answered
from tests.hostile.json_text import spoiled

HUGE = "1" + "0" * 30
LONG = "9" * 5000  # more digits than Python reads
UNKNOWN = "unknown_image"
IDLESS = "image_id_missing"
UNSIZED = "image_size_unknown"
ENDLESS = "number_not_finite"

# What becomes of the second entry of a list: how many objects are used, the warnings,
# each of them counted once, and JSON that has it so (None: the field is missing).
Row = tuple[int, str, tuple[str | None, ...]]
ROWS: dict[str, tuple[Row, ...]] = {
    "annotations.bbox": (
        (1, "bbox_malformed", (None, "null", "true", "5", '"10 20 30 40"', "{}", "[]")),
        (1, "bbox_malformed", ("[10, 20, 30]", "[10, 20, 30, 40, 50]")),
        (1, "bbox_malformed", ("[[10, 20, 30, 40]]", "[10, 20, null, 40]")),
        (1, "bbox_malformed", ('[10, 20, "wide", 40]', "[10, 20, [30], 40]")),
        (2, "number_as_text", ('["10", "20", "30", "40"]',)),
        # true is read as 1
        (2, "number_as_text area_above_box", ("[10, 20, true, 40]",)),
        (1, "bbox_not_finite", ("[10, 20, NaN, 40]", "[-Infinity, 20, 30, 40]")),
        (1, "bbox_not_finite", ("[10, 20, 1e400, 40]", f"[10, 20, {LONG}, 40]")),
        (1, "bbox_out_of_range", (f"[10, 20, {HUGE}, 40]", "[10, 20, 4e9, 40]")),
        (1, "bbox_out_of_range", ("[1e308, 20, 1e308, 40]",)),
        (2, "bbox_beyond_image image_size_doubtful", ("[10, 20, 1000000000, 40]",)),
        (2, "bbox_outside_image", ("[-1e9, -1e9, 1e9, 1e9]",)),
        (2, "bbox_without_extent", ("[10, 20, -30, 40]", "[10, 20, -30, -40]")),
        (2, "bbox_without_extent", ("[10, 20, 0, 40]",)),
        (2, "", ("[10, 20, 5e-324, 5e-324]", "[-0.0, -0.0, 30, 40]")),
    ),
    "annotations.area": (
        (2, "area_missing", (None, "null")),
        (2, "number_as_text", ('"1200"',)),
        (2, "area_invalid", ('"large"', "[]", "{}", "NaN", "Infinity", "1e400")),
        (2, "area_invalid", (LONG,)),
        (2, "area_above_box", ("1e308", HUGE)),
        (2, "area_zero", ("0",)),
        (2, "area_negative", ("-1",)),
    ),
    "annotations.iscrowd": (
        (2, "iscrowd_boolean", ("true", '"1"', '"yes"', '"NaN"')),
        (2, ENDLESS, ("NaN", "Infinity", "1e400")),
        (2, "iscrowd_invalid", ('"maybe"', "[]", "{}")),
        (2, "", (None, "null", "2", "-1", "0.5", HUGE)),
    ),
    "annotations.category_id": (
        (2, "category_id_missing", (None, "null", "[]", "{}")),
        (2, f"category_id_missing {ENDLESS}", ("1e400", "NaN", "-Infinity")),
        (2, "unknown_category", ('"NaN"', "1.5", "-1", HUGE, '"cat"')),
        (2, "id_type_mismatch", ('"1"',)),
        (2, "", ("1.0", "true")),
    ),
    "annotations.id": (
        (2, "annotation_id_missing", (None, "null", "[]", "{}")),
        (2, f"annotation_id_missing {ENDLESS}", ("1e400", "NaN")),
        (2, "", ('"twelve"', "1.5", "true", "-5", HUGE)),
        (2, "duplicate_annotation_id", ("11",)),
    ),
    "annotations.image_id": (
        (1, IDLESS, (None, "null", "[]", "{}")),
        (1, UNKNOWN, ("2.5", "99", HUGE)),
        (1, f"{IDLESS} {ENDLESS}", ("NaN", LONG)),
        (2, "image_id_file_name", ('"2.jpg"',)),
        (2, "id_type_mismatch", ('"2"',)),
        (2, "", ("2.0",)),
        (2, "bbox_repeated", ("true",)),  # read as 1
    ),
    "annotations.segmentation": (
        (2, "", ("null", '"mask"', "{}", '{"counts": [], "size": [1e400]}')),
        (2, "", ("[[NaN, Infinity]]",)),
    ),
    "annotations.ignore": ((2, "", ('"yes"', "[]")),),
    "images.id": (
        (1, f"image_malformed {UNKNOWN}", (None, "null", "[2]")),
        (1, f"image_malformed {UNKNOWN} {ENDLESS}", ("1e400", "NaN")),
        (2, "id_type_mismatch", ('"2"',)),
        (2, "", ("2.0",)),
        (1, UNKNOWN, (HUGE,)),
        (1, f"conflicting_image_id {UNKNOWN}", ("1",)),
    ),
    "images.width": (
        (1, UNSIZED, (None, "null", "0", "-640", "[]", "{}")),
        (1, f"{UNSIZED} image_size_as_text", ('"wide"', '"NaN"')),
        (1, f"{UNSIZED} {ENDLESS}", ("NaN", "Infinity", "1e400")),
    ),
    "images.height": (
        (1, f"{UNSIZED} {ENDLESS}", (LONG,)),
        (1, "image_size_impossible", (HUGE, "4294967296")),
        (1, "image_size_impossible image_size_float", ("0.5",)),
        (2, "image_huge", ("1000000000",)),
        (2, "bbox_outside_image image_size_doubtful image_tiny", ("1",)),
        # true is read as 1
        (
            2,
            "image_size_as_text bbox_outside_image image_size_doubtful image_tiny",
            ("true",),
        ),
        (2, "image_size_as_text", ('"480"',)),
        (2, "image_size_float", ("480.0",)),
    ),
    "images.file_name": (
        (2, "file_name_missing", (None, "null", '""')),
        (2, f"file_name_missing {ENDLESS}", ("NaN",)),
        (2, "", ("5", "[]", "{}")),
    ),
    "categories.id": (
        (2, "category_malformed", (None, "null", "[]")),
        (2, "", ('"2"', HUGE)),
        (2, "duplicate_category_id", ("1",)),
    ),
    "categories.name": (
        (2, "", (None, "null", "5", "[]", "{}")),
        (2, "duplicate_category_name", ('"cat"',)),
        (2, ENDLESS, ("NaN", "Infinity")),
    ),
}


def _cases(field: str, rows: tuple[Row, ...]) -> Iterator[Case]:
    list_name, key = field.split(".")
    for objects, reasons, texts in rows:
        warnings = dict.fromkeys(reasons.split(), 1)
        for text in texts:
            name = f"{field} {'missing' if text is None else text[:32]}"
            content = spoiled(list_name, key, text)
            yield answered(name, content, objects, warnings, losses=2 - objects)


CASES = tuple(case for field, rows in ROWS.items() for case in _cases(field, rows))
