"""What data sets and pipelines of mmdetection's configs become."""

from typing import Any

import pytest

from atss_inspect.importing.parts import Refused
from tests.importing_trees import (
    PIPELINE,
    RETINANET,
    RETINANET_2,
    changed,
    read,
    remarks,
    values,
)

DATA = "train_dataloader__dataset__"
RESIZE: dict[str, Any] = {"type": "Resize", "scale": (1333, 800), "keep_ratio": True}


def with_resize(**resize: Any) -> dict[str, Any]:
    return changed(RETINANET, **{f"{DATA}pipeline": [PIPELINE[0], resize]})


def test_what_is_left_out_in_3_means_no_padding_and_no_filter():
    tree = changed(
        RETINANET,
        model__data_preprocessor__pad_size_divisor=None,
        train_dataloader__dataset__filter_cfg=None,
    )
    found = values(read(tree))
    assert found["resize.pad_divisor"] == 1
    assert found["data.drop_images"] == "never"
    assert found["data.min_image_side"] == 0


def test_2_pads_in_its_pipeline_alone():
    resize = [{"type": "Resize", "img_scale": (1333, 800)}]
    found = values(read(changed(RETINANET_2, data__train__pipeline=resize)))
    assert found["resize.pad_divisor"] == 1
    padded = [*resize, {"type": "Pad", "size": (640, 768)}]
    found = values(read(changed(RETINANET_2, data__train__pipeline=padded)))
    assert found["resize.pad_to"] == (640, 768)  # height, width


def test_3_writes_width_before_height():
    tree = with_resize(type="Resize", scale=(640, 512))
    found = values(read(tree))
    assert (found["resize.rule"], found["resize.size"]) == ("stretch", (512, 640))
    pads = [*PIPELINE, {"type": "Pad", "size": (1024, 960)}]
    found = values(read(changed(RETINANET, **{f"{DATA}pipeline": pads})))
    assert found["resize.pad_to"] == (960, 1024)


def test_2_keeps_the_ratio_by_default():
    assert "resize.rule" not in values(read(RETINANET_2))
    pipeline = [{"type": "Resize", "img_scale": (640, 512), "keep_ratio": False}]
    found = values(read(changed(RETINANET_2, data__train__pipeline=pipeline)))
    assert (found["resize.rule"], found["resize.size"]) == ("stretch", (512, 640))


def test_of_several_sizes_the_largest_is_taken_and_the_others_are_told():
    scales = [(480, 1333), (800, 1333), (640, 1333)]
    choice = {"type": "RandomChoiceResize", "scales": scales, "keep_ratio": True}
    imported = read(with_resize(**choice, resize_type="FixScaleResize"))
    found = values(imported)
    assert (found["resize.short_side"], found["resize.long_side"]) == (800, 1333)
    assert found["resize.rule"] == "truncated"
    assert found["augment.short_sides"] == (480, 640, 800)
    assert "augment.short_range" not in found
    (text,) = remarks(imported, "inexact").values()
    assert text.endswith("sweep FILE --config CONFIG short_side=480,640,800")


def test_of_a_range_the_upper_end_is_taken():
    between = {"type": "RandomResize", "scale": [(1333, 640), (1333, 800)]}
    imported = read(with_resize(**between, keep_ratio=True))
    assert values(imported)["augment.short_range"] == (640, 800)
    assert values(imported)["resize.short_side"] == 800
    (text,) = remarks(imported, "inexact").values()
    assert "short_side=640,672,704,736,768,800" in text
    two = {"type": "Resize", "img_scale": [(1333, 640), (1333, 800)]}
    pipeline = [{**two, "multiscale_mode": "value"}]
    imported = read(changed(RETINANET_2, data__train__pipeline=pipeline))
    assert values(imported)["augment.short_sides"] == (640, 800)


def test_sizes_whose_long_side_is_drawn_too_are_told_alone():
    both = {"type": "RandomResize", "scale": [(1000, 640), (1333, 800)]}
    imported = read(with_resize(**both, keep_ratio=True))
    assert not {path for path in values(imported) if "short_" in path} - {
        "resize.short_side"
    }
    assert "short side from 640 to 800" in "".join(
        remarks(imported, "inexact").values()
    )


def test_of_a_factor_the_size_itself_is_taken():
    jitter = {"type": "RandomResize", "scale": (1024, 1024), "ratio_range": (0.1, 2.0)}
    imported = read(with_resize(**jitter, keep_ratio=True))
    assert values(imported)["resize.short_side"] == 1024
    assert "factor from 0.1 to 2" in "".join(remarks(imported, "inexact").values())


def test_a_flip_is_remembered_and_no_remark():
    assert values(read(RETINANET))["augment.flip"] == 0.5
    assert "data.train.pipeline" in remarks(read(RETINANET_2), "default")


@pytest.mark.parametrize(
    ("transform", "words"),
    [
        ({"type": "RandomCrop", "crop_size": (1, 1)}, "RandomCrop crops or moves"),
        ({"type": "Mosaic"}, "Mosaic puts objects"),
        ({"type": "MyTransform"}, "MyTransform is not known"),
        ({"type": "RandomFlip", "direction": "vertical", "prob": 0.5}, "mirrors"),
        (
            {
                "type": "RandAugment",
                "aug_space": [[{"type": "Color"}], [{"type": "ShearX"}]],
            },
            "RandAugment applies some of ShearX at random",
        ),
    ],
)
def test_what_moves_boxes_is_told(transform, words):
    tree = changed(RETINANET, **{f"{DATA}pipeline": [*PIPELINE, transform]})
    assert words in "".join(remarks(read(tree), "inexact").values())


def test_colors_and_texts_of_other_transforms_change_nothing():
    colors = {"type": "RandAugment", "aug_space": [[{"type": "Color"}]]}
    tree = changed(RETINANET, **{f"{DATA}pipeline": [*PIPELINE, colors]})
    assert read(tree) == read(RETINANET)


def test_a_choice_of_pipelines_takes_the_first():
    ways = [[RESIZE], [RESIZE, {"type": "RandomCrop"}]]
    imported = read(with_resize(type="RandomChoice", transforms=ways))
    assert values(imported)["resize.short_side"] == 800
    assert "the first of 2 ways" in "".join(remarks(imported, "inexact").values())


def test_filters_count_after_the_resize():
    small = {"type": "FilterAnnotations", "min_gt_bbox_wh": (2, 2)}
    tree = changed(RETINANET, **{f"{DATA}pipeline": [*PIPELINE, small]})
    found = values(read(tree))
    assert (found["data.min_input_side"], found["data.drop_emptied"]) == (2.0, True)
    tree = changed(RETINANET, **{f"{DATA}pipeline": [small, *PIPELINE]})
    assert "data.min_input_side" not in values(read(tree))
    assert "before the resize" in "".join(remarks(read(tree), "inexact").values())


def test_without_a_resize_images_stay_as_they_are():
    tree = changed(RETINANET, **{f"{DATA}pipeline": [PIPELINE[0]]})
    found = values(read(tree))
    assert (found["resize.rule"], found["data.clip"]) == ("none", "never")


def test_several_images_on_one_canvas_count_as_one_of_its_size():
    mosaic = {"type": "Mosaic", "img_scale": (640, 512)}
    found = values(read(with_resize(**mosaic)))
    assert (found["resize.rule"], found["resize.size"]) == ("letterbox", (512, 640))
    tree = changed(RETINANET, **{f"{DATA}pipeline": [mosaic, *PIPELINE]})
    assert "resize.rule" not in values(read(tree))


def test_batches_of_a_fixed_size_are_padded_to_it():
    pads = [{"type": "BatchFixedSizePad", "size": (640, 512)}]
    tree = changed(RETINANET, model__data_preprocessor__batch_augments=pads)
    imported = read(tree)
    assert values(imported)["resize.pad_to"] == (640, 512)
    assert remarks(imported, "inexact") == {}
    odd = [{"type": "BatchFixedSizePad", "size": (650, 512)}]
    tree = changed(RETINANET, model__data_preprocessor__batch_augments=odd)
    assert "no multiple of 32" in "".join(remarks(read(tree), "inexact").values())


def wrapped(*sets: dict[str, Any]) -> dict[str, Any]:
    many = {"type": "ConcatDataset", "datasets": list(sets)}
    return changed(
        RETINANET, train_dataloader__dataset={"type": "RepeatDataset", "dataset": many}
    )


def test_wrappers_are_opened_and_data_sets_that_are_alike_are_one():
    own = RETINANET["train_dataloader"]["dataset"]
    other = own | {"ann_file": "b.json"}
    assert values(read(wrapped(own, other))) == values(read(RETINANET))
    assert remarks(read(wrapped(own, other)), "inexact") == {}
    unlike = own | {"type": "VOCDataset"}
    told = remarks(read(wrapped(own, unlike)), "inexact")
    assert told == {
        "train_dataloader.dataset.dataset.datasets": "only the first of 2 unlike data "
        "sets is looked at"
    }


def test_data_set_classes_bring_rules_and_classes_of_their_own():
    found = values(read(changed(RETINANET, **{f"{DATA}type": "VOCDataset"})))
    assert found["data.corners"] == "voc"
    assert len(found["data.classes"]) == 20
    found = values(read(changed(RETINANET, **{f"{DATA}type": "LVISV1Dataset"})))
    assert "data.classes" not in found
    told = remarks(read(changed(RETINANET, **{f"{DATA}type": "MyDataset"})), "inexact")
    assert "the data rules of MyDataset are not known" in "".join(told.values())


def around(kind: str, **more: Any) -> dict[str, Any]:
    """RetinaNet of 2, its data set in another, which keeps a base's pipeline."""
    data = RETINANET_2["data"]["train"]
    steps = [
        {**one, "img_scale": (1000, 600)} if one["type"] == "Resize" else one
        for one in data["pipeline"]
    ]
    inner = {**data, "pipeline": steps}
    outer = {**data, "type": kind, "dataset": inner, **more}
    return changed(RETINANET_2, data__train=outer)


@pytest.mark.parametrize("kind", ["RepeatDataset", "ClassBalancedDataset"])
def test_mmdetection_2_passes_over_a_pipeline_left_around_a_data_set(kind):
    imported = read(around(kind, classes=("a",)))
    found = values(imported)
    assert (found["resize.short_side"], found["resize.long_side"]) == (600, 1000)
    told = remarks(imported, "default")
    for key in ("pipeline", "classes"):
        assert told[f"data.train.{key}"] == f"{kind} does not look at it"
    seconds = [text for text in remarks(imported, "inexact").values() if "seco" in text]
    assert not seconds


def test_keys_that_stop_mmdetection_are_refused():
    mixed = around("MultiImageMixDataset", classes=("a",))
    with pytest.raises(Refused, match="; mmdetection stops"):
        read(mixed)
    data = RETINANET["train_dataloader"]["dataset"]
    outer = {**data, "type": "RepeatDataset", "times": 3, "dataset": data}
    with pytest.raises(Refused, match="RepeatDataset takes no"):
        read(changed(RETINANET, train_dataloader__dataset=outer))
    outer = {"type": "RepeatDataset", "times": 3, "dataset": data, "_scope_": "mmdet"}
    alone = read(changed(RETINANET, train_dataloader__dataset=outer))
    assert values(alone) == values(read(RETINANET))
    assert remarks(alone, "inexact", "not_read") == {}


@pytest.mark.parametrize(
    ("flips", "share"),
    [
        ([(0.5, ["horizontal", "vertical"])], 0.25),
        ([(0.6, ["horizontal", "vertical", "diagonal"])], 0.2),
        ([([0.3, 0.2], ["vertical", "horizontal"])], 0.2),
        ([(0.5, ["horizontal"])], 0.5),
        ([(0.5, "vertical")], 0.0),
        # One after the other, each draws for itself.
        ([(0.5, "horizontal"), (0.3, "vertical")], 0.5),
        ([(0.5, "horizontal"), (0.25, "horizontal")], 0.5 * 0.75 + 0.5 * 0.25),
    ],
)
def test_the_share_of_images_mirrored_left_to_right(flips, share):
    steps = [one for one in PIPELINE if one["type"] != "RandomFlip"]
    drawn = [{"type": "RandomFlip", "prob": p, "direction": way} for p, way in flips]
    imported = read(changed(RETINANET, **{f"{DATA}pipeline": [*steps, *drawn]}))
    assert values(imported)["augment.flip"] == pytest.approx(share)
    others = any(word in f"{flips}" for word in ("vertical", "diagonal"))
    assert ("mirrors" in f"{remarks(imported, 'inexact')}") == others
    assert "nothing flips" not in f"{remarks(imported, 'default')}"


def test_of_two_flips_of_mmdetection_2_the_second_mirrors_back():
    steps = RETINANET_2["data"]["train"]["pipeline"]
    twice = [*steps, *[{"type": "RandomFlip", "flip_ratio": 0.5}] * 2]
    imported = read(changed(RETINANET_2, data__train__pipeline=twice))
    assert values(imported)["augment.flip"] == 0.0
    assert "mirrors back" in f"{remarks(imported, 'inexact')}"


def test_chances_of_other_directions_than_named_are_refused():
    flip = {"type": "RandomFlip", "prob": [0.5, 0.1], "direction": ["horizontal"]}
    with pytest.raises(Refused, match="one for each of 1 directions, got 2"):
        read(changed(RETINANET, **{f"{DATA}pipeline": [*PIPELINE, flip]}))


def test_classes_in_capitals_are_told():
    tree = changed(RETINANET, **{f"{DATA}metainfo": {"CLASSES": ("a",), "PALETTE": []}})
    imported = read(tree)
    ((key, text),) = remarks(imported, "not_read").items()
    assert key == "train_dataloader.dataset.metainfo.CLASSES"
    assert "small letters" in text
    assert len(values(imported)["data.classes"]) == 80


def test_long_sides_that_differ_are_told_with_a_command_for_one():
    scales = [(1333, 640), (1600, 1000)]
    choice = {"type": "RandomChoiceResize", "scales": scales, "keep_ratio": True}
    imported = read(with_resize(**choice))
    (text,) = remarks(imported, "inexact").values()
    assert "each with a long side of its own" in text
    assert text.endswith("--set resize.short_side=640 --set resize.long_side=1333")


def test_sizes_of_albu_are_refused_but_where_a_resize_follows():
    longest = {"type": "LongestMaxSize", "max_size": 1024}
    albu = {"type": "Albu", "transforms": [{"type": "ToGray"}, longest]}
    followed = changed(RETINANET, **{f"{DATA}pipeline": [albu, *PIPELINE]})
    assert values(read(followed))["resize.short_side"] == 800
    with pytest.raises(Refused, match="resizes by a rule of its own"):
        read(changed(RETINANET, **{f"{DATA}pipeline": [*PIPELINE, albu]}))


def test_a_pad_to_squares_has_a_size_where_the_long_side_has_one():
    pad = {"type": "Pad", "pad_to_square": True}
    size = {"type": "Resize", "scale": (640, 640), "keep_ratio": True}
    steps = [size if one["type"] == "Resize" else one for one in PIPELINE]
    imported = read(changed(RETINANET, **{f"{DATA}pipeline": [*steps, pad]}))
    assert values(imported)["resize.pad_to"] == (640, 640)
    with pytest.raises(Refused, match="squares of no fixed size"):
        read(changed(RETINANET, **{f"{DATA}pipeline": [*PIPELINE, pad]}))


def test_of_unlike_data_sets_in_a_list_the_first_is_looked_at():
    data = RETINANET_2["data"]["train"]
    other = {**data, "classes": ("a",)}
    imported = read(changed(RETINANET_2, data__train=[data, other]))
    told = remarks(imported, "inexact")
    assert told == {"data.train": "only the first of 2 unlike data sets is looked at"}
    alike = read(changed(RETINANET_2, data__train=[data, {**data, "ann_file": "b"}]))
    assert remarks(alike, "inexact") == {}
