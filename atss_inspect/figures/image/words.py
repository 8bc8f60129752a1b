"""Title, lines and small print of a picture of one image."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from atss_inspect.assigners.steps import steps_of
from atss_inspect.figures.image.labels import Labels
from atss_inspect.figures.image.view import Panel, View
from atss_inspect.figures.sheet import Heading
from atss_inspect.figures.words import convention_line, short_name
from atss_inspect.readers.pixels import Picture
from atss_inspect.scene import Scene
from atss_inspect.views import numbers
from atss_inspect.views.causes import CAUSE_WORDS, IMAGE_LEFT_OUT
from atss_inspect.views.names import ELLIPSIS, clip_middle, name_of_id, printable

_LONGEST_NAME = 48
_MOST_WINNERS = 3
_REASONS = {
    "class_not_selected": "of other classes",
    "ignore_flag": "flagged to be ignored",
    "crowd": "crowd",
    "outside_image": "outside the image",
    "no_extent": "without extent",
    "too_small": "too small",
    "too_small_after_resize": "too small after resizing",
    "image_left_out": "of an image left out",
}


def image_name(scene: Scene) -> str:
    """Name an image by id and file name."""
    image_id = short_id(scene.image.image_ids.tolist()[0])
    file_name = printable(scene.image.file_names.tolist()[0])
    shown = clip_middle(file_name, _LONGEST_NAME)
    return f"{image_id}, {shown}" if shown else image_id


def short_id(found: Any) -> str:
    """Write an id, which may be a text of any length."""
    return clip_middle(name_of_id(found), _LONGEST_NAME)


def outcome(scene: Scene) -> str:
    """Count the objects, and those that starve by their cause."""
    if not scene.frame.num_images:
        reason = next(iter(scene.frame.left_out_images), "")
        return f"left out by the data rules: {IMAGE_LEFT_OUT.get(reason, reason)}"
    if not scene.num_gt:
        return "no objects"
    objects = numbers.plural(scene.num_gt, "object")
    causes = Counter(filter(None, scene.causes))
    if not causes:
        return f"{objects}, all with positives"
    worst = ", ".join(
        f"{number} {CAUSE_WORDS[name]}" if len(causes) > 1 else CAUSE_WORDS[name]
        for name, number in causes.most_common()
    )
    return f"{objects}, {causes.total()} without a positive ({worst})"


def heading(
    panels: Sequence[Panel], view: View, picture: Picture, labels: Sequence[Labels]
) -> Heading:
    """Put title, lines and note of a figure together."""
    scene = panels[0].scene
    scenes = list(dict.fromkeys(one.scene for one in panels))
    words = outcome(scene)
    if len(scenes) > 1:
        words = numbers.plural(scene.image.num_objects, "annotation")
    settings = [one.settings for one in scenes]
    return Heading(
        f"Image {image_name(scene)}: {words}",
        [convention_line(settings), *_subject_lines(panels, view), _frame(scenes)],
        " ".join(_notes(panels, view, picture, labels)),
    )


def _frame(scenes: Sequence[Scene]) -> str:
    """Name the pixels that things are in."""
    height, width = scenes[0].original_size
    sizes = dict.fromkeys(one.canvas_size for one in scenes)
    inputs = " or ".join(f"{wide} x {tall}" for tall, wide in sizes)
    return f"{width:g} x {height:g} pixels, {inputs} after resizing"


def _subject_lines(panels: Sequence[Panel], view: View) -> Iterator[str]:
    """Name the object looked at, and the levels."""
    if view.subject is not None:
        what = "Close-up of" if view.candidates is None else "Candidates of"
        name = subject_name(panels[0].scene, view.subject)
        yield f"{what} {name} (in brackets)"
    if view.candidates is not None and len(panels) == 1:
        yield f"It gets {outcome_of_subject(panels[0], view.candidates)}"
    if view.levels:
        yield f"Only {numbers.joined(list(view.levels))}"


def subject_name(scene: Scene, row: int) -> str:
    """Name an object by annotation id and class."""
    image = scene.image
    ann_id = short_id(image.annotation_ids[[row]].tolist()[0])
    class_name = printable(image.category_names[image.category_index[row]])
    return f"annotation {ann_id}, {clip_middle(class_name, _LONGEST_NAME)}"


def outcome_of(scene: Scene, row: int) -> str:
    """Count what one object gets, or name why it gets nothing."""
    gt = scene.gt_of(row)
    if gt is None:
        place = np.flatnonzero(scene.frame.left_out_rows == row)
        reason = scene.left_out[place[0]]
        return f"nothing: it is left out by the data rules ({_REASONS[reason]})"
    cause = scene.causes[gt]
    if cause is not None:
        return f"no positive: {CAUSE_WORDS[cause]}"
    return numbers.plural(int(scene.num_positives[gt]), "positive")


def outcome_of_subject(panel: Panel, row: int) -> str:
    """Count what the object looked at gets, and name who took anchors from it."""
    found, winners = outcome_of(panel.scene, row), _winner_words(panel)
    if not winners:
        return found
    lost = CAUSE_WORDS["lost_to_others"]
    if found.endswith(lost):
        return f"{found.removesuffix(lost)}lost to {winners}"
    return f"{found}; lost some to {winners}"


def _winner_words(panel: Panel) -> str:
    """Name the objects that have the anchors which the one looked at has lost."""
    ids = [short_id(panel.scene.annotation_ids[gt]) for gt in panel.winners]
    if not ids:
        return ""
    more = len(ids) - _MOST_WINNERS
    shown = ids if more <= 0 else [*ids[:_MOST_WINNERS], f"{more} more"]
    which = "annotation" if len(ids) == 1 else "annotations"
    return f"{which} {numbers.joined(shown)}"


def panel_lines(panel: Panel, view: View) -> tuple[str, str]:
    """Title and second line of a panel beside others."""
    scene = panel.scene
    if view.by_level:
        found = numbers.plural(len(panel.positives), "positive")
        owners = len(np.unique(scene.assignment.gt[panel.positives]))
        words = f"{found} of {numbers.plural(owners, 'object')}"
    elif view.candidates is not None:
        words = outcome_of_subject(panel, view.candidates)
    elif not scene.num_gt:
        words = outcome(scene)
    else:
        counts = scene.level_counts().tolist()
        levels = ", ".join(
            f"{scene.grids.pyramid.level_names[level]} {counts[level]}"
            for level in panel.levels
            if counts[level]
        )
        starved = int(np.count_nonzero(scene.is_unassigned))
        words = f"{starved} of {scene.num_gt} without; {levels or 'no positives'}"
    return printable(panel.title), words


def _notes(
    panels: Sequence[Panel], view: View, picture: Picture, labels: Sequence[Labels]
) -> Iterator[str]:
    """List what a reader must know of the picture, a sentence each."""
    if picture.pixels is None:
        yield f"Blank canvas: {picture.problem or 'no picture'}."
    elif picture.problem:
        yield f"The {picture.problem}; drawn to fit."
    if not any(one.scene.num_gt for one in panels):
        return
    if view.candidates is None:
        yield "Points are the centers of positive anchors."
        yield from _sharing_notes(panels)
    else:
        yield from _candidate_notes(panels)
    if view.candidates is None or view.labels != "auto":
        yield from _label_notes(labels)
    reasons = Counter(panels[0].scene.left_out)
    if reasons and panels[0].scene.frame.num_images:
        parts = [f"{number} {_REASONS[name]}" for name, number in reasons.items()]
        yield f"Left out by the data rules: {', '.join(parts)}."
    yield from _mask_notes(panels)


def _sharing_notes(panels: Sequence[Panel]) -> Iterator[str]:
    """Name where fewer points are to be seen than positives are counted."""
    shares = {
        one.scene.settings.name: one.scene.grids.pyramid.anchors_per_cell
        for one in panels
    }
    several = {name: number for name, number in shares.items() if number > 1}
    if several:
        counts = numbers.joined([f"{each}" for each in dict.fromkeys(several.values())])
        names = numbers.joined([short_name(name) for name in several])
        whose = f"Of {names}, up to" if len(several) < len(shares) else "Up to"
        yield f"{whose} {counts} positive anchors of a level share a point."


def _label_notes(labels: Sequence[Labels]) -> Iterator[str]:
    """Explain the labels, and count those there was no room for."""
    kinds = {one.is_starved for each in labels for one in each.placed}
    meanings = ("class and number of positives", "annotation id and cause")
    if kinds:
        yield f"Labels: {', or '.join(meanings[kind] for kind in sorted(kinds))}."
    unnamed = dict.fromkeys(each.unnamed_cause for each in labels if each.unnamed_cause)
    if unnamed:
        causes = numbers.joined([CAUSE_WORDS[cause] for cause in unnamed], "or")
        yield f"An id alone: {causes}."
    if any(each.has_cut_causes for each in labels):
        yield f"An id with {ELLIPSIS}: another cause, for which there was no room."
    left_out = sum(each.num_left_out for each in labels)
    if left_out:
        yield f"{numbers.plural(left_out, 'label')} left out for lack of room."


def _candidate_notes(panels: Sequence[Panel]) -> Iterator[str]:
    """Explain the sizes, and count what lies beyond the window."""
    yield "Signs stand at anchor centers and are larger on coarser levels."
    rules = dict.fromkeys(one.scene.settings.rule for one in panels)
    yield from filter(None, (steps_of(rule).note for rule in rules))
    outside = 0
    for panel in panels:
        points: Any = panel.tried.points if panel.tried else np.zeros((0, 2))
        x1, y1, x2, y2 = panel.window
        inside = (points > (x1, y1)).all(axis=1) & (points < (x2, y2)).all(axis=1)
        outside += int(np.count_nonzero(~inside))
    if outside:
        verb = "lies" if outside == 1 else "lie"
        yield f"{numbers.plural(outside, 'candidate')} {verb} beyond the picture."


def _mask_notes(panels: Sequence[Panel]) -> Iterator[str]:
    """Write the share of the points that lies on the objects themselves."""
    shares = {
        panel.scene.settings.name: panel.masks.share
        for panel in panels
        if panel.masks and panel.masks.share is not None
    }
    if len(shares) == 1:
        [share] = shares.values()
        yield f"On their object's mask: {numbers.percent(share)} of the points."
    elif shares:
        parts = [f"{printable(n)} {numbers.percent(s)}" for n, s in shares.items()]
        yield f"Points on their object's mask: {', '.join(parts)}."
