"""See what label assignment does to your COCO annotations before you train.

    from atss_inspect import load_coco, objects_table, preset

    dataset = load_coco("instances_val.json")
    table = objects_table(dataset, preset("atss-mmdet", k=15))

Names are loaded when first used, so that ``import atss_inspect`` costs nothing.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from atss_inspect import plot
    from atss_inspect.annotations.dataset import Dataset
    from atss_inspect.errors import AtssInspectError
    from atss_inspect.readers import load_coco
    from atss_inspect.settings import Settings, preset
    from atss_inspect.statistics.run import assign, summarize
    from atss_inspect.statistics.summary import Summary
    from atss_inspect.statistics.tables import objects_table, positives_table
    from atss_inspect.statistics.tuning import tune
    from atss_inspect.statistics.tuning.outcome import Tuning
    from atss_inspect.views.asked import compare, sweep

__version__ = "1.0.0rc1"

__all__ = [
    "AtssInspectError",
    "Dataset",
    "Settings",
    "Summary",
    "Tuning",
    "assign",
    "compare",
    "load_coco",
    "objects_table",
    "plot",
    "positives_table",
    "preset",
    "summarize",
    "sweep",
    "tune",
]

_HOME = {
    "AtssInspectError": "errors",
    "Dataset": "annotations.dataset",
    "Settings": "settings",
    "Summary": "statistics.summary",
    "Tuning": "statistics.tuning.outcome",
    "assign": "statistics.run",
    "compare": "views.asked",
    "load_coco": "readers",
    "objects_table": "statistics.tables",
    "plot": "plot",
    "positives_table": "statistics.tables",
    "preset": "settings",
    "summarize": "statistics.run",
    "sweep": "views.asked",
    "tune": "statistics.tuning",
}


def __getattr__(name: str) -> Any:
    """Load a public name from its module, once."""
    if name not in _HOME:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    from importlib import import_module

    home = import_module(f"{__name__}.{_HOME[name]}")
    value = getattr(home, name, home)  # `plot` is a module itself
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names beside what is loaded already."""
    return sorted({*globals(), *__all__})
