"""Presets whose rule assigns: what needs positives is asked of these."""

from atss_inspect import presets
from atss_inspect.settings import preset


def assigning_names() -> tuple[str, ...]:
    """Names of the presets that are no gates, in alphabetical order."""
    names = presets.preset_names()
    return tuple(name for name in names if preset(name).rule.gate is None)
