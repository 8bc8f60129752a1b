"""Sweeps: what is swept, that every row is what `stats` gives, and what is advised."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.errors import SettingsError
from atss_inspect.readers import load_coco
from atss_inspect.settings import preset, resolve
from atss_inspect.statistics import sweep
from atss_inspect.statistics.price import Price
from atss_inspect.statistics.run import summarize
from atss_inspect.statistics.summary import Selection
from atss_inspect.statistics.sweep import (
    Advice,
    Outcome,
    advise,
    expand,
    parse_axes,
    parse_axis,
)
from tests.assigning import assigning_names
from tests.drawn_summaries import drawn as drawn_positives
from tests.drawn_summaries import improved, summary_of
from tests.random_coco import random_dataset
from tests.test_summary import assert_equal
from tests.tiny_coco import Box, coco_image

# Whatever a preset has can be swept; here is one sweep of every setting there is.
SWEEPS_OF = {
    "atss-mmdet": (
        *("k=1:21:4,9", "k_per_anchor=true,false", "threshold_test=>=,>"),
        *("std_ddof=0,1", "center_margin=0:0.02:0.01", "contest=claimants,all"),
        *("plus_one=true,false", "min_union=0,1e-6", "strides=[8,16,32,64,128],[8,12]"),
        *("style=mmdetection,detectron2,torchvision,official", "scale=4:10:3"),
        "resize.rule=mmdetection,truncated,detectron2,torchvision,letterbox,none",
        *("unknown_category=train,skip,error", "drop_emptied=false,true"),
        *("long_side=400:800:200", "size=[320,320],[640,480]", "pad_divisor=1,32,128"),
        *("pad_to=[],[800,1344]", "classes=[],[class 1]", "drop_crowd=true,false"),
        *("drop_ignored=true,false", "corners=continuous,inclusive,minus_one,voc"),
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
        *("scales=[],[2,4],[3]", "ratio_pairs=[],[[1,1],[1.4,0.7]]"),
        "sizes=[],[[32,64]],[[16],[32],[64,80],[128],[256]]",
        "base_sizes=[],[8,20,40,80,160]",
    ),
    "rpn-mmdet": (
        *("low_quality_floor=0:0.6:0.3", "low_quality_ties=all,first"),
        "allowed_border=-1,0,16.5",
    ),
    "fcos-mmdet": (
        *("radius=0:1.5:0.75", "area=smallest,1e8_minus"),
        "scale_ranges=[],[[-1,32],[32,64],[64,128],[128,256],[256,1e8]]",
        "offset=0:0.5:0.25",
    ),
    "fcos-mmdet-center": (*("range_ends=open,closed", "center_test=box,distance"),),
    "retinanet-torchvision": ("grid=nominal,padded",),
    "ssd300-torchvision": ("forced_to=last,first", "size=[300,300],[512,512]"),
    "reppoints-mmdet": ("num_points=1:7:3", "level_scale=2:8:2"),
    "yolov3-mmdet": (
        *("positive_above=0.3:0.7:0.2", "ignored_above=0.3,0.5"),
        "forced_above=0,0.3",
    ),
    "ga-retinanet-mmdet": ("low_quality_floor=0:0.4:0.2", "positive_from=0.5,0.7"),
    "foveabox-mmdet": (
        "core=0.2:1:0.4",
        "size_ranges=[],[[1,9],[8,40],[30,60],[50,90],[80,2048]]",
    ),
    "yolov5": ("ratio_below=2:4:1",),
    "nwd-rpn": ("measure=iou,nwd,kld", "nwd_constant=12.7,40"),
    "rfla-fcos": (
        *("k=1:5:2", "k_again=0,1,4", "assigner.ratio=0.5,0.9,2"),
        *("ranked_by=kld,wd,nwd,dotd", "ignored_from=0,0.5"),
    ),
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
    every = {path for name in assigning_names() for path in preset(name).values()}
    # What is drawn is the same in every row.
    known = {path for path in every if not path.startswith("augment.")}
    # The long side follows the short one: below. Labels are of a letterbox alone.
    of_labels = {"min_area_share", "most_elongated", "labels", "label_slack"}
    beside = {"resize.short_side", *(f"data.{name}" for name in of_labels)}
    assert known - swept == beside


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


@pytest.mark.parametrize(
    "told",
    [
        "fcos-mmdet k=3: assigner.k: not a parameter of fcos-mmdet (fcos), only of the "
        "assigners atss and ranking",
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


def advised(text: str, rows: list, **own) -> Advice:
    """Advice on a sweep that has today's value first, and these summaries."""
    base = preset("atss-mmdet", **own)
    points = expand(base, parse_axes([text]))
    return advise(base, rows[0], points, rows)


# What k 9 does in the tests of advice: 13 of 100 objects without a positive, the others
# with nine.
BEFORE = drawn_positives(400, 0.13, seed=3)


def test_worse_values_and_values_that_some_pay_for_are_told_apart():
    other = summary_of(drawn_positives(400, 0.13, seed=4))  # by chance
    advice = advised("k=9,11", [summary_of(BEFORE), other])
    assert (advice.outcome, advice.choice) == (Outcome.NO_DIFFERENCE, None)
    worse = summary_of(np.where(BEFORE == 9, 2, 0))  # half of what objects need
    advice = advised("k=9,3", [summary_of(BEFORE), worse])
    assert advice.outcome is Outcome.NOT_BETTER
    assert advice.effects[1].poorly[0].change == 0
    sizes = np.tile([1] * 3 + [3] * 7, (400, 1))
    after = np.where(sizes == 3, 9, BEFORE)
    after[:40, 0] = 0  # 3 points of the small ones
    rows = [summary_of(BEFORE, sizes), summary_of(after, sizes)]
    advice = advised("k=9,11", rows)
    assert (advice.outcome, advice.choice) == (Outcome.SOME_LOSE, None)


def test_what_is_counted_differently_is_not_ranked():
    better = summary_of(improved(BEFORE, 10))
    rows = [summary_of(BEFORE), better]
    rules = advised("assigner=atss,fcos", rows)
    assert rules.outcome is Outcome.OTHER_POSITIVES
    assert rules.effects[1] is None
    few = summary_of(improved(BEFORE, 10)[:, :9])
    assert advised("min_box_side=1,8", [rows[0], few]).outcome is Outcome.OTHER_OBJECTS
    # One in a thousand is not worth a word.
    sizes = np.full_like(BEFORE, 3)
    sizes[0, 0] = 2
    alike = [
        summary_of(BEFORE),
        summary_of(improved(BEFORE, 10), np.full_like(BEFORE, 3)),
    ]
    assert advised("k=9,11", alike).choice == 1
    assert not sweep.keeps_objects(alike[0], summary_of(BEFORE, sizes - 1))


def test_a_large_gain_on_few_images_is_none():
    few = [summary_of(one[:19]) for one in (BEFORE, np.full_like(BEFORE, 9))]
    assert advised("k=9,3", few).outcome is Outcome.FEW_IMAGES


def test_prices_are_those_of_the_average_image():
    dataset, base = random_dataset(7), preset("retinanet-mmdet")
    points = expand(base, parse_axes(["levels=P3-P7,P2-P7", "ratios=[1],[0.5,1,2]"]))
    rows = summarize(dataset, [*(point.settings for point in points), base])
    advice = advise(base, rows[-1], points, rows[:-1])
    third, own, finer_third, finer = advice.prices
    assert own == Price(1, 1, 1, 1)
    assert third[:3] == (1, 1, pytest.approx(1 / 3))
    assert 0.85 < third.multiply_adds < 0.95  # of the head only the scores
    # P2 has four times the cells of P3, and P3 has three quarters of them all.
    assert finer.cells == pytest.approx(4, abs=0.02)
    assert finer.anchors == pytest.approx(finer.cells)
    assert finer_third.anchors == pytest.approx(finer.cells / 3)
    assert 2.8 < finer.multiply_adds < 3


# The images of a file, in blocks of neighbors that go to one half or the other in turn.
NUM_HALF_BLOCKS = 20
# Whether something is advised: nothing on val2017, which sets what is usual.
HALVES = {
    "visdrone-train-50": True,
    "caltech-pedestrian": True,
    "taco": True,
    "coco-val2017": False,
}
HALF_SWEEPS = {
    "atss-mmdet": ("k=3:19:4", "short_side=640,800,1000,1200", "scale=4,6,8,10"),
    "retinanet-mmdet": ("short_side=640,800,1000,1200", "scale=2,3,4,5"),
    "fcos-mmdet": ("short_side=640,800,1000,1200",),
}


@pytest.mark.slow
@pytest.mark.parametrize(("folder", "has_advice"), HALVES.items())
def test_what_one_half_of_the_images_advises_is_not_worse_on_the_other(
    real_data, folder, has_advice
):
    file = min((real_data / "data" / folder).glob("*.json"))
    dataset = load_coco(file)
    row = np.arange(dataset.num_images)
    is_odd = row * NUM_HALF_BLOCKS // dataset.num_images % 2
    halves = [dataset.select_images(row[is_odd == side]) for side in (0, 1)]
    num_changes = 0
    for name, texts in HALF_SWEEPS.items():
        base = preset(name)
        for text in texts:
            points = expand(base, parse_axes([text]))
            settings = [*(point.settings for point in points), base]
            found = [summarize(half, settings) for half in halves]
            advices = [advise(base, one[-1], points, one[:-1]) for one in found]
            for one, other in (advices, advices[::-1]):
                if one.choice is None:
                    continue
                num_changes += 1
                effect = other.effects[one.choice]
                poorly, missing = effect.poorly[0], effect.missing[0]
                assert poorly.change <= 0, (name, text)
                is_barred = base.low_quality_bar is not None
                assert missing.change <= 0 or is_barred, (name, text)
    assert (num_changes > 0) == has_advice


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


def test_what_images_are_padded_to_follows_their_short_side() -> None:
    base = preset("rtmdet-mmdet")
    one, other = expand(base, parse_axes(["short_side=640,960"]))
    assert one.settings == base
    assert other.settings.resize.pad_to == (960, 960)
    assert other.settings.resize.long_side == 960
    [kept] = expand(base, parse_axes(["short_side=960"]), fixed=["resize.pad_to"])
    assert kept.settings.resize.pad_to == (640, 640)
