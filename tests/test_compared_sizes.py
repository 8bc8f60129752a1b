"""Sizes in the file beside those of pictures: turned, other, missing, damaged."""

from pathlib import Path

import numpy as np
import pytest

from atss_inspect.readers import load_coco
from atss_inspect.readers.compared_sizes import compare_sizes
from tests.command_line import ask
from tests.other_formats import voc_object, voc_text, write_picture, write_turned
from tests.tiny_coco import write_coco

WIDTH, HEIGHT = 64, 48


def document(*sizes: tuple[str, float, float]) -> dict[str, object]:
    """Images of these file names, widths and heights, a box on each."""
    images = [
        {"id": number, "file_name": name, "width": width, "height": height}
        for number, (name, width, height) in enumerate(sizes)
    ]
    annotations = [
        {"id": n, "image_id": n, "category_id": 1, "bbox": [1, 1, 20 + n, 20]}
        for n in range(len(sizes))
    ]
    categories = [{"id": 1, "name": "cat"}]
    return {"images": images, "annotations": annotations, "categories": categories}


def seen(findings):
    """What pictures say."""
    names = ("image_size_contradicted", "image_size_of_picture")
    return [each for each in findings if each.reason in names]


def test_sizes_of_pictures_are_compared():
    Path("images").mkdir()
    for name in ("same.jpg", "other.jpg", "float.png"):
        write_picture(Path("images", name))
    write_turned(Path("images/turned.jpg"))
    Path("images/damaged.jpg").write_bytes(b"no picture")
    dataset = load_coco(
        document(
            ("same.jpg", 64, 48),
            ("other.jpg", 128, 96),
            ("float.png", 64.5, 48),  # less than a pixel off
            ("turned.jpg", 64, 48),  # its camera was held upright
            ("damaged.jpg", 1, 1),
            ("missing.jpg", 1, 1),
            ("../outside.jpg", 1, 1),
        )
    )
    [found] = seen(compare_sizes(dataset, "images"))
    assert found.message == (
        "2 images of a sample have another size in the file than their pictures; used "
        "as written"
    )
    assert found.examples == (
        "other.jpg: 128x96, the picture is 64x48",
        "turned.jpg: 64x48, the picture is 48x64",
    )
    assert found.hint == "4 pictures were looked at"


def test_exchanged_sides_are_named():
    write_turned(Path("a.jpg"))
    dataset = load_coco(document(("a.jpg", 64, 48)))
    [found] = seen(compare_sizes(dataset, "."))
    assert found.hint == (
        "1 picture was looked at; width and height are exchanged, as of photographs "
        "that are turned"
    )
    # As it is to be looked at, it fits.
    assert not seen(compare_sizes(load_coco(document(("a.jpg", 48, 64))), "."))


def test_thirty_pictures_tell_of_all():
    names = [f"{number:03d}.png" for number in range(90)]
    for name in names:
        write_picture(Path(name))
    dataset = load_coco(document(*((name, 10, 10) for name in names)))
    [found] = seen(compare_sizes(dataset, "."))
    assert found.reason == "image_size_contradicted"
    assert found.count == 30
    assert found.examples[1].startswith("003.png")


@pytest.mark.parametrize("folder", ["nowhere", ".", "a.jpg"])
def test_without_pictures_that_is_said_of_a_folder_that_was_named(folder):
    write_picture(Path("a.jpg"))
    dataset = load_coco(document(("b.jpg", 1, 1), ("c.jpg", 1, 1)))
    assert compare_sizes(dataset, folder, is_named=False) == dataset.findings
    assert not seen(compare_sizes(dataset.select_images(np.arange(0)), folder))
    (found,) = (
        one
        for one in compare_sizes(dataset, folder)
        if one.reason == "picture_not_found"
    )
    assert (found.message, found.hint) == (
        "2 images of the data, all of them, have no picture in the folder named",
        f"looked for {Path(folder, 'b.jpg')}",
    )


def test_commands_compare_with_pictures_that_are_named(monkeypatch):
    Path("pictures").mkdir()
    write_turned(Path("pictures/a.jpg"))
    write_coco(Path("set.json"), document(("a.jpg", 64, 48)))
    told = "1 picture has another size than the file says, most of those looked at"
    for command in ("stats", "check"):
        assert told not in ask(f"{command} --ann set.json").err
        code = command == "check"  # fails
        assert told in ask(f"{command} --ann set.json --images pictures", code=code).err
    [found] = [
        one
        for one in ask("stats --ann set.json --images pictures --json").json["warnings"]
        if one["reason"] == "image_size_contradicted"
    ]
    assert found["examples"] == ["a.jpg: 64x48, the picture is 48x64"]
    monkeypatch.setenv("ATSS_INSPECT_IMAGES", "pictures")
    # What goes with a project's annotations does not go with others.
    assert told not in ask("worst --ann set.json").err
    assert told not in ask("stats --ann set.json").err
    monkeypatch.setenv("ATSS_INSPECT_ANN", "set.json")
    assert told in ask("worst").err
    monkeypatch.delenv("ATSS_INSPECT_IMAGES")
    # What nobody has named is not opened.
    Path("pictures").rename("images")
    assert told not in ask("stats --ann set.json").err


def test_pictures_that_are_part_of_the_data_are_compared():
    Path("voc", "Annotations").mkdir(parents=True)
    write_picture(Path("voc", "JPEGImages", "a.png"))
    text = voc_text(voc_object("cat", 2, 2, 9, 9), size=(96, 48))
    Path("voc", "Annotations", "a.xml").write_text(text)
    assert "1 picture has another size than the file" in ask("stats voc").err


def test_pictures_that_confirm_the_sizes_settle_doubts():
    # In each lies a box that would fit a picture of 48 x 64.
    names = [f"{number}.png" for number in range(10)]
    content = document(*((name, WIDTH, HEIGHT) for name in names))
    for each in content["annotations"]:
        each["bbox"] = [1, 49, 8, 10 + each["id"] / 10]
    dataset = load_coco(content)
    doubt = "image_size_exchanged"
    assert doubt in {each.reason for each in dataset.findings}
    for name in names:
        write_picture(Path(name))
    assert doubt not in {each.reason for each in compare_sizes(dataset, ".")}
    # Of one it is not known.
    Path("0.png").unlink()
    assert doubt in {each.reason for each in compare_sizes(dataset, ".")}
    # One size for all is settled by some.
    for each in content["annotations"]:
        each["bbox"] = [65, 49, 8, 10 + each["id"]]
    dataset = load_coco(content)
    doubt = "image_size_one_for_all"
    assert doubt in {each.reason for each in dataset.findings}
    assert doubt not in {each.reason for each in compare_sizes(dataset, ".")}


def test_check_fails_where_pictures_prove_that_sizes_are_wrong():
    names = [f"{number}.png" for number in range(3)]
    for name in names:
        write_picture(Path(name))
    sizes = [(names[0], 64, 48), (names[1], 128, 96), (names[2], 128, 96)]
    write_coco(Path("most.json"), document(*sizes))
    found = ask("check most.json --images .", code=1)
    assert "## atss-inspect check: no annotation lost, annotations look wrong" in (
        found.out
    )
    told = "2 pictures have another size than the file says, most of those looked at."
    assert f"**Verdict:** {told}" in found.out
    assert "Next: `atss-inspect stats --ann most.json" in found.out
    told = f"verdict: {told} Correct this first. "
    assert told in " ".join(ask("stats most.json --images .").out.split())
    sizes[1] = (names[1], 64, 48)
    write_coco(Path("some.json"), document(*sizes))
    assert "1 image of a sample has another size" in (
        " ".join(ask("check some.json --images .").out.split())
    )
