"""Inputs of other people, each named for what it is; see the README beside them."""

import re
from pathlib import Path

import pytest

from atss_inspect.errors import DataError
from atss_inspect.readers import load_coco
from tests.command_line import ask
from tests.soundness import counts

# Files that are refused: what they are, and what to do.
SHAPES = {
    "comment.json": ("is JSON with comments", "take the comments out"),
    "crowdhuman.odgt": (r"is a file of CrowdHuman \(odgt\)", "convert it"),
    "csv.json": (r"is a table \(CSV\)", "as COCO JSON"),
    "datumaro.json": ("is a Datumaro file", "datum convert"),
    "detectron2_dicts.json": ("detectron2's dataset dicts", "convert_to_coco_json"),
    "double_encoded.json": ("holds JSON within a text", "encoded twice"),
    "keras_retinanet.csv": (r"is a table \(CSV\)", "as COCO JSON"),
    "labelstudio_raw.json": ("is a raw export of Label Studio", "Export > COCO"),
    "list_of_one.json": ("holds COCO data within a list", "--key 0"),
    "mmdet3.json": ("MMDetection 3's format", "COCO file"),
    "mmdet_middle.json": ("MMDetection's middle format", "COCO file"),
    "mot_gt.txt": (r"is a table of tracks \(MOT\)", "datum convert"),
    "nested_coco.json": ("holds COCO data under coco", "--key coco"),
    "nested_deep.json": ("holds COCO data under data.dataset", "--key data.dataset"),
    "nested_splits.json": ("several data sets under train, val", "--key train"),
    "python_repr.json": ("is what Python prints", "json.dump"),
    "trailing_comma.json": ("byte 279 .line 1.: a comma too many before", ""),
    "two_documents.json": ("second begins at byte 2619 .line 2.", "--ann"),
    "ultralytics.ndjson": ("data set of Ultralytics", "convert_ndjson_to_yolo"),
    "via_regions.json": ("is a file of VIA", "Export Annotations"),
    "youtubevis.json": ("is a file of video annotations", "every frame"),
}
BOXES = {
    "comma_decimals.json": 'with "211,8" for a number',
    "dict_ltrb.json": "with the keys left, top, right, bottom",
    "dict_xywh.json": "with the keys x, y, width, height",
    "eight_numbers.json": "of 8 numbers",
    "five_numbers.json": "of 5 numbers",
    "nested.json": "that is a list within a list",
    "string_csv.json": 'that is a text, "211.8,92.4,136.4,123.2"',
    "string_list.json": "that is a text, ",
    "two_corners.json": "of two points, not of four numbers",
    "units.json": 'with "211.8px" for a number',
    "with_score.json": "of 5 numbers",
}
LOOK_LIKE_CORNERS = "all 100 boxes look like x1, y1, x2, y2: "
CONTAINERS = {
    "annotation_singular.json": ("has no annotations", "did you mean annotations"),
    "annotations_map.json": ("annotations is an object", "a list of its values"),
    "capitalised.json": ("has no images, but Images", "did you mean images"),
    "categories_map.json": ("categories is an object", "write a list"),
    "images_map.json": ("images is an object", "a list of its values"),
    "minus_one_sizes.json": ("no image has a positive width and height", "pictures"),
    "null_annotations.json": ("annotations is null; expected a list", ""),
    "null_sizes.json": ("no image has a positive width and height", "pictures"),
    "size_pair.json": (r"images\[0\] has id, file_name, size", "pictures"),
    "w_h_keys.json": (r"images\[0\] has id, file_name, w, h", "rename w and h"),
    "zero_sizes_datumaro775.json": ("no image has a positive width", "pictures"),
}
REFUSED = {
    "02-bbox-xyxy/ann.json": (
        f"{LOOK_LIKE_CORNERS}their areas",
        "--box-format xyxy reads them so",
    ),
    "02-bbox-xyxy/noarea.json": (
        f"{LOOK_LIKE_CORNERS}as x, y, ",
        "--box-format xyxy reads them so",
    ),
    "02-bbox-xyxy/cxcywh.json": (
        "all 100 boxes look like center x, center y, width, height: ",
        "--box-format cxcywh reads them so",
    ),
    **{f"08-json-shapes/{name}": told for name, told in SHAPES.items()},
    **{
        f"11-bbox-shapes/{name}": (re.escape(f"has a bbox {what}"), "")
        for name, what in BOXES.items()
    },
    "11-bbox-shapes/no_bbox_all_seg.json": ("masks without boxes", "add a bbox"),
    **{f"12-containers-as-dicts/{name}": told for name, told in CONTAINERS.items()},
    "40-attacks/colon.json": ('byte 18 .line 1.: a colon is missing before "1}', ""),
}
# Where sizes are wrong, boxes lie anywhere: their number is no matter here.
PLACES = {"bbox_outside_image", "bbox_beyond_image", "image_size_doubtful"}
# Files that are read: objects, and what is counted.
READ: dict[str, tuple[int, dict[str, int]]] = {
    "01-exif-swapped-size/ann.json": (72, {"image_size_exchanged": 6}),
    "01-exif-swapped-size/all_swapped.json": (72, {"image_size_exchanged": 8}),
    "02-bbox-xyxy/yxhw.json": (80, {"image_size_exchanged": 16}),
    "03-frame-step-ids/ann.json": (16, {"unknown_image": 64}),
    "04-item-id/ann.json": (0, {"image_id_missing": 30}),
    "05-area-zero/ann.json": (50, {"area_zero": 50}),
    "05-area-zero/normalised_area.json": (50, {"area_fraction": 50}),
    "05-area-zero/one.json": (50, {"area_constant": 50}),
    "05-area-zero/some.json": (50, {"area_zero": 17}),
    "09-anchor-scale-lists/ann.json": (300, {}),
    "10-odd-ids/duplicate_categories.json": (
        20,
        {"duplicate_category_id": 1, "duplicate_category_name": 1},
    ),
    "10-odd-ids/float_ids.json": (20, {}),
    "10-odd-ids/float_refs.json": (20, {}),
    "10-odd-ids/huge_ids.json": (20, {}),
    "10-odd-ids/nan_ids.json": (
        18,
        {
            "image_id_missing": 2,
            "category_id_missing": 1,
            "duplicate_annotation_id": 1,
            "number_not_finite": 1,
        },
    ),
    "10-odd-ids/negative_ids.json": (
        20,
        {"unknown_category": 2, "category_ids_shifted": 2},
    ),
    "10-odd-ids/null_ids.json": (20, {"annotation_id_missing": 20}),
    "10-odd-ids/uuid_ids.json": (20, {}),
    "11-bbox-shapes/empty_some.json": (15, {"bbox_malformed": 5}),
    "11-bbox-shapes/null_some_with_seg.json": (15, {"bbox_malformed": 5}),
    "11-bbox-shapes/rotated_segment.json": (20, {}),
    "11-bbox-shapes/rotation_key.json": (20, {}),
    "12-containers-as-dicts/categories_names.json": (
        20,
        {"category_malformed": 2, "categories_missing": 2},
    ),
    "12-containers-as-dicts/empty_annotations.json": (0, {}),
    "12-containers-as-dicts/empty_images.json": (0, {}),
    "12-containers-as-dicts/empty_images_with_annotations.json": (
        0,
        {"unknown_image": 20},
    ),
    "18-tiles-1024-to-416/ann.json": (120, {}),
    "21-lvis-style/ann.json": (36, {}),
    "22-fcos-add-p2/ann.json": (300, {}),
    "22-fcos-add-p2/tiny.json": (300, {}),
    "24-efficientdet-anchors/ann.json": (180, {}),
    "30-names-and-areas/area-zero.json": (3, {"area_zero": 2, "area_negative": 1}),
    "30-names-and-areas/dup-names.json": (2, {"duplicate_category_name": 1}),
    "40-attacks/nan_object.json": (2, {"area_invalid": 1}),
}


SIZES = "[[32], [64]] gives each level one"
PER_STRIDE = "anchors.base_sizes: expected one base size per stride, got 2 and 5"


@pytest.fixture
def cases(real_data: Path) -> Path:
    """The folder of inputs."""
    return real_data / "cases"


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_coco_is_named_with_what_to_do(name: str, cases: Path) -> None:
    found, hint = REFUSED[name]
    with pytest.raises(DataError, match=found) as caught:
        load_coco(str(cases / name))
    assert hint in (caught.value.hint or "")


@pytest.mark.parametrize("name", READ)
def test_what_is_odd_is_read_as_meant_and_counted(name: str, cases: Path) -> None:
    objects, expected = READ[name]
    dataset = load_coco(str(cases / name))
    assert dataset.num_objects == objects
    counted = counts(dataset)
    assert {each: counted[each] for each in counted.keys() - PLACES} == expected
    assert "width and height are probably wrong" not in str(dataset.findings)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("stats {}/18-tiles-1024-to-416/ann.json -s tile_size=416", "sahi coco slice"),
        ("sweep {}/24-efficientdet-anchors/ann.json size=512,640", "[512,512]"),
        (
            "stats {}/24-efficientdet-anchors/ann.json "
            "-s anchors.ratios=[(1.0,1.0),(1.4,0.7),(0.7,1.4)]",
            "anchors.ratio_pairs=[[1.0, 1.0], [1.4, 0.7], [0.7, 1.4]]",
        ),
        ("stats {}/09-anchor-scale-lists/ann.json -s anchors.sizes=32,64", SIZES),
        ("stats {}/09-anchor-scale-lists/ann.json -s base_sizes=4,8", PER_STRIDE),
        (
            "stats {}/22-fcos-add-p2/tiny.json -p fcos-mmdet -s strides=4,8,16",
            "anchors.strides: expected one scale range per stride, got 5 and 3",
        ),
    ],
)
def test_settings_of_others_are_explained(words: str, found: str, cases: Path) -> None:
    assert found in ask(words.format(cases), code=2).err


@pytest.mark.parametrize(
    ("file", "changes", "anchors"),
    [
        ("09-anchor-scale-lists", "scales=1,2,3,4,8", [8, 16, 24, 32, 64]),
        ("09-anchor-scale-lists", "base_sizes=4,8,16,32,64 scale=8", [32]),
        ("09-anchor-scale-lists", "sizes=[[16],[32],[64],[128],[256]]", [16]),
        ("09-anchor-scale-lists", "sizes=[[16,20]]", [16, 20]),
        ("22-fcos-add-p2", "strides=4,8,16,32,64 scales=[2]", [8]),
        (
            "24-efficientdet-anchors",
            "style=efficientdet offset=0.5 scale=4 ratio_pairs=[[1,1],[1.4,0.7]]",
            [32, [44.8, 22.4]],
        ),
    ],
)
def test_anchors_of_any_size_can_be_said(file, changes, anchors, cases: Path):
    settings = " ".join(f"-s {change}" for change in changes.split())
    asked = f"{cases / file}/ann.json -p atss-mmdet {settings} --json"
    [found] = ask(f"stats {asked}").json["results"]
    assert found["num_positives"] > 0
    words = f"config show -p atss-mmdet {settings} --json"
    [shown] = ask(words).json["results"]
    sides = [each if isinstance(each, list) else [each] * 2 for each in anchors]
    assert shown["levels"][0]["anchors"] == sides


@pytest.mark.parametrize("name", ["ann", "noarea"])
def test_corners_are_read_as_such_where_that_is_asked_for(name: str, cases: Path):
    dataset = load_coco(cases / f"02-bbox-xyxy/{name}.json", box_format="xyxy")
    assert not {each.reason for each in dataset.findings} & PLACES
    assert (dataset.xywh[:, 2:] > 0).all()


def test_an_area_of_0_is_why_mmdetection_leaves_objects_out(cases: Path):
    for name, number in (("ann", 50), ("some", 17)):
        asked = f"stats {cases}/05-area-zero/{name}.json -p atss-mmdet --json"
        [found] = ask(asked).json["results"]
        assert found["left_out"]["objects"] == {"area_0_in_the_file": number}
    told = ask(f"stats {cases}/05-area-zero/ann.json -p atss-mmdet --full").out
    assert "  area 0 in the file          50\n" in told
    # Others do not look at it; where it cannot be right, width x height is the size.
    for name in ("ann", "one", "normalised_area"):
        asked = f"stats {cases}/05-area-zero/{name}.json -p retinanet-detectron2 --json"
        [found] = ask(asked).json["results"]
        assert found["num_objects"] == 50
        assert sum(one["num_objects"] for one in found["by_size"][1:]) > 0


def test_a_name_means_all_categories_that_have_it(cases: Path):
    file = cases / "30-names-and-areas/dup-names.json"
    failed = ask(f"check --ann {file} --max-unassigned class:plush=40%", code=1)
    assert "1 of 2 (50.0%)" in failed.out
    assert "1 category has the name of an earlier one" in failed.err


def test_pictures_of_lvis_have_the_base_name_of_their_address(cases: Path):
    file = cases / "21-lvis-style/ann.json"
    assert load_coco(file).file_names[0] == "000001.jpg"
    assert "1 image, 6 annotations" in ask(f"stats {file} --image 000001.jpg").out


def test_a_finer_level_keeps_the_ranges_of_the_framework(cases: Path):
    words = f"stats {cases}/22-fcos-add-p2/tiny.json -p fcos-mmdet --json"
    added = ask(f"{words} -s strides=4,8,16,32,64").json["settings"][0]
    today = ask(words).json["settings"][0]
    assert added["assigner"]["scale_ranges"] == today["assigner"]["scale_ranges"]
