"""What `explain` has found out, ready to be shown in any form."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from atss_inspect.annotations.dataset import Dataset, Finding
from atss_inspect.explain import Explanation, KindTried, Trial, recommended
from atss_inspect.statistics.summary import SIZE_BINS, size_bins
from atss_inspect.views.files import file_of


class Answer(NamedTuple):
    """One convention's explanation, and what was tried if the object has nothing."""

    explanation: Explanation
    tried: tuple[KindTried, ...]

    @property
    def recommended(self) -> Trial | None:
        """The change to try first."""
        return recommended(self.tried, self.explanation.num_unassigned)


@dataclass(frozen=True, eq=False)
class ExplainedObject:
    """One object under every convention asked for.

    Attributes
    ----------
    image : the object's image alone
    row : row of the object
    answers : one per convention
    """

    image: Dataset
    row: int
    answers: tuple[Answer, ...]

    @property
    def ann_id(self) -> Any:
        """Its annotation id; None for a box that is in no file."""
        return self.image.annotation_ids[[self.row]].tolist()[0]

    @property
    def is_in_file(self) -> bool:
        """Whether a file has the object, or else the user gave a box."""
        return int(self.image.annotation_index[self.row]) >= 0

    @property
    def file(self) -> str:
        """The file of its image."""
        return file_of(self.image)

    @property
    def class_name(self) -> str:
        """Its class; empty for a box without one."""
        return self.image.category_names[int(self.image.category_index[self.row])]

    @property
    def size(self) -> str:
        """Its size bin."""
        return SIZE_BINS[int(size_bins(self.image.areas[[self.row]])[0])]


@dataclass(frozen=True, eq=False)
class ExplainReport:
    """The objects asked for, explained.

    Attributes
    ----------
    dataset : all that was read
    objects : usually one; several where an annotation id is given more than once
    unread : what the reader found wrong with the annotation, if it has left it out
    asked : annotation id as typed; empty for a box
    commands : options to type again for the same data, one set per convention
    """

    dataset: Dataset
    objects: tuple[ExplainedObject, ...]
    unread: Finding | None = None
    asked: str = ""
    commands: tuple[tuple[str, ...], ...] = ()
