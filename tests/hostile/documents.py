"""Documents of the wrong shape: lists that are none, keys twice, many of anything."""

from tests.hostile.case import EXPECTED, Case, answered, refused
from tests.hostile.json_text import ANNOTATIONS, CATEGORIES, IMAGES, document

NO_SIZE = "label assignment depends on the image size; add it from the pictures"


def _top_level(text: str, found: str) -> Case:
    """Make a case of a JSON value that is no document."""
    return refused(f"just {text}", text.encode(), f"{found}; {EXPECTED}")


LISTS_THAT_ARE_NONE = tuple(
    refused(
        f"{name} is {text}",
        document(**{name: text}),
        f"{name} is {kind}; expected a list",
    )
    for name in ("images", "annotations", "categories")
    for text, kind in (
        ("{}", "an object"),
        ('"x"', "a string"),
        ("true", "a boolean"),
        ("-1", "a number"),
    )
)
CASES = (
    _top_level("null", "holds just null"),
    _top_level("true", "holds just a boolean"),
    _top_level("-0.5", "holds just a number"),
    _top_level("1e999999", "holds just a number"),
    _top_level('"images"', "holds just a string"),
    _top_level("[]", "is a list"),
    _top_level("[[[]]]", "is a list that starts with a list"),
    _top_level("{}", "has no images, but no keys"),
    _top_level('{"a": 1, "b": 2}', "has no images, but a, b"),
    refused(
        "images missing", document(images=None), f"has no images, but ...{EXPECTED}"
    ),
    refused(
        "annotations missing",
        document(annotations=None),
        "has images but no annotations",
        "lists of test images come without annotations; use a train or val file",
    ),
    *LISTS_THAT_ARE_NONE,
    refused(
        "images is null", document(images="null"), "images is null; expected a list"
    ),
    answered(
        "categories missing", document(categories=None), 2, {"categories_missing": 1}
    ),
    answered(
        "categories is null", document(categories="null"), 2, {"categories_missing": 1}
    ),
    answered(
        "categories is empty", document(categories=()), 2, {"categories_missing": 1}
    ),
    answered(
        "nothing at all", document(images=(), annotations=(), categories=()), 0, {}
    ),
    answered("no images", document(images=()), 0, {"unknown_image": 2}, 2),
    answered("no annotations", document(annotations=()), 0, {}),
    answered(
        "entries that are no objects",
        document(
            annotations=(*ANNOTATIONS, "null", "5"),
            images=(*IMAGES, "[]"),
            categories=(*CATEGORIES, '"cat"'),
        ),
        2,
        {
            "image_malformed": 1,
            "annotation_malformed": 2,
            "category_malformed": 1,
            "annotation_id_missing": 2,
        },
        2,
    ),
    refused(
        "most annotations are no objects",
        document(annotations=("1", "2", *ANNOTATIONS[:1])),
        "annotations[0] is a number; expected an object with a bbox",
    ),
    refused(
        "no image has a size",
        document(images=('{"id": 1}', '{"id": 2, "width": 0, "height": 0}')),
        "no image has a positive width and height; expected both for each image",
        NO_SIZE,
    ),
    answered(
        "every list twice: the later one counts",
        document()[:-1] + b', "annotations": []}',
        0,
        {},
    ),
    answered(
        "every key of an entry twice: the later one counts",
        document(
            annotations=(
                '{"id": 1, "id": 2, "image_id": 9, "image_id": 1, '
                '"category_id": 1, "bbox": [0, 0, 0, 0], '
                '"bbox": [1, 2, 30, 40], "area": 5}',
            )
        ),
        1,
        {},
    ),
    answered(
        "one image a thousand times",
        document(images=IMAGES * 1000),
        2,
        {"duplicate_image_id": 1998},
    ),
    answered(
        "one annotation a thousand times",
        document(annotations=ANNOTATIONS[:1] * 1000),
        1000,
        {"duplicate_annotation_id": 999},
    ),
    answered(
        "ten thousand categories, one used",
        document(categories=[f'{{"id": {n}, "name": "c{n}"}}' for n in range(10_000)]),
        2,
        {},
    ),
    answered(
        "a thousand unknown keys",
        document(**{f"key{n}": "[1, [2, {}]]" for n in range(1000)}),
        2,
        {},
    ),
    answered(
        "an annotation nested as deeply as is read",
        document(annotations=(*ANNOTATIONS, '{"a": ' * 400 + "1" + "}" * 400)),
        2,
        {"bbox_malformed": 1, "annotation_id_missing": 1},
        1,
    ),
    answered(
        "boxes between 0 and 1",
        document(
            annotations=[
                {**each, "bbox": "[0.1, 0.2, 0.3, 0.4]"} for each in ANNOTATIONS
            ]
        ),
        2,
        {"boxes_look_normalised": 2},
    ),
    answered(
        "width and height swapped",
        document(
            images=({**IMAGES[0], "width": "48", "height": "640"}, IMAGES[1]),
            annotations=({**ANNOTATIONS[0], "bbox": "[300, 10, 50, 20]"},),
        ),
        1,
        {"bbox_outside_image": 1, "image_size_doubtful": 1},
    ),
)
