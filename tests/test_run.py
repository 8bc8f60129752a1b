"""Chunks, executors and conventions: every way through gives the same numbers."""

import platform
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from atss_inspect.errors import SettingsError
from atss_inspect.readers import load_coco
from atss_inspect.settings import preset
from atss_inspect.statistics import run as run_module
from atss_inspect.statistics.run import assign, chunk_bounds, count_chunks, summarize
from atss_inspect.statistics.summary import RATIO_BINS, SIZE_BINS, ratio_bins, size_bins
from tests.assigning import assigning_names
from tests.random_coco import random_dataset
from tests.scripts import run_script
from tests.test_summary import assert_equal
from tests.tiny_coco import coco, coco_image

SAMPLE = str(Path(__file__).parents[1] / "sample_data" / "instances.json")
WITH_BAR = ("iou_threshold", "best_shape")
EVERY_PRESET = tuple(preset(name) for name in assigning_names())


@pytest.mark.parametrize("seed", range(6))
def test_objects_and_left_out_are_the_annotations_read(seed):
    whole = random_dataset(seed)
    found = summarize(whole, EVERY_PRESET)
    for settings, summary in zip(EVERY_PRESET, found, strict=True):
        accounted = summary.num_objects + summary.num_left_out
        assert accounted == whole.num_annotations, settings.name
        of_images = summary.num_images + sum(summary.left_out_images.values())
        assert of_images == whole.num_images, settings.name


@pytest.mark.parametrize("settings", EVERY_PRESET, ids=assigning_names())
def test_every_number_is_a_count_over_the_assignment(settings):
    whole = random_dataset(11)
    frame, assignment = assign(whole, settings)
    summary = summarize(whole, settings)[0]
    rows = frame.object_rows
    positives = np.array([(assignment.gt == gt).sum() for gt in range(frame.num_gt)])
    assert summary.num_images == frame.num_images
    assert summary.num_objects == frame.num_gt
    assert summary.num_positives == len(assignment.gt)
    assert summary.num_unassigned == (positives == 0).sum()
    assert summary.num_ignored == assignment.num_ignored.sum()
    anchors = assignment.num_anchors.sum()
    assert summary.num_negatives == anchors - len(assignment.gt) - summary.num_ignored
    assert summary.mean_positives == pytest.approx(positives.mean())
    assert summary.median_positives == np.median(positives)
    assert summary.num_tied == assignment.is_tied.sum()
    assert summary.num_fragile == assignment.is_fragile.sum()
    for level, number in enumerate(summary.positives_by_level):
        on_level = assignment.gt[assignment.level == level]
        assert number == len(on_level)
        assert summary.level_objects[level] == len(set(on_level.tolist()))
    bar = settings.low_quality_bar
    low = [  # box by box: positives, and the best of them below the bar
        bar is not None
        and max(assignment.iou[assignment.gt == gt], default=1) < np.float32(bar)
        for gt in range(frame.num_gt)
    ]
    assert (bar is None) == (settings.assigner_name not in WITH_BAR)
    for level, number in enumerate(summary.level_low_quality_only.tolist()):
        of_level = set(assignment.gt[assignment.level == level].tolist())
        assert number == sum(low[gt] for gt in of_level)
    groups = [
        (size_bins(whole.areas[rows]), [summary.of_sizes(name) for name in SIZE_BINS]),
        (ratio_bins(whole.xywh[rows]), summary.by_ratio.groups),
        (whole.category_index[rows], summary.by_class.groups),
    ]
    for of, found in groups:
        for number, group in enumerate(found):
            members = positives[of == number]
            num_low = np.array(low)[of == number].sum()
            counts = len(members), members.sum(), (members == 0).sum()
            missing = np.maximum(4 - members, 0).sum(), 4 * len(members)
            low_only = None if bar is None else num_low
            assert group == (*counts, low_only, *missing, None)  # of no gate
            assert group.num_poorly_assigned == (members == 0).sum() + num_low
    if assignment.iou is None:
        assert summary.mean_iou is summary.positives_by_iou is None
    else:
        counts = np.histogram(assignment.iou, np.float32(np.arange(11) / 10))[0]
        assert list(summary.positives_by_iou.values()) == counts.tolist()
        assert summary.mean_iou == pytest.approx(assignment.iou.mean(), rel=1e-6)
    assert len(summary.by_ratio.groups) == len(RATIO_BINS)


def test_conventions_side_by_side_are_what_they_are_alone():
    whole = random_dataset(5)
    together = summarize(whole, EVERY_PRESET)
    for settings, summary in zip(EVERY_PRESET, together, strict=True):
        assert_equal(summarize(whole, settings)[0], summary)


def many_small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_module, "BOXES_PER_CHUNK", 5)
    monkeypatch.setattr(run_module, "_CHUNKS_AHEAD", 2)


def test_the_size_of_the_chunks_and_who_computes_them_do_not_matter(monkeypatch):
    whole, four = random_dataset(7), EVERY_PRESET[:4]
    expected = summarize(whole, four)
    many_small_chunks(monkeypatch)
    assert count_chunks(whole) > 3
    with ThreadPoolExecutor(3) as pool:
        for executor in (None, pool):
            found = summarize(whole, four, executor=executor)
            for one, other in zip(expected, found, strict=True):
                assert_equal(one, other)


@pytest.mark.parametrize("is_shared", [False, True])
def test_progress_adds_up_to_the_images(monkeypatch, is_shared):
    many_small_chunks(monkeypatch)
    whole, amounts = random_dataset(7), []
    with ThreadPoolExecutor(2) as pool:
        words = {"executor": pool if is_shared else None, "on_chunk": amounts.append}
        summarize(whole, EVERY_PRESET[0], **words)
    assert len(amounts) == count_chunks(whole) > 3
    assert sum(amounts) == whole.num_images


@pytest.mark.parametrize(("num_workers", "ahead"), [(0, 2), (1, 2), (3, 6)])
def test_chunks_are_sent_ahead_by_number_of_workers(monkeypatch, num_workers, ahead):
    many_small_chunks(monkeypatch)
    most = 0
    begun, done = [], []
    with ThreadPoolExecutor(1) as executor:
        executor.num_workers = num_workers
        submit = executor.submit
        executor.submit = lambda *words: begun.append(1) or submit(*words)
        for answer in run_module.map_chunks(
            lambda chunk: chunk.num_images, random_dataset(7), executor=executor
        ):
            done.append(answer)
            most = max(most, len(begun) - len(done) + 1)
    assert most == ahead
    assert sum(done) == random_dataset(7).num_images


def test_chunks_hold_whole_images_and_no_more_boxes_than_allowed(monkeypatch):
    monkeypatch.setattr(run_module, "BOXES_PER_CHUNK", 10)
    # Images of 4, 4, 4, 25, 0, 10 and 1 boxes: one that is too large stands alone.
    offsets = np.cumsum([0, 4, 4, 4, 25, 0, 10, 1])
    assert list(chunk_bounds(offsets)) == [(0, 2), (2, 3), (3, 4), (4, 6), (6, 7)]


def test_a_set_without_images_has_a_summary():
    nothing = load_coco(coco({}))
    assert count_chunks(nothing) == 0
    found = summarize(nothing, EVERY_PRESET)
    for settings, summary in zip(EVERY_PRESET, found, strict=True):
        assert summary.num_objects == summary.num_images == summary.num_negatives == 0
        assert len(summary.positives_by_level) == len(settings.anchors.strides)


def test_an_image_of_too_many_anchors_is_refused_before_any_work(monkeypatch):
    monkeypatch.setattr(run_module, "MOST_ANCHORS", 22_300)
    dataset = load_coco(coco_image((9, 9, 50, 50), width=1333))
    # 100 * 168 + 50 * 84 + 25 * 42 + 13 * 21 + 7 * 11 cells of one anchor.
    words = r"atss-mmdet: an image of 1344 x 800 input pixels would have 22,400 anchors"
    with pytest.raises(SettingsError, match=words):
        summarize(dataset, preset("atss-mmdet"))
    monkeypatch.setattr(run_module, "MOST_ANCHORS", 22_400)
    assert summarize(dataset, preset("atss-mmdet"))[0].num_objects == 1


def test_a_wide_image_beside_a_high_one_is_not_taken_for_one_large_image(monkeypatch):
    # 22,400 anchors each; an image as wide and as high as both had about 38,000.
    monkeypatch.setattr(run_module, "MOST_ANCHORS", 22_400)
    document = coco_image((9, 9, 50, 50), width=1333)
    document["images"] += coco_image(height=1333, image_id=2)["images"]
    settings = preset("atss-mmdet", drop_images="never")
    assert summarize(load_coco(document), settings)[0].num_images == 2


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="an option of glibc")
def test_freed_memory_is_kept_for_the_next_array():
    code = """
import resource
import sys
import numpy as np
from atss_inspect.readers import load_coco
from atss_inspect.statistics.run import summarize
from atss_inspect.settings import preset

def page_faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

summarize(load_coco(sys.argv[1]), preset("fcos-mmdet"))
for _ in range(2):
    before = page_faults()
    [np.ones(1 << 18) for _ in range(24)]  # 24 arrays of 2 MB
print(page_faults() - before)
"""
    # Blocks handed back and forth make about 12,000.
    assert int(run_script(code, SAMPLE).stdout) < 100
