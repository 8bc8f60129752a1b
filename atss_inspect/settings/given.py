"""Settings as they come from Python, where anything can be passed."""

from collections.abc import Iterable

from atss_inspect.errors import SettingsError
from atss_inspect.presets import DEFAULT_PRESET, is_preset
from atss_inspect.settings import Settings
from atss_inspect.settings.parameters import show_value

ONE = "one Settings"
SEVERAL = "Settings or a list of them"


def single(settings: object) -> Settings:
    """Take what has to be one convention; `SettingsError` for anything else."""
    if isinstance(settings, Settings):
        return settings
    raise _refusal(ONE, settings)


def several(settings: object, expected: str = SEVERAL) -> tuple[Settings, ...]:
    """Take one convention or more, in their order; else `SettingsError`.

    ``expected``: what is allowed, for messages.
    """
    if isinstance(settings, Settings):
        return (settings,)
    if isinstance(settings, str) or not isinstance(settings, Iterable):
        raise _refusal(expected, settings)
    each = tuple(settings)
    for one in each:
        if not isinstance(one, Settings):
            raise _refusal(expected, one, "among them ")
    if not each:
        raise _refusal(expected, each)
    return each


def _refusal(expected: str, found: object, where: str = "") -> SettingsError:
    """Make the error for what is no convention, or too many or too few of them."""
    if isinstance(found, str):
        shown = show_value(found)
    elif isinstance(found, list | tuple):
        shown = f"a list of {len(found)}" if found else "an empty list"
    else:
        shown = type(found).__name__
    name = found if isinstance(found, str) and is_preset(found) else DEFAULT_PRESET
    message = f"settings: expected {expected}, got {where}{shown}"
    return SettingsError(message, hint=f'for example preset("{name}")')
