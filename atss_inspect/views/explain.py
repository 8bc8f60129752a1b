"""The answer of `explain`: what becomes of an object, step by step as the paper goes.

To read, at most 80 columns wide; for programs a document, keys in a fixed order.
"""

import shlex
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from atss_inspect import __version__
from atss_inspect.annotations.dataset import Dataset, Finding
from atss_inspect.arrays import Float32Array
from atss_inspect.assigners.causes import KNOWN_CAUSES
from atss_inspect.assigners.pyramid import level_name
from atss_inspect.assigners.steps import Place, StepTable, steps_of
from atss_inspect.explain import Explanation, KindTried, Trial, recommended
from atss_inspect.settings import Settings
from atss_inspect.statistics.summary import SIZE_BINS, size_bins
from atss_inspect.views import numbers
from atss_inspect.views.answer import Answer, Verbatim
from atss_inspect.views.causes import IMAGE_LEFT_OUT, LEFT_OUT
from atss_inspect.views.conventions import describe_resize, describe_rule
from atss_inspect.views.files import file_of, full_name
from atss_inspect.views.layout import WIDTH, as_lines, fold
from atss_inspect.views.names import clip, name_of_id, printable
from atss_inspect.views.renderers.terminal import table_text
from atss_inspect.views.table import Column, Record, plain_list

SCHEMA_VERSION = 1


class Explained(NamedTuple):
    """One convention's explanation, and what was tried if the object has nothing."""

    explanation: Explanation
    tried: tuple[KindTried, ...]

    @property
    def recommended(self) -> Trial | None:
        """The change to try first."""
        return recommended(self.tried, self.explanation.num_unassigned)


@dataclass(frozen=True, eq=False)
class ExplainedObject:
    """One object under every convention asked for.

    Attributes
    ----------
    image : the object's image alone
    row : row of the object
    answers : one per convention
    """

    image: Dataset
    row: int
    answers: tuple[Explained, ...]

    @property
    def ann_id(self) -> Any:
        """Its annotation id; None for a box that is in no file."""
        return self.image.annotation_ids[[self.row]].tolist()[0]

    @property
    def is_in_file(self) -> bool:
        """Whether a file has the object, or else the user gave a box."""
        return int(self.image.annotation_index[self.row]) >= 0

    @property
    def file(self) -> str:
        """The file of its image."""
        return file_of(self.image)

    @property
    def class_name(self) -> str:
        """Its class; empty for a box without one."""
        return self.image.category_names[int(self.image.category_index[self.row])]

    @property
    def size(self) -> str:
        """Its size bin."""
        return SIZE_BINS[int(size_bins(self.image.areas[[self.row]])[0])]


@dataclass(frozen=True, eq=False)
class ExplainReport:
    """The objects asked for, explained.

    Attributes
    ----------
    dataset : all that was read
    objects : usually one; several where an annotation id is given more than once
    unread : what the reader found wrong with the annotation, if it has left it out
    asked : annotation id as typed; empty for a box
    commands : options to type again for the same data, one set per convention
    """

    dataset: Dataset
    objects: tuple[ExplainedObject, ...]
    unread: Finding | None = None
    asked: str = ""
    commands: tuple[tuple[str, ...], ...] = ()


def explain_answer(report: ExplainReport) -> Answer:
    """Everything that `explain` says, as text or as one document."""
    return Answer.of(
        report, lambda one: [Verbatim(explain_text(one))], explain_document
    )


def explain_text(report: ExplainReport) -> str:
    """Write the whole report, one object after the other, under all conventions."""
    blocks = []
    for each in report.objects:
        lines = _facts(each)
        for answer, command in zip(each.answers, report.commands, strict=True):
            lines += ["", *_answer_block(answer, command)]
        blocks.append(lines)
    if report.unread:
        text = (
            f"annotation {name_of_id(report.asked)} is no object of any preset, "
            f"since the reader could not use it: {printable(report.unread.message)}"
        )
        blocks.append(fold(text))
    return "\n".join(map(as_lines, blocks))


def _facts(each: ExplainedObject) -> list[str]:
    """Write what the file says of an object."""
    image = each.image
    height, width = image.image_sizes[0].tolist()
    x, y, w, h = image.xywh[each.row].tolist()
    file_name = image.file_names.tolist()[0]
    named = f" ({printable(file_name)})" if file_name else ""
    if each.is_in_file:
        index = int(image.annotation_index[each.row])
        what = f"annotation {name_of_id(each.ann_id)}, annotations[{index}]"
    else:
        what = "a box that is not"
    where = f"{what} in {full_name(each.file)}: "
    kind = [printable(each.class_name)] if each.class_name else []
    kind += [each.size, f"area {image.areas[each.row]:g}"]
    shown = f"{name_of_id(image.image_ids.tolist()[0])}{named}, {width:g}x{height:g}"
    return [
        *fold(where + ", ".join(kind), rest="  "),
        *fold(f"image {shown}", rest="  "),
        f"box {w:g} x {h:g} at {x:g}, {y:g} (width x height at x, y; original pixels)",
    ]


def _answer_block(answer: Explained, command: tuple[str, ...]) -> list[str]:
    """Write one convention's explanation, the outcome last."""
    one = answer.explanation
    lines = fold(f"{printable(one.settings.name)}: {describe_rule(one.settings)}")
    if one.steps and one.box is not None:
        lines += [*_frame_lines(one, one.box), "", *_step_lines(one), ""]
    lines += fold(outcome_sentence(one), first="outcome: ", rest="  ")
    return [*lines, *(_suggestion_lines(answer, command) if one.cause else ())]


def _frame_lines(one: Explanation, box: Float32Array) -> Iterator[str]:
    """Write how large image and box are as the network sees them."""
    (height, width), (high, wide) = one.input_size, one.padded_size
    yield from fold(
        f"{describe_resize(one.settings.resize)}; this one to {width}x{height}, "
        f"padded to {wide}x{high}",
        first="  ",
    )
    x1, y1, x2, y2 = box.tolist()
    yield from fold(
        f"box {x2 - x1:.2f} x {y2 - y1:.2f} from {x1:.2f}, {y1:.2f} to {x2:.2f}, "
        f"{y2:.2f}; center {(x1 + x2) / 2:.2f}, {(y1 + y2) / 2:.2f} (input pixels)",
        first="  ",
    )


def _step_lines(one: Explanation) -> Iterator[str]:
    """Write the steps of whichever rule it is, the columns of tables aligned."""
    names = [level_name(stride) for stride in one.settings.anchors.strides]
    for block in steps_of(one.settings.rule).blocks(one.steps, names):
        if isinstance(block, StepTable):
            columns = [
                Column(each, is_text=each in block.left) for each in block.headings
            ]
            for line in table_text(plain_list(columns, block.rows)).splitlines():
                yield clip(f"  {line}", WIDTH)
        else:
            yield from fold(block.text, first="  ", rest=block.rest) or [""]


def _suggestion_lines(answer: Explained, command: tuple[str, ...]) -> Iterator[str]:
    """Write which single changes give the object a positive, and which do not."""
    one = answer.explanation
    yield ""
    works = [kind.works for kind in answer.tried if kind.works]
    fails = [kind for kind in answer.tried if not kind.works]
    if works:
        now = f"{one.num_unassigned} of {one.num_objects} objects of its image"
        tried = f"each tried on its image (today {now} have none)"
        yield from fold(f"single changes that feed it, {tried}:")
    for trial in works:
        then = f"{trial.num_unassigned} of {trial.num_objects} without"
        got = numbers.plural(trial.num_positives, "positive")
        yield from fold(f"{trial.kind} {trial.step}: {got}; {then}", first="  ")
    if fails:
        each = [f"{kind.kind} {', '.join(kind.steps)}" for kind in fails if kind.steps]
        yield from fold("; ".join(each), first="tried in vain: ", rest="  ")
    best = answer.recommended
    if best is None:
        yield "none of the changes tried feeds it"
        return
    sets = [word for text in best.overrides for word in ("--set", text)]
    yield f"smallest change: {shlex.join(sets)}"
    yield f"next: {shlex.join(['atss-inspect', 'stats', *command, *sets])}"


def outcome_sentence(one: Explanation) -> str:
    """Write what the object gets, or why it gets nothing."""
    if one.left_out:
        reason = LEFT_OUT[one.left_out]
        if one.left_out == "image_left_out" and one.image_left_out:
            reason = IMAGE_LEFT_OUT[one.image_left_out]
        return f"not an object of {printable(one.settings.name)}: {reason}."
    if one.cause:
        return f"no positive ({KNOWN_CAUSES[one.cause].words}): {_why(one, one.cause)}."
    strides = one.settings.anchors.strides
    counts = Counter(place.level for place in one.positives)
    levels = [
        f"{numbers.count(number)} on {level_name(strides[level])}"
        for level, number in sorted(counts.items())
    ]
    total = numbers.plural(len(one.positives), "positive")
    return f"{total}: {numbers.joined(levels)}."


def _why(one: Explanation, cause: str) -> str:
    """Explain why the object gets nothing: in the rule's words, or the cause's."""
    why = steps_of(one.settings.rule).why(one.steps, cause)
    if why or cause != "lost_to_others":
        return why or KNOWN_CAUSES[cause].sentence
    what = "anchor" if one.settings.rule.uses_anchors else "point"
    text = f"every {what} it could have had went to other objects"
    if one.lost_to is None:
        return text
    return f"{text}, the one it wanted most to annotation {name_of_id(one.lost_to)}"


def explain_document(report: ExplainReport) -> Record:
    """Make the whole answer one document."""
    dataset, unread = report.dataset, report.unread
    settings = report.objects[0].answers if report.objects else ()
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "atss-inspect", "version": __version__},
        "inputs": [
            {"path": path, **counts._asdict()}
            for path, counts in zip(dataset.files, dataset.file_counts, strict=True)
        ],
        "settings": [each.explanation.settings.to_dict() for each in settings],
        "results": [
            {**_object_record(each), **_answer_record(answer)}
            for each in report.objects
            for answer in each.answers
        ],
        "left_out_by_reader": unread
        and {
            "ann_id": report.asked,
            "reason": unread.reason,
            "message": unread.message,
        },
    }


def _object_record(each: ExplainedObject) -> Record:
    """Record what the file says of an object."""
    image, row = each.image, each.row
    height, width = image.image_sizes[0].tolist()
    index = int(image.annotation_index[row])
    return {
        "file": each.file,
        "image_id": image.image_ids.tolist()[0],
        "image_width": width,
        "image_height": height,
        "ann_id": each.ann_id,
        "annotation_index": index if each.is_in_file else None,
        "class": each.class_name or None,
        "size": each.size,
        "area": image.areas[row],
        "box": image.xywh[row],
    }


def _answer_record(answer: Explained) -> Record:
    """Record all that is known under one convention."""
    one = answer.explanation
    settings = one.settings
    best = answer.recommended
    return {
        "preset": settings.name,
        "left_out": one.left_out,
        "image_left_out": one.image_left_out,
        "input_box": one.box,
        "input_size": one.input_size if one.steps else None,
        "padded_size": one.padded_size if one.steps else None,
        "steps": one.steps and _row_record(one.steps, settings),
        "num_positives": len(one.positives),
        "positives": [_place_record(place, settings) for place in one.positives],
        "cause": one.cause,
        "lost_to": one.lost_to,
        "outcome": outcome_sentence(one),
        "image_num_objects": one.num_objects,
        "image_num_unassigned": one.num_unassigned,
        "suggestions": [_kind_record(kind) for kind in answer.tried],
        "recommended": best and best.overrides,
    }


def _row_record(row: Any, settings: Settings) -> Record:
    """Turn a NamedTuple into a record; its place and level's name come first.

    Of the steps of a rule, its parameters stand elsewhere.
    """
    values = row._asdict()
    values.pop("params", None)
    where = {}
    if "place" in values:
        where = _place_record(values.pop("place"), settings)
    elif "level" in values:
        level = values.pop("level")
        name = level_name(settings.anchors.strides[level])
        where = {"level": level, "level_name": name}
    return where | {
        name: [_row_record(each, settings) for each in value]
        if isinstance(value, tuple) and all(hasattr(each, "_asdict") for each in value)
        else value
        for name, value in values.items()
    }


def _place_record(place: Place, settings: Settings) -> Record:
    """Record where an anchor is, in the words of the exported tables."""
    return {
        "level": place.level,
        "level_name": level_name(settings.anchors.strides[place.level]),
        "cell_y": place.row,
        "cell_x": place.column,
        "anchor": place.anchor,
    }


def _kind_record(kind: KindTried) -> Record:
    """Record what was tried, and what the change that works does."""
    trial = kind.works
    works = trial and {
        "set": trial.overrides,
        "num_positives": trial.num_positives,
        "image_num_objects": trial.num_objects,
        "image_num_unassigned": trial.num_unassigned,
    }
    return {"kind": kind.kind, "tried": kind.steps, "works": works}
