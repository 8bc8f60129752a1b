"""`explain` under gates: exact text on the golden scene, and the loop's windows."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as Pixels

from atss_inspect.assigners.point_gate.steps import (
    CONTESTED,
    STEPS,
    LevelWindow,
    PointGateSteps,
)
from atss_inspect.assigners.steps import Paragraph, Subject
from atss_inspect.explain import explain_object, suggest
from atss_inspect.readers import load_coco
from atss_inspect.settings import preset
from tests.command_line import ask
from tests.reference.gate import candidates
from tests.strategies import Image, make_frame, scenes
from tests.test_gate import BOXES, ROWS, each_kind
from tests.tiny_coco import coco_image, write_coco

ASK = "explain --ann scene.json --ann-id"


def scene_document():
    xywh = [(x, y, round(x2 - x, 4), round(y2 - y, 4)) for x, y, x2, y2 in BOXES]
    return coco_image(*xywh, width=640, height=640, image_id=7)


def steps_text(output: str) -> str:
    """Take what is printed from the candidates to the outcome."""
    start = output.index("  points inside the box")
    end = output.index(".\n", output.index("\noutcome: ")) + 2
    return output[start:end]


# Annotations 4, 5 and 10 are D (8 px, its edges on points), E (8.8 x 6.9) and J.
D_83 = """\
  points inside the box: its candidates
  level  rows  columns  candidates  contested    next in x    next in y
  P3     -     -                 0          0  on the edge  on the edge
  P4     6     0                 1          0       inside       inside
  P5     -     -                 0          0      4.00 px      4.00 px

  in the plain image at this size: at most 1 picked, fewer than the 10 that the
  rule picks
  predictions decide which of its candidates it gets, and whether any

outcome: at most 1 picked, from 1 candidate: 1 on P4.
"""
E_84 = """\
  points inside the box, which is widened to 16 px: its candidates
  sides below 8 px count as 16 px, here height: searched from 50.10, 595.75 to
  58.90, 611.75
  level  rows      columns  candidates  contested  next in x  next in y
  P3     74 to 75  6                 2          0     inside     inside
  P4     37        3                 1          0     inside     inside
  P5     -         -                 0          0    2.10 px    3.75 px

  in the plain image at this size: at most 3 picked, fewer than the 10 that the
  rule picks
  predictions decide which of its candidates it gets, and whether any

outcome: at most 3 picked, from 3 candidates: 2 on P3 and 1 on P4.
"""
J_83 = """\
  points inside the box: its candidates
  level  rows  columns  candidates  contested  next in x  next in y
  P3     -     -                 0          0    1.50 px    1.20 px
  P4     -     -                 0          0     inside    5.20 px
  P5     -     -                 0          0    5.50 px     inside
  the next point is of P3: 1.50 px along x and 1.20 px along y

  in the plain image at this size: no positive, whatever is predicted

outcome: without a candidate, so in the plain image at this size it gets no
  positive: no point of any level lies where it may have one.
"""
J_YOLOX = """\
  points inside the box, within 2.5 strides of the center: its candidates
  level  rows  columns  candidates  contested  next in x  next in y
  P3     -     -                 0          0    1.50 px    1.20 px
  P4     -     -                 0          0     inside    5.20 px
  P5     -     -                 0          0    5.50 px     inside
  the next point is of P3: 1.50 px along x and 1.20 px along y

  in the plain image at this size: at most 10 picked
  it may get points inside other objects, too, so having none of its own is a
  warning only

outcome: without a candidate of its own: no point of any level lies where it may
  have one; it may get those of others, at most 10 picked.
"""


@pytest.mark.parametrize(
    ("ann_id", "name", "text"),
    [
        (4, "ultralytics-8.3", D_83),
        (5, "ultralytics-8.4.100", E_84),
        (10, "ultralytics-8.3", J_83),
        (10, "yolox-mmdet", J_YOLOX),
    ],
)
def test_the_steps_of_the_golden_scene_are_told(ann_id, name, text):
    write_coco(Path("scene.json"), scene_document())
    answer = ask(f"{ASK} {ann_id} -p {name}")
    assert steps_text(answer.out) == text


def test_from_8_4_128_on_the_8_px_object_is_widened_too():
    write_coco(Path("scene.json"), scene_document())
    text = ask(f"{ASK} 4 --image 7 -p yolo11").out
    widened = (
        "count as 16 px, here width and height: searched from 0.00,\n"
        "  96.00 to 16.00, 112.00\n"
    )
    assert widened in text
    assert "\noutcome: at most 5 picked, from 5 candidates: 4 on P3" in text


def test_contested_candidates_name_who_may_get_them():
    # C lies inside B: each of its 476 points is B's, too. Three of A's are nobody's.
    write_coco(Path("scene.json"), scene_document())
    text = " ".join(ask(f"{ASK} 3 -p yolo11").out.split())
    line = "476 of 476 candidates are contested, shared with annotation 2 (476 of them)"
    assert line in text
    assert " contested," not in ask(f"{ASK} 1 -p yolo11").out


def test_of_many_rivals_a_few_are_named():
    boxes = [(100, 100, 16, 16)] * 9
    write_coco(Path("many.json"), coco_image(*boxes, width=640, height=640))
    text = " ".join(
        ask("explain --ann many.json --ann-id 1 -p rtmdet-mmdet").out.split()
    )
    others = ", ".join(f"annotation {name} (5 of them)" for name in (4, 5, 6))
    assert "contested, shared with annotation 2 (5 of them), annotation 3 (5 of" in text
    assert others in text
    assert "annotation 7 (5 of them) and 2 more objects" in text


def test_a_single_contested_candidate_is_named():
    boxes = (100, 100, 16, 16), (110, 110, 8, 8)
    write_coco(Path("two.json"), coco_image(*boxes, width=640, height=640))
    text = ask("explain --ann two.json --ann-id 2 -p ultralytics-8.3").out
    assert "candidates is contested, shared with annotation 1 (1 of them)\n" in text


def test_the_document_has_bounds_in_the_place_of_positives():
    write_coco(Path("scene.json"), scene_document())
    answer = ask(f"{ASK} 10 -p ultralytics-8.3 -p yolox-mmdet --json").out
    first, second = json.loads(answer)["results"]
    assert (first["num_candidates"], first["max_positives"]) == (0, 0)
    assert first["cause"] == "no_candidate"
    assert (second["num_candidates"], second["max_positives"]) == (0, 0)
    assert not first.keys() & {"num_positives", "positives"}
    assert (first["image_num_objects"], first["image_num_without_candidate"]) == (9, 1)
    finest = first["steps"]["levels"][0]
    # The file has shares of six digits, so of 640 px the fourth decimal is rounded.
    assert (finest["level_name"], round(finest["next_x"], 3)) == ("P3", 1.5)
    assert round(finest["next_y"], 3) == 1.2


@each_kind
@pytest.mark.parametrize("row", range(len(BOXES)))
def test_explained_counts_are_those_of_the_scene(name, row):
    image = load_coco(scene_document())
    one = explain_object(image, row, preset(name))
    if one.left_out:  # of two labels alike one is kept
        assert (row, one.left_out) == (7, "label_repeated")
        return
    assert "/".join(map(str, one.num_candidates)) == ROWS[name][row]
    assert one.is_poorly_assigned == (sum(one.num_candidates) == 0)
    assert not one.positives


class Unnamed(Subject):
    """An object of a frame alone, where no box has an id."""

    def name_of(self, gt):
        return gt


@each_kind
@settings(max_examples=8)
@given(scenes(), st.integers(0, 5))
def test_the_steps_are_those_of_the_loop(name, images, gt):
    found, size = [box for image in images for box in image.gt_boxes], (96, 128)
    one, convention = make_frame([Image(size, tuple(found))]), preset(name)
    gt, strides = min(gt, one.num_gt - 1), convention.anchors.strides
    if gt < 0:
        return
    own = [candidates(name, box, one.padded_size[0], strides) for box in one.gt_boxes]
    grids = convention.pyramid.grids(one.padded_size)
    subject = Unnamed(None, one, grids, None, gt)
    steps = STEPS.follow(subject, convention.assigner)
    tried = [(*place, what) for place, what in STEPS.tried(steps, ())]
    for n, level in enumerate(steps.levels):
        cells = {(row, column): what for at, row, column, _, what in tried if at == n}
        others = set().union(*(each[n] for o, each in enumerate(own) if o != gt))
        assert cells.keys() == own[gt][n]
        shared = {cell for cell, what in cells.items() if what == CONTESTED}
        assert shared == own[gt][n] & others
        assert (len(cells), len(shared)) == (level.num_candidates, level.num_contested)
        is_inside = level.next_x is None and level.next_y is None
        assert is_inside == bool(cells)


@pytest.mark.parametrize(
    ("levels", "words"),
    [
        # 3 px along both axes are 4.2 px, farther than 4.1 along one, not than 4.5.
        ([(3, 3), (None, 4.1)], "P4: 4.10 px along y"),
        ([(3, 3), (4.5, None)], "P3: 3.00 px along x and 3.00 px along y"),
        ([(3, 3), (0, 3)], "P4: on the edge along x and 3.00 px along y"),
    ],
)
def test_the_next_point_is_the_nearest_in_a_straight_line(levels, words):
    no_cells = (0,) * 6
    steps = PointGateSteps(
        params=preset("ultralytics-8.3").assigner,
        searched=np.zeros(4, dtype=np.float32),
        widened=(),
        widened_below=np.float32(8),
        levels=tuple(LevelWindow(n, *no_cells, *one) for n, one in enumerate(levels)),
        num_candidates=0,
        num_contested=0,
        max_positives=0,
        is_certain=True,
        shared=(),
    )
    blocks = STEPS.blocks(steps, ("P3", "P4"))
    told = [one.text for one in blocks if isinstance(one, Paragraph)]
    assert f"the next point is of {words}" in told


def test_a_larger_image_is_tried_for_an_object_without_a_candidate():
    image = load_coco(scene_document())
    found = suggest(image, 9, preset("ultralytics-8.3"))
    tried = {one.kind: one.works for one in found}
    assert tried.keys() == {"input size", "finer level"}
    assert tried["input size"].num_positives == 1
    assert tried["input size"].image_counts.num_unassigned == 0
    assert np.isclose(tried["input size"].multiply_adds, 1.5625)


def test_a_yolo_label_is_named_by_its_line(tmp_path):
    for folder in ("images", "labels"):
        (tmp_path / folder).mkdir()
    (tmp_path / "labels" / "a.txt").write_text("0 .5 .5 .1 .1\n0 .2 .2 .1 .1\n")
    Pixels.new("RGB", (64, 64)).save(tmp_path / "images" / "a.png")
    lines = f"path: {tmp_path}\ntrain: images\nval: images\nnames: [cat]\n"
    (tmp_path / "data.yaml").write_text(lines)
    text = " ".join(
        ask(f"explain {tmp_path}/data.yaml --ann-id a:2 -p yolo11").out.split()
    )
    assert text.startswith("annotation a:2, line 2 of the labels of images/a.png in ")
    assert "annotations[" not in text
