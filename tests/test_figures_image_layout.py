"""Labels, panels, words and key of a picture: where they stand, what is left out."""

import numpy as np
import pytest
from matplotlib.axes import Axes

from atss_inspect import load_coco, preset
from atss_inspect.figures.image import View, image_figure
from atss_inspect.figures.image.key import KEY_SIZE, Entry, flow
from atss_inspect.figures.image.labels import LABEL_SIZE, place_labels
from atss_inspect.figures.image.layout import GAP, make_grid
from atss_inspect.figures.image.marks import outlines
from atss_inspect.figures.image.view import Panel, Window, window_of, worst_first
from atss_inspect.figures.sheet import text_width
from atss_inspect.scene import build_scene
from atss_inspect.views.names import ELLIPSIS
from tests.figure_checks import all_words, assert_legible, words, written
from tests.image_scenes import BOXES, artist, crowd, panel_of, scene_of
from tests.tiny_coco import Box, coco, coco_image


def test_labels_of_a_crowd_never_overlap_and_those_left_out_are_counted() -> None:
    scene = scene_of(crowd(120))
    figure = image_figure([scene], view=View(labels="all"))
    assert_legible(figure)
    unassigned = set(map(str, np.array(scene.annotation_ids)[scene.is_unassigned]))
    names = [text.partition(":")[0] for text in written(figure.axes[0].texts)]
    number = sum(text in unassigned for text in names)
    assert number >= 0.8 * len(unassigned) > 0
    assert all(text in unassigned for text in names[:number])  # these come first
    said = all_words(figure)
    left_out = scene.num_gt - sum(map(bool, names))
    assert left_out > 0
    assert f"{left_out} labels left out for lack of room." in said
    assert not place_labels(panel_of(scene, View(labels="none")), width=5).placed


def test_a_label_takes_the_next_free_place_and_is_left_out_when_all_are_taken() -> None:
    # Equal boxes: above, below, right and left at the top, and so on. Each label may
    # stand in one of eight places beside the box, and some away from it.
    boxes: list[Box] = [(280, 220, 120, 90)] * 14
    scene = scene_of(boxes, "fcos-mmdet")
    labels = place_labels(panel_of(scene, View(labels="all")), width=4.96)
    places = {(round(label.x), round(label.y)) for label in labels.placed}
    assert len(places) == len(labels.placed)
    beside = [label for label in labels.placed if not label.leader]
    assert 6 <= len(beside) <= 8 < len(labels.placed) < 14
    assert labels.num_left_out == 14 - len(labels.placed)


def test_the_commonest_cause_of_many_unassigned_objects_is_said_once() -> None:
    # Rows between two points, 24 pixels (40 after resizing) apart.
    scene = scene_of([(101, 53 + 24 * row, 4, 4) for row in range(12)])
    assert scene.causes == ["no_center_inside"] * 12
    figure = image_figure([scene])
    assert set(written(figure.axes[0].texts)) <= set(map(str, scene.annotation_ids))
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
    assert "An id alone: no anchor center inside. An id with \u2026: its cause" in said


def test_the_object_asked_for_is_named_and_others_stay_off_it() -> None:
    scene = scene_of(crowd(200))
    box = scene.frame.gt_boxes[13]
    [axes] = image_figure([scene], view=View(zoom=13, labels="all")).axes
    pixels = np.ptp(axes.get_xlim()) / (4.96 * 72)  # in a point
    own, *others = axes.texts
    names = (f"{scene.annotation_ids[13]}", f"{scene.class_names[13]}: ")
    assert own.get_text().startswith(names)
    assert len(others) > 4
    for text in others:
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
    assert written(figure.axes[0].texts) == ["100: took 1 anchor"]
    assert "gets no positive: lost to 100" in all_words(figure)
    assert "object it lost to" in all_words(figure)
    winners = artist(figure, "winners").get_segments()
    np.testing.assert_allclose(winners, outlines(scene.frame.gt_boxes[[0]]))
    # 109 has eight positives, and another one would have had its ninth.
    figure = image_figure([scene], view=View(candidates=3, zoom=3))
    assert "gets 8 positives; 106 took 1" in all_words(figure)


@pytest.mark.parametrize("num_panels", [2, 3])
def test_words_above_panels_are_folded_and_nothing_is_cut_off(num_panels: int) -> None:
    # Objects for every level; tall images stand three in a row, in little room.
    large = [(0, 0, 470, 470), (5, 5, 300, 300), (9, 9, 150, 150)]
    document = coco({42: [*crowd(9), *large]})
    if num_panels == 3:
        document["images"][0] |= {"width": 480, "height": 640}
    scene = build_scene(load_coco(document), preset("fcos-mmdet"))
    figure = image_figure([scene] * num_panels, view=View(labels="none"))
    unassigned = int(scene.is_unassigned.sum())
    last = f"{len(scene.points)} positives"
    expected = f"{unassigned} of {scene.num_gt} without a positive; {last}"
    said = words(figure)
    assert all_words(figure).count(expected) == num_panels
    assert expected not in said
    starts = [text for text in said if text.startswith(f"{unassigned} of")]
    assert len(starts) == num_panels
    assert_legible(figure)
    above = max(axes.get_position().y1 for axes in figure.axes[:num_panels])
    lowest = [text for text in figure.texts if text.get_text().endswith(last)]
    assert len(lowest) == num_panels
    bottoms = [text.get_window_extent().y0 for text in lowest]
    assert min(bottoms) > above * figure.bbox.height


@pytest.mark.parametrize("view", [View(), View(labels="all"), View(zoom=0)])
def test_no_label_covers_the_object_it_names(view: View) -> None:
    for name in ("atss-mmdet", "retinanet-mmdet"):
        scene = scene_of([*crowd(30), *BOXES], name)
        panel = Panel(scene, view, (0,), window_of(scene, view, (0, 1, 2, 3, 4)))
        placed = place_labels(panel, width=4.96).placed
        assert placed or view == View()
        inch = panel.window.width / 4.96
        for label in placed:
            wide, tall = (
                text_width(label.text, LABEL_SIZE) * inch,
                LABEL_SIZE / 72 * inch,
            )
            left = label.x - wide * (label.ha == "right")
            x1, y1, x2, y2 = scene.frame.gt_boxes[label.gt]
            across = min(left + wide, x2) - max(left, x1)
            down = min(label.y + tall / 2, y2) - max(label.y - tall / 2, y1)
            assert min(across, down) <= 0.01, label
            if max(-across, -down) > 0.25 * inch:
                assert label.leader, label


def shown(axes: Axes) -> Window:
    (x1, x2), (y2, y1) = axes.get_xlim(), axes.get_ylim()
    return Window(x1, y1, x2, y2)


def test_a_row_is_as_high_as_its_own_panels_and_flat_ones_stand_below_another() -> None:
    words_above = [("a", ""), ("b", "one, two"), ("c", "")]
    grid = make_grid([0.5, 0.5, 1.0], words_above, columns=2)
    assert (grid.columns, len(grid.rows)) == (2, 2)
    titles, panels = zip(*grid.rows, strict=True)
    assert panels == pytest.approx((grid.width / 2, grid.width))
    assert titles[0] > titles[1] > 0
    assert grid.corner(2)[1] == pytest.approx(sum(grid.rows[0]) + GAP)
    # In a row, as values of k are, unless they are flat.
    for size, num_rows in ((480, 1), (40, 3)):
        data = load_coco(coco_image((30, 4, 30, 30), width=640, height=size))
        scene = build_scene(data, preset("atss-mmdet"))
        figure = image_figure([scene] * 3, view=View(is_row=True), titles="abc")
        tops = {round(axes.get_position().y1, 3) for axes in figure.axes[:3]}
        assert len(tops) == num_rows


@pytest.mark.parametrize(
    "view",
    [View(), View(by_level=True), View(zoom=0), View(candidates=0, zoom=0)],
)
@pytest.mark.parametrize("num_panels", [1, 3])
def test_the_header_takes_a_tenth_of_the_height_at_most(
    view: View, num_panels: int
) -> None:
    names = ("atss-mmdet", "retinanet-mmdet", "fcos-mmdet")[:num_panels]
    if view.by_level and num_panels > 1:
        return
    figure = image_figure([scene_of(BOXES, name) for name in names], view=view)
    assert_legible(figure)  # draws it
    title, topic, *_ = (text for text in figure.texts if text.get_text())
    top, bottom = title.get_window_extent().y1, topic.get_window_extent().y0
    assert "\n" not in title.get_text() + topic.get_text()
    assert top - bottom <= 0.1 * figure.bbox.height


def test_the_key_names_no_level_without_positives() -> None:
    scene = scene_of(BOXES)
    said = words(image_figure([scene]))
    for level, number in enumerate(scene.level_counts().tolist()):
        named = [text for text in said if text.startswith(f"P{level + 3}: ")]
        assert named == [f"P{level + 3}: {number}"] * bool(number)


def test_a_crowd_bears_numbers_in_place_of_labels_and_fades_who_is_fine() -> None:
    between: list[Box] = [(101 + 40 * row, 53 + 24 * row, 4, 4) for row in range(9)]
    scene = scene_of([*crowd(90), *between])
    figure = image_figure([scene])
    assert written(figure.axes[0].texts) == [str(number) for number in range(1, 7)]
    faded = artist(figure, "faded")
    fine = ~scene.is_poorly_assigned
    np.testing.assert_allclose(
        faded.get_segments(), outlines(scene.frame.gt_boxes[fine])
    )
    assert faded.get_colors()[:, 3].max() < 0.5
    assert len(artist(figure, "with positives").get_segments()) == 0
    poor = artist(figure, "without a positive")
    assert len(poor.get_segments()) == scene.is_unassigned.sum() > 6
    assert poor.get_zorder() > faded.get_zorder()
    assert artist(figure, "positives P3") is None
    # The largest first; the key names them.
    gts = worst_first(scene)[:6]
    areas = np.prod(
        np.diff(scene.frame.gt_boxes[gts].reshape(-1, 2, 2), axis=1), axis=2
    )
    assert (np.diff(areas.ravel()) <= 0).all()
    said = words(figure)
    for gt in gts:
        name = f"{scene.annotation_ids[gt]} {scene.class_names[gt]}"
        assert any(text.startswith(name) for text in said)
    assert_legible(figure)


def test_a_close_up_below_shows_who_is_worst_or_who_differs() -> None:
    figure = image_figure([scene_of(BOXES)])
    box = scene_of(BOXES).frame.gt_boxes[2]
    _, close_up = figure.axes
    window = shown(close_up)
    assert window.x1 < box[0] < box[2] < window.x2 < window.x1 + 70
    frame = artist(figure, "close-up").get_segments()[0]
    np.testing.assert_allclose(frame, outlines(window)[0])
    assert artist(figure, "without a positive", panel=1) is not None
    assert len(artist(figure, "centers", panel=1).get_offsets()) > 9
    # FCOS gives that object a positive: that is where the two differ.
    figure = image_figure([scene_of(BOXES), scene_of(BOXES, "retinanet-mmdet")])
    assert len(figure.axes) == 4
    said = all_words(figure)
    assert "they differ on 106" in said
    assert "atss-mmdet leaves 1 without a positive" in said
    assert {"106: 0", "106: 16"} <= set(words(figure))
    # Nobody is poorly assigned, nothing to look at closely.
    assert len(image_figure([scene_of(BOXES[:1])]).axes) == 1


def test_a_close_up_shows_the_anchors_of_its_object_alone() -> None:
    scene = scene_of(BOXES)
    figure = image_figure([scene], view=View(zoom=0, has_anchors=True))
    own = scene.anchors[scene.assignment.gt == 0]
    np.testing.assert_allclose(
        artist(figure, "anchors").get_segments(), outlines(own), rtol=1e-6
    )
    points = np.concatenate(
        [
            one.get_offsets()
            for one in figure.axes[0].collections
            if one.get_label().startswith("positives")
        ]
    )
    assert len(points) == len(own) < len(scene.points)
    assert "anchor of a positive" in words(figure)


ROUND = Entry("positive", "o", {"markersize": 5})
BOX = Entry("object", "", {"edgecolor": "#000000"})


def test_entries_stand_in_a_line_while_there_is_room() -> None:
    assert (flow([], 4).placed, flow([], 4).height) == ((), 0)
    [first, second] = flow([ROUND, BOX], 4).placed
    assert first.x == 0
    # After the first one's sign, its words and a gap.
    assert second.x == pytest.approx(0.2 + text_width("positive", KEY_SIZE) + 0.17)
    assert first.y == second.y
    # What does not fit begins a line.
    one_line = flow([ROUND], 0.9)
    key = flow([ROUND, BOX, ROUND], 0.9)
    assert [each.x for each in key.placed] == [0, 0, 0]
    tops = [each.y for each in key.placed]
    assert tops == pytest.approx([one_line.height * (n + 0.5) for n in range(3)])
    assert key.height == pytest.approx(3 * one_line.height)
    # Words longer than a line are cut off.
    [placed] = flow([Entry("w" * 90, "o", {})], 1).placed
    assert placed.text.endswith(ELLIPSIS)
    assert 0.7 < text_width(placed.text, KEY_SIZE) <= 0.8
