"""What data set classes of mmdetection mean: settings that exist, and their classes."""

import pytest

from atss_inspect.importing.data_sets import DATASET_RULES, own_classes
from atss_inspect.settings import preset

NUMBERS = {
    **{
        "YOLOv5CocoDataset": 80,
        "CocoDataset": 80,
        "VOCDataset": 20,
        "CityscapesDataset": 8,
    },
    **{"Objects365V1Dataset": 365, "Objects365V2Dataset": 365},
    **{"DeepFashionDataset": 15, "WIDERFaceDataset": 1, "AITODDataset": 8},
}


@pytest.mark.parametrize("name", sorted(DATASET_RULES))
def test_a_data_set_class_means_settings_that_differ_from_those_of_coco(name):
    coco = preset("atss-mmdet").values()
    ours = preset("atss-mmdet", **DATASET_RULES[name].settings).values()
    differing = {path for path in ours if ours[path] != coco[path]}
    assert differing == set(DATASET_RULES[name].settings)


@pytest.mark.parametrize("name", sorted(DATASET_RULES))
def test_a_data_set_class_has_its_own_classes_or_takes_those_of_the_file(name):
    classes = own_classes(name)
    assert len(classes) == len(set(classes)) == NUMBERS.get(name, 0)
    assert all(classes)


def test_classes_are_spelled_as_the_files_of_their_data_set_spell_them():
    assert own_classes("CocoDataset")[:2] == ("person", "bicycle")
    assert own_classes("CocoDataset")[-1] == "toothbrush"
    # Slips and blanks are part of a name: it is compared letter by letter.
    assert {"Moniter/TV", "Cigar/Cigarette "} <= {*own_classes("Objects365V2Dataset")}
    assert {"tissue ", "moniter/tv"} & {*own_classes("Objects365V1Dataset")}
