"""Pascal VOC as a data set: boxes from pixel 0, sizes, splits, what is left out."""

import math
from pathlib import Path

import numpy as np
import pytest

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.errors import DataError, SettingsError
from atss_inspect.readers import load_coco
from atss_inspect.readers.load import looks_like_annotations
from tests.other_formats import voc_object, voc_text, write_picture
from tests.soundness import assert_sound, counts, refusal, the_finding

CAT = voc_object("cat", 1, 2, 10, 21)
DOG = voc_object("dog", 5, 5, 5, 6)
FOLDER = Path("voc/Annotations")


def write(files: dict[str, str | bytes], folder: Path = FOLDER) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        content = text if isinstance(text, bytes) else text.encode()
        (folder / f"{name}.xml").write_bytes(content)


def write_list(split: str, text: str) -> None:
    folder = Path("voc/ImageSets/Main")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{split}.txt").write_text(text, "utf-8")


def read(files: dict[str, str | bytes]) -> Dataset:
    write(files)
    dataset = load_coco("voc")
    assert_sound(dataset)
    return dataset


def test_a_box_goes_from_its_first_pixel_to_its_last() -> None:
    # Pixels 1 to 10 are ten; the dog is one pixel wide and two high.
    dataset = read({"12": voc_text(DOG, CAT, name="12.png")})
    assert dataset.xywh.tolist() == [[4, 4, 1, 2], [0, 1, 10, 20]]
    assert dataset.areas.tolist() == [2, 200]
    assert dataset.image_ids.tolist() == [12]
    assert dataset.image_sizes.tolist() == [[48, 64]]
    assert dataset.file_names.tolist() == ["12.png"]
    assert dataset.category_names == ("cat", "dog")
    assert dataset.category_index.tolist() == [1, 0]
    assert dataset.annotation_ids.tolist() == ["12:1", "12:2"]
    assert dataset.files == ("voc",)
    assert dataset.normalized is None
    assert dataset.findings == ()


def test_numbers_are_kept_as_they_are_written() -> None:
    dataset = read({"a": voc_text(voc_object("cat", 1.5, "2e0", " 10.25 ", 21))})
    assert dataset.xywh.tolist() == [[0.5, 1, 9.75, 20]]


def test_what_is_difficult_is_to_be_ignored() -> None:
    hard = voc_object("cat", 1, 2, 10, 21, more="<difficult>1</difficult>")
    easy = voc_object("cat", 1, 2, 10, 21, more="<difficult>0</difficult>")
    assert read({"a": voc_text(hard, easy, CAT)}).is_ignored.tolist() == [
        *(True, False, False)
    ]


def test_boxes_of_parts_are_not_taken() -> None:
    part = "<part><name>head</name><bndbox><xmin>1</xmin></bndbox></part>"
    dataset = read({"a": voc_text(voc_object("cat", 1, 2, 10, 21, more=part))})
    assert dataset.category_names == ("cat",)
    assert dataset.num_objects == 1


def test_odd_objects_are_counted() -> None:
    no_box = "<object><name>cat</name></object>"
    nameless = voc_object("", 1, 1, 9, 9)
    odd = [voc_object("cat", 1, 1, "nan", 9), voc_object("cat", "a", 1, 9, 9)]
    zero = voc_object("cat", 0, 5, 9, 9)
    dataset = read({"a": voc_text(no_box, nameless, *odd, zero)})
    assert dataset.num_objects == 2
    assert dataset.category_names == ("cat", "(none)")
    assert dataset.left_out == {"bbox_malformed": 2, "bbox_not_finite": 1}
    assert counts(dataset) == {
        **{"bbox_malformed": 2, "bbox_not_finite": 1},
        **{"category_id_missing": 1, "voc_from_zero": 1},
    }
    examples = {each.reason: each.examples for each in dataset.findings}
    assert examples["bbox_not_finite"] == ("Annotations/a.xml: object 3",)
    assert examples["voc_from_zero"] == ("Annotations/a.xml: object 5",)
    assert dataset.findings[-1].message == (
        "1 box begins at 0, where VOC counts pixels from 1; 1 is subtracted all the "
        "same, so it lies one pixel off"
    )


def test_boxes_may_be_said_to_be_of_another_kind() -> None:
    # Corners from 0; a left upper corner with width and height; halves of 64 x 48.
    for numbers, box_format in (
        ((8, 12, 24, 36), "xyxy"),
        ((8, 12, 16, 24), "xywh"),
        ((0.125, 0.25, 0.375, 0.75), "xyxy-fractions"),
    ):
        write({"a": voc_text(voc_object("cat", *numbers))})
        dataset = load_coco("voc", box_format=box_format)
        assert dataset.xywh.tolist() == [[8, 12, 16, 24]]
        assert dataset.areas.tolist() == [384]
        assert dataset.findings == ()


@pytest.mark.parametrize(
    ("numbers", "found", "evidence"),
    [
        (
            [(0.1, 0.2, 0.3, 0.9)],
            "x1, y1, x2, y2 in fractions of the image",
            "their numbers lie within 0 and 1.5",
        ),
        (
            [(40, 30, 20, 10), (1, 1, 60, 40)],
            "x, y, width, height",
            "as x1, y1, x2, y2 10 of them do not fit into their images, as x, y, "
            "width, height none",
        ),
    ],
)
def test_boxes_that_all_look_like_another_kind_are_refused(
    numbers: list[tuple[float, ...]], found: str, evidence: str
) -> None:
    objects = [voc_object("cat", *each) for each in numbers]
    write({"a": voc_text(*objects * (20 // len(numbers)))})
    form = "xywh" if "width" in found else "xyxy-fractions"
    assert refusal("voc") == (
        f"voc: all 20 boxes look like {found}: {evidence}; expected x1, y1, x2, y2",
        f"--box-format {form} reads them so, --box-format xyxy as they are written",
    )


def test_a_few_boxes_that_look_like_another_kind_are_told() -> None:
    objects = [voc_object("cat", 40 + n, 30, 20, 10) for n in range(4)]
    dataset = read({"a": voc_text(*objects)})
    finding = the_finding(dataset, "boxes_of_another_kind")
    assert finding.message == (
        "4 boxes, all of the data, look like another format than such files have; "
        "used as written"
    )
    assert finding.hint == (
        "as x1, y1, x2, y2 4 of them do not fit into their images, as x, y, width, "
        "height none; --box-format xywh reads them so"
    )


def test_a_size_that_is_not_said_is_that_of_the_picture() -> None:
    write({"a": voc_text(CAT, size=None), "b": voc_text(CAT, size=(0, 0))})
    write({"c": voc_text(CAT, size=None)})
    write_picture(Path("voc/JPEGImages/a.jpg"), (100, 50))
    write_picture(Path("voc/JPEGImages/b.jpg"), (50, 40))
    dataset = load_coco("voc")
    assert dataset.image_sizes.tolist() == [[50, 100], [40, 50]]
    assert dataset.left_out == {"image_size_unknown": 1}
    assert counts(dataset) == {"image_size_unknown": 1}


def test_a_picture_is_found_by_the_name_of_its_file_then_by_what_it_says() -> None:
    write({"a": voc_text(CAT, name="x.png"), "b": voc_text(CAT, name="C:\\y.png")})
    write({"c": voc_text(CAT, name="z.png")})
    write_picture(Path("voc/JPEGImages/a.jpg"))
    write_picture(Path("voc/JPEGImages/y.png"))
    dataset = load_coco("voc")
    names = ["JPEGImages/a.jpg", "JPEGImages/y.png", "z.png"]
    assert dataset.file_names.tolist() == names
    assert dataset.picture_folder == "voc"


@pytest.mark.parametrize("name", ["voc", "voc/Annotations", "voc/Annotations/a.xml"])
def test_the_folder_may_be_any_of_these(name: str) -> None:
    write({"a": voc_text(CAT, name="a.jpg")})
    write_picture(Path("voc/JPEGImages/a.jpg"))
    assert looks_like_annotations(name)
    dataset = load_coco(name)
    assert dataset.num_objects == 1
    assert dataset.file_names.tolist() == ["JPEGImages/a.jpg"]
    assert dataset.picture_folder == "voc"


def test_pictures_may_lie_beside_their_files() -> None:
    write({"a": voc_text(CAT, size=None)}, Path("flat"))
    write_picture(Path("flat/a.jpg"), (100, 50))
    dataset = load_coco("flat")
    assert dataset.image_sizes.tolist() == [[50, 100]]
    assert dataset.file_names.tolist() == ["a.jpg"]


def test_pictures_may_lie_in_a_folder_that_somebody_names() -> None:
    write({"a": voc_text(CAT, size=None)}, Path("flat"))
    write_picture(Path("elsewhere/deep/a.jpg"), (100, 50))
    dataset = load_coco("flat", images="elsewhere")
    assert dataset.image_sizes.tolist() == [[50, 100]]
    assert dataset.file_names.tolist() == ["deep/a.jpg"]
    assert dataset.picture_folder == "elsewhere"
    # A folder that holds none of them changes nothing.
    write_picture(Path("flat/a.png"), (60, 30))
    write_picture(Path("others/b.png"))
    dataset = load_coco("flat", images="others")
    assert dataset.image_sizes.tolist() == [[30, 60]]
    assert dataset.picture_folder == "flat"


def test_a_folder_above_means_the_one_with_annotations() -> None:
    write({"a": voc_text(CAT), "b": voc_text(CAT)})
    write_picture(Path("voc/JPEGImages/a.jpg"))
    write_list("val", "a\n")
    dataset = load_coco(".")
    assert dataset.file_names.tolist() == ["JPEGImages/a.jpg", "a.png"]
    assert dataset.picture_folder == "voc"
    assert load_coco(".", split="val").num_images == 1
    # Of two, both are meant.
    write({"c": voc_text(CAT)}, Path("voc2/Annotations"))
    write_picture(Path("voc2/JPEGImages/c.jpg"))
    assert load_coco(".").file_names.tolist() == [
        *("voc/JPEGImages/a.jpg", "a.png", "voc2/JPEGImages/c.jpg")
    ]


def test_of_pictures_of_one_name_the_nearest_is_taken() -> None:
    for split in ("train", "valid"):
        write({"a": voc_text(CAT, size=None)}, Path("flat", split))
    write_picture(Path("flat/train/a.jpg"), (100, 50))
    write_picture(Path("flat/valid/a.jpg"), (60, 30))
    dataset = load_coco("flat")
    assert dataset.file_names.tolist() == ["train/a.jpg", "valid/a.jpg"]
    assert dataset.image_sizes.tolist() == [[50, 100], [30, 60]]


def test_names_of_a_list_may_have_suffixes_folders_and_blanks() -> None:
    write(dict.fromkeys(["a", "b.rf.1", "c d"], voc_text(CAT)))
    write_list("valid", "a.jpg\nJPEGImages/b.rf.1.xml 1\nc d\na\n")
    dataset = load_coco("voc", split="val")
    assert dataset.image_ids.tolist() == ["a", "b.rf.1", "c d"]
    assert dataset.files == ("voc (valid)",)


def test_nothing_to_read_is_an_error_that_names_it() -> None:
    write({})
    write_list("empty", "\n")
    write_list("gone", "a\nb\n")
    write({"c": "<annotations/>"}, Path("voc"))
    here = Path.cwd().resolve() / "voc"
    for split, message, hint in (
        (
            "empty",
            f"{here}/ImageSets/Main/empty.txt: names no file; expected a name a line",
            None,
        ),
        (
            "gone",
            "voc (gone): none of the 2 listed VOC files exists",
            f"looked for {here}/Annotations/a.xml",
        ),
        (
            None,
            "voc: is CVAT for images (XML), not Pascal VOC",
            "pip install 'datumaro[cli]', then: datum convert -i FOLDER -if cvat -f "
            "coco_instances -o coco; or export COCO 1.0 in CVAT",
        ),
    ):
        assert refusal("voc", split=split) == (message, hint)
    Path("voc/c.xml").write_text("<annotation", "utf-8")
    with pytest.raises(DataError, match="voc: holds no valid Pascal VOC file"):
        load_coco("voc")


def test_a_split_is_a_list_or_a_folder() -> None:
    write({"a": voc_text(CAT), "b": voc_text(DOG), "c": voc_text(CAT)})
    write_list("val", "c 1\nb -1\n\nnowhere\n../x\n")
    dataset = load_coco("voc", split="val")
    assert dataset.image_ids.tolist() == ["b", "c"]
    assert dataset.files == ("voc (val)",)
    assert counts(dataset) == {"voc_missing": 2}
    assert dataset.findings[0].message == (
        "2 VOC files are listed but do not exist; left out"
    )
    assert dataset.findings[0].examples == (
        "Annotations/nowhere.xml",
        "Annotations/x.xml",
    )
    write({"d": voc_text(CAT)}, Path("voc/test"))
    assert load_coco("voc", split="test").image_ids.tolist() == ["d"]
    with pytest.raises(SettingsError, match="--split x: voc has no such split"):
        load_coco("voc", split="x")


@pytest.mark.parametrize(
    "content",
    [
        *("", "<annotation>", "<annotations/>", "{}", b"\x89PNG", b"\0" * 1000),
        '<?xml version="1.0" encoding="nonsense"?><annotation/>',
    ],
)
def test_what_is_no_annotation_is_left_out(content: str | bytes) -> None:
    dataset = read({"a": content, "b": voc_text(CAT)})
    assert dataset.image_ids.tolist() == ["b"]
    assert dataset.left_out_images == {"voc_malformed": 1}
    [finding] = dataset.findings
    assert finding.message == "1 file is not a valid Pascal VOC file; left out"
    assert finding.examples == ("Annotations/a.xml",)
    assert finding.is_loss


def test_another_encoding_is_read() -> None:
    text = '<?xml version="1.0" encoding="{}"?>' + voc_text(voc_object("é", 1, 1, 9, 9))
    for encoding in ("utf-8", "utf-16", "latin-1", "gbk"):
        dataset = read({"a": text.format(encoding).encode(encoding)})
        assert dataset.category_names == ("é",)


def test_boxes_beyond_all_bounds_are_left_out_as_from_any_file() -> None:
    dataset = read({"a": voc_text(voc_object("cat", 1, 1, 1e12, 9), CAT)})
    assert dataset.left_out == {"bbox_out_of_range": 1}


def test_a_folder_without_annotations_is_not_voc() -> None:
    write({"a": "<svg/>"}, Path("other"))
    assert not looks_like_annotations("other")
    assert not looks_like_annotations("other/a.xml")


def test_no_object_gives_empty_arrays() -> None:
    dataset = read({"a": voc_text()})
    assert dataset.xywh.shape == (0, 4)
    assert dataset.category_names == ()
    assert not math.isnan(dataset.image_sizes.sum())
    assert dataset.object_offsets.tolist() == [0, 0]
    np.testing.assert_array_equal(dataset.areas, [])
