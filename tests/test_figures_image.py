"""Pictures of one image and galleries: what is shown, the marks, the words."""

from typing import Any

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from atss_inspect import load_coco, preset
from atss_inspect.figures.image import View, gallery_figure, image_figure
from atss_inspect.figures.image.findings import outcomes
from atss_inspect.figures.image.marks import LEVEL_MARKERS, object_colors, outlines
from atss_inspect.figures.theme import DEFAULT_THEME
from atss_inspect.readers.pixels import Picture
from atss_inspect.scene import Scene, build_scene, place_masks
from atss_inspect.writers.figures import encode_figure
from tests.figure_checks import all_words, assert_legible, words
from tests.image_scenes import (
    BOXES,
    PICTURE,
    PIXELS,
    artist,
    drawn_boxes,
    panel_of,
    scene_of,
)
from tests.tiny_coco import Box, coco


def built(source: Any, **options: Any) -> Scene:
    """The scene of the only image of a document or file."""
    return build_scene(load_coco(source, **options), preset())


def each_image(document: Any) -> list[Scene]:
    dataset = load_coco(document)
    rows = range(len(document["images"]))
    return [build_scene(dataset.slice_images(row, row + 1), preset()) for row in rows]


def test_points_in_the_padding_are_shown_too() -> None:
    # A box without overlap claims every anchor, those in the padding too.
    scene = scene_of([(0, 0, 640, 480), (2, 2, 1, 1)], "retinanet-mmdet")
    axes, *_ = image_figure([scene]).axes
    assert axes.get_xlim()[0] <= min(0, scene.points[:, 0].min())
    assert axes.get_xlim()[1] >= max(1067, scene.points[:, 0].max())


def test_only_some_levels() -> None:
    figure = drawn_boxes(View(levels=("P4",)))
    labels = {one.get_label() for one in figure.axes[0].collections}
    assert "positives P3" not in labels
    assert "positives P4" in labels
    assert "; only P4" in all_words(figure)
    # Without a positive is who has nothing on any level.
    assert len(artist(figure, "without a positive").get_segments()) == 1


def shown(figure: Figure) -> tuple[float, float, float, float]:
    """What the first panel shows: left, top, right, bottom."""
    (x1, x2), (y2, y1) = figure.axes[0].get_xlim(), figure.axes[0].get_ylim()
    return x1, y1, x2, y2


def test_a_close_up_shows_the_object_and_its_surroundings() -> None:
    figure = drawn_boxes(View(zoom=2))
    x1, y1, x2, y2 = shown(figure)
    box = scene_of(BOXES).frame.gt_boxes[2]
    assert x1 < box[0] < box[2] < x2
    assert y1 < box[1] < box[3] < y2
    # Six cells of the finest level are higher than the object and half of it: 48 by 64.
    assert (x2 - x1, y2 - y1) == pytest.approx((64, 48))
    assert x1 >= 0
    title = "自転車 106 gets no positive: no anchor center inside"
    assert f"{title} Close-up; image 42" in all_words(figure)


def test_candidates_are_framed_by_their_object_not_by_the_farthest() -> None:
    scene = scene_of(BOXES)
    figure = drawn_boxes(View(zoom=2, candidates=2))
    x1, y1, x2, y2 = shown(figure)
    assert (x2 - x1, y2 - y1) == pytest.approx((64 * 4 / 3, 64))
    level, points, *_ = scene.tried(2)
    inside = (points > (x1, y1)).all(axis=1) & (points < (x2, y2)).all(axis=1)
    assert inside[level < 2].all()
    outside = np.count_nonzero(~inside)
    assert outside > 9
    assert f"{outside} candidates lie beyond the picture." in all_words(figure)


@pytest.mark.parametrize("view", [View(zoom=2), View(zoom=2, candidates=2)])
def test_brackets_set_the_object_asked_for_apart(view: View) -> None:
    scene = scene_of(BOXES)
    figure = drawn_boxes(view)
    corners = [path[1] for path in artist(figure, "focus").get_segments()]
    x1, y1, x2, y2 = scene.frame.gt_boxes[2]
    expected = [(x1, y1), (x1, y2), (x2, y1), (x2, y2)]
    signs = np.sign(np.subtract(corners, expected)).tolist()
    assert signs == [[-1, -1], [-1, 1], [1, -1], [1, 1]]
    assert artist(drawn_boxes(), "focus") is None


def test_an_object_left_out_is_dotted_counted_and_set_apart_too() -> None:
    document = coco({42: BOXES})
    document["annotations"][0]["iscrowd"] = 1
    scene = built(document)
    assert scene.num_gt == 3
    figure = image_figure([scene], view=View(zoom=0))
    assert len(artist(figure, "left out").get_segments()) == 1
    assert "Left out by the data rules: 1 crowd." in all_words(image_figure([scene]))
    corners = [path[1] for path in artist(figure, "focus").get_segments()]
    x1, y1, x2, y2 = scene.left_out_boxes[0]
    assert np.min(corners, axis=0) == pytest.approx((x1, y1), abs=3)
    assert np.max(corners, axis=0) == pytest.approx((x2, y2), abs=3)


def test_each_level_has_its_marker_and_each_point_the_color_of_its_object() -> None:
    scene = scene_of(BOXES)
    figure = drawn_boxes()
    colors = object_colors(scene.image.xywh, DEFAULT_THEME)
    markers = set()
    for level in range(5):
        drawn = artist(figure, f"positives P{level + 3}")
        rows = np.flatnonzero(scene.assignment.level == level)
        assert (drawn is None) == (not len(rows))
        if drawn is None:
            continue
        np.testing.assert_array_equal(drawn.get_offsets(), scene.points[rows])
        expected = [colors[gt] for gt in scene.assignment.gt[rows]]
        assert [to_hex(color) for color in drawn.get_facecolors()] == expected
        markers.add(drawn.get_paths()[0].vertices.tobytes())
    assert len(markers) > 1
    assert len(set(LEVEL_MARKERS[:5])) == 5


def test_objects_without_a_positive_are_dashed_thick_crossed_and_colored_apart() -> (
    None
):
    scene = scene_of(BOXES)
    figure = drawn_boxes()
    without, some = (
        artist(figure, "without a positive"),
        artist(figure, "with positives"),
    )
    box = scene.frame.gt_boxes[[2]]
    np.testing.assert_allclose(without.get_segments(), outlines(box))
    assert to_hex(without.get_color()[0]) == DEFAULT_THEME.poor
    assert without.get_linestyle()[0][1] is not None
    assert some.get_linestyle()[0][1] is None
    assert without.get_linewidth()[0] > some.get_linewidth()[0]
    assert len(some.get_segments()) == 3
    crosses = artist(figure, "crosses").get_offsets()
    np.testing.assert_allclose(crosses, box.reshape(2, 2).mean(0)[None])


LOW = "low-quality match (IoU below 0.5)"


def test_low_quality_matches_are_hollow_and_their_objects_dashed_and_dotted() -> None:
    figure = drawn_boxes(View(), "retinanet-mmdet")
    scene = scene_of(BOXES, "retinanet-mmdet")
    assert scene.is_low_quality_only.tolist() == [False, False, True, False]
    low = artist(figure, "low-quality matches P3")
    assert low.get_facecolors().size == 0
    assert to_hex(low.get_edgecolors()[0]) == DEFAULT_THEME.poor
    points = scene.points[scene.is_low_quality]
    np.testing.assert_array_equal(low.get_offsets(), points)
    assert artist(figure, "positives P3") is None  # all of this level are hollow
    assert len(artist(figure, "positives P4").get_facecolors())
    box = artist(figure, "low-quality only")
    np.testing.assert_allclose(
        box.get_segments(), outlines(scene.frame.gt_boxes[[2]]), rtol=1e-6
    )
    dashes = artist(drawn_boxes(), "without a positive").get_linestyle()[0][1]
    assert len(box.get_linestyle()[0][1]) != len(dashes)  # not by color alone
    assert artist(figure, "crosses").get_offsets().size == 0
    assert f"{LOW}: {len(points)}" in words(figure)
    assert "only low-quality matches" in words(figure)
    assert "1 of 4 objects gets only low-quality matches" in all_words(figure)
    # Nothing of the kind where there are none, or no bar.
    for other in (
        drawn_boxes(),
        image_figure([scene_of(BOXES[:1], "retinanet-mmdet")]),
    ):
        assert "low-quality" not in all_words(other).replace("0.4, low-quality", "")


def test_candidates_below_the_bar_are_hollow_too() -> None:
    figure = drawn_boxes(View(candidates=2, zoom=2), "retinanet-mmdet")
    drawn = artist(figure, "candidates low_quality_match")
    assert drawn.get_facecolors().size == 0
    assert f"low-quality match: {len(drawn.get_offsets())}" in words(figure)
    assert "106: 16 positives, only low-quality matches" in all_words(figure)


def test_the_object_that_holds_what_was_wanted_most_is_named_first() -> None:
    # The first box loses all points to three smaller ones, those near its center, which
    # alone are shown, to the second of them; but the one it wanted most to the first.
    boxes: list[Box] = [
        (100, 100, 56, 24),
        *((x, 100, 20, 24) for x in (100, 120, 136)),
    ]
    scene = scene_of(boxes, "fcos-mmdet", short_side=480, long_side=640)
    assert scene.assignment.unassigned.lost_to.tolist() == [1, -1, -1, -1]
    assert panel_of(scene, View(candidates=0)).winners == {1: 0, 2: 2}
    figure = image_figure([scene], view=View(candidates=0))
    assert "Person 100 gets no positive: lost to 103 and 106" in all_words(figure)
    assert {"103", "106: took 2 anchors"} <= set(words(figure))


def test_candidates_are_told_apart_by_what_became_of_them() -> None:
    scene = scene_of(BOXES)
    figure = drawn_boxes(View(candidates=0, zoom=0))
    assert artist(figure, "contested") is None
    tried = scene.tried(0)
    counts = tried.counts()
    assert set(counts) >= {"positive", "under_threshold", "center_outside"}
    assert sum(counts.values()) == 45
    shapes = {}
    for name, number in counts.items():
        drawn = artist(figure, f"candidates {name}")
        assert len(drawn.get_offsets()) == number
        shapes[name] = drawn.get_paths()[0].vertices.tobytes()
    # Why something is rejected the key and the cut-off say.
    assert shapes["under_threshold"] == shapes["center_outside"] != shapes["positive"]
    assert f"positive: {counts['positive']}" in words(figure)
    under, outside = counts["under_threshold"], counts["center_outside"]
    rejected = f"rejected: {under} under mean + std, {outside} center outside the box"
    assert rejected in words(figure)
    cut = scene.cut_off(0)
    assert cut == pytest.approx(float(scene.assignment.candidates.threshold[0]))
    assert f"cut-off {cut:.2f} = mean + std" in words(figure)
    is_under = np.array(tried.outcome) == "under_threshold"
    assert tried.iou[is_under].max() < cut
    drawn = artist(figure, "IoU positive", panel=1).get_offsets()[:, 0]
    is_positive = np.array(tried.outcome) == "positive"
    np.testing.assert_allclose(np.sort(drawn), np.sort(tried.iou[is_positive]))
    said = all_words(figure)
    assert "Person 100 gets 9 positives" in said
    assert "beyond the picture" in said
    assert len(artist(figure, "with positives").get_segments()) == 1
    assert artist(figure, "positives P3") is None


SIZES = "picture is 64 x 48, the annotations say 640 x 480"


@pytest.mark.parametrize(
    ("picture", "said"),
    [
        (Picture(None, problem="no images folder named"), "no images folder named"),
        (Picture(None), "Blank canvas: no picture."),
        (Picture(PIXELS, (48, 64), SIZES), f"The {SIZES}; drawn to fit."),
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
    scene = built(document, masks=True)
    masks = place_masks(scene)
    # The mask is the left half of each box: of 9 points in a 3 x 3 block, what is left.
    assert masks.is_usable.all()
    middles = scene.frame.gt_boxes[scene.assignment.gt][:, [0, 2]].mean(axis=1)
    assert masks.num_on_mask.sum() == (scene.points[:, 0] < middles).sum()
    figure = image_figure([scene], view=View(has_masks=True), masks=[masks])
    assert len(figure.axes[0].images) == 1
    assert "On their object's mask: " in all_words(figure)
    off = artist(figure, "off mask").get_offsets()
    np.testing.assert_array_equal(
        np.sort(off[:, 0]), np.sort(scene.points[masks.is_off_mask][:, 0])
    )
    assert len(off) == len(scene.points) - masks.num_on_mask.sum() > 0
    assert f"off its object's mask: {len(off)}" in words(figure)
    assert "of the points miss their object's mask" in all_words(figure)
    assert_legible(figure)


HOSTILE = ("$x$ <b>&amp;</b>", "w" * 300, "שלום\nעולם \x1b[31m", "\u202eabc 自転車")


def test_title_and_label_name_who_has_no_positive_and_why() -> None:
    figure = drawn_boxes()
    said = all_words(figure)
    assert said.index("1 of 4 objects gets no positive") < said.index(
        "Image 42, 42.jpg"
    )
    assert "106: no anchor center inside" in words(figure)
    assert "640 x 480 pixels, 1067 x 800 after resizing" in said
    assert "Labels: class and number of positives, or annotation id and cause." in said
    boxes = [(101, 101, 4, 4), (96, 96, 9, 9), (96, 96, 9, 9), (105, 105, 4, 4)]
    said = all_words(image_figure([scene_of(boxes)]))
    causes = "1 no anchor center inside, 1 lost to other objects"
    assert "2 of 4 objects get no positive" in said
    assert f"Without a positive: {causes}." in said
    # The note explains the labels there are.
    without, some = (image_figure([scene_of(BOXES[n : n + 1])]) for n in (2, 0))
    assert "Labels: annotation id and cause." in all_words(without)
    assert "Labels: class and number of positives." in all_words(some)


def test_hostile_names_are_shown_as_they_are() -> None:
    document = coco({42: BOXES})
    for category, name in zip(document["categories"], HOSTILE, strict=False):
        category["name"] = name
    document["images"][0]["file_name"] = HOSTILE[2] + "y" * 300
    scenes = [built(document)] * 3
    figure = image_figure(scenes, view=View(labels="all"), titles=HOSTILE[:3])
    assert_legible(figure)
    figure = image_figure(scenes[:1], view=View(labels="all"))
    assert "$x$ <b>&amp;</b>: 9" in words(figure)
    encode_figure(figure, "svg", dpi=50)
    assert_legible(image_figure(scenes[:1], view=View(candidates=1, zoom=1)))


def test_an_image_left_out_is_drawn_and_said() -> None:
    scene = scene_of([], data__drop_images="unannotated")
    figure = image_figure([scene], picture=PICTURE)
    said = all_words(figure)
    assert "Left out by the data rules: the image has no annotation" in said
    assert len(figure.axes[0].images) == 1


def test_points_that_several_anchors_share_are_said() -> None:
    said = "p to 9 positive anchors of a level share a point."
    both = "atss-mmdet", "retinanet-mmdet"
    assert f"U{said}" in all_words(drawn_boxes(View(), "retinanet-mmdet"))
    assert f"Of retinanet-mmdet, u{said}" in all_words(drawn_boxes(View(), *both))
    assert "share a point" not in all_words(drawn_boxes())


NAMES = ("atss-mmdet", "retinanet-mmdet", "fcos-mmdet")
VIEWS = [
    View(),
    View(labels="all", has_contested=True, has_anchors=True),
    View(by_level=True),
    View(zoom=3, labels="all"),
    View(levels=("P4",)),
]
# Candidates of an object with positives, and of one without.
CANDIDATES = [View(candidates=0, zoom=0), View(candidates=2, zoom=2)]


@pytest.mark.parametrize(
    ("view", "name"),
    [
        *((view, "atss-mmdet") for view in VIEWS),
        *((view, name) for view in CANDIDATES for name in NAMES),
    ],
)
def test_every_view_is_legible(view: View, name: str) -> None:
    assert_legible(drawn_boxes(view, name))


@pytest.mark.parametrize("boxes", [[], [(10, 10, 50, 50)], [(101, 101, 4, 4)]])
@pytest.mark.parametrize("name", NAMES)
def test_no_object_one_object_and_one_without_a_positive(boxes: Any, name: str) -> None:
    view = View(has_contested=True, has_anchors=True)
    scene = scene_of(boxes, name)
    scenes = [scene, scene] if name == "retinanet-mmdet" else [scene]
    assert_legible(image_figure(scenes, picture=PICTURE, view=view))
    if not boxes:
        kept = scene_of(boxes, name, data__drop_images="never")
        assert "No objects Image 42, 42.jpg" in all_words(image_figure([kept]))


def test_a_gallery_is_cropped_to_what_is_poorly_assigned() -> None:
    scenes = each_image(coco({1: BOXES, 2: BOXES[:1]}))
    figure = gallery_figure(scenes, [PICTURE, PICTURE])
    cropped, whole = (np.ptp(axes.get_xlim()) for axes in figure.axes)
    assert cropped == pytest.approx(1067 / 4)
    assert whole == 1067
    x1, y1, x2, y2 = shown(figure)
    box = scenes[0].frame.gt_boxes[2]
    assert x1 < box[0] < box[2] < x2
    assert y1 < box[1] < box[3] < y2
    assert len(artist(figure, "faded").get_segments()) == 3


def test_a_gallery_shows_every_object_that_it_counts() -> None:
    # Both between two points, in opposite corners.
    [scene] = each_image(coco({1: [(5, 5, 4, 4), (629, 469, 4, 4)]}))
    figure = gallery_figure([scene], [PICTURE])
    assert "2 of 2 objects get no positive" in words(figure)
    x1, y1, x2, y2 = shown(figure)
    boxes = scene.frame.gt_boxes
    assert len(boxes) == 2
    assert (boxes[:, :2] >= (x1, y1)).all()
    assert (boxes[:, 2:] <= (x2, y2)).all()


def test_counts_have_thousands_separators_and_levels_may_hold_nothing() -> None:
    scene = scene_of([(101, 101, 4, 4)] * 1200)
    assert next(outcomes(scene)).startswith("1,200 of 1,200 objects get no positive")
    figure = image_figure([scene_of(BOXES[2:3])], view=View(by_level=True))
    assert figure.texts[0].get_text() == "No positive on any level"


@pytest.mark.parametrize("number", [1, 3, pytest.param(40, marks=pytest.mark.slow)])
def test_a_gallery_has_a_titled_picture_for_each_image(number: int) -> None:
    boxes: list[Box] = [(101, 101, 4, 4), (10, 10, 90, 90)]
    document = coco({row: boxes[: row % 3] for row in range(number)})
    missing = PICTURE._replace(pixels=None, problem="picture not found")
    pictures = [PICTURE, *[missing] * (number - 1)]
    figure = gallery_figure(each_image(document), pictures, order="as in the file")
    assert len(figure.axes) == number
    assert_legible(figure)
    said = all_words(figure)
    assert (
        f"of {sum(row % 3 for row in range(number))} objects get" in said or number < 3
    )
    if number > 2:
        assert "no objects" in words(figure)
        assert "1 of 2" in words(figure)
        assert f"{number - 1} pictures missing" in said
    # Ids of any length fit.
    scenes = each_image(coco({"i" * 300: BOXES, "j" * 300: []}))
    assert_legible(gallery_figure(scenes, [PICTURE, PICTURE]))
