"""YOLO data as a data set: which pictures, what is left out, boxes in pixels."""

import contextlib
import os
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from atss_inspect.annotations.columnar import object_table
from atss_inspect.annotations.dataset import Dataset
from atss_inspect.errors import DataError, SettingsError
from atss_inspect.readers import load_coco
from atss_inspect.readers.load import looks_like_annotations
from atss_inspect.writers.tables import write_parquet
from tests.other_formats import NAMES, write_picture, write_turned, write_yolo
from tests.soundness import assert_same, assert_sound, counts, refusal
from tests.tiny_coco import coco

# On 64 x 48: center 32, 24, size 16 x 6.
HALF = "0.5 0.5 0.25 0.125"


def read(labels: dict[str, str | None], **more: object) -> Dataset:
    dataset = load_coco(write_yolo(Path("set"), labels, **more))  # type: ignore[arg-type]
    assert_sound(dataset)
    return dataset


def test_a_box_is_in_pixels_of_its_picture() -> None:
    dataset = read({"7": f"2 {HALF}\n", "000012": ""})
    assert dataset.files == ("set/data.yaml (train)",)
    assert dataset.image_ids.tolist() == [7, 12]
    assert dataset.file_names.tolist() == [
        "images/train/7.png",
        "images/train/000012.png",
    ]
    assert dataset.image_sizes.tolist() == [[48, 64], [48, 64]]
    assert dataset.xywh.tolist() == [[24, 21, 16, 6]]
    assert dataset.areas.tolist() == [96]
    assert dataset.category_names == NAMES
    assert dataset.category_ids.tolist() == [0, 1, 2]
    assert dataset.category_index.tolist() == [2]
    assert dataset.annotation_ids.tolist() == ["7:1"]
    assert dataset.picture_folder == "set"
    assert dataset.findings == ()


def test_shares_and_boxes_are_of_the_same_image_in_whatever_order() -> None:
    # By name 10 comes first, by number 9.
    dataset = read({"9": "0 0.5 0.5 0.25 0.25", "10": "1 0.5 0.5 0.5 0.5"})
    assert dataset.image_ids.tolist() == [9, 10]
    assert dataset.normalized is not None
    assert dataset.normalized[:, 2].tolist() == [0.25, 0.5]
    assert dataset.xywh[:, 2].tolist() == [16, 32]
    assert dataset.category_index.tolist() == [0, 1]


def test_corners_are_multiplied_as_float32() -> None:
    shares = np.array([0.300003, 0.7, 0.100001, 0.3], np.float32)
    dataset = read({"a": "0 0.300003 0.7 0.100001 0.3"}, size=(641, 427))
    near = (shares[:2] - shares[2:] / 2) * np.array([641, 427], np.float32)
    far = (shares[:2] + shares[2:] / 2) * np.array([641, 427], np.float32)
    assert near.dtype == far.dtype == np.float32
    [[x, y, width, height]] = dataset.xywh.tolist()
    assert [x, y, x + width, y + height] == [*near.tolist(), *far.tolist()]
    np.testing.assert_array_equal(dataset.normalized, [shares])


def test_the_size_is_that_of_the_picture_as_it_is_looked_at() -> None:
    path = write_yolo(Path("set"), {"a": f"0 {HALF}"})
    Path("set/images/train/a.png").unlink()
    write_turned(Path("set/images/train/a.jpg"))
    dataset = load_coco(path)
    assert dataset.image_sizes.tolist() == [[64, 48]]
    assert dataset.xywh.tolist() == [[18, 28, 12, 8]]


def test_what_training_leaves_out_is_left_out_and_counted() -> None:
    good = f"0 {HALF}\n1 {HALF}\n"
    path = write_yolo(
        Path("set"),
        {
            "fine": good,
            "none": None,
            "empty": "\n",
            "twice": good + f"0 {HALF}\n",
            "words": "a b\n\nc",
            "mixed": f"0 {HALF}\n0 0.1 0.1 0.2 0.2 0.3 0.3",
            "pixels": "0 320 240 64 48\n",
            "below": "0 -0.5 0.5 0.1 0.1",
            "class": f"3 {HALF}",
            "broken": good,
            "small": good,
        },
    )
    folder = Path("set/images/train")
    (folder / "broken.png").write_bytes(b"not found")
    write_picture(folder / "small.png", (9, 9))
    Path("set/labels/train/alone.txt").write_text(good, "utf-8")
    Path("set/labels/train/._fine.txt").write_text(good, "utf-8")  # of macOS
    Path("set/labels/train/classes.txt").write_text("person", "utf-8")
    dataset = load_coco(path)
    assert_sound(dataset)
    stems = [Path(each).stem for each in dataset.file_names]
    assert stems == ["empty", "fine", "none", "twice"]
    assert np.diff(dataset.object_offsets).tolist() == [0, 2, 0, 2]
    assert dataset.left_out == {
        **{"picture_unreadable": 2, "picture_too_small": 2},
        **{"label_malformed": 2, "label_mixed": 2, "label_out_of_range": 1},
        **{"label_negative": 1, "label_class_unknown": 1, "label_repeated": 1},
    }
    assert dataset.num_annotations == 4 + 12
    assert dataset.file_counts == ((4, 16, 3),)
    once = dict.fromkeys([*dataset.left_out, "label_without_picture"], 1)
    assert counts(dataset) == {**once, "label_missing": 1}
    assert dataset.left_out_images == {
        reason: 1 for reason in dataset.left_out if reason != "label_repeated"
    }
    examples = {each.reason: each.examples for each in dataset.findings}
    assert examples["label_malformed"] == (
        "labels/train/words.txt:1: word 1 is no number",
    )
    assert examples["label_mixed"] == ("labels/train/mixed.txt:2: 7 numbers",)
    assert examples["label_out_of_range"] == ("labels/train/pixels.txt:1: 320",)
    assert examples["label_negative"] == ("labels/train/below.txt:1: -0.5",)
    assert examples["label_class_unknown"] == (
        "labels/train/class.txt:1: class 3, names has 0 to 2",
    )
    assert examples["picture_unreadable"] == ("images/train/broken.png",)
    assert examples["label_missing"] == ("labels/train/none.txt",)
    assert examples["label_without_picture"] == ("labels/train/alone.txt",)


def test_sentences_say_what_became_of_it() -> None:
    dataset = read({"a": "0 320 240 64 48", "b": f"0 {HALF}\n0 {HALF}\n"})
    assert [each.message for each in dataset.findings] == [
        "1 label file has numbers above 1.01, where fractions of the image are "
        "expected; left out with its image, as Ultralytics does",
        "1 label line repeats another of its file; left out, as Ultralytics does",
    ]


def test_a_label_that_cannot_be_a_file_is_missing_and_none_is_waited_for() -> None:
    path = write_yolo(Path("set"), {"a": None, "b": None})
    Path("set/labels/train/a.txt").mkdir()
    if sys.platform != "win32":
        os.mkfifo("set/labels/train/b.txt")
    assert counts(load_coco(path)) == {"label_missing": 2}


def test_a_split_is_chosen() -> None:
    write_yolo(Path("set"), {"a": f"0 {HALF}"}, split="train")
    text = f"train: images/train\nval: images/val\nnames: [{', '.join(NAMES)}]\n"
    path = write_yolo(Path("set"), {"b": "", "c": ""}, split="val", yaml=text)
    assert load_coco(path).num_images == 1
    assert load_coco(path, split="val").file_names.tolist() == [
        "images/val/b.png",
        "images/val/c.png",
    ]
    assert load_coco("set", split="val").files == ("set (val)",)
    both = load_coco(path, split=["train", "val", "train"])
    assert both.files == ("set/data.yaml (train)", "set/data.yaml (val)")
    assert both.num_images == 3
    with pytest.raises(SettingsError, match="--split test: set/data"):
        load_coco(path, split="test")


def test_a_list_names_pictures_from_its_own_folder_from_here_or_from_the_root() -> None:
    path = write_yolo(
        Path("set"),
        dict.fromkeys("abc", f"0 {HALF}"),
        yaml="train: lists/train.txt\nnc: 3\n",
    )
    Path("set/lists").mkdir()
    listed = Path("set/lists/train.txt")
    full = Path("set/images/train/b.png").resolve()
    for lines, expected in (
        (["./../images/train/a.png", str(full)], ["a", "b"]),
        (["set/images/train/c.png", "notes.md"], ["c"]),
        (["images/train/a.png", "images/train/nowhere.png"], ["a"]),
    ):
        listed.write_text("\n".join(lines), "utf-8")
        dataset = load_coco(path)
        assert dataset.image_ids.tolist() == expected
        assert dataset.num_objects == len(expected)
    assert counts(dataset) == {"picture_missing": 1}
    assert dataset.findings[0].message == (
        "1 picture is listed but does not exist; left out with its objects"
    )
    listed.write_text("images/x.png\nimages/y.png\n", "utf-8")
    here = Path.cwd().resolve()
    assert refusal(path) == (
        "set/data.yaml (train): none of 2 listed pictures exists",
        f"looked for {here}/set/images/x.png, {here}/set/lists/images/x.png, "
        f"{here}/images/x.png; there are some in {here}/set/images/train",
    )


def test_a_picture_that_is_listed_again_is_another_image() -> None:
    # Ultralytics sorts the list and trains on each line of it.
    text = "train: [images/train, images/train]\nnc: 3\n"
    dataset = read({"7": f"0 {HALF}\n1 {HALF}", "b": ""}, yaml=text)
    assert dataset.image_ids.tolist() == [7, "7#2", "b", "b#2"]
    assert np.diff(dataset.object_offsets).tolist() == [2, 2, 0, 0]
    assert dataset.annotation_ids.tolist() == ["7:1", "7:2", "7#2:1", "7#2:2"]
    assert counts(dataset) == {"picture_again": 2}
    assert dataset.findings[0].message == (
        "2 images are listed again; they count again, as Ultralytics trains on them "
        "again"
    )
    assert dataset.findings[0].examples == ("images/train/7.png", "images/train/b.png")


def test_other_data_in_the_working_directory_are_told() -> None:
    write_yolo(Path(), {"a": "", "b": ""})
    text = "path: .\ntrain: images/train\nnc: 3\n"
    dataset = read({"c": ""}, yaml=text)
    assert dataset.image_ids.tolist() == ["c"]
    [finding] = dataset.findings
    assert finding.message == (
        "1 data.yaml means other data in the working directory, where Ultralytics "
        "looks first; read from its own folder"
    )
    assert finding.examples == (str(Path.cwd().resolve()),)


def test_places_of_objects_are_named_by_file_and_line() -> None:
    dataset = read({"a": "", "b": f"0 {HALF}\n\n0 0.5 0.5 0 0.5"})
    [finding] = dataset.findings
    assert finding.reason == "bbox_without_extent"
    assert finding.examples == ("labels/train/b.txt:3",)


def test_repeated_class_names_are_counted() -> None:
    dataset = read({"a": ""}, yaml="train: images/train\nnames: [a, a, c]\n")
    assert counts(dataset) == {"duplicate_category_name": 1}
    assert dataset.findings[0].examples == ("1: a",)


@pytest.mark.parametrize(
    ("lines", "box_format", "found", "number"),
    [
        # Read as centers, the second leaves the image on the left.
        (
            ["0 0.5 0.5 0.75 0.75", "0 0.25 0.25 0.75 0.75"],
            "xyxy-fractions",
            "x1, y1, x2, y2",
            10,
        ),
        (
            ["0 0.5 0.5 0.25 0.25", "0 0.0 0.25 0.5 0.5"],
            "xywh-fractions",
            "x, y, width, height",
            10,
        ),
    ],
)
def test_labels_of_another_kind_are_refused_and_may_be_read(
    lines: list[str], box_format: str, found: str, number: int
) -> None:
    labels = {f"p{n}": "\n".join(lines) for n in range(10)}
    path = write_yolo(Path("set"), labels)
    assert refusal(path) == (
        f"set/data.yaml (train): all 20 boxes look like {found} in fractions of the "
        f"image: as center x, center y, width, height {number} of them do not fit into "
        f"their images, as {found} none; "
        "expected center x, center y, width, height in fractions of the image",
        f"--box-format {box_format} reads them so, --box-format cxcywh-fractions as "
        "they are written",
    )
    assert load_coco(path, box_format="cxcywh-fractions").num_objects == 20
    first = load_coco(path, box_format=box_format).xywh[0].tolist()
    assert first == [32, 24, 16, 12]


def test_formats_that_no_label_has_are_refused() -> None:
    path = write_yolo(Path("set"), {"a": ""})
    assert refusal(path, box_format="xyxy") == (
        "--box-format xyxy: YOLO labels are fractions of the image",
        "expected cxcywh-fractions, xyxy-fractions, xywh-fractions",
    )


def test_labels_alone_take_pictures_from_a_folder_that_is_named() -> None:
    write_yolo(Path("set"), {"a": f"1 {HALF}", "b": f"0 {HALF}"})
    Path("set/images/train/b.png").unlink()
    Path("set/images").rename("pictures")
    Path("set/data.yaml").unlink()
    assert looks_like_annotations("set")
    assert refusal("set") == (
        "set: holds 2 YOLO labels and no picture; sizes come from pictures",
        "`stats --images FOLDER` takes them from elsewhere, `convert --images FOLDER` "
        "once for all commands",
    )
    dataset = load_coco("set", images="pictures")
    assert dataset.xywh.tolist() == [[24, 21, 16, 6]]
    assert dataset.picture_folder == "pictures"
    assert dataset.file_names.tolist() == ["train/a.png"]
    assert counts(dataset) == {"label_without_picture": 1}
    write_picture(Path("others/c.png"))
    with pytest.raises(DataError, match="2 YOLO labels, and others no picture of such"):
        load_coco("set", images="others")


def test_a_data_yaml_that_names_labels_is_told_where_pictures_are() -> None:
    path = write_yolo(
        Path("set"), {"a": f"0 {HALF}"}, yaml="train: labels/train\nnc: 3\n"
    )
    folder = Path.cwd().resolve() / "set/images/train"
    assert refusal(path) == (
        "set/data.yaml (train): holds 1 YOLO label and no picture; sizes come from "
        "pictures",
        f"there are some in {folder}",
    )
    with contextlib.chdir("set"), pytest.raises(DataError) as caught:
        load_coco("data.yaml")
    assert caught.value.hint == f"there are some in {folder}"


def test_labels_beside_pictures_in_a_folder_of_images_are_refused() -> None:
    write_yolo(Path("set"), {"a": None})
    Path("set/images/train/a.txt").write_text(f"0 {HALF}", "utf-8")
    folder = Path.cwd().resolve() / "set/labels/train"
    assert refusal("set/images/train") == (
        "set/images/train: labels lie beside the pictures in a folder called images, "
        "where Ultralytics does not look for them",
        f"move them into {folder}",
    )


def test_texts_that_are_mostly_no_labels_are_none() -> None:
    Path("set").mkdir()
    for name, text in (("a", f"0 {HALF}"), ("b", "0.5 1 2 3 4"), ("c", "cat 1 2 3 4")):
        Path(f"set/{name}.txt").write_text(text, "utf-8")
    assert not looks_like_annotations("set")


@pytest.mark.parametrize("name", ["set", "set/labels", "set/labels/train"])
def test_a_folder_will_do(name: str) -> None:
    write_yolo(Path("set"), {"a": f"1 {HALF}"})
    Path("set/data.yaml").unlink()
    assert looks_like_annotations(name)
    dataset = load_coco(name)
    assert dataset.files == (name,)
    assert dataset.xywh.tolist() == [[24, 21, 16, 6]]
    assert dataset.category_names == ("0", "1")
    Path("set/labels/classes.txt").write_text("cat\ndog\n", "utf-8")
    assert load_coco(name).category_names == ("cat", "dog")


def test_names_of_a_data_yaml_above_are_taken() -> None:
    write_yolo(Path("set"), {"a": f"1 {HALF}"})
    assert load_coco("set/labels/train").category_names == NAMES
    # In a folder that is not one of labels, what lies above is another's.
    write_yolo(Path("set/part"), {"a": f"1 {HALF}"})
    Path("set/part/data.yaml").unlink()
    assert load_coco("set/part").category_names == ("0", "1")


@pytest.mark.parametrize("layout", ["images/train", "train/images"])
def test_splits_of_a_folder_are_folders(layout: str) -> None:
    write_picture(Path("set", layout, "a.png"))
    label = Path("set", layout.replace("images", "labels"), "a.txt")
    label.parent.mkdir(parents=True)
    label.write_text(f"0 {HALF}", "utf-8")
    assert load_coco("set", split="train").num_objects == 1
    assert load_coco("set").num_objects == 1
    with pytest.raises(SettingsError, match="--split val: there is no such folder"):
        load_coco("set", split="val")
    valid = Path("set", layout.replace("train", "valid"))
    valid.parent.mkdir(exist_ok=True)
    Path("set", layout).rename(valid)
    assert load_coco("set", split="val").files == ("set (valid)",)


def test_labels_may_lie_beside_their_pictures() -> None:
    write_picture(Path("flat/a.jpg"))
    Path("flat/a.txt").write_text(f"0 {HALF}", "utf-8")
    assert load_coco("flat").num_objects == 1
    Path("flat/a.txt").unlink()
    assert not looks_like_annotations("flat")


def test_a_data_yaml_without_splits_names_what_lies_beside_it() -> None:
    path = write_yolo(Path("set"), {"a": f"1 {HALF}"}, yaml="names: [cat, dog]\n")
    dataset = load_coco(path)
    assert dataset.num_objects == 1
    assert dataset.category_names == ("cat", "dog")


def test_pictures_of_one_name_have_their_paths_as_ids() -> None:
    write_yolo(Path("set"), {"1": f"0 {HALF}"}, split="a")
    text = "train: [images/a, images/b]\nnc: 3\n"
    dataset = load_coco(
        write_yolo(Path("set"), {"1": "", "2": ""}, split="b", yaml=text)
    )
    assert dataset.image_ids.tolist() == ["images/a/1", "images/b/1", "images/b/2"]
    assert dataset.annotation_ids.tolist() == ["images/a/1:1"]


def test_names_in_any_script_and_with_any_sign_are_kept() -> None:
    names = ["自転車", "a b", "\x1b[31m", "tab\there"]
    dataset = read(dict.fromkeys(names, f"0 {HALF}"))
    assert sorted(dataset.image_ids.tolist()) == sorted(names)
    assert dataset.num_objects == len(names)


@pytest.mark.parametrize("name", ["classes.txt", "data.yaml"])
def test_names_that_nobody_has_named_are_not_taken_from_elsewhere(name: str) -> None:
    write_yolo(Path("set"), {"a": f"0 {HALF}"})
    Path("set/data.yaml").unlink()
    text = "secret\n" if name == "classes.txt" else "names: [secret]\n"
    for place in ("out", "set/in"):
        Path(place).write_text(text, "utf-8")
    Path("set", name).symlink_to("../out")
    assert load_coco("set").category_names == ("0",)
    Path("set", name).unlink()
    Path("set", name).symlink_to("in")
    assert load_coco("set").category_names == ("secret",)


def test_hidden_pictures_are_passed_over() -> None:
    path = write_yolo(Path("set"), {"a": "", ".b": ""})
    write_picture(Path("set/images/train/.c/d.png"))
    assert load_coco(path).num_images == 1


def test_no_picture_at_all_is_an_error() -> None:
    path = write_yolo(Path("set"), {"a": ""})
    Path("set/images/train/a.png").unlink()
    with pytest.raises(DataError) as caught:
        load_coco(path)
    expected = "no pictures found; expected jpg, png, bmp, tif, webp and the like"
    assert str(caught.value) == f"set/data.yaml (train): {expected}"


def test_joined_with_a_file_in_pixels_shares_are_kept_where_they_are() -> None:
    path = write_yolo(Path("set"), {"a": f"1 {HALF}"})
    yolo, pixels = load_coco(path), load_coco(coco({5: [(0, 0, 10, 20)]}))
    assert pixels.normalized is None
    both = load_coco(path, coco({5: [(0, 0, 10, 20)]}))
    assert both.normalized is not None
    np.testing.assert_array_equal(both.normalized[:1], yolo.normalized)
    assert np.isnan(both.normalized[1:]).all()
    assert both.normalized.shape == (2, 4)
    assert both.picture_folder is None


def test_selections_take_their_shares_along() -> None:
    dataset = read({name: f"0 {HALF}\n1 0.5 0.5 0.{name} 0.1" for name in "123"})
    assert dataset.normalized is not None
    for part, rows in (
        (dataset.slice_images(1, 3), [2, 3, 4, 5]),
        (dataset.select_images(np.array([0, 2])), [0, 1, 4, 5]),
    ):
        np.testing.assert_array_equal(part.normalized, dataset.normalized[rows])


def test_a_split_of_what_has_none_is_refused() -> None:
    with pytest.raises(SettingsError, match="--split val: a COCO object is one set"):
        load_coco(coco({5: []}), split="val")


def test_the_converted_form_is_the_same_data_set() -> None:
    pytest.importorskip("pyarrow")
    from tests.command_line import ask

    dataset = read({"a": f"1 {HALF}\n1 {HALF}", "b": "x", "c": None})
    ask("-q convert set/data.yaml -o set.atss")
    apart = ("files", "file_sizes", "picture_folder")
    assert_same(dataset, load_coco("set.atss"), apart=apart)
    assert load_coco("set.atss").normalized is not None


@pytest.mark.parametrize("spoiled", [[2, 0, 0, 0], [np.nan, 0, 0, 0], [np.inf] * 4])
def test_shares_that_no_label_holds_are_refused(spoiled: list[float]) -> None:
    pytest.importorskip("pyarrow")
    from tests.command_line import ask

    dataset = read({"a": f"1 {HALF}"})
    ask("-q convert set/data.yaml -o set.atss")
    dataset = replace(dataset, normalized=np.array([spoiled], np.float32))
    path = Path("set.atss/objects-000.parquet")
    path.unlink()
    write_parquet(path, object_table(dataset))
    with pytest.raises(DataError) as caught:
        load_coco("set.atss")
    expected = "columns normalized_x, ...: expected -0.01 to 1.01"
    assert str(caught.value) == f"{path}: {expected}"


def test_masks_that_labels_do_not_hold_are_none() -> None:
    path = write_yolo(Path("set"), {"a": f"1 {HALF}"})
    assert load_coco(path, masks=True).segmentations == (None,)


def test_boxes_raise_no_doubt_about_sizes_that_are_those_of_pictures(tmp_path):
    # Boxes that would fit with width and height exchanged.
    text = "0 0.2 0.95 0.2 0.9\n1 0.2 0.96 0.2 0.9\n"
    dataset = load_coco(write_yolo(tmp_path, {"a": text}, size=(200, 100)))
    assert [each.reason for each in dataset.findings] == ["bbox_beyond_image"]
