"""Causes in words a reader understands, the same in every view."""

from collections.abc import Iterator, Mapping

from atss_inspect.assigners.causes import KNOWN_CAUSES


class _CauseWords(Mapping[str, str]):
    """Words by name, in rule order; those of rules from outside once they are there."""

    def __getitem__(self, name: str) -> str:
        return KNOWN_CAUSES[name].words

    def __iter__(self) -> Iterator[str]:
        return iter(KNOWN_CAUSES)

    def __len__(self) -> int:
        return len(KNOWN_CAUSES)


CAUSE_WORDS = _CauseWords()
