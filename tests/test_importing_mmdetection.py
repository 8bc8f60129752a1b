"""What single keys of mmdetection's configs become: settings, remarks, refusals."""

from pathlib import Path
from typing import Any

import pytest

from atss_inspect.assigners.point_gate import PointGateParams
from atss_inspect.importing.parts import Refused
from atss_inspect.importing.values import Named, Node, Place, Unknown
from atss_inspect.settings import imported_settings, preset
from tests.importing_trees import (
    PIPELINE,
    RETINANET,
    RETINANET_2,
    changed,
    read,
    read_or_refuse_everything,
    remarks,
    values,
)

HEAD = "model__bbox_head__"
GENERATOR = "model__bbox_head__anchor_generator__"
ASSIGNER = "model__train_cfg__assigner__"
DATA = "train_dataloader__dataset__"
RESIZE: dict[str, Any] = {"type": "Resize", "scale": (1333, 800), "keep_ratio": True}


def refusal(tree: dict[str, Any], part: str | None = None) -> str:
    with pytest.raises(Refused) as caught:
        read(tree, part)
    assert str(caught.value.place) == "x.py:7"
    return f"{caught.value.key}: {caught.value.reason}"


@pytest.mark.parametrize("tree", [RETINANET, RETINANET_2])
def test_retinanet_is_the_preset_but_for_its_classes(tree):
    imported = read(tree)
    assert imported.extends == "retinanet-mmdet"
    ours = preset("retinanet-mmdet").values()
    found = values(imported)
    found.pop("augment.flip", None)
    assert len(found.pop("data.classes")) == 80
    assert {path: ours[path] for path in found} == found
    assert remarks(imported, "inexact", "not_read") == {}


def test_a_setting_knows_its_place_and_a_default_is_told():
    imported = read(RETINANET)
    (scale,) = (one for one in imported.found if one.path == "anchors.scale")
    assert (scale.value, str(scale.place)) == (4.0, "x.py:7")
    assert scale.key == "model.bbox_head.anchor_generator.octave_base_scale"
    told = remarks(imported, "default")
    assert told["model.bbox_head.anchor_generator.center_offset"] == "0.0"
    # What the preset has anyway needs no line of its own.
    assert "anchors.offset" not in values(imported)


@pytest.mark.parametrize(
    ("key", "value", "path", "ours"),
    [
        (f"{GENERATOR}center_offset", 0.5, "anchors.offset", 0.5),
        (f"{GENERATOR}ratios", [1, 2], "anchors.ratios", (1.0, 2.0)),
        (f"{GENERATOR}strides", [(8, 8), 16.0], "anchors.strides", (8, 16)),
        (f"{GENERATOR}strides", [(8, 4)], "anchors.strides", ((4, 8),)),
        (f"{GENERATOR}base_sizes", [9] * 5, "anchors.base_sizes", (9,) * 5),
        ("model__train_cfg__allowed_border", 0, "anchors.allowed_border", 0.0),
        (f"{ASSIGNER}neg_iou_thr", (0, 0.3), "assigner.negative_below", 0.3),
        (f"{ASSIGNER}neg_iou_thr", 1, "assigner.negative_below", 0.0),
        (f"{ASSIGNER}min_pos_iou", 0.3, "assigner.low_quality_floor", 0.3),
        (f"{ASSIGNER}match_low_quality", False, "assigner.allow_low_quality", False),
        (f"{ASSIGNER}gt_max_assign_all", False, "assigner.low_quality_ties", "first"),
        (f"{DATA}metainfo", {"classes": ("cat",)}, "data.classes", ("cat",)),
        (f"{DATA}filter_cfg__min_size", 4, "data.min_image_side", 4),
        (f"{DATA}filter_cfg__min_size", None, "data.min_image_side", 0),
        (f"{DATA}filter_cfg__filter_empty_gt", None, "data.drop_images", "never"),
    ],
)
def test_one_key_is_one_setting(key, value, path, ours):
    assert values(read(changed(RETINANET, **{key: value})))[path] == ours


def test_scales_of_an_octave_and_others():
    plain = {
        f"{GENERATOR}{key}": None for key in ("octave_base_scale", "scales_per_octave")
    }
    eight = values(read(changed(RETINANET, **plain, **{f"{GENERATOR}scales": [8]})))
    assert (eight["anchors.scale"], eight["anchors.scales_per_octave"]) == (8.0, 1)
    three = changed(RETINANET, **plain, **{f"{GENERATOR}scales": [8, 16, 32]})
    assert values(read(three))["anchors.scales"] == (8.0, 16.0, 32.0)


def test_centers_that_are_one_share_of_the_strides_are_an_offset():
    strides = [8, 16, 32, 64, 128]
    half = [(stride / 2, stride / 2) for stride in strides]
    tree = changed(RETINANET, **{f"{GENERATOR}centers": half})
    assert values(read(tree))["anchors.offset"] == 0.5
    tree = changed(RETINANET, **{f"{GENERATOR}centers": [(8, 8)] * 5})
    assert "not the same share" in refusal(tree)


def test_base_sizes_beside_centers_of_strides_are_sizes():
    # YOLACT: 550 px on maps of 69 and 35 cells, base sizes 8 and 16, scale 3.
    steps = [550 / 69, 550 / 35]
    generator = {
        **{"type": "AnchorGenerator", "octave_base_scale": 3, "scales_per_octave": 1},
        **{"base_sizes": [8, 16], "ratios": [1.0], "strides": steps},
        "centers": [(step / 2, step / 2) for step in steps],
    }
    tree = changed(RETINANET, **{f"{HEAD}anchor_generator": generator})
    found = values(read(tree))
    assert found["anchors.sizes"] == ((24.0,), (48.0,))
    assert (found["anchors.offset"], found["anchors.strides"]) == (0.5, tuple(steps))
    assert "anchors.base_sizes" not in found
    thirds = changed(tree, **{f"{GENERATOR}base_sizes": [7, 16]})
    assert "not the same share" in refusal(thirds)


def test_the_head_of_glip_takes_one_off_far_corners_and_looks_at_no_border():
    border = {"model__train_cfg__allowed_border": 0}
    atss = {"type": "ATSSAssigner", "topk": 9}
    words = border | {"model__train_cfg__assigner": atss}
    plain = values(read(changed(RETINANET, **words)))
    head = {f"{HEAD}type": "ATSSVLFusionHead"}
    found = values(read(changed(RETINANET, **words, **head)))
    assert plain["anchors.allowed_border"] == 0
    assert "anchors.style" not in plain
    assert "anchors.allowed_border" not in found
    assert found["anchors.style"] == "glip"


def test_atss_takes_k_and_its_iou_and_no_predictions():
    atss = {"type": "ATSSAssigner", "topk": 9}
    tree = changed(RETINANET, model__train_cfg__assigner=atss)
    imported = read(tree)
    assert (imported.extends, values(imported)["assigner.k"]) == ("atss-mmdet", 9)
    glip = {"iou_calculator": {"type": "BboxOverlaps2D_GLIP"}}
    found = values(read(changed(tree, model__train_cfg__assigner=atss | glip)))
    assert (found["assigner.plus_one"], found["assigner.min_union"]) == (True, 0.0)
    alpha = changed(tree, model__train_cfg__assigner=atss | {"alpha": 0.8})
    assert refusal(alpha).startswith("model.train_cfg.assigner.alpha: decides by")


def test_tood_is_atss_in_its_first_epochs():
    tree = changed(
        RETINANET,
        **{f"{HEAD}type": "TOODHead"},
        model__train_cfg__assigner={"type": "TaskAlignedAssigner", "topk": 13},
        model__train_cfg__initial_assigner={"type": "ATSSAssigner", "topk": 9},
        model__train_cfg__initial_epoch=4,
    )
    imported = read(tree)
    assert values(imported)["assigner.k"] == 9
    told = remarks(imported, "inexact")["model.train_cfg.initial_assigner"]
    assert told.startswith("decides in the first 4 epochs only, then predictions do")
    gate = read(changed(tree, model__train_cfg__initial_epoch=0))
    params = imported_settings(gate, Path("x.py")).settings.assigner
    assert params == PointGateParams(quota=13, center_margin=0.01)
    assert values(gate)["anchors.strides"] == (8, 16, 32, 64, 128)
    assert remarks(gate, "inexact", "not_read") == {}


def test_fcos_has_points_and_asks_no_assigner():
    head = {"type": "FCOSHead", "strides": [8, 16, 32, 64, 128], "norm_on_bbox": True}
    tree = changed(RETINANET, model__bbox_head=head)
    imported = read(tree)
    ours = preset("fcos-mmdet").values()
    found = values(imported)
    del found["data.classes"], found["augment.flip"]
    assert imported.extends == "fcos-mmdet"
    assert {path: ours[path] for path in found} == found
    center = changed(tree, **{f"{HEAD}center_sampling": True})
    assert read(center).extends == "fcos-mmdet-center"


def test_foveabox_has_ranges_and_a_core():
    ranges = ((1, 64), (32, 128), (64, 256), (128, 512), (256, 2048))
    head = {"type": "FoveaHead", "strides": [8, 16, 32, 64, 128], "sigma": 0.4}
    own = {"scale_ranges": ranges, "base_edge_list": [16, 32], "with_deform": True}
    imported = read(changed(RETINANET, model__bbox_head=head | own))
    ours, found = preset("foveabox-mmdet").values(), values(imported)
    assert imported.extends == "foveabox-mmdet"
    assert not remarks(imported, "not_read")
    for path in ("anchors.strides", "assigner.size_ranges", "assigner.core"):
        assert found.get(path, ours[path]) == ours[path]
    # The head's own ranges are others.
    assert values(read(changed(RETINANET, model__bbox_head=head)))[
        "assigner.size_ranges"
    ][0] == (8, 32)


def test_reppoints_is_read_as_its_first_stage():
    init = {"assigner": {"type": "PointAssigner", "scale": 4, "pos_num": 2}}
    refine = {"assigner": {"type": "MaxIoUAssigner", "pos_iou_thr": 0.5}}
    head = {"type": "RepPointsHead", "point_strides": [8, 16, 32, 64, 128]}
    tree = changed(RETINANET, model__bbox_head=head | {"point_base_scale": 4})
    training = {"init": init | {"allowed_border": -1}, "refine": refine}
    imported = read(changed(tree, model__train_cfg=training))
    assert imported.extends == "reppoints-mmdet"
    assert values(imported)["assigner.num_points"] == 2
    assert not remarks(imported, "not_read")
    assert "model.train_cfg.refine" in remarks(imported, "inexact")
    wrong = changed(tree, model__train_cfg={"init": refine, "refine": refine})
    assert "MaxIoUAssigner on the points of RepPoints" in refusal(wrong)


def test_yolov3_names_its_coarsest_level_first():
    sizes = [[(116, 90), (156, 198)], [(30, 61), (62, 45)], [(10, 13), (16, 30)]]
    generator = {"type": "YOLOAnchorGenerator", "base_sizes": sizes}
    head = {
        "type": "YOLOV3Head",
        "anchor_generator": generator | {"strides": [32, 16, 8]},
    }
    assigner = {"type": "GridAssigner", "pos_iou_thr": 0.5, "neg_iou_thr": 0.5}
    tree = changed(RETINANET, model__bbox_head=head | {"featmap_strides": [32, 16, 8]})
    tree = changed(tree, model__train_cfg={"assigner": assigner | {"min_pos_iou": 0}})
    imported = read(tree)
    found = values(imported)
    assert imported.extends == "yolov3-mmdet"
    assert not remarks(imported, "not_read")
    assert found["anchors.strides"] == (8, 16, 32)
    assert found["anchors.sizes"] == (
        *((10, 13, 16, 30), (30, 61, 62, 45)),
        (116, 90, 156, 198),
    )
    whole = changed(tree, model__train_cfg__assigner=assigner | {"neg_iou_thr": 1})
    assert "whole number of negatives" in refusal(whole)
    first = changed(
        tree, model__train_cfg__assigner=assigner | {"gt_max_assign_all": False}
    )
    assert "gt_max_assign_all" in refusal(first)


GUIDED = {
    "type": "GARetinaHead",
    "approx_anchor_generator": RETINANET["model"]["bbox_head"]["anchor_generator"],
    "square_anchor_generator": {"type": "AnchorGenerator", "scales": [4]},
    "loc_filter_thr": 0.01,
}
APPROX = {"type": "ApproxMaxIoUAssigner", "pos_iou_thr": 0.5, "neg_iou_thr": 0.4}


def test_guided_anchoring_is_read_by_its_shapes():
    ours = preset("ga-retinanet-mmdet").values()
    training = {"ga_assigner": APPROX | {"min_pos_iou": 0.4}, "center_ratio": 0.2}
    training |= {"assigner": {"type": "MaxIoUAssigner"}, "allowed_border": -1}
    tree = changed(RETINANET, model__bbox_head=GUIDED, model__train_cfg=training)
    imported = read(tree)
    assert imported.extends == "ga-retinanet-mmdet"
    assert not remarks(imported, "not_read")
    assert "model.train_cfg.assigner" in remarks(imported, "inexact")
    found = values(imported)
    for path in (path for path in found if path[:7] in ("anchors", "assigne")):
        assert found[path] == ours[path]
    border = changed(tree, model__train_cfg__allowed_border=0)
    assert "allowed_border: cells beyond a border" in refusal(border)


def test_sabl_has_the_rule_of_guided_anchoring_and_another_floor():
    head = GUIDED | {"type": "SABLRetinaHead", "loss_bbox_cls": {}}
    tree = changed(RETINANET, model__bbox_head=head)
    imported = read(changed(tree, model__train_cfg={"assigner": APPROX}))
    assert imported.extends == "ga-retinanet-mmdet"
    assert values(imported)["assigner.low_quality_floor"] == 0.0
    assert not remarks(imported, "inexact")
    assert not remarks(imported, "not_read")
    first = changed(
        tree, model__train_cfg={"assigner": APPROX | {"gt_max_assign_all": False}}
    )
    assert "gt_max_assign_all" in refusal(first)


def test_vfnet_brings_anchors_of_its_own():
    atss = {"type": "ATSSAssigner", "topk": 9}
    head = {"type": "VFNetHead", "strides": [8], "center_sampling": False}
    tree = changed(RETINANET, model__train_cfg__assigner=atss, model__bbox_head=head)
    imported = read(tree)
    assert imported.extends == "atss-mmdet"
    own = {path for path in values(imported) if path.startswith("anchors.")}
    assert own == {"anchors.allowed_border"}


def test_the_rpn_is_looked_at_where_there_is_one():
    model = RETINANET["model"]
    two = {
        **{"type": "FasterRCNN", "roi_head": {"type": "StandardRoIHead"}},
        "rpn_head": model["bbox_head"] | {"type": "RPNHead"},
        "train_cfg": {"rpn": model["train_cfg"], "rcnn": {}},
    }
    tree = changed(RETINANET, model=two)
    imported = read(tree)
    assert imported.extends == "rpn-mmdet"
    assert "model.roi_head" in remarks(imported, "default")
    assert values(read(tree, "rpn")) == values(imported)
    assert "proposals" in refusal(tree, "head")
    assert refusal(RETINANET, "rpn") == (
        "model.rpn_head: is missing: the model has no RPN"
    )
    tracker = {"type": "Tracker", "detector": two}
    assert values(read(changed(RETINANET, model=tracker)))["resize.pad_divisor"] == 1


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        (f"{HEAD}type", "PAAHead", "PAAHead decides by predictions"),
        (f"{HEAD}type", "YOLOXHead", 'MaxIoUAssigner" of this head'),
        (f"{HEAD}type", "MyHead", 'the head "MyHead" is not known here'),
        (f"{ASSIGNER}type", "HungarianAssigner", "HungarianAssigner matches queries"),
        (f"{ASSIGNER}type", "MyAssigner", 'the assigner "MyAssigner" is not known'),
        (f"{ASSIGNER}neg_iou_thr", (0.1, 0.3), "a band of negatives"),
        (f"{ASSIGNER}ignore_iof_thr", 0.5, "crowds"),
        (f"{ASSIGNER}iou_calculator", {"type": "RBboxOverlaps2D"}, "RBboxOverlaps2D"),
        (f"{GENERATOR}type", "YOLOAnchorGenerator", "YOLOAnchorGenerator looks at"),
        (f"{GENERATOR}strides", None, "is missing, and the framework has no default"),
        (
            f"{DATA}metainfo",
            {"classes": "cat"},
            "expected a list of names, got a text",
        ),
        (f"{DATA}pipeline", [{"type": "Resize", "scale_factor": 2.0}], "by a factor"),
        (f"{DATA}pipeline", [{"type": "Resize", "scale": "big"}], "two whole numbers"),
        ("train_dataloader", None, "nothing says how images are read"),
    ],
)
def test_what_cannot_be_imitated_is_refused_by_its_name(key, value, words):
    assert words in refusal(changed(RETINANET, **{key: value}))


def test_a_value_that_only_running_tells_refuses_the_key_and_only_if_it_decides():
    place = Place("base.py", 31)
    unknown = Node(Unknown("call of compute_thr"), place)
    tree = changed(RETINANET, **{f"{ASSIGNER}pos_iou_thr": unknown})
    with pytest.raises(Refused, match="not written down") as caught:
        read(tree)
    assert str(caught.value) == (
        "base.py:31: model.train_cfg.assigner.pos_iou_thr: the value is not written "
        "down (call of compute_thr)"
    )
    read(changed(RETINANET, work_dir=unknown, **{f"{HEAD}loss_cls": unknown}))


def test_names_of_classes_count_like_their_texts():
    named = Node(Named("mmdet.models.RetinaHead"), Place("x.py", 1))
    assert read(changed(RETINANET, **{f"{HEAD}type": named})) == read(RETINANET)


def test_keys_that_nobody_knows_are_told_and_losses_are_not():
    tree = changed(
        RETINANET,
        **{f"{HEAD}loss_cls": {}, f"{ASSIGNER}my_bar": 1, f"{GENERATOR}jitter": 2},
    )
    assert remarks(read(tree), "not_read").keys() == {
        "model.train_cfg.assigner.my_bar",
        "model.bbox_head.anchor_generator.jitter",
    }


def of_points(kind: str, assigner: dict[str, Any], **head: Any) -> dict[str, Any]:
    """A config whose images become squares of 640 pixels, as the YOLOs have them."""
    points = {"type": "MlvlPointGenerator", "offset": 0, "strides": [8, 16, 32]}
    mosaic = {"type": "Mosaic", "img_scale": (640, 640)}
    return changed(
        RETINANET,
        model__bbox_head={"type": kind, "anchor_generator": points, **head},
        model__train_cfg={"assigner": assigner},
        train_dataloader__dataset__pipeline=[
            mosaic,
            {**RESIZE, "scale": (1280, 1280)},
            {"type": "Pad", "size": (640, 640)},
            PIPELINE[-1],
        ],
    )


RTMDET = of_points("RTMDetHead", {"type": "DynamicSoftLabelAssigner", "topk": 13})
YOLOX = of_points("YOLOXHead", {"type": "SimOTAAssigner"}, anchor_generator=None)
MMYOLO = of_points(
    "mmyolo.YOLOv8Head",
    {"type": "BatchTaskAlignedAssigner", "topk": 10, "use_ciou": True},
    anchor_generator=None,
    prior_generator={"type": "mmdet.MlvlPointGenerator", "strides": [4, 8]},
)


@pytest.mark.parametrize(
    ("tree", "name"), [(RTMDET, "rtmdet-mmdet"), (YOLOX, "yolox-mmdet")]
)
def test_what_stands_before_predictions_is_a_gate(tree, name):
    # Four images make one of twice their sides: each is resized to 640 pixels.
    imported = read(tree)
    found = values(imported)
    assert imported.extends == name
    assert len(found.pop("data.classes")) == 80
    assert preset(name).values() | found == preset(name).values()
    assert remarks(imported, "not_read") == {}


def test_yolox_says_its_quota_and_radius_and_may_cut_out_one_of_four_images():
    keys = {"type": "SimOTAAssigner", "candidate_topk": 7, "center_radius": 1.5}
    tree = changed(YOLOX, model__train_cfg__assigner=keys)
    params = imported_settings(read(tree), Path("x.py")).settings.assigner
    assert (params.quota, params.center_sampling_radius) == (7, 1.5)
    steps = YOLOX["train_dataloader"]["dataset"]["pipeline"]
    cut = [steps[0], {"type": "RandomAffine"}, {**RESIZE, "scale": (640, 640)}]
    found = values(read(changed(YOLOX, train_dataloader__dataset__pipeline=cut)))
    assert found["resize.short_side"] == 640


def test_the_heads_of_mmyolo_have_points_of_their_own():
    params = imported_settings(read(MMYOLO), Path("x.py")).settings
    assert params.assigner == PointGateParams(quota=10)
    assert (params.anchors.strides, params.anchors.offset) == ((4, 8), 0.5)
    warm = {"initial_epoch": 4, "initial_assigner": {"type": "BatchATSSAssigner"}}
    training = MMYOLO["model"]["train_cfg"] | warm
    told = remarks(read(changed(MMYOLO, model__train_cfg=training)), "inexact")
    text = "another assigner decides in the first 4 epochs, before this gate"
    assert told["model.train_cfg.initial_epoch"] == text
    bare = read(changed(MMYOLO, **{f"{HEAD}prior_generator": None}))
    ours = preset("rtmdet-mmdet").values() | values(bare)
    assert (ours["anchors.strides"], ours["anchors.offset"]) == ((8, 16, 32), 0.5)


def test_batches_of_pp_yoloe_are_resized_whole():
    step = {"type": "PPYOLOEBatchRandomResize", "random_size_range": (320, 800)}
    tree = changed(MMYOLO, train_dataloader__dataset__pipeline=[PIPELINE[-1]])
    tree = changed(tree, model__data_preprocessor__batch_augments=[step])
    resize = imported_settings(read(tree), Path("x.py")).settings.resize
    assert (resize.rule, resize.size, resize.pad_to) == ("stretch", (800, 800), ())
    told = "".join(remarks(read(tree), "inexact").values())
    assert "a side from 320 to 800 is drawn; the largest is used" in told


def test_what_presets_of_squares_have_is_none_of_other_configs():
    pipeline = {"train_dataloader__dataset__pipeline": PIPELINE}
    found = imported_settings(read(changed(RTMDET, **pipeline)), Path("x.py")).settings
    assert (found.resize.pad_to, found.resize.short_side) == ((), 800)


SHAPES = of_points(
    "YOLOv5Head",
    {},
    anchor_generator=None,
    prior_match_thr=3.5,
    prior_generator={
        **{"type": "mmdet.YOLOAnchorGenerator", "strides": [8, 16]},
        "base_sizes": [[(10, 13), (16, 30)], [(30, 61), (62, 45)]],
    },
)


def test_the_head_of_yolov5_looks_at_shapes():
    imported = read(SHAPES)
    found = preset("yolov5").values() | values(imported)
    assert imported.extends == "yolov5"
    assert found["anchors.sizes"] == ((10, 13, 16, 30), (30, 61, 62, 45))
    assert found["assigner.ratio_below"] == 3.5
    # Its data are mmdetection's all the same.
    assert found["data.min_box_side"] == 1.0
    assert "0.5 is no rule" in refusal(
        changed(SHAPES, **{f"{HEAD}near_neighbor_thr": 1})
    )


SSD_ASSIGNER = {
    **{"type": "MaxIoUAssigner", "pos_iou_thr": 0.5, "neg_iou_thr": 0.5},
    **{"min_pos_iou": 0.0, "gt_max_assign_all": False},
}
SSD = changed(
    RETINANET,
    model__bbox_head={
        "type": "SSDHead",
        "anchor_generator": {
            **{"type": "SSDAnchorGenerator", "scale_major": False, "input_size": 300},
            **{
                "basesize_ratio_range": (0.15, 0.9),
                "strides": [8, 16, 32, 64, 100, 300],
            },
            "ratios": [[2], [2, 3], [2, 3], [2, 3], [2], [2]],
        },
    },
    model__train_cfg__assigner=SSD_ASSIGNER,
    model__data_preprocessor=None,
    train_dataloader__dataset__pipeline=[
        {"type": "Resize", "scale": (300, 300), "keep_ratio": False},
        PIPELINE[-1],
    ],
)


def test_ssd_forces_the_first_best_anchor():
    imported = read(SSD)
    found = values(imported)
    assert imported.extends == "ssd300-mmdet"
    del found["data.classes"]
    ours = preset("ssd300-mmdet").values()
    assert ours | found == ours
    # With another bar for negatives it is the rule of IoU, on the same anchors.
    band = changed(SSD, **{f"{ASSIGNER}neg_iou_thr": 0.4})
    assert read(band).extends == "retinanet-mmdet"
    assert values(read(band))["anchors.style"] == "mmdetection-ssd"


def test_sizes_of_ssd_by_a_range_or_as_written():
    # SSD512: 4 to 10 of 100, then from 10 to 90 in steps of (90 - 10) // 5 = 16.
    wide = {"input_size": 512, "basesize_ratio_range": (0.1, 0.9)}
    wide["strides"] = [8, 16, 32, 64, 128, 256, 512]
    generator = SSD["model"]["bbox_head"]["anchor_generator"]
    ratios = {"ratios": [[2]] * 7}
    found = values(
        read(changed(SSD, **{f"{HEAD}anchor_generator": generator | wide | ratios}))
    )
    assert found["anchors.sizes"][:3] == ((20, 51), (51, 133), (133, 215))
    assert found["anchors.sizes"][-1] == (460, 542)
    written = {"min_sizes": [48, 100], "max_sizes": [100, 150]}
    few = generator | written | {"strides": [16, 32], "ratios": [[2], [2]]}
    found = values(read(changed(SSD, **{f"{HEAD}anchor_generator": few})))
    assert found["anchors.sizes"] == ((48, 100), (100, 150))
    odd = changed(SSD, **{f"{GENERATOR}input_size": 320})
    assert "SSD300 or SSD512" in refusal(odd)


EVERYTHING = changed(
    RETINANET,
    **{f"{GENERATOR}centers": [(4, 4)] * 5, f"{GENERATOR}base_sizes": [8] * 5},
    **{f"{ASSIGNER}iou_calculator": {"type": "BboxOverlaps2D"}},
    model__data_preprocessor__batch_augments=[
        {"type": "BatchFixedSizePad", "size": (640, 640)}
    ],
    train_dataloader__dataset__pipeline=[
        *PIPELINE,
        {"type": "RandomResize", "scale": [(9, 8), (7, 6)], "ratio_range": (0.1, 2)},
        {"type": "RandomChoice", "transforms": [[RESIZE], [{"type": "Pad"}]]},
        {"type": "Pad", "size": (640, 640), "size_divisor": 32},
        {"type": "FilterAnnotations", "min_gt_bbox_wh": (1, 1)},
    ],
)


@pytest.mark.parametrize(
    "tree", [EVERYTHING, RETINANET_2, RTMDET, YOLOX, MMYOLO, SHAPES, SSD]
)
def test_whatever_stands_in_a_config_it_is_read_or_refused(tree):
    read_or_refuse_everything(tree)


def test_scales_beside_an_octave_are_refused_as_mmdetection_does():
    with pytest.raises(Refused, match="octave_base_scale and scales_per_octave"):
        read(changed(RETINANET, **{f"{GENERATOR}scales": [4, 6]}))
    # It does not mind one of the two.
    tree = changed(RETINANET, **{f"{GENERATOR}octave_base_scale": None})
    found = read(changed(tree, **{f"{GENERATOR}scales": [4, 6]}))
    assert values(found)["anchors.scales"] == (4.0, 6.0)
    assert remarks(found, "inexact", "not_read") == {}


def test_levels_of_the_neck_are_as_many_as_strides():
    necks = [{"type": "FPN", "num_outs": 5}, {"type": "DyHead"}]
    assert values(read(changed(RETINANET, model__neck=necks)))
    six = changed(RETINANET, model__neck={"type": "FPN", "num_outs": 6})
    with pytest.raises(Refused, match="6 levels for 5 strides"):
        read(six)


def test_what_the_config_itself_has_to_no_end_is_told():
    used = {"train_pipeline": PIPELINE[1:]}
    assert remarks(read({**RETINANET, **used}), "not_read") == {}
    other = {"train_pipeline": [{**RESIZE, "scale": (640, 640)}]}
    told = remarks(read({**RETINANET, **other, "data": {"train": {}}}), "not_read")
    assert told.keys() == {"train_pipeline", "data"}
    assert "train_dataloader.dataset" in told["train_pipeline"]


def test_a_variant_is_extended_where_all_that_makes_it_one_is_said():
    atss = {"type": "ATSSAssigner", "topk": 9}
    tree = changed(
        RETINANET,
        model__train_cfg__assigner=atss,
        model__data_preprocessor__pad_size_divisor=128,
    )
    assert read(tree).extends == "atss-mmdet"
    dyhead = read(changed(tree, **{f"{GENERATOR}center_offset": 0.5}))
    assert dyhead.extends == "atss-mmdet-dyhead"
    assert imported_settings(dyhead, Path("x.py")).settings.anchors.offset == 0.5
