"""stdin, stdout and stderr where they are closed, full, or no longer read."""

import errno
import io
import os
import sys

from atss_inspect.views.names import WIDTH, cell_width
from atss_inspect.views.numbers import plural

# What a stream says that cannot take more; of other errors, whoever read or wrote
# a file has spoken already.
FULL = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS, errno.EBADF}
)


def prepare_streams() -> None:
    """Make all three streams usable, or fail like a full disk when used.

    Where one is closed (``>&-``), the next file opened would get its number. So its
    number is taken: reading and writing then fail, but of stderr, which is just silent.
    """
    flags = (os.O_WRONLY, os.O_RDONLY, os.O_WRONLY)
    for number, (name, flag) in enumerate(zip(_NAMES, flags, strict=True)):
        if getattr(sys, name) is None:
            descriptor = os.open(os.devnull, flag)
            if descriptor != number:
                os.dup2(descriptor, number)
            mode = "r" if number == 0 else "w"
            setattr(sys, name, open(number, mode, closefd=False))  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal without Unicode shows an escape instead of ending us.
            stream.reconfigure(errors="backslashreplace")


def forget_output() -> None:
    """Let what is still to be printed vanish, so that nothing complains of it."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.__stdout__.fileno() if sys.__stdout__ else 1)


class Notices:
    """Warnings, hints and notes of one command on stderr: some, and a count.

    What does not fit is kept back until `close`: then it is known how much it is.

    Parameters
    ----------
    quiet : nothing is printed
    elsewhere : how all that are odd about data and settings are listed
    """

    MOST = 6  # lines of a terminal

    def __init__(self, *, quiet: bool, elsewhere: str = "") -> None:
        self.quiet = quiet
        self.elsewhere = elsewhere
        self.told: dict[str, bool] = {}  # whether each is listed elsewhere
        self.waiting: list[str] = []
        self.num_lines = 0
        self.is_closed = False

    def tell(self, line: str, *, is_listed: bool = False) -> None:
        """Print a line, unless it has been printed before or there are many."""
        if self.quiet or line in self.told:
            return
        self.told[line] = is_listed
        self.num_lines += height(line)
        # The first is printed however long it is.
        if self.told.keys() == {line} or self.num_lines < self.MOST:
            sys.stderr.write(f"{line}\n")
        else:
            self.waiting.append(line)

    def close(self) -> None:
        """Print the last line, or how many more there were; what follows is silent."""
        more = self.waiting if not self.is_closed else []
        self.is_closed = True
        if more and (more[1:] or self.num_lines > self.MOST):
            where = f": {self.elsewhere}" if all(map(self.told.get, more)) else ""
            sys.stderr.write(f"and {plural(len(more), 'more warning')}{where}\n")
        elif more:
            sys.stderr.write(f"{more[0]}\n")


def height(line: str) -> int:
    """Lines that a terminal of the usual width breaks a line into."""
    return -(-cell_width(line) // WIDTH)


_NAMES = ("stdin", "stdout", "stderr")
