"""Labels on a picture: where they stand, and which are left out."""

import numpy as np

from atss_inspect.figures.image import View, image_figure
from atss_inspect.figures.image.labels import place_labels
from tests.figure_checks import assert_legible
from tests.image_scenes import all_words, crowd, panel_of, scene_of
from tests.tiny_coco import Box


def test_labels_of_a_crowd_never_overlap_and_those_left_out_are_counted() -> None:
    scene = scene_of(crowd(200))
    figure = image_figure([scene], view=View(labels="all"))
    assert_legible(figure)
    written = [text for text in figure.axes[0].texts if text.get_text()]
    said = all_words(figure)
    left_out = scene.num_gt - len(written)
    assert left_out > 0
    assert f"{left_out} labels left out for lack of room." in said
    none = image_figure([scene], view=View(labels="none"))
    assert not none.axes[0].texts


def test_a_label_takes_the_next_free_place_and_is_left_out_when_all_are_taken() -> None:
    # Equal boxes: above, below, right and left at the top, and so on. Each label may
    # stand in one of nine places; the inner one meets none of the outer ones.
    boxes: list[Box] = [(280, 220, 120, 90)] * 14
    scene = scene_of(boxes, "fcos-mmdet")
    labels = place_labels(panel_of(scene), View(labels="all"), width=4.96)
    places = {(round(label.x), round(label.y)) for label in labels.placed}
    assert len(places) == len(labels.placed)
    # Of the three above (left and right end), below and beside, those that are apart.
    assert 7 <= len(labels.placed) <= 9
    assert labels.num_left_out == 14 - len(labels.placed)


def test_a_single_label_stands_above_its_box_and_at_the_border_below() -> None:
    for y, is_above in ((200, True), (0, False)):
        scene = scene_of([(200, y, 90, 60)])
        [label] = place_labels(panel_of(scene), View(), width=4.96).placed
        box = scene.frame.gt_boxes[0]
        assert (label.y < box[1]) == is_above
        assert (label.y > box[3]) == (not is_above)


def test_starved_objects_are_labelled_first() -> None:
    scene = scene_of(crowd(120))
    figure = image_figure([scene], view=View(labels="all"))
    starved = {
        str(scene.annotation_ids[gt]) for gt in np.flatnonzero(scene.is_unassigned)
    }
    assert starved
    written = [text.get_text().partition(":")[0] for text in figure.axes[0].texts]
    number = sum(text in starved for text in written)
    assert number >= 0.8 * len(starved)
    assert all(text in starved for text in written[:number])


def test_the_commonest_cause_of_many_starved_objects_is_said_once() -> None:
    # Rows between two points, 24 pixels (40 after resizing) apart.
    scene = scene_of([(101, 53 + 24 * row, 4, 4) for row in range(12)])
    assert scene.causes == ["no_center_inside"] * 12
    figure = image_figure([scene])
    written = {text.get_text() for text in figure.axes[0].texts}
    assert written <= {str(ann_id) for ann_id in scene.annotation_ids}
    assert "An id alone: no anchor center inside." in all_words(figure)
    assert_legible(figure)
