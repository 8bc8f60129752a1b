"""Title, lines and small print of a picture of one image."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from atss_inspect.assigners.causes import KNOWN_CAUSES
from atss_inspect.assigners.steps import steps_of
from atss_inspect.figures.image.findings import (
    REASONS,
    finding,
    gets,
    ids_of,
    outcome_of,
    outcomes,
    picture_words,
    short_id,
)
from atss_inspect.figures.image.labels import Labels
from atss_inspect.figures.image.view import Panel, given_words
from atss_inspect.figures.sheet import Heading, fitted
from atss_inspect.figures.theme import TEXT_SIZE
from atss_inspect.figures.words import convention_line, short_name
from atss_inspect.readers.pixels import Picture
from atss_inspect.views import numbers
from atss_inspect.views.headings import brief_names, file_of
from atss_inspect.views.names import ELLIPSIS, clip_middle, printable

_LONGEST_FILE = 40


def heading(
    panels: Sequence[Panel],
    picture: Picture,
    labels: Sequence[Labels],
    *,
    width: float,
) -> Heading:
    """Put title, the topic and the note of a figure of a width in inches together."""
    scene = panels[0].scene
    scenes = list(dict.fromkeys(one.scene for one in panels))
    height, wide = scene.original_size
    sizes = dict.fromkeys(one.canvas_size for one in scenes)
    inputs = " or ".join(f"{wide} x {tall}" for tall, wide in sizes)
    size = f"{wide:g} x {height:g} pixels, {inputs} after resizing."
    convention = convention_line([one.settings for one in scenes])
    notes = [f"{convention}. {size}", *_notes(panels, picture, labels)]
    topic = fitted(_topic(panels), width, TEXT_SIZE, is_middle_cut=True)
    return Heading(finding(panels, width), [topic], " ".join(notes))


def _topic(panels: Sequence[Panel]) -> str:
    """Name the image, and what of it is shown."""
    view, scene = panels[0].view, panels[0].scene
    name = f"mage {short_id(scene.image.image_ids.tolist()[0])}"
    file_name = printable(scene.image.file_names.tolist()[0])
    if file_name:
        name += f", {clip_middle(file_name, _LONGEST_FILE)}"
    what = "I"
    if view.subject is not None:
        what = f"{'Close-up' if view.candidates is None else 'Candidates'}; i"
    names = {one.scene.settings.name for one in panels}
    under = f"; {printable(scene.settings.name)}" if len(names) == 1 else ""
    only = f"; only {numbers.joined(list(view.levels))}" if view.levels else ""
    differ = ids_of(scene, panels[0].differing)
    differ = f"; they differ on {differ}" if differ and view.subject is None else ""
    return what + name + under + only + differ


def gallery_heading(
    panels: Sequence[Panel], pictures: Sequence[Picture], order: str, *, width: float
) -> Heading:
    """Put in words what is on a sheet of many images."""
    scenes = [one.scene for one in panels]
    counts = [scene.counts for scene in scenes]
    objects = numbers.plural(sum(one.num_objects for one in counts), "object")
    has_bar = scenes[0].settings.low_quality_bar is not None
    kind = "poorly assigned" if has_bar else f"without a {scenes[0].given}"
    number = sum(one.num_poorly_assigned for one in counts)
    is_one, is_gate = number == 1, scenes[0].gate is not None
    verb = gets(is_one, is_gate=is_gate) + f" no {scenes[0].given}"
    if has_bar:
        verb = f"{'is' if is_one else 'are'} {kind}"
    amount = f"{numbers.count(number)} of {objects} {verb}"
    order = order.replace("a positive", f"a {scenes[0].given}")
    images = numbers.plural(len(scenes), "image") + (f", {order}" if order else "")
    files = list(dict.fromkeys(file_of(scene.image) for scene in scenes))
    note = f"{convention_line([scenes[0].settings])}. Above each picture: image id, "
    note += f"and how many of its objects are {kind}."
    if any(panel.is_crowded for panel in panels):
        note += " Cropped to these objects."
    missing = sum(picture.pixels is None for picture in pictures)
    if missing:
        note += f" {numbers.plural(missing, 'picture')} missing: blank canvas."
    name = printable(scenes[0].settings.name)
    topic = f"{images}; {name}; {brief_names(files, room=_LONGEST_FILE // 2)}"
    return Heading(amount, [fitted(topic, width, TEXT_SIZE)], note)


def panel_lines(panel: Panel) -> tuple[str, str]:
    """Title and second line of a panel beside others."""
    scene, view = panel.scene, panel.view
    if view.by_level:
        found = numbers.plural(len(panel.positives), scene.given)
        owners = len(np.unique(scene.assignment.gt[panel.positives]))
        words = f"{found} of {numbers.plural(owners, 'object')}"
    elif view.candidates is not None:
        words = outcome_of(panel, view.candidates)
    elif not scene.num_gt:
        words = next(outcomes(scene))
    else:
        low = scene.counts.num_low_quality_only
        without = f"without a {scene.given}"
        lost, every = map(numbers.count, (scene.counts.num_unassigned, scene.num_gt))
        words = f"{lost} of {every} {without}"
        if low is not None:
            words += f", {numbers.count(low)} with only low-quality matches"
        words += f"; {numbers.plural(len(panel.positives), scene.given)}"
    return printable(panel.title), words


def close_up_lines(panel: Panel, row: int, index: Sequence[int]) -> tuple[str, str]:
    """Title of a close-up below the panels, and what became of its object there.

    ``index``: the boxes that bear numbers.
    """
    image = panel.scene.image
    ann_id = short_id(image.annotation_ids[[row]].tolist()[0])
    name = printable(image.category_names[image.category_index[row]])
    gt = panel.scene.gt_of(row)
    numbered = {each: f"No. {place}: " for place, each in enumerate(index, 1)}
    number = numbered.get(-1 if gt is None else gt, "")
    return f"{number}{ann_id} {name}", outcome_of(panel, row, winners=False)


def _notes(
    panels: Sequence[Panel], picture: Picture, labels: Sequence[Labels]
) -> Iterator[str]:
    """List what a reader must know of the picture, a sentence each."""
    view = panels[0].view
    if panels[0].index:
        yield _index_note(panels[0])
    yield from filter(None, [picture_words(picture)])
    if not any(one.scene.num_gt for one in panels):
        return
    if view.subject is None and len(panels) == 1:
        yield from _cause_notes(panels[0])
    if view.candidates is None:
        yield from _sign_notes(panels)
        yield from _sharing_notes(panels)
    else:
        yield from _candidate_notes(panels)
    is_told = view.candidates is not None and view.labels == "auto"
    if not is_told and not panels[0].index:
        yield from _label_notes(panels, labels)
    reasons = Counter(panels[0].scene.left_out)
    if reasons and panels[0].scene.frame.num_images:
        parts = [f"{numbers.count(n)} {REASONS[name]}" for name, n in reasons.items()]
        yield f"Left out by the data rules: {', '.join(parts)}."
    yield from _mask_notes(panels)


def _index_note(panel: Panel) -> str:
    """Tell which objects are numbered, and the cause if all have the same."""
    causes = {panel.scene.causes[gt] for gt in panel.index}
    words = [KNOWN_CAUSES[cause].words for cause in causes if cause]
    why = f" ({words[0]})" if len(causes) == 1 and words else ""
    return f"Numbered: the largest{why}."


def _cause_notes(panel: Panel) -> Iterator[str]:
    """Count the causes, where there are several."""
    causes = Counter(filter(None, panel.scene.causes))
    if len(causes) > 1:
        parts = [
            f"{numbers.count(n)} {KNOWN_CAUSES[name].words}"
            for name, n in causes.most_common()
        ]
        yield f"Without a {panel.scene.given}: {', '.join(parts)}."


def _sign_notes(panels: Sequence[Panel]) -> Iterator[str]:
    """Explain what the signs are."""
    kinds = {one.scene.given for one in panels}
    if "positive" in kinds and not all(one.is_crowded for one in panels):
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


def _label_notes(panels: Sequence[Panel], labels: Sequence[Labels]) -> Iterator[str]:
    """Explain the labels, and count those there was no room for."""
    kinds = set()
    for panel, each in zip(panels, labels, strict=True):
        rows = panel.scene.frame.object_rows
        for one in each.placed:
            is_compared = rows[one.gt] in panel.differing
            kinds.add(2 if is_compared else int(one.is_unassigned))
    number = f"number of {given_words(panels)}"
    meanings = f"class and {number}", "annotation id and cause", f"id and {number}"
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
    yield "Signs stand at anchor centers."
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
