"""Parameters of the ranking rule of RFLA and NWD-RKA."""

from dataclasses import dataclass

from atss_inspect.assigners.distances import CONSTANT, NAMES, Distance, DistanceName
from atss_inspect.assigners.rule import Params
from atss_inspect.fields import WHOLE, at_least, between, setting


@dataclass(frozen=True)
class RankingParams(Params):
    """Parameters of the ranking rule of RFLA and NWD-RKA.

    Attributes
    ----------
    k : each box is given the k anchors most alike it, on all levels together, and those
        that are as alike as the k-th
    ranked_by : how alike they are: ``kld``, ``wd``, ``nwd`` or ``dotd``
    nwd_constant : input pixels that distances of NWD and DotD are divided by
    k_again : as many of those once more, when anchors are made ``ratio`` times as
        large; of anchors that no box was given before. 0: no second time
    ratio : see there
    ignored_from : an anchor that is at least so alike some box, and not positive, is
        ignored, not negative; 0: none is
    """

    # configs/rfla of mmdet-rfla, topk=[3, 1]
    k: int = setting(3, at_least(1, WHOLE, most=1000), aliases=("topk",))
    ranked_by: DistanceName = "kld"  # its assign_metric
    # AI-TOD-v2's usual size; metric_calculator.py of mmdet-nwdrka
    nwd_constant: float = setting(12.7, CONSTANT, is_later=True)
    k_again: int = setting(1, at_least(0, WHOLE, most=1000))
    ratio: float = setting(0.9, between(0.01, 100))
    # hierarchical_assigner.py of mmdet-rfla, max_overlaps < 0.8
    ignored_from: float = setting(0.8, between(0, 2))

    @property
    def first(self) -> Distance:
        """How alike anchors are the first time."""
        return Distance(self.ranked_by, self.nwd_constant)

    @property
    def again(self) -> Distance:
        """How alike they are the second time."""
        return Distance(
            self.ranked_by, self.nwd_constant, self.ratio if self.k_again else None
        )

    @property
    def measure_name(self) -> str:
        """What people call the measure."""
        return NAMES[self.ranked_by]
