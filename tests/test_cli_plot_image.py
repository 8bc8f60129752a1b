"""`plot image`: which image, which file, what is said where."""

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from matplotlib.figure import Figure
from PIL import Image

from tests.command_line import Printed, ask, lacking
from tests.other_formats import write_yolo
from tests.tiny_coco import coco, write_coco

# 4 x 4 pixels are 168.4 to 175.1 after resizing, between two points: nothing. The
# others get 9 each.
YARD = coco({42: [(101, 101, 4, 4), (30, 40, 60, 60)], 7: [(30, 40, 60, 60)], 9: []})
ROWS = (
    *("yard.json: image 42, 42.jpg, 640 x 480 pixels, 2 annotations", "objects 2"),
    *("without a positive 1", "left out by data rules 0", "positives 9"),
    *("on P3 0", "on P4 9", "103 car, small no anchor center inside"),
)


def test_objects_with_only_low_quality_matches_are_counted() -> None:
    # 4 px become 7 in input pixels: no anchor of RetinaNet reaches the bar of 0.5.
    write_coco(Path("yard.json"), YARD)
    presets = "-p retinanet-mmdet -p atss-mmdet"
    out = ask(f"plot image 42 --ann yard.json {presets} -o a.svg").out
    assert re.search(r"\n  only low-quality matches +1 +-\n", out)
    told = "(50.0%) poorly assigned, all with only low-quality matches. atss"
    assert told in " ".join(out.split())
    assert "low-quality m" not in ask("plot image 42 --ann yard.json -o b.svg").out
    # The small object of image 42 is the only one.
    gallery = "plot image --ann yard.json --gallery 2 --worst poorly -o c.svg"
    out = ask(f"{gallery} -p retinanet-mmdet").out
    assert re.search(r"objects  without  poorly  mean\n42 .* 2 +0 +1 ", out)
    assert "poorly: poorly assigned objects." in " ".join(out.split())


drawn = pytest.mark.usefixtures("real_pictures")


@pytest.fixture(autouse=True)
def _files(_empty_folder: None) -> None:
    write_coco(Path("yard.json"), YARD)
    Path("pictures").mkdir()
    Image.new("RGB", (640, 480), "olive").save("pictures/42.jpg")


@pytest.fixture(autouse=True)
def _sketched(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw an empty page in place of pictures, unless a test is about these."""
    if "real_pictures" not in request.fixturenames:
        for name in ("image_figure", "gallery_figure"):
            path = f"atss_inspect.figures.image.{name}"
            monkeypatch.setattr(path, lambda *_, **__: Figure((1, 1)))


@pytest.fixture
def real_pictures() -> None:
    """Pictures are drawn."""


MISSING = "warning: picture not found in the images folder"


def plot(words: str, *, images: str = "pictures") -> Printed:
    """Run the command on the yard."""
    folder = f" --images {images}" if images else ""
    return ask(f"plot image {words} --ann yard.json{folder}")


@drawn
def test_an_image_by_id_is_drawn_into_a_file_named_after_it() -> None:
    out, err = plot("42")
    assert lacking(out, *ROWS) == []
    assert "\nverdict: atss-mmdet leaves 1 of 2 objects (50.0%) without" in out
    following = "explain --ann yard.json --preset atss-mmdet --ann-id 103"
    assert out.endswith(f"\nnext: atss-inspect {following}\n")
    assert err == "wrote image-42.png\n"
    with Image.open("image-42.png") as picture:
        assert picture.width == 1040
    assert plot("42.jpg").err == "unchanged: image-42.png\n"


@drawn
@pytest.mark.parametrize("name", ["../outside.png", "/etc/hostname", "link.png"])
def test_a_file_name_that_leads_out_is_refused_and_said(name: str) -> None:
    Image.new("RGB", (640, 480), "red").save("outside.png")
    Path("pictures/link.png").symlink_to(Path("outside.png").resolve())
    document = json.loads(json.dumps(YARD))
    for image in document["images"]:
        image["file_name"] = name
    write_coco(Path("yard.json"), document)
    refused = "file name refused: it leads out of the images folder"
    tried = f" (looked for {Path('pictures', Path(name).name)})" if "/" in name else ""
    assert f"warning: {refused}{tried}\n" in plot("42").err
    with Image.open("image-42.png") as picture:
        colors = picture.convert("RGB").getcolors(1 << 20)
    assert not any(red > 200 and green < 60 for _, (red, green, _) in colors or [])


def test_a_missing_picture_is_a_warning_and_quiet_hides_it() -> None:
    warning = f"{MISSING} (looked for pictures/7.jpg)\n"
    assert plot("7").err == f"{warning}wrote image-7.png\n"
    assert plot("7 -q").err == ""
    err = plot("9", images="").err
    assert "warning: no images folder named\n" in err
    assert "hint: --images FOLDER names where the pictures are\n" in err


def test_an_annotation_names_its_image() -> None:
    for option in ("--zoom", "--candidates"):
        assert "image 42, 42.jpg" in plot(f"{option} 103 --force").out
    # An image that is named must have it.
    assert "image 7 has no" in ask("plot image 7 --zoom 103 yard.json", code=2).err


def test_an_annotation_id_on_several_images_names_none() -> None:
    document = json.loads(json.dumps(YARD))
    for annotation in document["annotations"]:
        annotation["id"] = 5
    write_coco(Path("yard.json"), document)
    error = ask("plot image yard.json --zoom 5 -q", code=2).err
    assert "--zoom 5: annotations of several images have this id\n" in error


def test_pictures_beside_the_annotations_are_found() -> None:
    Path("pictures").rename("images")
    note = "note: pictures are taken from images; --images names another folder\n"
    assert plot("42", images="").err == f"{note}wrote image-42.png\n"
    Path("pictures").mkdir()
    missing = f"{MISSING} (looked for pictures/42.jpg)\n"
    assert plot("42").err == f"{missing}unchanged: image-42.png\n"


def test_a_projects_pictures_are_not_those_of_other_annotations() -> None:
    write_yolo(Path("set"), {"7": "0 0.5 0.5 0.25 0.125\n"})
    Path("others").mkdir()
    Path("atss-inspect.toml").write_text('ann = "yard.json"\nimages = "others"\n')
    note = "note: pictures are taken from set; --images names another folder\n"
    assert note in ask("plot image set 7 -o a.png").err
    # Those without a folder of their own may lie in the project's.
    Path("pictures").rename("others/pictures")
    write_coco(Path("b.json"), coco({42: [(101, 101, 40, 40)]}))
    missing = f"{MISSING} (looked for others/42.jpg)\n"
    assert ask("plot image b.json 42 -o b.png").err.startswith(missing)


def test_images_with_a_picture_are_preferred() -> None:
    boxes = [(101, 101, 4, 4)]
    write_coco(Path("yard.json"), coco({7: boxes * 2, 42: boxes, 9: boxes * 3}))
    out, err = plot("--worst unassigned")
    assert "image 42, 42.jpg" in out
    assert err.startswith("note: 1 image has no picture and is passed over\n")
    # What stays keeps its order: the worst first.
    out, err = plot("--worst unassigned --gallery 2")
    assert re.findall(r"^\d+", out, re.MULTILINE) == ["9", "42"]
    assert err.startswith("note: 1 image has no picture and is passed over\n")
    out, err = plot("--worst unassigned --gallery 3 --with-picture --force")
    assert re.findall(r"^\d+", out, re.MULTILINE) == ["42"]
    assert err.startswith("note: 2 images have no picture and are passed over\n")
    alone = "plot image 7 --with-picture yard.json --images pictures"
    assert "pictures has none of them; --images" in ask(alone, code=2).err


def test_a_gallery_leads_to_an_image_with_objects() -> None:
    write_coco(Path("yard.json"), coco({1: [], 42: [(30, 40, 60, 60)]}))
    assert "\nnext: atss-inspect plot image 42 " in plot("--gallery 2").out


def test_a_gallery_lists_its_images() -> None:
    out, err = printed = plot("--gallery 5")
    # Of image 9 the data rules leave everything out, as there is nothing.
    rows = ("7 7.jpg 1 0 9.0", "9 9.jpg 0 0 -", "42 42.jpg 2 1 4.5")
    assert lacking(out, "image file name objects without mean", *rows) == []
    assert printed.verdict == (
        "In 3 images, atss-mmdet leaves 1 of 3 objects (33.3%) without a positive: no "
        "anchor center inside."
    )
    assert printed.next == (
        "plot image 7 --ann yard.json --preset atss-mmdet --images pictures"
    )
    missing = f"{MISSING} (2 of 3 images; looked for pictures/7.jpg)\n"
    assert err == f"{missing}wrote gallery.png\n"
    worst = plot("--gallery 5 --worst share --force").out
    assert "42     42.jpg           2        1   4.5\n\n" in worst


@drawn
def test_masks_are_counted_and_broken_ones_are_no_error() -> None:
    assert plot("42 --mask").err == (
        "note: --mask: these annotations hold no masks (`convert` keeps none)\n"
        "wrote image-42.png\n"
    )
    document = json.loads(json.dumps(YARD))
    half = [[30, 40, 60, 40, 60, 100, 30, 100]]
    for annotation in document["annotations"]:
        is_small = annotation["bbox"][2] == 4
        annotation["segmentation"] = {"size": [1], "counts": 3} if is_small else half
    write_coco(Path("yard.json"), document)
    out = plot("42 --mask -o masks.png").out
    # The left half of the box: of 3 x 3 points around 100.0, 116.7 those at 80 and 96.
    assert "atss-mmdet: 66.7% (6 of 9)\n" in out
    assert "not counted: 1 object with a mask that makes no sense\n" in out


def test_several_k_are_named_in_words_below_one_another() -> None:
    out = plot("42 --k 9,15").out
    assert "  atss-mmdet, k 9   ATSS, k 9 per level" in out
    assert "  atss-mmdet, k 15  ATSS, k 15 per level" in out
    assert re.search(r"positives +9 +1\d\n", out)
    assert plot("7 --k 3,9").verdict == (
        "atss-mmdet, k 3 gives the only object a positive. "
        "atss-mmdet, k 9 gives the only object a positive."
    )


@pytest.mark.parametrize(
    "options",
    [
        "--k 3,9",
        "--k 3,9 --set k=5 -p atss-mmdet -p atss-official",
        "-p atss-mmdet -p fcos-mmdet",
    ],
)
def test_the_next_command_explains_what_has_no_positive(options: str) -> None:
    printed = plot(f"42 {options}")
    unassigned = re.search(r"cause\):\n +(\d+) ", printed.out)
    assert unassigned
    assert printed.next.endswith(f"--ann-id {unassigned[1]}")
    out = ask(printed.next).out
    assert "no positive" in out
    assert ("k 3 per level" in out) == ("--k" in options)
    for words in ("--candidates 103", "--zoom 106"):
        looked_at = plot(f"42 {words} --force").next
        assert looked_at.endswith(f" --ann-id {words.split()[1]}")


def test_ids_are_made_safe_for_a_file_name() -> None:
    write_coco(Path("yard.json"), coco({"../a b/ü": [], "...": []}))
    plot("'../a b/ü'")
    plot("...")
    names = sorted(path.name for path in Path().glob("*.png"))
    assert names == ["image-a-b.png", "image-unnamed.png"]


@drawn
def test_pyplot_and_pandas_are_not_loaded() -> None:
    before = {"matplotlib.pyplot", "pandas"} & set(sys.modules)
    plot("42 --contested")
    assert {"matplotlib.pyplot", "pandas"} & set(sys.modules) == before


# Every image with the defaults and with each of these, which together are all options;
# ANN is the id of an image's first object, and where there is none they are left out.
OPTIONS = (
    "",
    " -p atss-mmdet -p retinanet-mmdet -p fcos-mmdet --contested --anchors "
    "--labels all --theme dark",
    " --by level --zoom ANN --labels none --mask --theme paper",
    " --k 3,9 --candidates ANN --levels P3,P4 --zoom none",
)
NUM_PARTS = 11


@pytest.fixture(scope="module")
def real_images(real_data: Path) -> tuple[dict[str, Any], Path, list[str]]:
    """The annotations of the real images, their folder, and their names."""
    folder = real_data / "data" / "coco-val2017"
    document = json.loads((folder / "instances_val2017_subset.json").read_text())
    names = sorted(path.name for path in (folder / "images").glob("*.jpg"))
    assert len(names) == 55
    return document, folder / "images", names


def write_images(whole: dict[str, Any], names: list[str]) -> list[dict[str, Any]]:
    """Write some images of a document into the yard's file; their annotations."""
    images = [one for one in whole["images"] if one["file_name"] in names]
    kept = {one["id"] for one in images}
    own = [one for one in whole["annotations"] if one["image_id"] in kept]
    write_coco(Path("yard.json"), {**whole, "images": images, "annotations": own})
    return own


@drawn
@pytest.mark.slow
@pytest.mark.parametrize("part", range(NUM_PARTS))
def test_every_real_picture_with_every_option(real_images: Any, part: int) -> None:
    whole, folder, names = real_images
    for name in names[part::NUM_PARTS]:
        own = write_images(whole, [name])
        for options in OPTIONS:
            if own:
                options = options.replace("ANN", str(own[0]["id"]))
            words = re.sub(r" --\w+ ANN", "", options) + " --dpi 30 -o x.png --force"
            printed = plot(f"{name}{words}", images=str(folder))
            assert printed.err == "wrote x.png\n", (name, words)
