"""``python -m atss_inspect``."""

from atss_inspect.cli import console

console()
