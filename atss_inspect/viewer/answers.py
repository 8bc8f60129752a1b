"""What one convention says of one image, at every position of the slider over k."""

from dataclasses import dataclass
from functools import cached_property

from atss_inspect.assigners.assignment import Assignment
from atss_inspect.assigners.atss.assign import AtssParams
from atss_inspect.assigners.atss.k_sweep import assign_each_k
from atss_inspect.assigners.pyramid import build_pyramid
from atss_inspect.scene import Scene

# A set of these fits the 31 bits that JavaScript's bit operations leave.
MOST_K = 30


@dataclass(frozen=True, eq=False)
class Answers:
    """The assignments of one image, one per position of the slider.

    Attributes
    ----------
    scene : the image under the convention as it is
    ks : k of each position; a single None where the rule has no k
    """

    scene: Scene
    ks: tuple[int | None, ...]

    @property
    def has_slider(self) -> bool:
        """Whether there is more than one position."""
        return len(self.ks) > 1

    @property
    def start(self) -> int:
        """Position of the convention's own k."""
        params = self.scene.settings.assigner
        return self.ks.index(params.k) if isinstance(params, AtssParams) else 0

    @cached_property
    def assignments(self) -> tuple[Assignment, ...]:
        """Answer of each position; exactly what the assigner says at that k."""
        scene, params = self.scene, self.scene.settings.assigner
        if not isinstance(params, AtssParams) or not self.has_slider:
            return (scene.assignment,)
        ks = [k for k in self.ks if k is not None]
        pyramid = build_pyramid(scene.settings.anchors)
        return tuple(assign_each_k(scene.frame, pyramid, params, ks))


def answers_of(scene: Scene) -> Answers:
    """Say which positions the slider has: k from 1 to 30, or only the one there is."""
    params = scene.settings.assigner
    if not isinstance(params, AtssParams):
        return Answers(scene, (None,))
    if params.k > MOST_K:
        return Answers(scene, (params.k,))
    return Answers(scene, tuple(range(1, MOST_K + 1)))
