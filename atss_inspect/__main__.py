"""The program: ``atss-inspect``, or ``python -m atss_inspect``."""

import gc
from typing import NoReturn

from atss_inspect.stopping import ending_by_the_signal, stop_in_order


def start() -> NoReturn:
    """Run the command line, and end the process."""
    # Before the imports: Ctrl-C must not end in a traceback while they are under way.
    stop_in_order()
    # To look for garbage among what is imported takes a tenth of the time help takes,
    # and finds none: a module stays until the end.
    gc.disable()
    with ending_by_the_signal():
        from atss_inspect.cli import console

    gc.freeze()
    # What a command makes is arrays, which are freed at once; seldom is enough.
    gc.set_threshold(20_000)
    gc.enable()
    console()


if __name__ == "__main__":
    start()
