"""What `plot image` says in words, beside the picture."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from atss_inspect.scene import Scene, SceneMasks
from atss_inspect.statistics.worst import Starved
from atss_inspect.views import numbers
from atss_inspect.views.causes import CAUSE_WORDS
from atss_inspect.views.conventions import convention_block
from atss_inspect.views.explain_words import IMAGE_LEFT_OUT, LEFT_OUT
from atss_inspect.views.files import names_of_images
from atss_inspect.views.layout import as_lines, fold
from atss_inspect.views.names import clip, name_of_id, pad, printable
from atss_inspect.views.renderers.terminal import table_text
from atss_inspect.views.stats_report import command_line
from atss_inspect.views.table import Column, Row, Section, Table, count, plain_list
from atss_inspect.views.verdict import (
    all_assigned_words,
    mostly_words,
    unassigned_words,
)

# Objects listed one by one; the others are counted.
MAX_LISTED = 20
GALLERY_NOTE = "none: objects without a positive; mean: positives per object."


@dataclass(frozen=True, eq=False)
class ImageReport:
    """An image under some conventions.

    Attributes
    ----------
    scenes : one per panel, at least one
    titles : names of the panels
    masks : of the scenes, if asked for
    again : options that give annotations and conventions again, as typed
    own : of each scene, options that give its convention again beside these
    subject : row of the object among the image's that a close look is at, or None
    """

    scenes: Sequence[Scene]
    titles: Sequence[str]
    masks: Sequence[SceneMasks] = ()
    again: tuple[str, ...] = ()
    own: Sequence[tuple[str, ...]] = ()
    subject: int | None = None

    def command(self, scene: int) -> tuple[str, ...]:
        """Options that repeat the convention of one scene."""
        return (*self.again, *(self.own[scene] if self.own else ()))


def image_text(report: ImageReport) -> str:
    """Write a report: what was looked at, counts, who starves, what to type next."""
    blocks = [_heading(report), _conventions(report)]
    if any(scene.frame.num_images for scene in report.scenes):
        blocks += [table_text(_counts(report)), *_starved(report)]
    if report.masks:
        blocks.append(_mask_text(report))
    return "\n".join([*blocks, "".join([_verdict(report), *_next(report)])])


def _heading(report: ImageReport) -> str:
    """Name the image."""
    image = report.scenes[0].image
    height, width = report.scenes[0].original_size
    image_id = name_of_id(image.image_ids.tolist()[0])
    parts = [f"image {image_id}", printable(image.file_names.tolist()[0])]
    objects = numbers.plural(image.num_objects, "annotation")
    facts = [*filter(None, parts), f"{width:g} x {height:g} pixels", objects]
    return as_lines(fold(f"{names_of_images([image])}: {', '.join(facts)}", rest="  "))


def _conventions(report: ImageReport) -> str:
    """Write what each convention means."""
    lines: list[str] = []
    for scene, title in zip(report.scenes, report.titles, strict=True):
        if not scene.frame.num_images:
            reason = next(iter(scene.frame.left_out_images), "")
            why = IMAGE_LEFT_OUT.get(reason, reason)
            lines += fold(f"{printable(title)} leaves the image out: {why}.", rest="  ")
    settings = [scene.settings for scene in report.scenes]
    return convention_block(settings, report.titles) + as_lines(lines)


def _counts(report: ImageReport) -> Table:
    """Count objects, starved ones and positives by level."""
    scenes = report.scenes

    def row(label: str, values: Sequence[int]) -> Row:
        return Row(label, tuple((count(value),) for value in values))

    rows = [
        row("objects", [scene.num_gt for scene in scenes]),
        row(
            "  without a positive",
            [int(np.count_nonzero(scene.is_unassigned)) for scene in scenes],
        ),
        row("  left out by data rules", [len(scene.left_out) for scene in scenes]),
        row("positives", [scene.assignment.num_positives for scene in scenes]),
    ]
    names = list(
        dict.fromkeys(n for scene in scenes for n in scene.grids.pyramid.level_names)
    )
    for name in names:
        rows.append(row(f"  on {name}", [_on_level(scene, name) for scene in scenes]))
    return Table(headings=tuple(report.titles), sections=(Section("", tuple(rows)),))


def _on_level(scene: Scene, name: str) -> int:
    """Count the positives of a level, 0 where a convention has no such level."""
    names = scene.grids.pyramid.level_names
    return int(scene.level_counts()[names.index(name)]) if name in names else 0


def _starved(report: ImageReport) -> Iterator[str]:
    """List the objects without a positive, with their causes."""
    for scene, title in zip(report.scenes, report.titles, strict=True):
        starved = np.flatnonzero(scene.is_unassigned).tolist()
        if not starved:
            continue
        columns = [
            (
                clip(name_of_id(scene.annotation_ids[gt]), 20),
                clip(printable(scene.class_names[gt]), 24),
                CAUSE_WORDS[scene.causes[gt] or ""],
            )
            for gt in starved[:MAX_LISTED]
        ]
        under = f" under {printable(title)}" if len(report.scenes) > 1 else ""
        lines = [f"without a positive{under} (annotation id, class, cause):"]
        wide = [max(len(row[place]) for row in columns) for place in (0, 1)]
        lines += [
            f"  {number:>{wide[0]}}  {pad(name, wide[1])}  {cause}"
            for number, name, cause in columns
        ]
        if len(starved) > MAX_LISTED:
            more = numbers.plural(len(starved) - MAX_LISTED, "more object")
            lines.append(f"  and {more}")
        yield as_lines(lines)
    yield from _left_out(report)


def _left_out(report: ImageReport) -> Iterator[str]:
    """Explain why the data rules leave objects out."""
    for scene, title in zip(report.scenes, report.titles, strict=True):
        if scene.left_out and scene.frame.num_images:
            lines = [f"left out by {printable(title)}:"]
            for reason in dict.fromkeys(scene.left_out):
                number = numbers.count(scene.left_out.count(reason))
                lines += fold(f"  {number}: {LEFT_OUT[reason]}", rest="    ")
            yield as_lines(lines)


def _mask_text(report: ImageReport) -> str:
    """Write what share of the positive points lies on the objects themselves."""
    lines = [
        "share of positive points (anchor centers) on their object's own mask,",
        "in input pixels:",
    ]
    for masks, title in zip(report.masks, report.titles, strict=True):
        usable = masks.is_usable
        lines.append(
            f"  {printable(title)}: {numbers.percent(masks.share)} "
            f"({numbers.count(int(masks.num_on_mask[usable].sum()))} of "
            f"{numbers.count(int(masks.num_positives[usable].sum()))})"
        )
    missing, broken = report.masks[0].num_missing, report.masks[0].num_broken
    for number, what in ((missing, "no mask"), (broken, "a mask that makes no sense")):
        if number:
            lines.append(
                f"  not counted: {numbers.plural(number, 'object')} with {what}"
            )
    return as_lines([*lines, "", *_mask_rows(report)])


def _mask_rows(report: ImageReport) -> Iterator[str]:
    """Write a row per object: on its mask, of its positives."""
    for scene, masks, title in zip(
        report.scenes, report.masks, report.titles, strict=True
    ):
        yield f"{printable(title)}: annotation id, class, points on mask of all:"
        for gt in range(scene.num_gt):
            ann_id = clip(name_of_id(scene.annotation_ids[gt]), 20)
            name = pad(clip(printable(scene.class_names[gt]), 24), 24)
            on_mask, total = int(masks.num_on_mask[gt]), int(masks.num_positives[gt])
            share = numbers.percent(on_mask / total if total else None)
            found = f"{on_mask:>4} of {total:>4}  {share:>6}"
            shown = found if masks.is_usable[gt] else "no mask"
            yield f"  {ann_id:>8}  {name}  {shown}"


def _verdict(report: ImageReport) -> str:
    """Count the objects without a positive by convention, and name the main cause."""
    sentences = [
        _outcome(printable(title), _starved_of([scene]))
        for scene, title in zip(report.scenes, report.titles, strict=True)
    ]
    return as_lines(fold(" ".join(sentences), first="verdict: ", rest="  "))


def _starved_of(scenes: Sequence[Scene]) -> Starved:
    """Count the objects of images under one convention by cause."""
    names = scenes[0].assignment.starvation.names
    causes = [scene.assignment.starvation.cause for scene in scenes]
    counts = np.bincount(np.concatenate(causes), minlength=len(names))
    return Starved(tuple(counts.tolist()), names=names)


def _outcome(name: str, every: Starved) -> str:
    """Describe what one convention does to some objects."""
    if not every.num_objects:
        return f"{name} has no object to assign here."
    if not every.num_starved:
        return f"{all_assigned_words(name, every.num_objects)}."
    return f"{unassigned_words(name, every)}{mostly_words(every)}."


def _next(report: ImageReport) -> Iterator[str]:
    """Name the command that explains an object: the subject, a starved one, any."""
    if report.subject is not None:
        ann_id = report.scenes[0].image.annotation_ids.tolist()[report.subject]
        if ann_id is not None:
            options = (*report.command(0), "--ann-id", str(ann_id))
            yield f"next: {command_line('explain', *options)}\n"
        return
    for has_starved in (True, False):
        for place, scene in enumerate(report.scenes):
            for gt, ann_id in enumerate(scene.annotation_ids):
                if ann_id is not None and has_starved in (
                    scene.is_unassigned[gt],
                    False,
                ):
                    options = (*report.command(place), "--ann-id", str(ann_id))
                    yield f"next: {command_line('explain', *options)}\n"
                    return


def gallery_text(report: ImageReport) -> str:
    """Write a line per image of a gallery, the verdict, how to see one closely."""
    scenes = report.scenes
    shown = numbers.plural(len(scenes), "image")
    files = names_of_images([scene.image for scene in scenes])
    verdict = _outcome(printable(report.titles[0]), _starved_of(scenes))
    first = str(scenes[0].image.image_ids.tolist()[0])
    after = f"next: {command_line('plot', 'image', first, *report.command(0))}"
    return "\n".join(
        [
            as_lines(fold(f"{files}: {shown}", rest="  ")),
            convention_block([scenes[0].settings], report.titles),
            table_text(_gallery_table(scenes)),
            f"{GALLERY_NOTE}\n",
            as_lines(
                [*fold(f"In {shown}, {verdict}", first="verdict: ", rest="  "), after]
            ),
        ]
    )


def _gallery_table(scenes: Sequence[Scene]) -> Table:
    """List the images, a line each."""
    texts = [Column(label, is_text=True) for label in ("image", "file name")]
    columns = [*texts, *map(Column, ("objects", "none", "mean"))]
    rows = []
    for scene in scenes:
        unassigned = int(np.count_nonzero(scene.is_unassigned))
        image_id = clip(name_of_id(scene.image.image_ids.tolist()[0]), 24)
        name = clip(printable(scene.image.file_names.tolist()[0]), 32)
        found = scene.assignment.num_positives
        mean = numbers.mean(found / scene.num_gt if scene.num_gt else None)
        rows.append((image_id, name, str(scene.num_gt), str(unassigned), mean))
    return plain_list(columns, rows)
