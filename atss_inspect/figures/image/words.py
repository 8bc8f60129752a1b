"""Title, lines and small print of a picture of one image."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from atss_inspect.assigners.causes import KNOWN_CAUSES, LOST_TO_OTHERS
from atss_inspect.assigners.steps import steps_of
from atss_inspect.figures.image.labels import Labels
from atss_inspect.figures.image.view import Panel, given_words
from atss_inspect.figures.sheet import Heading
from atss_inspect.figures.words import convention_line, short_name
from atss_inspect.readers.pixels import Picture
from atss_inspect.scene import Scene
from atss_inspect.statistics.tally import Group
from atss_inspect.views import numbers
from atss_inspect.views.conventions import IMAGE_LEFT_OUT
from atss_inspect.views.headings import brief_names, file_of
from atss_inspect.views.names import ELLIPSIS, clip_middle, name_of_id, printable

_LONGEST_NAME = 48
_LONGEST_FILE = 40
_MOST_WINNERS = 3
_REASONS = {
    "category_not_listed": "of unlisted categories",
    "class_not_selected": "of other classes",
    "ignore_flag": "flagged to be ignored",
    "crowd": "crowd",
    "outside_image": "outside the image",
    "no_extent": "without extent",
    "area_0_in_the_file": "area 0 in the file",
    "negative_area_in_the_file": "a negative area in the file",
    "too_small": "too small",
    "label_repeated": "repeated",
    "too_small_after_resize": "too small after resizing",
    "dropped_after_letterbox": "dropped as too small at this size",
    "image_left_out": "of an image left out",
}


def _short(found: Any) -> str:
    """Write an id, which may be a text of any length."""
    return clip_middle(name_of_id(found), _LONGEST_NAME)


def _outcome(scene: Scene) -> str:
    """Count the objects, and those that are poorly assigned: by cause, or how."""
    if not scene.frame.num_images:
        reason = next(iter(scene.frame.left_out_images), "")
        return f"left out by the data rules: {IMAGE_LEFT_OUT.get(reason, reason)}"
    if not scene.num_gt:
        return "no objects"
    if scene.gate is not None:
        return _candidate_outcome(scene.counts)
    parts = [numbers.plural(scene.num_gt, "object")]
    causes = Counter(filter(None, scene.causes))
    if causes:
        words = {name: KNOWN_CAUSES[name].words for name in causes}
        worst = [f"{number} {words[name]}" for name, number in causes.most_common()]
        why = ", ".join(worst) if len(causes) > 1 else words[next(iter(causes))]
        parts.append(f"{causes.total()} without a positive ({why})")
    low = scene.counts.num_low_quality_only
    if low:
        parts.append(f"{low} with only low-quality matches")
    return ", ".join(parts if parts[1:] else [*parts, "all with positives"])


def _candidate_outcome(counts: Group) -> str:
    """Count the objects without a candidate, or with too few."""
    number, without = counts.num_objects, counts.num_unassigned
    few = f"; {counts.num_below_quota} below the quota"
    if without:
        objects = numbers.plural(number, "object")
        return f"{without} of {objects} without a candidate{few}"
    if number == 1:
        return f"its only object has a candidate{few}"
    return f"all {number} objects have a candidate{few}"


def heading(
    panels: Sequence[Panel], picture: Picture, labels: Sequence[Labels]
) -> Heading:
    """Put title, lines and note of a figure together."""
    scene = panels[0].scene
    scenes = list(dict.fromkeys(one.scene for one in panels))
    words = _outcome(scene)
    if len(scenes) > 1:
        words = numbers.plural(scene.image.num_objects, "annotation")
    name = _short(scene.image.image_ids.tolist()[0])
    file_name = printable(scene.image.file_names.tolist()[0])
    if file_name:
        name += f", {clip_middle(file_name, _LONGEST_NAME)}"
    height, width = scene.original_size
    sizes = dict.fromkeys(one.canvas_size for one in scenes)
    inputs = " or ".join(f"{wide} x {tall}" for tall, wide in sizes)
    size = f"{width:g} x {height:g} pixels, {inputs} after resizing"
    convention = convention_line([one.settings for one in scenes])
    lines, notes = _subject_lines(panels), _notes(panels, picture, labels)
    return Heading(
        f"Image {name}: {words}", [convention, *lines, size], " ".join(notes)
    )


def gallery_heading(
    scenes: Sequence[Scene], pictures: Sequence[Picture], order: str
) -> Heading:
    """Put in words what is on a sheet of many images."""
    counts = [scene.counts for scene in scenes]
    objects = numbers.plural(sum(one.num_objects for one in counts), "object")
    without = numbers.count(sum(one.num_unassigned for one in counts))
    kind = f"without a {scenes[0].given}"
    amount = f"{without} of {objects} {kind}"
    if scenes[0].settings.low_quality_bar is not None:
        low = numbers.count(sum(one.num_low_quality_only or 0 for one in counts))
        amount += f", {low} with only low-quality matches"
        kind = "poorly assigned"
    order = order.replace("a positive", f"a {scenes[0].given}")
    images = numbers.plural(len(scenes), "image") + (f", {order}" if order else "")
    files = list(dict.fromkeys(file_of(scene.image) for scene in scenes))
    source = f"From {brief_names(files, room=_LONGEST_FILE)}"
    note = f"Above each picture: image id, and how many of its objects are {kind}."
    missing = sum(picture.pixels is None for picture in pictures)
    if missing:
        note += f" {numbers.plural(missing, 'picture')} missing: blank canvas."
    lines = [convention_line([scenes[0].settings]), source]
    return Heading(f"{images}: {amount}", lines, note)


def _subject_lines(panels: Sequence[Panel]) -> Iterator[str]:
    view = panels[0].view
    if view.subject is not None:
        what = "Close-up of" if view.candidates is None else "Candidates of"
        image = panels[0].scene.image
        ann_id = _short(image.annotation_ids[[view.subject]].tolist()[0])
        class_name = image.category_names[image.category_index[view.subject]]
        name = clip_middle(printable(class_name), _LONGEST_NAME)
        yield f"{what} annotation {ann_id}, {name} (in brackets)"
    if view.candidates is not None and len(panels) == 1:
        yield f"It gets {_outcome_of(panels[0], view.candidates)}"
    if view.levels:
        yield f"Only {numbers.joined(list(view.levels))}"


def _outcome_of(panel: Panel, row: int) -> str:
    """Count what the object looked at gets, or name why not, and who took from it."""
    scene, gt = panel.scene, panel.scene.gt_of(row)
    if gt is None:
        [place] = np.flatnonzero(scene.frame.left_out_rows == row)
        reason = _REASONS[scene.left_out[place]]
        return f"nothing: it is left out by the data rules ({reason})"
    cause = scene.causes[gt]
    found = numbers.plural(int(scene.num_positives[gt]), scene.given)
    if scene.gate is not None:
        others = "" if scene.gate.is_certain else " or of others"
        return f"at most {int(scene.gate.max_positives[gt])} of {found}{others}"
    if scene.is_low_quality_only[gt]:
        found += ", only low-quality matches"
    if cause is not None:
        found = f"no positive: {KNOWN_CAUSES[cause].words}"
    ids = [_short(scene.annotation_ids[each]) for each in panel.winners]
    if not ids:
        return found
    more = len(ids) - _MOST_WINNERS
    shown = ids if more <= 0 else [*ids[:_MOST_WINNERS], f"{more} more"]
    winners = f"annotation{'s' if len(ids) > 1 else ''} {numbers.joined(shown)}"
    if cause == LOST_TO_OTHERS:
        return f"no positive: lost to {winners}"
    return f"{found}; lost some to {winners}"


def panel_lines(panel: Panel) -> tuple[str, str]:
    """Title and second line of a panel beside others."""
    scene, view = panel.scene, panel.view
    if view.by_level:
        found = numbers.plural(len(panel.positives), scene.given)
        owners = len(np.unique(scene.assignment.gt[panel.positives]))
        words = f"{found} of {numbers.plural(owners, 'object')}"
    elif view.candidates is not None:
        words = _outcome_of(panel, view.candidates)
    elif not scene.num_gt:
        words = _outcome(scene)
    else:
        counts, names = scene.level_counts(), scene.grids.pyramid.level_names
        shown = [f"{names[one]} {counts[one]}" for one in panel.levels if counts[one]]
        low = scene.counts.num_low_quality_only
        without = f"without a {scene.given}"
        words = f"{scene.counts.num_unassigned} of {scene.num_gt} {without}"
        if low is not None:
            words += f", {low} with only low-quality matches"
        words += f"; {', '.join(shown) or f'no {scene.given}s'}"
    return printable(panel.title), words


def _notes(
    panels: Sequence[Panel], picture: Picture, labels: Sequence[Labels]
) -> Iterator[str]:
    """List what a reader must know of the picture, a sentence each."""
    view = panels[0].view
    if picture.pixels is None:
        yield f"Blank canvas: {picture.problem or 'no picture'}."
    elif picture.problem:
        yield f"The {picture.problem}; drawn to fit."
    if not any(one.scene.num_gt for one in panels):
        return
    if view.candidates is None:
        yield from _sign_notes(panels)
        yield from _sharing_notes(panels)
    else:
        yield from _candidate_notes(panels)
    if view.candidates is None or view.labels != "auto":
        yield from _label_notes(labels, given_words(panels))
    reasons = Counter(panels[0].scene.left_out)
    if reasons and panels[0].scene.frame.num_images:
        parts = [f"{number} {_REASONS[name]}" for name, number in reasons.items()]
        yield f"Left out by the data rules: {', '.join(parts)}."
    yield from _mask_notes(panels)
    if view.subject is not None:
        is_both = view.candidates is None
        what = "Title and key count" if is_both else "The title counts"
        yield f"{what} the whole image."


def _sign_notes(panels: Sequence[Panel]) -> Iterator[str]:
    """Explain what the signs are."""
    kinds = {one.scene.given for one in panels}
    if "positive" in kinds:
        yield "Points are the centers of positive anchors."
    if "candidate" in kinds:
        yield "Hollow: candidates, the points that an object may get."
    yield from _widening_notes(panels)


def _widening_notes(panels: Sequence[Panel]) -> Iterator[str]:
    """Tell why candidates lie outside of boxes."""
    if any(len(one.widened) for one in panels):
        yield "Dotted in its color: a box as widened before points are looked for."
    elif any(len(one.scene.widened) for one in panels):
        yield "Small boxes are widened before points are looked for."


def _sharing_notes(panels: Sequence[Panel]) -> Iterator[str]:
    """Name where fewer points are to be seen than positives are counted."""
    scenes = {one.scene.settings.name: one.scene for one in panels}
    shares = {name: one.grids.pyramid.anchors_per_cell for name, one in scenes.items()}
    several = {name: str(number) for name, number in shares.items() if number > 1}
    if several:
        counts = numbers.joined(list(dict.fromkeys(several.values())))
        names = numbers.joined(list(map(short_name, several)))
        whose = f"Of {names}, up to" if len(several) < len(shares) else "Up to"
        yield f"{whose} {counts} positive anchors of a level share a point."


def _label_notes(labels: Sequence[Labels], given: str) -> Iterator[str]:
    """Explain the labels, and count those there was no room for."""
    kinds = {one.is_unassigned for each in labels for one in each.placed}
    meanings = (f"class and number of {given}", "annotation id and cause")
    if kinds:
        yield f"Labels: {', or '.join(meanings[kind] for kind in sorted(kinds))}."
    unnamed = dict.fromkeys(each.unnamed_cause for each in labels if each.unnamed_cause)
    if unnamed:
        causes = numbers.joined([KNOWN_CAUSES[cause].words for cause in unnamed], "or")
        yield f"An id alone: {causes}."
    if any(each.has_cut_causes for each in labels):
        yield f"An id with {ELLIPSIS}: its cause found no room."
    left_out = sum(each.num_left_out for each in labels)
    if left_out:
        yield f"{numbers.plural(left_out, 'label')} left out for lack of room."


def _candidate_notes(panels: Sequence[Panel]) -> Iterator[str]:
    """Explain the sizes, and count what lies beyond the window."""
    yield "Signs stand at anchor centers and are larger on coarser levels."
    yield from _widening_notes(panels)
    rules = dict.fromkeys(one.scene.settings.rule for one in panels)
    yield from filter(None, (steps_of(rule).note for rule in rules))
    outside = 0
    for panel in panels:
        points: Any = panel.tried.points if panel.tried else np.zeros((0, 2))
        inside = (points > panel.window[:2]) & (points < panel.window[2:])
        outside += int(np.count_nonzero(~inside.all(axis=1)))
    if outside:
        verb = "lies" if outside == 1 else "lie"
        yield f"{numbers.plural(outside, 'candidate')} {verb} beyond the picture."


def _mask_notes(panels: Sequence[Panel]) -> Iterator[str]:
    """Write the share of the points that lies on the objects themselves."""
    found = [(one.scene.settings.name, one.masks) for one in panels]
    shares = {n: each.share for n, each in found if each and each.share is not None}
    if len(shares) == 1:
        [share] = shares.values()
        yield f"On their object's mask: {numbers.percent(share)} of the points."
    elif shares:
        parts = [f"{printable(n)} {numbers.percent(s)}" for n, s in shares.items()]
        yield f"Points on their object's mask: {', '.join(parts)}."
