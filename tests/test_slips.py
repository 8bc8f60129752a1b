"""Settings that are legal and hardly meant: what is warned of, and what is not."""

from pathlib import Path

import numpy as np
import pytest

from atss_inspect.presets import preset_names
from atss_inspect.settings import preset
from atss_inspect.settings.slips import find_slips
from tests.command_line import ask
from tests.tiny_coco import street, write_coco

VGA = np.array([[480.0, 640.0], [480.0, 640.0], [640.0, 480.0]])


@pytest.mark.parametrize(
    ("name", "values", "sentences"),
    [
        ("atss-mmdet", {}, []),
        # 480 x 640 becomes 800 x 1067, padded 800 x 1088: P7 has 7 x 9 anchors.
        ("atss-mmdet", {"k": 63}, []),
        ("atss-mmdet", {"k": 64}, ["k is 64, and P7 has 63 anchors on a usual image"]),
        ("atss-mmdet", {"short_side": 64, "k": 1, "strides": (8, 16)}, []),
        (
            "atss-mmdet",
            {"short_side": 63, "k": 1, "strides": (8, 16)},
            ["short_side is 63 px: hardly any object is left"],
        ),
        (
            "retinanet-mmdet",
            {"resize.rule": "letterbox", "size": (640, 9), "strides": (8, 16)},
            ["size is 9 px: hardly any object is left"],
        ),
        # Images keep their size: neither side plays a part.
        ("fcos-mmdet", {"rule": "none", "short_side": 9, "long_side": 8}, []),
        (
            "fcos-mmdet",
            {"rule": "truncated", "long_side": 700},
            [
                "long_side 700 is below short_side 800: truncated takes the smaller "
                "one as the short side"
            ],
        ),
        (
            "retinanet-mmdet",
            {"short_side": 1333, "long_side": 800},
            [
                "long_side 800 is below short_side 1333: mmdetection takes the smaller "
                "one as the short side"
            ],
        ),
        (
            "retinanet-torchvision",
            {"long_side": 700},
            [
                "long_side 700 is below short_side 800: images never become as large "
                "as short_side"
            ],
        ),
        # The longest padded side is 1088.
        ("retinanet-mmdet", {"strides": (8, 16, 1088)}, []),
        (
            "retinanet-mmdet",
            {"strides": (8, 16, 1089)},
            ["stride 1089 px is larger than every padded image (1088 px at most)"],
        ),
        (
            "retinanet-mmdet",
            {"strides": (8, 1089, 4000)},
            [
                "strides 1089, 4000 px are larger than every padded image (1088 px at "
                "most)"
            ],
        ),
    ],
)
def test_what_is_odd_is_said(name, values, sentences):
    found = find_slips([preset(name, **values)], VGA)
    assert [one.message for one in found] == sentences


def test_no_preset_is_odd_on_usual_images_and_none_without_images():
    settings = [preset(name) for name in preset_names()]
    assert find_slips(settings, VGA) == ()
    odd = preset(k=500, strides=(8, 4000))
    assert find_slips([odd]) == find_slips([odd], np.zeros((0, 2))) == ()


def test_a_slip_of_several_presets_is_said_once_and_stands_in_json():
    write_coco(Path("street.json"), street())
    words = "stats street.json -p retinanet-mmdet -p fcos-mmdet --set short_side=2 "
    err = ask(f"{words} --json").err
    line = "warning: short_side is 2 px: hardly any object is left"
    assert err.count(f"{line} (retinanet-mmdet, fcos-mmdet)\n") == 1
    assert ask(f"-q {words} --json").json["warnings"][0] == {
        "reason": "input_size_tiny",
        "count": 2,
        "message": "short_side is 2 px: hardly any object is left",
        "examples": ["retinanet-mmdet", "fcos-mmdet"],
        "is_loss": False,
        "hint": "",
    }


def test_settings_are_warned_of_where_no_data_are_read():
    err = ask("config show --set short_side=2 --set k=500").err
    assert err == (
        "warning: short_side is 2 px: hardly any object is left (atss-mmdet)\n"
    )
