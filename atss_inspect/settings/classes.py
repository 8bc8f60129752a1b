"""Whether the classes that conventions train are those of the annotations."""

from collections.abc import Sequence
from pathlib import Path

from atss_inspect.annotations.dataset import Finding
from atss_inspect.errors import SettingsError
from atss_inspect.importing.data_sets import own_lists
from atss_inspect.presets import did_you_mean
from atss_inspect.settings import Settings

HINT = "name yours, as the config would: --set data.classes=cat,dog ([] trains all)"


def check_classes(
    settings: Sequence[Settings], names: Sequence[str], files: Sequence[str]
) -> tuple[Finding, ...]:
    """Compare the classes that are trained with those of the annotations.

    Lists of a data set class (COCO's 80) are what a config trains that names none: few
    of the file's among them are told. Raises `SettingsError` for any other class that
    the file lacks; it names the nearest.
    """
    known = dict.fromkeys(names)
    found: dict[str, list[str]] = {}
    for each in settings:
        trained = each.data.classes
        missing = [name for name in trained if name not in known]
        if not missing:
            continue
        if trained not in own_lists():
            raise _unknown_class(each.name, missing[0], [*known])
        number = len(known.keys() & set(trained))
        if 2 * number < len(known):
            file = Path(files[0]).name if len(files) == 1 else "the annotations"
            sentence = (
                f"{number} of {len(known)} classes of {file} are among the "
                f"{len(trained)} this config trains"
            )
            found.setdefault(sentence, []).append(each.name)
    return tuple(
        Finding("classes_not_trained", len(own), text, tuple(own), hint=HINT)
        for text, own in found.items()
    )


def _unknown_class(config: str, name: str, known: Sequence[str]) -> SettingsError:
    """Error on a class that is trained and not annotated."""
    nearest = did_you_mean(name, known)
    message = f'{config}: data.classes: no class "{name}" in the annotations{nearest}'
    hint = f"the classes are {', '.join(known)}"
    if len(known) > 10:
        hint = "`atss-inspect stats --by class --set data.classes=[]` lists them"
    return SettingsError(message, hint=hint if known else "they have no classes")
