"""Where pictures are looked for that nobody has named a folder of."""

import os
from pathlib import Path

import pytest

from atss_inspect.readers.picture_folders import find_pictures, prefer_pictured


def put(*paths: str) -> None:
    """Write files that pass as pictures."""
    for path in map(Path, paths):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"picture")


@pytest.mark.parametrize(
    ("annotations", "folder"),
    [
        ("robo/train/_annotations.coco.json", "robo/train"),
        ("set/val.json", "set/images"),
        ("set/labels/val.json.gz", "set/images"),
        ("coco/annotations/instances_val2017.json", "coco/val2017"),
        ("coco/annotations/instances_val2017.json", "coco/images/val2017"),
        ("coco/annotations/val.atss", "coco/val"),
        ("flat/val.json", "flat/images/val"),
        ("sets/my-set.atss", "sets/my-set"),
        ("val.json", "images"),
        ("val.json", "../val"),
        ("my-train.v2.json", "my-train.v2"),
    ],
)
def test_pictures_beside_annotations_are_found(annotations, folder, tmp_path):
    work = tmp_path / "here"
    work.mkdir()
    os.chdir(work)
    put(annotations, f"{folder}/a.jpg")
    found = find_pictures([annotations], ["a.jpg", "b.jpg"])
    assert found is not None
    assert Path(found).resolve() == Path(folder).resolve()


def test_the_folder_with_most_of_them_is_taken_and_of_equals_the_first():
    put("set/a.jpg", "set/images/a.jpg", "set/images/b.jpg", "set/val/b.jpg")
    names = ["a.jpg", "", "b.jpg"]
    assert find_pictures(["set/val.json"], names) == str(Path("set/images"))
    assert find_pictures(["set/val.json"], names[:1]) == "set"


def test_nothing_is_found_where_there_is_nothing_or_no_name():
    put("set/a.jpg", "outside.jpg", "set/images/b.jpg/c.jpg")
    for names in ([], ["", ""], ["c.jpg", "b.jpg"], ["../outside.jpg"], ["a\0.jpg"]):
        assert find_pictures(["set/val.json"], names) is None
    assert find_pictures(["-"], ["outside.jpg"]) is None
    assert find_pictures([], ["a.jpg"]) is None


def test_few_pictures_of_many_images_are_found():
    names = [f"{n}.jpg" for n in range(1000)]
    put("set/7.jpg", "set/images/8.jpg", *(f"val/{n}.jpg" for n in range(100, 150)))
    assert find_pictures(["set/val.json"], names) == "val"
    # Of pictures in folders only the folders are listed, and 30 names looked for.
    inside = [f"images/{name}" for name in names]
    put(*(f"images/{n}.jpg" for n in range(0, 1000, 33)))
    assert find_pictures(["set/val.json"], inside) == "."


@pytest.mark.parametrize(
    ("number", "only", "expected"),
    [
        (1, False, [1]),
        (2, False, [1, 3]),
        (3, False, [0, 1, 3]),
        (9, False, [0, 1, 2, 3]),
        (9, True, [1, 3]),
        (1, True, [1]),
    ],
)
def test_images_with_a_picture_are_preferred_and_the_order_stays(
    number, only, expected
):
    put("set/1.jpg", "set/3.jpg")
    names = [f"{n}.jpg" for n in range(4)]
    found = prefer_pictured(range(4), names, "set", number=number, only=only)
    assert found == expected
    without = prefer_pictured(range(4), names, None, number=number, only=only)
    assert without == ([] if only else list(range(4))[:number])
