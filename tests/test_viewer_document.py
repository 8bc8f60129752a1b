"""What the viewer's slider shows is what the assigner says at that k, row by row."""

import json
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import pytest

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.assigners.atss.steps import AtssSteps
from atss_inspect.assigners.causes import KNOWN_CAUSES
from atss_inspect.explain import explain_object
from atss_inspect.readers import load_coco
from atss_inspect.settings import Settings, override, preset
from atss_inspect.statistics.tables import objects_table, positives_table
from atss_inspect.viewer import image_document

from .random_coco import Loaded, random_coco, random_dataset
from .tiny_coco import coco
from .viewer_decoding import candidate_cells, holder, positive_rows

Document = dict[str, Any]
# 9 anchors a cell and k times 9; one anchor; a rule with an iou; one without.
PRESETS = ("atss-official-9a", "atss-mmdet", "retinanet-torchvision", "fcos-mmdet")


def images_of(dataset: Dataset) -> list[Dataset]:
    return [dataset.slice_images(row, row + 1) for row in range(dataset.num_images)]


def encoded(image: Dataset, *settings: Settings, **options: Any) -> Document:
    """Make a document as it arrives in the page."""
    text = json.dumps(image_document(image, settings, **options), allow_nan=False)
    document: Document = json.loads(text)
    return document


def assert_exported(
    found: Mapping[tuple[Any, ...], Any], image: Dataset, settings: Settings
) -> None:
    """Compare (annotation, place) -> IoU with the rows of `export positives`."""
    columns = ["ann_id", "level", "cell_y", "cell_x", "anchor", "iou"]
    rows = positives_table(image, settings)[columns].itertuples(index=False)
    expected = {(str(ann), *map(int, place)): iou for ann, *place, iou in rows}
    assert found.keys() == expected.keys()
    for key, iou in expected.items():
        assert found[key] is None if np.isnan(iou) else abs(found[key] - iou) <= 0.0005


def assert_equals_export(
    image: Dataset, document: Document, settings: Settings, position: int
) -> None:
    """Compare one position with what is exported: positives and objects."""
    [convention] = document["conventions"]
    anns = [document["objects"]["ann"][row] for row in convention["objects"]["row"]]
    rows = positive_rows(convention, position).items()
    found = {(anns[gt], *place): iou for (gt, *place), iou in rows}
    assert_exported(found, image, settings)
    assert_objects_equal(image, document, settings, position)


def assert_objects_equal(
    image: Dataset, document: Document, settings: Settings, position: int
) -> None:
    """Compare thresholds, causes and winners with the rows of `export objects`."""
    [convention] = document["conventions"]
    table = objects_table(image, settings)
    assert len(table) == len(convention["objects"]["row"])
    anns = document["objects"]["ann"]
    for gt, row in enumerate(table.itertuples()):
        cause = document["causes"][int(convention["causes"][gt][position])]
        # pandas may write None as NaN.
        assert cause == (
            KNOWN_CAUSES[row.cause].words if isinstance(row.cause, str) else ""
        )
        held_by = holder(convention, gt, position)
        if not isinstance(row.lost_to, str):
            assert held_by is None
        else:
            assert anns[convention["objects"]["row"][held_by]] == str(row.lost_to)
        statistics = (row.candidate_mean, row.candidate_std, row.iou_threshold)
        for name, value in zip(("mean", "std", "threshold"), statistics, strict=True):
            if convention["thresholds"] is None:
                assert np.isnan(value)
                continue
            place = gt * len(convention["ks"]) + position
            shown = convention["thresholds"][name][place]
            assert shown is None if np.isnan(value) else abs(shown - value * 1e4) <= 0.5


def assert_equals_export_at(
    image: Dataset, settings: Settings, ks: Collection[int | None]
) -> None:
    document = encoded(image, settings)
    [convention] = document["conventions"]
    assert convention["ks"] in (list(range(1, 31)), [None])
    assert convention["ks"][convention["start"]] in (9, None)
    for position, k in enumerate(convention["ks"]):
        if k in ks:
            at_k = settings if k is None else override(settings, {"k": k})
            assert_equals_export(image, document, at_k, position)


# The first with the slow ones; anchors of several objects, and of sizes by shares.
@pytest.mark.parametrize("name", [*PRESETS[1:], "yolov5", "ssdlite320-torchvision"])
def test_positions_show_what_export_says(name):
    for image in images_of(random_dataset(0)):
        assert_equals_export_at(image, preset(name), (None, 1, 9, 30))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 112))
def test_every_k_shows_what_export_says(seed):
    image = images_of(random_dataset(seed))[seed % 8]
    for name in ("atss-mmdet", "atss-official-9a", "atss-mmdet-glip"):
        assert_equals_export_at(image, preset(name), range(1, 31))


@pytest.mark.parametrize("name", ["atss-mmdet", "atss-official-9a"])
def test_candidates_are_those_that_explain_lists(name):
    settings = preset(name)
    image = max(images_of(random_dataset(5)), key=lambda each: each.num_objects)
    [convention] = encoded(image, settings)["conventions"]
    assert convention["objects"]["row"]
    for k in (1, 4, 30):
        expected = set()
        for gt, row in enumerate(convention["objects"]["row"]):
            steps = explain_object(image, row, override(settings, {"k": k})).steps
            assert isinstance(steps, AtssSteps)
            places = (each.place for each in steps.candidates)
            expected |= {(gt, one.level, one.row, one.column) for one in places}
        assert candidate_cells(convention, k) == expected


def test_candidates_of_single_anchors_of_a_cell_come_in_with_their_first():
    # Three anchors a cell and k not multiplied: at k = 1 one anchor of the nearest
    # cell is a candidate, the second cell comes in at k = 4.
    settings = override(preset("atss-mmdet"), {"anchors.ratios": (0.5, 1.0, 2.0)})
    [image] = images_of(large_image([(84, 484, 30, 30)]))
    [convention] = encoded(image, settings)["conventions"]
    sizes = [len(candidate_cells(convention, k)) for k in (1, 2, 3, 4, 6, 7)]
    assert sizes == [5, 5, 5, 10, 10, 15]


def large_image(boxes: list[tuple[float, ...]], **more: Any) -> Dataset:
    """Make an image of 1024 x 800, whose input pixels are its own."""
    document = coco({42: boxes}, first_id=7)
    document["images"][0] |= {"width": 1024, "height": 800}
    for each in document["annotations"]:
        each |= more
    return load_coco(Loaded(document))


def test_a_case_worked_out_by_hand():
    # A box of 32 x 32 around (100, 500). At k = 1 its candidates are the anchors at
    # (96, 496) on P3 and P4, (96, 512) on P5 and (128, 512) on P6 and P7; all contain
    # the box, so IoU is 1/4, 1/16, 1/64, 1/256, 1/1024: mean 0.0666, deviation 0.1055,
    # threshold 0.1721. Only P3's anchor is above: row 496 / 8, column 96 / 8.
    document = encoded(large_image([(84, 484, 32, 32)]), preset("atss-mmdet"))
    [convention] = document["conventions"]
    assert positive_rows(convention, 0) == {(0, 0, 62, 12, 0): 0.25}
    first = {name: values[0] for name, values in convention["thresholds"].items()}
    assert first == {"mean": 666, "std": 1055, "threshold": 1721}
    cells = [(0, 62, 12), (1, 31, 6), (2, 16, 3), (3, 8, 2), (4, 4, 1)]
    assert candidate_cells(convention, 1) == {(0, *cell) for cell in cells}
    assert convention["objects"] == {"row": [0], "box": [84, 484, 116, 516]}
    assert convention["causes"][0][0] == "0"
    assert document["objects"]["ann"] == ["7"]
    assert document["objects"]["classes"] == ["person"]
    assert document["sizes"][document["objects"]["size"][0]] == "small"
    assert (document["id"], document["file"]) == ("42", "42.jpg")
    assert convention["input"] == [1024, 800]
    assert convention["picture_box"] == [0, 0, 1024, 800]


def test_an_object_may_have_none_at_some_k_only_and_lose_to_several():
    # The flat box loses all to the second one at small k, has some at k = 6 and k = 30,
    # and loses to the third one in between.
    twins = large_image([(100, 100, 40, 40), (100, 100, 40, 40)])
    [convention] = encoded(twins, preset("atss-mmdet"))["conventions"]
    assert convention["lost"] == [1, 0, 29, 0]
    boxes = [(67, 62, 59, 14), (78, 52, 38, 36), (76, 58, 54, 41)]
    image, settings = large_image(boxes), preset("atss-mmdet")
    document = encoded(image, settings)
    [convention] = document["conventions"]
    lost = "".join("7" if k not in (6, 30) else "0" for k in range(1, 31))
    assert convention["causes"] == [lost, "0" * 30, "0" * 30]
    assert convention["lost"] == [0, 0, 4, 1, 0, 6, 10, 1, 0, 11, 28, 2]
    for k in (5, 6, 7, 29, 30):
        at_k = override(settings, {"k": k})
        assert_equals_export(image, document, at_k, k - 1)


def test_without_a_slider_it_is_said_why():
    image = large_image([(84, 484, 32, 32), (300, 300, 90, 200)])
    for settings, why in (
        (override(preset("atss-mmdet"), {"k": 31}), "k = 31; the slider ends at 30"),
        (preset("fcos-mmdet"), "this rule has no k"),
    ):
        document = encoded(image, settings)
        [convention] = document["conventions"]
        assert convention["ks"] == [settings.values().get("assigner.k")]
        assert convention["no_slider"] == why
        assert convention["candidates"] is None
        assert_equals_export(image, document, settings, 0)
    assert convention["positives"]["iou"] is None
    assert not any(level["anchors"] for level in convention["levels"])


def test_low_quality_matches_are_named_by_their_place():
    # The box of 6 px (10 in input pixels) has no anchor at the bar, that of 60 px has.
    [image] = images_of(
        load_coco(Loaded(coco({1: [(300, 300, 6, 6), (50, 50, 60, 60)]})))
    )
    [convention] = encoded(image, preset("retinanet-mmdet"))["conventions"]
    assert convention["bar"] == 0.5
    positives = convention["positives"]
    assert positives["low"] == [
        n for n, iou in enumerate(positives["iou"]) if iou < 500
    ]
    num_first = sum(positives["counts"][: len(convention["levels"])])
    assert positives["low"] == list(range(num_first))
    for name in ("atss-mmdet", "fcos-mmdet"):
        [convention] = encoded(image, preset(name))["conventions"]
        assert (convention["bar"], convention["positives"]["low"]) == (None, [])


def test_no_object_gives_empty_columns():
    settings = [preset(name) for name in PRESETS]
    for convention in encoded(large_image([]), *settings)["conventions"]:
        assert convention["objects"] == {"row": [], "box": []}
        assert positive_rows(convention, convention["start"]) == {}
        assert convention["causes"] == []


def test_objects_and_images_left_out_say_why():
    image = large_image([(84, 484, 32, 32)], iscrowd=1)
    [convention] = encoded(image, preset("retinanet-detectron2"))["conventions"]
    assert convention["objects"]["row"] == []
    assert convention["left_out"]["row"] == [0]
    assert convention["left_out"]["box"] == [84, 484, 116, 516]
    assert "crowd" in convention["left_out"]["reasons"][0] + convention["note"]
    assert convention["input"] == [1024, 800]


def test_three_hundred_objects_stay_small_and_several_images_are_refused():
    rng = np.random.default_rng(1)
    sides = np.exp(rng.uniform(np.log(8), np.log(200), (300, 2)))
    corners = rng.uniform(0, 1, (300, 2)) * ((1024, 800) - sides)
    document = encoded(large_image(np.hstack([corners, sides]).tolist()), preset())
    assert len(json.dumps(document, separators=(",", ":"))) < 400_000
    with pytest.raises(ValueError, match="expected one image, got 8"):
        image_document(random_dataset(1), [preset()])


def test_names_from_the_file_are_data():
    document = random_coco(3)
    hostile = "<script>alert(1)</script>\u202e\n$x$" + "y" * 300
    document["categories"] = [{"id": n, "name": hostile} for n in (1, 2, 3, 9)]
    for each in document["images"]:
        each["file_name"] = hostile
    image = images_of(load_coco(Loaded(document)))[0]
    found = encoded(image, preset("atss-mmdet"))
    printed = hostile.replace("\u202e", "\\u202e").replace("\n", "\\n")
    assert set(found["objects"]["classes"]) <= {printed}
    assert "\u202e" not in json.dumps(found, ensure_ascii=False)
