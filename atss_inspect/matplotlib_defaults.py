"""matplotlib as it is shipped, whatever the user's own settings are."""

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

# Not a matter of looks; setting them has effects of their own.
_LEFT_ALONE = frozenset({"backend", "backend_fallback", "interactive", "toolbar"})


@contextlib.contextmanager
def matplotlib_defaults(changes: Mapping[str, Any]) -> Iterator[None]:
    """Lend matplotlib's own parameters with some changes, and put back what was."""
    import matplotlib as mpl

    shipped: dict[str, Any] = {
        name: value
        for name, value in mpl.rcParamsDefault.items()
        if name not in _LEFT_ALONE
    }
    parameters: Any = mpl.rcParams
    with mpl.rc_context():
        parameters.update({**shipped, **changes})
        yield
