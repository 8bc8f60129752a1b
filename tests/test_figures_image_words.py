"""Title, lines and notes of a picture of one image."""

import pytest

from atss_inspect import load_coco, preset
from atss_inspect.figures.image import View, image_figure
from atss_inspect.scene import build_scene
from atss_inspect.writers.figures import encode_figure
from tests.figure_checks import all_words, assert_legible, words
from tests.image_scenes import BOXES, PICTURE, drawn_boxes, scene_of
from tests.tiny_coco import Box, coco

HOSTILE = ("$x$ <b>&amp;</b>", "w" * 300, "שלום\nעולם \x1b[31m", "\u202eabc 自転車")


def test_title_and_label_name_the_starved_object_and_its_cause() -> None:
    figure = drawn_boxes()
    said = all_words(figure)
    assert (
        "Image 42, 42.jpg: 4 objects, 1 without a positive (no anchor center inside)"
    ) in said
    assert "106: no anchor center inside" in words(figure)
    assert "640 x 480 pixels, 1067 x 800 after resizing" in said
    assert "Labels: class and number of positives, or annotation id and cause." in said


def test_several_causes_are_counted_in_the_title() -> None:
    boxes = [(101, 101, 4, 4), (96, 96, 9, 9), (96, 96, 9, 9), (105, 105, 4, 4)]
    assert (
        "4 objects, 2 without a positive (1 no anchor center inside, 1 lost to other "
        "objects)"
    ) in all_words(image_figure([scene_of(boxes)]))


@pytest.mark.parametrize(
    ("boxes", "said"),
    [
        (BOXES[2:3], "Labels: annotation id and cause."),
        (BOXES[:1], "Labels: class and number of positives."),
    ],
)
def test_the_note_explains_the_labels_there_are(boxes: list[Box], said: str) -> None:
    assert said in all_words(image_figure([scene_of(boxes)]))


def test_hostile_names_are_shown_as_they_are() -> None:
    document = coco({42: BOXES})
    for category, name in zip(document["categories"], HOSTILE, strict=False):
        category["name"] = name
    document["images"][0]["file_name"] = HOSTILE[2] + "y" * 300
    dataset = load_coco(document)
    scenes = [build_scene(dataset, preset())] * 3
    figure = image_figure(scenes, view=View(labels="all"), titles=HOSTILE[:3])
    assert_legible(figure)
    assert "$x$ <b>&amp;</b>: 9" in words(figure)
    encode_figure(figure, "svg", dpi=50)
    assert_legible(image_figure(scenes[:1], view=View(candidates=1, zoom=1)))


def test_an_image_left_out_is_drawn_and_said() -> None:
    figure = image_figure(
        [scene_of([], data__drop_images="unannotated")], picture=PICTURE
    )
    assert "left out by the data rules: the image has no annotation" in all_words(
        figure
    )
    assert len(figure.axes[0].images) == 1


def test_points_that_several_anchors_share_are_said() -> None:
    said = "p to 9 positive anchors of a level share a point."
    both = "atss-mmdet", "retinanet-mmdet"
    assert f"U{said}" in all_words(drawn_boxes(View(), "retinanet-mmdet"))
    assert f"Of retinanet-mmdet, u{said}" in all_words(drawn_boxes(View(), *both))
    assert "share a point" not in all_words(drawn_boxes())
