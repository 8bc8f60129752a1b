"""Documents of the wrong shape: lists that are none, keys twice, many of anything."""

from collections.abc import Mapping
from typing import Any

from tests.hostile.case import EXPECTED, Case, answered, refused
from tests.hostile.json_text import ANNOTATIONS, CATEGORIES, IMAGES, document

TOP_LEVEL = {
    "null": "holds just null",
    "true": "holds just a boolean",
    "-0.5": "holds just a number",
    "1e999999": "holds just a number",
    '"images"': "holds just a string",
    "[]": "is a list",
    "[[[]]]": "is a list that starts with a list",
    "{}": "has no images, but no keys",
    '{"a": 1, "b": 2}': "has no images, but a, b",
}
KINDS = {"{}": "an object", '"x"': "a string", "true": "a boolean", "-1": "a number"}
USE_TRAIN = "lists of test images come without annotations; use a train or val file"
NO_OBJECT = "annotations[0] is a number; expected an object with a bbox"
NO_SIZE = (
    "no image has a positive width and height: images[0] has id; expected both ..."
)
AS_LIST = {
    "images": "make a list of its values, each with an id: [{...}, {...}]",
    "annotations": "make a list of its values: [{...}, {...}]",
    "categories": 'write a list: [{"id": 1, "name": "cat"}, ...]',
}
ADD_SIZE = "label assignment depends on the image size; add it from the pictures"
UNSIZED = ('{"id": 1}', '{"id": 2, "width": 0, "height": 0}')
NO_CATEGORIES = {"categories_missing": 1}
SAME_KEYS = (
    '{"id": 1, "id": 2, "image_id": 9, "image_id": 1, "category_id": 1, '
    '"bbox": [0, 0, 0, 0], "bbox": [1, 2, 30, 40], "area": 5}'
)
EMPTY: dict[str, Any] = {"images": (), "annotations": (), "categories": ()}
MIXED: dict[str, Any] = {
    "annotations": (*ANNOTATIONS, "null", "5"),
    "images": (*IMAGES, "[]"),
    "categories": (*CATEGORIES, '"cat"'),
}
NO_OBJECTS = {
    "image_malformed": 1,
    "annotation_malformed": 2,
    "category_malformed": 1,
    "annotation_id_missing": 2,
}
UNITS = [{**each, "bbox": "[0.1, 0.2, 0.3, 0.4]"} for each in ANNOTATIONS]
SWAPPED: dict[str, Any] = {
    "images": ({**IMAGES[0], "width": "48", "height": "640"}, IMAGES[1]),
    "annotations": ({**ANNOTATIONS[0], "bbox": "[300, 10, 50, 20]", "area": "1000"},),
}
OUTSIDE = {"bbox_outside_image": 1, "image_size_doubtful": 1}
MANY = [f'{{"id": {n}, "name": "c{n}"}}' for n in range(10_000)]
KEYS = {f"key{n}": "[1, [2, {}]]" for n in range(1000)}
DEEP = '{"a": ' * 400 + "1" + "}" * 400  # as deeply as is read
MALFORMED = {"bbox_malformed": 1, "annotation_id_missing": 1}


def _refused(name: str, message: str, hint: str = "", **lists: Any) -> Case:
    return refused(name, document(**lists), message, hint)


def _answered(
    name: str, objects: int, warnings: Mapping[str, int], losses: int = 0, **lists: Any
) -> Case:
    return answered(name, document(**lists), objects, warnings, losses)


CASES = (
    *(
        refused(f"just {text}", text.encode(), f"{found}; {EXPECTED}")
        for text, found in TOP_LEVEL.items()
    ),
    *(
        _refused(
            f"{key} is {text}",
            f"{key} is {kind}; expected a list",
            AS_LIST[key] if text == "{}" else "",
            **{key: text},
        )
        for key in ("images", "annotations", "categories")
        for text, kind in KINDS.items()
    ),
    _refused("no list of images", f"has no images, but ...{EXPECTED}", images=None),
    _refused("no list", "has images but no annotations", USE_TRAIN, annotations=None),
    _refused("images is null", "images is null; expected a list", images="null"),
    _refused("no image has a size", NO_SIZE, ADD_SIZE, images=UNSIZED),
    _refused("many numbers", NO_OBJECT, annotations=("1", "2", *ANNOTATIONS[:1])),
    *(
        _answered(f"categories: {text}", 2, NO_CATEGORIES, categories=text)
        for text in (None, "null", ())
    ),
    _answered("nothing at all", 0, {}, **EMPTY),
    _answered("no annotations", 0, {}, annotations=()),
    _answered("entries that are no objects", 2, NO_OBJECTS, 2, **MIXED),
    # Of two lists or values of the same name the later one counts.
    answered("every list twice", document()[:-1] + b', "annotations": []}', 0),
    _answered("every key of an entry twice", 1, {}, annotations=(SAME_KEYS,)),
    _answered("1000 times", 2, {"duplicate_image_id": 1998}, images=IMAGES * 1000),
    _answered(
        "one annotation a thousand times",
        1000,
        {"duplicate_annotation_id": 999, "bbox_repeated": 999},
        annotations=ANNOTATIONS[:1] * 1000,
    ),
    _answered("ten thousand categories, one used", 2, {}, categories=MANY),
    _answered("a thousand unknown keys", 2, {}, **KEYS),
    _answered("deeply nested", 2, MALFORMED, 1, annotations=(*ANNOTATIONS, DEEP)),
    _answered("between 0 and 1", 2, {"boxes_look_fractions": 2}, annotations=UNITS),
    _answered("width and height swapped", 1, OUTSIDE, **SWAPPED),
)
