"""The kinds of scenes: each composes its objects and can paint what is behind them."""

from collections.abc import Callable

from tools.sample_scenes.scenes.beach import beach
from tools.sample_scenes.scenes.composer import Composer, Scene
from tools.sample_scenes.scenes.harbour import harbour
from tools.sample_scenes.scenes.lake import lake
from tools.sample_scenes.scenes.meadow import meadow
from tools.sample_scenes.scenes.shelf import shelf
from tools.sample_scenes.scenes.street import street
from tools.sample_scenes.scenes.table import table

SCENES: dict[str, Callable[[Composer], Scene]] = {
    "beach": beach,
    "harbour": harbour,
    "lake": lake,
    "meadow": meadow,
    "shelf": shelf,
    "street": street,
    "table": table,
}

__all__ = ["SCENES"]
