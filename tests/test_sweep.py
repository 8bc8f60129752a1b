"""Sweeps: what is swept, that every row is what `stats` gives, and what is chosen."""

from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.errors import SettingsError
from atss_inspect.presets import preset_names
from atss_inspect.readers import load_coco
from atss_inspect.settings import preset, resolve
from atss_inspect.statistics import sweep
from atss_inspect.statistics.run import summarize
from atss_inspect.statistics.summary import SIZE_BINS, Group, Selection, Summary
from atss_inspect.statistics.sweep import choose, expand, parse_axes, parse_axis
from tests.random_coco import random_dataset
from tests.test_summary import assert_equal
from tests.tiny_coco import Box, coco_image

ATSS = ("atss-mmdet", "atss-official", "atss-official-9a", "atss-mmdet-glip")

# Whatever a preset has can be swept; here is one sweep of every setting there is.
SWEEPS_OF = {
    "atss-mmdet": (
        *("k=1:21:4,9", "k_per_anchor=true,false", "threshold_test=>=,>"),
        *("std_ddof=0,1", "center_margin=0:0.02:0.01", "contest=claimants,all"),
        *("plus_one=true,false", "min_union=0,1e-6", "strides=[8,16,32,64,128],[8,12]"),
        *("style=mmdetection,detectron2,torchvision,official", "scale=4:10:3"),
        "resize.rule=mmdetection,detectron2,torchvision,letterbox",
        *("long_side=400:800:200", "size=[320,320],[640,480]", "pad_divisor=1,32,128"),
        *("pad_to=[],[800,1344]", "classes=[],[class 1]", "drop_crowd=true,false"),
        *("drop_ignored=true,false", "corners=continuous,inclusive"),
        *("corner_dtype=float32,float64", "clip=original,input,never"),
        *("drop_outside=true,false", "min_box_side=1:8:3.5", "min_input_side=0,8"),
        *("drop_images=never,unannotated,only_crowd,only_thin", "min_image_side=0,32"),
        "assigner=atss,iou_threshold,fcos",
    ),
    "atss-official": ("topk=3:19:2",),
    "atss-official-9a": ("k=2,1,5",),
    "retinanet-mmdet": (
        *("positive_from=0.4:0.7:0.1", "neg_iou_thr=0.1:0.5:0.2"),
        *("allow_low_quality=true,false", "low_quality_owner=claimer,own_best"),
        *("scales_per_octave=1:3", "ratios=[1],[0.5,1,2]"),
    ),
    "rpn-mmdet": ("low_quality_floor=0:0.6:0.3",),
    "fcos-mmdet": (
        *("radius=0:1.5:0.75", "area=smallest,1e8_minus"),
        "scale_ranges=[],[[-1,32],[32,64],[64,128],[128,256],[256,1e8]]",
        "offset=0:0.5:0.25",
    ),
    "fcos-mmdet-center": (*("range_ends=open,closed", "center_test=box,distance"),),
    "retinanet-torchvision": ("grid=nominal,padded",),
}
SWEEPS = [(name, text) for name, texts in SWEEPS_OF.items() for text in texts]


@pytest.fixture
def drawn() -> Dataset:
    return random_dataset(11)


def settings_of(name: str, axis: sweep.Axis):
    """Settings as `stats --set` resolves them, one per value."""
    return [
        resolve(name, overrides={axis.path: value}).settings for value in axis.values
    ]


def rows_that_each_gives_alone(dataset, settings, *, selection=Selection(), **words):  # noqa: B008 - immutable
    """Summaries of conventions together; each must be what it is alone."""
    rows = summarize(dataset, settings, selection=selection, **words)
    for row, each in zip(rows, settings, strict=True):
        assert_equal(row, summarize(dataset, each, selection=selection)[0])
    return rows


@pytest.mark.parametrize(("name", "text"), SWEEPS, ids=lambda one: one[:24])
def test_every_row_is_what_the_settings_give_alone(drawn, name, text):
    axis = parse_axis(text)
    alone = settings_of(name, axis)
    points = expand(preset(name), [axis], fixed=["resize.long_side"])
    assert [point.settings for point in points] == alone
    rows_that_each_gives_alone(drawn, alone)


def test_the_sweeps_above_leave_no_setting_out():
    swept = {parse_axis(text).path for _, text in SWEEPS}
    known = {path for name in preset_names() for path in preset(name).values()}
    assert known - swept == {"resize.short_side"}  # the long side follows: below


@pytest.mark.parametrize("name", ATSS)
def test_objects_whose_candidates_are_all_alike_are_counted_as_alone(name):
    # One level, and boxes that lie within every anchor near them.
    rng = np.random.default_rng(5)
    boxes = [
        (*rng.integers(100, 700, 2).tolist(), 3 + number % 5, 4)
        for number in range(200)
    ]
    dots = scene(*boxes)
    ks = range(1, 12)
    one = {"strides": (8,), "scale": 12, "ratios": (1.0,), "scales_per_octave": 1}
    alone = [preset(name, k=k, **one) for k in ks]
    rows = rows_that_each_gives_alone(dots, alone)
    assert len({row.num_positives for row in rows}) > 1


def test_a_grid_has_a_row_for_every_combination(drawn):
    axes = parse_axes(["k=3,9,5", "scale=4,8", "short_side=480,800"])
    points = expand(preset(), axes)
    first = [("3", "4", "480"), ("3", "4", "800"), ("3", "8", "480")]
    assert [point.labels for point in points[:3]] == first
    assert len(points) == 12
    assert points[0].followers == {"resize.long_side": 800}  # 1333 * 480 / 800 = 799.8
    each = [point.settings for point in points]
    assert each[0] == preset(k=3, scale=4.0, short_side=480, long_side=800)
    rows_that_each_gives_alone(drawn, each)


OTHERS = ("contest=claimants,all", "plus_one=true,false", "ratios=[1],[0.5,2]")


@pytest.mark.parametrize("other", [*OTHERS, "pad_to=[],[1600,1600]"])
def test_k_beside_another_setting_is_what_both_give_alone(other):
    crowd = [(100.0 + 7 * n, 100.0 + 5 * n, 60.0 + n, 40.0 + 3 * n) for n in range(30)]
    dataset = scene(*crowd)
    points = expand(preset(), parse_axes(["k=3,9,12", other]))
    each = [point.settings for point in points]
    rows = rows_that_each_gives_alone(dataset, each)
    assert len({(row.iou_units, row.num_anchors) for row in rows}) == len(rows)


def test_other_processes_and_selections_give_the_same(drawn):
    each = [preset(k=k) for k in (3, 9)] + [preset("fcos-mmdet")]
    some = Selection(classes=("class 1",), sizes=("tiny", "medium"))
    done = []
    with ThreadPoolExecutor(2) as pool:
        words = {"executor": pool, "on_chunk": done.append}
        rows_that_each_gives_alone(drawn, each, selection=some, **words)
    assert sum(done) == drawn.num_images


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("k=3:19:2", (3, 5, 7, 9, 11, 13, 15, 17, 19)),
        ("k=3:6", (3, 4, 5, 6)),
        ("TopK=9,3:5,4", (9, 3, 4, 5)),
        ("k=3:8:2", (3, 5, 7)),
        ("positive_from=0.4:0.7:0.05", (0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7)),
        ("positive_from=0.1:0.3:0.1", (0.1, 0.2, 0.3)),
        ("scale=4:6", (4.0, 5.0, 6.0)),
        ("min_union=1e-6", (1e-6,)),
        ("levels=P2-P4,p3", ((4, 8, 16), (8,))),
        ("strides=[8, 16],[4,8]", ((8, 16), (4, 8))),
        ("anchors.ratios=[1],[0.5,1,2]", ((1.0,), (0.5, 1.0, 2.0))),
        ("plus-one=true,false", (True, False)),
    ],
)
def test_values_are_numbers_ranges_lists_and_words(text, values):
    axis = parse_axis(text)
    assert axis.values == values
    assert [type(value) for value in axis.values] == [type(value) for value in values]


def test_labels_are_as_short_as_people_write_them():
    assert parse_axis("scale=4,4.5").labels == ("4", "4.5")
    assert parse_axis("levels=p3-p5").labels == ("P3-P5",)
    assert parse_axis("ratios=[0.5,1]").labels == ("[0.5, 1]",)
    assert parse_axis("contest=all").labels == ("all",)


@pytest.mark.parametrize(
    "told",
    [
        "fcos-mmdet k=3: assigner.k: not a parameter of fcos-mmdet (fcos), only of the "
        "assigner atss",
        "retinanet-mmdet positive_from=0.3,0.5: assigner.positive_from: expected "
        "negative_below at most positive_from, got 0.4 and 0.3",
    ],
)
def test_values_that_the_preset_cannot_have_are_named(told):
    asked, _, message = told.partition(": ")
    name, text = asked.split()
    with pytest.raises(SettingsError) as caught:
        expand(preset(name), parse_axes([text]))
    assert str(caught.value) == f"sweep: {message}"


def test_the_long_side_follows_unless_something_else_decides_it():
    axes = parse_axes(["short_side=400,1000"])
    follow = [point.settings.resize.long_side for point in expand(preset(), axes)]
    assert follow == [667, 1666]  # 666.5 and 1666.25
    fixed = expand(preset(), axes, fixed=["resize.long_side"])
    assert [point.followers for point in fixed] == [{}, {}]
    both = expand(preset(), parse_axes(["short_side=400", "long_side=900"]))
    assert both[0].settings.resize.long_side == 900
    letterbox = expand(preset(rule="letterbox"), axes)
    assert [point.followers for point in letterbox] == [{}, {}]


def scene(*boxes: Box) -> Dataset:
    """One image of 800 x 800 px with some boxes, which is not resized."""
    return load_coco(coco_image(*boxes))


def chosen(dataset: Dataset, name: str, *texts: str, **overrides: object):
    base, axes = preset(name, **overrides), parse_axes(texts)
    points = expand(base, axes)
    rows = summarize(dataset, [point.settings for point in points])
    place = choose(base, axes, points, rows)
    return None if place is None else points[place].labels, rows


# Anchors of 64 px at (0, 0), (8, 0), ...: a 3 px box between them holds no center.
NEVER = [(100.0 + 16 * n + 2, 203.0, 3.0, 3.0) for n in range(20)]


def test_where_nothing_matters_the_one_nearest_to_the_preset_is_chosen():
    label, rows = chosen(scene(*NEVER), "atss-mmdet", "k=3:19:2")
    assert [row.num_unassigned for row in rows] == [20] * 9
    assert label == ("9",)
    for texts, label in (
        (["k=15,19,11"], ("11",)),
        (["scale=4,10,7"], ("7",)),
        (["scale=4,8", "k=5,9,11"], ("8", "9")),
    ):
        assert chosen(scene(*NEVER), "atss-mmdet", *texts)[0] == label


# One candidate has no deviation and is never positive: with one level k = 1 starves
# all. With two, the farther one may be the better, but some is above mean + std only
# from three on: of two IoUs a < b, (a + b) / 2 + (b - a) / sqrt(2) exceeds b.
FED_FROM_3 = [(96.0 + 160 * n - 32, 368.0, 64.0, 64.0) for n in range(4)]


def test_where_k_matters_up_to_a_value_that_one_is_chosen():
    one_level = {"strides": (8,), "scale": 8.0}
    label, rows = chosen(scene(*FED_FROM_3), "atss-mmdet", "k=1:5", **one_level)
    assert [row.num_unassigned for row in rows] == [4, 4, 0, 0, 0]
    assert [row.gini for row in rows[2:]] == [0, 0, 0]
    assert label == ("3",)


def is_enough(row: Summary, larger: list[Summary]) -> bool:
    """The rule in other words: exact, group by group."""
    for other in larger:
        pairs = [(row.every_object, other.every_object)]
        pairs += [(row.of_sizes(size), other.of_sizes(size)) for size in SIZE_BINS]
        for one, two in pairs:
            if one.num_objects:
                fed = Fraction(one.num_unassigned - two.num_unassigned, one.num_objects)
                if fed > sweep.SHARE_TOLERANCE:
                    return False
        if row.gini - other.gini > sweep.GINI_TOLERANCE:
            return False
    return True


@pytest.mark.parametrize("seed", range(4))
def test_the_k_chosen_is_the_smallest_good_one_that_no_larger_improves_on(seed):
    label, rows = chosen(random_dataset(seed), "atss-mmdet", "k=1:21:4")
    most = min(row.num_unassigned for row in rows)
    most += sweep.SHARE_TOLERANCE * rows[0].num_objects
    pairs = ((1 + 4 * place, row) for place, row in enumerate(rows))
    good = [(k, row) for k, row in pairs if row.num_unassigned <= most]
    larger = {k: [row for other, row in good if other > k] for k, _ in good}
    assert label == (str(next(k for k, row in good if is_enough(row, larger[k]))),)


def test_a_k_that_starves_more_is_not_chosen_for_what_else_it_improves():
    none = Group(0, 0, 0)

    def row(num_unassigned: int, gini: float) -> SimpleNamespace:
        every = Group(1000, 0, num_unassigned)
        groups = {"every_object": every, "of_sizes": lambda _size: none}
        return SimpleNamespace(**every._asdict(), gini=gini, **groups)

    axes = parse_axes(["k=3,9,15"])
    points = expand(preset("atss-mmdet"), axes)
    rows = [row(10, 0.5), row(11, 0.4), row(12, 0.1)]
    assert sweep.leaving_few([0, 1, 2], rows) == [0, 1]
    assert choose(preset("atss-mmdet"), axes, points, rows) == 1


def test_of_other_settings_the_one_that_starves_fewest_is_chosen():
    dots = scene(*NEVER)
    label, rows = chosen(dots, "atss-mmdet", "levels=P3-P7,P2-P6,P4-P7")
    counts = [row.num_unassigned for row in rows]
    assert counts[1] == min(counts) < counts[0]
    assert label == ("P2-P6",)


def test_without_objects_nothing_is_chosen():
    for text in ("k=3,9", "scale=3,9"):
        assert chosen(scene(), "atss-mmdet", text)[0] is None


def test_only_k_alone_asks_for_the_smallest():
    assert sweep.is_over_k(parse_axes(["topk=3,5"]))
    assert not sweep.is_over_k(parse_axes(["k=3,5", "scale=4"]))


REAL_SWEEPS = {
    "atss-mmdet": "k=3:19:2",
    "atss-official": "k=3:19:8",
    "atss-official-9a": "k=1,2",
    "retinanet-mmdet": "short_side=480,800",
    "fcos-mmdet": "radius=0,1.5",
}


@pytest.mark.slow
@pytest.mark.parametrize(("name", "text"), REAL_SWEEPS.items())
def test_rows_on_real_files_are_what_the_settings_give_alone(real_data, name, text):
    file = real_data / "data" / "coco-val2017" / "instances_val2017_int.json"
    dataset = load_coco(file)
    points = expand(preset(name), parse_axes([text]))
    each = [point.settings for point in points]
    rows_that_each_gives_alone(dataset, each)
