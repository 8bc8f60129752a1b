"""Images that are left out whole, with what was in their files: counted by reason."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from atss_inspect.annotations.dataset import Dataset, FileCounts
from atss_inspect.arrays import BoolArray, IntArray
from atss_inspect.readers.findings import MAX_EXAMPLES, Tally

# What `findings.item_label` makes, up to what may follow it.
_LABEL = re.compile(r"(images|annotations)\[(\d+)\]( \(id .*\))?")


@dataclass
class LostImages:
    """What is left out of the M images of a folder.

    Attributes
    ----------
    num_lines : (M,) int64, how many objects the file of each image describes
    is_lost : (M,) bool
    left_out, left_out_images : as in `Dataset`
    """

    num_lines: IntArray
    tally: Tally
    is_lost: BoolArray = field(init=False)
    left_out: dict[str, int] = field(default_factory=dict)
    left_out_images: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.is_lost = np.zeros(len(self.num_lines), np.bool_)

    def lose(
        self, reason: str, which: BoolArray, name_of: Callable[[int], str]
    ) -> None:
        """Leave out images that are not lost yet; ``name_of`` a place names one."""
        places = np.flatnonzero(which & ~self.is_lost)
        if len(places) == 0:
            return
        examples = list(map(name_of, places[:MAX_EXAMPLES].tolist()))
        self.tally.add(reason, len(places), examples)
        self.is_lost[places] = True
        self.left_out_images[reason] = len(places)
        self.add_lines(reason, int(self.num_lines[places].sum()))

    def add_lines(self, reason: str, number: int) -> None:
        """Count objects as left out."""
        if number:
            self.left_out[reason] = self.left_out.get(reason, 0) + number

    def account(
        self,
        dataset: Dataset,
        image_name: Callable[[int], str],
        object_name: Callable[[int], str],
        **more: Any,
    ) -> Dataset:
        """Put what was left out into the data set of what was not.

        Of the place of one that was not, ``image_name`` and ``object_name`` make what
        stands in examples for the places in lists that files of JSON have.
        """
        names = {"images": image_name, "annotations": object_name}
        lost = sum(self.left_out.values())
        counts = dataset.file_counts[0]
        num_lines = counts.num_annotations + lost
        return replace(
            dataset,
            num_annotations=dataset.num_annotations + lost,
            left_out=dataset.left_out | self.left_out,
            left_out_images=dataset.left_out_images | self.left_out_images,
            file_counts=(
                FileCounts(counts.num_images, num_lines, counts.num_categories),
            ),
            findings=tuple(
                replace(each, examples=tuple(_placed(each.examples, names)))
                for each in dataset.findings
            ),
            **more,
        )


def _placed(
    examples: Sequence[str], names: Mapping[str, Callable[[int], str]]
) -> Iterator[str]:
    """Name the file, and what in it, in place of ``annotations[17] (id 4231)``."""
    for example in examples:
        found = _LABEL.match(example)
        if found is None:
            yield example
        else:
            yield names[found[1]](int(found[2])) + example[found.end() :]
