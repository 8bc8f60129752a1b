"""What can go wrong through the user's input, each with its exit code.

A message is one line, lower-case, without a full stop: which file, which item,
what was found, what is allowed. A hint, where there is one, says what to do.
"""

import re

# Options that are arguments of `load_coco`, with a value.
_OPTION = re.compile(r"""--(box-format|key|split) ((?:'[^']*'|"[^"]*"|[^\s,;'"\\])+)""")


def _argument(found: re.Match[str]) -> str:
    import json  # not needed where nothing goes wrong
    import shlex

    value = json.dumps("".join(shlex.split(found[2])), ensure_ascii=False)
    return f"{found[1].replace('-', '_')}={value}"


def reason(error: OSError) -> str:
    """Tell what the operating system has against it, without its capital."""
    text = error.strerror or str(error)
    return text[:1].lower() + text[1:]


def first_line(error: BaseException) -> str:
    """Take the first line of what a library says, to pass it on unread."""
    return (str(error).splitlines() or [type(error).__name__])[0]


class AtssInspectError(Exception):
    """Root of everything a user can cause; the command line prints it in one line.

    Parameters
    ----------
    *message : where, what was found, what is allowed; colons join its parts
    hint : what to do about it, or None. A traceback shows it in Python's words, with
        arguments in place of options.

    Examples
    --------
    >>> from atss_inspect import AtssInspectError, preset
    >>> try:
    ...     preset("atss-mmdet", topkk=15)
    ... except AtssInspectError as error:
    ...     print(error)
    override: topkk: unknown key; did you mean topk?
    """

    exit_code = 2

    def __init__(self, *message: object, hint: str | None = None) -> None:
        super().__init__(": ".join(map(str, message)))
        self.hint = hint
        if hint is not None:
            self.add_note("hint: " + _OPTION.sub(_argument, hint))


class SettingsError(AtssInspectError):
    """A wrong key, value, preset name or combination of options (exit code 2)."""


class OutputError(AtssInspectError):
    """A target that exists, cannot be written or has no known suffix (exit code 2)."""


class DataError(AtssInspectError):
    """An annotation file that is unreadable or no COCO detection data (exit code 3)."""

    exit_code = 3
