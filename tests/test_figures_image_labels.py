"""Labels on a picture: where they stand, and which are left out."""

import numpy as np

from atss_inspect import load_coco, preset
from atss_inspect.figures.image import View, image_figure
from atss_inspect.figures.image.labels import place_labels
from atss_inspect.figures.image.marks import outlines
from atss_inspect.scene import build_scene
from tests.figure_checks import all_words, assert_legible
from tests.image_scenes import BOXES, artist, crowd, panel_of, scene_of
from tests.tiny_coco import Box, coco


def test_labels_of_a_crowd_never_overlap_and_those_left_out_are_counted() -> None:
    scene = scene_of(crowd(120))
    figure = image_figure([scene], view=View(labels="all"))
    assert_legible(figure)
    starved = {
        str(scene.annotation_ids[gt]) for gt in np.flatnonzero(scene.is_unassigned)
    }
    names = [text.get_text().partition(":")[0] for text in figure.axes[0].texts]
    number = sum(text in starved for text in names)
    assert number >= 0.8 * len(starved) > 0
    assert all(text in starved for text in names[:number])  # these come first
    written = [text for text in figure.axes[0].texts if text.get_text()]
    said = all_words(figure)
    left_out = scene.num_gt - len(written)
    assert left_out > 0
    assert f"{left_out} labels left out for lack of room." in said
    assert not place_labels(panel_of(scene, View(labels="none")), width=5).placed


def test_a_label_takes_the_next_free_place_and_is_left_out_when_all_are_taken() -> None:
    # Equal boxes: above, below, right and left at the top, and so on. Each label may
    # stand in one of nine places; the inner one meets none of the outer ones.
    boxes: list[Box] = [(280, 220, 120, 90)] * 14
    scene = scene_of(boxes, "fcos-mmdet")
    labels = place_labels(panel_of(scene, View(labels="all")), width=4.96)
    places = {(round(label.x), round(label.y)) for label in labels.placed}
    assert len(places) == len(labels.placed)
    # Of the three above (left and right end), below and beside, those that are apart.
    assert 7 <= len(labels.placed) <= 9
    assert labels.num_left_out == 14 - len(labels.placed)


def test_a_single_label_stands_above_its_box_and_at_the_border_below() -> None:
    for y, is_above in ((200, True), (0, False)):
        scene = scene_of([(200, y, 90, 60)])
        [label] = place_labels(panel_of(scene), width=4.96).placed
        box = scene.frame.gt_boxes[0]
        assert (label.y < box[1]) == is_above
        assert (label.y > box[3]) == (not is_above)


def test_the_commonest_cause_of_many_starved_objects_is_said_once() -> None:
    # Rows between two points, 24 pixels (40 after resizing) apart.
    scene = scene_of([(101, 53 + 24 * row, 4, 4) for row in range(12)])
    assert scene.causes == ["no_center_inside"] * 12
    figure = image_figure([scene])
    written = {text.get_text() for text in figure.axes[0].texts}
    assert written <= {str(ann_id) for ann_id in scene.annotation_ids}
    assert "An id alone: no anchor center inside." in all_words(figure)
    assert_legible(figure)


def test_an_id_alone_stands_for_the_cause_not_named_only() -> None:
    # Between two points, and twice the same six boxes around one point each.
    between: list[Box] = [(101, 53 + 12 * row, 4, 4) for row in range(24)]
    twins: list[Box] = [(96 + 16 * place, 96, 9, 9) for place in range(6)] * 2
    scene = scene_of([*between, *twins])
    labels = place_labels(panel_of(scene), width=2.4)
    cause_of = {label.text: scene.causes[label.gt] for label in labels.placed}
    alone = {cause for text, cause in cause_of.items() if ":" not in text}
    cut = {cause for text, cause in cause_of.items() if text.endswith(": \u2026")}
    assert labels.unnamed_cause == "no_center_inside"
    assert alone == {"no_center_inside"}
    assert cut == {"lost_to_others"}
    said = all_words(image_figure([scene] * 3))
    assert "An id alone: no anchor center inside. An id with \u2026: another" in said


def test_the_object_asked_for_is_named_and_others_stay_off_it() -> None:
    scene = scene_of(crowd(200))
    box = scene.frame.gt_boxes[13]
    view = View(zoom=13, labels="all")
    [axes] = image_figure([scene], view=view).axes
    across = axes.get_xlim()[1] - axes.get_xlim()[0]
    pixels = across / (4.96 * 72)  # in a point
    own = f"{scene.annotation_ids[13]}"
    names = [text.get_text() for text in axes.texts]
    assert names[0].startswith((own, f"{scene.class_names[13]}: "))
    assert len(names) > 5
    for text in axes.texts[1:]:
        x, y = text.get_position()
        apart = max(box[0] - x, x - box[2], box[1] - y, y - box[3])
        assert apart > 0.25 * 72 * pixels, text.get_text()


def test_long_names_are_cut_in_the_middle_and_stand_at_their_box() -> None:
    document = coco({42: [(60, 200, 90, 60), (400, 200, 90, 60)]})
    for number, category in enumerate(document["categories"]):
        category["name"] = f"a very long and common beginning of the name {number + 1}"
    scene = build_scene(load_coco(document), preset())
    figure = image_figure([scene])
    [first, second] = figure.axes[0].texts
    assert first.get_text() == "a very long a\u2026the name 1: 9"
    assert second.get_text() == "a very long a\u2026the name 2: 9"
    for text, box in zip((first, second), scene.frame.gt_boxes, strict=True):
        drawn = text.get_bbox_patch()
        figure.draw_without_rendering()
        left = drawn.get_window_extent().x0
        corner = figure.axes[0].transData.transform((box[0], box[1]))[0]
        assert abs(left - corner) < 2
    # In a narrow panel too, and the number is never cut off.
    labels = place_labels(panel_of(scene), width=1.2)
    assert [label.text[-3:] for label in labels.placed] == [": 9", ": 9"]


def test_who_took_the_candidates_is_named_beside_them() -> None:
    # The same box twice: the first one takes the only anchor.
    scene = scene_of([(96, 96, 9, 9), (96, 96, 9, 9), *BOXES])
    figure = image_figure([scene], view=View(candidates=1, zoom=1))
    assert [text.get_text() for text in figure.axes[0].texts] == ["100: took 1 anchor"]
    assert "It gets no positive: lost to annotation 100" in all_words(figure)
    assert "object it lost to" in all_words(figure)
    np.testing.assert_allclose(
        artist(figure, "winners").get_segments(), outlines(scene.frame.gt_boxes[[0]])
    )
    # 109 has eight positives, and another one would have had its ninth.
    figure = image_figure([scene], view=View(candidates=3, zoom=3))
    assert "It gets 8 positives; lost some to annotation 106" in all_words(figure)
