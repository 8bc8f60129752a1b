"""`plot image`: which image, which file, what is said where."""

import io
import json
import re
import shlex
import sys
from pathlib import Path
from typing import Any

import pytest
from matplotlib.figure import Figure
from PIL import Image

from atss_inspect.cli import run
from tests.command_line import told
from tests.tiny_coco import coco, write_coco

Captured = pytest.CaptureFixture[str]

# 4 x 4 pixels are 168.4 to 175.1 after resizing, between two points: nothing. The
# others get 9 each.
YARD = coco({42: [(101, 101, 4, 4), (30, 40, 60, 60)], 7: [(30, 40, 60, 60)], 9: []})
TEXT = """\
yard.json: image 42, 42.jpg, 640 x 480 pixels, 2 annotations

Assigned in input pixels, images resized to 800/1333 (mmdetection):
  atss-mmdet  ATSS, k 9 per level; 1 anchor of 8 x stride, offset 0

                          atss-mmdet
objects                            2
  without a positive               1
  left out by data rules           0
positives                          9
  on P3                            0
  on P4                            9
  on P5                            0
  on P6                            0
  on P7                            0

without a positive (annotation id, class, cause):
  103  car, small  no anchor center inside

verdict: atss-mmdet leaves 1 of 2 objects (50.0%) without a positive: no anchor
  center inside.
next: atss-inspect explain --ann yard.json --preset atss-mmdet --ann-id 103
"""


# Of image 9 the data rules leave everything out, as there is nothing.
GALLERY_TEXT = """\
yard.json: 3 images

Assigned in input pixels, images resized to 800/1333 (mmdetection):
  atss-mmdet  ATSS, k 9 per level; 1 anchor of 8 x stride, offset 0

image  file name  objects  none  mean
7      7.jpg            1     0   9.0
9      9.jpg            0     0     -
42     42.jpg           2     1   4.5

none: objects without a positive; mean: positives per object.

verdict: In 3 images, atss-mmdet leaves 1 of 3 objects (33.3%) without a
  positive: no anchor center inside.
"""


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


def plot(*arguments: str, images: str | None = "pictures") -> int:
    """Draw coarsely, which is quicker, unless told otherwise."""
    folder = ("--images", images) if images else ()
    words = ["plot", "image", *arguments, "--ann", "yard.json"]
    return run([*words, *folder])


@pytest.mark.usefixtures("real_pictures")
def test_an_image_by_id_is_drawn_into_a_file_named_after_it(capsys: Captured) -> None:
    words = ["plot", "image", "42", "--ann", "yard.json", "--images", "pictures"]
    assert run(words) == 0
    out, err = capsys.readouterr()
    assert re.sub(r"10[03]", "103", out) == TEXT
    assert err == "wrote image-42.png\n"
    with Image.open("image-42.png") as picture:
        assert picture.width == 1040
    assert plot("42.jpg") == 0
    assert capsys.readouterr().err == "unchanged: image-42.png\n"


@pytest.mark.usefixtures("real_pictures")
def test_it_works_as_typed_in_the_clone(
    project_root: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    target = Path.cwd() / "it.png"
    monkeypatch.chdir(project_root)
    assert run(["plot", "image", "42", "-o", str(target), "--dpi", "30"]) == 0
    out, err = capsys.readouterr()
    assert "image 42, 000042.jpg" in out
    assert err == f"wrote {target}\n"


def test_the_picture_alone_goes_to_stdout(capfdbinary: Any) -> None:
    assert plot("42", "-o", "-") == 0
    out, err = capfdbinary.readouterr()
    assert err == b""
    with Image.open(io.BytesIO(out)) as picture:
        assert picture.format == "PNG"


def test_the_worst_image_is_found(capsys: Captured) -> None:
    for criterion in ("unassigned", "share", "fewest"):
        assert plot("--worst", criterion, "-o", f"{criterion}.png") == 0
        assert "image 42, 42.jpg" in capsys.readouterr().out
    assert plot("--worst", "lost") == 2
    error = capsys.readouterr().err
    assert "--worst lost: no image has such objects under atss-mmdet" in error


@pytest.mark.usefixtures("real_pictures")
@pytest.mark.parametrize("name", ["../outside.png", "/etc/hostname", "link.png"])
def test_a_file_name_that_leads_out_is_refused_and_said(
    name: str, capsys: Captured
) -> None:
    Image.new("RGB", (640, 480), "red").save("outside.png")
    Path("pictures/link.png").symlink_to(Path("outside.png").resolve())
    document = json.loads(json.dumps(YARD))
    for image in document["images"]:
        image["file_name"] = name
    write_coco(Path("yard.json"), document)
    assert plot("42") == 0
    refused = "file name refused: it leads out of the images folder"
    assert f"warning: {refused}\n" in capsys.readouterr().err
    with Image.open("image-42.png") as picture:
        colors = picture.convert("RGB").getcolors(1 << 20)
    assert not any(red > 200 and green < 60 for _, (red, green, _) in colors or [])


def test_a_missing_picture_is_a_warning_and_quiet_hides_it(capsys: Captured) -> None:
    assert plot("7") == 0
    warning = "warning: picture not found in the images folder\n"
    assert capsys.readouterr().err == f"{warning}wrote image-7.png\n"
    assert plot("7", "-q") == 0
    assert capsys.readouterr().err == ""
    assert plot("9", images=None) == 0
    assert "warning: no images folder named\n" in capsys.readouterr().err


def test_an_image_without_objects_says_so(capsys: Captured) -> None:
    out = told(plot("9"), capsys)
    assert "atss-mmdet leaves the image out: the image has no annotation" in out
    assert out.endswith("\nverdict: atss-mmdet has no object to assign here.\n")
    assert "next:" not in out


def test_the_verdict_says_of_each_convention_what_becomes_of_the_objects(
    capsys: Captured,
) -> None:
    assert plot("7", "--k", "3,9") == 0
    verdict, _, _ = capsys.readouterr().out.partition("verdict: ")[2].partition("next")
    assert " ".join(verdict.split()) == (
        "atss-mmdet, k 3 gives the only object a positive. "
        "atss-mmdet, k 9 gives the only object a positive."
    )


def test_a_gallery_lists_its_images(capsys: Captured) -> None:
    assert plot("--gallery", "5") == 0
    out, err = capsys.readouterr()
    table, _, after = out.partition("next: ")
    assert table == GALLERY_TEXT
    assert after.startswith("atss-inspect plot image 7 --ann yard.json --preset atss-m")
    assert next_command(out)[-2:] == ["--images", "pictures"]
    missing = "warning: picture not found in the images folder (2 of 3 images)\n"
    assert err == f"{missing}wrote gallery.png\n"
    assert plot("--gallery", "5", "--worst", "share", "--force") == 0
    assert "42     42.jpg           2     1   4.5\n\n" in capsys.readouterr().out


@pytest.mark.usefixtures("real_pictures")
def test_masks_are_counted_and_broken_ones_are_no_error(capsys: Captured) -> None:
    document = json.loads(json.dumps(YARD))
    masks: list[Any] = [
        [[30, 40, 60, 40, 60, 100, 30, 100]],
        {"size": [1], "counts": 3},
    ]
    for annotation in document["annotations"]:
        if annotation["image_id"] == 42:
            annotation["segmentation"] = masks[annotation["bbox"][2] == 4]
    write_coco(Path("yard.json"), document)
    out = told(plot("42", "--mask"), capsys)
    # The left half of the box: of 3 x 3 points around 100.0, 116.7 those at 80 and 96.
    assert "atss-mmdet: 66.7% (6 of 9)\n" in out
    assert "not counted: 1 object with a mask that makes no sense\n" in out


def test_several_k_are_named_in_words(capsys: Captured) -> None:
    out = told(plot("42", "--k", "3,9"), capsys)
    assert "atss-mmdet, k 3  ATSS, k 3 per level" in out
    assert re.search(r"positives +3 +9\n", out)
    assert next_command(out)[-4:] == ["--set", "k=3", "--ann-id", starved_id(out)]


def test_conventions_stand_below_one_another(capsys: Captured) -> None:
    out = told(plot("42", "--k", "9,15"), capsys)
    assert "  atss-mmdet, k 9   ATSS, k 9 per" in out
    assert "  atss-mmdet, k 15  ATSS, k 15 per" in out


def next_command(out: str) -> list[str]:
    """What to type next, as an argument list without the program."""
    program, *words = shlex.split(out.rpartition("next: ")[2])
    assert program == "atss-inspect"
    return words


def starved_id(out: str) -> str:
    """The first annotation listed as being without a positive."""
    found = re.search(r"cause\):\n +(\d+) ", out)
    assert found
    return found[1]


@pytest.mark.parametrize(
    "options",
    [
        ("--k", "3,9"),
        ("--k", "3,9", "--set", "k=5", "-p", "atss-mmdet", "-p", "atss-official"),
        ("-p", "atss-mmdet", "-p", "fcos-mmdet"),
    ],
    ids=" ".join,
)
def test_the_next_command_explains_what_is_starved(
    options: tuple[str, ...], capsys: Captured
) -> None:
    assert plot("42", *options, "-o", "x.png") == 0
    command = next_command(capsys.readouterr().out)
    out = told(run(command), capsys)
    assert "no positive" in out
    assert ("k 3 per level" in out) == ("--k" in options)


def test_the_next_command_explains_the_object_looked_at(capsys: Captured) -> None:
    for option in ("--candidates", "--zoom"):
        for wanted in ("103", "106"):
            words = ("42", option, wanted, "-o", "x.png", "--force")
            assert next_command(told(plot(*words), capsys))[-1] == wanted


def test_masks_that_are_nowhere_are_noted_once(capsys: Captured) -> None:
    assert plot("42", "--mask") == 0
    assert capsys.readouterr().err == (
        "note: --mask: these annotations hold no masks (`convert` keeps none)\n"
        "wrote image-42.png\n"
    )


@pytest.mark.parametrize("folder", ["nowhere", "yard.json", "x" * 300])
@pytest.mark.parametrize("command", ["plot image 42", "view 42", "report", "browse"])
def test_a_folder_of_pictures_that_is_none_is_refused(
    command: str, folder: str, capsys: Captured
) -> None:
    words = [*command.split(), "--ann", "yard.json", "--images", folder]
    assert run(words) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"atss-inspect: error: --images {folder}: no such folder\n")


def test_the_next_command_of_a_gallery_draws_an_image_the_same_way(
    capsys: Captured,
) -> None:
    assert plot("--gallery", "1", "--worst", "share", "--k", "3") == 0
    assert run([*next_command(capsys.readouterr().out), "--dpi", "30"]) == 0
    out, err = capsys.readouterr()
    assert "yard.json: image 42, " in out
    assert "k 3 per level" in out
    assert err == "wrote image-42.png\n"


def test_ids_are_made_safe_for_a_file_name(capsys: Captured) -> None:
    write_coco(Path("yard.json"), coco({"../a b/ü": [], "...": []}))
    assert plot("../a b/ü") == 0
    assert plot("...") == 0
    capsys.readouterr()
    assert sorted(path.name for path in Path().glob("*.png")) == [
        "image-a-b.png",
        "image-unnamed.png",
    ]


@pytest.mark.usefixtures("real_pictures")
def test_pyplot_and_pandas_are_not_loaded(capsys: Captured) -> None:
    before = {"matplotlib.pyplot", "pandas"} & set(sys.modules)
    assert plot("42", "--contested") == 0
    capsys.readouterr()
    assert {"matplotlib.pyplot", "pandas"} & set(sys.modules) == before


# Every image with the defaults and with each of these, which together are all options;
# ANN is the id of an image's first object.
PRESETS = ("-p", "atss-mmdet", "-p", "retinanet-mmdet", "-p", "fcos-mmdet")
OPTIONS = (
    (*PRESETS, "--contested", "--anchors", "--labels", "all", "--theme", "dark"),
    (
        *("--by", "level", "--zoom", "ANN", "--labels", "none", "--mask"),
        *("--theme", "paper"),
    ),
    ("--k", "3,9", "--candidates", "ANN", "--levels", "P3,P4", "--zoom", "none"),
)
NUM_PARTS = 11


def with_annotation(words: tuple[str, ...], ann_id: str | None) -> list[str]:
    """Put an id where ANN stands; without one, leave out the options that need it."""
    if ann_id is not None:
        return [ann_id if word == "ANN" else word for word in words]
    places = [place for place, word in enumerate(words) if word == "ANN"]
    gone = {place - back for place in places for back in (0, 1)}
    return [word for place, word in enumerate(words) if place not in gone]


@pytest.fixture(scope="module")
def real_images(real_data: Path) -> tuple[dict[str, Any], Path]:
    """The annotations of the real images, and their folder."""
    folder = real_data / "data" / "coco-val2017"
    document = json.loads((folder / "instances_val2017_subset.json").read_text())
    return document, folder / "images"


@pytest.mark.usefixtures("real_pictures")
@pytest.mark.slow
@pytest.mark.parametrize("part", range(NUM_PARTS))
def test_every_real_picture_with_every_option(
    real_images: tuple[dict[str, Any], Path], part: int, capsys: Captured
) -> None:
    whole, folder = real_images
    names = sorted(path.name for path in folder.glob("*.jpg"))
    assert len(names) == 55
    for place in range(part, len(names), NUM_PARTS):
        name = names[place]
        [image] = [one for one in whole["images"] if one["file_name"] == name]
        own = [one for one in whole["annotations"] if one["image_id"] == image["id"]]
        write_coco(Path("yard.json"), {**whole, "images": [image], "annotations": own})
        ann_id = str(own[0]["id"]) if own else None
        for options in ((), *OPTIONS):
            words = with_annotation(options, ann_id)
            words += ["--dpi", "30", "-o", "x.png", "--force"]
            assert plot(name, *words, images=str(folder)) == 0, (name, words)
            assert capsys.readouterr().err == "wrote x.png\n", (name, words)


@pytest.mark.usefixtures("real_pictures")
@pytest.mark.slow
def test_all_real_pictures_in_one_gallery(
    real_images: tuple[dict[str, Any], Path], capsys: Captured
) -> None:
    whole, folder = real_images
    names = {path.name for path in folder.glob("*.jpg")}
    images = [one for one in whole["images"] if one["file_name"] in names]
    kept = {one["id"] for one in images}
    own = [one for one in whole["annotations"] if one["image_id"] in kept]
    write_coco(Path("yard.json"), {**whole, "images": images, "annotations": own})
    words = ("--gallery", "99", "--k", "9")
    assert plot(*words, images=str(folder)) == 0
    out, err = capsys.readouterr()
    assert err == "wrote gallery.png\n"
    assert all(name in out for name in names)


def test_an_option_that_needs_an_annotation_is_left_out_without_one() -> None:
    words = ("--by", "level", "--zoom", "ANN", "--mask")
    assert with_annotation(words, None) == ["--by", "level", "--mask"]
    assert with_annotation(words, "7") == ["--by", "level", "--zoom", "7", "--mask"]
