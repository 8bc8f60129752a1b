"""How many objects a convention starves, and of what, in a sentence."""

from atss_inspect.statistics.worst import Starved
from atss_inspect.views import numbers
from atss_inspect.views.causes import CAUSE_WORDS


def starved_words(name: str, every: Starved) -> str:
    """Say how many objects one convention starves: "a leaves 1 of 9 objects ..."."""
    number, objects = numbers.count(every.num_starved), every.num_objects
    part = f"{number} of {numbers.plural(objects, 'object')}"
    return f"{name} leaves {part} ({numbers.percent(every.share)}) without a positive"


def mostly_words(every: Starved) -> str:
    """Name the cause most of them starve of: ", most often: under mean + std (3)"."""
    cause = every.main_cause or ""
    number, words = every.by_cause[cause], CAUSE_WORDS[cause]
    if number < every.num_starved:
        return f", most often: {words} ({numbers.count(number)})"
    return f"{', all for one cause' if number > 1 else ''}: {words}"


def fed_words(name: str, number: int) -> str:
    """Say that one convention starves none of so many objects."""
    whom = "the only object" if number == 1 else f"all {numbers.count(number)} objects"
    return f"{name} gives {whom} a positive"
