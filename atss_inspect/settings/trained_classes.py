"""Classes that a convention trains, beside those of the annotations."""

from collections.abc import Sequence
from itertools import compress
from pathlib import Path

from atss_inspect.annotations.dataset import Dataset, Finding
from atss_inspect.errors import SettingsError
from atss_inspect.presets import did_you_mean
from atss_inspect.settings import ResolvedSettings
from atss_inspect.settings.configs import is_config
from atss_inspect.views.names import printable
from atss_inspect.views.numbers import plural


def check_trained_classes(
    resolved: Sequence[ResolvedSettings], sources: Sequence[str], dataset: Dataset
) -> list[Finding]:
    """Look whether the classes that are trained are in the annotations.

    ``sources`` are the presets and files that the conventions were named by. Raises
    `SettingsError` for a class that is named and not there; it names the nearest. That
    of a framework's config is passed over in training, and told; nobody names those of
    a data set class: what is there besides them is counted.
    """
    findings = []
    flags = dataset.is_listed
    is_listed = [True] * len(dataset.category_names) if flags is None else flags
    known = tuple(dict.fromkeys(compress(dataset.category_names, is_listed)))
    files = dataset.files
    file = printable(Path(files[0]).name) if len(files) == 1 else "the annotations"
    for one, source in zip(resolved, sources, strict=True):
        each, classes = one.settings, one.settings.data.classes
        missing = [name for name in classes if name not in known]
        others = [name for name in known if name not in classes]
        if missing and each.names_its_classes:
            error = unknown_class(missing[0], known, "data.classes")
            if not is_config(source) or one.origins["data.classes"] == "--set":
                raise error
            found = f"{len(missing)} of {plural(len(classes), 'class')} of {each.name}"
            verb = "is" if len(missing) == 1 else "are"
            message = f"{found} {verb} not in {file}"
            counted = "classes_not_found", len(missing), message, tuple(missing[:3])
            findings.append(Finding(*counted, hint="training passes over such a class"))
        elif others and not each.names_its_classes:
            number = len(known) - len(others)
            found = f"{number} of {plural(len(known), 'class')} of {file}"
            found += f" {'is' if number == 1 else 'are'} among the {len(classes)}"
            names = ", ".join(map(printable, others[:3])) + ", ..." * (len(others) > 3)
            hint = f"not trained: {names}; --set data.classes=[] trains all"
            message = f"{found} that {each.name} trains"
            reason = "classes_not_trained"
            findings.append(Finding(reason, len(others), message, hint=hint))
    return findings


def unknown_class(name: str, known: Sequence[str], origin: str) -> SettingsError:
    """Make the error of a class that is not there; it names the nearest."""
    names = list(map(printable, known))
    nearest = did_you_mean(name, sorted(set(names)))
    hint = f"the classes are {', '.join(names)}"
    if len(names) > 10:
        hint = "`atss-inspect stats --by class` lists the classes"
    message = f'{origin}: no class "{name}" in the annotations{nearest}'
    return SettingsError(message, hint=hint if names else "they have no classes")
