"""Single changes that give an object a positive: tried, not guessed."""

from dataclasses import replace

import numpy as np
import pytest

from atss_inspect.explain import KindTried, Trial, one_image, recommended, suggest
from atss_inspect.presets import preset_names
from atss_inspect.readers import load_coco
from atss_inspect.settings import override, preset, resolve_all
from atss_inspect.statistics.run import assign
from tests.test_explain import FILES, TWICE, scene


def of_kind(tried: tuple[KindTried, ...], kind: str) -> KindTried:
    return next(each for each in tried if each.kind == kind)


def helps(box, settings, kind: str) -> tuple[str, ...]:
    """The changes of one kind that give a box of its own a positive."""
    works = of_kind(suggest(scene(box), 0, settings), kind).works
    assert works
    return works.overrides


def test_a_finer_level_reaches_what_lies_between_the_points():
    # The points of P3 are 4, 12, 20, ...; of a level of stride 4 they are 2, 6, 10,
    # 14, ..., and 14 lies between 13 and 16. At 1.25 the box is 16.25 to 20, at 1.5
    # 19.5 to 24 and holds the point 20.
    tried = suggest(scene((13, 13, 3, 3)), 0, preset("fcos-mmdet"))
    assert [each.kind for each in tried] == ["input size", "finer level"]
    larger, finer = tried
    assert larger.steps == ("1000/1666", "1200/2000")
    assert larger.works.num_positives == 1
    assert finer.works.overrides == (
        "strides=4,8,16,32,64,128",
        "scale_ranges=[[-1.0, 32.0], [32.0, 64.0], [64.0, 128.0], [128.0, 256.0], "
        "[256.0, 512.0], [512.0, 1e8]]",
    )
    assert finer.works.num_unassigned == 0
    best = recommended(tried, 1)
    assert best.overrides == ("short_side=1200", "long_side=2000")


def test_the_lowest_step_that_works_is_named():
    # Two boxes want the same nearest nine anchors of P3, and the first has them all;
    # with 13 candidates some of the further ones are still the first one's.
    tried = suggest(scene(*TWICE), 1, preset("atss-mmdet"))
    assert not any(each.works for each in tried)
    assert recommended(tried, 1) is None
    assert of_kind(tried, "k").steps == ("11", "13", "15", "19", "25", "31")


def test_a_lower_bar_takes_the_ignore_band_with_it():
    # A 24 px box in the middle of a 32 px anchor: IoU 576 / 1024 = 0.5625.
    one = {"offset": 0.5, "ratios": (1.0,), "scales_per_octave": 1}
    bars = {"positive_from": 0.7, "negative_below": 0.6, "allow_low_quality": False}
    settings = preset("retinanet-mmdet", **one, **bars)
    box = (88, 88, 24, 24)
    bar = of_kind(suggest(scene(box), 0, settings), "IoU bar")
    assert bar.steps == ("0.6", "0.55")
    assert bar.works.overrides == ("positive_from=0.55", "negative_below=0.55")
    assert helps(box, settings, "low-quality matches") == ("allow_low_quality=true",)
    assert helps(box, settings, "smaller anchors") == ("scale=3.0",)


def test_scale_ranges_of_ones_own_follow_a_finer_level():
    ranges = ((-1.0, 64.0), (64.0, 1e8))
    settings = preset("fcos-mmdet", strides=(8, 16), scale_ranges=ranges)
    works = of_kind(suggest(scene((13, 13, 3, 3)), 0, settings), "finer level").works
    expected = (-1.0, 32.0), (32.0, 64.0), (64.0, 1e8)
    assert works.changes["assigner.scale_ranges"] == expected


def test_the_center_region_can_be_widened():
    settings = preset("fcos-mmdet-center", center_sampling_radius=0.1)
    found = helps((100, 100, 60, 60), settings, "center sampling radius")
    assert found == ("center_sampling_radius=2.0",)


def test_stretched_images_and_padded_batches_grow_too():
    settings = preset("fcos-mmdet", rule="stretch", size=(800, 1024), pad_to=(800, 999))
    found = helps((13, 13, 3, 3), settings, "input size")
    assert found == ("size=1200,1536", "pad_to=1200,1499")


def test_a_change_at_the_expense_of_others_comes_second():
    def trial(kind: str, num_unassigned: int) -> KindTried:
        one = Trial(kind, {"assigner.k": 11}, "11", 1, num_unassigned, 9)
        return KindTried(kind, ("11",), one)

    tried = (trial("harmful", 5), trial("harmless", 2), trial("better", 0))
    assert recommended(tried, 2).kind == "harmless"
    assert recommended(tried[:1], 2).kind == "harmful"
    assert recommended((replace(tried[0], works=None),), 2) is None


@pytest.mark.parametrize("name", preset_names())
def test_every_suggestion_can_be_typed(name):
    dataset = scene((13, 13, 3, 3), (13, 13, 3, 3), (14, 12, 2, 4))
    for row in range(dataset.num_objects):
        for kind in suggest(dataset, row, preset(name)):
            if trial := kind.works:
                typed = resolve_all([name], overrides=trial.overrides)[0].settings
                assert typed == override(preset(name), trial.changes)


@pytest.mark.slow
@pytest.mark.parametrize("file", FILES)
def test_suggestions_give_objects_of_real_files_a_positive(real_data, file):
    dataset = load_coco(real_data / "data" / file)
    rng = np.random.default_rng(5)
    num_helped = 0
    for name in ("atss-mmdet", "retinanet-mmdet", "fcos-mmdet", "rpn-mmdet"):
        settings = preset(name)
        frame, assignment = assign(dataset, settings)
        unassigned = frame.object_rows[assignment.unassigned.cause > 0]
        for row in rng.choice(unassigned, 16, replace=False).tolist():
            best = recommended(suggest(*one_image(dataset, row), settings), 0)
            if best is None:
                continue
            # Among the images around it, as typed.
            image = int(np.searchsorted(dataset.object_offsets, row, side="right")) - 1
            first = max(image - 1, 0)
            part = dataset.slice_images(first, image + 2)
            typed = resolve_all([name], overrides=best.overrides)[0].settings
            frame, assignment = assign(part, typed)
            place = row - int(dataset.object_offsets[first])
            gt = np.flatnonzero(frame.object_rows == place)[0]
            assert np.count_nonzero(assignment.gt == gt) == best.num_positives > 0
            num_helped += 1
    assert num_helped >= 50
