"""Recorded facts of mmdetection's configs, and the wheels themselves where they are."""

import os
from pathlib import Path
from typing import Any

import pytest

from atss_inspect.importing import (
    mmdet_anchors,
    mmdet_gates,
    mmdet_images,
    mmdet_model,
    mmdet_rules,
)
from atss_inspect.presets import preset_names
from atss_inspect.presets.needing_models import why_none
from atss_inspect.settings import preset, resolve
from tests.config_facts import VERSIONS, facts, gather, package
from tests.conftest import PROJECT_ROOT

# What `make import-proof` has unpacked, or another such folder.
WHEELS = os.environ.get("CONFIG_TREES", PROJECT_ROOT / "build/import-proof/wheels")
needs_wheels = pytest.mark.skipif(
    not package(Path(WHEELS), VERSIONS[0]).is_dir(),
    reason="no unpacked wheels: `make import-proof`, or CONFIG_TREES=FOLDER",
)
HEADS = {
    *(*mmdet_model.ANCHOR_HEADS, *mmdet_model.POINT_HEADS),
    *(*mmdet_gates.GATE_HEADS, *mmdet_gates.SHAPE_HEADS),
    *mmdet_model.RULE_HEADS,
}
ASSIGNERS = {*mmdet_model.ASSIGNERS, *mmdet_gates.GATES}
KNOWN: dict[str, set[str]] = {
    "heads": {*HEADS, *mmdet_model.OTHER_HEADS},
    "assigners": {*ASSIGNERS, *mmdet_model.OTHER_ASSIGNERS},
    "generators": {*mmdet_anchors.GENERATORS, *mmdet_anchors.OTHER_GENERATORS},
    "transforms": {
        *mmdet_images.MAPPED,
        *mmdet_images.HARMLESS,
        *mmdet_images.INEXACT,
        *mmdet_images.IN_TURN,
        *mmdet_images.AT_RANDOM,
    },
}
# Detectors of mmdet 3.3.0 are 789 of its configs, at least so many exactly expressible.
LEAST = {"3.3.0": 455, "2.28.2": 435}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("kind", KNOWN)
def test_every_name_of_the_tree_is_mapped_harmless_inexact_or_refused(kind, version):
    others = set(facts(version)["names"][kind]) - KNOWN[kind]
    assert {name for name in others if not why_none(name)} == set()


@pytest.mark.parametrize("version", VERSIONS)
def test_so_many_configs_are_expressible_and_the_rest_says_what_is_missing(version):
    found = facts(version)
    exact = [found["settings"][number]["exact"] for number in found["configs"].values()]
    assert sum(exact) >= LEAST[version]
    assert len(found["configs"]) + sum(map(len, found["refused"].values())) in (
        808,
        642,
    )


def test_each_name_stands_in_one_table_alone():
    assert {*mmdet_model.RULE_HEADS} == {*mmdet_rules.OWN_RULES}
    assert not HEADS & {*mmdet_model.OTHER_HEADS}
    assert not ASSIGNERS & {*mmdet_model.OTHER_ASSIGNERS}
    tables: list[Any] = [
        *(mmdet_images.MAPPED, mmdet_images.HARMLESS, mmdet_images.INEXACT),
        *(mmdet_images.IN_TURN, mmdet_images.AT_RANDOM),
    ]
    names = [name for table in tables for name in table]
    assert len(names) == len(set(names))


@needs_wheels
@pytest.mark.slow
@pytest.mark.parametrize("version", VERSIONS)
def test_the_wheel_gives_the_recorded_facts(version):
    assert gather(Path(WHEELS), version) == facts(version)


# What configs say otherwise than their presets, which are those of the records.
BESIDE = {
    "rtmdet-mmdet": {"resize.pad_divisor": 1},  # of a square of 640 pixels
    "yolox-mmdet": {"data.min_input_side": 1.0, "data.drop_images": "never"},
}


@needs_wheels
@pytest.mark.parametrize(
    "name",
    [name for name in preset_names() if preset(name).source.startswith("mmdetection")],
)
def test_the_config_that_a_preset_names_imports_as_the_preset(name):
    ours = preset(name)
    named = ours.source.split(", ")[1]
    path = package(Path(WHEELS), "3.3.0") / ".mim" / named
    imported = resolve(path).settings.values()
    # A preset trains all classes of a file, a config those of its data set class.
    assert len(imported["data.classes"]) == 80
    assert {**imported, "data.classes": ()} == ours.values() | BESIDE.get(name, {})
