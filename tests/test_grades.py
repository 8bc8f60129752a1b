"""Grades: their limits, what is usual, and groups too small to decide."""

from dataclasses import replace

import numpy as np
import pytest

from atss_inspect import readers
from atss_inspect.presets import preset_names
from atss_inspect.settings import parse_settings, preset
from atss_inspect.statistics import grades
from atss_inspect.statistics.bootstrap import images_per_block
from atss_inspect.statistics.grades import Grade, judge
from atss_inspect.statistics.run import summarize
from atss_inspect.statistics.summary import block_keys
from atss_inspect.statistics.tally import Group, Outcomes, SparseTally, Tally
from atss_inspect.statistics.val2017 import USUAL, USUAL_BELOW_QUOTA
from tests.drawn_summaries import SETTINGS, drawn, large_ones, summary_of
from tests.tiny_coco import coco

# Of atss-mmdet on val2017: 0.9 % of all, 0.2 % of large objects.


@pytest.mark.parametrize(
    ("share", "expected"),
    [(0.0, Grade.FINE), (0.015, Grade.FINE), (0.04, Grade.LOOK), (0.1, Grade.SERIOUS)],
)
def test_the_lower_end_of_the_share_decides(share: float, expected: Grade) -> None:
    found = judge(large_ones(drawn(2000, share, seed=1)), SETTINGS)
    assert found.grade is expected
    assert found.usual_of == "atss-mmdet"
    assert found.groups[0].usual == 0.00903
    assert [one.name for one in found.groups] == [
        "all", "tiny", "small", "medium", "large",
    ]  # fmt: skip


def test_few_images_are_worth_a_look_at_most() -> None:
    found = judge(large_ones(drawn(19, 0.9, seed=1)), SETTINGS)
    assert found.grade is Grade.LOOK
    assert found.groups[0].interval is None
    assert found.is_thin


def test_one_object_of_a_class_without_an_interval_is_no_look() -> None:
    # 1 of 37 is 2.7 %, on fewer images than tell anything of chance.
    positives = np.full((4, 37), 9)
    positives[0, 0] = 0
    assert judge(large_ones(positives), SETTINGS).groups[0].grade is Grade.FINE


def test_a_group_of_fewer_than_thirty_objects_never_decides() -> None:
    positives, sizes = np.full((200, 10), 9), np.full((200, 10), 3)
    sizes[:174:6, 0], positives[:174:6, 0] = 0, 0
    found = judge(summary_of(positives, sizes), SETTINGS)
    assert [one.grade for one in found.groups] == [
        Grade.FINE, None, None, None, Grade.FINE,
    ]  # fmt: skip
    sizes[180, 0], positives[180, 0] = 0, 0
    found = judge(summary_of(positives, sizes), SETTINGS)
    assert found.grade is Grade.SERIOUS
    assert found.worst is not None
    assert found.worst.name == "tiny"


def test_without_objects_there_is_no_grade() -> None:
    found = judge(summary_of(np.zeros((30, 0), dtype=int)), SETTINGS)
    assert found.grade is None
    assert found.worst is None


def test_a_class_may_have_the_name_of_a_size_or_of_all_objects() -> None:
    positives = drawn(500, 0.2, seed=1)
    positives[:, 5:] = 9
    found = judge(large_ones(positives), SETTINGS, {0: "all"})
    assert [(one.by, one.name) for one in found.groups] == [
        ("all", "all"), ("class", "all"),
    ]  # fmt: skip


def test_classes_have_intervals_of_their_own_drawn_a_few_at_a_time(monkeypatch) -> None:
    positives = drawn(60, 0.3, seed=1)
    category = np.full((60, 10), 3)
    category[::2, 0], category[1:58:2, 1], category[:, 5:] = 0, 1, 4  # 30, 29, 300
    found = Outcomes(positives.ravel())
    block = np.repeat(np.arange(60) // images_per_block(60), 10)
    keys = block_keys(block, category.ravel(), np.full(600, 3))
    summary = replace(
        large_ones(positives),
        by_class=Tally.count(category.ravel(), found, 6),
        by_block=SparseTally.count(keys, found),
    )
    whole = judge(summary, SETTINGS, dict(enumerate("abcdef"))).groups
    has_any = [one.interval is not None for one in whole]
    assert has_any == [True, True, False, False, True, True, False]
    alone = judge(large_ones(positives[:, 5:]), SETTINGS).groups[0]
    assert whole[5].interval == alone.interval
    draw, widths = grades.intervals_of_shares, []

    def drawn_together(parts, *numbers):
        widths.append(parts.shape[1])
        return draw(parts, *numbers)

    monkeypatch.setattr(grades, "CLASSES_AT_ONCE", 2)
    monkeypatch.setattr(grades, "intervals_of_shares", drawn_together)
    assert judge(summary, SETTINGS, dict(enumerate("abcdef"))).groups == whole
    assert widths == [5, 2, 1]  # all objects and sizes, then classes


def test_settings_of_ones_own_take_the_value_of_the_preset_they_extend() -> None:
    summary = large_ones(drawn(100, 0.1, seed=1))
    mine = parse_settings('extends = "rpn-mmdet"\n[anchors]\nscale = 4.0\n', "mine")
    assert judge(summary, mine).usual_of == "rpn-mmdet"
    unknown = parse_settings('[assigner]\nname = "atss"\n', "mine")
    assert judge(summary, unknown).usual_of == ""
    assert judge(summary, unknown).groups[0].usual is None


def test_chosen_sizes_are_compared_with_the_same_sizes() -> None:
    positives = drawn(500, 0.05, seed=1)
    summary = summary_of(positives, np.zeros_like(positives))
    assert judge(summary, SETTINGS).groups[0].usual == 0.00903
    tiny = judge(summary, SETTINGS, sizes=("tiny",))
    assert tiny.groups[0].usual == pytest.approx(0.06101)
    assert tiny.grade is Grade.FINE
    found = judge(summary, SETTINGS, sizes=("tiny", "small")).groups[0].usual
    expected = (4606 * 0.06101 + 6866 * 0.00277) / (4606 + 6866)
    assert found == pytest.approx(expected)


def test_classes_are_compared_with_objects_of_the_same_sizes() -> None:
    sizes = np.full((50, 10), 3)
    sizes[:, :2] = 0
    found = judge(summary_of(np.full((50, 10), 9), sizes), SETTINGS, {0: "person"})
    assert [one.name for one in found.groups] == ["all", "person"]
    assert found.groups[1].usual == pytest.approx(0.2 * 0.06101 + 0.8 * 0.002)
    unknown = parse_settings('[assigner]\nname = "atss"\n', "mine")
    found = judge(summary_of(np.full((50, 10), 9), sizes), unknown, {0: "person"})
    assert found.groups[1].usual is None


@pytest.mark.parametrize(
    ("share", "grade"), [(0.7, Grade.FINE), (0.8, Grade.LOOK), (0.9, Grade.SERIOUS)]
)
def test_what_is_usually_bad_can_be_worse(share, grade) -> None:
    # Of RPN 64 % are usual: 1.25 times that is 80 %, a quarter of the way to 100 % is
    # 73 %, half of it 82 %.
    summary = large_ones(drawn(2000, share, seed=1))
    assert judge(summary, preset("rpn-mmdet")).groups[0].grade is grade


def test_another_rule_has_nothing_usual_and_other_values_are_told() -> None:
    summary = large_ones(drawn(100, 0.1, seed=1))
    assert not judge(summary, SETTINGS).is_changed
    changed = judge(summary, preset("atss-mmdet", k=5))
    assert (changed.usual_of, changed.is_changed) == ("atss-mmdet", True)
    other = preset("atss-mmdet", assigner__name="fcos")
    assert judge(summary, other).usual_of == ""
    assert not judge(summary, other).is_changed


def test_where_none_lose_the_interval_is_exact() -> None:
    # 1 - 0.025^(1/100): with 3.6 % of the images so, 100 in a row would be rare.
    groups = judge(large_ones(drawn(100, 0, seed=1)), SETTINGS).groups
    assert groups[0].interval == (0, pytest.approx(0.0362, abs=1e-4))


@pytest.mark.parametrize(
    ("num_objects", "num_lost", "expected"),
    [(100, 50, True), (100, 49, False), (250, 50, True), (251, 50, False)],
)
def test_a_quarter_of_the_objects_with_half_of_the_losses_is_a_matter_of_shape(
    num_objects: int, num_lost: int, expected: bool
) -> None:
    positives = np.full((100, 10), 9)
    positives[:, 0] = 0  # 100 of 1,000
    found = judge(large_ones(positives), SETTINGS)
    assert not found.is_by_shape
    elongated = Group(num_objects, 0, num_lost)
    assert replace(found, elongated=elongated).is_by_shape == expected


@pytest.mark.parametrize(
    ("num_small", "grade"), [(2, Grade.FINE), (3, Grade.LOOK), (9, Grade.LOOK)]
)
def test_few_candidates_are_worth_a_look_where_more_than_usual_have_them(
    num_small: int, grade: Grade
) -> None:
    # 18.3 % are usual, and 1.25 times that is 22.9 %; twice that is serious, of others.
    # 12 px hold one point of P3 at least, and 6 points of all levels at most.
    sides = [12] * num_small + [60] * (10 - num_small)
    boxes = [(62 * n, 100, side, side) for n, side in enumerate(sides)]
    dataset = readers.load_coco(coco(dict.fromkeys(range(30), boxes)))
    settings = preset("ultralytics-8.3")
    found = judge(summarize(dataset, settings)[0], settings)
    assert found.groups[0].share == 0
    assert found.of_quota is not None
    assert found.of_quota.usual == USUAL_BELOW_QUOTA["ultralytics-8.3"]
    assert (found.of_quota.share, found.of_quota.grade) == (num_small / 10, grade)
    assert found.grade is grade
    # Of another quota nobody knows what is usual.
    own = preset("ultralytics-8.3", quota=13)
    found = judge(summarize(dataset, own)[0], own)
    assert found.of_quota is not None
    assert (found.of_quota.usual, found.of_quota.grade) == (None, None)
    assert found.grade is Grade.FINE


def test_every_preset_has_its_value() -> None:
    assert tuple(USUAL) == preset_names()
    gates = [name for name in USUAL if preset(name).rule.gate is not None]
    assert list(USUAL_BELOW_QUOTA) == gates


@pytest.mark.slow
def test_values_are_those_of_val2017(real_data) -> None:
    path = real_data / "data/coco-val2017/instances_val2017_int.json"
    dataset = readers.load_coco(path)
    settings = [preset(name) for name in USUAL]
    for one, summary in zip(settings, summarize(dataset, settings), strict=True):
        groups = (summary.every_object, *summary.by_size.groups)
        shares = [round(group.poorly_assigned_share or 0, 5) for group in groups]
        assert tuple(shares) == USUAL[one.name], one.name
        every = summary.every_object
        below = summary.share_of_objects(every.num_below_quota or 0) or 0.0
        few = round(below, 5) if summary.candidates else None
        assert few == USUAL_BELOW_QUOTA.get(one.name), one.name


def test_settings_equal_to_a_preset_are_compared_with_it():
    summary = summary_of(np.full((50, 10), 9))
    center = preset("fcos-mmdet", center_sampling_radius=1.5)
    assert judge(summary, center).usual_of == "fcos-mmdet-center"
    assert judge(summary, preset("fcos-mmdet")).usual_of == "fcos-mmdet"
