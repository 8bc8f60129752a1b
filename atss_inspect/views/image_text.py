"""What `plot image` says in words, beside the picture."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from textwrap import indent

import numpy as np

from atss_inspect.assigners.causes import KNOWN_CAUSES
from atss_inspect.scene import Scene, SceneMasks
from atss_inspect.statistics.statistic import Kind
from atss_inspect.statistics.worst import LOW_QUALITY_ONLY, Query, Reasons, reasons_of
from atss_inspect.views import conventions, numbers, verdict
from atss_inspect.views.headings import names_of_images
from atss_inspect.views.names import as_lines, clip, fold, name_of_id, pad, printable
from atss_inspect.views.renderers.terminal import table_text
from atss_inspect.views.stats import command_line
from atss_inspect.views.table import Cell, Column, Section, Table, plain_list, row_of

# Objects listed one by one; the others are counted.
MAX_LISTED = 20
GALLERY_NOTE = "without: objects without a {given}; mean: {mean} per object."
POORLY_NOTE = " poorly: poorly assigned objects."


@dataclass(frozen=True, eq=False)
class ImageReport:
    """An image under some conventions."""

    scenes: Sequence[Scene]  # one per panel, at least one
    titles: Sequence[str]  # names of the panels
    masks: Sequence[SceneMasks] = ()  # of the scenes, if asked for
    # options that give annotations and conventions again, as typed
    again: tuple[str, ...] = ()
    # of each scene, options that give its convention again beside these
    own: Sequence[tuple[str, ...]] = ()
    # row of the object among the image's that a close look is at, or None
    subject: int | None = None

    @property
    def panels(self) -> Iterator[tuple[Scene, str]]:
        """Each scene with its title, safe to print."""
        return zip(self.scenes, map(printable, self.titles), strict=True)

    def command(self, scene: int) -> tuple[str, ...]:
        """Options that repeat the convention of one scene."""
        return (*self.again, *(self.own[scene] if self.own else ()))


def image_text(report: ImageReport) -> str:
    """Write a report: what was looked at, counts, who has no positive, what is next."""
    blocks = [_heading(report), _conventions(report)]
    if any(scene.frame.num_images for scene in report.scenes):
        blocks.append(table_text(_counts(report)))
        blocks += [*_unassigned(report), *_left_out(report)]
    if report.masks:
        blocks.append(_mask_text(report))
    outcomes = " ".join(_outcome(title, [scene]) for scene, title in report.panels)
    last = [*fold(outcomes, first="verdict: ", rest="  "), *_next(report)]
    return "\n".join([*blocks, as_lines(last)])


def _heading(report: ImageReport) -> str:
    image = report.scenes[0].image
    height, width = report.scenes[0].original_size
    facts = [
        f"image {name_of_id(image.image_ids.tolist()[0])}",
        printable(image.file_names.tolist()[0]),
        f"{width:g} x {height:g} pixels",
        numbers.plural(image.num_objects, "annotation"),
    ]
    about = ", ".join(filter(None, facts))
    return as_lines(fold(f"{names_of_images([image])}: {about}", rest="  "))


def _conventions(report: ImageReport) -> str:
    lines: list[str] = []
    for scene, title in report.panels:
        if not scene.frame.num_images:
            reason = next(iter(scene.frame.left_out_images), "")
            why = conventions.IMAGE_LEFT_OUT.get(reason, reason)
            lines += fold(f"{title} leaves the image out: {why}.", rest="  ")
    settings = [scene.settings for scene in report.scenes]
    return conventions.convention_block(settings, report.titles) + as_lines(lines)


def _counts(report: ImageReport) -> Table:
    """Count objects, the poorly assigned ones, and positives by level."""
    scenes = report.scenes
    levels = []
    for one in scenes:
        number = one.level_counts().tolist()
        levels.append(dict(zip(one.grids.pyramid.level_names, number, strict=True)))
    groups = [one.counts for one in scenes]
    counts: dict[str, list[int | None]] = {
        "objects": [one.num_objects for one in groups],
        "  without a positive": [*_own(scenes, "positive", "num_unassigned")],
        "  without a candidate": [*_own(scenes, "candidate", "num_unassigned")],
        "  fewer candidates than the quota": [one.num_below_quota for one in groups],
        "  only low-quality matches": [one.num_low_quality_only for one in groups],
        "  left out by data rules": [len(one.left_out) for one in scenes],
        "positives": [*_own(scenes, "positive", "num_positives")],
        "picks at most": [*_own(scenes, "candidate", "num_positives")],
        "candidates": [len(one.points) if one.gate else None for one in scenes],
    }
    for name in dict.fromkeys(name for own in levels for name in own):
        counts[f"  on {name}"] = [own.get(name, 0) for own in levels]
    rows = [
        row_of(label, [Cell(Kind.COUNT, number) for number in each])
        for label, each in counts.items()
        if any(number is not None for number in each)
    ]
    return Table(tuple(report.titles), (Section("", tuple(rows)),))


def _own(scenes: Sequence[Scene], given: str, name: str) -> Iterator[int | None]:
    """Take a count of each scene that gives objects this; None of the others."""
    for one in scenes:
        yield getattr(one.counts, name) if one.given == given else None


def _unassigned(report: ImageReport) -> Iterator[str]:
    columns = [Column(""), *[Column("", is_text=True)] * 2]
    for scene, title in report.panels:
        unassigned = np.flatnonzero(scene.is_unassigned).tolist()
        if not unassigned:
            continue
        why = [KNOWN_CAUSES[cause].words if cause else "" for cause in scene.causes]
        rows = [(*_named(scene, gt), why[gt]) for gt in unassigned[:MAX_LISTED]]
        under = f" under {title}" if len(report.scenes) > 1 else ""
        text = f"without a {scene.given}{under} (annotation id, class, cause):\n"
        text += indent(table_text(plain_list(columns, rows)), "  ")
        if more := len(unassigned[MAX_LISTED:]):
            text += f"  and {numbers.plural(more, 'more object')}\n"
        yield text


def _named(scene: Scene, gt: int) -> tuple[str, str]:
    """Annotation id and class of an object, clipped."""
    ann_id = clip(name_of_id(scene.annotation_ids[gt]), 20)
    return ann_id, clip(printable(scene.class_names[gt]), 24)


def _left_out(report: ImageReport) -> Iterator[str]:
    for scene, title in report.panels:
        if scene.left_out and scene.frame.num_images:
            lines = [f"left out by {title}:"]
            for reason, number in Counter(scene.left_out).items():
                why = conventions.LEFT_OUT[reason]
                lines += fold(f"  {numbers.count(number)}: {why}", rest="    ")
            yield as_lines(lines)


def _mask_text(report: ImageReport) -> str:
    """Write what share of the positive points lies on the objects themselves."""
    lines = [
        "share of positive points (anchor centers) on their object's own mask,",
        "in input pixels:",
    ]
    rows = [""]
    for masks, (scene, title) in zip(report.masks, report.panels, strict=True):
        each = (masks.num_on_mask, masks.num_positives)
        found, every = (numbers.count(int(n[masks.is_usable].sum())) for n in each)
        lines.append(f"  {title}: {numbers.percent(masks.share)} ({found} of {every})")
        rows.append(f"{title}: annotation id, class, points on mask of all:")
        for gt in range(scene.num_gt):
            ann_id, name = _named(scene, gt)
            shown, (on_mask, total) = "no mask", (int(counts[gt]) for counts in each)
            if masks.is_usable[gt]:
                share = numbers.percent(on_mask / total if total else None)
                shown = f"{on_mask:>4} of {total:>4}  {share:>6}"
            rows.append(f"  {ann_id:>8}  {pad(name, 24)}  {shown}")
    missing, broken = report.masks[0].num_missing, report.masks[0].num_broken
    for number, what in ((missing, "no mask"), (broken, "a mask that makes no sense")):
        if number:
            objects = numbers.plural(number, "object")
            lines.append(f"  not counted: {objects} with {what}")
    return as_lines([*lines, *rows])


def _outcome(name: str, scenes: Sequence[Scene]) -> str:
    if scenes[0].gate is not None:
        return _bounds(name, scenes)
    names = (*scenes[0].assignment.unassigned.names, LOW_QUALITY_ONLY)
    low, last = [one.is_low_quality_only for one in scenes], len(names) - 1
    causes = [scene.assignment.unassigned.cause for scene in scenes]
    reasons = np.where(np.concatenate(low), last, np.concatenate(causes))
    counts = np.bincount(reasons, minlength=len(names) + 1)
    every = Reasons(*reasons_of(counts.tolist(), names, Query()))
    if not every.group.num_objects:
        return f"{name} has no object to assign here."
    text = f"{verdict.outcome_words(name, every.group)}{verdict.mostly_words(every)}"
    if every.by_cause and every.group.num_low_quality_only:
        bar = scenes[0].settings.low_quality_bar
        text += f"; the others have no positive at IoU {bar:g} or above"
    return f"{text}."


def _bounds(name: str, scenes: Sequence[Scene]) -> str:
    """Write what a gate lets the objects of images have, and what it does not."""
    number = sum(one.num_gt for one in scenes)
    without = sum(one.counts.num_unassigned for one in scenes)
    few = sum(one.counts.num_below_quota or 0 for one in scenes)
    if not number:
        return f"{name} has no object to assign here."
    text = f"{name} has a candidate for each of {numbers.plural(number, 'object')}"
    gate = scenes[0].gate
    if without and gate:
        which = "at this size they get no positive, whatever is predicted"
        if not gate.is_certain:
            which = "they may get points of others"
        own = " of their own" * (not gate.is_certain)
        text = f"{name} leaves {without} of {number} objects without a candidate{own}"
        text += f": {which}"
    quota = gate.quota if gate else 0
    return f"{text}; {few} have fewer than the {quota} that it picks."


def _next(report: ImageReport) -> Iterator[str]:
    """Name the command that explains the subject, one without a positive, or any."""
    if report.subject is not None:
        ids = report.scenes[0].image.annotation_ids.tolist()
        place, ann_id = 0, ids[report.subject]
    else:
        every = [
            (not scene.is_unassigned[gt], place, ann_id)
            for place, scene in enumerate(report.scenes)
            for gt, ann_id in enumerate(scene.annotation_ids)
            if ann_id is not None
        ]
        _, place, ann_id = min(every, key=itemgetter(0), default=(True, 0, None))
    if ann_id is not None:
        options = (*report.command(place), "--ann-id", str(ann_id))
        yield f"next: {command_line('explain', *options)}"


def gallery_text(report: ImageReport) -> str:
    """Write a line per image of a gallery, the verdict, how to see one closely."""
    scenes = report.scenes
    has_low = scenes[0].settings.low_quality_bar is not None
    shown = numbers.plural(len(scenes), "image")
    files = names_of_images([scene.image for scene in scenes])
    outcome = f"In {shown}, {_outcome(printable(report.titles[0]), scenes)}"
    closer = next((each for each in scenes if each.image.num_objects), scenes[0])
    first = str(closer.image.image_ids.item(0))
    after = f"next: {command_line('plot', 'image', first, *report.command(0))}"
    given = scenes[0].given
    mean = "positives" if given == "positive" else "picked at most"
    note = GALLERY_NOTE.format(given=given, mean=mean)
    blocks = [
        as_lines(fold(f"{files}: {shown}", rest="  ")),
        conventions.convention_block([scenes[0].settings], report.titles),
        table_text(_gallery_table(scenes)),
        as_lines(fold(note + POORLY_NOTE * has_low)),
        as_lines([*fold(outcome, first="verdict: ", rest="  "), after]),
    ]
    return "\n".join(blocks)


def _gallery_table(scenes: Sequence[Scene]) -> Table:
    texts = [Column(label, is_text=True) for label in ("image", "file name")]
    kinds = {"without": "num_unassigned"}
    if scenes[0].settings.low_quality_bar is not None:
        kinds["poorly"] = "num_poorly_assigned"
    columns = [*texts, *map(Column, ("objects", *kinds, "mean"))]
    rows = []
    for scene in scenes:
        counts = (getattr(scene.counts, kind) for kind in kinds.values())
        image_id = clip(name_of_id(scene.image.image_ids.tolist()[0]), 24)
        name = clip(printable(scene.image.file_names.tolist()[0]), 32)
        mean = numbers.mean(scene.counts.mean_positives)
        rows.append((image_id, name, str(scene.num_gt), *map(str, counts), mean))
    return plain_list(columns, rows)
