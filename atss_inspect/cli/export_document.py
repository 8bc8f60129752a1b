"""``atss-inspect export coco`` and ``export fixed``: whole annotation files."""

import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from atss_inspect.cli.workflow import STDIN, Workflow
from atss_inspect.errors import DataError, SettingsError
from atss_inspect.views.numbers import count, joined, plural
from atss_inspect.writers.files import check_target, format_for

if TYPE_CHECKING:
    import msgspec

    from atss_inspect.annotations.dataset import Dataset
    from atss_inspect.readers.fixed import Changes, Fixed
    from atss_inspect.views.stats import StatsReport


def export_document(flow: Workflow, kind: str, target: str, *, force: bool) -> None:
    """Write the annotations again, enriched or as the reader understood them."""
    from atss_inspect.readers.fixed import OWN_KEY, Fixed, is_own_member
    from atss_inspect.writers.documents import write_members

    format_for(target, ["json"], default="json")
    check_target(target, force=force)
    _require(flow, kind)
    # Of what no preset has a part in, none is told to be a default.
    stats = replace(flow, is_default=flow.is_default and kind == "coco").read()
    dataset = stats.dataset
    source = _source(flow, dataset)
    fixed = Fixed(dataset, source)
    is_fixed = kind == "fixed"
    own = (source or {}).get(OWN_KEY)
    if is_fixed and own is not None and not is_own_member(bytes(own)):
        raise _taken(flow.ann[0], OWN_KEY)
    members = fixed.members() if is_fixed else _enriched(flow, stats, fixed, source)
    write_members(target, members, force=force)
    if flow.quiet:
        return
    if target != STDIN:
        is_whole = source is not None and not is_fixed
        number = dataset.num_annotations if is_whole else dataset.num_objects
        sys.stderr.write(f"wrote {target}, {plural(number, 'annotation')}\n")
    if is_fixed:
        lines = _told(fixed.changes)
        nothing = ["nothing to mend"] if source is not None else []
        sys.stderr.write("".join(f"{line}\n" for line in lines or nothing))


def _require(flow: Workflow, kind: str) -> None:
    """Refuse what a whole file of annotations cannot be made of."""
    if STDIN in flow.ann:
        message = f"export {kind}: expected a file, since it is read twice; got stdin"
        raise SettingsError(message, hint="save it first")
    if flow.selected.typed_again():
        typed = " ".join(flow.selected.typed_again())
        message = f"export {kind}: writes the whole file; got {typed}"
        raise SettingsError(message, hint="`export objects` takes some objects")
    if flow.drawn.is_asked:
        message = f"export {kind}: expected no variants"
        raise SettingsError(message, hint="`export objects` looks at them")


def _source(flow: Workflow, dataset: "Dataset") -> "Mapping[str, msgspec.Raw] | None":
    """Read the members of the file again, if it is COCO JSON; else None."""
    from atss_inspect.readers.entries import read_members
    from atss_inspect.readers.load import is_coco_json
    from atss_inspect.readers.source import num_bytes

    if len(dataset.files) > 1:
        message = f"expected one file, or one split of it, got {len(dataset.files)}"
        raise SettingsError(message, hint="write one after the other")
    [name] = flow.ann
    if not is_coco_json(name):
        return None
    members = read_members(name, flow.reading.get("key"))
    if num_bytes(name) != dataset.file_sizes[0]:
        problem = "the file changed while it was read"
        raise DataError(name, problem, hint="read it once it is complete")
    return members


def _enriched(
    flow: Workflow,
    stats: "StatsReport",
    fixed: "Fixed",
    source: "Mapping[str, msgspec.Raw] | None",
) -> "Iterator[tuple[str, bytes | Iterable[bytes]]]":
    """List the members of the file, or those made of other formats, with more."""
    from atss_inspect.readers import entries
    from atss_inspect.readers.fixed import OWN_KEY
    from atss_inspect.statistics.annotated import annotated, annotated_chunk
    from atss_inspect.statistics.run import map_chunks
    from atss_inspect.views.enriched import enriched

    if source is not None:
        _refuse_taken(flow.ann[0], source["annotations"], stats)
    work = partial(annotated_chunk, settings=stats.settings)
    with flow.working(stats.dataset, len(stats.settings)) as workers:
        chunks = map_chunks(work, stats.dataset, **workers)
        tables = annotated(stats.dataset, stats.settings, chunks)
    if source is None:
        for name, value in fixed.members():
            if name == "annotations":
                texts: Any = value
                value = enriched(zip(fixed.places.tolist(), texts, strict=True), tables)
            if name != OWN_KEY:
                yield name, value
        return
    for name, raw in source.items():
        if name == "annotations":
            texts = enriched(enumerate(entries.entries_of(raw)), tables)
            yield name, map(entries.as_written, texts)
        else:
            yield name, entries.as_written(bytes(raw))


def _refuse_taken(name: str, array: "msgspec.Raw", stats: "StatsReport") -> None:
    """Refuse annotations with a key of somebody else where one is to be written."""
    from atss_inspect.readers.entries import entries_of
    from atss_inspect.views.enriched import taken_key

    names = [each.name for each in stats.settings]
    if found := taken_key(memoryview(array), entries_of(array), names):
        place, key = found
        raise _taken(name, key, f"annotations[{place}]: ")


def _taken(name: str, key: str, where: str = "") -> DataError:
    """Make the error for a key of somebody else that would be lost."""
    problem = f"{where}`{key}` is not of an earlier export"
    return DataError(name, problem, hint="rename it, so that nothing is lost")


def _told(changes: "Changes") -> list[str]:
    """Lines that tell what was changed and left out; none where nothing was."""
    changed = [f"{key} of {_many(n, to)}" for (to, key), n in changes.changed.items()]
    left = [f"{_many(n, what)} ({why})" for (what, why), n in changes.left_out.items()]
    lines = {"changed": changed, "left out": left}
    return [f"{verb}: {joined(parts)}" for verb, parts in lines.items() if parts]


def _many(number: int, list_name: str) -> str:
    """Write a count of entries of a list of the file."""
    if list_name == "file":
        return "the file"
    one = {"categories": "category"}.get(list_name, list_name[:-1])
    return f"{count(number)} {one if number == 1 else list_name}"
