"""What one convention does to one image, at every position of the slider over k."""

from dataclasses import dataclass
from functools import cached_property

from atss_inspect.assigners.assignment import Assignment
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
        rule, params = self.scene.settings.rule, self.scene.settings.assigner
        return self.ks.index(rule.k_of(params)) if self.has_slider else 0

    @cached_property
    def assignments(self) -> tuple[Assignment, ...]:
        """Answer of each position; exactly what the assigner says at that k."""
        scene, settings = self.scene, self.scene.settings
        if not self.has_slider or not settings.rule.each_k:
            return (scene.assignment,)
        ks = [k for k in self.ks if k is not None]
        assign = settings.rule.each_k.assign
        return tuple(assign(scene.frame, settings.pyramid, settings.assigner, ks))


def answers_of(scene: Scene) -> Answers:
    """Positions of the slider: k from 1 to 30, or only the one there is."""
    rule = scene.settings.rule
    k = rule.k_of(scene.settings.assigner)
    if k is None or k > MOST_K or not rule.each_k:
        return Answers(scene, (k,))
    return Answers(scene, tuple(range(1, MOST_K + 1)))
