"""What holds of every data set, however odd the file it was read from."""

from collections.abc import Collection
from typing import Any

import numpy as np
import pytest

from atss_inspect.annotations.dataset import Dataset, Finding
from atss_inspect.errors import DataError, SettingsError
from atss_inspect.readers import load_coco

LONGEST_REFUSAL = 500  # beside the name of the file


def assert_sound(dataset: Dataset) -> None:
    """Check that nothing is lost uncounted, and every number can be worked with."""
    lost = sum(dataset.left_out.values())
    assert dataset.num_objects + lost == dataset.num_annotations
    assert np.isfinite(dataset.xywh).all()
    assert (dataset.image_sizes >= 1).all()
    assert np.isfinite(dataset.areas).all()
    assert (dataset.areas >= 0).all()
    assert (dataset.category_index < len(dataset.category_names)).all()
    assert len(set(dataset.image_ids.tolist())) == dataset.num_images
    for part in (dataset.image_ids, dataset.annotation_ids, dataset.category_ids):
        assert {type(each) for each in part.tolist()} <= {int, str, type(None)}
    for finding in dataset.findings:
        assert finding.count > 0
        finding.message.encode()
        for example in finding.examples:
            example.encode()
    for text in (*dataset.file_names.tolist(), *dataset.category_names):
        text.encode()


def assert_same(
    one: Dataset, other: Dataset, *, apart: Collection[str] = ("files", "file_sizes")
) -> None:
    """Compare every field of two data sets, arrays with their dtypes, but for some."""
    for name, value in vars(one).items():
        found = getattr(other, name)
        if isinstance(value, np.ndarray):
            np.testing.assert_array_equal(value, found, err_msg=name)
            assert value.dtype == found.dtype, name
        elif name not in (*apart, "places"):  # places are of files alone
            # Without objects, segmentations are () or None.
            assert (value or None) == (found or None), name


def counts(dataset: Dataset) -> dict[str, int]:
    """How often each oddity was found."""
    return {each.reason: each.count for each in dataset.findings}


def the_finding(dataset: Dataset, reason: str) -> Finding:
    """What was found of one kind."""
    (found,) = (each for each in dataset.findings if each.reason == reason)
    return found


def refusal(*sources: Any, **how: Any) -> tuple[str, str | None]:
    """What `load_coco` says where it refuses: the message and the hint."""
    with pytest.raises((DataError, SettingsError)) as caught:
        load_coco(*sources, **how)
    return str(caught.value), caught.value.hint


def read_soundly(name: str) -> Dataset | None:
    """Read a file; it must be refused in one line (None) or make a sound data set."""
    try:
        dataset = load_coco(name)
    except DataError as error:
        told = str(error)
    else:
        assert_sound(dataset)
        return dataset
    assert told.isprintable()
    assert len(told) < LONGEST_REFUSAL
    return None
