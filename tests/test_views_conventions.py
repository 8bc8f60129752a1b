"""A convention in one line."""

from dataclasses import replace

import pytest

from atss_inspect.settings import preset
from atss_inspect.views import conventions
from atss_inspect.views.answer import Conventions, Data
from atss_inspect.views.names import Screen, cell_width
from atss_inspect.views.renderers.terminal import blocks_text

CORNERS, CENTERS = "at cell corners", "at cell centers"
NINE = "9 anchors a cell, 32 px up,"
ENDS, POINTS = "end at 64, 128, 256, 512", f"points {CENTERS}"
ONE_K = {"k_per_anchor": False}
STRICT = {"allow_low_quality": False, "positive_from": 0.6}
OWN = {"strides": [8, 16], "scale_ranges": [[-1, 50], [60, 1e8]]}


@pytest.mark.parametrize(
    ("name", "overrides", "line"),
    [
        (
            "atss-mmdet",
            {"k": 15, "offset": 0.25},
            "ATSS, k 15 per level; 1 anchor a cell, 64 px up, at 0.25 of a cell",
        ),
        ("atss-official-9a", {}, f"ATSS, k 9 x 9 anchors per level; {NINE} {CENTERS}"),
        ("atss-official-9a", ONE_K, f"ATSS, k 9 per level; {NINE} {CENTERS}"),
        (
            "retinanet-mmdet",
            {"scale": 2.52},
            "IoU rule, positive from 0.5, negative below 0.4, best anchor always; "
            "9 anchors a cell, 20.2 px up, at cell corners",
        ),
        (
            "rpn-mmdet",
            {},
            "IoU rule, positive from 0.7, negative below 0.3, best anchor from 0.3; "
            "3 anchors a cell, 32 px up, at cell corners",
        ),
        (
            "retinanet-mmdet",
            STRICT,
            f"IoU rule, positive from 0.6, negative below 0.4; {NINE} {CORNERS}",
        ),
        ("fcos-mmdet", {}, f"FCOS, ranges {ENDS}; {POINTS}"),
        (
            "fcos-mmdet-center",
            {"radius": 2},
            f"FCOS, ranges {ENDS}, within 2 strides of centers; {POINTS}",
        ),
        ("fcos-mmdet", OWN, f"FCOS, own scale ranges; {POINTS}"),
    ],
)
def test_the_line_says_what_decides_most(name, overrides, line):
    assert conventions.describe_rule(preset(name, **overrides)) == line


@pytest.mark.parametrize(
    ("overrides", "text"),
    [
        ({}, "resized to 800/1333 (mmdetection)"),
        ({"pad_to": [9, 8]}, "resized to 800/1333 (mmdetection), padded to 8x9"),
        ({"rule": "stretch", "size": [480, 640]}, "stretched to 640x480"),
        ({"rule": "letterbox"}, "letterboxed to 640x640"),
        ({"rule": "none"}, "in their own size"),
    ],
)
def test_the_resize_rule_in_words(overrides, text):
    rule = preset("atss-mmdet", **overrides).resize
    assert conventions.describe_resize(rule) == f"images {text}"


def test_a_common_resize_is_said_once_and_different_ones_each():
    same = [preset("atss-mmdet"), preset("fcos-mmdet")]
    frame, lines = conventions.convention_lines(same)
    resized = "images resized to 800/1333 (mmdetection)"
    assert frame == f"Assigned in input pixels, {resized}:"
    assert "resized" not in "".join(lines)
    frame, lines = conventions.convention_lines([*same, preset("fcos-official")])
    assert frame == "Assigned in input pixels, each after its own resize:"
    assert all("resized to 800/1333 (" in line for line in lines)


def test_lines_of_a_block_are_aligned_and_folded_below_themselves():
    settings = [preset("fcos-mmdet-center"), preset("atss-official")]
    assert conventions.convention_block(settings, ["fcos", "other"]) == (
        "Assigned in input pixels, each after its own resize:\n"
        "  fcos   FCOS, ranges end at 64, 128, 256, 512, within 1.5 strides of "
        "centers;\n"
        "         points at cell centers; images resized to 800/1333 (mmdetection)\n"
        "  other  ATSS, k 9 per level; 1 anchor a cell, 64 px up, at cell centers; "
        "images\n"
        "         resized to 800/1333 (official)\n"
    )


@pytest.mark.parametrize(
    "name", ["w" * 90, "自転車" * 30, "a\nb" * 20], ids=["long", "wide", "escaped"]
)
def test_no_name_makes_a_block_wider_than_a_terminal(name):
    block = conventions.convention_block([replace(preset("fcos-mmdet"), name=name)])
    assert max(map(cell_width, block.splitlines())) <= 80


def test_what_stands_around_a_table_folds_in_a_narrow_terminal():
    settings = [preset("fcos-mmdet"), preset("atss-official")]
    frame, rules = conventions.convention_lines(settings)
    blocks = [
        Data(("val.json: 64 images, 528 annotations, 12 classes", "only the first")),
        Conventions(frame, (("fcos", rules[0]), ("other", rules[1]))),
    ]
    assert blocks_text(blocks, Screen(40)).startswith(
        "val.json: 64 images, 528 annotations, 12\nclasses\nonly the first\n\n"
        "Assigned in input pixels, each after its\n  own resize:\n"
        "  fcos\n    FCOS, ranges end at 64, 128, 256,\n"
    )
