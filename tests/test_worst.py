"""The worst of a convention: what all objects, listed one by one, say too."""

from collections import Counter
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from atss_inspect import load_coco, preset
from atss_inspect.annotations.augment import AugmentRule
from atss_inspect.annotations.dataset import Dataset
from atss_inspect.assigners.causes import CAUSES
from atss_inspect.statistics import run, worst
from atss_inspect.statistics.summary import Selection
from atss_inspect.statistics.tables import objects_chunk
from atss_inspect.statistics.variants import (
    see_chunk,
    summarize_variants,
    variants_of,
)
from atss_inspect.statistics.worst import Query, WorstClass, find_worst, worst_images
from tests.random_coco import random_coco, random_dataset
from tests.test_rows import rows_of
from tests.tiny_coco import Box, coco, coco_image

PRESETS = ("atss-mmdet", "fcos-mmdet-center", "retinanet-torchvision")
NAMES = CAUSES[1:]
QUERIES = (
    Query(),
    Query(limit=1000, causes=(worst.LOW_QUALITY_ONLY, "under_bar")),
    Query(limit=3),
    Query(limit=1000, causes=("no_center_inside", "lost_to_others", "under_bar")),
    Query(limit=1000, selection=Selection(classes=("class 1",), sizes=("tiny",))),
)
Row = dict[str, Any]
each_query = pytest.mark.parametrize("query", QUERIES, ids=range(len(QUERIES)))


def crowded(seed: int) -> Dataset:
    """Draw images with many more boxes, so that some lose all their anchors."""
    document = random_coco(seed, num_images=10, max_boxes=60)
    for annotation in document["annotations"][::3]:
        if len(annotation["bbox"]) == 4:
            annotation["bbox"][2:] = [6.0, 3.0]
    return load_coco(document)


def every_row(dataset: Dataset, name: str, query: Query) -> list[Row]:
    """List all objects at once, without chunks."""
    settings = preset(name)
    columns = objects_chunk(dataset, settings=(settings,), selection=query.selection)
    return rows_of(columns)


def reason_of(row: Row) -> str | None:
    low = worst.LOW_QUALITY_ONLY
    return low if row["is_low_quality_only"] else row["cause"]


def is_counted(row: Row, query: Query) -> bool:
    return reason_of(row) in (query.causes or (*NAMES, worst.LOW_QUALITY_ONLY))


@each_query
@pytest.mark.parametrize("name", PRESETS)
def test_the_objects_are_those_of_the_whole_table_sorted(name, query):
    dataset = crowded(3)
    rows = every_row(dataset, name, query)
    if query.causes:
        rows = [row for row in rows if is_counted(row, query)]
    rows.sort(
        key=lambda r: (
            1 if r["is_low_quality_only"] else 2 * (r["num_positives"] > 0),
            *(r["num_positives"], -r["area"], r["annotation_index"]),
        )
    )
    found = find_worst(dataset, preset(name), query).objects
    same = ("num_positives", "area", "annotation_index", "ann_id", "image_id")
    same += ("size", "width", "height", "cause", "is_low_quality_only")
    assert len(found) == min(query.limit, len(rows))
    for one, row in zip(found, rows, strict=False):
        assert [getattr(one, key) for key in same] == [row[key] for key in same]
        assert (one.lost_to and str(one.lost_to)) == row["lost_to"]
        assert one.class_name == row["class"]


@each_query
@pytest.mark.parametrize("name", PRESETS)
def test_images_and_classes_are_counted_from_the_whole_table(name, query):
    dataset = crowded(4)
    rows = every_row(dataset, name, query)
    found = find_worst(dataset, preset(name), query)

    def counts_by(column: str) -> list[tuple[Any, int, int]]:
        poorly = Counter(row[column] for row in rows if is_counted(row, query))
        number = Counter(row[column] for row in rows)
        return [(key, poorly[key], number[key]) for key in number if poorly[key]]

    # Rows come in the order of the data set, and sorting is stable.
    expected = sorted(
        counts_by("image_id"), key=lambda one: (-one[1], -Fraction(one[1], one[2]))
    )
    images = [
        (one.image_id, one.group.num_poorly_assigned, one.group.num_objects)
        for one in found.images
    ]
    assert images == expected[: query.limit]
    classes = {
        (one.class_name, one.group.num_poorly_assigned, one.group.num_objects)
        for one in found.classes
    }
    assert classes == set(counts_by("class"))
    causes = Counter(row["cause"] for row in rows if row["cause"])
    assert found.every_object.by_cause == causes
    assert found.every_object.group.num_objects == len(rows)
    number = sum(is_counted(row, query) for row in rows)
    assert found.asked.group.num_poorly_assigned == number
    low = [row["is_low_quality_only"] for row in rows]
    has_bar = name == "retinanet-torchvision"
    assert found.every_object.group.num_low_quality_only == (
        sum(low) if has_bar else None
    )


def test_the_draws_have_objects_without_positives_for_several_reasons():
    found = find_worst(crowded(3), preset("atss-mmdet"), Query())
    assert {"no_center_inside", "lost_to_others"} <= set(found.every_object.by_cause)
    found = find_worst(crowded(3), preset("retinanet-torchvision"), Query())
    assert found.every_object.group.num_low_quality_only
    assert found.every_object.by_cause["under_bar"]


def equal(one: worst.Worst, other: worst.Worst) -> bool:
    """Compare two answers; arrays by their entries."""
    # From Python 3.13 on, even one and the same array is compared entry by entry.
    rest, other_rest = (replace(each, tally=None) for each in (one, other))
    return rest == other_rest and np.array_equal(one.tally, other.tally)


@each_query
@pytest.mark.parametrize("seed", range(4))
def test_the_answer_does_not_depend_on_the_chunks(seed, query):
    dataset, settings = crowded(seed), preset("atss-mmdet")
    whole = worst.worst_chunk(dataset, settings, query)
    rng = np.random.default_rng(seed)
    cuts = np.sort(rng.integers(0, dataset.num_images + 1, 3)).tolist()
    bounds = zip([0, *cuts], [*cuts, dataset.num_images], strict=True)
    chunks = (dataset.slice_images(*each) for each in bounds)
    a, b, c, d = (worst.worst_chunk(each, settings, query) for each in chunks)
    for total in (a + b + c + d, (a + b) + (c + d), a + (b + (c + d))):
        assert equal(total, whole)


def test_chunks_hold_no_more_than_asked_for(monkeypatch):
    dataset, query = crowded(5), Query(limit=2)
    whole = find_worst(dataset, preset("atss-mmdet"), query)
    monkeypatch.setattr(run, "BOXES_PER_CHUNK", 20)
    seen: list[int] = []
    settings = preset("atss-mmdet")
    assert equal(find_worst(dataset, settings, query, on_chunk=seen.append), whole)
    assert len(seen) > 3
    assert sum(seen) == dataset.num_images
    assert (len(whole.objects), len(whole.images)) == (2, 2)


def class_of(
    counts: list[int], name: str = "", causes: tuple[str, ...] = (), missing: int = 0
) -> WorstClass:
    """A class with so many well assigned objects, and so many for each reason."""
    names = (*CAUSES, worst.LOW_QUALITY_ONLY)[: max(len(counts), len(CAUSES))]
    counts = counts + [0] * (len(names) - len(counts))
    query = Query(causes=causes, need=9)
    return WorstClass(*worst.reasons_of([*counts, missing], names, query), name)


def test_of_equal_causes_the_first_of_the_rule_is_the_main_one():
    counts = [1, 0, 2, 0, 0, 2, 0, 1]
    assert class_of(counts).main_cause == CAUSES[2]
    lost = ("lost_to_others",)
    assert class_of(counts, causes=lost).main_cause == "lost_to_others"
    assert class_of([3]).main_cause is None


def test_low_quality_matches_count_beside_the_causes():
    counts = [5, 0, 2, 0, 0, 0, 0, 1, 0, 0, 4]
    # Twelve objects need 9 each: 108, of which 27 are missing.
    group, by_cause = worst.reasons_of(
        [*counts, 27], (*CAUSES, worst.LOW_QUALITY_ONLY), Query(need=9)
    )
    assert group == (12, 0, 3, 4, 27, 108, None)
    assert group.missing_to_need == 0.25
    assert by_cause == {CAUSES[2]: 2, "lost_to_others": 1}
    low = class_of(counts, causes=(worst.LOW_QUALITY_ONLY,))
    assert low.group[:4] == (12, 0, 0, 4)
    assert low.main_cause is None
    assert class_of(counts[:10]).group.num_low_quality_only is None


def test_without_objects_everything_is_empty():
    dataset = random_dataset(1).slice_images(0, 0)
    found = find_worst(dataset, preset("atss-mmdet"), Query())
    assert (found.objects, found.images, found.classes) == ((), (), ())
    assert found.every_object.group.unassigned_share is None


LOSER: Box = (101, 101, 4, 4)  # 168.4 to 175.1 in input pixels, between two points
WINNER: Box = (30, 40, 60, 60)
# By id: 1 without objects; 2, 3 and 4 with one or both; in 5 two lie between the
# points, and of three equal boxes the first takes every anchor.
IMAGES = {1: [], 2: [LOSER, WINNER], 3: [WINNER], 4: [LOSER]}
DATASET = load_coco(coco({**IMAGES, 5: [LOSER, LOSER, WINNER, WINNER, WINNER]}))


@pytest.mark.parametrize(
    ("criterion", "ids"),
    [
        ("poorly", [5, 2, 4]),
        ("unassigned", [5, 2, 4]),
        ("share", [4, 5, 2]),
        ("lost", [5]),
        # Positives per object: 0, 9 / 5, 9 / 2, 9; image 1 does not count.
        ("fewest", [4, 5, 2, 3]),
    ],
)
def test_images_are_ordered_by_a_criterion_as_many_as_asked_for(criterion, ids):
    for limit in (9, 2):
        rows = worst_images(DATASET, preset(), criterion, limit=limit)
        assert DATASET.image_ids[rows].tolist() == ids[:limit]


@pytest.mark.parametrize("criterion", worst.CRITERIA)
def test_no_images_give_no_rows(criterion: str) -> None:
    empty = DATASET.slice_images(0, 0)
    assert worst_images(empty, preset(), criterion, limit=3).tolist() == []


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("limit", [7, 1000])
def test_over_variants_objects_are_sorted_by_what_each_of_them_gets(name, limit):
    dataset = crowded(5)
    rule = AugmentRule(short_sides=(200, 500, 800), flip=0.25)
    drawn = variants_of(replace(preset(name), augment=rule))
    seen = see_chunk(dataset, drawn)
    rows = dataset.annotation_index.tolist()
    row_of = {index: row for row, index in enumerate(rows)}
    found = find_worst(dataset, preset(name), Query(limit=limit), variants=drawn)

    def key(index: int) -> tuple[Any, ...]:
        row = row_of[index]
        kept, assigned, well, positives = (
            Fraction(int(column[row]))
            for column in (seen.kept, seen.assigned, seen.well, seen.positives)
        )
        if not kept:
            return 1, 1, 0, -dataset.size_areas[row], index
        shares = assigned / kept - 1, well / kept - 1, positives / kept
        return *shares, -dataset.size_areas[row], index

    nominal = find_worst(dataset, preset(name), Query(limit=1000))
    every = sorted((one.annotation_index for one in nominal.objects), key=key)
    assert [one.annotation_index for one in found.objects] == every[:limit]
    everything = slice(0, dataset.num_images)
    frames = [run.frame_of(dataset, everything, each) for each in drawn.each]
    kept_rows = [set(frame.object_rows.tolist()) for frame in frames]
    for one in found.objects:
        row = row_of[one.annotation_index]
        assert one.draws.num_assigned == seen.num_assigned[row]
        assert one.draws.num_kept == sum(row in rows for rows in kept_rows)
        if seen.kept[row]:
            share = Fraction(
                int(seen.kept[row] - seen.assigned[row]), int(seen.kept[row])
            )
            assert one.draws.unassigned_share == float(share)
    (summary,) = summarize_variants(dataset, [drawn])
    np.testing.assert_array_equal(found.lacking.by_weight, summary.unassigned.by_weight)


def test_objects_that_no_variant_keeps_come_last():
    # Boxes up to 1 px are left out: 2.4 px of a picture of 400 are 4.8 at 800, and 0.96
    # at 160. The other box has a positive.
    document = coco_image((10, 10, 2.4, 40), (100, 100, 90, 90), width=400, height=400)
    settings = preset("fcos-mmdet", min_input_side=1.0)
    rule = AugmentRule(short_sides=(160,))
    drawn = variants_of(replace(settings, augment=rule))
    found = [
        find_worst(load_coco(document), settings, Query(limit), variants=drawn)
        for limit in (1, 2)
    ]
    assert [[one.ann_id for one in each.objects] for each in found] == [[2], [2, 1]]
    gone = found[1].objects[1].draws
    assert gone == (None, None, None, 0, 0)
    assert found[1].lacking.by_weight.sum() == 1
