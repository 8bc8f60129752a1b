"""Everything that decides an assignment, apart from the annotations.

`Settings` are one complete convention; `preset`, `load_settings` and `resolve` make
them. What a preset says, a file may change, then the user's surroundings (project file
and environment), then the command line: these are `layers`, laid over one another by
`resolution`. `parameters` names every setting, and reads, checks and writes its value.
"""

from atss_inspect.settings.resolution import (
    ResolvedSettings,
    Settings,
    load_settings,
    override,
    parse_settings,
    preset,
    resolve,
    resolve_all,
    restore_settings,
)

__all__ = [
    "ResolvedSettings",
    "Settings",
    "load_settings",
    "override",
    "parse_settings",
    "preset",
    "resolve",
    "resolve_all",
    "restore_settings",
]
