"""The program: ``atss-inspect``, or ``python -m atss_inspect``."""

from typing import NoReturn

from atss_inspect.stopping import stop_in_order


def start() -> NoReturn:
    """Run the command line, and end the process."""
    # Before the imports: Ctrl-C must not end in a traceback while they are under way.
    stop_in_order()
    from atss_inspect.cli import console

    console()


if __name__ == "__main__":
    start()
