"""`image_figure` and `gallery_figure`: points, boxes, labels and words read back."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure

from atss_inspect import load_coco, preset
from atss_inspect.figures.image import View, gallery_figure, image_figure
from atss_inspect.figures.image.colors import object_colors, palette
from atss_inspect.figures.image.labels import place_labels
from atss_inspect.figures.image.marks import LEVEL_MARKERS, outlines
from atss_inspect.figures.image.view import Panel, positives_on, window_of
from atss_inspect.figures.theme import DEFAULT_THEME, THEMES
from atss_inspect.readers.pixels import Picture
from atss_inspect.scene import Scene, build_scene
from atss_inspect.scene_masks import place_masks
from atss_inspect.writers import encode_figure
from tests.figure_checks import assert_legible, visible_texts
from tests.tiny_coco import Box, coco

PIXELS = np.full((48, 64, 3), 120, dtype=np.uint8)
PICTURE = Picture(PIXELS, (480, 640))
# Two that meet, one between the points 168 and 176 (168.4 to 175.1), one large.
BOXES: list[Box] = [
    (30, 40, 60, 60),
    (50, 50, 60, 60),
    (101, 101, 4, 4),
    (200, 100, 400, 300),
]
HOSTILE = ("$x$ <b>&amp;</b>", "w" * 300, "שלום\nעולם \x1b[31m", "\u202eabc 自転車")


def scene_of(boxes: Any, name: str = "atss-mmdet", **overrides: Any) -> Scene:
    return build_scene(load_coco(coco({42: boxes})), preset(name, **overrides))


def artist(figure: Figure, label: str, panel: int = 0) -> Any:
    """Find what was drawn under a name; None if nothing was."""
    found = [one for one in figure.axes[panel].collections if one.get_label() == label]
    return found[0] if found else None


def words(figure: Figure) -> list[str]:
    return [text for text, _, _ in visible_texts(figure)]


def all_words(figure: Figure) -> str:
    return " ".join(" ".join(words(figure)).split())


def panel_of(scene: Scene) -> Panel:
    """The whole image in one panel."""
    levels = tuple(range(5))
    rows = positives_on(scene, levels)
    return Panel(scene, levels, window_of(scene, View(), rows), "", rows)


def crowd(number: int) -> list[Box]:
    places = np.random.default_rng(5).integers(0, 600, (number, 2))
    sides = np.random.default_rng(6).integers(4, 60, (number, 2))
    return [
        (float(x), float(y) * 0.75, float(w), float(h))
        for (x, y), (w, h) in zip(places, sides, strict=True)
    ]


def test_each_level_has_its_marker_and_each_point_the_color_of_its_object() -> None:
    scene = scene_of(BOXES)
    figure = image_figure([scene], picture=PICTURE)
    colors = object_colors(scene.image.xywh, DEFAULT_THEME)
    num_points = 0
    markers = set()
    for level, name in enumerate(("P3", "P4", "P5", "P6", "P7")):
        drawn = artist(figure, f"positives {name}")
        rows = np.flatnonzero(scene.assignment.level == level)
        if drawn is None:
            assert not len(rows)
            continue
        assert isinstance(drawn, PathCollection)
        np.testing.assert_array_equal(drawn.get_offsets(), scene.points[rows])
        expected = [colors[gt] for gt in scene.assignment.gt[rows]]
        assert [to_hex(color) for color in drawn.get_facecolors()] == expected
        markers.add(drawn.get_paths()[0].vertices.tobytes())
        num_points += len(rows)
    assert num_points == scene.assignment.num_positives
    assert len(markers) > 1
    assert len(set(LEVEL_MARKERS[:5])) == 5


def test_signs_grow_with_the_level() -> None:
    figure = image_figure([scene_of([*BOXES, (0, 0, 640, 480)])])
    sizes = [
        one.get_sizes()[0]
        for name in ("P3", "P4", "P5", "P6", "P7")
        if (one := artist(figure, f"positives {name}")) is not None
    ]
    assert len(sizes) > 2
    assert (np.diff(sizes) > 0).all()


def test_starved_objects_are_dashed_thick_crossed_and_in_their_own_color() -> None:
    scene = scene_of(BOXES)
    figure = image_figure([scene])
    starved, fed = artist(figure, "starved"), artist(figure, "fed")
    assert isinstance(starved, LineCollection)
    np.testing.assert_allclose(
        starved.get_segments(), outlines(scene.frame.gt_boxes[[2]])
    )
    assert to_hex(starved.get_color()[0]) == DEFAULT_THEME.starved
    assert starved.get_linestyle()[0][1] is not None
    assert fed.get_linestyle()[0][1] is None
    assert starved.get_linewidth()[0] > fed.get_linewidth()[0]
    assert len(fed.get_segments()) == 3
    crosses = artist(figure, "starved crosses").get_offsets()
    np.testing.assert_allclose(
        crosses, scene.frame.gt_boxes[[2]].reshape(2, 2).mean(0)[None]
    )


def test_title_and_label_name_the_starved_object_and_its_cause() -> None:
    figure = image_figure([scene_of(BOXES)], picture=PICTURE)
    said = all_words(figure)
    assert (
        "Image 42, 42.jpg: 4 objects, 1 without a positive (no anchor center inside)"
    ) in said
    assert "106: no anchor center inside" in words(figure)
    assert "640 x 480 pixels, 1067 x 800 after resizing" in said


def test_several_causes_are_counted_in_the_title() -> None:
    boxes = [(101, 101, 4, 4), (96, 96, 9, 9), (96, 96, 9, 9), (105, 105, 4, 4)]
    scene = scene_of(boxes)
    causes = {cause for cause in scene.causes if cause}
    said = all_words(image_figure([scene]))
    if len(causes) > 1:
        assert "1 lost to other objects" in said
    assert "without a positive" in said


def test_axes_show_the_input_image_with_y_downward() -> None:
    [axes] = image_figure([scene_of(BOXES)], picture=PICTURE).axes
    assert axes.get_xlim() == (0, 1067)
    assert axes.get_ylim() == (800, 0)
    [picture] = axes.images
    assert picture.get_extent() == [0, 1067, 800, 0]
    box = axes.get_window_extent()
    assert box.height / box.width == pytest.approx(800 / 1067, rel=1e-6)


def test_points_in_the_padding_are_shown_too() -> None:
    # A box without overlap claims every anchor, those in the padding too.
    scene = scene_of([(0, 0, 640, 480), (2, 2, 1, 1)], "retinanet-mmdet")
    [axes] = image_figure([scene]).axes
    assert axes.get_xlim()[0] <= min(0, scene.points[:, 0].min())
    assert axes.get_xlim()[1] >= max(1067, scene.points[:, 0].max())


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


def test_contested_positives_are_ringed_on_request() -> None:
    scene = scene_of(BOXES, "fcos-mmdet")
    assert scene.is_contested.any()
    assert artist(image_figure([scene]), "contested") is None
    figure = image_figure([scene], view=View(has_contested=True))
    rings = artist(figure, "contested").get_offsets()
    np.testing.assert_array_equal(rings, scene.points[scene.is_contested])
    assert f"contested: {scene.is_contested.sum()}" in words(figure)


def test_anchors_are_the_boxes_of_the_positives() -> None:
    scene = scene_of(BOXES)
    figure = image_figure([scene], view=View(has_anchors=True))
    segments = artist(figure, "anchors").get_segments()
    np.testing.assert_allclose(segments, outlines(scene.anchors), rtol=1e-6)


def test_candidates_are_told_apart_by_what_became_of_them() -> None:
    scene = scene_of(BOXES)
    view = View(candidates=0, zoom=0)
    figure = image_figure([scene], view=view)
    counts = scene.tried(0).counts()
    assert set(counts) >= {"positive", "under_threshold", "center_outside"}
    assert sum(counts.values()) == 45
    shapes = set()
    for name, number in counts.items():
        drawn = artist(figure, f"candidates {name}")
        assert len(drawn.get_offsets()) == number
        shapes.add(drawn.get_paths()[0].vertices.tobytes())
    assert len(shapes) == len(counts)
    assert f"positive: {counts['positive']}" in words(figure)
    said = all_words(figure)
    assert "Candidates of annotation 100, person It gets 9 positives" in said
    assert "beyond the picture" in said
    assert len(artist(figure, "fed").get_segments()) == 1
    assert artist(figure, "positives P3") is None


def test_only_some_levels() -> None:
    scene = scene_of(BOXES)
    figure = image_figure([scene], view=View(levels=("P4",)))
    labels = {one.get_label() for one in figure.axes[0].collections}
    assert "positives P3" not in labels
    assert "positives P4" in labels
    assert "Only P4" in all_words(figure)
    # Starved is who has nothing on any level.
    assert len(artist(figure, "starved").get_segments()) == 1


def test_a_panel_for_each_level() -> None:
    scene = scene_of(BOXES)
    figure = image_figure([scene], view=View(by_level=True))
    assert len(figure.axes) == 5
    for level, number in enumerate(scene.level_counts()):
        drawn = artist(figure, f"positives P{level + 3}", panel=level)
        assert (0 if drawn is None else len(drawn.get_offsets())) == number
        assert f"P{level + 3}, stride {8 << level}" in words(figure)


def test_presets_stand_side_by_side_and_objects_keep_their_color() -> None:
    scenes = [scene_of(BOXES, name) for name in ("atss-mmdet", "retinanet-mmdet")]
    figure = image_figure(scenes, picture=PICTURE)
    left, right = (axes.get_position() for axes in figure.axes)
    assert left.y0 == right.y0
    assert left.x1 < right.x0
    assert {"atss-mmdet", "retinanet-mmdet"} <= set(words(figure))
    assert any(text.startswith("1 of 4 without; P") for text in words(figure))
    colors = [
        dict(
            zip(
                map(tuple, np.round(np.array(one.get_segments())[:, 0], 2).tolist()),
                map(to_hex, one.get_color()),
                strict=True,
            )
        )
        for one in (artist(figure, "fed", 0), artist(figure, "fed", 1))
    ]
    assert all(colors[1][place] == color for place, color in colors[0].items())


@pytest.mark.parametrize("num_panels", [2, 3])
def test_words_above_panels_are_folded_and_nothing_is_cut_off(num_panels: int) -> None:
    # Objects for every level; tall images stand three in a row, in little room.
    document = coco(
        {42: [*crowd(9), (0, 0, 470, 470), (5, 5, 300, 300), (9, 9, 150, 150)]}
    )
    if num_panels == 3:
        document["images"][0] |= {"width": 480, "height": 640}
    scene = build_scene(load_coco(document), preset("fcos-mmdet"))
    counts = scene.level_counts().tolist()
    assert all(counts)
    figure = image_figure([scene] * num_panels, view=View(labels="none"))
    starved = int(scene.is_unassigned.sum())
    levels = ", ".join(f"P{3 + row} {number}" for row, number in enumerate(counts))
    expected = f"{starved} of {scene.num_gt} without; {levels}"
    said = words(figure)
    assert all_words(figure).count(expected) == num_panels
    assert expected not in said
    starts = [text for text in said if text.startswith(f"{starved} of")]
    assert len(starts) == num_panels
    assert all(text[-1] in ",;" for text in starts), starts
    assert_legible(figure)
    above = max(axes.get_position().y1 for axes in figure.axes[:num_panels])
    last = f"P7 {counts[-1]}"
    lowest = [
        text.get_window_extent().y0 / figure.bbox.height
        for text in figure.texts
        if text.get_text().endswith(last)
    ]
    assert len(lowest) == num_panels
    assert min(lowest) > above


def test_flat_images_stand_below_one_another() -> None:
    document = coco({1: [(0, 0, 99, 99)]})
    document["images"][0]["width"] = 4000
    dataset = load_coco(document)
    scenes = [
        build_scene(dataset, preset(name)) for name in ("atss-mmdet", "fcos-mmdet")
    ]
    first, second = (axes.get_position() for axes in image_figure(scenes).axes)
    assert first.x0 == second.x0
    assert first.y0 > second.y1


def test_a_close_up_shows_the_object_and_its_surroundings() -> None:
    scene = scene_of(BOXES)
    figure = image_figure([scene], view=View(zoom=2))
    x1, x2 = figure.axes[0].get_xlim()
    y2, y1 = figure.axes[0].get_ylim()
    box = scene.frame.gt_boxes[2]
    assert x1 < box[0] < box[2] < x2
    assert y1 < box[1] < box[3] < y2
    assert (x2 - x1) < 300
    assert x1 >= 0
    assert "Close-up of annotation 106" in all_words(figure)


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


@pytest.mark.parametrize(
    ("boxes", "said"),
    [
        (BOXES, "Labels: class and number of positives, or annotation id and cause."),
        (BOXES[2:3], "Labels: annotation id and cause."),
        (BOXES[:1], "Labels: class and number of positives."),
    ],
)
def test_the_note_explains_the_labels_there_are(boxes: list[Box], said: str) -> None:
    assert said in all_words(image_figure([scene_of(boxes)]))


def test_the_commonest_cause_of_many_starved_objects_is_said_once() -> None:
    # Rows between two points, 24 pixels (40 after resizing) apart.
    scene = scene_of([(101, 53 + 24 * row, 4, 4) for row in range(12)])
    assert scene.causes == ["no_center_inside"] * 12
    figure = image_figure([scene])
    written = {text.get_text() for text in figure.axes[0].texts}
    assert written <= {str(ann_id) for ann_id in scene.annotation_ids}
    assert "An id alone: no anchor center inside." in all_words(figure)
    assert_legible(figure)


@pytest.mark.parametrize(
    "view",
    [
        View(),
        View(labels="all", has_contested=True, has_anchors=True),
        View(by_level=True),
        View(candidates=0, zoom=0),
        View(candidates=2),
        View(zoom=3, labels="all"),
        View(levels=("P3", "P7")),
    ],
)
def test_every_view_is_legible(view: View) -> None:
    theme = THEMES["dark"]
    assert_legible(
        image_figure([scene_of(BOXES)], picture=PICTURE, view=view, theme=theme)
    )


@pytest.mark.parametrize("name", ["retinanet-mmdet", "fcos-mmdet"])
def test_candidates_of_other_rules_are_legible(name: str) -> None:
    for row in (0, 2):  # fed and starved
        view = View(candidates=row, zoom=row)
        assert_legible(image_figure([scene_of(BOXES, name)], view=view))


def test_hostile_names_are_shown_as_they_are() -> None:
    document = coco({42: BOXES})
    for category, name in zip(document["categories"], HOSTILE, strict=False):
        category["name"] = name
    document["images"][0]["file_name"] = HOSTILE[2] + "y" * 300
    dataset = load_coco(document)
    scenes = [build_scene(dataset, preset())] * 3
    for view in (View(labels="all"), View(candidates=1, zoom=1)):
        figure = image_figure(scenes, view=view, titles=HOSTILE[:3])
        assert_legible(figure)
        encode_figure(figure, "svg", dpi=50)
    assert "$x$ <b>&amp;</b>: 9" in words(image_figure(scenes[:1]))


@pytest.mark.parametrize("boxes", [[], [(10, 10, 50, 50)], [(101, 101, 4, 4)]])
@pytest.mark.parametrize("name", ["atss-mmdet", "retinanet-mmdet", "fcos-mmdet"])
def test_no_object_one_object_and_a_starved_one(boxes: Any, name: str) -> None:
    view = View(has_contested=True, has_anchors=True)
    scene = scene_of(boxes, name)
    scenes = [scene] if name == "atss-mmdet" else [scene, scene]
    assert_legible(image_figure(scenes, picture=PICTURE, view=view))
    if not boxes:
        kept = scene_of(boxes, name, data__drop_images="never")
        assert "Image 42, 42.jpg: no objects" in all_words(image_figure([kept]))


def test_an_image_left_out_is_drawn_and_said() -> None:
    figure = image_figure(
        [scene_of([], data__drop_images="unannotated")], picture=PICTURE
    )
    assert "left out by the data rules: the image has no annotation" in all_words(
        figure
    )
    assert len(figure.axes[0].images) == 1


def test_objects_left_out_are_dotted_and_counted() -> None:
    document = coco({42: BOXES})
    document["annotations"][0]["iscrowd"] = 1
    scene = build_scene(load_coco(document), preset())
    figure = image_figure([scene])
    assert len(artist(figure, "left out").get_segments()) == 1
    assert "Left out by the data rules: 1 crowd." in all_words(figure)


def test_neighbors_differ_in_color_and_none_looks_starved() -> None:
    for theme in THEMES.values():
        xywh = np.array([[10 * row, 0, 9, 9] for row in range(40)], dtype=float)
        colors = object_colors(xywh, theme)
        for row in range(1, 40):
            assert colors[row] not in colors[max(row - 5, 0) : row]
        starved = np.array(to_rgb(theme.starved))
        for color in palette(theme):
            assert np.abs(np.array(to_rgb(color)) - starved).max() > 0.3
        assert object_colors(xywh[:0], theme) == []


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


def test_equal_input_gives_equal_bytes() -> None:
    def draw(file_format: str) -> bytes:
        scenes = [scene_of(BOXES, name) for name in ("atss-mmdet", "fcos-mmdet")]
        view = View(has_contested=True, labels="all")
        figure = image_figure(scenes, picture=PICTURE, view=view)
        return encode_figure(figure, file_format, dpi=80)

    for file_format in ("png", "svg"):
        assert draw(file_format) == draw(file_format)


@pytest.mark.parametrize("number", [1, 3, pytest.param(40, marks=pytest.mark.slow)])
def test_a_gallery_has_a_titled_picture_for_each_image(number: int) -> None:
    boxes: list[Box] = [(101, 101, 4, 4), (10, 10, 90, 90)]
    dataset = load_coco(coco({row: boxes[: row % 3] for row in range(number)}))
    scenes = [
        build_scene(dataset.slice_images(row, row + 1), preset())
        for row in range(number)
    ]
    pictures = [PICTURE, *[replace_problem()] * (number - 1)]
    figure = gallery_figure(scenes, pictures, order="as in the file")
    assert len(figure.axes) == number
    assert_legible(figure)
    said = all_words(figure)
    assert "without a positive" in said
    if number > 2:
        assert "no objects" in words(figure)
        assert "1 of 2" in words(figure)
        assert f"{number - 1} pictures missing" in said


def replace_problem() -> Picture:
    return PICTURE._replace(pixels=None, problem="picture not found")


def test_ids_of_any_length_fit_into_a_gallery() -> None:
    document = coco({"i" * 300: BOXES, "j" * 300: []})
    dataset = load_coco(document)
    scenes = [
        build_scene(dataset.slice_images(row, row + 1), preset()) for row in (0, 1)
    ]
    assert_legible(gallery_figure(scenes, [PICTURE, PICTURE]))


def test_a_changed_theme_leaves_the_geometry_alone() -> None:
    scene = scene_of(BOXES)
    light = image_figure([scene])
    dark = image_figure([scene], theme=replace(THEMES["dark"]))
    assert light.get_size_inches().tolist() == dark.get_size_inches().tolist()
    np.testing.assert_array_equal(
        artist(light, "fed").get_segments(), artist(dark, "fed").get_segments()
    )
