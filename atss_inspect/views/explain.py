"""The answer of `explain`: what becomes of an object, step by step as the paper goes.

To read, at most 80 columns wide; for programs a document, keys in a fixed order.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from atss_inspect import __version__
from atss_inspect.annotations.dataset import Dataset, Finding
from atss_inspect.arrays import Float32Array
from atss_inspect.assigners.causes import KNOWN_CAUSES, LOST_TO_OTHERS
from atss_inspect.assigners.steps import Place, StepTable, steps_of
from atss_inspect.explain import (
    INPUT_SIZE,
    Explanation,
    ImageCounts,
    KindTried,
    Trial,
    recommended,
)
from atss_inspect.settings import Settings
from atss_inspect.statistics.followed import Followed
from atss_inspect.statistics.summary import SIZE_BINS, size_bins
from atss_inspect.views import conventions, numbers, trials
from atss_inspect.views.answer import Answer, Block, Verbatim
from atss_inspect.views.followed import followed_record, followed_words
from atss_inspect.views.headings import decision_lines, file_of, full_name
from atss_inspect.views.names import (
    WIDTH,
    alike_words,
    as_lines,
    clip,
    fold,
    name_of_id,
    printable,
)
from atss_inspect.views.renderers.terminal import table_text
from atss_inspect.views.stats import command_line
from atss_inspect.views.table import Column, Record, plain_list

SCHEMA_VERSION = 1


class Explained(NamedTuple):
    """One convention's explanation, and what was tried if it is poorly assigned."""

    explanation: Explanation
    tried: tuple[KindTried, ...]
    followed: Followed | None = None  # over variants, where those are asked for

    @property
    def recommended(self) -> Trial | None:
        """The change to try first."""
        return recommended(self.tried, self.explanation.image_counts)


@dataclass(frozen=True, eq=False)
class ExplainedObject:
    """One object under every convention asked for."""

    image: Dataset  # the object's image alone
    row: int  # row of the object
    answers: tuple[Explained, ...]  # one per convention

    @property
    def facts(self) -> Record:
        """What the file says of the object; no ids for a box of the user's own."""
        image, row = self.image, self.row
        height, width = image.image_sizes[0].tolist()
        index = int(image.annotation_index[row])
        return {
            "file": file_of(image),
            "image_id": image.image_ids.tolist()[0],
            "image_width": width,
            "image_height": height,
            "ann_id": image.annotation_ids[[row]].tolist()[0],
            "annotation_index": index if index >= 0 else None,
            "class": image.category_names[int(image.category_index[row])] or None,
            "size": SIZE_BINS[int(size_bins(image.size_areas[[row]])[0])],
            "area": image.size_areas[row],
            "box": image.xywh[row],
        }


@dataclass(frozen=True, eq=False)
class ExplainReport(Answer):
    """The objects asked for, explained."""

    dataset: Dataset  # all that was read
    # usually one; several where an annotation id is given more than once
    objects: tuple[ExplainedObject, ...]
    # what the reader found wrong with the annotation, if it has left it out
    unread: Finding | None = None
    asked: str = ""  # annotation id as typed; empty for a box
    # options to type again for the same data, one set per convention
    commands: tuple[tuple[str, ...], ...] = ()
    deciding: tuple[str, ...] = ()  # see `decision_lines`

    def blocks(self) -> Iterator[Block]:
        """Write one object after the other, under all conventions."""
        blocks = []
        for each in self.objects:
            lines = [*_fact_lines(each), *decision_lines(self.deciding)]
            for answer, command in zip(each.answers, self.commands, strict=True):
                lines += ["", *_answer_lines(each, answer, command)]
            blocks.append(lines)
        if self.unread:
            text = (
                f"annotation {name_of_id(self.asked)} is no object of any preset, "
                f"since the reader could not use it: {printable(self.unread.message)}"
            )
            blocks.append(fold(text))
        yield Verbatim("\n".join(map(as_lines, blocks)))

    def document(self) -> Record:
        """Make the whole answer one document."""
        files = zip(self.dataset.files, self.dataset.file_counts, strict=True)
        answers = self.objects[0].answers if self.objects else ()
        lost: Record | None = None
        if self.unread:
            lost = {"ann_id": self.asked, "reason": self.unread.reason}
            lost |= {"message": self.unread.message}
        return {
            "schema_version": SCHEMA_VERSION,
            "tool": {"name": "atss-inspect", "version": __version__},
            "inputs": [{"path": path, **counts._asdict()} for path, counts in files],
            "settings": [each.explanation.settings.to_dict() for each in answers],
            "results": [
                {**each.facts, **_answer_record(answer)}
                for each in self.objects
                for answer in each.answers
            ],
            "left_out_by_reader": lost,
        }


def _fact_lines(each: ExplainedObject) -> list[str]:
    facts = each.facts
    x, y, w, h = facts["box"].tolist()
    file_name = each.image.file_names.tolist()[0]
    named = f" ({printable(file_name)})" if file_name else ""
    what, index = "a box that is not", facts["annotation_index"]
    if index is not None:
        place = _label_place(each) or f"annotations[{index}]"
        what = f"annotation {name_of_id(facts['ann_id'])}, {place}"
    kind = [printable(facts["class"])] if facts["class"] else []
    kind += [facts["size"], f"area {facts['area']:g}"]
    image = f"{name_of_id(facts['image_id'])}{named}"
    sides = f"{facts['image_width']:g}x{facts['image_height']:g}"
    return [
        *fold(f"{what} in {full_name(facts['file'])}: {', '.join(kind)}", rest="  "),
        *fold(f"image {image}, {sides}", rest="  "),
        f"box {w:g} x {h:g} at {x:g}, {y:g} (width x height at x, y; original pixels)",
    ]


def _label_place(each: ExplainedObject) -> str:
    """Name line and picture of a YOLO label, whose id is made of these; or nothing."""
    shares, ann_id = each.image.normalized, each.facts["ann_id"]
    if shares is None or np.isnan(shares[each.row]).any() or ":" not in str(ann_id):
        return ""
    file_name = printable(each.image.file_names.tolist()[0])
    return f"line {str(ann_id).rpartition(':')[2]} of the labels of {file_name}"


def _answer_lines(
    each: ExplainedObject, answer: Explained, command: tuple[str, ...]
) -> Iterator[str]:
    """Write one convention's explanation, the outcome last."""
    one, rule = answer.explanation, conventions.describe_rule
    yield from fold(f"{printable(one.settings.name)}: {rule(one.settings)}")
    if one.steps and one.box is not None:
        yield from (*_frame_lines(one, one.box), "", *_step_lines(one), "")
    yield from fold(outcome_sentence(one), first="outcome: ", rest="  ")
    if answer.followed:
        yield from fold(followed_words(answer.followed), rest="  ")
    if one.is_poorly_assigned:
        yield ""
        yield from _suggestion_lines(answer)
        yield f"next: {_next(each, answer, command)}"


def _frame_lines(one: Explanation, box: Float32Array) -> Iterator[str]:
    """Write how large image and box are as the network sees them."""
    (height, width), (high, wide) = one.input_size, one.padded_size
    x1, y1, x2, y2 = box.tolist()
    resize = conventions.describe_resize(one.settings.resize)
    for text in (
        f"{resize}; this one to {width}x{height}, padded to {wide}x{high}",
        f"box {x2 - x1:.2f} x {y2 - y1:.2f} from {x1:.2f}, {y1:.2f} to {x2:.2f}, "
        f"{y2:.2f}; center {(x1 + x2) / 2:.2f}, {(y1 + y2) / 2:.2f} (input pixels)",
    ):
        yield from fold(text, first="  ")


def _step_lines(one: Explanation) -> Iterator[str]:
    """Write the steps of whichever rule it is, the columns of tables aligned."""
    names = one.settings.anchors.level_names
    for block in steps_of(one.settings.rule).blocks(one.steps, names):
        if isinstance(block, StepTable):
            heads = [
                Column(each, is_text=each in block.left) for each in block.headings
            ]
            for line in table_text(plain_list(heads, block.rows)).splitlines():
                yield clip(f"  {line}", WIDTH)
        else:
            yield from fold(block.text, first="  ", rest=block.rest) or [""]


def _suggestion_lines(answer: Explained) -> Iterator[str]:
    """Write after which single changes the object is well assigned, and which fail."""
    one, best = answer.explanation, answer.recommended
    given = one.settings.rule.given
    positive, lacking = f"a {given}", f"without a {given}"
    if one.is_low_quality is not None:
        positive, lacking = "a positive at the bar or above", "poorly assigned"
    works = [kind.works for kind in answer.tried if kind.works]
    fails = [kind for kind in answer.tried if not kind.works]
    if works:
        now = f"today {_poorly(one.image_counts)} objects there are {lacking}"
        tried = f"each tried on its image ({now}), beside what it costs"
        yield from fold(f"single changes that give it {positive}, {tried}:")
    for trial in works:
        got = numbers.plural(trial.num_positives, "positive")
        got = got if given == "positive" else f"at most {trial.num_positives} picked"
        losing = f" ({trial.num_losing} of them only then)" * bool(trial.num_losing)
        then = f"then {_poorly(trial.image_counts)} are {lacking}{losing}"
        price = f"{trial.multiply_adds:.2f} times the multiply-adds"
        text = f"{trial.kind} {trial.step}: {got}; {then}, {price}"
        yield from fold(text, first="  ", rest="    ")
    if fails:
        steps = [f"{kind.kind} {', '.join(kind.steps)}" for kind in fails if kind.steps]
        yield from fold("; ".join(steps), first="not enough: ", rest="  ")
    if best:
        yield from fold(f"worth trying on all objects: {best.kind} {best.step}")
    elif works:
        yield "each of them costs other objects of the image as much"
    else:
        twins = ": no setting tells equal boxes apart" if one.is_lost_to_twin else ""
        yield from fold(f"none of the changes tried gives it {positive}{twins}")


def _poorly(counts: ImageCounts) -> str:
    return f"{counts.num_poorly_assigned} of {counts.num_objects}"


def _next(each: ExplainedObject, answer: Explained, command: tuple[str, ...]) -> str:
    """Command that tries the best change on all objects, or else shows this one."""
    best, facts = answer.recommended, each.facts
    if best is None:
        zoom = ("--zoom", str(facts["ann_id"])) if facts["ann_id"] is not None else ()
        return command_line("plot", "image", str(facts["image_id"]), *command, *zoom)
    settings = answer.explanation.settings
    axis = best.axis(settings)
    if best.kind == INPUT_SIZE:  # of several sizes the cheapest that helps is chosen
        axis = (trials.larger_images(settings.resize),)
    if axis:
        return command_line("sweep", *command, *axis)
    sets = [word for text in best.overrides for word in ("--set", text)]
    return command_line("stats", *command, *sets)


def outcome_sentence(one: Explanation) -> str:
    """Write what the object gets, or why it has no positive."""
    if one.left_out:
        reason = conventions.LEFT_OUT[one.left_out]
        if one.left_out == "image_left_out" and one.image_left_out:
            reason = conventions.IMAGE_LEFT_OUT[one.image_left_out]
        return f"not an object of {printable(one.settings.name)}: {reason}."
    if one.num_candidates is not None:
        return _bound_sentence(one, one.num_candidates)
    if one.cause:
        return f"no positive ({KNOWN_CAUSES[one.cause].words}): {_why(one, one.cause)}."
    levels = _by_level(Counter(place.level for place in one.positives), one)
    total = numbers.plural(len(one.positives), "positive")
    num_low = sum(one.is_low_quality or ())
    if num_low == len(one.positives):
        total += ", only low-quality matches"
    elif num_low:
        levels.append(f"{numbers.plural(num_low, 'low-quality match')} among them")
    return f"{total}: {numbers.joined(levels)}."


def _by_level(counts: Mapping[int, int], one: Explanation) -> list[str]:
    """Write how many are on each level that has some."""
    names = one.settings.anchors.level_names
    each = sorted(counts.items())
    return [f"{numbers.count(number)} on {names[level]}" for level, number in each]


def _bound_sentence(one: Explanation, counts: Sequence[int]) -> str:
    """Write what an object may get under a gate, or why it gets no positive."""
    others = one.quota_of_others
    most = f"at most {one.max_positives} picked" + " of its own" * (others is not None)
    if one.cause and others is not None:
        words = KNOWN_CAUSES[one.cause].words
        none = f"{words} of its own: {_why(one, one.cause)}"
        return f"{none}; it may get those of others, at most {others} picked."
    if one.cause:
        words, why = KNOWN_CAUSES[one.cause].words, _why(one, one.cause)
        return (
            f"{words}, so in the plain image at this size it gets no positive: {why}."
        )
    levels = _by_level({n: each for n, each in enumerate(counts) if each}, one)
    total = numbers.plural(sum(counts), "candidate")
    return f"{most}, from {total}: {numbers.joined(levels)}."


def _why(one: Explanation, cause: str) -> str:
    """Explain why the object has no positive: in the rule's words, or the cause's."""
    text = steps_of(one.settings.rule).why(one.steps, cause)
    holder = f"annotation {name_of_id(one.lost_to)}"
    if alike := alike_words(one.lost_to_iou, is_same=one.is_lost_to_twin):
        holder += f", {alike}"
    if text or cause != LOST_TO_OTHERS:
        text = text or KNOWN_CAUSES[cause].sentence
        return text if one.lost_to is None else f"{text} ({holder})"
    what = "anchor" if one.settings.rule.uses_anchors else "point"
    text = f"every {what} it could have had went to other objects"
    return (
        text if one.lost_to is None else f"{text}, the one it wanted most to {holder}"
    )


def _answer_record(answer: Explained) -> Record:
    one = answer.explanation
    settings = one.settings
    return {
        "preset": settings.name,
        "left_out": one.left_out,
        "image_left_out": one.image_left_out,
        "input_box": one.box,
        "input_size": one.input_size if one.steps else None,
        "padded_size": one.padded_size if one.steps else None,
        "steps": one.steps and _row_record(one.steps, settings),
        **(_positive_record(one) if one.num_candidates is None else _bound_record(one)),
        "cause": one.cause,
        "lost_to": one.lost_to,
        "is_lost_to_twin": one.is_lost_to_twin,
        "outcome": outcome_sentence(one),
        **_count_record(one.image_counts, settings),
        "suggestions": [_kind_record(kind, settings) for kind in answer.tried],
        "recommended": answer.recommended and answer.recommended.overrides,
        **(followed_record(answer.followed) if answer.followed else {}),
    }


def _positive_record(one: Explanation) -> Record:
    each = zip(
        one.positives,
        one.is_low_quality or [None] * len(one.positives),
        strict=True,
    )
    positives = [
        _place_record(place, one.settings) | {"is_low_quality": is_low}
        for place, is_low in each
    ]
    return {"num_positives": len(one.positives), "positives": positives}


def _bound_record(one: Explanation) -> Record:
    total = sum(one.num_candidates or ())
    return {"num_candidates": total, "max_positives": one.max_positives}


def _row_record(row: Any, settings: Settings) -> Record:
    """Turn a NamedTuple into a record; its place and level's name come first."""
    values = row._asdict()
    values.pop("params", None)
    where = {}
    if "place" in values:
        where = _place_record(values.pop("place"), settings)
    elif "level" in values:
        where = _level_record(values.pop("level"), settings)
    return where | {
        name: [_row_record(each, settings) for each in value]
        if isinstance(value, tuple) and all(hasattr(each, "_asdict") for each in value)
        else value
        for name, value in values.items()
    }


def _place_record(place: Place, settings: Settings) -> Record:
    """Record where an anchor is, in the words of the exported tables."""
    cell = {"cell_y": place.row, "cell_x": place.column, "anchor": place.anchor}
    return _level_record(place.level, settings) | cell


def _level_record(level: int, settings: Settings) -> Record:
    return {"level": level, "level_name": settings.anchors.level_names[level]}


def _count_record(counts: ImageCounts, settings: Settings) -> Record:
    found = counts._asdict()
    if settings.rule.gate is not None:
        without = counts.num_unassigned
        found = {"num_objects": counts.num_objects, "num_without_candidate": without}
    return {f"image_{name}": number for name, number in found.items()}


def _kind_record(kind: KindTried, settings: Settings) -> Record:
    trial = kind.works
    is_gate = settings.rule.gate is not None
    works = trial and {
        "set": trial.overrides,
        "max_positives" if is_gate else "num_positives": trial.num_positives,
        "num_losing": trial.num_losing,
        "multiply_adds": trial.multiply_adds,
        **_count_record(trial.image_counts, settings),
    }
    return {"kind": kind.kind, "tried": kind.steps, "works": works}
