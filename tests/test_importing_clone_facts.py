"""Recorded facts of configs of repositories, and the clones where they are."""

import json
from pathlib import Path
from typing import Any

import pytest

from atss_inspect.errors import SettingsError
from atss_inspect.importing.frameworks import read_as_settings
from atss_inspect.importing.imported import Imported
from atss_inspect.importing.read import read_config
from atss_inspect.presets import preset_names
from atss_inspect.settings import preset, resolve
from atss_inspect.settings.parameters import PARAMETERS
from tests.clone_facts import (
    CLONES,
    clones,
    completed,
    configs,
    executed_defaults,
    facts,
    gather,
)
from tests.importing_trees import remarks, values

FOLDER = clones() or Path()
needs_clones = pytest.mark.skipif(
    clones() is None, reason="CONFIG_CLONES names no folder of clones"
)
WITH_DEFAULTS = [name for name, clone in CLONES.items() if clone.defaults]
# What a preset names as its source, by the repository it names.
NAMED = {
    name: preset(name).source.partition(", ")
    for name in preset_names()
    if preset(name).source.split()[0].rpartition("/")[2] in CLONES
    and name != "atss-official-9a"  # a variant that no file has
}


def plain(found: dict[str, Any]) -> dict[str, Any]:
    """Settings of an import as JSON has them."""
    known = PARAMETERS.keys() - {"data.classes"}
    kept = {path: value for path, value in found.items() if path in known}
    result: dict[str, Any] = json.loads(json.dumps(kept))
    return result


def test_detectron2_has_so_many_expressible_and_the_rest_says_what_is_missing():
    found = facts("detectron2")
    exact = [
        name
        for name, number in found["configs"].items()
        if name.endswith(".yaml") and found["settings"][number]["exact"]
    ]
    inexact = set(found["configs"]) - set(exact)
    refused = [name for names in found["refused"].values() for name in names]
    # 82 detectors are in YAML: those that are read, and three on stored proposals.
    yaml = [name for name in (*found["configs"], *refused) if name.endswith(".yaml")]
    assert len(yaml) - 4 == 82  # four assign nothing: semantic segmentation
    assert len(exact) == 78
    # Random crops, and large scale jitter of the new baselines.
    crops = "Misc/cascade_mask_rcnn_X_152_32x8d_FPN_IN5k_gn_dconv.yaml"
    rest = {name for name in inexact if not name.endswith(".py")}
    assert rest == {crops}
    assert sum(name.startswith("new_baselines/") for name in inexact) == 13
    for names in found["refused"].values():
        assert names


@pytest.mark.parametrize("name", ["ATSS", "FCOS"])
def test_all_configs_of_the_authors_are_expressible(name):
    found = facts(name)
    assert found["refused"] == {}
    assert all(one["exact"] for one in found["settings"])


@pytest.mark.parametrize("name", NAMED)
def test_the_config_that_a_preset_names_has_its_values_recorded(name):
    repository, _, path = NAMED[name]
    found = facts(repository.split()[0].rpartition("/")[2])
    number = found["configs"][path.removeprefix("configs/")]
    one = found["settings"][number]
    ours = plain(preset(name).values())
    if name.endswith("-warmup"):  # squares of 640 pixels, in the first epochs alone
        ours["resize.pad_divisor"] = 1
    assert plain(preset(one["extends"]).values()) | plain(one) == ours
    assert one["exact"] is not name.endswith("-warmup")


def test_the_presets_are_the_ones_that_must_be_compared():
    assert set(NAMED) >= {
        *("retinanet-detectron2", "rpn-detectron2", "fcos-detectron2"),
        *("fcos-adelaidet", "atss-official", "retinanet-official"),
        *("fcos-official", "fcos-official-imprv"),
    }


@needs_clones
@pytest.mark.slow
@pytest.mark.parametrize("name", CLONES)
def test_the_clone_gives_the_recorded_facts(name):
    assert json.loads(json.dumps(gather(FOLDER, name))) == facts(name)


@needs_clones
@pytest.mark.parametrize("name", NAMED)
def test_the_config_that_a_preset_names_imports_as_the_preset(name):
    repository, _, path = NAMED[name]
    clone = FOLDER / repository.split()[0].rpartition("/")[2]
    beside = {"resize.pad_divisor": 1} if name.endswith("-warmup") else {}
    imported = resolve(clone / path).settings.values()
    assert plain(imported) == plain(preset(name).values()) | beside


def whole(imported: Imported) -> dict[str, Any]:
    """All values that a config comes to, what it leaves to its preset too."""
    return preset(imported.extends).values() | values(imported)


@needs_clones
@pytest.mark.parametrize("name", WITH_DEFAULTS)
def test_a_config_with_all_executed_defaults_imports_as_it_is(name):
    defaults = executed_defaults(FOLDER, name)
    # On in the authors' own repository: files of other models inherit it unawares.
    defaults["MODEL"].pop("FCOS_ON", None)
    count = 0
    for inner, path in configs(FOLDER, name):
        if path.suffix == ".py":
            continue
        try:
            held = read_config(path)
            alone = read_as_settings(held.root, dialect=held.dialect)
        except SettingsError:
            continue
        filled = completed(path, defaults)
        assert whole(filled) == whole(alone), inner
        # Every key of theirs is known.
        assert remarks(filled, "not_read") == {}, inner
        count += 1
    assert count >= 50
