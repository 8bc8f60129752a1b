"""The presets on one scene of six boxes, against what the original programs answered.

The scene is that of the reference's own test, boxes in input pixels (image 1333×800,
padded 1344×800). Only anchors and assigner of a preset play a part.
"""

import numpy as np
import pytest

from atss_inspect.presets import preset_names
from atss_inspect.settings import Settings, preset

from .agreement import assign
from .strategies import Image
from .test_reference_golden_scene import BOXES, PADDED_SIZE, SCENE

# Where the scene's table and the presets use different names, or a preset is one of
# another with a change.
CHANGED = {
    "retinanet-official-repo": lambda: preset("retinanet-official"),
    "gfl-paddle": lambda: preset("atss-mmdet", std_ddof=0),
    "atss-mmdet-9a": lambda: preset(
        "atss-mmdet", scale=4.0, scales_per_octave=3, ratios=(0.5, 1.0, 2.0)
    ),
    "atss-yolov6": lambda: preset(
        "atss-mmdet",
        strides=(8, 16, 32),
        scale=5.0,
        offset=0.5,
        threshold_test=">",
        center_margin=1e-9,
        contest="all",
    ),
}
# Its inside margin of 0.01 has no parameter here; anchors that reach out of the image
# are not left out here.
NOT_HERE = {"ssc-official", "rpn-official-repo"}
ROWS = [name for name in SCENE if name not in NOT_HERE]


def settings_of(name: str) -> Settings:
    return CHANGED[name]() if name in CHANGED else preset(name)


def test_every_preset_has_a_row():
    assert set(preset_names()) <= set(SCENE) | {"retinanet-official"}


@pytest.mark.parametrize("name", ROWS)
def test_the_scene_comes_out_as_the_original_program_answered(name):
    text, num_positives, num_ignored = SCENE[name]
    expected = [[int(n) for n in box.split()] for box in text.split("|")]
    settings = settings_of(name)
    image = Image(PADDED_SIZE, tuple(map(tuple, BOXES.tolist())))

    assignment = assign([image], settings.anchors, settings.assigner)

    counts = np.zeros((len(BOXES), len(settings.anchors.strides)), dtype=int)
    np.add.at(counts, (assignment.gt, assignment.level), 1)
    assert counts.tolist() == expected
    assert assignment.num_positives == num_positives
    assert assignment.num_ignored.tolist() == [num_ignored]


def test_only_box_c_meets_a_distance_tie_with_nine_anchors():
    # C's center (380.5, 245.5) is as far from two cells of P4 at the 81st place: lowest
    # index gives 23 positives there, torch on a CPU 22 (366 in all, not 367).
    settings = preset("atss-official-9a")
    image = Image(PADDED_SIZE, tuple(map(tuple, BOXES.tolist())))
    assignment = assign([image], settings.anchors, settings.assigner)
    assert np.flatnonzero(assignment.is_tied).tolist() == [2]
