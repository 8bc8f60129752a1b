"""An explanation to read, step by step as the paper goes; at most 80 columns."""

import shlex
from collections.abc import Iterator

from atss_inspect.arrays import Float32Array
from atss_inspect.assigners.pyramid import level_name
from atss_inspect.assigners.steps import StepTable, steps_of
from atss_inspect.explain import Explanation
from atss_inspect.views import numbers
from atss_inspect.views.conventions import describe_resize, describe_rule
from atss_inspect.views.explain_report import Answer, ExplainedObject, ExplainReport
from atss_inspect.views.explain_words import outcome_sentence
from atss_inspect.views.files import full_name
from atss_inspect.views.layout import WIDTH, fold
from atss_inspect.views.names import cell_width, clip, name_of_id, pad, printable

Line = tuple[str, ...]


def explain_text(report: ExplainReport) -> str:
    """Write the whole report, one object after the other."""
    blocks = [_object_block(report, each) for each in report.objects]
    if report.unread:
        text = (
            f"annotation {name_of_id(report.asked)} is no object of any preset, "
            f"since the reader could not use it: {printable(report.unread.message)}"
        )
        blocks.append(fold(text))
    return "\n".join("\n".join(block) + "\n" for block in blocks)


def _object_block(report: ExplainReport, each: ExplainedObject) -> list[str]:
    """Write one object under all conventions."""
    lines = _facts(each)
    for answer, command in zip(each.answers, report.commands, strict=True):
        lines += ["", *_answer_block(answer, command)]
    return lines


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


def _answer_block(answer: Answer, command: Line) -> list[str]:
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
    """Write the steps of whichever rule it is."""
    names = [level_name(stride) for stride in one.settings.anchors.strides]
    for block in steps_of(one.settings.rule).blocks(one.steps, names):
        if isinstance(block, StepTable):
            yield from _table(block)
        else:
            yield from fold(block.text, first="  ", rest=block.rest) or [""]


def _table(table: StepTable) -> Iterator[str]:
    """Align the columns of a table."""
    rows = [table.headings, *table.rows]
    widths = [max(map(cell_width, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [
            pad(cell, width) if heading in table.left else _right(cell, width)
            for cell, width, heading in zip(row, widths, table.headings, strict=True)
        ]
        yield clip(("  " + "  ".join(cells)).rstrip(), WIDTH)


def _right(cell: str, width: int) -> str:
    """Align a cell on the right."""
    return " " * (width - cell_width(cell)) + cell


# --- what would help ---------------------------------------------------------------


def _suggestion_lines(answer: Answer, command: Line) -> Iterator[str]:
    """Write which single changes give the object a positive, and which do not."""
    one = answer.explanation
    yield ""
    works = [kind.works for kind in answer.tried if kind.works]
    fails = [kind for kind in answer.tried if not kind.works]
    now = f"{one.num_unassigned} of {one.num_objects} objects of its image have none"
    if works:
        yield from fold(
            f"single changes that feed it, each tried on its image (today {now}):"
        )
    for trial in works:
        then = f"{trial.num_unassigned} of {trial.num_objects} without"
        got = numbers.plural(trial.num_positives, "positive")
        yield from fold(f"{trial.kind} {trial.step}: {got}; {then}", first="  ")
    if fails:
        tried = [f"{kind.kind} {', '.join(kind.steps)}" for kind in fails if kind.steps]
        yield from fold("; ".join(tried), first="tried in vain: ", rest="  ")
    best = answer.recommended
    if best is None:
        yield "none of the changes tried feeds it"
        return
    sets = [word for text in best.overrides for word in ("--set", text)]
    yield f"smallest change: {shlex.join(sets)}"
    words = ["atss-inspect", "stats", *command, *sets]
    yield f"next: {shlex.join(words)}"
