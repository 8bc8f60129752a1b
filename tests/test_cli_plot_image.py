"""`plot image`: which image, which file, what is said where."""

import io
import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from atss_inspect.cli import run
from tests.tiny_coco import coco, write_coco

Captured = pytest.CaptureFixture[str]

# 4 x 4 pixels are 168.4 to 175.1 after resizing, between two points: nothing. The
# others get 9 each.
YARD = coco({42: [(101, 101, 4, 4), (30, 40, 60, 60)], 7: [(30, 40, 60, 60)], 9: []})
TEXT = """\
yard.json: image 42, 42.jpg, 640 x 480, 2 annotations

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

next: atss-inspect explain --ann yard.json --preset atss-mmdet --ann-id 103
"""


@pytest.fixture(autouse=True)
def _files(_empty_folder: None) -> None:
    write_coco(Path("yard.json"), YARD)
    Path("pictures").mkdir()
    Image.new("RGB", (640, 480), "olive").save("pictures/42.jpg")


def plot(*arguments: str, images: str | None = "pictures") -> int:
    folder = ("--images", images) if images else ()
    return run(["plot", "image", *arguments, "--ann", "yard.json", *folder])


def test_an_image_by_id_is_drawn_into_a_file_named_after_it(capsys: Captured) -> None:
    assert plot("42") == 0
    out, err = capsys.readouterr()
    assert re.sub(r"10[03]", "103", out) == TEXT
    assert err == "wrote image-42.png\n"
    with Image.open("image-42.png") as picture:
        assert picture.width == 1040
    assert plot("42.jpg") == 0
    assert capsys.readouterr().err == "unchanged: image-42.png\n"


def test_it_works_as_typed_in_the_clone(
    project_root: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    target = Path.cwd() / "it.png"
    monkeypatch.chdir(project_root)
    assert run(["plot", "image", "42", "-o", str(target), "--dpi", "60"]) == 0
    out, err = capsys.readouterr()
    assert "image 42, 000042.jpg" in out
    assert err == f"wrote {target}\n"


def test_the_picture_alone_goes_to_stdout(capfdbinary: Any) -> None:
    assert plot("42", "-o", "-", "--dpi", "40") == 0
    out, err = capfdbinary.readouterr()
    assert err == b""
    with Image.open(io.BytesIO(out)) as picture:
        assert picture.format == "PNG"


def test_the_worst_image_is_found(capsys: Captured) -> None:
    for criterion in ("unassigned", "share", "fewest"):
        assert plot("--worst", criterion, "--dpi", "40", "-o", f"{criterion}.png") == 0
        assert "image 42, 42.jpg" in capsys.readouterr().out
    assert plot("--worst", "lost") == 2
    error = capsys.readouterr().err
    assert "--worst lost: no image has such objects under atss-mmdet" in error


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "expected the id or file name of an image"),
        (["*.jpg"], "expected one image, got 3 (7, 9, 42, ...)"),
        (["43"], "no image has this id or file name; the nearest ids are 42"),
        (["42", "--zoom", "5"], "--zoom 5: image 42 has no annotation of this id"),
        (["9", "--candidates", "5"], "image 9 has no annotation of this id"),
        (["42", "--levels", "P3,P9"], '--levels: no level "P9"'),
        (["42", "--k", "3,x"], "expected positive whole numbers such as 3,9,15"),
        (["42", "--k", "3", "-p", "fcos-mmdet"], "--k: fcos-mmdet has no k"),
        (["42", "--by", "level", "--k", "3,9"], "expected one convention, got 2"),
        (["42", "--k", ",".join(map(str, range(1, 20)))], "at most 12 panels, got 19"),
        (["--gallery", "2", "--mask"], "take no option of what is drawn"),
        (["--gallery", "2", "--k", "3,9"], "expected one convention, got 2"),
        (["42", "-o", "x.jpg"], "unknown suffix .jpg"),
    ],
)
def test_mistakes_are_answered_in_one_line(
    arguments: list[str], said: str, capsys: Captured
) -> None:
    assert plot(*arguments) == 2
    out, err = capsys.readouterr()
    assert said in err
    assert out == ""
    assert not list(Path().glob("*.png"))


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
    assert plot("42", "--dpi", "40") == 0
    refused = "file name refused: it leads out of the images folder"
    assert f"warning: {refused}\n" in capsys.readouterr().err
    with Image.open("image-42.png") as picture:
        colors = picture.convert("RGB").getcolors(1 << 20)
    assert not any(red > 200 and green < 60 for _, (red, green, _) in colors or [])


def test_a_missing_picture_is_a_warning_and_quiet_hides_it(capsys: Captured) -> None:
    assert plot("7", "--dpi", "40") == 0
    warning = "warning: picture not found in the images folder\n"
    assert capsys.readouterr().err == f"{warning}wrote image-7.png\n"
    assert plot("7", "-q", "--dpi", "40") == 0
    assert capsys.readouterr().err == ""
    assert plot("9", "--dpi", "40", images=None) == 0
    assert "warning: no images folder named\n" in capsys.readouterr().err


def test_an_image_without_objects_says_so(capsys: Captured) -> None:
    assert plot("9", "--dpi", "40") == 0
    out = capsys.readouterr().out
    assert "atss-mmdet leaves the image out: the image has no annotation" in out
    assert "next:" not in out


def test_a_gallery_lists_its_images(capsys: Captured) -> None:
    assert plot("--gallery", "5", "--dpi", "40") == 0
    out, err = capsys.readouterr()
    assert "image  file name  objects  none\n7      7.jpg            1     0\n" in out
    assert "next: atss-inspect plot image 7 --ann yard.json --preset atss-mmdet" in out
    missing = "warning: picture not found in the images folder (2 of 3 images)\n"
    assert err == f"{missing}wrote gallery.png\n"
    assert plot("--gallery", "5", "--worst", "share", "--dpi", "40", "--force") == 0
    assert "42     42.jpg           2     1\n\n" in capsys.readouterr().out


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
    assert plot("42", "--mask", "--dpi", "40") == 0
    out = capsys.readouterr().out
    # The left half of the box: of 3 x 3 points around 100.0, 116.7 those at 80 and 96.
    assert "atss-mmdet: 66.7% (6 of 9)\n" in out
    assert "not counted: 1 object with a mask that makes no sense\n" in out


def test_several_k_are_named_in_words(capsys: Captured) -> None:
    assert plot("42", "--k", "3,9", "--dpi", "40") == 0
    out = capsys.readouterr().out
    assert "atss-mmdet, k 3  ATSS, k 3 per level" in out
    assert re.search(r"positives +3 +9\n", out)


def test_ids_are_made_safe_for_a_file_name(capsys: Captured) -> None:
    write_coco(Path("yard.json"), coco({"../a b/ü": [], "...": []}))
    assert plot("../a b/ü", "--dpi", "40") == 0
    assert plot("...", "--dpi", "40") == 0
    capsys.readouterr()
    assert sorted(path.name for path in Path().glob("*.png")) == [
        "image-a-b.png",
        "image-unnamed.png",
    ]


def test_pyplot_and_pandas_are_not_loaded(capsys: Captured) -> None:
    before = {"matplotlib.pyplot", "pandas"} & set(sys.modules)
    assert plot("42", "--contested", "--dpi", "40") == 0
    capsys.readouterr()
    assert {"matplotlib.pyplot", "pandas"} & set(sys.modules) == before


# Every option at least once; ANN is the id of the image's first object.
PRESETS = ("-p", "atss-mmdet", "-p", "retinanet-mmdet", "-p", "fcos-mmdet")
OPTIONS = (
    (*PRESETS, "--contested", "--anchors", "--labels", "all"),
    ("--by", "level", "--theme", "dark"),
    ("--k", "3,9", "--mask", "--labels", "none", "--theme", "paper"),
    (*PRESETS, "--candidates", "ANN", "--anchors"),
    ("--zoom", "ANN", "--levels", "P3,P4", "--mask"),
)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(5))
def test_every_real_picture_with_every_option(
    real_data: Path, part: int, capsys: Captured
) -> None:
    folder = real_data / "data" / "coco-val2017"
    names = sorted(path.name for path in (folder / "images").glob("*.jpg"))
    assert len(names) == 55
    whole = json.loads((folder / "instances_val2017_subset.json").read_text())
    for number, name in enumerate(names[part::5]):
        images = [one for one in whole["images"] if one["file_name"] == name]
        own = [
            one for one in whole["annotations"] if one["image_id"] == images[0]["id"]
        ]
        write_coco(Path("yard.json"), {**whole, "images": images, "annotations": own})
        ann_id = str(own[0]["id"]) if own else ""
        for choice in OPTIONS:
            if "ANN" in choice and not own:
                continue
            words = [ann_id if word == "ANN" else word for word in choice]
            words += ["--dpi", "40", "-o", "x.png", "--force"]
            assert plot(name, *words, images=str(folder / "images")) == 0, (name, words)
            assert capsys.readouterr().err == "wrote x.png\n", number
