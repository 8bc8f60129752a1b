"""An explanation to read, step by step as the paper goes; at most 80 columns."""

import shlex
from collections.abc import Iterable, Iterator, Sequence

from atss_inspect.arrays import Float32Array
from atss_inspect.assigners.atss.steps import AtssSteps, Candidate
from atss_inspect.assigners.fcos.steps import POINTS_PER_LEVEL, FcosSteps, Point
from atss_inspect.assigners.iou_threshold.assign import IouThresholdParams
from atss_inspect.assigners.iou_threshold.steps import IouThresholdSteps, Overlapping
from atss_inspect.assigners.pyramid import level_name
from atss_inspect.assigners.subject import Place
from atss_inspect.explain import Explanation
from atss_inspect.views import numbers
from atss_inspect.views.conventions import describe_resize, describe_rule
from atss_inspect.views.explain_report import Answer, ExplainedObject, ExplainReport
from atss_inspect.views.explain_words import name, outcome_sentence
from atss_inspect.views.files import full_name
from atss_inspect.views.layout import WIDTH, fold
from atss_inspect.views.names import cell_width, clip, pad, printable

# Rows alike in everything but their numbers: so many are shown, the rest is counted.
ALIKE = 2
POSITIVES_ALIKE = 9
ANCHORS_SHOWN = 12
Line = tuple[str, ...]


def explain_text(report: ExplainReport) -> str:
    """Write the whole report, one object after the other."""
    blocks = [_object_block(report, each) for each in report.objects]
    if report.unread:
        text = (
            f"annotation {name(report.asked)} is no object of any preset, since the "
            f"reader could not use it: {printable(report.unread.message)}"
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
    """Say what the file says of an object."""
    image = each.image
    height, width = image.image_sizes[0].tolist()
    x, y, w, h = image.xywh[each.row].tolist()
    file_name = image.file_names.tolist()[0]
    named = f" ({printable(file_name)})" if file_name else ""
    if each.is_in_file:
        index = int(image.annotation_index[each.row])
        what = f"annotation {name(each.ann_id)}, annotations[{index}]"
    else:
        what = "a box that is not"
    where = f"{what} in {full_name(each.file)}: "
    kind = [printable(each.class_name)] if each.class_name else []
    kind += [each.size, f"area {image.areas[each.row]:g}"]
    size = f"{width:g}x{height:g}"
    return [
        *fold(where + ", ".join(kind), rest="  "),
        *fold(f"image {name(image.image_ids.tolist()[0])}{named}, {size}", rest="  "),
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
    """Say how large image and box are as the network sees them."""
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


def _step_lines(one: Explanation) -> list[str]:
    """Write the steps of whichever rule it is."""
    steps = one.steps
    if isinstance(steps, AtssSteps):
        return _atss_lines(one, steps)
    if isinstance(steps, IouThresholdSteps):
        return _iou_threshold_lines(one, steps)
    return [] if steps is None else _fcos_lines(one, steps)


# --- tables ------------------------------------------------------------------------


def _table(headings: Line, lines: Sequence[Line], *, left: Sequence[str]) -> list[str]:
    """Align columns: those named in ``left`` on the left, others on the right."""
    rows = [headings, *lines]
    widths = [max(cell_width(row[n]) for row in rows) for n in range(len(headings))]
    found = []
    for row in rows:
        cells = [
            pad(cell, width) if heading in left else _right(cell, width)
            for cell, width, heading in zip(row, widths, headings, strict=True)
        ]
        found.append(clip(("  " + "  ".join(cells)).rstrip(), WIDTH))
    return found


def _right(cell: str, width: int) -> str:
    """Align a cell on the right."""
    return " " * (width - cell_width(cell)) + cell


def _level(one: Explanation, level: int) -> str:
    """Name a level."""
    return level_name(one.settings.anchors.strides[level])


def _place(one: Explanation, place: Place) -> Line:
    """Write where an anchor is."""
    return (
        _level(one, place.level),
        str(place.row),
        str(place.column),
        str(place.anchor),
    )


def _without_anchor(
    headings: Line, lines: Sequence[Line], places: Sequence[Place]
) -> tuple[Line, list[Line]]:
    """Drop the fourth column where cells have one anchor only."""
    if any(place.anchor for place in places):
        return headings, list(lines)
    return headings[:3] + headings[4:], [line[:3] + line[4:] for line in lines]


def _result(each: Candidate | Overlapping | Point) -> str:
    """Say what became of an anchor."""
    if each.outcome == "positive":
        rivals = getattr(each, "rivals", ())
        more = f" +{len(rivals) - 1}" if len(rivals) > 1 else ""
        return f"won over {name(rivals[0])}{more}" if rivals else "positive"
    if each.outcome == "lost":
        return f"lost to {name(each.held_by)}"
    return "-"


# --- ATSS --------------------------------------------------------------------------


def _atss_lines(one: Explanation, steps: AtssSteps) -> list[str]:
    """Write candidates, threshold, and what passes."""
    rule = steps.params
    test = f"{rule.threshold_test} {steps.threshold:.4f}"
    headings = ("level", "y", "x", "anchor", "distance", "IoU", test)
    number = len(steps.candidates)
    lines = [
        line
        for group in _groups(steps.candidates)
        for line in _candidate_lines(one, group)
    ]
    places = [each.place for each in steps.candidates]
    headings_, lines = _without_anchor((*headings, "inside", "result"), lines, places)
    return [
        f"  candidates: the {steps.k} nearest anchor centers of each level",
        *_table(headings_, lines, left=("level", test, "inside", "result")),
        "",
        f"  threshold: mean {steps.mean:.4f} + std {steps.std:.4f} of the "
        f"{number} IoUs = {steps.threshold:.4f}",
    ]


def _groups(candidates: Sequence[Candidate]) -> Iterable[list[Candidate]]:
    """Put candidates of a level together whose tests and results are the same."""
    groups: dict[tuple[object, ...], list[Candidate]] = {}
    for each in candidates:
        kind = each.place.level, each.passes, each.is_inside, _result(each)
        groups.setdefault(kind, []).append(each)
    return groups.values()


def _candidate_lines(one: Explanation, group: list[Candidate]) -> Iterator[Line]:
    """Write candidates of one level that are alike; of many the first."""
    most = POSITIVES_ALIKE if group[0].outcome == "positive" else ALIKE
    shown = group if len(group) <= most else group[: max(most - 1, 1)]
    tests = (
        "yes" if group[0].passes else "no",
        "yes" if group[0].is_inside else "no",
        _result(group[0]),
    )
    for each in shown:
        numbers_ = f"{each.distance:.2f}", f"{each.iou:.4f}"
        yield (*_place(one, each.place), *numbers_, *tests)
    rest = group[len(shown) :]
    if rest:
        best = max(each.iou for each in rest)
        level = _level(one, rest[0].place.level)
        most_ = f"<= {rest[-1].distance:.2f}", f"<= {best:.4f}"
        yield (level, f"{len(rest)} more", "", "", *most_, *tests)


# --- IoU threshold -----------------------------------------------------------------


def _iou_threshold_lines(one: Explanation, steps: IouThresholdSteps) -> list[str]:
    """Write the bars and the anchors that fit best."""
    rule = steps.params
    bars = f"positive from {rule.positive_from:g}, negative below "
    bars += f"{rule.negative_below:g}, ignored between"
    shown = steps.anchors[:ANCHORS_SHOWN]
    headings = ("level", "y", "x", "anchor", "IoU", "test", "result")
    lines = [
        (
            *_place(one, each.place),
            f"{each.iou:.4f}",
            _bar_test(each, rule),
            _result(each),
        )
        for each in shown
    ]
    found = [f"  bars: {bars}", f"  {_low_quality(rule)}"]
    if shown:
        found += ["", "  anchors it overlaps most"]
        found += _table(headings, lines, left=("level", "test", "result"))
    rest = steps.anchors[len(shown) :]
    if rest:
        found.append(f"  {len(rest)} more down to an IoU of {rest[-1].iou:.4f}")
    over = numbers.plural(steps.num_over_bar, "anchor")
    matches = numbers.count(steps.num_low_quality)
    best = f"best IoU {steps.best:.4f}; {over} at {rule.positive_from:g} or above"
    return [*found, "", f"  {best}, {matches} low-quality below"]


def _low_quality(rule: IouThresholdParams) -> str:
    """Say what low-quality matches there are, and who gets them."""
    if not rule.allow_low_quality:
        return "no low-quality matches"
    floor = f" from {rule.low_quality_floor:g}" if rule.low_quality_floor else ""
    owner = "the last object to claim them"
    if rule.low_quality_owner == "own_best":
        owner = "the object they overlap most"
    return f"low-quality match: its best anchors{floor}, to {owner}"


def _bar_test(each: Overlapping, rule: IouThresholdParams) -> str:
    """Say which bar an anchor reaches."""
    if each.reaches_bar:
        return f">= {rule.positive_from:g}"
    if each.is_low_quality:
        return "its best"
    is_between = float(each.iou) >= rule.negative_below
    return "between" if is_between else f"< {rule.negative_below:g}"


# --- FCOS --------------------------------------------------------------------------


def _fcos_lines(one: Explanation, steps: FcosSteps) -> list[str]:
    """Write the points level by level, and some of them in full."""
    rule = steps.params
    test = "largest side distance in the scale range of the level"
    if rule.center_sampling_radius:
        test += f", within {rule.center_sampling_radius:g} strides of the center"
    headings = ("level", "scale range", "inside", "in region", "in range", "won")
    lines = [
        (
            _level(one, each.level),
            f"{max(each.range_low, 0):g} to {each.range_high:g}",
            *(numbers.count(number) for number in each[3:6]),
            numbers.count(each.num_won),
            _contests(each.num_contested, each.num_in_range),
        )
        for each in steps.levels
    ]
    return [
        *fold(f"points inside the box; {test}", first="  "),
        *_table((*headings, "contested"), lines, left=("level",)),
        *_loss_lines(one, steps),
        "",
        f"  of each level the {POINTS_PER_LEVEL} points nearest to the center, with "
        "distances to the sides",
        *_point_lines(one, steps),
        "",
        f"  area {steps.area:.2f} square pixels; the smallest wins a contest",
    ]


def _contests(contested: int, in_range: int) -> str:
    """Write how many points others want too."""
    return f"{contested} of {in_range}" if in_range else "-"


def _loss_lines(one: Explanation, steps: FcosSteps) -> Iterator[str]:
    """Say to whom points are lost."""
    for level in steps.levels:
        losses = [
            f"{loss.num_points} to {name(loss.held_by)} (area {loss.area:.2f})"
            if loss.area is not None
            else f"{loss.num_points} to no one (area beyond 1e8)"
            for loss in level.lost
        ]
        if losses:
            text = f"{_level(one, level.level)} lost: {', '.join(losses)}"
            yield from fold(text, first="  ", rest="    ")


def _point_lines(one: Explanation, steps: FcosSteps) -> list[str]:
    """Write a few points in full."""
    headings = ("level", "y", "x", "left", "top", "right", "bottom", "largest")
    lines = [
        (
            *_place(one, each.place)[:3],
            *(f"{side:.2f}" for side in each.ltrb),
            f"{max(each.ltrb):.2f}",
            _point_result(each),
        )
        for each in steps.points
    ]
    return _table((*headings, "result"), lines, left=("level", "result"))


def _point_result(each: Point) -> str:
    """Say what became of a point, or which test it fails."""
    if each.is_in_range:
        return _result(each)
    if each.is_in_region:
        return "out of range"
    return "too far from center" if each.is_inside else "outside the box"


# --- what would help ---------------------------------------------------------------


def _suggestion_lines(answer: Answer, command: Line) -> Iterator[str]:
    """Say which single changes feed the object, and which do not."""
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
