"""The pixels below the marks: the picture, a blank canvas, the masks."""

import pytest

from atss_inspect import load_coco, preset
from atss_inspect.figures.image import View, image_figure
from atss_inspect.readers.pixels import Picture
from atss_inspect.scene import build_scene
from atss_inspect.scene_masks import place_masks
from tests.figure_checks import all_words, assert_legible
from tests.image_scenes import BOXES, PIXELS, scene_of
from tests.tiny_coco import coco


@pytest.mark.parametrize(
    ("picture", "said"),
    [
        (Picture(None, problem="no images folder named"), "no images folder named"),
        (Picture(None), "Blank canvas: no picture."),
        (
            Picture(
                PIXELS, (48, 64), "picture is 64 x 48, the annotations say 640 x 480"
            ),
            "The picture is 64 x 48, the annotations say 640 x 480; drawn to fit.",
        ),
    ],
)
def test_the_note_says_what_is_wrong_with_the_picture(
    picture: Picture, said: str
) -> None:
    figure = image_figure([scene_of(BOXES)], picture=picture)
    assert said in all_words(figure)
    assert len(figure.axes[0].images) == (picture.pixels is not None)
    frame = figure.axes[0].patches[0]
    assert frame.get_label() == "frame"
    assert (frame.get_width(), frame.get_height()) == (1067, 800)
    assert_legible(figure)


def test_masks_are_shaded_and_their_share_is_said() -> None:
    document = coco({42: [(64, 48, 128, 96), (300, 100, 64, 48)]})
    for annotation in document["annotations"]:
        x, y, w, h = annotation["bbox"]
        annotation["segmentation"] = [[x, y, x + w / 2, y, x + w / 2, y + h, x, y + h]]
    scene = build_scene(load_coco(document, masks=True), preset())
    masks = place_masks(scene)
    # The mask is the left half of each box: of 9 points in a 3 x 3 block, what is left.
    assert masks.is_usable.all()
    on_left = scene.points[:, 0] < (
        scene.frame.gt_boxes[scene.assignment.gt][:, [0, 2]].mean(axis=1)
    )
    assert masks.num_on_mask.sum() == on_left.sum()
    figure = image_figure([scene], view=View(has_masks=True), masks=[masks])
    assert len(figure.axes[0].images) == 1
    assert "On their object's mask: " in all_words(figure)
    assert_legible(figure)
