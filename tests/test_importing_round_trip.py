"""Settings written in a framework's own form read as the settings that they were."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from atss_inspect.settings import resolve
from atss_inspect.settings.configs import import_config
from atss_inspect.views.fragments import fragment_of
from tests import test_importing_detectron2 as detectron2
from tests import test_importing_official as official
from tests.importing_trees import assigned, changed

P2, P4 = "strides=4,8,16,32,64", "strides=16,32,64"
# Configs that are their presets.
YAML: dict[str, dict[str, Any]] = {
    "retinanet-detectron2": detectron2.YAML,
    "rpn-detectron2": detectron2.RPN,
    "fcos-adelaidet": detectron2.FCOS,
    "atss-official": official.ATSS,
    "retinanet-official": official.RETINANET,
    "fcos-official": official.FCOS,
}
LAZY = """\
from omegaconf import OmegaConf
from detectron2.config import LazyCall as L
from a import FCOS, FPN, DatasetMapper, DefaultAnchorGenerator, GeneralizedRCNN
from a import Matcher, RandomFlip, ResizeShortestEdge, RetinaNet, RPN, dicts, loader

generator = L(DefaultAnchorGenerator)(
    sizes=[{sizes} for x in [32, 64, 128, 256, 512]],
    aspect_ratios=[0.5, 1.0, 2.0], strides={strides}, offset=0.0)
matcher = L(Matcher)(
    thresholds={bars}, labels=[0, -1, 1], allow_low_quality_matches=True)
backbone = L(FPN)(
    bottom_up=dict(out_features=[]), in_features=["res3", "res4", "res5"])
dataloader = OmegaConf.create()
dataloader.train = L(loader)(dataset=L(dicts)(names="mine"), mapper=L(DatasetMapper)(
    augmentations=[L(ResizeShortestEdge)(short_edge_length=800, max_size=1333)]))
dataloader.test = L(loader)(mapper=L(DatasetMapper)(
    augmentations=[L(ResizeShortestEdge)(short_edge_length=800, max_size=1333)]))
"""
RETINANET = LAZY.format(
    sizes="[x, x * 2 ** (1.0 / 3), x * 2 ** (2.0 / 3)]",
    strides=[8, 16, 32, 64, 128],
    bars=[0.4, 0.5],
)
RPN = LAZY.format(sizes="[x]", strides=[4, 8, 16, 32, 64], bars=[0.3, 0.7])
MODELS = {
    "retinanet-detectron2": f"""{RETINANET}
model = L(RetinaNet)(backbone=backbone, head=dict(num_anchors=9),
    anchor_generator=generator, anchor_matcher=matcher, head_in_features=["p3"])
""",
    "rpn-detectron2": f"""{RPN}
model = L(GeneralizedRCNN)(backbone=backbone, proposal_generator=L(RPN)(
    head=dict(num_anchors=3), anchor_generator=generator, anchor_matcher=matcher),
    roi_heads=dict(box_pooler=dict(scales=[])))
""",
    "fcos-detectron2": f"""{RETINANET}
model = L(FCOS)(backbone=backbone, head=dict(),
    head_in_features=["p3", "p4", "p5", "p6", "p7"])
""",
}
CASES = [
    ("retinanet-detectron2", P2),
    ("retinanet-detectron2", "scale=3 scales_per_octave=2 ratios=1,2"),
    ("retinanet-detectron2", "positive_from=0.6 negative_below=0.3"),
    ("retinanet-detectron2", "offset=0.5 short_side=640 long_side=1000"),
    ("rpn-detectron2", "strides=8,16,32,64"),
    ("rpn-detectron2", "ratios=[[1],[1],[2,3],[1],[1]]"),
    ("rpn-detectron2", "anchors.sizes=[[16],[32,48],[64],[128],[256]]"),
    ("rpn-detectron2", "allowed_border=0"),
]
OTHERS = [
    ("fcos-adelaidet", "radius=2 short_side=640"),
    ("fcos-adelaidet", "radius=0"),
    ("atss-official", f"{P2} k=11 short_side=640"),
    ("atss-official", "ratios=0.5,1,2 scale=6"),
    ("retinanet-official", "scales_per_octave=2 positive_from=0.6"),
    ("fcos-official", "radius=1.5 pad_divisor=64"),
]
TORCHVISION = [
    ("retinanet-torchvision", f"{P2} scales_per_octave=1"),
    ("retinanet-torchvision", "scale=3 ratios=1,2 positive_from=0.6"),
    ("retinanet-torchvision", "anchors.sizes=[[16],[32,48],[64],[128],[256]]"),
    ("rpn-torchvision", "positive_from=0.6 short_side=640"),
    ("rpn-torchvision", "ratios=[[1],[1],[2,3],[1],[1]]"),
    ("fcos-torchvision", "radius=2 long_side=1000"),
]


def fragment(name: str, changes: str) -> tuple[str, dict[str, Any]]:
    """What is written for a preset with changes, and what it must read as."""
    own = resolve(name).settings
    settings = resolve(name, overrides=changes.split()).settings
    written = fragment_of(settings, own)
    assert written is not None
    assert "Not certain" not in written.text
    return written.text, settings.values()


def read(path: Path) -> dict[str, Any]:
    imported = import_config(path)
    start = resolve(imported.extends).settings.values()
    return start | assigned(imported)


def same_anchors(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether settings are equal, scales or sizes of anchors apart."""
    scales = ("anchors.scale", "anchors.scales_per_octave", "anchors.sizes")
    sides = [
        each["anchors.sizes"]
        or tuple(
            tuple(
                stride * each["anchors.scale"] * 2 ** (i / count) for i in range(count)
            )
            for stride in each["anchors.strides"]
            for count in [each["anchors.scales_per_octave"]]
        )
        for each in (one, other)
    ]
    rest = [{k: v for k, v in each.items() if k not in scales} for each in (one, other)]
    return rest[0] == rest[1] and _close(*sides)


def _close(one: Any, other: Any) -> bool:
    flat = [[side for level in each for side in level] for each in (one, other)]
    return flat[0] == pytest.approx(flat[1], rel=1e-12)


@pytest.mark.parametrize(("name", "changes"), [*CASES, *OTHERS])
def test_yaml_reads_as_what_was_written(tmp_path, name, changes):
    text, expected = fragment(name, changes)
    base = changed(YAML[name])
    (tmp_path / "base.yaml").write_text(yaml.safe_dump(base))
    path = tmp_path / "mine.yaml"
    path.write_text(f"_BASE_: base.yaml\n{text.partition('# LazyConfig')[0]}")
    assert same_anchors(read(path), expected)


@pytest.mark.parametrize(
    ("name", "changes"), [*CASES, ("fcos-detectron2", f"{P2} radius=2")]
)
def test_a_lazyconfig_reads_as_what_was_written(tmp_path, name, changes):
    text, expected = fragment(name, changes)
    path = tmp_path / "mine.py"
    path.write_text(MODELS[name] + text.partition("# LazyConfig\n")[2])
    assert same_anchors(read(path), expected)


@pytest.mark.parametrize(("name", "changes"), TORCHVISION)
def test_a_script_reads_as_what_was_written(tmp_path, name, changes):
    text, expected = fragment(name, changes)
    path = tmp_path / "mine.py"
    path.write_text(text)
    assert same_anchors(read(path), expected)
