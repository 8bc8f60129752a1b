"""Odd cases worked out by hand, through the package and through the reference."""

from collections import Counter
from functools import partial

import numpy as np
import pytest

from atss_inspect.annotations.frame import Frame, build_frame
from atss_inspect.annotations.resize import input_sizes
from atss_inspect.readers import load_coco
from atss_inspect.settings import preset

from .agreement import check_agreement, sorted_rows
from .golden import assignment_cases, data_cases, resize_cases
from .golden.assignment_cases import AssignmentCase
from .golden.data_cases import DataCase
from .reference.frames import RESIZE_RULES, see_image
from .strategies import Image
from .tiny_coco import coco_image

PRESET_OF = {
    "official": "atss-official",
    "mmdetection": "atss-mmdet",
    "detectron2": "retinanet-detectron2",
    "torchvision": "retinanet-torchvision",
}


def annotations_of(case: DataCase) -> list[dict[str, object]]:
    return [{"bbox": list(bbox), **keys} for bbox, keys in case.annotations]


def frame_of(case: DataCase, framework: str) -> Frame:
    document = coco_image(width=case.width, height=case.height)
    document["annotations"] = [
        {"id": place + 1, "image_id": 1, "category_id": 1, **annotation}
        for place, annotation in enumerate(annotations_of(case))
    ]
    settings, dataset = preset(PRESET_OF[framework]), load_coco(document)
    return build_frame(dataset, slice(0, 1), settings.data, settings.resize)


@pytest.mark.parametrize("case", data_cases.CASES, ids=lambda case: case.name)
def test_each_annotation_becomes_its_box_or_is_left_out(case):
    for framework in PRESET_OF:
        answers = case.answers[framework]
        boxes = [answer for answer in answers if not isinstance(answer, str)]
        expected = np.array(boxes, dtype=np.float32).reshape(-1, 4)
        frame = frame_of(case, framework)
        np.testing.assert_array_equal(frame.gt_boxes, expected, framework)
        kept = [n for n, answer in enumerate(answers) if not isinstance(answer, str)]
        assert frame.object_rows.tolist() == kept, framework
        reasons = Counter(answer for answer in answers if isinstance(answer, str))
        assert frame.left_out_objects == reasons, framework
        reason = case.image_reasons.get(framework)
        assert frame.left_out_images == ({reason: 1} if reason else {}), framework
        assert frame.num_images == (0 if reason else 1), framework
        check_reference(case, framework, expected)


def check_reference(case: DataCase, framework: str, expected: np.ndarray) -> None:
    annotations = annotations_of(case)
    see = partial(see_image, width=case.width, height=case.height)
    if framework == "detectron2" and any(a.get("ignore") for a in annotations):
        with pytest.raises(ValueError, match="refuses"):
            see(framework, annotations)
        return
    seen = see(framework, annotations)
    np.testing.assert_array_equal(seen.boxes, expected, framework)
    assert (seen.image_left_out is not None) == (framework in case.image_reasons)


@pytest.mark.parametrize(("original", "sizes"), resize_cases.RESIZED.items())
def test_images_get_the_framework_s_size_upright_and_lying(original, sizes):
    both = np.array([original, original[::-1]], dtype=np.float64)
    for framework, size in zip(resize_cases.FRAMEWORKS, sizes, strict=True):
        rule = preset(PRESET_OF[framework]).resize
        expected = [list(size), list(size[::-1])]
        assert input_sizes(both, rule).tolist() == expected, framework
        assert RESIZE_RULES[framework](original, 800, 1333) == size
        assert RESIZE_RULES[framework](original[::-1], 800, 1333) == size[::-1]


def rows_of(case: AssignmentCase) -> list[tuple[int, int, int]]:
    return sorted(
        (gt, level, index)
        for (gt, level), indices in case.positives.items()
        for index in indices
    )


@pytest.mark.parametrize(
    "case", assignment_cases.CASES, ids=lambda case: f"{case.preset}-{case.name}"
)
def test_each_box_gets_the_anchors_found_by_hand(case):
    settings, image = preset(case.preset, **case.changes), Image(case.size, case.boxes)
    assignment = check_agreement([image], settings.anchors, settings.assigner)
    assert [tuple(row) for row in sorted_rows(assignment).tolist()] == rows_of(case)
    assert assignment.num_ignored.tolist() == [case.num_ignored]
    if "identical" in case.name and "atss" not in case.preset:
        assert assignment.is_tied.all()
    if case.num_candidates is not None:
        counts = assignment.candidates.num_candidates.tolist()
        assert counts == [case.num_candidates] * len(case.boxes)
