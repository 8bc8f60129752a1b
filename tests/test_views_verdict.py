"""The verdict: the grade, whose it is, how sure it is, in sentences that hold."""

from dataclasses import replace

import numpy as np
import pytest

from atss_inspect.readers import load_coco
from atss_inspect.readers.findings import finding
from atss_inspect.settings import preset
from atss_inspect.statistics.tally import Tally
from atss_inspect.views.numbers import joined
from atss_inspect.views.stats import StatsReport
from atss_inspect.views.verdict import verdict
from tests.drawn_summaries import drawn, large_ones, summary_of
from tests.random_coco import Loaded
from tests.tiny_coco import coco

FINE, LOOK, SERIOUS = (drawn(500, share, seed=1) for share in (0.0, 0.04, 0.2))
PRESET = "atss-mmdet"
NOTHING = np.zeros((30, 0), dtype=int)


def report_of(*each: np.ndarray, of: str = PRESET, **more: object) -> StatsReport:
    """A report on positives of objects, image by image, under presets a, b, ..."""
    names = "abc"[: len(each)]
    settings = tuple(replace(preset(of), name=name, extends=of) for name in names)
    dataset = load_coco(Loaded(coco({1: [(1, 1, 9, 9)]})))
    return StatsReport(dataset, settings, tuple(map(large_ones, each)), **more)


def usual(*names: str) -> str:
    """What is said of settings of one's own."""
    return f" What is usual for {joined([*names])} is taken from atss-mmdet."


def sized(positives: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Positives where only the first object of each image loses, and the sizes."""
    sizes = np.full_like(positives, 3)
    sizes[:, 0] = size
    return np.where(sizes == size, positives, 9), sizes


def test_shares_that_stand_in_the_table_above_are_told_in_words():
    report = report_of(SERIOUS, SERIOUS)
    assert verdict(report, judged=report.judgements) == (
        "serious: every preset leaves more than twice the usual share of objects "
        f"poorly assigned.{usual(*'ab')}"
    )
    report = report_of(LOOK, FINE, LOOK)
    assert verdict(report, judged=report.judgements).startswith(
        "look: a and c leave clearly more than the usual share of objects poorly "
        "assigned. What"
    )
    report = report_of(FINE, LOOK)
    assert verdict(report, judged=report.judgements).startswith(
        "look: b leaves 3.9% of the objects poorly assigned (usually 0.9%). What"
    )
    report = report_of(FINE, FINE)
    assert verdict(report, judged=report.judgements).startswith(
        "fine: no preset leaves clearly more objects poorly assigned than usual."
    )


def test_a_size_that_decides_is_named_and_what_may_help():
    losing = np.where(SERIOUS == 0, 0, 9)
    tiny, sizes = sized(losing, 0)
    report = replace(report_of(FINE), summaries=(summary_of(tiny, sizes),))
    assert verdict(report) == (
        "serious: a leaves 18.6% of the tiny objects poorly assigned (15.3 to 22.3%, "
        "usually 6.1%). Larger input images or a finer level (P2) may help the tiny "
        "ones." + usual("a")
    )
    medium, others = sized(losing, 2)
    three = [(tiny, sizes), (medium, others), (tiny, sizes)]
    report = report_of(FINE, FINE, FINE)
    report = replace(report, summaries=tuple(summary_of(*each) for each in three))
    for words in (
        "a leaves 18.6% of the tiny",
        "b 18.6% of the med",
        "c 18.6% of the t",
    ):
        assert words in verdict(report)
    both = (summary_of(tiny, sizes), summary_of(medium, others))
    report = replace(report_of(FINE, FINE), summaries=both)
    text = verdict(report, judged=report.judgements)
    assert text.startswith(
        "serious: every preset leaves more than twice the usual share of some objects "
        "poorly assigned: a of tiny ones, b of medium ones. Larger input images or a "
        "finer level (P2) may help the tiny ones."
    )
    more = summary_of(np.where(sizes == 0, tiny, losing), np.where(sizes == 0, 0, 2))
    report = replace(report_of(FINE, FINE, FINE), summaries=(both[0], more, both[0]))
    text = verdict(report, judged=report.judgements)
    assert text.startswith(
        "serious: every preset leaves more than twice the usual share of tiny objects "
        "poorly assigned, b of medium ones too. Larger input images or a finer level "
        "(P2) may help the tiny ones."
    )
    report = replace(report, summaries=(both[0],) * 3)
    text = verdict(report, judged=report.judgements)
    assert "share of tiny objects poorly assigned. Larger input images or a" in text
    assert "may help these." in text
    report = replace(report_of(FINE), summaries=both[1:])
    assert "help" not in verdict(report)


@pytest.mark.parametrize(
    ("sizes", "words"),
    [
        ([0, 0, 0, 0, 0, 0, 0, 0, 3, 3], ", above all tiny ones. "),
        ([0, 0, 0, 0, 1, 1, 1, 1, 3, 3], ", above all tiny and small ones. "),
        ([1, 1, 1, 1, 1, 2, 2, 2, 2, 2], "objects poorly assigned. "),
        ([0, 0, 1, 1, 1, 2, 2, 2, 3, 3], "objects poorly assigned. "),
    ],
)
def test_the_sizes_of_three_in_four_are_named(sizes: list[int], words: str):
    summary = summary_of(SERIOUS, np.tile(sizes, (len(SERIOUS), 1)))
    report = replace(report_of(SERIOUS, SERIOUS), summaries=(summary, summary))
    assert words in verdict(report, judged=report.judgements)


def test_sizes_are_above_all_only_where_each_preset_loses_them():
    # Under a the tiny ones lose, under b the medium ones.
    tiny, medium = (
        summary_of(SERIOUS, np.tile([size] * 9 + [3], (len(SERIOUS), 1)))
        for size in (0, 2)
    )
    most = summary_of(drawn(500, 0.9, seed=1), np.zeros_like(SERIOUS))
    report = report_of(SERIOUS, SERIOUS, SERIOUS)
    for summaries, words in (
        ((tiny, medium, medium), ", above all tiny and medium ones. "),
        ((tiny,) * 3, ", above all tiny ones. "),
        ((most, most, medium), ", above all tiny and medium ones. "),
        ((medium, medium, summary_of(SERIOUS)), "objects poorly assigned. "),
    ):
        changed = replace(report, summaries=summaries)
        assert words in verdict(changed, judged=changed.judgements)


def test_a_size_of_fewer_than_thirty_objects_is_not_named():
    sizes = np.full_like(SERIOUS, 3)
    sizes[:29, 0] = 0
    positives = np.where(sizes == 0, 0, 9)
    positives[:, 1] = 0
    report = report_of(FINE)
    report = replace(report, summaries=(summary_of(positives, sizes),) * 2)
    report = replace(report, settings=report.settings * 2)
    assert "tiny" not in verdict(report)


def test_the_number_of_objects_is_named_where_few_decide():
    positives = np.full((500, 10), 9)
    positives[::16, 0] = 0  # 32 of 63 small ones, of 5,000
    sizes = np.full_like(positives, 3)
    sizes[::8, 0] = 1
    report = replace(report_of(FINE), summaries=(summary_of(positives, sizes),))
    assert verdict(report, judged=report.judgements).startswith(
        "serious: a leaves 50.8% of the 63 small objects poorly assigned (usually "
        "0.3%, of all objects 0.6%). Larger"
    )


def by_ratio(*groups: tuple[int, int]) -> Tally:
    """Objects over 4:1, square, and under 1:4, and how many of each get nothing."""
    tally = Tally(np.zeros((5, 6), dtype=int))
    tally.counts[::2, ::2][:, :2] = groups
    return tally


def test_shapes_that_lose_are_named_in_place_of_larger_images():
    report = report_of(SERIOUS, FINE)
    lost = report.summaries[0].num_unassigned  # 1,012 of 5,000
    tally = by_ratio((600, 500), (4100, lost - 700), (300, 200))
    shaped = replace(report.summaries[0], by_ratio=tally)
    words = (
        "Over 4:1 or under 1:4 (width : height) are 700 of the 1,012 objects that a "
        "leaves poorly assigned"
    )
    help_ = "; more ratios of anchors may help. What"
    report = replace(report, summaries=(shaped, report.summaries[1]))
    assert f"b: fine. {words}{help_}" in verdict(report)
    both = replace(report, summaries=(shaped, shaped))
    assert f"{words}, 700 of the 1,012 of b{help_}" in verdict(both)
    assert f" {words}{help_}" in verdict(both, judged=both.judgements)
    # Of what is fine nothing is said.
    fine = replace(report, summaries=report.summaries[1:], settings=report.settings[1:])
    assert "4:1" not in verdict(fine)
    by = replace(report, by=("ratio",))
    assert (
        "Largest shares poorly assigned: a over 4:1 (83.3% of 600 objects). What"
    ) in verdict(by)


def test_shares_that_are_usual_for_the_preset_alone_are_told():
    report = report_of(FINE)
    for settings, words in (
        (preset(PRESET), ""),
        (preset(PRESET, k=5), f"What is usual is that of {PRESET} without the changes"),
        (preset(PRESET, assigner__name="fcos"), f"What is usual for {PRESET} is not"),
    ):
        text = verdict(replace(report, settings=(settings,)))
        assert words in text
        assert bool(words) == ("What" in text)


def test_annotations_that_look_wrong_are_named_before_any_number():
    looks = finding("boxes_look_fractions", 1)
    size = finding("image_size_doubtful", 1)
    report = report_of(FINE)
    for findings, start in (
        ((looks, size), "1 box looks like fractions of the image, where x, y, width,"),
        ((size,), "1 image does not contain most of its boxes: the recorded width "),
        ((finding("image_tiny", 1),), "fine: "),
    ):
        odd = replace(report, dataset=replace(report.dataset, findings=findings))
        assert verdict(odd).startswith(start)
        is_odd = start != "fine: "
        words = ". Correct this first. As the file stands, the grade is fine: a "
        assert (words in verdict(odd)) == is_odd


def test_doubts_that_pictures_prove_come_first():
    report = report_of(FINE)
    odd = finding("image_size_exchanged", 9), finding("image_size_contradicted", 2)
    text = verdict(replace(report, dataset=replace(report.dataset, findings=odd)))
    assert text.startswith(
        "2 pictures have another size than the file says, most of those looked at. 9 "
        "images would contain their boxes with width and height exchanged"
    )


def test_copies_that_may_explain_the_loss_are_to_be_removed_first():
    lossy = report_of(drawn(60, 0.2, seed=1, num_each=5))
    lost = lossy.summaries[0].every_object.num_unassigned
    for copies, is_told in ((lost // 2 + 1, True), (lost // 2, False)):
        found = (finding("bbox_repeated", copies),)
        dataset = replace(lossy.dataset, findings=found)
        text = verdict(replace(lossy, dataset=dataset))
        told = f"{copies} boxes repeat an earlier one of the same image and class "
        told += f"exactly, and {lost} objects get no positive: remove the copies. "
        assert text.startswith(f"{told}Correct this first. ") == is_told
        assert ("copies" in text) == is_told
    fine = report_of(drawn(60, 0.0, seed=1, num_each=5))
    dataset = replace(fine.dataset, findings=(finding("bbox_repeated", 99),))
    assert "copies" not in verdict(replace(fine, dataset=dataset))


def test_few_objects_and_few_images_are_thin_evidence():
    few = drawn(40, 0.2, seed=1, num_each=5)
    assert "With 200 objects the evidence is thin." in verdict(report_of(few))
    images = drawn(19, 0.2, seed=1, num_each=50)
    assert verdict(report_of(images)).startswith("look: a leaves ")
    assert "With fewer than 20 images the evidence is thin." in verdict(
        report_of(images)
    )
    # Of 60 images, but with objects on nine.
    few = replace(large_ones(drawn(9, 0.2, seed=1, num_each=50)), num_images=60)
    assert "With objects in fewer than 10 blocks of images the evidence is thin." in (
        verdict(replace(report_of(images), summaries=(few,)))
    )
    assert verdict(report_of(drawn(5, 0, seed=1, num_each=5))) == (
        "There are too few objects to judge, fewer than 30."
    )


def test_a_rule_with_a_bar_is_not_ranked_against_one_without():
    report = report_of(FINE, FINE)
    bar = (
        "Only b has a bar to miss (IoU 0.5): compare each preset with what is usual "
        "for it."
    )
    # The bar is there without low-quality matches as well.
    for more in ({}, {"allow_low_quality": False}):
        low = replace(preset("retinanet-mmdet", **more), name="b")
        both = replace(report, settings=(report.settings[0], low))
        assert verdict(both).endswith(bar)
        assert bar not in verdict(both, with_bars=False)
        assert "a bar to miss" not in verdict(replace(report, settings=(low, low)))


def test_settings_that_extend_no_preset_have_nothing_usual():
    report = report_of(SERIOUS, SERIOUS)
    own = tuple(
        replace(one, extends="", anchors=replace(one.anchors, scale=7.0))
        for one in report.settings
    )
    report = replace(report, settings=own)
    assert verdict(report, judged=report.judgements) == (
        "serious: a leaves 20.2% of the objects poorly assigned, b 20.2%. What is "
        "usual for a and b is not known."
    )


def test_a_preset_without_objects_is_named():
    assert verdict(report_of(NOTHING, FINE)).startswith(
        "Nothing is left to assign for a. fine: b leaves 0% of the objects"
    )
    assert verdict(report_of(NOTHING)) == "No object is left to assign."


def test_losses_that_nobody_asked_for_come_first_or_with_all_the_rest():
    [summary] = report_of(FINE).summaries
    lost = replace(summary, left_out_objects={"outside_image": 7})
    mostly = replace(report_of(FINE), summaries=(lost,))
    start = "Left out: 7 of 1 annotation (outside image). Correct this first. Of what "
    assert verdict(mostly).startswith(f"{start}is left, the grade is fine: a leaves ")
    one = replace(mostly.dataset, category_names=("cat",), category_ids=np.array([1]))
    by_class = replace(mostly, dataset=one, by=("class",))
    assert f"{start}is left, the grade by class is fine: a" in verdict(by_class)
    by_class = replace(report_of(SERIOUS), dataset=one, by=("class",))
    assert verdict(by_class).startswith("by class: serious: a leaves ")
