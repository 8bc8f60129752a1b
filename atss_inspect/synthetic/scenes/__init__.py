"""The kinds of scenes: each composes its objects and can paint what is behind them."""

from collections.abc import Callable

from atss_inspect.synthetic.scenes.beach import beach
from atss_inspect.synthetic.scenes.composer import Composer, Scene
from atss_inspect.synthetic.scenes.harbour import harbour
from atss_inspect.synthetic.scenes.lake import lake
from atss_inspect.synthetic.scenes.meadow import meadow
from atss_inspect.synthetic.scenes.shelf import shelf
from atss_inspect.synthetic.scenes.street import street
from atss_inspect.synthetic.scenes.table import table

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
